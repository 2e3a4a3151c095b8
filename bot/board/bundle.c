/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle.h"
#include "board.h"
#include "refs/ownrefs.h"
#include "repo/git.h"

#include "repairs.h"
#include "odb/ancestry.h"
#include "util/alloc.h"

/* A bundle that grows beyond this is a sign of a rule gone wrong, not of a fix. */
#define MAX_BUNDLE 1000

bool xb_bundle_has(const struct xb_bundle *b, size_t i)
{
	for (size_t k = 0; k < b->n; k++)
		if (b->v[k].i == i)
			return true;
	return false;
}

/* Keeps the bundle in staging order. */
struct xb_bundle_item *xb_bundle_add(struct xb_bundle *b, size_t i, size_t needed_by)
{
	size_t k = b->n;

	xb_grow((void *)&b->v, &b->cap, b->n + 1, sizeof *b->v);
	for (; k && b->v[k - 1].i > i; k--)
		b->v[k] = b->v[k - 1];
	b->n++;
	b->v[k] = (struct xb_bundle_item){.i = i, .needed_by = needed_by};
	return &b->v[k];
}

void xb_bundle_release(struct xb_bundle *b)
{
	free(b->v);
	*b = (struct xb_bundle){0};
}

bool xb_bundle_free_to_take(const struct xb_board *board, const struct xb_bundle *b, size_t i)
{
	enum xb_fate f = board->c[i].fate;

	return (f == XB_FATE_NONE || f == XB_FATE_PENDING) && !xb_bundle_has(b, i);
}

/* What people declared that M needs, and what repairs M and came up so far. */
static struct xb_err *close_one(struct xb_board *board, struct xb_bundle *b, size_t m)
{
	const struct xb_candidate *member = &board->c[m];

	for (size_t k = 0; k < member->declared.n; k++)
		if (xb_bundle_free_to_take(board, b, member->declared.v[k]))
			xb_bundle_add(b, member->declared.v[k], m);
	for (size_t j = 0; j <= board->at && j < board->window->n; j++) {
		const struct xb_candidate *c = &board->c[j];

		if ((!c->words.prerequisite_of.n && !c->repairs.n) || !xb_bundle_free_to_take(board, b, j))
			continue;
		for (size_t k = 0; k < c->words.prerequisite_of.n; k++) {
			if (j != m && xb_board_names(board, c->words.prerequisite_of.v[k], m, true)) {
				xb_bundle_add(b, j, m);
				break;
			}
		}
		if (xb_bundle_has(b, j))
			continue;
		for (size_t k = 0; k < c->repairs.n; k++) {
			if (c->repairs.v[k].window == m) {
				xb_bundle_add(b, j, m);
				break;
			}
		}
	}
	return xb_repairs_of_lines(board, b, m);
}

struct xb_err *xb_bundle_close(struct xb_board *board, struct xb_bundle *b)
{
	XB_AUTOFREE bool *done = xb_calloc(board->window->n + 1, sizeof *done);

	for (size_t n = 0;; n++) {
		size_t k = 0, m;

		while (k < b->n && done[b->v[k].i])
			k++;
		if (k == b->n)
			return NULL;
		if (n == MAX_BUNDLE)
			return xb_err_new(XB_E_HOSTILE,
					  "more than %d commits declared or repairing one another",
					  MAX_BUNDLE);
		m = b->v[k].i;
		done[m] = true;
		XB_TRY(close_one(board, b, m));
	}
}

/* Replacements come from refs/xsabot/fixups/ alone, where maintainers put them. */
static struct xb_err *is_fixup(struct xb_board *board, const git_oid *oid, const char *hex)
{
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	struct xb_err *err = NULL;
	bool found = false;
	XB_AUTOFREE char *all = xb_ref_of(XB_REF_FIXUPS, "*");
	int rc = git_reference_iterator_glob_new(&it, board->repo, all);

	while (!rc && !err && !found && !(rc = git_reference_next(&ref, it))) {
		const git_oid *at = git_reference_target(ref);

		if (at)
			err = xb_ancestor_of(board->store, oid, at, &found);
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (err || found)
		return err;
	return xb_err_new(XB_E_CONFIG, "Replaced-by: %s: no ref under %s has that commit", hex,
			  xb_ref_role(XB_REF_FIXUPS)->name);
}

/* The commit that stands for window commit I: its replacement, checked, or itself. */
struct xb_err *xb_bundle_source(struct xb_board *board, size_t i, struct xb_source_commit *src)
{
	struct xb_hist *out = &src->hist;
	const struct xb_hist *h = &board->window->v[i];
	const char *hex = board->c[i].words.replaced_by;
	git_oid oid;

	src->replaced = hex != NULL;
	if (!hex) {
		*out = (struct xb_hist){
		    .oid = h->oid, .tree = h->tree, .parent = h->parent, .parent_tree = h->parent_tree};
		return NULL;
	}
	if (strlen(hex) != GIT_OID_HEXSZ || git_oid_fromstr(&oid, hex))
		return xb_err_new(XB_E_CONFIG, "commit %s: Replaced-by: %s is no full commit id",
				  xb_hex(&h->oid).s, hex);
	XB_TRY(is_fixup(board, &oid, hex));
	XB_TRY(xb_hist_load(board->store, board->rules, &oid, out));
	xb_message_release(&out->msg);
	if (out->n_parents != 1)
		return xb_err_new(XB_E_CONFIG,
				  "commit %s: its replacement %s has %zu parents; it must have one",
				  xb_hex(&h->oid).s, hex, out->n_parents);
	{
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		XB_TRY(xb_commit_load(board->store, &out->parent, &c));
		out->parent_tree = c.tree;
	}
	return NULL;
}

struct xb_err *xb_bundle_check_source(struct xb_board *board, size_t i, char **doubt)
{
	struct xb_source_commit src;
	struct xb_err *err = board->c[i].words.replaced_by ? xb_bundle_source(board, i, &src) : NULL;

	if (!err || (err->code != XB_E_CONFIG && err->code != XB_E_NOTFOUND && err->code != XB_E_HOSTILE))
		return err;
	free(*doubt);
	*doubt = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

struct xb_err *xb_bundle_pick(struct xb_board *board, size_t i, const git_oid *tip, struct xb_pick *out)
{
	struct xb_source_commit src;

	XB_TRY(xb_bundle_source(board, i, &src));
	return xb_bookkeeping_pick(board, tip, &src.hist.parent_tree, &src.hist.tree, out, NULL);
}

struct xb_err *xb_bundle_try(struct xb_board *board, const struct xb_bundle *b, struct xb_attempt *out)
{
	git_oid tip = board->tip;

	*out = (struct xb_attempt){.failed = SIZE_MAX, .lacks = SIZE_MAX};
	for (size_t k = 0; k < b->n; k++) {
		struct xb_pick pick;

		XB_TRY(xb_bundle_pick(board, b->v[k].i, &tip, &pick));
		if (pick.verdict == XB_PICK_CONFLICT || pick.verdict == XB_PICK_UNDECIDABLE) {
			xb_clashes_note(&board->c[b->v[k].i].clashes, &pick);
			out->failed = k;
			out->onto = tip;
			out->pick = pick;
			return NULL;
		}
		tip = pick.tree;
		xb_pick_release(&pick);
	}
	out->tree = tip;
	return NULL;
}
