/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people look at and programs of others read: a page for all lines, one a
 * line, one an advisory, the patches, feeds, OSV records, metrics. Printers of the
 * tables and plans, of nothing else; without a clock, so that the same gives the
 * same bytes. Order of calls: xb_pages_new, xb_pages_line for each line,
 * xb_pages_write.
 *
 *	index.html all.html style.css	lines by advisories: what is not in all releases, and all
 *	line/LINE.html			a line: picks, why, what is left out
 *	advisory/ID.html		an advisory: each line's state, commands, patches
 *	patches/LINE/FILE.patch
 *	feed.atom line/LINE.atom	what was applied where
 *	osv/LINE/ID.json		OSV records; with [pages] clone
 *	advisories.json metrics.txt
 *	numbers.html			claims, and plots over the years; with a report
 */
#ifndef XB_PAGES_H
#define XB_PAGES_H

#include "advisories/table.h"
#include "report/report.h"

#include <jansson.h>

struct xb_pages;

struct xb_pages_inputs {
	const struct xb_config *config; /* borrowed */
	struct xb_metadata *metadata;   /* borrowed */
	const json_t *status;           /* of judge/judge.h, NULL: there is none; borrowed */
	const struct xb_report *report; /* NULL: none is wanted; borrowed */
	const char *dir;
};

/* *OUT is the caller's. DIR is as for xb_site_open. */
struct xb_err *xb_pages_new(const struct xb_pages_inputs *in, struct xb_pages **out) XB_MUST_CHECK;
/* Takes from the table, made with hashes, and its plan what it needs. */
struct xb_err *xb_pages_line(struct xb_pages *p, const struct xb_table *t) XB_MUST_CHECK;
/* A target without a plan: as it is, and what was said about it. */
void xb_pages_without_plan(struct xb_pages *p, const struct xb_target *t);
/* Writes all of it and shows it. */
struct xb_err *xb_pages_write(struct xb_pages *p) XB_MUST_CHECK;
void xb_pages_free(struct xb_pages *p);
XB_HANDLE(xb_pages)

#endif
