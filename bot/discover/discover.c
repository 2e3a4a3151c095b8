/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discover.h"

#include "meaning.h"
#include "odb/git.h"
#include "search.h"
#include "util/alloc.h"

bool xb_set_has(const struct xb_set *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->v[k] == i)
			return true;
	return false;
}

void xb_set_add(struct xb_set *s, size_t i)
{
	size_t k = s->n;

	if (xb_set_has(s, i))
		return;
	xb_grow((void *)&s->v, &s->cap, s->n + 1, sizeof *s->v);
	for (; k && s->v[k - 1] > i; k--)
		s->v[k] = s->v[k - 1];
	s->v[k] = i;
	s->n++;
}

void xb_set_drop(struct xb_set *s, size_t i)
{
	size_t to = 0;

	for (size_t k = 0; k < s->n; k++)
		if (s->v[k] != i)
			s->v[to++] = s->v[k];
	s->n = to;
}

void xb_set_copy(struct xb_set *to, const struct xb_set *from)
{
	xb_grow((void *)&to->v, &to->cap, from->n, sizeof *to->v);
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof *to->v);
	to->n = from->n;
}

void xb_set_release(struct xb_set *s)
{
	free(s->v);
	*s = (struct xb_set){0};
}

static bool is_free(const struct xb_planner *p, size_t i)
{
	static const struct xb_bundle none = {0};

	return xb_bundle_free_to_take(p, &none, i);
}

void xb_search_unit(const struct xb_search *s, size_t i, struct xb_set *to)
{
	struct xb_set unit = {0};
	size_t n = 0;

	xb_set_add(&unit, i);
	while (n != unit.n) {
		n = unit.n;
		for (size_t j = 0; j <= s->p->at; j++) {
			size_t undoes = s->p->c[j].undoes;

			if (undoes == SIZE_MAX || !is_free(s->p, j) || !is_free(s->p, undoes))
				continue;
			if (xb_set_has(&unit, j) != xb_set_has(&unit, undoes)) {
				xb_set_add(&unit, j);
				xb_set_add(&unit, undoes);
			}
		}
	}
	for (size_t k = 0; k < unit.n; k++)
		if (unit.v[k] != s->root)
			xb_set_add(to, unit.v[k]);
	xb_set_release(&unit);
}

struct xb_err *xb_search_compose(struct xb_search *s, const struct xb_set *text, struct xb_bundle *b)
{
	b->n = 0;
	xb_bundle_add(b, s->root, SIZE_MAX);
	for (size_t k = 0; k < s->meant.n; k++)
		xb_bundle_add(b, s->meant.v[k], s->root);
	for (size_t k = 0; k < text->n; k++)
		if (!xb_bundle_has(b, text->v[k]))
			xb_bundle_add(b, text->v[k], s->root);
	return xb_bundle_close(s->p, b);
}

struct xb_err *xb_search_try(struct xb_search *s, const struct xb_set *text, struct xb_bundle *b,
			     struct xb_outcome *out)
{
	*out = (struct xb_outcome){.failed = 0};
	XB_TRY(xb_search_compose(s, text, b));
	return xb_trials_run(&s->trials, b, out);
}

/* Adds the strongest suspects that are not BARRED. *RANK begins the search; *ANY: there were some. */
static void add_suspects(struct xb_search *s, const struct xb_suspects *of, const struct xb_set *barred,
			 enum xb_suspicion up_to, bool *any)
{
	enum xb_suspicion rank = up_to;

	*any = false;
	for (size_t k = 0; k < of->n && of->v[k].rank <= rank; k++) {
		if (xb_set_has(barred, of->v[k].i))
			continue;
		rank = of->v[k].rank;
		xb_search_unit(s, of->v[k].i, &s->text);
		*any = true;
	}
}

/* One step of grow(): *STUCK when nothing is left that could help. */
static struct xb_err *grow_once(struct xb_search *s, const struct xb_bundle *b, const struct xb_outcome *o,
				struct xb_set *barred, bool *stuck)
{
	bool found = xb_set_has(&s->text, o->failed), any;
	struct xb_suspects of = {0};
	struct xb_err *err = xb_suspects_find(s->p, s->d->blame, b, o->failed, o->pick, false, &of);

	if (err)
		return err;
	/* A mere suspect is not worth half the window. */
	add_suspects(s, &of, barred, found ? XB_SUSPECT_FILE : XB_SUSPECT_ALL, &any);
	xb_suspects_release(&of);
	if (any)
		return NULL;
	*stuck = !found;
	if (found) {
		struct xb_set unit = {0};

		xb_search_unit(s, o->failed, &unit);
		for (size_t k = 0; k < unit.n; k++) {
			xb_set_add(barred, unit.v[k]);
			xb_set_drop(&s->text, unit.v[k]);
		}
		xb_set_release(&unit);
	}
	return NULL;
}

/* Adds suspects, and theirs, until all applies; a suspect that can't be made to apply is barred. */
static struct xb_err *grow(struct xb_search *s, bool *done)
{
	struct xb_set barred = {0};
	struct xb_bundle b = {0};
	struct xb_outcome o;
	struct xb_err *err;
	bool stuck = false;

	do {
		err = xb_search_try(s, &s->text, &b, &o);
		*done = !err && o.failed == SIZE_MAX;
		if (!err && !*done && o.pick)
			err = grow_once(s, &b, &o, &barred, &stuck);
	} while (!err && !*done && !stuck && o.pick);
	xb_set_release(&barred);
	xb_bundle_release(&b);
	return err;
}

struct xb_err *xb_search_text(struct xb_search *s, bool *done, bool *spent)
{
	s->trials.left = XB_DISCOVER_BUDGET;
	XB_TRY(grow(s, done));
	*spent = !s->trials.left;
	if (!*done || *spent) {
		*done = false;
		return NULL;
	}
	XB_TRY(xb_shrink(s, spent));
	*done = !*spent;
	return NULL;
}

struct xb_err *xb_search_finish(struct xb_search *s, struct xb_bundle *b, struct xb_attempt *a)
{
	XB_TRY(xb_search_compose(s, &s->text, b));
	xb_trials_release(&s->trials);
	xb_pick_release(&a->pick);
	return xb_bundle_try(s->p, b, a);
}

/* Where reasons are known, they say better who needs an item than the way it was found. */
static void attribute(const struct xb_search *s, struct xb_bundle *b)
{
	for (size_t k = 0; k < b->n; k++)
		for (size_t m = 0; m < s->d->reasons.n; m++)
			if (s->d->reasons.v[m].i == b->v[k].i)
				b->v[k].needed_by = SIZE_MAX;
}

static struct xb_err *search(struct xb_search *s, struct xb_bundle *b, struct xb_attempt *a)
{
	bool done;

	if (a->failed != SIZE_MAX) {
		XB_TRY(xb_search_text(s, &done, &a->spent));
		if (!done)
			return NULL;
		XB_TRY(xb_search_finish(s, b, a));
	}
	if (!s->p->in->options.no_meaning)
		XB_TRY(xb_search_meaning(s, b, a));
	if (!s->text.n && !s->meant.n)
		return NULL;
	XB_TRY(xb_reasons_find(s));
	XB_TRY(xb_search_finish(s, b, a));
	attribute(s, b);
	return NULL;
}

struct xb_blame *xb_discover_blame(struct xb_planner *p)
{
	if (!p->discovery) {
		p->discovery = xb_calloc(1, sizeof *p->discovery);
		p->discovery->blame = xb_blame_new(p->plan->picker, &p->plan->window);
	}
	return p->discovery->blame;
}

struct xb_err *xb_discover_shared_path(struct xb_planner *p, size_t i, size_t j, const char **out)
{
	const struct xb_touches *a, *b;

	*out = NULL;
	XB_TRY(xb_blame_touches(xb_discover_blame(p), i, &a));
	XB_TRY(xb_blame_touches(xb_discover_blame(p), j, &b));
	for (size_t x = 0, y = 0; x < a->n && y < b->n && !*out;) {
		int order = strcmp(a->v[x].path, b->v[y].path);

		if (!order && !xb_config_is_bookkeeping(p->in->config, a->v[x].path))
			*out = a->v[x].path;
		x += order <= 0;
		y += order >= 0;
	}
	return NULL;
}

struct xb_definitions *xb_discover_definitions(struct xb_planner *p)
{
	xb_discover_blame(p);
	if (!p->discovery->definitions)
		p->discovery->definitions = xb_definitions_new(p->plan->store);
	return p->discovery->definitions;
}

static struct xb_discovery *prepare(struct xb_planner *p, size_t root)
{
	struct xb_discovery *d;

	xb_discover_blame(p);
	d = p->discovery;
	xb_reasons_release(&d->reasons);
	d->root = root;
	return d;
}

void xb_discovery_free(struct xb_discovery *d)
{
	if (!d)
		return;
	xb_blame_free(d->blame);
	xb_definitions_free(d->definitions);
	xb_reasons_release(&d->reasons);
	free(d);
}

/* It applies, but uses what a commit brings that was withdrawn. */
static struct xb_err *note_lack(struct xb_planner *p, const struct xb_bundle *b, struct xb_attempt *a)
{
	size_t lacks, user;

	XB_TRY(xb_meaning_lacks(p, b, &a->tree, &lacks, &user));
	for (size_t k = 0; k < b->n && lacks != SIZE_MAX; k++)
		if (b->v[k].i == user) {
			a->failed = k;
			a->lacks = lacks;
		}
	return NULL;
}

struct xb_err *xb_discover(struct xb_planner *p, size_t i, struct xb_bundle *b, struct xb_attempt *a)
{
	struct xb_search s = {.p = p, .d = prepare(p, i), .root = i};
	struct xb_meter meter = {0};
	struct xb_err *err;

	if (a->failed == SIZE_MAX && p->in->options.no_meaning)
		return NULL;
	if (a->failed != SIZE_MAX && a->pick.verdict == XB_PICK_UNDECIDABLE)
		return NULL; /* not known to conflict: nothing to search for */
	xb_picker_measure(p->plan->picker, &meter);
	xb_trials_init(&s.trials, p, &meter, XB_DISCOVER_BUDGET);
	err = search(&s, b, a);
	xb_picker_measure(p->plan->picker, NULL);
	p->work += meter.work;
	xb_hashmap_release(&meter.seen);
	if (err || a->failed != SIZE_MAX)
		xb_trials_release(&s.trials); /* else the end released them, and the trees are the result's */
	if (!err && a->failed == SIZE_MAX && !p->in->options.no_meaning)
		err = note_lack(p, b, a);
	xb_set_release(&s.text);
	xb_set_release(&s.meant);
	xb_reasons_release(&s.uses);
	return err;
}

/* For what advisories a commit is picked. */
static void add_advisories(const struct xb_planner *p, size_t i, struct xb_strv *out)
{
	const struct xb_candidate *c = &p->c[i];

	for (size_t k = 0; k < c->advisories.n; k++)
		xb_strv_add_new(out, c->advisories.v[k]);
	for (size_t k = 0; k < c->repairs.n && !c->tagged; k++) {
		const struct xb_repairs *r = &c->repairs.v[k];
		const struct xb_strv *of =
		    r->window != SIZE_MAX ? &p->c[r->window].advisories : &r->advisories;

		for (size_t m = 0; m < of->n; m++)
			xb_strv_add_new(out, of->v[m]);
	}
}

static char *why_meaning(const char *need, const struct xb_reason *r)
{
	switch (r->how) {
	case XB_MEANS_ENDS_USE:
		return xb_asprintf("%.12s removes %s from %s near line %zu, and it ends a use of that", need,
				   r->name, r->path, r->line);
	case XB_MEANS_READS:
		return xb_asprintf("%.12s adds what it makes %s read to %s, near line %zu", need, r->name,
				   r->path, r->line);
	case XB_MEANS_SERIES:
		return *r->path
			   ? xb_asprintf(
				 "it was put on the branch together with %.12s, and changes %s as well", need,
				 r->path)
			   : xb_asprintf("it was put on the branch together with %.12s, by the same author",
					 need);
	case XB_MEANS_CHANGES:
		return xb_asprintf("%.12s newly uses %s in %s near line %zu, and it changes what that means",
				   need, r->name, r->path, r->line);
	case XB_MEANS_MIXED:
		return xb_asprintf(
		    "without it %s in %s would be as the stable branch never had it, with %.12s", r->name,
		    r->path, need);
	case XB_MEANS_BRINGS:
		break;
	}
	return xb_asprintf("%.12s uses %s in %s near line %zu, which it brings", need, r->name, r->path,
			   r->line);
}

static void explain_reason(struct xb_planner *p, const struct xb_reason *r, struct xb_plan_pick *out)
{
	char need[GIT_OID_HEXSZ + 1];
	struct xb_evidence *e = XB_PUSH(&out->evidence, v, n, cap);

	git_oid_tostr(need, sizeof need, &p->plan->window.v[r->need].oid);
	xb_strv_add_new(&out->needed_by, need);
	xb_strv_add_new(&out->trailer_for, need);
	*e = (struct xb_evidence){.kind = r->kind, .need = xb_strdup(need), .line = r->line};
	e->path = r->path && *r->path ? xb_strdup(r->path) : NULL;
	e->name = r->name && *r->name ? xb_strdup(r->name) : NULL;
	if (out->why)
		return;
	if (r->kind != XB_EV_TEXT)
		out->why = why_meaning(need, r);
	else if (r->line)
		out->why =
		    xb_asprintf("without it %.12s conflicts in %s near line %zu", need, r->path, r->line);
	else
		out->why = xb_asprintf("without it %.12s conflicts in %s", need, r->path ? r->path : "?");
}

bool xb_discover_needs(const struct xb_planner *p, size_t i)
{
	const struct xb_discovery *d = p->discovery;

	for (size_t k = 0; d && k < d->reasons.n; k++)
		if (d->reasons.v[k].i == i)
			return true;
	return false;
}

struct xb_err *xb_discover_explain(struct xb_planner *p, const struct xb_bundle_item *item,
				   struct xb_plan_pick *out)
{
	const struct xb_discovery *d = p->discovery;

	for (size_t k = 0; d && k < d->reasons.n; k++) {
		if (d->reasons.v[k].i != item->i)
			continue;
		explain_reason(p, &d->reasons.v[k], out);
		add_advisories(p, d->root, &out->advisories);
	}
	if (!out->why && item->needed_by != SIZE_MAX)
		out->why = xb_asprintf("comes with what %.12s needs",
				       xb_hex(&p->plan->window.v[item->needed_by].oid).s);
	if (!out->why)
		out->why = xb_strdup("needed");
	return NULL;
}

char *xb_discover_spent(const struct xb_planner *p, char *why)
{
	XB_AUTOFREE char *old = why;

	if (p->work >= XB_DISCOVER_WORK)
		return xb_asprintf(
		    "%s; the search for what it needs was given up: it takes more than %u MiB of "
		    "merges, which is all that a line may take",
		    old, (unsigned)(XB_DISCOVER_WORK >> 20));
	return xb_asprintf("%s; the search for what it needs was given up after %d trial picks", old,
			   XB_DISCOVER_BUDGET);
}

struct xb_err *xb_discover_candidates(struct xb_planner *p, struct xb_plan_blocked *blocked)
{
	struct xb_bundle alone = {0};
	struct xb_suspects of = {0};
	struct xb_err *err;

	prepare(p, blocked->wanted);
	xb_bundle_add(&alone, blocked->window, SIZE_MAX);
	err =
	    xb_suspects_find(p, p->discovery->blame, &alone, blocked->window, &blocked->conflict, true, &of);
	for (size_t k = 0; k < of.n && k < 10 && !err; k++)
		xb_strv_add_new(&blocked->candidates, xb_hex(&p->plan->window.v[of.v[k].i].oid).s);
	xb_suspects_release(&of);
	xb_bundle_release(&alone);
	return err;
}
