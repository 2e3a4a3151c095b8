/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Brings one derived ref to where its plan says it should be, or says why it
 * doesn't: the decisions. publication.h makes the moves. What was published is
 * never taken away silently: a plan that lacks it holds the ref until a person
 * accepts that.
 */
#ifndef XB_TARGET_H
#define XB_TARGET_H

#include "gate/admit.h"
#include "os/task.h"
#include "plan/plan.h"
#include "publish/vault.h"
#include "state/stateref.h"
#include "words/reason.h"

enum xb_published {
	XB_PUBLISHED_SAME,    /* it was there already */
	XB_PUBLISHED_MOVED,   /* it moved; see old_id and new_id */
	XB_PUBLISHED_HELD,    /* it stays, until a person looks at `reasons` */
	XB_PUBLISHED_NOTHING, /* the line has no staging or no release; `why` */
	XB_PUBLISHED_ENDED,   /* it stays for good: a person ended the line; `why` */
	XB_PUBLISHED_WAITING, /* it stays, and nobody needs to look: see `wait` */
};

/* What the part of the plan that is not published yet waits for. */
struct xb_publish_result {
	enum xb_published what;
	bool blocked;  /* the plan blocks or has pending commits, or a gate failed; `why` too */
	bool stitched; /* history changed: the new value is a stitch */
	git_oid old_id, new_id;
	size_t n_chain; /* picks in the published chain, which need not be picks of any plan */
	struct xb_whys reasons;
	char *why;              /* these, as a line; NULL: nothing to say */
	bool stray;             /* a newer release was passed over */
	struct xb_strv notices; /* what the rules may miss: the plan's, and a release that was passed over */

	/* Of a target that is held or waits: the published value, and the release that it is on, if known. */
	char *base_tag;
	git_oid base, published;

	/*
	 * These are beside any `what`: part of a plan may have moved or be held while
	 * the rest waits. The target is to be published again when `task` has ended,
	 * when `until` has come, and when refs change, whichever is first.
	 */
	enum xb_wait wait;
	int64_t until;       /* seconds since 1970; XB_NEVER: only an event ends the wait */
	struct xb_task task; /* the gate's work, for xb_child_start; without a name: none is wanted now */
	bool gate_failed;    /* a test failed, and keeps a part of the plan back */
	bool moves_next;     /* adopted as it is: the next publication moves it on, perhaps back */
	char *gate_log;      /* of the test that failed or, else, could not tell; NULL: there is none */
};

struct xb_publish_options {
	bool accept_removal;
	bool dry;      /* decide and say, write nothing */
	bool at_once;  /* waits for no batch */
	bool unretire; /* a target that has ended goes on */
	bool retest;   /* what the gate's command gave for what is not published yet is forgotten */
	int64_t now;   /* seconds since 1970, for batches and retries */
};

struct xb_publish_facts;

/* Who wants to know of publications. */
struct xb_publish_listener {
	/* Before anything of T moves; an error: nothing does. */
	struct xb_err *(*begin)(void *data, const struct xb_target *t);
	/* It moved, or did not. */
	void (*end)(void *data, const struct xb_publish_facts *f);
	void *data;
};

struct xb_publish_inputs {
	git_repository *repo;
	struct xb_vault *vault; /* NULL with dry */
	const struct xb_config *config;
	const struct xb_rules *rules;
	struct xb_target *target; /* its derived and state ids are as of now; moved along */
	struct xb_publish_options options;
	const struct xb_publish_listener *listener; /* may be NULL */
	struct xb_packs *packs;                     /* of the repository, for xb_store_open; may be NULL */
	struct xb_metadata *metadata;               /* of advisories: read once for all targets */
	struct xb_plan **memory; /* the target's folded plan, or NULL, to go on from; changed; may be NULL */
};

/* A target as it is after its publication; all borrowed. */
struct xb_publish_facts {
	const struct xb_publish_inputs *in;
	const struct xb_plan *plan;   /* NULL: there is none */
	const struct xb_state *state; /* what the state ref had before */
	const struct xb_publish_result *result;
	/* How many of the plan's first picks are what is published. Its own count: no other fits the plan. */
	size_t n_published;
	bool
	    is_part; /* what is published is these picks; else it is no part of the plan, and N_PUBLISHED 0 */
	bool no_discover; /* the plan was made without searching prerequisites */
};

struct xb_err *xb_publish(const struct xb_publish_inputs *in, struct xb_publish_result *out) XB_MUST_CHECK;
void xb_publish_result_release(struct xb_publish_result *r);

/* Takes a derived ref that someone else made or moved for our own, as it stands. */
struct xb_err *xb_publish_adopt(const struct xb_publish_inputs *in,
				struct xb_publish_result *out) XB_MUST_CHECK;

/* How many picks of the plan are to be published, given what is. */
size_t xb_publish_length(const struct xb_plan *plan, const struct xb_state *state);

#endif
