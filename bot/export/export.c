/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export.h"

#include "advisories/patch.h"
#include "os/file.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BEFORE (4u << 20)
static const char mark[] = "# made by xsabot export";

const char xb_export_kinds[] = "quilt, list, rpm, alpine, debian, nix or gentoo";

static const struct kind {
	const char *name;
	bool patches; /* as files of their own, with the list `series` */
	xb_export_printer *print;
} kinds[] = {
    {"quilt", true, NULL},
    {"list", true, xb_export_list},
    {"rpm", true, xb_export_rpm},
    {"alpine", true, xb_export_alpine},
    {"debian", false, xb_export_debian},
    {"nix", true, xb_export_nix},
    {"gentoo", false, xb_export_gentoo},
};

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name ? name : "quilt"))
			return &kinds[i];
	return NULL;
}

bool xb_export_has(const char *kind)
{
	return find(kind) != NULL;
}

/* ---- for the printers ---- */

struct xb_buf *xb_export_file(struct xb_export *e, const char *name)
{
	struct xb_export_out *f = XB_PUSH(&e->files, v, n, cap);

	f->name = xb_strdup(name);
	return &f->text;
}

bool xb_export_covers(const struct xb_export *e, const struct xb_table_row *r)
{
	for (size_t i = 0; i < e->patches.n; i++)
		if (e->patches.v[i].pick->pick->role == XB_ROLE_SECURITY &&
		    xb_strv_has(&e->patches.v[i].pick->pick->advisories, r->id))
			return true;
	return false;
}

void xb_export_safe(struct xb_buf *b, const char *s)
{
	XB_AUTOFREE char *seen = xb_vis_dup(s);

	for (const char *p = seen; *p; p++)
		if (strchr("%$`\\\"'{}", *p))
			xb_buf_addc(b, '_');
		else
			xb_buf_addc(b, *p);
}

void xb_export_cves(struct xb_buf *b, const struct xb_table_row *r, const char *between)
{
	for (size_t i = 0; i < r->aliases.n; i++) {
		xb_buf_adds(b, between);
		xb_export_safe(b, r->aliases.v[i]);
	}
}

char *xb_export_sum(const char *digest, const struct xb_buf *b)
{
	XB_AUTOBUF struct xb_buf hex = XB_BUF_INIT;
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(b->p ? b->p : "", b->n, sum, &n, EVP_get_digestbyname(digest), NULL) != 1)
		n = 0;
	for (unsigned i = 0; i < n; i++)
		xb_buf_addf(&hex, "%02x", sum[i]);
	return xb_buf_detach(&hex);
}

struct xb_err *xb_export_before(const struct xb_export *e, const char *name, struct xb_buf *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", e->o->dir, name);
	struct xb_err *err = xb_file_read(path, MAX_BEFORE, out);

	return xb_err_allow(err, XB_E_NOTFOUND);
}

/* ---- what is exported ---- */

static bool names_commit(const char *text, const char *hex)
{
	XB_AUTOFREE char *head = hex ? xb_memdup0(hex, 12) : NULL;

	return head && strstr(text, head);
}

static bool is_wanted(const struct xb_export_options *o, size_t i)
{
	const struct xb_table_pick *k = &o->table->picks.v[i];

	if (i >= o->n || (o->table->since && !k->is_new))
		return false;
	return !o->skip ||
	       !(names_commit(o->skip, k->origin) || names_commit(o->skip, xb_hex(&k->staging).s));
}

static struct xb_err *make_patches(struct xb_export *e)
{
	const struct xb_table *t = e->o->table;

	for (size_t i = 0; i < t->picks.n; i++) {
		struct xb_export_patch *p;

		if (!is_wanted(e->o, i))
			continue;
		p = XB_PUSH(&e->patches, v, n, cap);
		p->pick = &t->picks.v[i];
		XB_TRY(xb_patch_format(t->plan->store, &t->picks.v[i].pick->derived, &p->text));
	}
	return NULL;
}

static void name_all(struct xb_export *e)
{
	const struct xb_target *t = e->o->table->plan->target;
	const char *path = e->o->config->repository ? e->o->config->repository : "";
	XB_AUTOFREE char *trimmed = xb_strdup(path);
	size_t n = strlen(trimmed), count = e->o->n + e->o->stitched;
	const char *name;

	while (n && trimmed[n - 1] == '/')
		trimmed[--n] = '\0';
	if (n > 5 && !strcmp(trimmed + n - 5, "/.git"))
		trimmed[n -= 5] = '\0';
	if (n > 4 && !strcmp(trimmed + n - 4, ".git"))
		trimmed[n - 4] = '\0';
	name = strrchr(trimmed, '/');
	e->package = xb_strdup(name ? name + 1 : trimmed);
	for (char *p = e->package; *p; p++)
		*p = isalnum((unsigned char)*p) && isascii(*p) ? (char)tolower((unsigned char)*p) : '-';
	e->version = t->release ? xb_strdup(t->release) : xb_strdup(t->line);
	e->full = count ? xb_asprintf("%s+%zu-g%.10s", e->version, count, xb_hex(&e->o->tip).s)
			: xb_strdup(e->version);
	e->time = xb_plan_tip_time(e->o->table->plan, e->o->n);
}

static void add_series(struct xb_export *e)
{
	const struct xb_target *t = e->o->table->plan->target;
	struct xb_buf *b = xb_export_file(e, "series");

	xb_buf_addf(b, "%s: %s, on %s\n", mark, t->name, t->base_tag ? t->base_tag : xb_hex(&t->base).s);
	for (size_t i = 0; i < e->patches.n; i++)
		xb_buf_addf(b, "%s\n", e->patches.v[i].pick->file);
}

static void add_patches(struct xb_export *e)
{
	for (size_t i = 0; i < e->patches.n; i++) {
		struct xb_buf *b = xb_export_file(e, e->patches.v[i].pick->file);

		xb_buf_add(b, e->patches.v[i].text.p, e->patches.v[i].text.n);
	}
}

/* A list that somebody else made may name patches of theirs. One of ours may name what is in no list now. */
static struct xb_err *look_at_list(const struct xb_export *e)
{
	XB_AUTOBUF struct xb_buf old = XB_BUF_INIT;

	XB_TRY(xb_export_before(e, "series", &old));
	if (old.n && strncmp(old.p, mark, strlen(mark)) != 0)
		return xb_err_new(XB_E_USAGE,
				  "%s/series isn't from xsabot export: give a directory of its own, not one "
				  "with patches of yours",
				  e->o->dir);
	for (char *line = old.p, *next; old.n && *line; line = next) {
		bool here = *line == '#';

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		else
			next = line + strlen(line);

		for (size_t i = 0; i < e->patches.n && !here; i++)
			here = !strcmp(e->patches.v[i].pick->file, line);
		if (!here)
			xb_log(XB_WARN, "%s/%s is not in the series any more", e->o->dir, line);
	}
	return NULL;
}

static struct xb_err *write_all(const struct xb_export *e)
{
	if (mkdir(e->o->dir, 0777) && errno != EEXIST)
		return xb_err_sys(XB_E_IO, errno, "cannot make the directory %s", e->o->dir);
	for (size_t i = 0; i < e->files.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", e->o->dir, e->files.v[i].name);

		XB_TRY(xb_file_write(path, e->files.v[i].text.p ? e->files.v[i].text.p : "",
				     e->files.v[i].text.n, 0644));
	}
	return NULL;
}

static struct xb_err *run(struct xb_export *e, const struct kind *k)
{
	XB_TRY(make_patches(e));
	name_all(e);
	if (k->patches) {
		XB_TRY(look_at_list(e));
		add_patches(e);
	}
	if (k->print)
		XB_TRY(k->print(e));
	if (k->patches)
		add_series(e);
	return write_all(e);
}

struct xb_err *xb_export(const struct xb_export_options *o, size_t *count)
{
	const struct kind *k = find(o->kind);
	struct xb_export e = {.o = o};
	struct xb_err *err =
	    k ? run(&e, k) : xb_err_new(XB_E_USAGE, "--for=%s: it is %s", o->kind, xb_export_kinds);

	*count = e.patches.n;
	for (size_t i = 0; i < e.patches.n; i++)
		xb_buf_release(&e.patches.v[i].text);
	for (size_t i = 0; i < e.files.n; i++) {
		free(e.files.v[i].name);
		xb_buf_release(&e.files.v[i].text);
	}
	XB_FREE(e.patches.v, e.files.v, e.package, e.version, e.full);
	return err;
}
