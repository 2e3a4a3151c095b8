/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the numbers of a report say to what is said of security fixes and point releases; by year, and in
 * words. */
#ifndef XB_REPORT_CLAIMS_H
#define XB_REPORT_CLAIMS_H

#include "advisories/metadata.h"
#include "report.h"

struct xb_report_year {
	int year;
	struct xb_report_count count; /* of the windows that end in it */
	size_t dates;                 /* on which something was disclosed */
	size_t disclosed;             /* advisories */
	size_t lines;                 /* that these were fixed on, one by one */
};

struct xb_report_years {
	struct xb_report_year *v; /* the oldest first */
	size_t n, cap;
};

/* METADATA may be NULL, and mostly knows nothing: then an advisory's date is that of its first commit. */
void xb_report_by_year(const struct xb_report *r, struct xb_metadata *metadata, struct xb_report_years *out);
/* Appends a sentence a claim: whether it holds, with the figures. */
void xb_report_claims(const struct xb_report *r, struct xb_metadata *metadata, struct xb_strv *out);

#endif
