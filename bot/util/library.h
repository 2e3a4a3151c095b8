/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library that is loaded when it is needed, and its functions. */
#ifndef XB_UTIL_LIBRARY_H
#define XB_UTIL_LIBRARY_H

#include "err.h"

#include <stddef.h>

struct xb_symbol {
	const char *name;
	void *at; /* the pointer to a function that is to be set */
};

/*
 * Loads the library of this file NAME and sets all of its N symbols V. WHAT
 * needs it ("mail"). Where it or a function is missing: XB_E_CONFIG, none is set.
 */
struct xb_err *xb_library_load(const char *name, const char *what, const struct xb_symbol *v,
			       size_t n) XB_MUST_CHECK;

#endif
