/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting the hook into a repository: the spool, a link to the hook program,
 * and a place for the post-receive hook that was there before. Safe to repeat,
 * and to be interrupted: at each moment the repository has its old hook or
 * ours, and the old one runs in either case.
 */
#ifndef XB_INSTALL_H
#define XB_INSTALL_H

#include "lines/lines.h"
#include "util/err.h"

#include <stdbool.h>

struct xb_install {
	const char *repo; /* a git directory, or a work tree with .git in it */
	const char
	    *spool; /* NULL: <real path of the git directory>.xsabot/spool, where the hook looks by itself */
	const char
	    *state;       /* NULL: <real path of the git directory>.xsabot, where the spool isn't elsewhere */
	const char *hook; /* the hook program; absolute. A link to it is made, so that upgrades reach it */
	const char *update; /* the update hook, the same; NULL: that is left alone */
};

struct xb_installed_hook {
	bool new_hook; /* the hook was not there before */
	bool previous; /* another hook was, and is now hooks/NAME.d/50-previous */
};

/* What was found and done. All strings are owned; zeroed is empty. */
struct xb_installed {
	char *git_dir, *spool;
	struct xb_installed_hook receive, update;
};

/*
 * Installs. XB_E_NOTFOUND: no repository, or no hook program. XB_E_CONFIG: the
 * repository is set up so that the hook would not run, or two previous hooks
 * are in each other's way; the message says what to do. OUT is released by the
 * caller in each case.
 */
struct xb_err *xb_install_hook(const struct xb_install *in, struct xb_installed *out) XB_MUST_CHECK;
/* Does the update hook stand in the git directory GIT_DIR? */
bool xb_update_hook_is_there(const char *git_dir);
void xb_installed_release(struct xb_installed *r);
#define XB_AUTOINSTALLED __attribute__((cleanup(xb_installed_release)))

/* Keeps the list that the update hook reads, STATE/protected: hooks/protected.h says what is in it. */

/* Writes it, where it is not as it should be: the refs of TARGETS, and what the configuration names. */
struct xb_err *xb_protect_write(const struct xb_config *c, const struct xb_targets *targets) XB_MUST_CHECK;

#endif
