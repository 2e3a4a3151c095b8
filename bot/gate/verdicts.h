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

#include "mentions.h"
#include "sandbox/command.h"

#include <git2.h>

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
