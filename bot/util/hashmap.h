/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from 64-bit hashes to 64-bit numbers; and one from keys of a fixed size, which are kept beside their
 * hashes and compared. Without kept keys a caller that must be sure compares. Nothing is ever removed singly.
 * A zeroed map is an empty one without keys.
 */
#ifndef XB_HASHMAP_H
#define XB_HASHMAP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct xb_hashmap {
	unsigned char *slots;
	size_t n, cap;
	size_t key; /* bytes of a kept key; 0: none are kept. Set before the first use, not changed */
};

static inline uint64_t xb_hash_mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * UINT64_C(0x9fb21c651e98df25);
	return h ^ h >> 32;
}

/* The N (at most 8) bytes at P as a number; which one matters only in so far as N decides how they overlap.
 */
static inline uint64_t xb_hash_tail(const char *p, size_t n)
{
	uint32_t a, b;

	if (n < 4)
		return n ? (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
			       (unsigned char)p[n - 1]
			 : 0;
	memcpy(&a, p, sizeof a);
	memcpy(&b, p + n - sizeof b, sizeof b);
	return (uint64_t)a << 32 | b;
}

/* Eight bytes a step. */
static inline uint64_t xb_hash_bytes(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * (n + 1), w;

	for (; n > sizeof w; p += sizeof w, n -= sizeof w) {
		memcpy(&w, p, sizeof w);
		h = xb_hash_mix(h, w);
	}
	return xb_hash_mix(h, xb_hash_tail(p, n));
}

/* The value of HASH, and KEY where keys are kept (else it is NULL); or NULL. Good until the next
 * xb_hashmap_put. */
uint64_t *xb_hashmap_get(const struct xb_hashmap *m, uint64_t hash, const void *key);
/* The same, which is added with the value 0 where it isn't there; KEY is copied. */
uint64_t *xb_hashmap_put(struct xb_hashmap *m, uint64_t hash, const void *key);
/* Calls FN for each, in no particular order. */
void xb_hashmap_each(const struct xb_hashmap *m, void (*fn)(void *ctx, uint64_t hash, uint64_t value),
		     void *ctx);

static inline uint64_t *xb_hashmap_find(const struct xb_hashmap *m, uint64_t hash)
{
	return xb_hashmap_get(m, hash, NULL);
}

static inline uint64_t *xb_hashmap_at(struct xb_hashmap *m, uint64_t hash)
{
	return xb_hashmap_put(m, hash, NULL);
}

/* Of all but the size of a key. */
void xb_hashmap_release(struct xb_hashmap *m);

#endif
