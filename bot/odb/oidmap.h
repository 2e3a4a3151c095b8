/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from object ids, or from short tuples of them, to pointers. Keys are
 * copied in; values are the caller's. Nothing is ever removed singly.
 */
#ifndef XB_OIDMAP_H
#define XB_OIDMAP_H

#include "util/hashmap.h"

#include <git2/oid.h>

#define XB_OIDMAP_MAX 3 /* ids in a key */

struct xb_oidmap {
	struct xb_hashmap map; /* its keys are ids; none: it is empty, and of single ids */
};

/* IDS: how many ids a key has, 1 to XB_OIDMAP_MAX. A zeroed map is one of single ids. */
void xb_oidmap_init(struct xb_oidmap *m, unsigned ids);
/* The value of the key at KEY (an array of as many ids as a key has), or NULL. */
void *xb_oidmap_get(const struct xb_oidmap *m, const git_oid *key);
/* Sets it; VALUE is not NULL. */
void xb_oidmap_set(struct xb_oidmap *m, const git_oid *key, void *value);
/* Calls FN for each value, in no particular order; FN may be NULL. Then empties the map. */
void xb_oidmap_clear(struct xb_oidmap *m, void (*fn)(void *value));

#endif
