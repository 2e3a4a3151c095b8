/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hashmap.h"

#include "alloc.h"

/* In the array: this, and the key. */
struct slot {
	uint64_t hash; /* 0: free */
	uint64_t value;
	unsigned char key[];
};

static inline size_t stride(size_t key)
{
	return sizeof(struct slot) + (key + 7) / 8 * 8;
}

static inline struct slot *nth(const struct xb_hashmap *m, size_t i, size_t key)
{
	return (struct slot *)(void *)(m->slots + i * stride(key));
}

static inline __attribute__((always_inline)) struct slot *find_sized(const struct xb_hashmap *m,
								     uint64_t hash, const void *key, size_t n)
{
	size_t i = (size_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (m->cap - 1);
	struct slot *s;

	while ((s = nth(m, i, n))->hash && (s->hash != hash || (n && memcmp(s->key, key, n) != 0)))
		i = (i + 1) & (m->cap - 1);
	return s;
}

/* Where HASH and KEY are, or a free slot for them. The sizes that most maps have are known to the compiler.
 */
static inline __attribute__((always_inline)) struct slot *find(const struct xb_hashmap *m, uint64_t hash,
							       const void *key)
{
	if (!m->key)
		return find_sized(m, hash, key, 0);
	return m->key == 20 ? find_sized(m, hash, key, 20) : find_sized(m, hash, key, m->key);
}

static void grow(struct xb_hashmap *m)
{
	struct xb_hashmap old = *m;

	m->cap = old.cap ? old.cap * 2 : 64;
	m->slots = xb_calloc(m->cap, stride(m->key));
	for (size_t i = 0; i < old.cap; i++) {
		const struct slot *s = nth(&old, i, old.key);

		if (s->hash)
			memcpy(find(m, s->hash, s->key), s, stride(m->key));
	}
	free(old.slots);
}

uint64_t *xb_hashmap_get(const struct xb_hashmap *m, uint64_t hash, const void *key)
{
	struct slot *s;

	if (!m->n)
		return NULL;
	s = find(m, hash ? hash : 1, key);
	return s->hash ? &s->value : NULL;
}

uint64_t *xb_hashmap_put(struct xb_hashmap *m, uint64_t hash, const void *key)
{
	struct slot *s;

	hash = hash ? hash : 1;
	if (m->n * 2 >= m->cap)
		grow(m);
	s = find(m, hash, key);
	if (!s->hash) {
		s->hash = hash;
		if (m->key)
			memcpy(s->key, key, m->key);
		m->n++;
	}
	return &s->value;
}

void xb_hashmap_each(const struct xb_hashmap *m, void (*fn)(void *ctx, uint64_t hash, uint64_t value),
		     void *ctx)
{
	for (size_t i = 0; i < m->cap; i++)
		if (nth(m, i, m->key)->hash)
			fn(ctx, nth(m, i, m->key)->hash, nth(m, i, m->key)->value);
}

void xb_hashmap_release(struct xb_hashmap *m)
{
	free(m->slots);
	*m = (struct xb_hashmap){.key = m->key};
}
