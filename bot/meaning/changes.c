/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changes.h"

#include "meaning-impl.h"
#include "mixtures.h"
#include "util/alloc.h"

/* One commit's change of one definition. */
struct change {
	size_t commit, next; /* next of the same name; SIZE_MAX: none */
	const char *path;    /* borrowed from the commit's touches */
	uint64_t key;
	bool local;
};

struct xb_changed_defs {
	struct change *v;
	size_t n, cap;
	size_t upto;             /* commits before this one were looked at */
	struct xb_hashmap names; /* hash of a name -> index of its newest change, plus 1 */
};

void xb_changed_defs_free(struct xb_changed_defs *c)
{
	if (!c)
		return;
	free(c->v);
	xb_hashmap_release(&c->names);
	free(c);
}

static void add(struct xb_changed_defs *c, size_t commit, const char *path, const struct xb_definition *x)
{
	uint64_t *head = xb_hashmap_at(&c->names, x->key - (uint64_t)x->kind);
	struct change *ch = XB_PUSH(c, v, n, cap);

	*ch = (struct change){.commit = commit,
			      .next = *head ? (size_t)*head - 1 : SIZE_MAX,
			      .path = path,
			      .key = x->key,
			      .local = x->local};
	*head = c->n;
}

/* What both versions define, with another text. */
static struct xb_err *compare(struct xb_meaning *m, struct xb_changed_defs *c, size_t i,
			      const struct xb_touch *t)
{
	struct xb_definitions *d = m->definitions;
	const struct xb_deftable *old, *now;

	xb_definitions_trim(d);
	XB_TRY(xb_definitions_of(d, &t->old_id, t->path, &old));
	XB_TRY(xb_definitions_of(d, &t->new_id, t->path, &now));
	for (size_t k = 0; k < now->n; k++) {
		uint64_t text = xb_deftable_text(old, now->v[k].key);

		/* A type that grows by a member means the same to whoever doesn't use that. */
		if (text && text != now->v[k].text && now->v[k].kind != XB_BLOCK_TYPE)
			add(c, i, t->path, &now->v[k]);
	}
	return NULL;
}

static bool may_be_wanted(const struct xb_board *board, size_t i)
{
	enum xb_fate f = board->c[i].fate;

	return (f == XB_FATE_NONE || f == XB_FATE_PENDING) && board->window->v[i].n_parents <= 1;
}

/* Takes in the commits before BEFORE that are not in the branch. */
static struct xb_err *extend(struct xb_meaning *m, struct xb_changed_defs *c, size_t before)
{
	struct xb_board *board = m->board;

	for (; c->upto < before; c->upto++) {
		const struct xb_touches *all;

		if (!may_be_wanted(board, c->upto))
			continue;
		XB_TRY(xb_blame_touches(xb_board_blame(board), c->upto, &all));
		for (size_t k = 0; k < all->n; k++)
			if (all->v[k].old_mode && all->v[k].new_mode &&
			    xb_blocks_known(xb_lang_of(all->v[k].path)))
				XB_TRY(compare(m, c, c->upto, &all->v[k]));
	}
	return NULL;
}

struct asking {
	struct xb_meaning *m;
	struct xb_changed_defs *c;
	const struct xb_bundle *b;
	const git_oid *tree;
	struct xb_meaning_hits *out;
	size_t member;
};

static bool place_fits(const struct change *ch, const struct xb_changed_file *f)
{
	bool top = !strchr(ch->path, '/') && !strchr(f->path, '/');

	if (!strcmp(ch->path, f->path))
		return true;
	if (ch->local && xb_lang_of(ch->path) != XB_LANG_HEADER)
		return false;
	return top || xb_lang_visible(ch->path, f->path);
}

/* Is the definition in the tree another than the stable branch's of now? */
static struct xb_err *differs(const struct asking *a, const struct change *ch, bool *out)
{
	struct xb_definitions *d = a->m->definitions;
	const struct xb_deftable *ours, *staging;
	uint64_t text;
	git_oid blob;

	*out = false;
	if (!xb_meaning_charge(a->m, XB_MEANING_QUESTION))
		return NULL;
	xb_definitions_trim(d);
	XB_TRY(xb_definitions_in(d, a->tree, ch->path, &blob, &ours));
	text = xb_deftable_text(ours, ch->key);
	XB_TRY(
	    xb_definitions_in(d, &a->m->board->window->v[a->m->board->at].tree, ch->path, &blob, &staging));
	*out = text && text != xb_deftable_text(staging, ch->key);
	return NULL;
}

static struct xb_err *look_up(const struct asking *a, const struct xb_changed_file *f,
			      const struct xb_used *u)
{
	const uint64_t *head = xb_hashmap_find(&a->c->names, xb_hash_bytes(u->name, strlen(u->name)));

	for (size_t k = head && *head ? (size_t)*head - 1 : SIZE_MAX; k != SIZE_MAX; k = a->c->v[k].next) {
		const struct change *ch = &a->c->v[k];
		struct xb_meaning_hit *h;
		bool other;

		if (ch->commit >= a->member || !place_fits(ch, f) ||
		    !xb_bundle_free_to_take(a->m->board, a->b, ch->commit))
			continue;
		XB_TRY(differs(a, ch, &other));
		if (!other)
			continue;
		h = XB_PUSH(a->out, v, n, cap);
		*h = (struct xb_meaning_hit){
		    .provider = ch->commit, .needed_by = a->member, .line = u->line, .how = XB_MEANS_CHANGES};
		h->path = xb_strdup(f->path);
		h->name = xb_strdup(u->name);
	}
	return NULL;
}

/* Is the name used by lines that come, and by none that go? */
static struct xb_err *look_at_file(const struct asking *a, struct xb_brings *brings,
				   struct xb_changed_file *f)
{
	if (!xb_blocks_known(f->lang))
		return NULL;
	XB_TRY(xb_brings_used(brings, f));
	for (size_t k = 0; k < f->used.n; k++) {
		const struct xb_used *u = &f->used.v[k];
		bool before = false;

		if (u->kind != XB_USE_CALL && u->kind != XB_USE_NAME)
			continue;
		if (!xb_hashmap_find(&a->c->names, xb_hash_bytes(u->name, strlen(u->name))))
			continue;
		if (!git_oid_is_zero(&f->old_id))
			XB_TRY(xb_brings_may_end(brings, f, u->name, &before));
		if (!before)
			XB_TRY(look_up(a, f, u));
	}
	return NULL;
}

struct xb_err *xb_changes_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *out)
{
	struct asking a = {.m = m, .b = b, .tree = tree, .out = out};

	if (!m->changed)
		m->changed = xb_calloc(1, sizeof *m->changed);
	a.c = m->changed;
	XB_TRY(extend(m, a.c, m->board->at));
	for (size_t k = 0; k < b->n; k++) {
		struct xb_changed *ch;

		a.member = b->v[k].i;
		XB_TRY(xb_brings_files(m->brings, a.member, &ch));
		for (size_t i = 0; i < ch->n; i++)
			XB_TRY(look_at_file(&a, m->brings, &ch->v[i]));
	}
	return NULL;
}
