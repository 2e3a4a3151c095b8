/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "series.h"

#include "util/alloc.h"

/* Seconds between two commits that one command made, and how many such neighbours one series has. */
#define GAP 5
#define MOST 40
/* What stands between two commits for one advisory may have been put there by hand. */
#define BY_HAND 3600

static int64_t apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * The first of the run of neighbours that ends with commit I; I itself where
 * there is none, or where the dates say nothing: a run is longer than a series,
 * or has no beginning, as it goes on into the base.
 */
static size_t begin_of_run(const struct xb_board *board, size_t i)
{
	const struct xb_window *w = board->window;
	size_t j = i;

	while (j && w->v[j - 1].n_parents <= 1 && apart(w->v[j - 1].time, w->v[j].time) <= GAP &&
	       i - j <= MOST)
		j--;
	if (i - j > MOST || w->v[i].n_parents > 1 || (!j && apart(board->base_time, w->v[0].time) <= GAP))
		return i;
	return j;
}

static bool same_author(const struct xb_window *w, size_t i, size_t j)
{
	return w->v[i].author == w->v[j].author;
}

static bool share_an_advisory(const struct xb_board *board, size_t i, size_t j)
{
	for (size_t k = 0; k < board->c[i].advisories.n; k++)
		if (xb_strv_has(&board->c[j].advisories, board->c[i].advisories.v[k]))
			return true;
	return false;
}

/* The last commit before fix I for an advisory of it, not long before; I where there is none. */
static size_t part_before(const struct xb_board *board, size_t i)
{
	const struct xb_window *w = board->window;

	for (size_t j = i; j-- > 0 && i - j <= MOST && apart(w->v[i].time, w->v[j].time) <= BY_HAND;)
		if (board->c[j].tagged && share_an_advisory(board, i, j))
			return j;
	return i;
}

/* The number N of a subject that ends with "(#N)", as forges write it; 0: none. */
static unsigned long request_of(const struct xb_hist *h)
{
	const char *p = strrchr(h->msg.subject, '(');
	char *end;
	unsigned long n = p && p[1] == '#' ? strtoul(p + 2, &end, 10) : 0;

	return n && !strcmp(end, ")") ? n : 0;
}

/* Where a forge says which pull request a commit came by, a series is one of these. */
static bool may_be_one_series(const struct xb_window *w, size_t i, size_t j)
{
	return request_of(&w->v[i]) == request_of(&w->v[j]);
}

static bool may_take(const struct xb_board *board, const struct xb_bundle *b, size_t j)
{
	return board->window->v[j].n_parents <= 1 && xb_bundle_free_to_take(board, b, j);
}

static void add(struct xb_meaning_hits *out, size_t provider, size_t fix, const char *path)
{
	struct xb_meaning_hit *h = XB_PUSH(out, v, n, cap);

	*h = (struct xb_meaning_hit){.provider = provider, .needed_by = fix, .how = XB_MEANS_SERIES};
	h->path = xb_strdup(path ? path : "");
	h->name = xb_strdup("");
}

/* What the fix I lacks: parts of its run, and what its author put between it and its last part. */
static struct xb_err *parts_of(struct xb_board *board, const struct xb_bundle *b, size_t i,
			       struct xb_meaning_hits *out)
{
	const struct xb_window *w = board->window;
	size_t run = begin_of_run(board, i), hand = part_before(board, i);

	for (size_t j = run < hand ? run : hand; j < i; j++) {
		const char *path;

		if (!may_take(board, b, j) || !may_be_one_series(w, i, j))
			continue;
		XB_TRY(xb_board_shared_path(board, i, j, &path));
		if (j >= run ? path || same_author(w, i, j) : path && same_author(w, i, j))
			add(out, j, i, path);
	}
	return NULL;
}

struct xb_err *xb_series_find(struct xb_board *board, const struct xb_bundle *b, struct xb_meaning_hits *out)
{
	for (size_t k = 0; k < b->n; k++)
		if (board->c[b->v[k].i].tagged)
			XB_TRY(parts_of(board, b, b->v[k].i, out));
	return NULL;
}

struct xb_err *xb_series_goes_on(struct xb_board *board, size_t i, size_t *of)
{
	const struct xb_window *w = board->window;
	size_t from = begin_of_run(board, i);

	*of = SIZE_MAX;
	for (size_t j = i; j-- > from && *of == SIZE_MAX;) {
		const char *path;

		if (!board->c[j].tagged || board->c[j].fate != XB_FATE_PICKED || !same_author(w, i, j) ||
		    !may_be_one_series(w, i, j))
			continue;
		XB_TRY(xb_board_shared_path(board, i, j, &path));
		if (path)
			*of = j;
	}
	return NULL;
}
