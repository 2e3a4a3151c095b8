/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Residue: where the derived tree differs from the tested branch at a place that
 * a fix touched. For every function, macro, variable and type that picks
 * changed: does it stand as on the stable branch? The honest measure of what a
 * subset of a branch risks.
 */
#ifndef XB_RESIDUE_H
#define XB_RESIDUE_H

#include "lang/blocks.h"
#include "util/err.h"
#include "util/strv.h"

#include <git2/oid.h>

struct xb_planner;

/* A definition that stands as the stable branch never had it. */
struct xb_residue_item {
	char *path, *name;
	enum xb_block_kind kind;
	struct xb_strv advisories; /* of the picks that changed it */
	struct xb_strv by;         /* full ids of absent commits of the window that change it */
};

struct xb_residue {
	struct xb_residue_item *v; /* by path, then as the file has them */
	size_t n, cap;
	size_t touched, tested,
	    once; /* touched by picks; of them as the stable branch has it; as it had it */
};

/* Of the plan so far, at its place in the window. OUT is zeroed before; release it. */
struct xb_err *xb_residue_find(struct xb_planner *p, struct xb_residue *out) XB_MUST_CHECK;
void xb_residue_release(struct xb_residue *r);

#endif
