/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directories beside a repository: the state, which is the bot's alone to
 * write to, and the spool in it, to which all who can push add. Whoever comes
 * first makes them, install-hook or the bot, and both make the same.
 */
#ifndef XB_PLACES_H
#define XB_PLACES_H

#include "util/err.h"

/* The git directory of REPO, itself or its .git, by its real path. Not there: XB_E_NOTFOUND. *OUT: owned. */
struct xb_err *xb_git_dir_find(const char *repo, char **out) XB_MUST_CHECK;
/*
 * Makes what is missing, with the owner and the group of the objects of GIT_DIR. Parents are made too. A
 * state directory of ours that those who push can't pass is opened for them. STATE may be NULL: it is
 * elsewhere.
 */
struct xb_err *xb_places_make(const char *git_dir, const char *state, const char *spool) XB_MUST_CHECK;
/*
 * The same for a configuration's repository; where that isn't there, for us alone. What an earlier version
 * kept elsewhere, as the path was written, comes along.
 */
struct xb_config;
struct xb_err *xb_places_of(const struct xb_config *c) XB_MUST_CHECK;
/* The state directory alone. */
struct xb_err *xb_places_state(const struct xb_config *c) XB_MUST_CHECK;

#endif
