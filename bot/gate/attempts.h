/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that began and gave no verdict: how often, and when the last one began.
 * A file, rewritten whole, with a line each:
 *
 *   TREE TEST TRIES TIME [WHY]
 *
 * It is written before a test begins, so that one which takes its process with
 * it is not begun again at once.
 */
#ifndef XB_ATTEMPTS_H
#define XB_ATTEMPTS_H

#include "util/err.h"

#include <git2.h>
#include <stdint.h>

struct xb_test_attempt {
	git_oid tree, test;
	unsigned tries;
	int64_t time; /* seconds since 1970 */
	char *why;    /* it gave none: one line, not safe to print; NULL: not known */
};

struct xb_attempts {
	struct xb_test_attempt *v;
	size_t n, cap;
};

/* A file that is not there is an empty one; lines of another form are left out. */
struct xb_err *xb_attempts_read(const char *path, struct xb_attempts *out) XB_MUST_CHECK;
void xb_attempts_release(struct xb_attempts *r);
const struct xb_test_attempt *xb_attempts_find(const struct xb_attempts *r, const git_oid *tree,
					       const git_oid *test);
/* Notes in the file that a test begins NOW; forgets those of which nothing was heard for thirty days. */
struct xb_err *xb_attempts_begin(const char *path, const git_oid *tree, const git_oid *test,
				 int64_t now) XB_MUST_CHECK;
/* Notes why the test that began gave none. */
struct xb_err *xb_attempts_explain(const char *path, const git_oid *tree, const git_oid *test,
				   const char *why) XB_MUST_CHECK;
/* There is a verdict. */
struct xb_err *xb_attempts_end(const char *path, const git_oid *tree, const git_oid *test) XB_MUST_CHECK;
/* When the next try is due: PERIOD seconds after the last, doubled with each more, a day at most. */
int64_t xb_test_attempt_due(const struct xb_test_attempt *r, unsigned period);

#endif
