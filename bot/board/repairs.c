/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repairs.h"

#include "config/config.h"
#include "util/alloc.h"

static uint64_t path_hash(const char *path)
{
	return xb_hash_bytes(path, strlen(path));
}

/* The paths of the picks so far. */
static struct xb_err *know_touched(struct xb_board *board)
{
	for (; board->touched_upto < board->picked.n; board->touched_upto++) {
		const struct xb_touches *t;

		XB_TRY(xb_blame_touches(xb_board_blame(board), board->picked.v[board->touched_upto], &t));
		for (size_t k = 0; k < t->n; k++)
			if (!xb_config_is_bookkeeping(board->config, t->v[k].path))
				*xb_hashmap_at(&board->touched, path_hash(t->v[k].path)) = 1;
	}
	return NULL;
}

static struct xb_err *touches_what_picks_did(struct xb_board *board, size_t i, bool *out)
{
	const struct xb_touches *t;

	*out = false;
	XB_TRY(know_touched(board));
	XB_TRY(xb_blame_touches(xb_board_blame(board), i, &t));
	for (size_t k = 0; k < t->n && !*out; k++)
		*out = xb_hashmap_find(&board->touched, path_hash(t->v[k].path)) != NULL;
	return NULL;
}

static struct xb_err *know_owners(struct xb_board *board, size_t i)
{
	struct xb_candidate *c = &board->c[i];

	if (c->owners_known)
		return NULL;
	c->owners_known = true;
	return xb_owners_find(xb_board_blame(board), board->picker, i, &c->owners);
}

/* Whoever says what it repairs has said it; the bot's guess is for the others. */
static bool may_repair(const struct xb_board *board, size_t i)
{
	const struct xb_candidate *c = &board->c[i];

	return !c->tagged && !c->excluded && board->window->v[i].n_parents <= 1;
}

static bool is_in(const struct xb_board *board, const struct xb_bundle *b, size_t i)
{
	return board->c[i].fate == XB_FATE_PICKED || (b && xb_bundle_has(b, i));
}

/* More than half of what it changes was added by commits that are in the branch or in B. */
static bool owes_half(const struct xb_board *board, const struct xb_bundle *b, size_t i)
{
	const struct xb_owners *o = &board->c[i].owners;
	size_t lines = 0;

	for (size_t k = 0; k < o->n; k++)
		if (is_in(board, b, o->v[k].i))
			lines += o->v[k].lines;
	return lines * 2 > o->lines;
}

/* Bookkeeping is nobody's. */
static struct xb_err *base_touches(void *ctx, const char *path, const struct xb_base_touch **v, size_t *n)
{
	struct xb_board *board = ctx;

	*n = 0;
	return xb_config_is_bookkeeping(board->config, path) ? NULL
							     : xb_past_touches(board->past, path, v, n);
}

/* Was more than half of what it changes added by fixes that the base has? */
static struct xb_err *owes_base_half(struct xb_board *board, size_t i, bool *out)
{
	const struct xb_base_touches base = {base_touches, board};
	struct xb_base_owners *o = &board->c[i].base_owners;

	xb_base_owners_release(o);
	XB_TRY(xb_base_owners_find(xb_board_blame(board), board->picker, &base, i, o));
	*out = o->n > 0;
	return NULL;
}

struct xb_err *xb_repairs_by_lines(struct xb_board *board, size_t i, bool *out)
{
	*out = false;
	if (!xb_finds_whole(board) || board->options.no_follow_ups || !may_repair(board, i))
		return NULL;
	XB_TRY(touches_what_picks_did(board, i, out));
	if (*out) {
		XB_TRY(know_owners(board, i));
		*out = owes_half(board, NULL, i);
	}
	if (*out)
		return NULL;
	XB_TRY(owes_base_half(board, i, out));
	board->c[i].alone = *out;
	return NULL;
}

/* Those after M, up to the walk's place, that change lines of M; each is looked at once. */
static struct xb_err *know_changers(struct xb_board *board, size_t m)
{
	struct xb_candidate *c = &board->c[m];
	size_t i = c->changers_upto > m ? c->changers_upto : m + 1;

	for (; i <= board->at && i < board->window->n; i++) {
		const char *shared;

		c->changers_upto = i + 1;
		if (!may_repair(board, i))
			continue;
		XB_TRY(xb_board_shared_path(board, m, i, &shared));
		if (!shared)
			continue;
		XB_TRY(know_owners(board, i));
		for (size_t k = 0; k < board->c[i].owners.n; k++)
			if (board->c[i].owners.v[k].i == m)
				*XB_PUSH(&c->changers, v, n, cap) = i;
	}
	return NULL;
}

struct xb_err *xb_repairs_of_lines(struct xb_board *board, struct xb_bundle *b, size_t m)
{
	if (!xb_finds_whole(board) || board->options.no_follow_ups)
		return NULL;
	XB_TRY(know_changers(board, m));
	for (size_t k = 0; k < board->c[m].changers.n; k++) {
		size_t i = board->c[m].changers.v[k];

		if (xb_bundle_free_to_take(board, b, i) && owes_half(board, b, i))
			xb_bundle_add(b, i, m);
	}
	return NULL;
}
