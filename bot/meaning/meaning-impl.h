/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the search by meaning: what its rules share. meaning.c goes through
 * the members of a bundle, meaning-names.c knows the rule about names,
 * meaning-removals.c the one about what a pick takes away, meaning-generators.c
 * the one about scripts that read headers. No one else includes this.
 */
#ifndef XB_MEANING_IMPL_H
#define XB_MEANING_IMPL_H

#include "definitions.h"
#include "headers.h"
#include "meaning.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "brings.h"

/* A file that was asked for names, and those it has; filled when a name may be there. */
struct xb_asked {
	git_oid oid;
	struct xb_hashmap words;
};
#define XB_ASKED 4

struct xb_meaning {
	uint64_t work;                      /* of the need at hand */
	struct xb_board *board;             /* borrowed */
	struct xb_definitions *definitions; /* of files */
	struct xb_changed_defs *changed;    /* see changes.h; NULL until needed */
	struct xb_asked asked[XB_ASKED];
	unsigned next_asked;
	struct xb_brings *brings;
	struct xb_offers offers;
	struct xb_headers *headers;
};

/* One call of xb_meaning_find or xb_meaning_lacks. */
struct xb_meant {
	struct xb_board *board;
	struct xb_meaning *m;
	struct xb_store *s;
	const struct xb_bundle *b;
	const git_oid *tree;   /* with the bundle */
	struct xb_hashmap own; /* names that members of the bundle bring; filled when first asked for */
	bool own_known;
	struct xb_meaning_hits *out;
	size_t i;       /* the member at hand */
	bool withdrawn; /* what was withdrawn counts as well */
};

/* Work is done: so many bytes. False: no more may be. */
bool xb_meaning_charge(struct xb_meaning *m, uint64_t bytes);
/* What one question costs that is not about a file's text: a tree or a table is asked. */
enum { XB_MEANING_QUESTION = 16384, XB_MEANING_GLANCE = 64 };

/* A hit of the member at hand, unless it is there already. */
void xb_meant_hit(struct xb_meant *c, size_t provider, enum xb_meaning_how how, const char *path, size_t line,
		  const char *name);
/* Is enough said about why the member needs that commit? */
bool xb_meant_enough(const struct xb_meant *c, size_t provider);
/* May commit J be what the member at hand lacks? */
bool xb_meant_may_take(const struct xb_meant *c, size_t j);
/* Has the file PATH of the tree ROOT the name? No, where there is no such file. */
struct xb_err *xb_meant_file_has(struct xb_meant *c, const git_oid *root, const char *path, const char *name,
				 bool *out) XB_MUST_CHECK;
/* Does a member of the bundle bring the name? */
struct xb_err *xb_meant_own(struct xb_meant *c, const char *name, bool *out) XB_MUST_CHECK;

/* The rules; each for one file of the member at hand. */
struct xb_err *xb_meant_names(struct xb_meant *c, struct xb_changed_file *f) XB_MUST_CHECK;
struct xb_err *xb_meant_removals(struct xb_meant *c, struct xb_changed_file *f) XB_MUST_CHECK;
struct xb_err *xb_meant_generators(struct xb_meant *c, struct xb_changed_file *f) XB_MUST_CHECK;

#endif
