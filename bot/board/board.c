/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "config/config.h"
#include "odb/git.h"
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
	free(r->advisory);
	free(r->words);
	xb_strv_release(&r->advisories);
}

static void release_candidate(struct xb_candidate *c)
{
	xb_words_release(&c->words);
	xb_strv_release(&c->advisories);
	xb_strv_release(&c->aliases);
	for (size_t i = 0; i < c->repairs.n; i++)
		xb_repairs_free(&c->repairs.v[i]);
	free(c->repairs.v);
	free(c->declared.v);
	free(c->changers.v);
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
	free(board->c);
	free(board->picked.v);
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
