/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hashmap.h"

#include "alloc.h"

static struct xb_hashmap_slot *slot(const struct xb_hashmap *m, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (m->cap - 1);

	while (m->slots[i].key && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static void grow(struct xb_hashmap *m)
{
	struct xb_hashmap old = *m;

	m->cap = old.cap ? old.cap * 2 : 64;
	m->slots = xb_calloc(m->cap, sizeof *m->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key)
			*slot(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

uint64_t *xb_hashmap_find(const struct xb_hashmap *m, uint64_t key)
{
	struct xb_hashmap_slot *s;

	if (!m->n)
		return NULL;
	s = slot(m, key ? key : 1);
	return s->key ? &s->value : NULL;
}

uint64_t *xb_hashmap_at(struct xb_hashmap *m, uint64_t key)
{
	struct xb_hashmap_slot *s;

	key = key ? key : 1;
	if (m->n * 2 >= m->cap)
		grow(m);
	s = slot(m, key);
	if (!s->key) {
		s->key = key;
		m->n++;
	}
	return &s->value;
}

void xb_hashmap_release(struct xb_hashmap *m)
{
	free(m->slots);
	*m = (struct xb_hashmap){0};
}
