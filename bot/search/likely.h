/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what a command missed to the commits that may bring it: those that add a
 * definition of the name or make the file, then those that touch either. Small
 * knowledge of what a definition looks like, in several languages at once; an
 * error here costs a test, never a wrong result.
 */
#ifndef XB_LIKELY_H
#define XB_LIKELY_H

#include "blame/blame.h"
#include "gate/verdicts.h"

enum xb_hit_kind {
	XB_HIT_DEFINES, /* adds a line that looks like its definition, or makes the file */
	XB_HIT_USES,    /* adds a line with it, or changes the file */
	XB_HIT_DROPS,   /* takes a line with it away */
};

struct xb_hit {
	size_t i;       /* window index */
	size_t mention; /* index */
	enum xb_hit_kind kind;
};

/* Likeliest first: definitions of what is missing, then by rank; the earlier mention, the earlier commit. */
struct xb_hits {
	struct xb_hit *v;
	size_t n, cap;
};

struct xb_likely_inputs {
	struct xb_picker *picker;
	struct xb_blame *blame;
	const struct xb_window *window;
	const bool *candidate; /* for each commit of the window: is it to be looked at? */
	const struct xb_mentions *mentions;
};

/* OUT is zeroed before; release it. */
struct xb_err *xb_likely_find(const struct xb_likely_inputs *in, struct xb_hits *out) XB_MUST_CHECK;
void xb_hits_release(struct xb_hits *h);

#endif
