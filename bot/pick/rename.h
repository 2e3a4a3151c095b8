/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which deleted path may have become which added one. A merge only asks whether
 * there can be any rename at all, by git's measure of similarity; if so, git
 * decides (its choice hangs on the order in which it walks, and more).
 */
#ifndef XB_RENAME_H
#define XB_RENAME_H

#include "diff/linediff.h"
#include "odb/store.h"
#include "odb/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How similar two files are, by git's measure for renames (diffcore-rename.c
 * and diffcore-delta.c): each file is a bag of spans, a span ending at an LF or
 * after 64 bytes; the score is the share of the larger file that both bags
 * hold. Only for regular files; git gives other pairs 0. Whether a file is
 * text is seen from its bytes; a diff attribute can say otherwise.
 */

#define XB_SIMILARITY_MAX 60000 /* 100 % */

struct xb_span {
	uint32_t hash;
	uint32_t bytes; /* of all spans with this hash */
};

/* The spans of one blob, ordered by hash. Zeroed: those of an empty one. */
struct xb_spans {
	size_t size; /* of the blob */
	struct xb_span *v;
	size_t n;
};

/* Fills S from N bytes at P, which are not kept; the caller releases S. RULES: bits of xb_git_rules. */
void xb_spans_init(struct xb_spans *s, const char *p, size_t n, unsigned rules);
void xb_spans_release(struct xb_spans *s);

/* False when the sizes alone tell that git scores below MINIMUM, so that the blobs need not be read. */
bool xb_similarity_possible(size_t src_size, size_t dst_size, unsigned minimum);
/* The score of DST as a rename of SRC, 0 .. XB_SIMILARITY_MAX; 0 when xb_similarity_possible says no. */
unsigned xb_similarity(const struct xb_spans *src, const struct xb_spans *dst, unsigned minimum);

struct xb_rename_path {
	char *path;
	uint32_t mode;
	git_oid oid;
	bool relevant; /* a source: its fate matters to the merge */
	long pair;     /* result: a source's destination, a destination's source; -1: none */
};

struct xb_renames {
	struct {
		struct xb_rename_path *v; /* in the order of the trees */
		size_t n, cap;
	} deleted, added;
	bool undecidable; /* too many */
};

/* Lists what SIDE lacks of BASE and what it adds (not directories), with `pair` -1 and `relevant` false. */
struct xb_err *xb_renames_list(struct xb_store *s, const git_oid *base, const git_oid *side,
			       struct xb_renames *out) XB_MUST_CHECK;
/*
 * Fills in the pairs, as a person would: files of equal contents, then the most
 * similar ones. Good for following a file's history, not for merging.
 */
struct xb_err *xb_renames_guess(struct xb_store *s, struct xb_renames *r) XB_MUST_CHECK;
/*
 * Could git find a rename, if it looked for what became of the relevant sources?
 * No: there is none. Yes: there may be, or it is too much work to tell. Any two
 * files of equal contents count, and a relevant source and a new file that are
 * as similar as git's threshold says.
 */
struct xb_err *xb_renames_possible(struct xb_store *s, const struct xb_renames *r, bool *out) XB_MUST_CHECK;
/* The deleted entry of this path, or NULL. */
struct xb_rename_path *xb_renames_deleted(struct xb_renames *r, const char *path);
void xb_renames_release(struct xb_renames *r);

#endif
