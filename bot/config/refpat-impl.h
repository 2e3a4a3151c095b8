/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiled pattern; only for refpat.c, which makes, matches and fills in one, and
 * refpat-pairs.c, which compares two.
 */
#ifndef XB_REFPAT_IMPL_H
#define XB_REFPAT_IMPL_H

#include "refpat.h"

#include <stddef.h>

/* Literal, placeholder, literal, placeholder, literal. */
#define XB_REFPAT_PARTS 5

/* A placeholder's kind is its XB_REFPAT_* bit, so that it indexes the captures as well. */
struct xb_refpat_part {
	unsigned kind; /* 0: literal */
	const char *s; /* into text */
	size_t len;
};

struct xb_refpat {
	char *text;
	struct xb_refpat_part part[XB_REFPAT_PARTS];
	unsigned n, holds;
};

#endif
