/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commits of the window bring and take away: for each file that one
 * changes, the names in declarations that it adds or alters. Read when first
 * asked for, and kept for the whole plan.
 */
#ifndef XB_BRINGS_H
#define XB_BRINGS_H

#include "classify/history.h"
#include "lang/lang.h"
#include "odb/store.h"
#include "util/hashmap.h"

struct xb_brought {
	char *name;
	enum xb_def_kind kind;
	int args, old_args; /* OLD_ARGS: of the same name before; only where not FRESH */
	bool fresh;         /* the file did not have the name before */
	size_t line;
};

/* A name that lines which went declared, and that the file has no more. */
struct xb_lost {
	char *name;
	enum xb_def_kind kind;
	size_t line; /* in the old version */
};

/* A name that the file's added lines use; the first place of each. */
struct xb_used {
	char *name;
	enum xb_use_kind kind;
	int args;
	size_t line;
};

struct xb_changed_file {
	char *path;
	enum xb_lang lang;
	git_oid old_id, new_id; /* zero: not there */
	bool brought_known, lost_known, used_known, ended_known;
	bool offered; /* see brings.c */
	struct {
		struct xb_brought *v;
		size_t n, cap;
	} brought;
	struct {
		struct xb_lost *v;
		size_t n, cap;
	} lost;
	struct {
		struct xb_used *v;
		size_t n, cap;
	} used;
	struct xb_hashmap ended; /* hashes of the words of lines that went */
};

struct xb_changed {
	struct xb_changed_file *v; /* in tree order; only files in a known language */
	size_t n, cap;
	bool known;
};

struct xb_brings;

/* Borrows both. */
struct xb_brings *xb_brings_new(struct xb_store *s, const struct xb_window *w);
void xb_brings_free(struct xb_brings *b);

/* The files of commit I; none for a merge. Borrowed, and valid for the life of B. */
struct xb_err *xb_brings_files(struct xb_brings *b, size_t i, struct xb_changed **out) XB_MUST_CHECK;
/* Makes sure that F->brought, F->lost or F->used is filled in. */
struct xb_err *xb_brings_brought(struct xb_brings *b, struct xb_changed_file *f) XB_MUST_CHECK;
struct xb_err *xb_brings_lost(struct xb_brings *b, struct xb_changed_file *f) XB_MUST_CHECK;
struct xb_err *xb_brings_used(struct xb_brings *b, struct xb_changed_file *f) XB_MUST_CHECK;
/* Had a line that F's change took away the word NAME? */
struct xb_err *xb_brings_may_end(struct xb_brings *b, struct xb_changed_file *f, const char *name,
				 bool *out) XB_MUST_CHECK;
/* Has TEXT, the file as a tree has it, still such a line, and does no declaration there make the name? */
struct xb_err *xb_brings_ends(struct xb_brings *b, const struct xb_changed_file *f, const char *name,
			      const char *text, size_t len, bool *out) XB_MUST_CHECK;

/*
 * Which commits of the window bring a name: an index over brings.h. Headers,
 * assembler files and scripts are in it as soon as the commit is; what other
 * files bring is seen in the same file alone, so these are read when a member of
 * a bundle changes the same path.
 */

struct xb_offer {
	size_t commit; /* window index */
	const struct xb_changed_file *file;
	const struct xb_brought *what;
	size_t next; /* of the same hash; SIZE_MAX: none */
};

struct xb_offers {
	struct xb_brings *brings; /* borrowed */
	struct xb_offer *v;
	size_t n, cap;
	size_t upto;             /* commits before this one were looked at */
	struct xb_hashmap names; /* hash -> index of the newest offer, plus 1 */
};

/* May the commit be needed? The others are passed over for good. */
typedef bool (*xb_offers_want_fn)(void *ctx, size_t i);

/* Takes in the commits before BEFORE that WANT wants. */
struct xb_err *xb_offers_extend(struct xb_offers *o, size_t before, xb_offers_want_fn want,
				void *ctx) XB_MUST_CHECK;
/* Takes in what those commits bring in the file PATH, in whatever language. */
struct xb_err *xb_offers_path(struct xb_offers *o, const char *path, size_t before, xb_offers_want_fn want,
			      void *ctx) XB_MUST_CHECK;
/* The first offer of NAME, or NULL; and the one after O. In no particular order. */
const struct xb_offer *xb_offers_first(const struct xb_offers *o, const char *name, size_t n);
const struct xb_offer *xb_offers_next(const struct xb_offers *o, const struct xb_offer *at);
void xb_offers_release(struct xb_offers *o);

#endif
