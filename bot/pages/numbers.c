/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of a report: claims with their figures, plots over the years, and the tables that they are made
 * of. */
#include "pages-impl.h"
#include "xml.h"
#include "report/claims.h"
#include "util/alloc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Small plots as SVG in a page, coloured by its style: for a few hundred points. */

struct xb_plot_point {
	double x, y;
	const char *name; /* shown to who points at it; NULL: none */
};

struct plot {
	const char *title;
	const char *unit; /* of y, after its numbers: "%" */
	const struct xb_plot_point *v;
	size_t n;
	bool bars;    /* else points; x counts years */
	double mark;  /* a line at this y; 0: none */
	double y_max; /* at least */
};

/* Of the drawing, and where its axes begin. */
enum { WIDTH = 720, HEIGHT = 260, LEFT = 46, RIGHT = 710, TOP = 12, BOTTOM = 228, TICKS = 5 };

struct scale {
	double x0, x1, y1;
};

static void number(struct xb_xml *x, const char *name, double value)
{
	XB_AUTOFREE char *s = xb_asprintf("%.1f", value);

	xb_xml_attr(x, name, s);
}

static double at_x(const struct scale *s, double x)
{
	return LEFT + (RIGHT - LEFT) * (x - s->x0) / (s->x1 - s->x0);
}

static double at_y(const struct scale *s, double y)
{
	return BOTTOM - (BOTTOM - TOP) * (y < 0 ? 0 : y) / s->y1;
}

/* One, two or five times a power of ten, so that TICKS of them reach Y, which is positive. */
static double step_for(double y)
{
	double power = 1;

	while (power * TICKS >= y)
		power /= 10;
	while (10 * power * TICKS < y)
		power *= 10;
	return 2 * power * TICKS >= y ? 2 * power : 5 * power * TICKS >= y ? 5 * power : 10 * power;
}

static struct scale scale_of(const struct plot *p)
{
	struct scale s = {p->v[0].x, p->v[0].x, p->y_max > 0 ? p->y_max : 1};

	for (size_t i = 0; i < p->n; i++) {
		s.x0 = p->v[i].x < s.x0 ? p->v[i].x : s.x0;
		s.x1 = p->v[i].x > s.x1 ? p->v[i].x : s.x1;
		s.y1 = p->v[i].y > s.y1 ? p->v[i].y : s.y1;
	}
	s.x0 = (double)(long)s.x0; /* years */
	s.x1 = (double)(long)s.x1 + 1;
	s.y1 = TICKS * step_for(s.y1);
	return s;
}

static void line(struct xb_xml *x, const char *class, double x0, double y0, double x1, double y1)
{
	xb_xml_open(x, "line");
	xb_xml_attr(x, "class", class);
	number(x, "x1", x0);
	number(x, "y1", y0);
	number(x, "x2", x1);
	number(x, "y2", y1);
	xb_xml_close(x);
}

static void label(struct xb_xml *x, double at, double y, const char *anchor, const char *text)
{
	xb_xml_open(x, "text");
	xb_xml_attr(x, "class", "label");
	number(x, "x", at);
	number(x, "y", y);
	xb_xml_attr(x, "text-anchor", anchor);
	xb_xml_text(x, text);
	xb_xml_close(x);
}

static void axes(struct xb_xml *x, const struct plot *p, const struct scale *s)
{
	long every = 1 + (long)(s->x1 - s->x0 - 1) / 13;

	for (int i = 0; i <= TICKS; i++) {
		double y = s->y1 * i / TICKS;
		XB_AUTOFREE char *text = xb_asprintf("%g%s", y, p->unit ? p->unit : "");

		line(x, "axis", LEFT, at_y(s, y), RIGHT, at_y(s, y));
		label(x, LEFT - 6, at_y(s, y) + 4, "end", text);
	}
	for (long year = (long)s->x0; year < (long)s->x1; year += every) {
		XB_AUTOFREE char *text = xb_asprintf("%ld", year);
		double at = (double)year;

		line(x, "axis", at_x(s, at), BOTTOM, at_x(s, at), BOTTOM + 5);
		label(x, at_x(s, at + (p->bars ? 0.5 : 0)), BOTTOM + 20, p->bars ? "middle" : "start", text);
	}
}

static void point(struct xb_xml *x, const struct plot *p, const struct scale *s,
		  const struct xb_plot_point *v)
{
	xb_xml_open(x, p->bars ? "rect" : "circle");
	xb_xml_attr(x, "class", "bar");
	if (p->bars) {
		number(x, "x", at_x(s, v->x + 0.15));
		number(x, "y", at_y(s, v->y));
		number(x, "width", at_x(s, v->x + 0.85) - at_x(s, v->x + 0.15));
		number(x, "height", BOTTOM - at_y(s, v->y));
	} else {
		number(x, "cx", at_x(s, v->x));
		number(x, "cy", at_y(s, v->y));
		number(x, "r", 3.5);
	}
	if (v->name)
		xb_xml_leaf(x, "title", v->name);
	xb_xml_close(x);
}

static void plot(struct xb_xml *x, const struct plot *p)
{
	XB_AUTOFREE char *box = xb_asprintf("0 0 %d %d", WIDTH, HEIGHT);
	struct scale s;

	if (!p->n)
		return;
	s = scale_of(p);
	xb_xml_leaf(x, "h3", p->title);
	xb_xml_open(x, "svg");
	xb_xml_attr(x, "viewBox", box);
	xb_xml_attr(x, "role", "img");
	xb_xml_attr(x, "aria-label", p->title);
	axes(x, p, &s);
	for (size_t i = 0; i < p->n; i++)
		point(x, p, &s, &p->v[i]);
	if (p->mark > 0)
		line(x, "mark", LEFT, at_y(&s, p->mark), RIGHT, at_y(&s, p->mark));
	xb_xml_close(x);
}

struct points {
	struct xb_plot_point *v;
	size_t n, cap;
	struct xb_strv names; /* of the points */
};

static void release(struct points *p)
{
	free(p->v);
	xb_strv_release(&p->names);
}

static double years_of(int64_t time)
{
	return 1970 + (double)time / (365.2425 * 86400);
}

typedef double of_window(const struct xb_report_count *c);

static double share(const struct xb_report_count *c)
{
	return xb_report_share(c->security, c->commits);
}

static double prerequisites(const struct xb_report_count *c)
{
	return (double)c->prerequisites;
}

static double mixtures(const struct xb_report_count *c)
{
	return (double)c->mixtures;
}

static void plot_windows(struct xb_xml *x, const struct xb_report *r, struct plot p, of_window *value)
{
	struct points all = {0};

	for (size_t i = 0; i < r->windows.n; i++) {
		const struct xb_report_window *w = &r->windows.v[i];

		*XB_PUSH(&all.names, v, n, cap) =
		    xb_asprintf("%s to %s: %.0f%s", w->from, w->to, value(&w->count), p.unit ? p.unit : "");
	}
	for (size_t i = 0; i < r->windows.n; i++)
		*XB_PUSH(&all, v, n, cap) = (struct xb_plot_point){
		    years_of(r->windows.v[i].time), value(&r->windows.v[i].count), all.names.v[i]};
	p.v = all.v;
	p.n = all.n;
	plot(x, &p);
	release(&all);
}

typedef double of_year(const struct xb_report_year *y);

static double need(const struct xb_report_year *y)
{
	return y->count.advisories ? (double)y->count.prerequisites / (double)y->count.advisories : 0;
}

static double dates(const struct xb_report_year *y)
{
	return (double)y->dates;
}

static double lines(const struct xb_report_year *y)
{
	return y->disclosed ? (double)y->lines / (double)y->disclosed : 0;
}

static void plot_years(struct xb_xml *x, const struct xb_report_years *years, const char *title,
		       of_year *value)
{
	struct points all = {0};
	struct plot p = {.title = title, .bars = true};

	for (size_t i = 0; i < years->n; i++)
		*XB_PUSH(&all.names, v, n, cap) =
		    xb_asprintf("%d: %.2f", years->v[i].year, value(&years->v[i]));
	for (size_t i = 0; i < years->n; i++)
		*XB_PUSH(&all, v, n, cap) =
		    (struct xb_plot_point){years->v[i].year, value(&years->v[i]), all.names.v[i]};
	p.v = all.v;
	p.n = all.n;
	plot(x, &p);
	release(&all);
}

static void plots(struct xb_xml *x, const struct xb_report *r, const struct xb_report_years *years)
{
	xb_xml_leaf(x, "h2", "Over the years");
	plot_windows(x, r,
		     (struct plot){.title = "Security fixes among the commits of a point release",
				   .unit = "%",
				   .mark = 50,
				   .y_max = 100},
		     share);
	plot_windows(x, r, (struct plot){.title = "Prerequisites of a branch", .mark = XB_REPORT_BEARABLE},
		     prerequisites);
	plot_windows(x, r, (struct plot){.title = "Mixtures in a branch"}, mixtures);
	plot_years(x, years, "Prerequisites an advisory", need);
	plot_years(x, years, "Dates on which something was disclosed", dates);
	plot_years(x, years, "Lines that an advisory was fixed on", lines);
}

static void cell(struct xb_xml *x, size_t n)
{
	xb_xml_open(x, "td");
	xb_xml_textf(x, "%zu", n);
	xb_xml_close(x);
}

static void windows(struct xb_xml *x, const struct xb_report *r)
{
	static const char *const names[] = {
	    "From",          "To",         "Commits", "Security", "Advisories",
	    "Prerequisites", "Follow-ups", "Picks",   "Mixtures", NULL};

	xb_xml_leaf(x, "h2", "From each release to the next");
	xb_page_table(x, NULL, "Windows");
	xb_page_columns(x, names);
	for (size_t i = 0; i < r->windows.n; i++) {
		const struct xb_report_window *w = &r->windows.v[i];

		xb_xml_open(x, "tr");
		xb_xml_classed(x, "td", "once", w->from);
		xb_xml_classed(x, "td", "once", w->to);
		cell(x, w->count.commits);
		cell(x, w->count.security);
		cell(x, w->count.advisories);
		cell(x, w->count.prerequisites);
		cell(x, w->count.follow_ups);
		cell(x, w->count.picks);
		cell(x, w->count.mixtures);
		xb_xml_close(x);
	}
	xb_page_table_end(x);
}

static void claims(const struct xb_pages *p, struct xb_xml *x)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	xb_report_claims(p->in.report, p->in.metadata, &all);
	xb_xml_open(x, "ul");
	for (size_t i = 0; i < all.n; i++)
		xb_xml_leaf(x, "li", all.v[i]);
	xb_xml_close(x);
}

struct xb_err *xb_pages_numbers(const struct xb_pages *p)
{
	struct xb_report_years years = {0};
	struct xb_xml *x;

	if (!p->in.report || !p->in.report->windows.n)
		return NULL;
	xb_report_by_year(p->in.report, p->in.metadata, &years);
	x = xb_page_begin("Numbers", "", NULL);
	xb_xml_leaf(x, "h1", "Numbers");
	xb_xml_leaf(
	    x, "p",
	    "What a branch of release and security fixes was, or would have been, from each release to the "
	    "next.");
	claims(p, x);
	plots(x, p->in.report, &years);
	windows(x, p->in.report);
	free(years.v);
	return xb_page_end(p, x, "numbers.html");
}
