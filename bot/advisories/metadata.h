/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the project says about its advisories beside the commits: xsa.json, the
 * list of all with titles, CVEs and times, and xsaN.meta, one file an advisory
 * with what it needs on which line. Both are JSON in the directory [rules]
 * metadata; each file is read once, when it is asked for first. They inform; they
 * never change a plan, and without them nothing fails. All texts are untrusted.
 *
 * Traps in the files, all met in real ones: an advisory's number is a number or a
 * text; Prereqs are numbers of advisories, perhaps null, and may name one that has
 * no recipe for the version, which is then not affected there.
 */
#ifndef XB_METADATA_H
#define XB_METADATA_H

#include "config/config.h"
#include "util/strv.h"

#include <stdint.h>

struct xb_metadata;

/* An advisory of the list. What it doesn't say is NULL, or empty. */
struct xb_metadata_advisory {
	char *id; /* as the configuration spells it: XSA-407 */
	struct xb_strv cves;
	char *title;
	char *public_time; /* as it is written */
	int64_t issue;     /* rises when it is issued again; 0: not said */
	char *issue_time;  /* of that, as it is written */
};

/* CONFIG is borrowed. */
struct xb_metadata *xb_metadata_open(const struct xb_config *config);
void xb_metadata_free(struct xb_metadata *m);
XB_HANDLE(xb_metadata)
/* Is there a list, and is it one? */
bool xb_metadata_listed(struct xb_metadata *m);
/* The advisories of the list, in its order, up to NULL. Borrowed, as is the next one's result. */
const struct xb_metadata_advisory *xb_metadata_at(struct xb_metadata *m, size_t i);
/* The advisory ID, or the one that has ID as an alias; NULL: not known. */
const struct xb_metadata_advisory *xb_metadata_find(struct xb_metadata *m, const char *id);
/* Is there a file that says which lines ADVISORY has fixes on? */
bool xb_metadata_has_recipes(struct xb_metadata *m, const char *advisory);
/* Do they say that ADVISORY has a fix on LINE? Where they say nothing, no. */
bool xb_metadata_affects(struct xb_metadata *m, const char *line, const char *advisory);
/* Appends the advisories that must come before ADVISORY on LINE. */
void xb_metadata_needs(struct xb_metadata *m, const char *line, const char *advisory, struct xb_strv *out);
/* Appends the patterns of the patch files that ADVISORY has for LINE, as they are written. */
void xb_metadata_patches(struct xb_metadata *m, const char *line, const char *advisory, struct xb_strv *out);
/*
 * Reads the file PATH, an xsaN.meta, wherever it is, in place of the one in the directory. *ID is its
 * advisory; owned. One that is none: XB_E_USAGE.
 */
struct xb_err *xb_metadata_take(struct xb_metadata *m, const char *path, char **id) XB_MUST_CHECK;
/* Where the file of ADVISORY is, or would be; owned. */
char *xb_metadata_file(const struct xb_config *config, const char *advisory);
/* "2026-01-31 12:00", in UTC and perhaps with a T, in seconds since 1970; 0: it is no such time, or NULL. */
int64_t xb_metadata_seconds(const char *time);
/* Which files could not be read, and why; of those that were asked for so far. */
const struct xb_strv *xb_metadata_trouble(const struct xb_metadata *m);

#endif
