/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printers of one text each: a plain list, Alpine's APKBUILD. */
#include "export.h"
#include "repo/git.h"
#include "util/alloc.h"

struct xb_err *xb_export_list(struct xb_export *e)
{
	struct xb_buf *b = xb_export_file(e, "list");

	xb_buf_adds(b, "# file\trole\tadvisories\tstaging\torigin\tsha256\n");
	for (size_t i = 0; i < e->patches.n; i++) {
		const struct xb_table_pick *k = e->patches.v[i].pick;
		XB_AUTOFREE char *sum = xb_export_sum("SHA256", &e->patches.v[i].text);

		xb_buf_addf(b, "%s\t%s\t", k->file, xb_role_name(k->pick->role));
		for (size_t a = 0; a < k->pick->advisories.n; a++) {
			xb_buf_adds(b, a ? "," : "");
			xb_export_safe(b, k->pick->advisories.v[a]);
		}
		xb_buf_addf(b, "\t%s\t%s\t%s\n", xb_hex(&k->staging).s, k->origin ? k->origin : "-", sum);
	}
	return NULL;
}

/* "- CVE-1 XSA-2", a line a CVE, as Alpine's security tracker reads them. */
static void put_secfix(struct xb_buf *b, const struct xb_table_row *r)
{
	for (size_t i = 0; i < r->aliases.n; i++) {
		xb_buf_adds(b, "#     - ");
		xb_export_safe(b, r->aliases.v[i]);
		xb_buf_addc(b, ' ');
		xb_export_safe(b, r->id);
		xb_buf_addc(b, '\n');
	}
	if (r->aliases.n)
		return;
	xb_buf_adds(b, "#     - ");
	xb_export_safe(b, r->id);
	xb_buf_addc(b, '\n');
}

struct xb_err *xb_export_alpine(struct xb_export *e)
{
	const struct xb_table *t = e->o->table;
	struct xb_buf *b = xb_export_file(e, "APKBUILD.part");

	xb_buf_addf(b, "pkgver=%s\npkgrel=%s\n\n# secfixes:\n#   %s-r%s:\n", e->version, e->o->revision,
		    e->version, e->o->revision);
	for (size_t i = 0; i < t->rows.n; i++)
		if (xb_export_covers(e, &t->rows.v[i]))
			put_secfix(b, &t->rows.v[i]);
	xb_buf_adds(b, "\nsource=\"$source\n");
	for (size_t i = 0; i < e->patches.n; i++)
		xb_buf_addf(b, "\t%s\n", e->patches.v[i].pick->file);
	xb_buf_adds(b, "\t\"\n\nsha512sums=\"$sha512sums\n");
	for (size_t i = 0; i < e->patches.n; i++) {
		XB_AUTOFREE char *sum = xb_export_sum("SHA512", &e->patches.v[i].text);

		xb_buf_addf(b, "%s  %s\n", sum, e->patches.v[i].pick->file);
	}
	xb_buf_adds(b, "\"\n");
	return NULL;
}
