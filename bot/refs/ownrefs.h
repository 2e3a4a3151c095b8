/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The refs of fixed names: whose each is, what it is for, and where it goes. One table
 * for all who ask: what is looked at, who may write, what is fetched from an
 * upstream and what goes to mirrors. (Names that patterns make, of stable branches,
 * releases, derived branches and bare chains, are config/refs.h's.)
 */
#ifndef XB_CONFIG_OWNREFS_H
#define XB_CONFIG_OWNREFS_H

#include <stdbool.h>

/* All of the bot's own names begin so, and no pattern may make one, but in XB_REF_CHAINS. */
#define XB_OWN_REFS "refs/xsabot/"

enum xb_ref_kind {
	XB_REF_STATES,       /* what was published of a target, and from what */
	XB_REF_CANDIDATES,   /* what of a target waits for a test system */
	XB_REF_TESTED,       /* the candidate of a target that passed */
	XB_REF_TESTED_NOTES, /* what failed */
	XB_REF_FIXUPS,       /* commits that stand for others */
	XB_REF_RULES,        /* which lines there are, and the rules of all: state/rulesref.h */
	XB_REF_CHAINS,       /* bare chains, where they are configured so */
	XB_REF_KINDS
};

enum xb_ref_writer { XB_WRITES_BOT, XB_WRITES_MAINTAINERS, XB_WRITES_TEST_SYSTEMS };

struct xb_ref_role {
	const char *name;          /* the ref; or, where it ends in '/', what its names begin with */
	enum xb_ref_writer writer; /* who may write it */
	bool of_target;            /* the target's name follows, and it concerns that target alone */
	bool common;               /* a change may change the plan of any target */
	bool fetched;              /* from an upstream, */
	bool external;             /* ... where a test system is asked at all */
	bool mirrored;
};

const struct xb_ref_role *xb_ref_role(enum xb_ref_kind kind);
/* Is REF of that kind? */
bool xb_ref_is(enum xb_ref_kind kind, const char *ref);
/* What REF is; NULL: none of these. */
const struct xb_ref_role *xb_ref_role_of(const char *ref);
/* The ref of a target, or of what else NAME is; owned. */
char *xb_ref_of(enum xb_ref_kind kind, const char *name);

#endif
