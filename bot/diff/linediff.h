/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two files as git's merge sees it: the change script that
 * git's "histogram" algorithm gives, with its fall-back to Myers' algorithm
 * and its sliding of changes, no whitespace options, no indent heuristic.
 * There are many correct scripts for two files; which one is taken decides
 * whether a merge conflicts, so this gives git's or says that it cannot.
 *
 * The rules are those of git's xdiff: the histogram by Shawn O. Pearce's
 * description in JGit, "An O(ND) Difference Algorithm and its Variations" by
 * Eugene W. Myers (Algorithmica 1, 1986) with the two cut-offs of GNU diff.
 */
#ifndef XB_LINEDIFF_H
#define XB_LINEDIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A file as lines. A line includes its LF, so that a last line without one
 * differs from the same line with it. The bytes are borrowed and must outlive
 * the text. A text fills itself on first use (its line positions, and, as the
 * base of a diff, the classes of equal lines), so one text may serve many
 * diffs; it must not be shared between threads. Offsets are 32 bits wide:
 * larger data must be kept away by the caller (XB_TEXT_MAX).
 */

/* git treats larger files as binary (MAX_XDIFF_SIZE in its xdiff-interface.h). */
#define XB_TEXT_MAX ((size_t)1023 << 20)

struct xb_line_slot {
	uint32_t tag;  /* upper bits of the line's hash */
	uint32_t line; /* a line of the class, plus 1; 0: empty slot */
};

struct xb_text {
	const char *data; /* borrowed */
	size_t len;
	/* The rest belongs to linediff.c; NULL until needed. */
	uint32_t *start; /* n + 1 offsets; the last is `len` */
	size_t n;
	uint32_t *cls; /* the class of each line: equal numbers, equal bytes; numbered as they first appear */
	size_t n_cls;
	struct xb_line_slot *slots;
	size_t n_slots; /* a power of two */
};

/* Borrows LEN <= XB_TEXT_MAX bytes at DATA (NULL when LEN is 0); allocates nothing. */
void xb_text_init(struct xb_text *t, const char *data, size_t len);
void xb_text_release(struct xb_text *t);

/* Finds the lines; afterwards t->n and t->start are valid. Free when done before. */
void xb_text_split(struct xb_text *t);
/*
 * The same, cheaper, when the text begins with the HEAD first bytes of LIKE
 * and ends with the last TAIL bytes of it, both being whole lines there and here.
 */
void xb_text_split_like(struct xb_text *t, const struct xb_text *like, size_t head, size_t tail);
/*
 * Finds the classes of equal lines. Each comparison of different lines that
 * share a hash takes one from *WORK; false when it is used up.
 */
bool xb_text_index(struct xb_text *t, uint64_t *work);

/* The first line of the split text T that begins at offset AT or later; T->n when there is none. */
size_t xb_text_line(const struct xb_text *t, size_t at);

/* The bytes of the lines FROM up to and without TO. */
static inline const char *xb_text_at(const struct xb_text *t, size_t from)
{
	return t->data + t->start[from];
}
static inline size_t xb_text_size(const struct xb_text *t, size_t from, size_t to)
{
	return t->start[to] - t->start[from];
}

/* For diffs: where lines are looked up by their bytes. */
uint64_t xb_line_hash(const char *p, size_t n);
/*
 * Looks for the line of N bytes at P, whose hash is HASH, among the lines of T
 * in SLOTS. Gives the slot that holds its class or is empty; NULL when *WORK is used up.
 */
struct xb_line_slot *xb_line_find(const struct xb_text *t, struct xb_line_slot *slots, size_t n_slots,
				  uint64_t hash, const char *p, size_t n, uint64_t *work);
/* The number of slots for COUNT lines. */
size_t xb_line_slots(size_t count);

/* git's answers changed with its versions; the rules are chosen by bits. */
enum xb_git_rules {
	XB_GIT_2_39 = 0,
	XB_GIT_LAST_SPAN = 1, /* since 2.43.2: similarity counts a last span without LF (rename.h) */
	XB_GIT_REDIFF = 2,    /* since 2.54: changes that slid are compared again */
	XB_GIT_2_54 = XB_GIT_LAST_SPAN | XB_GIT_REDIFF,
};

/* Lines a .. a+an-1 of the first file became lines b .. b+bn-1 of the second; from 0; an or bn may be 0. */
struct xb_change {
	size_t a, an, b, bn;
};

/* In ascending order, with at least one common line between two changes. */
struct xb_changes {
	struct xb_change *v;
	size_t n, cap;
};

/*
 * Compares A (the old text) with B and fills OUT, emptied first. RULES: bits of
 * xb_git_rules. False: undecided, because the work would exceed a generous
 * bound or git itself gives up here; OUT is empty then. The same input has
 * always the same answer.
 */
bool xb_diff(struct xb_text *a, struct xb_text *b, unsigned rules, struct xb_changes *out);
void xb_changes_release(struct xb_changes *c);

#endif
