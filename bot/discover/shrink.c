/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search.h"

#include "discover.h"
#include "util/alloc.h"

/* Sets above this size are not searched for a smaller one from below. */
#define DEEPEN_MAX 8
/* How many suspects of one conflict are looked at there. */
#define DEEPEN_WIDTH 12

static bool applies(const struct xb_outcome *o)
{
	return o->failed == SIZE_MAX;
}

static void drop_unit(const struct xb_search *s, struct xb_set *text, size_t i)
{
	struct xb_set unit = {0};

	xb_search_unit(s, i, &unit);
	for (size_t k = 0; k < unit.n; k++)
		xb_set_drop(text, unit.v[k]);
	xb_set_release(&unit);
}

/*
 * Does LESS apply, when what fails of it is left out as well? Where it does,
 * it becomes S->text. *FIRST: the member that failed first.
 */
static struct xb_err *settle(struct xb_search *s, struct xb_set *less, bool *done, size_t *first)
{
	struct xb_bundle b = {0};
	struct xb_outcome o;
	struct xb_err *err;

	*done = false;
	*first = SIZE_MAX;
	for (;;) {
		err = xb_search_try(s, less, &b, &o);
		if (*first == SIZE_MAX)
			*first = o.failed;
		if (err || applies(&o) || !o.pick || !xb_set_has(less, o.failed))
			break;
		drop_unit(s, less, o.failed);
	}
	if (!err && applies(&o)) {
		xb_set_copy(&s->text, less);
		*done = true;
	}
	xb_bundle_release(&b);
	return err;
}

static struct xb_err *drop_one(struct xb_search *s, size_t i, bool *done, size_t *first)
{
	XB_AUTO(xb_set_release) struct xb_set less = {0};

	xb_set_copy(&less, &s->text);
	drop_unit(s, &less, i);
	return settle(s, &less, done, first);
}

/* Leaves out I with what only it needs: FIRST[k] fails first without text.v[k]. */
static struct xb_err *drop_with_needs(struct xb_search *s, size_t i, const size_t *first, bool *done)
{
	XB_AUTO(xb_set_release) struct xb_set less = {0};
	bool more = true;
	size_t unused;

	xb_set_copy(&less, &s->text);
	drop_unit(s, &less, i);
	while (more) {
		more = false;
		for (size_t k = 0; k < s->text.n; k++) {
			size_t x = s->text.v[k];

			if (!xb_set_has(&less, x) || !xb_set_has(&s->text, first[k]) ||
			    xb_set_has(&less, first[k]))
				continue;
			drop_unit(s, &less, x);
			more = true;
		}
	}
	return settle(s, &less, done, &unused);
}

/* In which order removal is tried: what is no security fix first; among them the newest first. */
static size_t nth(const struct xb_search *s, size_t n)
{
	for (int tagged = 0; tagged < 2; tagged++) {
		for (size_t k = 0; k < s->text.n; k++) {
			size_t at = s->text.n - 1 - k;

			if (s->board->c[s->text.v[at]].tagged == (tagged == 1) && !n--)
				return at;
		}
	}
	return 0;
}

/* One round over the set. FIRST is right where nothing *CHANGED: who failed first without each. */
static struct xb_err *drop_singles(struct xb_search *s, size_t *first, bool *changed)
{
	for (size_t n = 0; n < s->text.n; n++) {
		size_t at = nth(s, n);
		bool done;

		XB_TRY(drop_one(s, s->text.v[at], &done, &first[at]));
		if (!done)
			continue;
		*changed = true;
		n--; /* the next one has this place now */
	}
	return NULL;
}

static struct xb_err *drop_groups(struct xb_search *s, const size_t *first, bool *changed)
{
	for (size_t n = 0; n < s->text.n && !*changed; n++)
		XB_TRY(drop_with_needs(s, s->text.v[nth(s, n)], first, changed));
	return NULL;
}

static struct xb_err *minimise(struct xb_search *s)
{
	XB_AUTOFREE size_t *first = xb_calloc(s->text.n + 1, sizeof *first);
	bool changed = true;

	while (changed) {
		changed = false;
		XB_TRY(drop_singles(s, first, &changed));
		if (!changed)
			XB_TRY(drop_groups(s, first, &changed));
	}
	return NULL;
}

/* What a set costs: all that it brings, its repairs too. */
static struct xb_err *weigh(struct xb_search *s, const struct xb_set *text, size_t *out)
{
	XB_AUTO(xb_bundle_release) struct xb_bundle b = {0};

	XB_TRY(xb_search_compose(s, text, &b));
	*out = b.n;
	return NULL;
}

static size_t count_tagged(const struct xb_search *s, const struct xb_set *text)
{
	size_t n = 0;

	for (size_t k = 0; k < text->n; k++)
		n += s->board->c[text->v[k]].tagged;
	return n;
}

/* Is A better than B: smaller, more of it security, older from its newest on? */
static struct xb_err *better(struct xb_search *s, const struct xb_set *a, const struct xb_set *b, bool *out)
{
	size_t na, nb, ta = count_tagged(s, a), tb = count_tagged(s, b);

	XB_TRY(weigh(s, a, &na));
	XB_TRY(weigh(s, b, &nb));
	*out = false;
	if (na != nb || ta != tb) {
		*out = na != nb ? na < nb : ta > tb;
		return NULL;
	}
	for (size_t k = 1; k <= a->n && k <= b->n; k++) {
		if (a->v[a->n - k] == b->v[b->n - k])
			continue;
		*out = a->v[a->n - k] < b->v[b->n - k];
		return NULL;
	}
	return NULL;
}

/* A search from below: sets of at most DEPTH commits, each of which some conflict asks for. */
struct deepen {
	struct xb_search *s;
	struct xb_set now, barred;
	bool found;
};

static struct xb_err *deepen(struct deepen *d, size_t depth);

static struct xb_err *take_best(struct deepen *d)
{
	bool wins;

	XB_TRY(better(d->s, &d->now, &d->s->text, &wins));
	if (wins)
		xb_set_copy(&d->s->text, &d->now);
	d->found = true;
	return NULL;
}

/* Goes on with each suspect in turn; those done with are barred for the rest. */
static struct xb_err *branch(struct deepen *d, const struct xb_suspects *of, size_t depth)
{
	struct xb_set barred = {0}, now = {0};
	struct xb_err *err = NULL;

	xb_set_copy(&barred, &d->barred);
	xb_set_copy(&now, &d->now);
	for (size_t k = 0, n = 0; k < of->n && n < DEEPEN_WIDTH && !err; k++) {
		if (of->v[k].rank > XB_SUSPECT_FILE || xb_set_has(&d->barred, of->v[k].i))
			continue;
		n++;
		xb_search_unit(d->s, of->v[k].i, &d->now);
		if (d->now.n - now.n <= depth)
			err = deepen(d, depth - (d->now.n - now.n));
		xb_set_copy(&d->now, &now);
		xb_set_add(&d->barred, of->v[k].i);
	}
	xb_set_copy(&d->barred, &barred);
	xb_set_release(&barred);
	xb_set_release(&now);
	return err;
}

static struct xb_err *deepen(struct deepen *d, size_t depth)
{
	struct xb_suspects of = {0};
	struct xb_bundle b = {0};
	struct xb_outcome o;
	struct xb_err *err = xb_search_try(d->s, &d->now, &b, &o);

	if (!err && applies(&o))
		err = take_best(d);
	else if (!err && o.pick && depth)
		err = xb_suspects_find(d->s->board, xb_board_blame(d->s->board), &b, o.failed, o.pick, false,
				       &of);
	if (!err && of.n)
		err = branch(d, &of, depth);
	xb_suspects_release(&of);
	xb_bundle_release(&b);
	return err;
}

/* Looks for a set that is smaller, or as small and better, with a budget of its own. */
static struct xb_err *from_below(struct xb_search *s)
{
	struct deepen d = {.s = s};
	unsigned long left = s->trials.left;
	struct xb_err *err = NULL;

	s->trials.left = XB_DISCOVER_EXTRA;
	for (size_t depth = 0;
	     depth <= s->text.n && depth <= DEEPEN_MAX && !err && !d.found && s->trials.left; depth++)
		err = deepen(&d, depth);
	s->trials.left = left;
	xb_set_release(&d.now);
	xb_set_release(&d.barred);
	return err;
}

struct xb_err *xb_shrink(struct xb_search *s, bool *spent)
{
	*spent = false;
	if (!s->text.n)
		return NULL;
	XB_TRY(minimise(s));
	*spent = !s->trials.left;
	return *spent ? NULL : from_below(s);
}
