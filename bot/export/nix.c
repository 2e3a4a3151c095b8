/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nix: a list of patches, as files beside it or, where [pages] url says where they
 * will be, for fetchpatch. That hashes not what it fetched but the normal form that
 * patchutils 0.3.3 makes of it: the files that differ in the order of their names,
 * without what git says of each and without the message.
 */
#include "export.h"

#include "advisories/table.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* The part of a patch that is about one file, from its "---" on. */
struct section {
	char *name; /* with its a/ or b/ */
	const char *p;
	size_t n;
};

struct sections {
	struct section *v;
	size_t n, cap;
};

static void release(struct sections *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
}

static int by_name(const void *a, const void *b)
{
	const struct section *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Names that are patterns, or quoted, mean something else to patchutils. */
static bool is_plain(const char *name)
{
	static const char odd[] = " \t\"'\\*?[]{}";

	for (; *name; name++)
		if (strchr(odd, *name) || (unsigned char)*name < 0x20)
			return false;
	return true;
}

/* What follows WORD in the line at P; owned. NULL: it is another line. */
static char *after(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word), line = xb_line_len(p, n);

	return xb_begins(p, n, word) ? xb_memdup0(p + len, line - len) : NULL;
}

/* The next line. */
static void step(const char **p, size_t *n)
{
	size_t line = xb_line_len(*p, *n);

	line += line < *n;
	*p += line;
	*n -= line;
}

/* From "diff --git" on: how long it is, up to the next. A line of a hunk never begins like that. */
static size_t length(const char *p, size_t n)
{
	const char *at = p;
	size_t left = n;

	for (step(&at, &left); left && !xb_begins(at, left, "diff --git ");)
		step(&at, &left);
	return (size_t)(at - p);
}

/* False: it changes a name, or a mode alone, or is binary, or has an odd name. */
static bool add(const char *p, size_t n, struct sections *out)
{
	XB_AUTOFREE char *from = NULL, *to = NULL;
	bool new_file;
	struct section s;

	for (; n && !xb_begins(p, n, "--- "); step(&p, &n))
		if (xb_begins(p, n, "rename ") || xb_begins(p, n, "copy ") || xb_begins(p, n, "GIT binary"))
			return false;
	from = after(p, n, "--- ");
	s = (struct section){NULL, p, n};
	step(&p, &n);
	to = after(p, n, "+++ ");
	if (!from || !to || !is_plain(from) || !is_plain(to))
		return false;
	new_file = !strcmp(from, "/dev/null");
	s.name = xb_strdup(new_file ? to : from);
	*XB_PUSH(out, v, n, cap) = s;
	return true;
}

/* The form that is hashed. False: what patchutils makes of this one is not known here. */
static bool normalise(const struct xb_buf *patch, struct xb_buf *out)
{
	struct sections all = {0};
	const char *p = patch->p;
	size_t n = patch->n;
	bool good = true;

	while (n && !xb_begins(p, n, "diff --git "))
		step(&p, &n);
	while (n && good) {
		size_t len = length(p, n);

		good = add(p, len, &all);
		p += len;
		n -= len;
	}
	if (good && all.n)
		qsort(all.v, all.n, sizeof *all.v, by_name);
	for (size_t i = 0; good && i < all.n; i++) {
		good = !i || strcmp(all.v[i].name + 1, all.v[i - 1].name + 1) != 0;
		xb_buf_add(out, all.v[i].p, all.v[i].n);
	}
	good = good && all.n;
	release(&all);
	return good;
}

/* "sha256-..." in base 64; owned. */
static char *sri(const struct xb_buf *b)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned char text[2 * EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(b->p ? b->p : "", b->n, sum, &n, EVP_sha256(), NULL) != 1)
		n = 0;
	EVP_EncodeBlock(text, sum, (int)n);
	return xb_asprintf("sha256-%s", (const char *)text);
}

static void put_patch(struct xb_export *e, const struct xb_export_patch *one, struct xb_buf *b)
{
	const struct xb_table_pick *k = one->pick;
	const char *url = e->o->config->pages.url;
	XB_AUTOBUF struct xb_buf form = XB_BUF_INIT;
	XB_AUTOFREE char *line = xb_file_name(e->o->table->plan->target->name), *hash = NULL;

	xb_buf_adds(b, "    # ");
	for (size_t a = 0; a < k->pick->advisories.n; a++) {
		xb_buf_adds(b, a ? ", " : "");
		xb_export_safe(b, k->pick->advisories.v[a]);
	}
	xb_buf_addf(b, " (%s)\n", xb_role_name(k->pick->role));
	if (!*url || !normalise(&one->text, &form)) {
		xb_buf_addf(b, "    ./%s\n", k->file);
		return;
	}
	hash = sri(&form);
	xb_buf_addf(b,
		    "    (fetchpatch {\n      name = \"%s\";\n      url = \"%spatches/%s/%s\";\n      hash = "
		    "\"%s\";\n    })\n",
		    k->file, url, line, k->file, hash);
}

struct xb_err *xb_export_nix(struct xb_export *e)
{
	const struct xb_table *t = e->o->table;
	struct xb_buf *b = xb_export_file(e, "patches.nix");

	xb_buf_addf(b, "# made by xsabot export: %s\n%s{\n  patches = [\n", e->full,
		    *e->o->config->pages.url ? "{ fetchpatch }:\n" : "");
	for (size_t i = 0; i < e->patches.n; i++)
		put_patch(e, &e->patches.v[i], b);
	xb_buf_adds(b, "  ];\n  knownVulnerabilities = [\n");
	for (size_t i = 0; i < t->rows.n; i++) {
		if (!xb_table_row_lacks(&t->rows.v[i]))
			continue;
		xb_buf_adds(b, "    \"");
		xb_export_safe(b, t->rows.v[i].id);
		xb_export_cves(b, &t->rows.v[i], " ");
		xb_buf_addf(b, ": %s\"\n", xb_advisory_state_name(t->rows.v[i].state));
	}
	xb_buf_adds(b, "  ];\n}\n");
	return NULL;
}
