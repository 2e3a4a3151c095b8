/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "picks.h"
#include "util/alloc.h"

#include <fnmatch.h>
#include <string.h>

bool xb_config_is_bookkeeping(const struct xb_config *c, const char *path)
{
	for (size_t i = 0; i < c->bookkeeping.n; i++)
		if (!fnmatch(c->bookkeeping.v[i], path, FNM_PATHNAME))
			return true;
	return false;
}

/* No blanks beside "=": a line that was as long as it may be must not grow, as this is read again. */

static void dump_all(struct xb_buf *out, const char *key, const struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		xb_buf_addf(out, "%s=%s\n", key, v->v[i]);
	if (!v->n)
		xb_buf_addf(out, "%s=\n", key);
}

/* The built-in patterns are not spelled out: they belong to the version, and are too long for a line. */
static void dump_patterns(struct xb_buf *out, const char *key, const struct xb_strv *v,
			  const char *const *built_in)
{
	size_t n = 0;

	while (n < v->n && built_in[n] && !strcmp(v->v[n], built_in[n]))
		n++;
	if (n < v->n || built_in[n])
		dump_all(out, key, v);
}

static const char *yes_no(bool x)
{
	return x ? "yes" : "no";
}

static void dump_picks(const struct xb_config *c, struct xb_buf *out)
{
	XB_AUTOFREE struct xb_pick_conf *v = xb_config_picks_sorted(c);

	if (c->picks.n)
		xb_buf_adds(out, "[picks]\n");
	for (size_t i = 0; i < c->picks.n; i++)
		xb_buf_addf(out, "%s=%s:%s\n", v[i].commit, v[i].word, v[i].value);
}

/* All of [rules] but the version. */
static void dump_rules(const struct xb_config *c, struct xb_buf *out)
{
	dump_patterns(out, "security", &c->security, xb_xen_security);
	dump_patterns(out, "not-security", &c->not_security, xb_xen_not_security);
	xb_buf_addf(out, "advisory=%s\n", c->advisory);
	dump_all(out, "alias", &c->alias);
	if (c->bookkeeping.n)
		dump_all(out, "bookkeeping", &c->bookkeeping);
	xb_buf_addf(out, "follow-ups=%s\ntrailers=%s\nnotes=%s\n", yes_no(c->follow_ups), yes_no(c->trailers),
		    c->notes);
}

void xb_config_dump(const struct xb_config *c, const char *line, unsigned version, struct xb_buf *out)
{
	xb_buf_addf(out, "[rules]\nversion=%u\n", version);
	dump_rules(c, out);
	xb_buf_addf(out, "[policy]\non-block=%s\n",
		    xb_config_line(c, line)->on_block == XB_SKIP ? "skip" : "hold");
	xb_buf_addf(out, "[committer]\nname=%s\nemail=%s\n", c->committer_name, c->committer_email);
	dump_picks(c, out);
}

/* ---- for all who have a copy ---- */

static void dump_selection(const struct xb_config *c, struct xb_buf *out)
{
	if (c->lines_from)
		xb_buf_addf(out, "lines=%s-\n", c->lines_from);
	else if (c->all_lines)
		xb_buf_adds(out, "lines=*\n");
	else
		dump_all(out, "lines", &c->lines);
}

static void dump_refs(const struct xb_line_conf *l, struct xb_buf *out)
{
	xb_buf_addf(out, "staging=%s\nrelease=%s\nderived=%s\nderived-release=%s\nchain=%s\n", l->staging,
		    l->release, l->derived, l->derived_release, *l->chain ? l->chain : "none");
	if (l->releases)
		xb_buf_addf(out, "releases=%u\n", l->releases);
	else
		xb_buf_adds(out, "releases=all\n");
}

static void dump_policy(const struct xb_line_conf *l, struct xb_buf *out)
{
	xb_buf_addf(out, "on-block=%s\nhistory=%s\n", l->on_block == XB_SKIP ? "skip" : "hold",
		    l->history == XB_REWRITE ? "rewrite" : "stitch");
}

void xb_config_dump_public(const struct xb_config *c, struct xb_buf *out)
{
	xb_buf_adds(out, "[lines]\n");
	dump_selection(c, out);
	dump_refs(&c->line_default, out);
	xb_buf_adds(out, "[rules]\n");
	if (c->rules_version)
		xb_buf_addf(out, "version=%u\n", c->rules_version);
	dump_rules(c, out);
	xb_buf_adds(out, "[policy]\n");
	dump_policy(&c->line_default, out);
	xb_buf_addf(out, "[committer]\nname=%s\nemail=%s\n", c->committer_name, c->committer_email);
	dump_picks(c, out);
	for (size_t i = 0; i < c->overrides.n; i++) {
		xb_buf_addf(out, "[line %s]\n", c->overrides.v[i].name);
		dump_refs(&c->overrides.v[i].conf, out);
		dump_policy(&c->overrides.v[i].conf, out);
	}
}
