/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a derived ref that our directory does not know one that we made, before a
 * restore, or on another host? Its state ref says from what: that counts where
 * these inputs are ours (its tip is staging's history, its release one of the
 * line, its notes of the notes ref, its rules those of the configuration) and,
 * recomputed, they give exactly this value. A value that was stitched on an older
 * one is right only if that one is, by the state that recorded it.
 */
#ifndef XB_RESTORE_H
#define XB_RESTORE_H

#include "target.h"

/* *WHY_NOT, the caller's: what speaks against it; NULL: it is ours, and *STATE, the caller's, is its state.
 */
struct xb_err *xb_restore_check(const struct xb_publish_inputs *in, struct xb_store *s,
				struct xb_state *state, char **why_not) XB_MUST_CHECK;

#endif
