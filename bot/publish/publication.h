/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lower half of publishing: objects and refs go into the public
 * repository, all or, when a crash comes between, in an order from which the
 * next run finds its way. Above it somebody has decided what and when.
 *
 * In this order, each step durable before the next:
 *	1. the refs are looked at: nothing is written when one can't move;
 *	2. the pack is placed under a `.keep` (keep.h);
 *	3. its objects and all they name are checked in the public repository,
 *	   and that the watched refs stand where they stood;
 *	4. the intent is recorded (intent.h);
 *	5. each ref moves by compare-and-swap, in the order given (target/move.c has it);
 *	6. the new objects are checked once more, the `.keep` goes.
 * The intent stays: the caller makes its announcements from it and then clears
 * it (xb_intent_clear). So a run starts with xb_publication_recover, which
 * needs, like the rest, the lock of lock.h.
 *
 * What a crash leaves: before 4, a pack that nobody knows, under a `.keep`;
 * after 4, the intent, and none, some or all refs moved, perhaps a lock file of
 * one of them. Two refs never move at one instant: git has no way to do that
 * which survives a crash. So between two moves the state ref and the derived
 * ref disagree, which looks like somebody else's move; the intent tells them
 * apart, and recovery makes the moves that lack.
 */
#ifndef XB_PUBLICATION_H
#define XB_PUBLICATION_H

#include "intent.h"
#include "refmove.h"
#include "vault.h"
#include "packs/pack.h"
#include "util/err.h"

#include <stddef.h>

struct xb_publication {
	const char *id;                     /* of the intent; one at a time, e.g. the line's name */
	const struct xb_pack_written *pack; /* its files are gone afterwards, always; NULL: no new objects */
	const struct xb_ref_update *refs;   /* at least one */
	size_t n_refs;
	const struct xb_ref_update *watched; /* must stand at their `old_id` when the first ref moves */
	size_t n_watched;
};

enum xb_pub_outcome {
	XB_PUB_DONE,    /* all refs are at their new values */
	XB_PUB_STALE,   /* a watched ref moved meanwhile; nothing was changed */
	XB_PUB_REFUSED, /* refs[stopped_at] could not move, see `why`; nothing was changed */
	XB_PUB_PARTIAL, /* the refs before it moved; XB_MOVE_LOCKED: recovery goes on */
};

struct xb_pub_result {
	enum xb_pub_outcome outcome;
	size_t stopped_at; /* into refs, or into watched when stale; n_refs when done */
	enum xb_move why;
	/*
	 * One is recorded, for the caller to announce from and clear. False with
	 * XB_MOVE_LOCKED: it is recovery's until that has got on.
	 */
	bool intent;
	struct xb_err *later; /* what went wrong after the refs had moved; NULL: nothing */
};

/*
 * An error says that no ref moved, and that nothing is left but perhaps an
 * unreferenced pack; or, when that could not be found out, that the intent is
 * kept ("recovery goes on").
 */
struct xb_err *xb_publication_run(struct xb_vault *v, const struct xb_publication *p,
				  const struct xb_ref_policy *policy,
				  struct xb_pub_result *out) XB_MUST_CHECK;
void xb_pub_result_release(struct xb_pub_result *r);

enum xb_recovered_state {
	XB_REC_COMPLETE,  /* all refs are at their new values; announce, then clear the intent */
	XB_REC_ABANDONED, /* none had moved: the intent is cleared already, a new plan decides */
	XB_REC_STOPPED,   /* some moved, the rest can't, see `why`: a person must look; then clear it */
	XB_REC_LOCKED,    /* a lock file is in the way: kept for the next run */
};

struct xb_recovered_one {
	struct xb_intent intent;
	enum xb_recovered_state state;
	size_t stopped_at;
	enum xb_move why;
};

struct xb_recovered {
	struct xb_recovered_one *v;
	size_t n, cap;
	size_t swept; /* files removed: `.keep`, temporary files, lock files */
};

/*
 * At every start, with the lock held and before anything else touches the
 * vault: goes through all intents, then removes what nobody needs any more.
 * RULE NULL: ten minutes, and five seconds between two looks. OUT is the
 * caller's, also after an error.
 */
struct xb_err *xb_publication_recover(struct xb_vault *v, const struct xb_ref_policy *policy,
				      const struct xb_lock_rule *rule,
				      struct xb_recovered *out) XB_MUST_CHECK;
void xb_recovered_release(struct xb_recovered *r);

#endif
