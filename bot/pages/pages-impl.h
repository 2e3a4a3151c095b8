/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the printers share. The model is JSON, as `plan` and `advisories` print it, so that no plan stays in
 * memory. */
#ifndef XB_PAGES_IMPL_H
#define XB_PAGES_IMPL_H

#include "pages.h"
#include "site.h"
#include "xml.h"
#include "advisories/across.h"
#include "text/json.h"

struct xb_pages_line {
	char *name, *file;    /* the second as a file's name */
	json_t *table, *plan; /* NULL: there is no plan */
	json_t *target;       /* as a plan begins */
	json_t *times;        /* of the picks, and at last of the tip; integers */
	json_t *rows;         /* by id: those of the table */
	json_t *index;        /* by the names of their files: the numbers of picks */
	const json_t *status; /* of the report; NULL; borrowed */
};

/* An advisory that some line knows. */
struct xb_pages_advisory {
	const char *id; /* borrowed from a table */
	const char *title, *public_time;
	json_int_t issue;
	char *file;
	bool current; /* some line has it otherwise than in its release */
};

struct xb_pages {
	struct xb_pages_inputs in;
	struct xb_site *site;
	struct {
		struct xb_pages_line *v;
		size_t n, cap;
	} lines;
	struct {
		struct xb_pages_advisory *v;
		size_t n, cap;
	} advisories; /* the newest first */
	struct xb_across across;
};

/* ---- of the model ---- */

/* The row of the advisory ID on L; NULL: the line says nothing of it. */
const json_t *xb_page_row(const struct xb_pages_line *l, const char *id);
/* The names of the files of this row's picks. */
const json_t *xb_page_files(const json_t *row);
/* The pick of which FILE is, and its number. */
const json_t *xb_page_pick(const struct xb_pages_line *l, const char *file, size_t *number);
/* When the last pick of the row was made; 0: it has none. */
int64_t xb_page_row_time(const struct xb_pages_line *l, const json_t *row);
/* "2026-01-31T12:00:00Z"; owned. */
char *xb_page_date(int64_t time);
/* "heads/xsa-4.17" without "refs/" and "heads/": how people name the branch. */
const char *xb_page_branch(const struct xb_pages_line *l);

/* ---- of the pages ---- */

/* The head and the heading of a page; UP: the way to the root, "" or "../". */
struct xb_xml *xb_page_begin(const char *title, const char *up, const char *feed);
/* Its end; adds it to the site. */
struct xb_err *xb_page_end(const struct xb_pages *p, struct xb_xml *x, const char *path) XB_MUST_CHECK;
/* A state, as a word with its colour. */
void xb_page_state(struct xb_xml *x, const char *state);
/* The state of the advisory A on L, as a cell of a table, linked to its reasons. */
void xb_page_cell(const struct xb_pages *p, struct xb_xml *x, const struct xb_pages_advisory *a,
		  const struct xb_pages_line *l);
/* "0123456789ab" of a full id. */
void xb_page_id(struct xb_xml *x, const char *hex);
/* A text of others, set apart in its direction. */
void xb_page_others(struct xb_xml *x, const char *element, const char *text);
/* A table that is wider than the page scrolls by itself. CLASS may be NULL. */
void xb_page_table(struct xb_xml *x, const char *class, const char *label);
/* Its head, of names up to NULL; the body begins. */
void xb_page_columns(struct xb_xml *x, const char *const *names);
/* A cell; NULL: a dash. */
void xb_page_cell_text(struct xb_xml *x, const char *text);
/* Ends its body and it. */
void xb_page_table_end(struct xb_xml *x);
/* The patch of the pick K as a cell: a link, where there is one. UP: the way to the root. */
void xb_page_patch(struct xb_xml *x, const struct xb_pages_line *l, const json_t *k, const char *up);
/* The table of advisories by lines. */
void xb_page_matrix(const struct xb_pages *p, struct xb_xml *x, bool current_only);

/* ---- printers; each adds its files ---- */

struct xb_err *xb_pages_overview(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_lines(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_advisories(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_feeds(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_osv(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_numbers(const struct xb_pages *p) XB_MUST_CHECK;
struct xb_err *xb_pages_metrics(const struct xb_pages *p) XB_MUST_CHECK;

extern const char xb_pages_style[];

#endif
