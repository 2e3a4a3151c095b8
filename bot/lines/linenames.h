/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which lines there are: those that the configuration names, and with "lines = *"
 * or a first line, those that have a staging ref or were published.
 */
#ifndef XB_LINENAMES_H
#define XB_LINENAMES_H

#include "refnames.h"

#define XB_HEADS "refs/heads/"
#define XB_ORIGIN "refs/remotes/origin/"

struct xb_linenames {
	const struct xb_config *config;
	const struct xb_refnames *refs;
	bool remote; /* a branch of the remote stands for the one that is not there */
};

/* Appends the names of all lines to OUT, in the order of their versions. REFS are listed. */
struct xb_err *xb_linenames_list(const struct xb_linenames *l, struct xb_strv *out) XB_MUST_CHECK;
/* Is NAME one of them? */
struct xb_err *xb_linenames_has(const struct xb_linenames *l, const char *name, bool *out) XB_MUST_CHECK;

#endif
