/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiled pattern; only for refpat.c, which makes, matches and fills in one, and
 * refpat-pairs.c, which compares two.
 */
#ifndef XB_REFPAT_IMPL_H
#define XB_REFPAT_IMPL_H

#include "refpat.h"

#include <stddef.h>

/* Literal, placeholder, literal, placeholder, literal; and a literal is cut by [ and by ]. */
#define XB_REFPAT_PARTS 8

/* A placeholder's kind is its XB_REFPAT_* bit, so that it indexes the captures as well. */
struct xb_refpat_part {
	unsigned kind; /* 0: literal */
	const char *s; /* into text */
	size_t len;
	char sep;     /* between the numbers of a placeholder */
	bool letters; /* {n:a} */
	bool joined;  /* {n:a} directly after a number: letters alone */
};

struct xb_refpat {
	char *text;
	struct xb_refpat_part part[XB_REFPAT_PARTS];
	unsigned n, holds;
	unsigned opt_from, opt_to; /* the parts that may be missing, the last one not among them */
};

#endif
