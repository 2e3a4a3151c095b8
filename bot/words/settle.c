/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settle.h"

#include "classify/annotate.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

enum { TYPED_MAX = 12, EXCLUDED_MAX = 5, WORD_MAX = 60 };

struct xb_stuck xb_stuck_of(const struct xb_plan_blocked *b)
{
	return (struct xb_stuck){.window = b->window,
				 .wanted = b->wanted,
				 .advisories = &b->advisories,
				 .before = &b->before,
				 .candidates = &b->candidates,
				 .conflict = &b->conflict,
				 .why = b->why,
				 .held = true};
}

bool xb_is_word(const char *s)
{
	return *s && *s != '-' && strlen(s) <= WORD_MAX &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")];
}

const struct xb_plan_left *xb_stuck_excluded(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->left_out.n; i++)
		if ((p->left_out.v[i].reason == XB_LEFT_EXCLUDED ||
		     p->left_out.v[i].reason == XB_LEFT_WITHDRAWN) &&
		    !strcmp(xb_hex(&p->window.v[p->left_out.v[i].window].oid).s, id))
			return &p->left_out.v[i];
	return NULL;
}

const char *xb_stuck_candidate(const struct xb_plan *p, const struct xb_stuck *s)
{
	for (size_t i = 0; i < s->candidates->n; i++)
		if (!xb_stuck_excluded(p, s->candidates->v[i]))
			return s->candidates->v[i];
	return NULL;
}

/* ---- seeing it ---- */

static bool is_merge(const struct xb_plan *p, const git_oid *commit)
{
	for (size_t i = 0; i < p->window.n; i++)
		if (git_oid_equal(&p->window.v[i].oid, commit))
			return p->window.v[i].n_parents > 1;
	return false; /* what stands for another commit has one parent */
}

static void add_pick(const struct xb_plan *p, const git_oid *commit, struct xb_advice_pick *v, size_t *n)
{
	v[(*n)++] = (struct xb_advice_pick){*commit, is_merge(p, commit)};
}

char *xb_stuck_reproduce(const struct xb_reproduce *r, const char *between)
{
	const struct xb_plan *p = r->plan;
	const struct xb_strv *before = r->stuck->before;
	bool typed = p->picks.n - r->from + before->n <= TYPED_MAX;
	struct xb_advice_pick *v = xb_calloc(p->picks.n + before->n + 1, sizeof *v);
	struct xb_buf b = XB_BUF_INIT;
	git_oid oid;
	size_t n = 0;

	for (size_t i = r->from; typed && i < p->picks.n; i++)
		add_pick(p, &p->picks.v[i].commit, v, &n);
	for (size_t i = 0; i < before->n; i++)
		if (!git_oid_fromstr(&oid, before->v[i]))
			add_pick(p, &oid, v, &n);
	add_pick(p, &p->window.v[r->stuck->window].oid, v, &n);
	if (typed)
		xb_buf_addf(&b, "git checkout --detach %.*s", XB_SHORT, xb_hex(&r->start).s);
	else
		xb_buf_addf(&b, "git checkout --detach $(%s)", r->build);
	xb_advice_cherry_pick(v, n, between, &b);
	free(v);
	return xb_buf_detach(&b);
}

/* ---- settling it ---- */

static void add(struct xb_way *w, char *command)
{
	xb_strv_add(&w->commands, command);
	free(command);
}

static void need_it(const struct xb_config *c, const struct xb_plan *p, const struct xb_stuck *s,
		    const git_oid *candidate, struct xb_way *out)
{
	const char *whom = s->advisories->n ? s->advisories->v[0] : "";
	XB_AUTOFREE char *id = xb_memdup0(xb_hex(&p->window.v[s->window].oid).s, XB_SHORT);

	out->when = "it needs an earlier commit";
	add(out, xb_advice_note(c, "Prerequisite-of", xb_is_word(whom) ? whom : id, candidate));
}

static void take_it_back(const struct xb_config *c, const struct xb_plan *p, const struct xb_stuck *s,
			 struct xb_way *out)
{
	git_oid oid;

	out->when = "what it needs was excluded by mistake";
	for (size_t i = 0; i < s->candidates->n && i < EXCLUDED_MAX; i++) {
		const struct xb_plan_left *l = xb_stuck_excluded(p, s->candidates->v[i]);

		if (l && l->by == XB_BY_NOTE && !git_oid_fromstr(&oid, s->candidates->v[i]))
			add(out, xb_advice_edit_note(c, &oid));
	}
}

void xb_stuck_ways(const struct xb_config *c, const struct xb_plan *p, const struct xb_stuck *s,
		   struct xb_ways *out)
{
	const git_oid *commit = &p->window.v[s->window].oid;
	const char *candidate = xb_stuck_candidate(p, s);
	struct xb_way *w;
	git_oid oid;

	*out = (struct xb_ways){.n = 0};
	if (!xb_advice_has_notes(c))
		return;
	if (candidate && !git_oid_fromstr(&oid, candidate))
		need_it(c, p, s, &oid, &out->v[0]);
	else
		take_it_back(c, p, s, &out->v[0]);
	out->n = out->v[0].commands.n > 0;
	w = &out->v[out->n++];
	w->when = "a backport stands for it, once the conflict is solved and committed there";
	add(w, xb_advice_push_fixup(p->target->name, commit));
	add(w, xb_advice_replace(c, commit));
	w = &out->v[out->n++];
	w->when = "it is not for this line";
	add(w, xb_advice_note(c, "Exclude", "REASON", commit));
}

void xb_ways_release(struct xb_ways *w)
{
	for (size_t i = 0; i < w->n; i++)
		xb_strv_release(&w->v[i].commands);
	*w = (struct xb_ways){.n = 0};
}
