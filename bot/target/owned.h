/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose the refs of a target are. What was published is what the ledger says; a
 * derived ref that is elsewhere, or that the ledger does not know and can't be
 * told to be ours, is a stranger's, and stays until a person accepts it. A state
 * ref that is elsewhere is only set right: nothing rests on it.
 */
#ifndef XB_OWNED_H
#define XB_OWNED_H

#include "publish/objects.h"
#include "target.h"

struct xb_owned {
	bool known;      /* the ledger has it */
	bool ours;       /* the derived ref is where it was published, or may be made */
	enum xb_why why; /* else: it was moved or deleted, or is foreign */
	char *detail;    /* what speaks against it, of a foreign one; or NULL */
};

/* Reads the ledger into OLD, the caller's. */
struct xb_err *xb_owned_read(const struct xb_publish_inputs *in, struct xb_owned *out,
			     struct xb_state *old) XB_MUST_CHECK;
/* Decides, with the refs as they are. What proves to be ours is noted in the ledger, and OLD is its state. */
struct xb_err *xb_owned_decide(const struct xb_publish_inputs *in, struct xb_store *s, struct xb_owned *o,
			       struct xb_state *old) XB_MUST_CHECK;
/* Notes STATE, a state commit of the target, as what is published. */
struct xb_err *xb_owned_note(const struct xb_publish_inputs *in, struct xb_store *s,
			     const git_oid *state) XB_MUST_CHECK;
/*
 * Where the state ref is not at OLD's commit, that and the ones before it are reached by nothing: appends
 * them to OUT. Where they are gone, or hold what VALUE, to be published now, does not have, the history of
 * states begins anew, and OLD's commit is zero.
 */
struct xb_err *xb_owned_history(const struct xb_publish_inputs *in, const struct xb_plan *p,
				const git_oid *value, struct xb_state *old,
				struct xb_objects *out) XB_MUST_CHECK;
void xb_owned_release(struct xb_owned *o);

#endif
