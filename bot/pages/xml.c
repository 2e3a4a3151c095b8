/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xml.h"

#include "util/alloc.h"
#include "util/bytes.h"
#include "util/err.h"
#include "util/vis.h"

#include <dlfcn.h>
#include <libxml/xmlwriter.h>
#include <stddef.h>
#include <string.h>

/* A library that is loaded when it is needed, and its functions. */

struct xb_symbol {
	const char *name;
	void *at; /* the pointer to a function that is to be set */
};

/*
 * Loads the library of this file NAME and sets all of its N symbols V. WHAT
 * needs it ("mail"). Where it or a function is missing: XB_E_CONFIG, none is set.
 */
static struct xb_err *load(const char *name, const char *what, const struct xb_symbol *v, size_t n)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return xb_err_new(XB_E_CONFIG, "%s needs a library: %s", what, dlerror());
	for (size_t i = 0; i < n; i++) {
		if (dlsym(library, v[i].name))
			continue;
		dlclose(library);
		return xb_err_new(XB_E_CONFIG, "%s needs a library: %s lacks %s", what, name, v[i].name);
	}
	for (size_t i = 0; i < n; i++) {
		void *symbol = dlsym(library, v[i].name);

		memcpy(v[i].at, &symbol, sizeof symbol);
	}
	return NULL;
}

#define LIBRARY "libxml2.so.2"
enum { DEPTH_MAX = 64 };

#define FUNCTIONS(X)                                                                                         \
	X(xmlBufferContent)                                                                                  \
	X(xmlBufferCreate)                                                                                   \
	X(xmlBufferFree)                                                                                     \
	X(xmlBufferLength)                                                                                   \
	X(xmlFreeTextWriter)                                                                                 \
	X(xmlNewTextWriterMemory)                                                                            \
	X(xmlTextWriterEndDocument)                                                                          \
	X(xmlTextWriterEndElement)                                                                           \
	X(xmlTextWriterFullEndElement)                                                                       \
	X(xmlTextWriterStartElement)                                                                         \
	X(xmlTextWriterWriteAttribute)                                                                       \
	X(xmlTextWriterWriteRaw)                                                                             \
	X(xmlTextWriterWriteString)

static struct {
#define X(f) __typeof__(f) *(f);
	FUNCTIONS(X)
#undef X
} xml;

struct xb_xml {
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
	enum xb_xml_kind kind;
	const char *open[DEPTH_MAX];
	size_t depth;
	bool failed;
};

struct xb_err *xb_xml_load(void)
{
	static const struct xb_symbol symbols[] = {
#define X(f) {#f, &xml.f},
	    FUNCTIONS(X)
#undef X
	};

	if (xml.xmlBufferCreate)
		return NULL;
	return load(LIBRARY, "a page or a feed", symbols, sizeof symbols / sizeof *symbols);
}

static void check(struct xb_xml *x, int rc)
{
	x->failed |= rc < 0;
}

static void raw(struct xb_xml *x, const char *text)
{
	if (x->writer)
		check(x, xml.xmlTextWriterWriteRaw(x->writer, (const xmlChar *)text));
}

struct xb_xml *xb_xml_new(enum xb_xml_kind kind)
{
	struct xb_xml *x = xb_calloc(1, sizeof *x);

	x->kind = kind;
	x->buffer = xml.xmlBufferCreate();
	x->writer = x->buffer ? xml.xmlNewTextWriterMemory(x->buffer, 0) : NULL;
	x->failed = !x->writer;
	raw(x, kind == XB_XML_HTML ? "<!DOCTYPE html>\n" : "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	return x;
}

/* Printable, and no code point that XML or HTML forbids. Owned. */
static char *clean(const char *text)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_vis(&b, text, strlen(text), XB_VIS_LINES);
	for (size_t i = 0; i + 2 < b.n; i++)
		if ((unsigned char)b.p[i] == 0xef && (unsigned char)b.p[i + 1] == 0xbf &&
		    (unsigned char)b.p[i + 2] >= 0xbe)
			b.p[i + 2] = (char)0xbd; /* U+FFFE and U+FFFF */
	return xb_buf_detach(&b);
}

void xb_xml_open(struct xb_xml *x, const char *element)
{
	if (!x->writer || x->depth == DEPTH_MAX) {
		x->failed = true;
		return;
	}
	x->open[x->depth++] = element;
	check(x, xml.xmlTextWriterStartElement(x->writer, (const xmlChar *)element));
}

void xb_xml_attr(struct xb_xml *x, const char *name, const char *value)
{
	XB_AUTOFREE char *good = clean(value);

	if (x->writer)
		check(x, xml.xmlTextWriterWriteAttribute(x->writer, (const xmlChar *)name,
							 (const xmlChar *)good));
}

void xb_xml_text(struct xb_xml *x, const char *text)
{
	XB_AUTOFREE char *good = text ? clean(text) : NULL;

	if (good && *good && x->writer)
		check(x, xml.xmlTextWriterWriteString(x->writer, (const xmlChar *)good));
}

void xb_xml_textf(struct xb_xml *x, const char *fmt, ...)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	xb_xml_text(x, b.p);
}

void xb_xml_close(struct xb_xml *x)
{
	static const char *const empty[] = {"meta", "link", "br", NULL};
	static const char *const inlined[] = {"a",      "b",  "code", "bdi",   "span",
					      "strong", "td", "th",   "title", NULL};
	const char *name;

	if (!x->writer || !x->depth) {
		x->failed = true;
		return;
	}
	name = x->open[--x->depth];
	/* HTML knows no empty elements but some; XML needs none. */
	if (x->kind == XB_XML_HTML && !xb_is_among(name, strlen(name), empty))
		check(x, xml.xmlTextWriterFullEndElement(x->writer));
	else
		check(x, xml.xmlTextWriterEndElement(x->writer));
	if (x->kind == XB_XML_FEED || !xb_is_among(name, strlen(name), inlined))
		raw(x, "\n");
}

void xb_xml_leaf(struct xb_xml *x, const char *element, const char *text)
{
	xb_xml_classed(x, element, NULL, text);
}

void xb_xml_classed(struct xb_xml *x, const char *element, const char *class, const char *text)
{
	xb_xml_open(x, element);
	if (class)
		xb_xml_attr(x, "class", class);
	xb_xml_text(x, text);
	xb_xml_close(x);
}

void xb_xml_link(struct xb_xml *x, const char *href, const char *text)
{
	xb_xml_open(x, "a");
	xb_xml_attr(x, "href", href);
	xb_xml_text(x, text);
	xb_xml_close(x);
}

struct xb_err *xb_xml_finish(struct xb_xml *x, struct xb_buf *out)
{
	bool failed;

	while (x->depth)
		xb_xml_close(x);
	if (x->writer) {
		check(x, xml.xmlTextWriterEndDocument(x->writer));
		xml.xmlFreeTextWriter(x->writer); /* writes what it holds back */
		xb_buf_add(out, xml.xmlBufferContent(x->buffer), (size_t)xml.xmlBufferLength(x->buffer));
	}
	if (x->buffer)
		xml.xmlBufferFree(x->buffer);
	failed = x->failed;
	free(x);
	return failed ? xb_err_new(XB_E_INTERNAL, "a page could not be made (libxml2)") : NULL;
}
