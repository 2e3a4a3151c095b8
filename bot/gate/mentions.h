/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the output of a failing command names: symbols and files that may be
 * missing, the likeliest first. Compilers, linkers, make, shells and
 * interpreters mostly quote what they miss, or put it before "No such file" or
 * "not found". A guess that decides nothing: it says what to try first.
 * Names hold letters, digits and "_./+-" only.
 */
#ifndef XB_MENTIONS_H
#define XB_MENTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum xb_mention_rank {
	XB_MENTION_MISSING, /* quoted, or said to be missing, in a line about an error */
	XB_MENTION_QUOTED,  /* quoted elsewhere */
	XB_MENTION_WORD,    /* a word of a line about an error */
	XB_MENTION_PLACE,   /* the file that a line is about: FILE:LINE */
};

struct xb_mention {
	char *name;
	enum xb_mention_rank rank;
	bool file;
};

struct xb_mentions {
	struct xb_mention *v; /* in order of appearance; each name once, with its best rank */
	size_t n, cap;
};

/* Of each rank no more than this. */
#define XB_MENTIONS_MAX 40

/* Adds what N bytes at P mention. */
void xb_mentions_read(struct xb_mentions *m, const char *p, size_t n);
/* Adds one. A name that is none, or one too many, is left out. */
void xb_mentions_add(struct xb_mentions *m, const char *name, size_t n, enum xb_mention_rank rank, bool file);
void xb_mentions_release(struct xb_mentions *m);

#endif
