/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From refs to targets. A target is one derived ref to be kept: a line on its
 * newest release, or on an older release that is kept as well. The base is the
 * highest release tag of the line that the staging tip contains, or a higher one
 * that is made beside the branch (beside.h); annotated tags are peeled; other refs,
 * however alike, are not looked at.
 */
#ifndef XB_LINES_H
#define XB_LINES_H

#include "config/config.h"
#include "util/err.h"

#include <git2.h>

enum xb_target_status {
	XB_TARGET_OK,
	XB_TARGET_NO_STAGING, /* the staging ref is not there (any more) */
	XB_TARGET_NO_RELEASE, /* no release tag is contained in staging */
};

struct xb_target {
	char *line;    /* "4.17" */
	char *name;    /* "4.17", or "4.17.1" for a kept release: in messages and state refs */
	char *release; /* "4.17.1": the base's release; NULL for a raw base */
	const struct xb_line_conf *conf; /* borrowed from the configuration */
	enum xb_target_status status;
	bool window;    /* looks at a window that --base or --tip chose: never published */
	char *base_tag; /* "RELEASE-4.17.1", without refs/tags/; NULL for a raw base */
	git_oid base;   /* a commit */
	char *tip_ref;  /* full name of the staging ref; NULL for a raw tip */
	git_oid tip;
	char *derived_ref;
	char *state_ref;
	char *chain_ref; /* NULL: none is wanted */
	git_oid derived; /* zero: not there */
	git_oid state;   /* zero: not there */
	git_oid chain;   /* zero: not there */
	char *trouble;   /* why its base can't be told, which is its plan's error; or NULL */
	char *stray;     /* the highest tag of a release that was passed over, above the base; or NULL */
	char *stray_why; /* why it can't be the base */
};

struct xb_targets {
	struct xb_target *v;
	size_t n, cap;
};

struct xb_target_options {
	const char *base, *tip; /* revisions, or NULL */
	bool remote; /* in a clone: look at refs/remotes/origin/ where refs/heads/ has no such ref */
	struct xb_packs *packs; /* of the repository, for xb_store_open; may be NULL */
};

/*
 * The targets of the lines or releases NAMES (all lines when N_NAMES is 0), in
 * the order of their versions. A name that is no line: XB_E_USAGE.
 */
struct xb_err *xb_targets_find(git_repository *repo, const struct xb_config *config, char *const *names,
			       size_t n_names, const struct xb_target_options *opts,
			       struct xb_targets *out) XB_MUST_CHECK;
/* The target NAME, or NULL. */
struct xb_target *xb_targets_named(const struct xb_targets *t, const char *name);
void xb_targets_release(struct xb_targets *t);
/* TO becomes a target of its own, which outlives the configuration: without `conf`. Release it. */
void xb_target_copy(struct xb_target *to, const struct xb_target *from);
void xb_target_release(struct xb_target *t);
/* Is it the same but for where its staging, derived and state refs are? */
bool xb_target_same(const struct xb_target *a, const struct xb_target *b);
/* xb_ancestor_of, for whom has no store. */
struct xb_err *xb_is_ancestor(git_repository *repo, const git_oid *old, const git_oid *new_oid,
			      bool *out) XB_MUST_CHECK;

#endif
