/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests gave, remembered by the tree that was tested and by the test, so
 * that nothing is tested twice, and a search that was stopped goes on where it
 * was. With a file: a line each, appended and fsynced as soon as it is known:
 *
 *   TREE TEST pass|fail|unknown [MENTION]...
 *
 * A mention is "RANK:NAME" or, of a file, "RANK/NAME". A last line without its
 * end (a crash) is not there; other lines that are not of this form are ignored,
 * with a warning. Several searches may append to one file.
 */
#ifndef XB_VERDICTS_H
#define XB_VERDICTS_H

#include "sandbox/command.h"

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- what a log says of commits ---- */

/*
 * What the output of a failing command names: symbols and files that may be
 * missing, the likeliest first. Compilers, linkers, make, shells and
 * interpreters mostly quote what they miss, or put it before "No such file" or
 * "not found". A guess that decides nothing: it says what to try first.
 * Names hold letters, digits and "_./+-" only.
 */

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

struct xb_verdict_known {
	enum xb_test verdict;
	struct xb_mentions mentions; /* of its output */
};

struct xb_verdicts;

/* PATH may be NULL: nothing is kept on the disk. *OUT is the caller's. */
struct xb_err *xb_verdicts_open(const char *path, struct xb_verdicts **out) XB_MUST_CHECK;
void xb_verdicts_free(struct xb_verdicts *v);
XB_HANDLE(xb_verdicts)
/* How many the file had. */
size_t xb_verdicts_read(const struct xb_verdicts *v);
/* What was added last for TREE and the test TEST (xb_verdict_test), or NULL. Borrowed. */
const struct xb_verdict_known *xb_verdicts_find(const struct xb_verdicts *v, const git_oid *tree,
						const git_oid *test);
/* Remembers it for good; takes over the contents of MENTIONS. */
struct xb_err *xb_verdicts_add(struct xb_verdicts *v, const git_oid *tree, const git_oid *test,
			       enum xb_test verdict, struct xb_mentions *mentions) XB_MUST_CHECK;
/* Two commands, or one with two time limits, are two tests. */
struct xb_err *xb_verdict_test(const struct xb_command *c, git_oid *out) XB_MUST_CHECK;

#endif
