/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial.h"

#include "discover.h"
#include "repo/git.h"
#include "util/alloc.h"

/* Trees of trials are forgotten above this many bytes. */
#define TRIAL_SHARE (32u << 20)

void xb_trials_init(struct xb_trials *t, struct xb_board *board, struct xb_meter *meter, unsigned long budget)
{
	*t = (struct xb_trials){.board = board, .left = budget, .meter = meter};
	t->mark = xb_store_mark(board->store);
	t->bytes = xb_store_made_bytes(board->store);
	xb_oidmap_init(&t->memo, 2);
}

static void free_pick(void *value)
{
	xb_pick_release(value);
	free(value);
}

static void forget(struct xb_trials *t)
{
	xb_oidmap_clear(&t->memo, free_pick);
	xb_picker_rollback(t->board->picker, t->mark);
}

void xb_trials_release(struct xb_trials *t)
{
	forget(t);
	free(t->last);
	t->last = NULL;
	t->n_last = t->cap_last = 0;
}

/* Takes the Kth pick of a trial, of commit I, from the budget. False: it is spent. */
static bool charge(struct xb_trials *t, size_t k, size_t i, bool *charged)
{
	*charged = k >= t->n_last || t->last[k] != i;
	if (!*charged)
		return true;
	if (t->board->work + t->meter->work >= XB_DISCOVER_WORK)
		t->left = 0;
	if (!t->left)
		return false;
	t->left--;
	xb_grow((void *)&t->last, &t->cap_last, k + 1, sizeof *t->last);
	t->last[k] = i;
	t->n_last = k + 1;
	return true;
}

static struct xb_err *pick(struct xb_trials *t, size_t i, const git_oid *tip, const struct xb_pick **out)
{
	git_oid key[2] = {*tip, t->board->window->v[i].oid};
	struct xb_pick *k = xb_oidmap_get(&t->memo, key);
	struct xb_err *err;

	*out = k;
	if (k)
		return NULL;
	k = xb_calloc(1, sizeof *k);
	err = xb_bundle_pick(t->board, i, tip, k);
	if (err) {
		free(k);
		return err;
	}
	xb_oidmap_set(&t->memo, key, k);
	*out = k;
	return NULL;
}

/* What isn't known is no evidence, for or against: the search ends, as if its budget were spent. */
static struct xb_err *give_up(struct xb_trials *t, size_t i, const struct xb_pick *made)
{
	struct xb_gitmerge *git = xb_picker_git(t->board->picker);
	const char *version, *why = NULL;

	t->left = 0;
	if (git)
		XB_TRY(xb_gitmerge_version(git, &version, &why));
	xb_board_warn(t->board,
		      xb_asprintf("a search is given up: the pick of %s in %s can't be decided: %s",
				  xb_hex(&t->board->window->v[i].oid).s, made->n ? made->v[0].path : "?",
				  why       ? why
				  : made->n ? made->v[0].why
					    : "?"));
	return NULL;
}

struct xb_err *xb_trials_run(struct xb_trials *t, const struct xb_bundle *b, struct xb_outcome *out)
{
	git_oid tip = t->board->tip;

	*out = (struct xb_outcome){.failed = SIZE_MAX};
	if (xb_store_made_bytes(t->board->store) > t->bytes + TRIAL_SHARE)
		forget(t);
	xb_picker_trim(t->board->picker);
	for (size_t k = 0; k < b->n; k++) {
		const struct xb_pick *made;
		bool charged;

		if (!charge(t, k, b->v[k].i, &charged)) {
			out->failed = b->v[k].i;
			return NULL;
		}
		XB_TRY(pick(t, b->v[k].i, &tip, &made));
		if (charged)
			t->meter->work += XB_DISCOVER_PICK;
		if (made->verdict == XB_PICK_UNDECIDABLE) {
			out->failed = b->v[k].i;
			return give_up(t, b->v[k].i, made);
		}
		if (made->verdict == XB_PICK_CONFLICT) {
			out->failed = b->v[k].i;
			out->pick = made;
			return NULL;
		}
		tip = made->tree;
	}
	return NULL;
}
