/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which refs there are, by name: all of them, listed once, for whoever asks about
 * many; or looked up one by one, so that a question about one line costs the same
 * in a repository with a thousand. Both give the same answers.
 */
#ifndef XB_REFNAMES_H
#define XB_REFNAMES_H

#include "config/config.h"
#include "util/err.h"

#include <git2.h>

struct xb_refnames {
	git_repository *repo; /* borrowed */
	bool listed;
	struct xb_strv all; /* sorted; where they were listed */
};

struct xb_err *xb_refnames_list(struct xb_refnames *r) XB_MUST_CHECK;
void xb_refnames_release(struct xb_refnames *r);
/* Is there a ref NAME? One that can't be read is there. */
bool xb_refnames_has(const struct xb_refnames *r, const char *name);
/* Appends the names that begin with PREFIX, which has none of the characters *?[\ in it. */
struct xb_err *xb_refnames_find(const struct xb_refnames *r, const char *prefix,
				struct xb_strv *out) XB_MUST_CHECK;
/* What REF is at, be it a commit or not; zero when it isn't there. */
struct xb_err *xb_refnames_value(const struct xb_refnames *r, const char *ref, git_oid *out) XB_MUST_CHECK;
/* The commit that REF stands for; zero when it isn't there or names something else. What can't be read is an
 * error that names the object. */
struct xb_err *xb_refnames_peel(const struct xb_refnames *r, const char *ref, git_oid *out) XB_MUST_CHECK;

#endif
