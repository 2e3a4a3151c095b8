/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commits of a repository have in common: how they name advisories, which
 * files most of them write, and which files tell of fixes. Counted, not decided.
 */
#ifndef XB_HABITS_H
#define XB_HABITS_H

#include "odb/store.h"

#include <git2.h>

enum xb_scheme { XB_SCHEME_XSA, XB_SCHEME_CVE, XB_SCHEME_GHSA, XB_SCHEME_TALOS, XB_SCHEME_ZDI, XB_SCHEMES };

struct xb_habit_file {
	char *path;
	size_t n; /* commits that change it, or advisories in it */
};

struct xb_habit_files {
	struct xb_habit_file *v; /* most first */
	size_t n, cap;
};

struct xb_habits {
	size_t commits;              /* whose messages were read */
	size_t shown[XB_SCHEMES];    /* commits that name one where fixes do */
	size_t prose[XB_SCHEMES];    /* commits that name one elsewhere alone */
	git_oid example[XB_SCHEMES]; /* one of the latter */
	size_t changes;              /* commits whose files were looked at; merges are not */
	struct xb_habit_files busy;  /* changed by a tenth of these or more */
	struct xb_habit_files logs;  /* files that have the names of changelogs, and name advisories */
};

/* The form of its ids, "CVE-{n}", and a pattern that finds one. */
const char *xb_scheme_form(enum xb_scheme s);
const char *xb_scheme_pattern(enum xb_scheme s);

/* Reads the newest commits of the N TIPS, and the files of the first. */
struct xb_err *xb_habits_find(git_repository *repo, struct xb_store *store, const git_oid *tips, size_t n,
			      struct xb_habits *out) XB_MUST_CHECK;
void xb_habits_release(struct xb_habits *h);

#endif
