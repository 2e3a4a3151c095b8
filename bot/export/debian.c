/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's packages take the branch as a whole: a version and a stanza for
 * debian/changelog, with what is not in it and why.
 */
#include "export.h"
#include "repo/git.h"

#include <time.h>

static void put_row(struct xb_buf *b, const struct xb_table_row *r)
{
	xb_buf_adds(b, "    - ");
	xb_export_safe(b, r->title ? r->title : "(no title is known)");
	xb_buf_adds(b, "\n      ");
	xb_export_safe(b, r->id);
	xb_export_cves(b, r, " ");
	xb_buf_addc(b, '\n');
}

static void put_fixed(struct xb_export *e, struct xb_buf *b)
{
	const struct xb_table *t = e->o->table;
	size_t n = 0;

	for (size_t i = 0; i < t->rows.n; i++)
		n += t->rows.v[i].picks.n && xb_export_covers(e, &t->rows.v[i]);
	xb_buf_addf(b, "  * Update to new upstream version %s%s\n", e->full,
		    n ? ",\n    which also contains security fixes for the following issues:" : ".");
	for (size_t i = 0; i < t->rows.n; i++)
		if (xb_export_covers(e, &t->rows.v[i]))
			put_row(b, &t->rows.v[i]);
}

/* What somebody will ask for: lacking, taken out, or elsewhere; not what the release has. */
static void put_not_listed(struct xb_export *e, struct xb_buf *b)
{
	const struct xb_table *t = e->o->table;
	bool said = false;

	for (size_t i = 0; i < t->rows.n; i++) {
		const struct xb_table_row *r = &t->rows.v[i];

		if (r->state == XB_ADV_IN_BASE || xb_export_covers(e, r))
			continue;
		if (!said)
			xb_buf_adds(b, "  * Note that the following are not listed, because:\n");
		said = true;
		xb_buf_adds(b, "    - ");
		xb_export_safe(b, r->id);
		xb_export_cves(b, r, " ");
		xb_buf_addf(b, "\n      %s", xb_advisory_state_name(r->state));
		if (r->why) {
			xb_buf_adds(b, ": ");
			xb_export_safe(b, r->why);
		}
		xb_buf_addc(b, '\n');
	}
}

struct xb_err *xb_export_debian(struct xb_export *e)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct xb_config *c = e->o->config;
	struct xb_buf *b = xb_export_file(e, "changelog");
	time_t at = e->time;
	struct tm tm = {0};

	gmtime_r(&at, &tm);
	xb_buf_addf(b, "%s (%s-%s) UNRELEASED; urgency=medium\n\n", e->package, e->full, e->o->revision);
	put_fixed(e, b);
	put_not_listed(e, b);
	xb_buf_addf(b, "\n -- %s <%s>  %.3s, %02d %.3s %d %02d:%02d:%02d +0000\n", c->committer_name,
		    c->committer_email, days + 3 * (size_t)tm.tm_wday, tm.tm_mday,
		    months + 3 * (size_t)tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	b = xb_export_file(e, "orig-command");
	xb_buf_addf(b, "git archive --prefix=%s-%s/ %s | xz >%s_%s.orig.tar.xz\n", e->package, e->full,
		    xb_hex(&e->o->tip).s, e->package, e->full);
	return NULL;
}
