/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the import: readers of single formats, for record.c alone. */
#ifndef XB_IMPORT_IMPL_H
#define XB_IMPORT_IMPL_H

#include "record.h"

/* Reads a patch, with or without a mail's header, into OUT: title, ids, paths, lines. Any bytes are accepted.
 */
void xb_import_patch(const char *text, size_t n, struct xb_import_record *out);

/* What a JSON file says is called out; ADVISORY is that of the file's name, or NULL. */
struct xb_import_json {
	const struct xb_rules *rules;
	const char *advisory;
	struct xb_err *(*patches)(void *ctx, const char *advisory, const char *pattern);
	void (*commit)(void *ctx, const char *advisory, const char *hex);
	void *ctx;
};

/* Reads xsaN.meta, xsa.json, an OSV or a CVE 5 record. *WHY: static text; it is none of these, or names no
 * advisory of this project. */
struct xb_err *xb_import_json(const struct xb_import_json *j, const char *text, size_t n,
			      const char **why) XB_MUST_CHECK;

#endif
