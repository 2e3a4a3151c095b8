/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw git trees: read in place, compared entry by entry, spliced into new
 * ones. A tree that no honest git makes (unsorted or repeated names, `.`,
 * `..`, `.git`, a slash or nothing as a name, a mode that doesn't exist) is
 * refused with XB_E_HOSTILE when it is first read. Rules: gitformat-pack and
 * git fsck's checks of trees.
 */
#ifndef XB_TREE_H
#define XB_TREE_H

#include "store.h"
#include "util/buf.h"

#include <stdint.h>
#include <string.h>

#define XB_MODE_TREE 040000u
#define XB_MODE_FILE 0100644u
#define XB_MODE_EXEC 0100755u
#define XB_MODE_LINK 0120000u
#define XB_MODE_GITLINK 0160000u

/* An entry; mode 0 stands for "not there". */
struct xb_entry {
	uint32_t mode;
	git_oid oid;
	const char *name; /* borrowed from the tree's bytes; not NUL-terminated */
	size_t len;
};

struct xb_tree_iter {
	const unsigned char *p, *end;
};

static inline bool xb_entry_is_tree(const struct xb_entry *e)
{
	return e->mode == XB_MODE_TREE;
}

static inline bool xb_mode_is_file(uint32_t mode)
{
	return mode == XB_MODE_FILE || mode == XB_MODE_EXEC;
}

static inline bool xb_entry_is_file(const struct xb_entry *e)
{
	return xb_mode_is_file(e->mode);
}

/* True when both stand for the same thing: nothing, or the same mode and object. */
static inline bool xb_entry_same(const struct xb_entry *a, const struct xb_entry *b)
{
	return a->mode == b->mode && (!a->mode || !memcmp(a->oid.id, b->oid.id, GIT_OID_RAWSZ));
}

/* Reads a tree and checks its form. The zero id gives the empty tree. */
struct xb_err *xb_tree_open(struct xb_store *s, const git_oid *oid, struct xb_tree_iter *it) XB_MUST_CHECK;
/* The next entry, in the tree's order; false at the end. */
bool xb_tree_next(struct xb_tree_iter *it, struct xb_entry *e);
/* The order of entries in a tree: directories as if their names ended in a slash. */
int xb_entry_cmp(const struct xb_entry *a, const struct xb_entry *b);
/* Finds the entry NAME, whatever its type; its mode is 0 where there is none. */
void xb_tree_lookup(struct xb_tree_iter it, const char *name, size_t len, struct xb_entry *e);
/* Finds the entry of a path with slashes under the tree ROOT; mode 0 where there is none. */
struct xb_err *xb_tree_lookup_path(struct xb_store *s, const git_oid *root, const char *path,
				   struct xb_entry *e) XB_MUST_CHECK;

/* A change of one directory: the entry NAME becomes what mode and oid say; mode 0 removes it. */
struct xb_edits {
	struct xb_entry *v;
	size_t n, cap;
};

/* Are these the bytes of a tree that can be read? XB_E_HOSTILE says why not. */
struct xb_err *xb_tree_check(const void *data, size_t len) XB_MUST_CHECK;
/*
 * Makes a tree object of its bytes; every tree that is made comes through
 * here. One that could not be read again (out of order, repeated names, no
 * object, ...) is XB_E_HOSTILE. The entries NEW (or NULL) must name objects
 * that are there: else XB_E_NOTFOUND. LEN 0 gives git's empty tree.
 */
struct xb_err *xb_tree_write(struct xb_store *s, const void *data, size_t len, const struct xb_edits *new,
			     const git_oid *like, git_oid *out) XB_MUST_CHECK;
/*
 * Makes the tree OLD with EDITS (names at most once each, any order; sorted
 * here). The result is the zero id when nothing is left in it.
 */
struct xb_err *xb_tree_splice(struct xb_store *s, const git_oid *old, struct xb_edits *edits,
			      git_oid *out) XB_MUST_CHECK;
/* Makes the tree ROOT with the one path PATH changed to E (mode 0: removed; emptied directories go). */
struct xb_err *xb_tree_set_path(struct xb_store *s, const git_oid *root, const char *path,
				const struct xb_entry *e, git_oid *out) XB_MUST_CHECK;

/*
 * Calls FN for each path that is not a directory and differs between the trees
 * A and B (ids may be zero: nothing), in tree order, with the two entries.
 * Equal subtrees are not read. FN's error ends the walk. More than XB_TREE_DIFF_MAX
 * entries, directories included: XB_E_HOSTILE; a tree can hold itself many times over.
 */
#define XB_TREE_DIFF_MAX 300000
typedef struct xb_err *(*xb_tree_diff_fn)(void *ctx, const char *path, const struct xb_entry *a,
					  const struct xb_entry *b);
struct xb_err *xb_tree_diff(struct xb_store *s, const git_oid *a, const git_oid *b, xb_tree_diff_fn fn,
			    void *ctx) XB_MUST_CHECK;
/*
 * Before all files of TREE are written somewhere: not more than XB_TREE_MAX, or XB_E_HOSTILE. Some kilobytes
 * hold a tree of thousands of millions.
 */
#define XB_TREE_MAX 2000000
struct xb_err *xb_tree_is_bounded(struct xb_store *s, const git_oid *tree) XB_MUST_CHECK;

#endif
