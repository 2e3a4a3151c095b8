/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state directory, and the public repository that it belongs to.
 *
 *	STATE/instance, lock	one process at a time (lock.h)
 *	STATE/configuration	the file that it was last worked on with (session.h)
 *	STATE/status.json	how each target stands (status.h)
 *	STATE/pack/		packs on their way into the public repository
 *	STATE/intent/		what publications are about to do (intent.h)
 *	STATE/published/	what is published, as we know it ourselves (ledger.h)
 *	STATE/rules		the commit that we wrote to refs/xsabot/rules (rulesref.h)
 *	STATE/metadata/		what was fetched of advisories (engine/metafetch.h)
 *	STATE/pages.json	what the pages were made of (engine/pagemaker.h)
 *
 * All of it can be rebuilt but the intents and, where a branch was adopted, what is
 * published. STATE should be on the file
 * system of the public repository: packs then move by rename.
 */
#ifndef XB_VAULT_H
#define XB_VAULT_H

#include "util/err.h"

#include <git2.h>

#define XB_VAULT_PUBLICATION "publication"

struct xb_vault {
	char *state_dir;
	char *public_dir;  /* the public git directory, absolute, without symbolic links */
	char *public_pack; /* its objects/pack */
	char *pack_dir;
	char *intent_dir;
	git_repository *public_repo; /* refs are read and moved here */
	unsigned flags;              /* of xb_vault_open */
	const char *what;            /* whose packs are placed: "publication"; static */
};

/*
 * Opens STATE_DIR and what it has, and makes what is missing; each step can be
 * repeated, so that a run that was killed in the middle does no harm. FLAGS as
 * for xb_git_open, for PUBLIC_GIT_DIR. A state directory that is not ours
 * alone to write to is refused (XB_E_CONFIG). *OUT is the caller's.
 */
struct xb_err *xb_vault_open(const char *state_dir, const char *public_git_dir, unsigned flags,
			     struct xb_vault **out) XB_MUST_CHECK;
void xb_vault_free(struct xb_vault *v);
XB_HANDLE(xb_vault)

/* Opens the public repository again, checks and all: nothing read before is remembered. */
struct xb_err *xb_vault_reopen(struct xb_vault *v) XB_MUST_CHECK;

/*
 * Reads the public repository's objects afresh, as `git gc` may have replaced
 * every pack since it was opened. The caller's: git_odb_free.
 */
struct xb_err *xb_vault_public_odb(const struct xb_vault *v, git_odb **out) XB_MUST_CHECK;

#endif
