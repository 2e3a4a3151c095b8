/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bot saw when it last looked at each target, so that it knows without
 * a plan which ones have nothing to do: those whose refs, and all refs that speak
 * to every target (releases, notes, replacements), stand where they stood. A ref
 * that moves while it looks is at worst looked at once too often.
 *
 * Order of calls, for each look: xb_refview_read, xb_seen_compare, where that
 * says so xb_seen_sync with the targets of now, then for each target that is
 * stale: publish it, xb_seen_done or xb_seen_failed.
 */
#ifndef XB_SEEN_H
#define XB_SEEN_H

#include "lines/lines.h"
#include "os/task.h"
#include "target/target.h"

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_refview_one {
	char *name;
	git_oid oid; /* of a symbolic ref: the hash of its text */
	bool claimed;
};

/* All refs at one time, sorted by name. */
struct xb_refview {
	struct xb_refview_one *v;
	size_t n, cap;
};

struct xb_err *xb_refview_read(git_repository *repo, struct xb_refview *out) XB_MUST_CHECK;
void xb_refview_release(struct xb_refview *view);
/* The value of the ref NAME; zero where it is NULL, or not there. */
git_oid xb_refview_value(const struct xb_refview *view, const char *name);

/* Of the refs that speak to every target, as a hash: another one where any of them changed. */
struct xb_err *xb_refview_common(const struct xb_refview *view, git_oid *out) XB_MUST_CHECK;

/* The refs that belong to one target alone. */
enum xb_seen_ref {
	XB_SEEN_TIP,
	XB_SEEN_DERIVED,
	XB_SEEN_STATE,
	XB_SEEN_CHAIN,
	XB_SEEN_CANDIDATE,
	XB_SEEN_TESTED,
	XB_SEEN_REFS
};

/* What is to be told of a target. */
struct xb_seen_report {
	bool known;                 /* it was published, or tried */
	struct xb_publish_result r; /* of the last time; owned */
	char *error;                /* why that failed; NULL: it didn't */
	bool news;                  /* the last time told something else than the time before */
	int64_t since;              /* seconds since 1970: from then on it is so */
};

/* What a child found out about a target's plan (rehearse.h); zeroed: nothing. */
struct xb_rehearsal {
	struct xb_child *child;     /* one runs; or NULL */
	struct xb_rehearsed *shown; /* what it shows us, shared with it */
	git_oid common;             /* of the refs that concern every target, as it began */
	bool settled;               /* it ended, as follows */
	git_oid tip, base;          /* as the refs were when it began */
	char *over;                 /* why it came to no end; NULL: it did */
};

/* Ends the child, and forgets. */
void xb_rehearsal_release(struct xb_rehearsal *one);

struct xb_seen_target {
	struct xb_target target; /* its own; as it was when it was found or published */
	char *candidate, *tested;
	git_oid seen[XB_SEEN_REFS];
	git_oid noticed;   /* its staging, when last compared */
	bool pushed;       /* that moved before the target was published: it comes first */
	bool stale;        /* to be published */
	unsigned failures; /* in a row */
	int64_t retry;     /* milliseconds of CLOCK_MONOTONIC; XB_NEVER */
	struct xb_seen_report report;
	struct xb_plan *memory; /* its last plan, folded; or NULL */
	struct xb_rehearsal rehearsal;
	int64_t rests; /* milliseconds of CLOCK_MONOTONIC: not published before, as the last time took long */
};

struct xb_seen {
	struct xb_seen_target *v;
	size_t n, cap;
	bool known;     /* the two below are of an earlier look */
	git_oid common; /* of the refs that concern every target */
	git_oid others; /* of all other refs: a release, a new line, or somebody's branch */
};

/*
 * Marks what is stale. *FIND: refs changed that no target has; the targets may
 * be others. VIEW is written to.
 */
struct xb_err *xb_seen_compare(struct xb_seen *seen, struct xb_refview *view, bool *find) XB_MUST_CHECK;
/* Takes over the targets of now: new ones are stale, changed ones too, others are forgotten. */
struct xb_err *xb_seen_sync(struct xb_seen *seen, const struct xb_targets *targets,
			    struct xb_refview *view) XB_MUST_CHECK;
/* All are stale and the targets must be found: other rules may be in force. */
void xb_seen_forget(struct xb_seen *seen);
void xb_seen_release(struct xb_seen *seen);
/* The name of its ref of that kind; NULL: it has none. Borrowed. */
const char *xb_seen_ref_name(const struct xb_seen_target *l, enum xb_seen_ref r);

/* L was published as TARGET, with VIEW read before that: remembers it, and steals the contents of R. */
struct xb_err *xb_seen_done(struct xb_seen_target *l, git_repository *repo, const struct xb_refview *view,
			    const struct xb_target *target, struct xb_publish_result *r,
			    int64_t now) XB_MUST_CHECK;
/* It failed; it is tried again, the later the more often that was so. */
void xb_seen_failed(struct xb_seen_target *l, const struct xb_refview *view, const struct xb_err *err,
		    int64_t now);

#endif
