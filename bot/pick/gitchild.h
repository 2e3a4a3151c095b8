/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git as a child: in a quarantine's work tree, with an environment of its own in
 * which nothing of ours is left, with bounds on its time and memory. It ends with
 * its parent.
 */
#ifndef XB_GITCHILD_H
#define XB_GITCHILD_H

#include "quarantine.h"
#include "util/buf.h"

#include <stdbool.h>

/* No merge of honest trees takes a fraction of these. */
#define XB_GITCHILD_SECONDS 60
#define XB_GITCHILD_MEMORY (1u << 30) /* of its own, without what it maps of packs */
#define XB_GITCHILD_OUTPUT (64u << 20)

struct xb_gitchild {
	const char *const *argv; /* begins with "git"; ends in NULL */
	const struct xb_quarantine *q;
	const char *in; /* what it gets on its standard input */
	size_t in_n;
};

struct xb_gitchild_end {
	char *missing; /* owned; there is no git */
	bool crashed;  /* by a fault of its own: an assertion, a wrong address */
};

/*
 * Runs it, appending its standard output to OUT. Too long, too large or killed:
 * XB_E_TEMP. A status that isn't 0: XB_E_IO, with what git said.
 */
struct xb_err *xb_gitchild_run(const struct xb_gitchild *c, struct xb_buf *out,
			       struct xb_gitchild_end *end) XB_MUST_CHECK;

#endif
