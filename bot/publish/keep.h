/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pack in the public repository under a `.keep`: while that file is there no
 * `git gc` or `git repack` of anybody touches the pack, so its objects stay
 * though no ref reaches them yet. Order of calls: install, check, (the refs
 * move), check again, release. The `.keep` has our name, the publication's id
 * and the state directory, so that a later run, and only one of the same state
 * directory, takes back what a crash left.
 *
 * A placed pack is never deleted here: somebody may have pushed something that
 * rests on it. Without its `.keep` and unreferenced, gc collects it in time.
 *
 * Who may read the files, repo/modes.h says.
 */
#ifndef XB_KEEP_H
#define XB_KEEP_H

#include "vault.h"
#include "packs/pack.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Moves the pack W from its directory into the public repository: `.keep`,
 * `.pack`, `.idx`, then the directory is fsynced. *NAME (the caller's) is the
 * pack's name there; W's own, unless a pack of that name is there already,
 * which a running repack may be about to delete. After an error nothing is
 * left there, and W may be gone.
 */
struct xb_err *xb_keep_install(const struct xb_vault *v, const struct xb_pack_written *w, const char *id,
			       char **name) XB_MUST_CHECK;

/*
 * Checks the pack NAME against the public repository as it is now, read
 * afresh: everything that its objects name (trees, parents, entries, tagged
 * objects; not submodules) is there. With HASH each object's id is recomputed
 * from the stored bytes as well.
 */
struct xb_err *xb_keep_check(const struct xb_vault *v, const char *name, bool hash) XB_MUST_CHECK;

/* Removes the `.keep` of the pack NAME and fsyncs the directory; none is fine. */
struct xb_err *xb_keep_release(const struct xb_vault *v, const char *name) XB_MUST_CHECK;

/*
 * Removes what earlier runs of this state directory left in objects/pack:
 * temporary files, half-placed packs, `.keep` files but those of the SPARED
 * packs (N names). *REMOVED counts the files.
 */
struct xb_err *xb_keep_sweep(const struct xb_vault *v, char *const *spared, size_t n,
			     size_t *removed) XB_MUST_CHECK;

#endif
