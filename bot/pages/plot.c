/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include "util/alloc.h"

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

static struct scale scale_of(const struct xb_plot *p)
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

static void axes(struct xb_xml *x, const struct xb_plot *p, const struct scale *s)
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

static void point(struct xb_xml *x, const struct xb_plot *p, const struct scale *s,
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

void xb_plot(struct xb_xml *x, const struct xb_plot *p)
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
