/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing notes. git itself does it: it knows the modes of a shared repository
 * and the trees of notes, and moves their ref by compare-and-swap.
 */
#ifndef XB_NOTEWRITE_H
#define XB_NOTEWRITE_H

#include "config/config.h"
#include "util/buf.h"
#include "util/err.h"

#include <git2.h>

/* Appends the note of COMMIT in REF to OUT, its last line ended; nothing where there is none. */
struct xb_err *xb_note_text(git_repository *repo, const char *ref, const git_oid *commit,
			    struct xb_buf *out) XB_MUST_CHECK;
/* Puts TEXT in its place; without any, there is no note then. The committer is C's. */
struct xb_err *xb_note_write(git_repository *repo, const struct xb_config *c, const char *ref,
			     const git_oid *commit, const struct xb_buf *text) XB_MUST_CHECK;

#endif
