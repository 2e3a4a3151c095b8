/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line's picks for packagers: patch files with a list of them, and the parts of
 * a package's files that are made of the same table. All files are made in memory
 * first, then written, the list last; they depend on the plan and the metadata
 * alone, not on time or host. The texts in them are others': each printer makes
 * them harmless where it puts them.
 */
#ifndef XB_EXPORT_H
#define XB_EXPORT_H

#include "advisories/table.h"
#include "util/buf.h"

#define XB_EXPORT_START 1000u /* of rpm's patch numbers */

struct xb_export_options {
	const struct xb_table *table;
	const struct xb_config *config;
	const char *kind;     /* quilt, rpm, ...; NULL: quilt */
	const char *dir;      /* where to; made when it isn't there */
	size_t n;             /* how many of the plan's picks the branch has */
	bool stitched;        /* on top of them is a stitch */
	git_oid tip;          /* of the branch */
	const char *revision; /* of the package */
	unsigned start;       /* rpm: the first new number */
	const char *skip;     /* text that names, by id, what the packager carries already; NULL */
};

/* The kinds, for messages: "quilt, rpm, ...". */
extern const char xb_export_kinds[];
bool xb_export_has(const char *kind);
/*
 * Writes the files. *COUNT patches are in them. A directory whose list of patches
 * isn't the bot's is refused: XB_E_USAGE.
 */
struct xb_err *xb_export(const struct xb_export_options *o, size_t *count) XB_MUST_CHECK;

/* ---- for the printers ---- */

struct xb_export_patch {
	const struct xb_table_pick *pick;
	struct xb_buf text;
};

struct xb_export {
	const struct xb_export_options *o;
	struct {
		struct xb_export_patch *v;
		size_t n, cap;
	} patches; /* those to be exported, in order */
	struct {
		struct xb_export_out {
			char *name;
			struct xb_buf text;
		} * v;
		size_t n, cap;
	} files;
	char *package; /* the repository's name */
	char *version; /* of the release, "4.17.1"; or of the base */
	char *full;    /* of the branch: "4.17.1+5-g0123456789" */
	int64_t time;  /* of the branch's last pick */
};

/* A new file; it is filled by the caller. The pointer is good until the next one. */
struct xb_buf *xb_export_file(struct xb_export *e, const char *name);
/* Is the row's advisory in what is exported? */
bool xb_export_covers(const struct xb_export *e, const struct xb_table_row *r);
/* Appends text of others as one line, without what a terminal or a macro would read. */
void xb_export_safe(struct xb_buf *b, const char *s);
/* "CVE-1 CVE-2", or nothing. */
void xb_export_cves(struct xb_buf *b, const struct xb_table_row *r, const char *between);
/* The SHA-512 or another sum (of EVP_get_digestbyname), as hex; owned. */
char *xb_export_sum(const char *digest, const struct xb_buf *b);
/* What is in DIR from an earlier export; empty where it isn't there. */
struct xb_err *xb_export_before(const struct xb_export *e, const char *name,
				struct xb_buf *out) XB_MUST_CHECK;

typedef struct xb_err *xb_export_printer(struct xb_export *e);
xb_export_printer xb_export_list, xb_export_rpm, xb_export_alpine, xb_export_debian, xb_export_nix,
    xb_export_gentoo;

#endif
