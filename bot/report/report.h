/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What such branches were, or would have been: each window from a release to the
 * next, planned anew, as numbers; and of each advisory when its fix came to which
 * line, and what it took.
 */
#ifndef XB_REPORT_H
#define XB_REPORT_H

#include "classify/rules.h"
#include "plan/plan.h"

enum { XB_REPORT_BEARABLE = 6 /* prerequisites in a window that packagers call bearable */ };

struct xb_report_count {
	size_t windows, commits, security, advisories, alone, prerequisites, follow_ups, picks, blocked;
	size_t minority, bearable;    /* windows: security is less than a half; few prerequisites */
	size_t definitions, mixtures; /* touched by picks; and of these as the stable branch never had them */
};

/* Adds to TO what C has. */
void xb_report_count_add(struct xb_report_count *to, const struct xb_report_count *c);

struct xb_report_window {
	char *line, *from, *to;
	int64_t time; /* of the last commit */
	struct xb_report_count count;
};

/* An advisory on a line, in one of its windows. */
struct xb_report_fix {
	char *id, *line;
	int64_t time;   /* of its first commit there */
	size_t commits; /* that are part of it */
	size_t needs;   /* picks beside these that are for it */
};

struct xb_report {
	struct {
		struct xb_report_window *v;
		size_t n, cap;
	} windows;
	struct {
		struct xb_report_fix *v;
		size_t n, cap;
	} fixes;
	struct xb_report_count sum;
};

struct xb_report_inputs {
	git_repository *repo;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_targets *targets;
	struct xb_plan_options options;
	/* A window is known; may be NULL. */
	void (*each)(void *data, const struct xb_report_window *w);
	void *data;
};

/* A window that can't be planned is logged and left out. Release OUT in each case. */
struct xb_err *xb_report_make(const struct xb_report_inputs *in, struct xb_report *out) XB_MUST_CHECK;
void xb_report_release(struct xb_report *r);
/* Of a hundred. */
double xb_report_share(size_t part, size_t of);

#endif
