/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When advisories became public, by the project's list of them (xsa.json, in the
 * directory of metadata): those of one time are one disclosure, which appears
 * whole on a branch or not at all. The list informs; it never changes a plan.
 */
#ifndef XB_DISCLOSURE_H
#define XB_DISCLOSURE_H

#include "config.h"

struct xb_disclosure {
	char *advisory, *time;
};

struct xb_disclosures {
	struct xb_disclosure *v;
	size_t n, cap;
};

/* Reads the list that CONFIG names, if there is one. One that is none: a warning in the log. */
void xb_disclosures_read(const struct xb_config *config, struct xb_disclosures *out);
void xb_disclosures_release(struct xb_disclosures *d);
/* Its public time, as the list has it; NULL: not known. Borrowed. */
const char *xb_disclosures_time(const struct xb_disclosures *d, const char *advisory);

#endif
