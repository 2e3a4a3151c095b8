/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocked.h"

#include "config/text.h"
#include "maintainers.h"
#include "odb/git.h"
#include "text-blocked.h"
#include "util/alloc.h"

struct stuck_list {
	struct one {
		struct xb_stuck s;
		struct xb_pick pick; /* made again, for what was set aside */
	} * v;
	size_t n, cap;
};

static const struct xb_strv none;

/* What was set aside is picked again, on the branch as it is now: the plan keeps no conflict of it. */
static struct xb_err *add_pending(const struct xb_plan *p, const struct xb_plan_left *l,
				  struct stuck_list *out)
{
	const struct xb_hist *h = &p->window.v[l->window];
	struct one *one = XB_PUSH(out, v, n, cap);
	struct xb_err *err =
	    xb_pick(p->picker, xb_plan_tip_tree(p, p->picks.n), &h->parent_tree, &h->tree, &one->pick);

	one->s = (struct xb_stuck){.window = l->window,
				   .wanted = l->window,
				   .advisories = &l->advisories,
				   .before = &none,
				   .candidates = &none,
				   .why = l->why};
	return err;
}

static struct xb_err *find_stuck(const struct xb_plan *p, struct stuck_list *out)
{
	for (size_t i = 0; i < p->blocked.n; i++) {
		const struct xb_plan_blocked *b = &p->blocked.v[i];
		struct one *one = XB_PUSH(out, v, n, cap);

		one->s = xb_stuck_of(b);
	}
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason == XB_LEFT_PENDING && p->left_out.v[i].paths.n)
			XB_TRY(add_pending(p, &p->left_out.v[i], out));
	/* Addresses are set once the list grows no more. */
	for (size_t i = 0; i < out->n; i++)
		out->v[i].s.conflict = i < p->blocked.n ? &p->blocked.v[i].conflict : &out->v[i].pick;
	return NULL;
}

static void stuck_release(struct stuck_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		xb_pick_release(&l->v[i].pick);
	free(l->v);
}

/* The commit and where it conflicts, in which way; not which lines: these may move while nothing changes. */
static char *stuck_state(const struct xb_plan *p, const struct xb_stuck *s)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_addf(&b, "%s %d\n", xb_hex(&p->window.v[s->window].oid).s, s->held);
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_buf_addf(&b, "%d %s\n", (int)s->conflict->v[i].kind, s->conflict->v[i].path);
	return xb_tell_hash(b.p);
}

static struct xb_err *add_people(const struct xb_teller *w, const struct xb_stuck *s, struct xb_notice *n)
{
	const struct xb_plan *p = w->facts->plan;
	struct xb_strv paths = {0};
	struct xb_err *err;

	if (!w->c->mail.maintainers)
		return NULL;
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_strv_add_new(&paths, s->conflict->v[i].path);
	err = xb_maintainers_find(p->store, &p->window.v[p->window.n - 1].tree, &paths,
				  &w->c->mail.maintainer_domains, &n->people);
	xb_strv_release(&paths);
	return err;
}

static struct xb_err *tell_stuck(struct xb_teller *w, const struct xb_stuck *s)
{
	XB_AUTOFREE char *what = xb_text_what(w->facts->plan, s->advisories, s->wanted);
	XB_AUTOFREE char *key = xb_asprintf("blocked %s", what),
			 *fingerprint = stuck_state(w->facts->plan, s);
	XB_AUTOFREE char *state = NULL;
	struct xb_fields f = {0};
	struct xb_notice *n = NULL;
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder, again = xb_strv_has(&w->held, key);

	/* Of several commits of one advisory, the first stands for all. */
	m = again ? NULL : xb_tell_worth(w, key, fingerprint, NULL, &reminder);
	if (!m)
		return NULL;
	xb_text_set(&m->what, what);
	xb_text_target(&w->t, &f);
	if (reminder)
		xb_tell_since(&f, m);
	err = xb_text_stuck(&w->t, s, &f);
	free(m->summary);
	m->summary = xb_text_summary(s->conflict);
	state = xb_tell_state(m);
	if (!err)
		err = xb_tell(
		    w, &(struct xb_telling){"blocked", s->held ? "HELD" : "SKIPPED", key, state, m, false},
		    &f, &n);
	if (!err)
		err = add_people(w, s, n);
	xb_fields_release(&f);
	return err;
}

struct xb_err *xb_tell_blocked(struct xb_teller *w)
{
	struct stuck_list l = {0};
	struct xb_err *err = find_stuck(w->facts->plan, &l);

	for (size_t i = 0; i < l.n && !err; i++)
		err = tell_stuck(w, &l.v[i].s);
	stuck_release(&l);
	return err;
}
