/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oidmap.h"

#include "util/alloc.h"

#include <stdint.h>

struct xb_oidmap_slot {
	git_oid key[XB_OIDMAP_MAX];
	void *value; /* NULL: free */
};

void xb_oidmap_init(struct xb_oidmap *m, unsigned ids)
{
	*m = (struct xb_oidmap){.ids = ids};
}

static unsigned width(const struct xb_oidmap *m)
{
	return m->ids ? m->ids : 1;
}

/* Ids are hashes already; only the parts of a tuple must be mixed. */
static size_t hash(const git_oid *key, unsigned ids)
{
	uint64_t h = 0, part;

	for (unsigned i = 0; i < ids; i++) {
		memcpy(&part, key[i].id, sizeof part);
		h = h * 0x9e3779b97f4a7c15u + part;
	}
	return (size_t)(h ^ h >> 32);
}

static struct xb_oidmap_slot *find(const struct xb_oidmap *m, const git_oid *key)
{
	size_t i = hash(key, width(m)) & (m->cap - 1);

	while (m->slots[i].value && memcmp(m->slots[i].key, key, width(m) * sizeof *key) != 0)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *xb_oidmap_get(const struct xb_oidmap *m, const git_oid *key)
{
	return m->cap ? find(m, key)->value : NULL;
}

static void widen(struct xb_oidmap *m)
{
	struct xb_oidmap old = *m;

	m->cap = old.cap ? old.cap * 2 : 64;
	m->slots = xb_calloc(m->cap, sizeof *m->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].value)
			*find(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void xb_oidmap_set(struct xb_oidmap *m, const git_oid *key, void *value)
{
	struct xb_oidmap_slot *slot;

	if (m->n * 4 >= m->cap * 3)
		widen(m);
	slot = find(m, key);
	if (!slot->value) {
		memcpy(slot->key, key, width(m) * sizeof *key);
		m->n++;
	}
	slot->value = value;
}

void xb_oidmap_clear(struct xb_oidmap *m, void (*fn)(void *value))
{
	unsigned ids = m->ids;

	for (size_t i = 0; fn && i < m->cap; i++)
		if (m->slots[i].value)
			fn(m->slots[i].value);
	free(m->slots);
	xb_oidmap_init(m, ids);
}
