/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spellings that commit messages use, all in one place: Xen's security
 * statements (declared in rules.h, since a configuration starts from them) and
 * the fixed forms of other facts. Each was found in real histories.
 */
#ifndef XB_SPELLINGS_H
#define XB_SPELLINGS_H

/* Group numbers are those of the pattern; "id" is 7 to 40 hex digits. */
enum xb_fact {
	XB_FACT_FOLLOWUP,       /* 1: the list of advisories */
	XB_FACT_MASTER,         /* 1: id */
	XB_FACT_UPSTREAM,       /* 1: id */
	XB_FACT_PICKED,         /* 1: the first id; the others by NEXT_ID */
	XB_FACT_FIXES,          /* 1: key, 2: id; the subject follows */
	XB_FACT_REVERTS,        /* 1: adverb, 2: adjective, 3: what of it, 4: the first id */
	XB_FACT_REVERT_ID,      /* 1, 2: partial when there, 3: the first id */
	XB_FACT_REVERT_SUBJECT, /* of the subject alone; 1, 3: partial when there, 2: re-applies, 4: the
				   subject */
	XB_FACT_NEED,           /* 1: version, 2: id, 3: subject */
	XB_FACT_NEXT_ID,        /* exactly at the start offset; 1: id */
	XB_FACT_COUNT
};

extern const char *const xb_fact_patterns[XB_FACT_COUNT];
/* For xb_regex_require; NULL: none known. */
extern const char *const *const xb_fact_needles[XB_FACT_COUNT];
/* The needles of a security pattern when it is one of Xen's defaults, else NULL. */
const char *const *xb_security_needles(const char *pattern);

#endif
