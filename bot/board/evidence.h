/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What speaks for a pick, and what a plan may be told to leave out of account. */
#ifndef XB_EVIDENCE_H
#define XB_EVIDENCE_H

#include <stdbool.h>

enum xb_evidence_kind {
	XB_EV_TAG,
	XB_EV_NOTE,
	XB_EV_TRAILER,
	XB_EV_CONFIG,
	XB_EV_FIXES,
	XB_EV_REVERT,
	XB_EV_TEXT,
	XB_EV_MEANING,
	XB_EV_SERIES,     /* put on the branch with it, and part of it */
	XB_EV_LINES,      /* changes mostly lines that it added */
	XB_EV_DEFINITION, /* changes a definition that it uses, or changes as well */
	XB_EV_WORDS,      /* says so in its subject */
	XB_EV_DECLARED,
	XB_EV_GATE,
};

struct xb_plan_options {
	bool no_discover, no_meaning, no_follow_ups;
};

const char *xb_evidence_name(enum xb_evidence_kind k);

#endif
