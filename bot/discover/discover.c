/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discover.h"

#include "search.h"
#include "repo/git.h"
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

static bool is_free(const struct xb_board *board, size_t i)
{
	static const struct xb_bundle none = {0};

	return xb_bundle_free_to_take(board, &none, i);
}

void xb_search_unit(const struct xb_search *s, size_t i, struct xb_set *to)
{
	struct xb_set unit = {0};
	size_t n = 0;

	xb_set_add(&unit, i);
	while (n != unit.n) {
		n = unit.n;
		for (size_t j = 0; j <= s->board->at; j++) {
			size_t undoes = s->board->c[j].undoes;

			if (undoes == SIZE_MAX || !is_free(s->board, j) || !is_free(s->board, undoes))
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
	return xb_bundle_close(s->board, b);
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
	struct xb_err *err =
	    xb_suspects_find(s->board, xb_board_blame(s->board), b, o->failed, o->pick, false, &of);

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
	return xb_bundle_try(s->board, b, a);
}

/* Where reasons are known, they say better who needs an item than the way it was found. */
static void attribute(const struct xb_search *s, struct xb_bundle *b)
{
	for (size_t k = 0; k < b->n; k++)
		for (size_t m = 0; m < s->found->n; m++)
			if (s->found->v[m].i == b->v[k].i)
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
	if (!s->board->options.no_meaning)
		XB_TRY(xb_search_meaning(s, b, a));
	if (!s->text.n && !s->meant.n)
		return NULL;
	XB_TRY(xb_findings_reasons(s));
	XB_TRY(xb_search_finish(s, b, a));
	attribute(s, b);
	return NULL;
}

void xb_findings_release(struct xb_findings *f)
{
	for (size_t k = 0; k < f->n; k++) {
		XB_FREE(f->v[k].path, f->v[k].name);
	}
	free(f->v);
	*f = (struct xb_findings){0};
}

bool xb_findings_have(const struct xb_findings *f, size_t i)
{
	for (size_t k = 0; k < f->n; k++)
		if (f->v[k].i == i)
			return true;
	return false;
}

/* It applies, but uses what a commit brings that was withdrawn. */
static struct xb_err *note_lack(struct xb_meaning *m, const struct xb_bundle *b, struct xb_attempt *a)
{
	size_t lacks, user;

	XB_TRY(xb_meaning_lacks(m, b, &a->tree, &lacks, &user));
	for (size_t k = 0; k < b->n && lacks != SIZE_MAX; k++)
		if (b->v[k].i == user) {
			a->failed = k;
			a->lacks = lacks;
		}
	return NULL;
}

static void warn_spent(struct xb_board *board, size_t i)
{
	xb_board_warn(
	    board,
	    xb_asprintf("the search for what %.12s uses was given up: it looks through more than %u MiB "
			"of files, which is all that a fix may take",
			xb_hex(&board->window->v[i].oid).s, (unsigned)(XB_MEANING_WORK >> 20)));
	xb_strv_add_all_new(board->incomplete, &board->c[i].advisories);
}

struct xb_err *xb_discover(struct xb_board *board, struct xb_meaning *m, size_t i, struct xb_bundle *b,
			   struct xb_attempt *a, struct xb_findings *found)
{
	struct xb_search s = {.board = board, .meaning = m, .found = found, .root = i};
	struct xb_meter meter = {0};
	struct xb_err *err;

	if (a->failed == SIZE_MAX && board->options.no_meaning)
		return NULL;
	if (a->failed != SIZE_MAX && a->pick.verdict == XB_PICK_UNDECIDABLE)
		return NULL; /* not known to conflict: nothing to search for */
	xb_meaning_begin(m);
	xb_picker_measure(board->picker, &meter);
	xb_trials_init(&s.trials, board, &meter, XB_DISCOVER_BUDGET);
	err = search(&s, b, a);
	xb_picker_measure(board->picker, NULL);
	board->work += meter.work;
	xb_hashmap_release(&meter.seen);
	if (err || a->failed != SIZE_MAX)
		xb_trials_release(&s.trials); /* else the end released them, and the trees are the result's */
	if (!err && a->failed == SIZE_MAX && !board->options.no_meaning)
		err = note_lack(m, b, a);
	if (!err && xb_meaning_spent(m))
		warn_spent(board, i);
	xb_set_release(&s.text);
	xb_set_release(&s.meant);
	xb_findings_release(&s.uses);
	return err;
}

struct xb_err *xb_discover_candidates(struct xb_board *board, size_t i, const struct xb_pick *conflict,
				      struct xb_strv *out)
{
	XB_AUTO(xb_bundle_release) struct xb_bundle alone = {0};
	XB_AUTO(xb_suspects_release) struct xb_suspects of = {0};

	xb_bundle_add(&alone, i, SIZE_MAX);
	XB_TRY(xb_suspects_find(board, xb_board_blame(board), &alone, i, conflict, true, &of));
	for (size_t k = 0; k < of.n && k < 10; k++)
		xb_strv_add_new(out, xb_hex(&board->window->v[of.v[k].i].oid).s);
	return NULL;
}
