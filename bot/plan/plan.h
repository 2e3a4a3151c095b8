/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of one target: which commits of the window are picked onto the base,
 * in which order, in which role and why; what is left out; where it blocks. A
 * pure function of base, tip, annotations and rules: no clock, no host, no
 * other ref or object. One walk over staging that decides about each commit by
 * what came up to it, so that the plan of a longer staging begins with the plan
 * of a shorter one. Nothing is written: trees and commits are made in the store.
 */
#ifndef XB_PLAN_H
#define XB_PLAN_H

#include "board/evidence.h"
#include "classify/annotate.h"
#include "classify/history.h"
#include "residue.h"
#include "lines/lines.h"
#include "pick/pick.h"

enum xb_role { XB_ROLE_SECURITY, XB_ROLE_FOLLOW_UP, XB_ROLE_PREREQUISITE };

struct xb_evidence {
	enum xb_evidence_kind kind;
	char *need;  /* what it is evidence for: a commit id or an advisory; NULL: the pick itself */
	char *path;  /* NULL: none */
	size_t line; /* from 1; 0: none */
	char *name;  /* a symbol, or the words that decided; NULL: none */
};

struct xb_evidences {
	struct xb_evidence *v;
	size_t n, cap;
};

struct xb_plan_pick {
	size_t window;    /* index of the staging commit in the window */
	git_oid commit;   /* what is picked: the staging commit or its replacement */
	git_oid replaces; /* the staging commit that `commit` stands for; zero: none */
	enum xb_role role;
	struct xb_strv advisories;
	struct xb_strv needed_by;   /* full ids; for prerequisites */
	struct xb_strv fixes;       /* full ids; for follow-ups */
	struct xb_strv kept;        /* paths of bookkeeping in which the branch kept its own text */
	struct xb_strv trailer_for; /* Xsabot-For: full ids or advisories */
	struct xb_evidences evidence;
	char *why;
	char *subject;
	git_oid tree, derived; /* of the chain's commit */
	git_oid from, to;      /* the change that is picked: its two trees; `from` zero: none */
	bool by_git;           /* git decided its tree */
	int64_t time;          /* its committer date */
	size_t bundle;         /* index of the first pick of its bundle */
};

enum xb_left_reason {
	XB_LEFT_EMPTY,
	XB_LEFT_EXCLUDED,
	XB_LEFT_WITHDRAWN, /* it was published, and a person took it back */
	XB_LEFT_REPLACED,
	XB_LEFT_PENDING,
	XB_LEFT_REVERT,
	XB_LEFT_IN_BASE,        /* the base has the same change under another id */
	XB_LEFT_ALREADY_PICKED, /* so is it picked */
	XB_LEFT_MERGE,          /* what it merges is picked one by one */
};

struct xb_plan_left {
	size_t window;
	enum xb_left_reason reason;
	enum xb_source by; /* who excluded it or took it back */
	struct xb_strv advisories;
	char *why;
	struct xb_strv paths; /* pending because it doesn't apply: where */
};

struct xb_plan_blocked {
	size_t window; /* the commit that doesn't apply */
	size_t wanted; /* the security or follow-up commit that it was tried for; often the same */
	struct xb_strv advisories;
	struct xb_strv before;     /* full ids of what was picked for it before, on the chain so far */
	struct xb_strv candidates; /* full ids of commits that may settle it */
	char *why;
	struct xb_pick conflict;
	git_oid onto; /* the tree it was picked onto; readable while the plan lives */
};

enum xb_advisory_state {
	XB_ADV_APPLIED,
	XB_ADV_IN_BASE,
	XB_ADV_PARTIAL,
	XB_ADV_PENDING,
	XB_ADV_BLOCKED,
	XB_ADV_WAITING,
	XB_ADV_REVERTED,
	XB_ADV_EXCLUDED,
	XB_ADV_WITHDRAWN, /* all that is not excluded was taken back by a person */
	XB_ADV_MISSING,   /* never of a plan: its metadata says that it should be here */
	XB_ADV_NOT_HERE,  /* likewise: that it concerns other lines or repositories */
};

struct xb_plan_advisory {
	char *id;
	struct xb_strv aliases;
	enum xb_advisory_state state;
	struct xb_strv commits; /* full ids, staging order */
	size_t excluded;        /* how many of them, those taken back included */
};

struct xb_plan_inputs {
	git_repository *repo;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_target *target; /* status XB_TARGET_OK */
	const git_oid
	    *notes; /* a commit of notes in place of what the notes ref has (zero: none); NULL: the ref */
	struct xb_plan_options options;
	unsigned rules_version; /* of the algorithms; 0: as configured, else the newest */
	struct xb_packs *packs; /* of the repository, for xb_store_open; may be NULL */
};

struct xb_plan {
	struct xb_store *store;         /* owned: what the plan made */
	struct xb_picker *picker;       /* owned */
	const struct xb_target *target; /* borrowed */
	struct xb_window window;
	git_oid notes; /* commit of the notes ref; zero: none */
	git_oid rules; /* id of the rules in force: the hash, as a blob, of their canonical text */
	unsigned rules_version;
	git_oid base_tree;
	int64_t base_time;

	struct {
		struct xb_plan_pick *v;
		size_t n, cap;
	} picks;
	struct {
		struct xb_plan_left *v;
		size_t n, cap;
	} left_out;
	struct {
		struct xb_plan_blocked *v;
		size_t n, cap;
	} blocked;
	struct {
		struct xb_plan_advisory *v;
		size_t n, cap;
	} advisories;              /* those that commits of the window name, in order of appearance */
	struct xb_strv incomplete; /* advisories of which a part that is known could not be picked */
	struct xb_strv warnings;
	struct xb_strv notices; /* fixes that the rules may miss, which a person should look at */
	struct xb_residue residue;

	/*
	 * How many picks may be published: all, or fewer where a block would leave an
	 * advisory half in. A block never takes back what is published already; that is
	 * target.c's to see to.
	 */
	size_t publishable;
	uint64_t work;        /* that searches did, in bytes of files merged; see discover.h */
	unsigned long trials; /* picks that were tried; by the last making alone */

	struct xb_planner *planner; /* owned: what the plan of a longer staging goes on from */
};

/* Makes the plan; *OUT is owned by the caller. An error means that there is none: bad input, or I/O. */
struct xb_err *xb_plan_make(const struct xb_plan_inputs *in, struct xb_plan **out) XB_MUST_CHECK;
void xb_plan_free(struct xb_plan *p);
XB_HANDLE(xb_plan)

/*
 * For a process that stays. A plan that is folded keeps, in little memory, what
 * was decided, and is good for xb_plan_extend and nothing else. False: it can't
 * be gone on from, and is as it was.
 */
bool xb_plan_fold(struct xb_plan *p);
/*
 * Makes what xb_plan_make makes. Where BEFORE, a folded plan of the same target
 * or NULL, is one of a shorter staging and all else is the same, only what came
 * since is looked at: the chain of BEFORE must be in the repository for that.
 * Takes BEFORE over in any case.
 */
struct xb_err *xb_plan_extend(const struct xb_plan_inputs *in, struct xb_plan *before,
			      struct xb_plan **out) XB_MUST_CHECK;

/*
 * Calls FN for each fix that the base has, newest first, as far back as past.h says. Not for a folded plan.
 * RULES are those that it was made with.
 */
struct xb_err *xb_plan_base_fixes(const struct xb_plan *p, const struct xb_rules *rules,
				  void (*fn)(void *ctx, const struct xb_hist *h), void *ctx) XB_MUST_CHECK;
/* The chain's commit after the first N picks; after none, the base. Borrowed. */
const git_oid *xb_plan_tip(const struct xb_plan *p, size_t n);
/* Its committer date and tree. */
int64_t xb_plan_tip_time(const struct xb_plan *p, size_t n);
const git_oid *xb_plan_tip_tree(const struct xb_plan *p, size_t n);
/* True when a person should look: something is blocked or pending. */
bool xb_plan_needs_attention(const struct xb_plan *p);

const char *xb_role_name(enum xb_role r);
const char *xb_left_reason_name(enum xb_left_reason r);
const char *xb_advisory_state_name(enum xb_advisory_state s);

#endif
