/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of an advisory outside the repository, one fact a record: a patch
 * file with its title and lines, or ids of commits that a database names. Files
 * are untrusted: sizes are bounded, and what can't be read is an error that names
 * the file.
 */
#ifndef XB_IMPORT_RECORD_H
#define XB_IMPORT_RECORD_H

#include "classify/rules.h"
#include "util/err.h"
#include "util/strv.h"

#include <stdint.h>

struct xb_import_record {
	char *advisory;       /* in the configured spelling */
	char *file;           /* as it was named, for people */
	char *title;          /* of a patch; NULL: none */
	struct xb_strv ids;   /* of commits, in hex, 7 digits or more: what it is, or where it comes from */
	struct xb_strv paths; /* that a patch changes */
	uint64_t lines;       /* sum over the hashes of the lines that a patch adds and removes */
	size_t n_lines;
	bool matched; /* the caller's */
};

struct xb_import_records {
	struct xb_import_record *v;
	size_t n, cap;
	struct xb_strv ignored; /* files that say nothing of an advisory, and why */
};

/*
 * Reads PATH: a patch named after an advisory, xsaN.meta with its patches beside
 * it, xsa.json, an OSV or CVE 5 record, or a directory of these (not those below
 * it). Appends to OUT.
 */
struct xb_err *xb_import_read(const struct xb_rules *rules, const char *path,
			      struct xb_import_records *out) XB_MUST_CHECK;
void xb_import_records_release(struct xb_import_records *r);
/* What a line adds to the sum: its text without blanks; 0 for one without text. */
uint64_t xb_import_line(bool added, const char *p, size_t n);

#endif
