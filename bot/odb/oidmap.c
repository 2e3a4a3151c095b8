/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oidmap.h"

#include <stdint.h>

void xb_oidmap_init(struct xb_oidmap *m, unsigned ids)
{
	*m = (struct xb_oidmap){.map.key = ids * sizeof(git_oid)};
}

/* Ids are hashes already; only the parts of a tuple must be mixed. */
static uint64_t hash(const struct xb_oidmap *m, const git_oid *key)
{
	uint64_t h = 0, part;

	for (size_t i = 0; i < m->map.key / sizeof *key; i++) {
		memcpy(&part, key[i].id, sizeof part);
		h = h * UINT64_C(0x9e3779b97f4a7c15) + part;
	}
	return h ^ h >> 32;
}

void *xb_oidmap_get(const struct xb_oidmap *m, const git_oid *key)
{
	const uint64_t *value = xb_hashmap_get(&m->map, hash(m, key), key);

	return value ? (void *)(uintptr_t)*value : NULL;
}

void xb_oidmap_set(struct xb_oidmap *m, const git_oid *key, void *value)
{
	if (!m->map.key)
		xb_oidmap_init(m, 1);
	*xb_hashmap_put(&m->map, hash(m, key), key) = (uintptr_t)value;
}

static void call(void *ctx, uint64_t hash_of, uint64_t value)
{
	void (*const *fn)(void *) = ctx;

	(void)hash_of;
	(*fn)((void *)(uintptr_t)value);
}

void xb_oidmap_clear(struct xb_oidmap *m, void (*fn)(void *value))
{
	if (fn)
		xb_hashmap_each(&m->map, call, &fn);
	xb_hashmap_release(&m->map);
}
