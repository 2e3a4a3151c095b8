/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may read and write what is put into a repository that others are served
 * from: what core.sharedRepository says or, without it, whoever may do so with
 * what is beside it. Never what the umask of this process says, which a service
 * or a crontab sets for other reasons. A group and the set-group-id bit come from
 * the directory above, as the kernel hands them on.
 */
#ifndef XB_MODES_H
#define XB_MODES_H

#include "util/err.h"

#include <git2.h>
#include <stdbool.h>
#include <sys/types.h>

struct xb_modes {
	mode_t file, dir; /* with the set-group-id bit, where directories get it */
	bool set_gid;     /* the neighbour has it */
	gid_t gid;        /* of the neighbour */
};

/* Of what goes below the directory SUB ("refs", "objects/pack") of the git directory of REPO. */
struct xb_err *xb_modes_of(git_repository *repo, const char *sub, struct xb_modes *out) XB_MUST_CHECK;
/* Without a configuration: as the neighbour PATH has it. False: it isn't there. */
bool xb_modes_like(const char *path, struct xb_modes *out);

/* From here to xb_modes_leave, which takes the result, all that this process creates has the modes M. */
mode_t xb_modes_enter(const struct xb_modes *m);
void xb_modes_leave(mode_t before);

/* Gives the finished file PATH, which nobody writes to any more, its mode and group. */
struct xb_err *xb_modes_give(const struct xb_modes *m, const char *path) XB_MUST_CHECK;
/*
 * Adds what lacks, on the file of the ref NAME, that of its log, and the directories above them, as far as
 * they are ours: what an earlier version made, or another program.
 */
struct xb_err *xb_modes_mend(git_repository *repo, const char *name) XB_MUST_CHECK;

#endif
