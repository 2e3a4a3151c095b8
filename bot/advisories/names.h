/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File names of picks, which stay: a name depends on what is picked and on nothing
 * that may come before or after it, so a longer plan, or one with another
 * prerequisite in it, renames and renumbers nothing.
 *	xsa492-4.17-02-x86-check-the-bound.patch    the second commit of the advisory on its line
 *	xsa492-4.17-pre-8b5c3e7ed0e8.patch          what it needs, by the commit of the stable branch
 *	xsa492-4.17-fix-61f85c29d4b0.patch          what repairs it
 *	4.17-0123456789ab-subject.patch             a fix that names no advisory
 *	backport-8b5c3e7ed0e8.patch                 each, by the commit of the main branch: XB_NAMES_ORIGIN
 */
#ifndef XB_ADVISORIES_NAMES_H
#define XB_ADVISORIES_NAMES_H

#include "plan/plan.h"

enum xb_names_style { XB_NAMES_ADVISORY, XB_NAMES_ORIGIN };

/* The commit of the main branch that pick K of P says it comes from, or NULL; borrowed. */
const char *xb_pick_origin(const struct xb_plan *p, const struct xb_plan_pick *k);
/* Appends a name for each pick; each is another. */
void xb_pick_names(const struct xb_plan *p, enum xb_names_style style, struct xb_strv *out);
/* NAME, others' text, as a file's name: letters, digits, '.', '-', '+', and what else it has as '_' and hex;
 * owned. */
char *xb_file_name(const char *name);

#endif
