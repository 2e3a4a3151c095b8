/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "config/config.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

const char *xb_evidence_name(enum xb_evidence_kind k)
{
	static const char *const names[] = {"tag",        "note",  "trailer",  "config", "fixes",
					    "revert",     "text",  "meaning",  "series", "lines",
					    "definition", "words", "declared", "gate"};

	return names[k];
}

void xb_repairs_free(struct xb_repairs *r)
{
	XB_FREE(r->advisory, r->words);
	xb_strv_release(&r->advisories);
}

static void release_candidate(struct xb_candidate *c)
{
	xb_words_release(&c->words);
	xb_strv_release(&c->advisories);
	xb_strv_release(&c->aliases);
	for (size_t i = 0; i < c->repairs.n; i++)
		xb_repairs_free(&c->repairs.v[i]);
	XB_FREE(c->repairs.v, c->declared.v, c->changers.v);
	xb_owners_release(&c->owners);
	xb_base_owners_release(&c->base_owners);
	xb_clashes_release(&c->clashes);
}

void xb_board_rest(struct xb_board *board)
{
	xb_blame_free(XB_STEAL(board->blame));
	xb_hashmap_release(&board->touched);
	board->touched_upto = 0;
	board->repo = NULL;
	board->config = NULL;
	board->rules = NULL;
	board->target = NULL;
}

void xb_board_release(struct xb_board *board, size_t n)
{
	xb_board_rest(board);
	for (size_t i = 0; board->c && i < n; i++)
		release_candidate(&board->c[i]);
	XB_FREE(board->c, board->picked.v);
	xb_past_free(board->past);
}

bool xb_seen_like_id(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return n >= 7 && n <= GIT_OID_HEXSZ && !s[n];
}

bool xb_board_names(const struct xb_board *board, const char *value, size_t i, bool first)
{
	const struct xb_candidate *c = &board->c[i];
	XB_AUTOFREE char *advisory = NULL;

	if (xb_seen_like_id(value))
		return !strncmp(xb_hex(&board->window->v[i].oid).s, value, strlen(value));
	advisory = xb_rules_advisory(board->rules, value);
	value = advisory ? advisory : value;
	if (!c->tagged || !(xb_strv_has(&c->advisories, value) || xb_strv_has(&c->aliases, value)))
		return false;
	for (size_t k = 0; first && k < i; k++)
		if (board->c[k].tagged && xb_in_branch(&board->c[k]) &&
		    xb_strv_has(&board->c[k].advisories, value))
			return false;
	return true;
}

struct xb_blame *xb_board_blame(struct xb_board *board)
{
	if (!board->blame)
		board->blame = xb_blame_new(board->picker, board->window);
	return board->blame;
}

struct xb_err *xb_board_shared_path(struct xb_board *board, size_t i, size_t j, const char **out)
{
	const struct xb_touches *a, *b;

	*out = NULL;
	XB_TRY(xb_blame_touches(xb_board_blame(board), i, &a));
	XB_TRY(xb_blame_touches(xb_board_blame(board), j, &b));
	for (size_t x = 0, y = 0; x < a->n && y < b->n && !*out;) {
		int order = strcmp(a->v[x].path, b->v[y].path);

		if (!order && !xb_config_is_bookkeeping(board->config, a->v[x].path))
			*out = a->v[x].path;
		x += order <= 0;
		y += order >= 0;
	}
	return NULL;
}

void xb_board_warn(struct xb_board *board, char *text)
{
	*XB_PUSH(board->warnings, v, n, cap) = text;
}

/* ---- where a commit was seen to conflict ---- */

void xb_clashes_release(struct xb_clashes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct xb_clashes){0};
}

void xb_clashes_note(struct xb_clashes *c, const struct xb_pick *failed)
{
	xb_clashes_release(c);
	for (size_t i = 0; i < failed->n; i++) {
		const struct xb_conflict *at = &failed->v[i];

		if (at->in_place)
			*XB_PUSH(c, v, n, cap) = (struct xb_clash){xb_strdup(at->path), at->ours};
	}
}

struct xb_err *xb_clashes_stand(const struct xb_clashes *c, struct xb_store *s, const git_oid *tip, bool *out)
{
	struct xb_entry e;

	*out = false;
	for (size_t i = 0; i < c->n && !*out; i++) {
		XB_TRY(xb_tree_lookup_path(s, tip, c->v[i].path, &e));
		*out = xb_entry_same(&e, &c->v[i].ours);
	}
	return NULL;
}

/* *TO without the change of PATH, which is in the tree FROM as it was. */
static struct xb_err *leave_out(struct xb_store *s, const git_oid *from, git_oid *to, const char *path)
{
	struct xb_entry was = {0};
	git_oid out;

	if (!git_oid_is_zero(from))
		XB_TRY(xb_tree_lookup_path(s, from, path, &was));
	XB_TRY(xb_tree_set_path(s, to, path, &was, &out));
	*to = out;
	return NULL;
}

/* Leaves out the bookkeeping that OUT, a pick of FROM to *TO, conflicts in. *MORE: there was such, not in
 * KEPT. */
static struct xb_err *leave_out_books(struct xb_board *board, const git_oid *from, git_oid *to,
				      const struct xb_pick *out, struct xb_strv *kept, bool *more)
{
	*more = false;
	for (size_t k = 0; k < out->n; k++) {
		const char *path = out->v[k].path;

		if (!xb_config_is_bookkeeping(board->config, path) || xb_strv_has(kept, path))
			continue;
		xb_strv_add(kept, path);
		XB_TRY(leave_out(board->store, from, to, path));
		*more = true;
	}
	return NULL;
}

/* Again and again: beside a conflict that is certain, others are not told. */
struct xb_err *xb_bookkeeping_pick(struct xb_board *board, const git_oid *tip, const git_oid *from,
				   git_oid *to, struct xb_pick *out, struct xb_strv *kept)
{
	XB_AUTOSTRV struct xb_strv paths = {0};
	bool more = board->config->bookkeeping.n;
	struct xb_err *err;

	XB_TRY(xb_pick(board->picker, tip, from, to, out));
	while (more && out->verdict != XB_PICK_CLEAN && out->verdict != XB_PICK_EMPTY) {
		err = leave_out_books(board, from, to, out, &paths, &more);
		if (!err && !more)
			break;
		xb_pick_release(out);
		XB_TRY(err);
		XB_TRY(xb_pick(board->picker, tip, from, to, out));
	}
	if (kept)
		xb_strv_add_all_new(kept, &paths);
	return NULL;
}
