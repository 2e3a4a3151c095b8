/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "lines/releases.h"
#include "os/log.h"
#include "refs/refpat.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

void xb_report_release(struct xb_report *r)
{
	for (size_t i = 0; i < r->windows.n; i++) {
		XB_FREE(r->windows.v[i].line, r->windows.v[i].from, r->windows.v[i].to);
	}
	for (size_t i = 0; i < r->fixes.n; i++) {
		XB_FREE(r->fixes.v[i].id, r->fixes.v[i].line);
	}
	XB_FREE(r->windows.v, r->fixes.v);
	*r = (struct xb_report){0};
}

double xb_report_share(size_t part, size_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

/* ---- one plan ---- */

static void add_fix(const struct xb_plan *p, const char *id, const char *line, struct xb_report *out,
		    struct xb_report_count *c)
{
	struct xb_report_fix f = {0};

	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		if (!xb_strv_has(&k->advisories, id))
			continue;
		if (k->role == XB_ROLE_SECURITY && !f.commits++)
			f.time = p->window.v[k->window].time;
		f.needs += k->role != XB_ROLE_SECURITY;
	}
	if (!f.commits)
		return;
	c->alone += !f.needs;
	f.id = xb_strdup(id);
	f.line = xb_strdup(line);
	*XB_PUSH(&out->fixes, v, n, cap) = f;
}

static void count_plan(const struct xb_plan *p, const char *line, struct xb_report *out,
		       struct xb_report_count *c)
{
	*c = (struct xb_report_count){.windows = 1, .commits = p->window.n, .picks = p->picks.n};
	for (size_t i = 0; i < p->picks.n; i++) {
		c->security += p->picks.v[i].role == XB_ROLE_SECURITY;
		c->prerequisites += p->picks.v[i].role == XB_ROLE_PREREQUISITE;
		c->follow_ups += p->picks.v[i].role == XB_ROLE_FOLLOW_UP;
	}
	c->advisories = p->advisories.n;
	c->blocked = p->blocked.n;
	c->minority = 2 * c->security < c->commits;
	c->bearable = c->prerequisites <= XB_REPORT_BEARABLE;
	c->definitions = p->residue.touched;
	c->mixtures = p->residue.n;
	for (size_t i = 0; i < p->advisories.n; i++)
		add_fix(p, p->advisories.v[i].id, line, out, c);
}

void xb_report_count_add(struct xb_report_count *to, const struct xb_report_count *c)
{
	to->windows += c->windows;
	to->commits += c->commits;
	to->security += c->security;
	to->advisories += c->advisories;
	to->alone += c->alone;
	to->prerequisites += c->prerequisites;
	to->follow_ups += c->follow_ups;
	to->picks += c->picks;
	to->blocked += c->blocked;
	to->minority += c->minority;
	to->bearable += c->bearable;
	to->definitions += c->definitions;
	to->mixtures += c->mixtures;
}

/* ---- windows ---- */

static const char *short_name(const char *ref)
{
	return strncmp(ref, "refs/tags/", 10) ? ref : ref + 10;
}

static struct xb_err *add_window(const struct xb_report_inputs *in, const struct xb_target *line,
				 const struct xb_release *from, const git_oid *to, const char *tip,
				 struct xb_report *out)
{
	struct xb_target t = *line;
	struct xb_plan_inputs pi = {
	    .repo = in->repo, .config = in->config, .rules = in->rules, .target = &t, .options = in->options};
	XB_AUTOFREE char *tag = xb_strdup(short_name(from->ref));
	struct xb_report_window *w;
	struct xb_plan *p = NULL;
	bool before = false;
	struct xb_err *err;

	XB_TRY(xb_is_ancestor(in->repo, &from->commit, to, &before));
	if (!before || git_oid_equal(&from->commit, to))
		return NULL;
	t.base = from->commit;
	t.base_tag = tag;
	t.tip = *to;
	t.window = true;
	err = xb_plan_make(&pi, &p);
	if (err)
		return xb_err_wrap(err, "%s..%s", tag, tip);
	w = XB_PUSH(&out->windows, v, n, cap);
	w->line = xb_strdup(t.line);
	w->from = XB_STEAL(tag);
	w->to = xb_strdup(tip);
	w->time = p->window.n ? p->window.v[p->window.n - 1].time : 0;
	count_plan(p, t.line, out, &w->count);
	xb_report_count_add(&out->sum, &w->count);
	if (in->each)
		in->each(in->data, w);
	xb_plan_free(p);
	return NULL;
}

static struct xb_err *add_line(const struct xb_report_inputs *in, const struct xb_target *t,
			       struct xb_report *out)
{
	struct xb_refnames refs = {.repo = in->repo};
	XB_AUTORELEASES struct xb_releases all = {0};
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	XB_TRY(xb_refpat_compile(t->conf->release, 0, XB_REFPAT_LINE | XB_REFPAT_N, &pat));
	XB_TRY(xb_releases_find(&refs, pat, t->line, &all));
	for (size_t i = 0; i + 1 < all.n; i++)
		if (!all.v[i].trouble && !all.v[i + 1].trouble)
			xb_log_err(XB_WARN, "",
				   add_window(in, t, &all.v[i], &all.v[i + 1].commit,
					      short_name(all.v[i + 1].ref), out));
	if (all.n && !all.v[all.n - 1].trouble && t->tip_ref)
		xb_log_err(XB_WARN, "", add_window(in, t, &all.v[all.n - 1], &t->tip, t->tip_ref, out));
	return NULL;
}

struct xb_err *xb_report_make(const struct xb_report_inputs *in, struct xb_report *out)
{
	const struct xb_targets *t = in->targets;

	*out = (struct xb_report){0};
	for (size_t i = 0; i < t->n; i++)
		if (!i || strcmp(t->v[i].line, t->v[i - 1].line) != 0)
			XB_TRY(add_line(in, &t->v[i], out));
	return NULL;
}
