/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a commit was seen to conflict: at these paths the tip had these
 * entries. A pick is decided name by name, so that while the tip has one of
 * them the commit conflicts again, whatever else has changed; it need not be
 * tried. Noted are conflicts of the three files of one path alone; what came of
 * missing paths, renames, additions, attributes is tried again each time.
 */
#ifndef XB_CLASH_H
#define XB_CLASH_H

#include "pick/pick.h"

struct xb_clashes {
	struct xb_clash {
		char *path;
		struct xb_entry ours; /* its name is not set */
	} * v;
	size_t n, cap;
};

/* FAILED: how a pick of the commit went. It takes the place of what was noted before. */
void xb_clashes_note(struct xb_clashes *c, const struct xb_pick *failed);
/* Must a pick of the commit onto the tree TIP fail? *OUT false: it must be tried. */
struct xb_err *xb_clashes_stand(const struct xb_clashes *c, struct xb_store *s, const git_oid *tip,
				bool *out) XB_MUST_CHECK;
void xb_clashes_release(struct xb_clashes *c);

#endif
