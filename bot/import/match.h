/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which commits of a line the records are about, and what a note should say of
 * them. A match is by the lines that are changed, by an id that record or commit
 * names, or by title and a file in common, and the strongest kind decides. What
 * the message says already needs no note.
 */
#ifndef XB_IMPORT_MATCH_H
#define XB_IMPORT_MATCH_H

#include "classify/history.h"
#include "odb/store.h"
#include "record.h"

enum xb_import_how { XB_IMPORT_BY_PATCH, XB_IMPORT_BY_ID, XB_IMPORT_BY_TITLE };
enum xb_import_word {
	XB_IMPORT_TAGGED,       /* nothing: its message names the advisory as one that it fixes */
	XB_IMPORT_SECURITY,     /* nothing on the line is tagged so */
	XB_IMPORT_PREREQUISITE, /* before the last commit that is */
	XB_IMPORT_FOLLOW_UP,    /* after it */
};

struct xb_import_match {
	size_t window, record;
	enum xb_import_how how;
	enum xb_import_word word;
};

struct xb_import_matches {
	struct xb_import_match *v; /* in the window's order */
	size_t n, cap;
};

/* Appends to OUT, and marks the records that are about something. */
struct xb_err *xb_import_find(struct xb_store *s, const struct xb_window *w, struct xb_import_records *r,
			      struct xb_import_matches *out) XB_MUST_CHECK;
const char *xb_import_how_name(enum xb_import_how how);
/* The annotation's word; NULL: there is nothing to say. */
const char *xb_import_word_name(enum xb_import_word word);

#endif
