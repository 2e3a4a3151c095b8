/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages and feeds, element by element: libxml2's writer escapes all texts, so none
 * of them is ever markup. Texts may be any bytes: what is no printable character
 * of UTF-8 is shown as in a log (vis.h). What fails is told once, at the end. The
 * library is loaded when the first page is made and not when the program starts.
 */
#ifndef XB_PAGES_XML_H
#define XB_PAGES_XML_H

#include "util/buf.h"
#include "util/err.h"

struct xb_xml;

enum xb_xml_kind { XB_XML_HTML, XB_XML_FEED };

/* Loads the library, once a process; XB_E_CONFIG where it is not installed. */
struct xb_err *xb_xml_load(void) XB_MUST_CHECK;
/* After xb_xml_load. To be ended with xb_xml_finish. */
struct xb_xml *xb_xml_new(enum xb_xml_kind kind);
/* Names are ours, and static. */
void xb_xml_open(struct xb_xml *x, const char *element);
void xb_xml_attr(struct xb_xml *x, const char *name, const char *value);
void xb_xml_text(struct xb_xml *x, const char *text); /* NULL: nothing */
void xb_xml_textf(struct xb_xml *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void xb_xml_close(struct xb_xml *x);
/* An element with this text alone. */
void xb_xml_leaf(struct xb_xml *x, const char *element, const char *text);
/* The same, with a class (NULL: none). */
void xb_xml_classed(struct xb_xml *x, const char *element, const char *class, const char *text);
/* A link, in HTML. */
void xb_xml_link(struct xb_xml *x, const char *href, const char *text);
/* Closes what is open, appends all to OUT, and frees X. */
struct xb_err *xb_xml_finish(struct xb_xml *x, struct xb_buf *out) XB_MUST_CHECK;

#endif
