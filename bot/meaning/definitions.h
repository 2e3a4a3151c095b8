/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The definitions of a file, by name, each with a hash of its text: whether a
 * function, macro, variable or type is the same in two trees. Read when first
 * asked for; the last ones are kept.
 */
#ifndef XB_DEFINITIONS_H
#define XB_DEFINITIONS_H

#include "lang/blocks.h"
#include "odb/store.h"

struct xb_definition {
	uint64_t key;  /* hash of name and kind */
	uint64_t text; /* of all definitions of that name and kind in the file */
	size_t name;   /* offset in the table's names */
	size_t line;   /* of the first */
	size_t lines;  /* of the longest */
	enum xb_block_kind kind;
	bool local;
};

struct xb_deftable {
	struct xb_definition *v; /* by key, each once */
	size_t n, cap;
	char *names;
	size_t names_n, names_cap;
};

struct xb_definitions;

struct xb_definitions *xb_definitions_new(struct xb_store *s); /* borrows S */
void xb_definitions_free(struct xb_definitions *d);
/* A place where no table is in use: keeps memory bounded. */
void xb_definitions_trim(struct xb_definitions *d);
/* Of the blob, which is empty where it is zero, as a file of the name PATH. Borrowed until the next trim. */
struct xb_err *xb_definitions_of(struct xb_definitions *d, const git_oid *blob, const char *path,
				 const struct xb_deftable **out) XB_MUST_CHECK;
/* Of the file PATH in the tree ROOT; empty where there is no such file. BLOB: its id, or zero. */
struct xb_err *xb_definitions_in(struct xb_definitions *d, const git_oid *root, const char *path,
				 git_oid *blob, const struct xb_deftable **out) XB_MUST_CHECK;
/* The text's hash, or 0 where the table has no such definition. */
uint64_t xb_deftable_text(const struct xb_deftable *t, uint64_t key);
static inline const char *xb_deftable_name(const struct xb_deftable *t, const struct xb_definition *x)
{
	return t->names + x->name;
}

#endif
