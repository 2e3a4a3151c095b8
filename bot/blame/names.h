/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of commits: their ids, the ids they came from (origins), and their
 * subjects, each leading to a number. Looked up by what a message says: 7 to 40
 * hex digits, perhaps with a subject.
 */
#ifndef XB_NAMES_H
#define XB_NAMES_H

#include "classify/history.h"

struct xb_names;
enum xb_name_kind { XB_NAME_NONE, XB_NAME_ID, XB_NAME_ORIGIN, XB_NAME_SUBJECT };

struct xb_names *xb_names_new(void);
void xb_names_free(struct xb_names *n);
XB_HANDLE(xb_names)
/* Makes H known as NUMBER; later calls count as newer. H must outlive the names. */
void xb_names_add(struct xb_names *n, const struct xb_hist *h, size_t number);
/* The newest commit that HEX (may be NULL) or else SUBJECT (may be NULL) names. */
enum xb_name_kind xb_names_find(const struct xb_names *n, const char *hex, const char *subject,
				size_t *number);

#endif
