/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small plots as SVG in a page, coloured by its style: for a few hundred points. */
#ifndef XB_PAGES_PLOT_H
#define XB_PAGES_PLOT_H

#include "xml.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_plot_point {
	double x, y;
	const char *name; /* shown to who points at it; NULL: none */
};

struct xb_plot {
	const char *title;
	const char *unit; /* of y, after its numbers: "%" */
	const struct xb_plot_point *v;
	size_t n;
	bool bars;    /* else points; x counts years */
	double mark;  /* a line at this y; 0: none */
	double y_max; /* at least */
};

void xb_plot(struct xb_xml *x, const struct xb_plot *p);

#endif
