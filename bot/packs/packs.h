/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects read straight from the packs of a repository (gitformat-pack(5)): a
 * plan reads thousands of small ones, and does little else. Only a faster way:
 * whatever is unusual (loose objects, indexes of version 1, a pack that was
 * damaged or came later) counts as not here, and the caller asks libgit2, which
 * knows them all and says what is wrong. Packs are opened once and stay
 * readable when `git gc` removes them. As with git, what is read is not hashed.
 */
#ifndef XB_PACKS_H
#define XB_PACKS_H

#include "util/err.h"

#include <git2.h>
#include <stddef.h>

struct xb_packs;

/* An object. It may be shared: xb_packed_unref, and no changing. */
struct xb_packed {
	unsigned refs;
	git_object_t type;
	size_t len;
	unsigned char data[]; /* and a NUL */
};

/* The packs of the object directory DIR and of its alternates; perhaps none. */
struct xb_packs *xb_packs_open(const char *dir);
/* Those of REPO. NULL: it has no such directory. */
struct xb_packs *xb_packs_of(git_repository *repo);
/* The same ones for one user more, who frees them as well; by one thread. */
struct xb_packs *xb_packs_share(struct xb_packs *p);
void xb_packs_free(struct xb_packs *p);
XB_HANDLE(xb_packs)

enum xb_packs_result {
	XB_PACKS_NONE,     /* not here, or not readable in this way */
	XB_PACKS_FOUND,    /* *OUT is the caller's */
	XB_PACKS_TOO_LARGE /* more than MAX bytes */
};
enum xb_packs_result xb_packs_read(struct xb_packs *p, const git_oid *oid, size_t max,
				   struct xb_packed **out);
void xb_packed_unref(struct xb_packed *o);

#endif
