/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of a report: claims with their figures, plots over the years, and the tables that they are made
 * of. */
#include "pages-impl.h"

#include "plot.h"
#include "report/claims.h"
#include "util/alloc.h"

#include <stdlib.h>

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

static void plot_windows(struct xb_xml *x, const struct xb_report *r, struct xb_plot p, of_window *value)
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
	xb_plot(x, &p);
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
	struct xb_plot p = {.title = title, .bars = true};

	for (size_t i = 0; i < years->n; i++)
		*XB_PUSH(&all.names, v, n, cap) =
		    xb_asprintf("%d: %.2f", years->v[i].year, value(&years->v[i]));
	for (size_t i = 0; i < years->n; i++)
		*XB_PUSH(&all, v, n, cap) =
		    (struct xb_plot_point){years->v[i].year, value(&years->v[i]), all.names.v[i]};
	p.v = all.v;
	p.n = all.n;
	xb_plot(x, &p);
	release(&all);
}

static void plots(struct xb_xml *x, const struct xb_report *r, const struct xb_report_years *years)
{
	xb_xml_leaf(x, "h2", "Over the years");
	plot_windows(x, r,
		     (struct xb_plot){.title = "Security fixes among the commits of a point release",
				      .unit = "%",
				      .mark = 50,
				      .y_max = 100},
		     share);
	plot_windows(x, r, (struct xb_plot){.title = "Prerequisites of a branch", .mark = XB_REPORT_BEARABLE},
		     prerequisites);
	plot_windows(x, r, (struct xb_plot){.title = "Mixtures in a branch"}, mixtures);
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
