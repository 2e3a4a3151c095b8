/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from 64-bit hashes to 64-bit numbers. What is hashed isn't kept: a
 * caller that must be sure compares. Nothing is ever removed singly. A zeroed
 * map is an empty one.
 */
#ifndef XB_HASHMAP_H
#define XB_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_hashmap {
	struct xb_hashmap_slot {
		uint64_t key; /* 0: empty */
		uint64_t value;
	} * slots;
	size_t n, cap;
};

/* FNV-1a. */
static inline uint64_t xb_hash_bytes(const char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211u;
	return h;
}

/* The value of KEY, or NULL. Good until the next xb_hashmap_at. */
uint64_t *xb_hashmap_find(const struct xb_hashmap *m, uint64_t key);
/* The value of KEY, which is added with the value 0 where it isn't there. */
uint64_t *xb_hashmap_at(struct xb_hashmap *m, uint64_t key);
void xb_hashmap_release(struct xb_hashmap *m);

#endif
