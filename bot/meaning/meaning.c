/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "meaning-impl.h"

#include "changes.h"
#include "util/alloc.h"

/* Of the names that one commit brings for another, this many are told. */
#define MAX_NAMES 10

void xb_meaning_hits_release(struct xb_meaning_hits *h)
{
	for (size_t i = 0; i < h->n; i++) {
		XB_FREE(h->v[i].path, h->v[i].name);
	}
	free(h->v);
	*h = (struct xb_meaning_hits){0};
}

void xb_meaning_free(struct xb_meaning *m)
{
	if (!m)
		return;
	xb_changed_defs_free(m->changed);
	xb_definitions_free(m->definitions);
	xb_brings_free(m->brings);
	xb_offers_release(&m->offers);
	xb_headers_free(m->headers);
	for (size_t k = 0; k < XB_ASKED; k++)
		xb_hashmap_release(&m->asked[k].words);
	free(m);
}

struct xb_meaning *xb_meaning_new(struct xb_board *board)
{
	struct xb_meaning *m = xb_calloc(1, sizeof *m);

	m->board = board;
	m->definitions = xb_definitions_new(board->store);
	m->brings = xb_brings_new(board->store, board->window);
	m->offers.brings = m->brings;
	m->headers = xb_headers_new(board->store);
	return m;
}

void xb_meaning_begin(struct xb_meaning *m)
{
	m->work = 0;
}

bool xb_meaning_spent(const struct xb_meaning *m)
{
	return m->work >= XB_MEANING_WORK;
}

bool xb_meaning_charge(struct xb_meaning *m, uint64_t bytes)
{
	m->work += bytes;
	return !xb_meaning_spent(m);
}

/* Hits of one member stand in the order of the providers, and of one provider in the order found. */
void xb_meant_hit(struct xb_meant *c, size_t provider, enum xb_meaning_how how, const char *path, size_t line,
		  const char *name)
{
	struct xb_meaning_hits *h = c->out;
	struct xb_meaning_hit hit = {.provider = provider, .needed_by = c->i, .line = line, .how = how};
	size_t k;

	for (k = 0; k < h->n; k++)
		if (h->v[k].provider == provider && h->v[k].needed_by == c->i && !strcmp(h->v[k].name, name))
			return;
	hit.path = xb_strdup(path);
	hit.name = xb_strdup(name);
	XB_PUSH(h, v, n, cap);
	for (k = h->n - 1; k && h->v[k - 1].needed_by == c->i && h->v[k - 1].provider > provider; k--)
		h->v[k] = h->v[k - 1];
	h->v[k] = hit;
}

bool xb_meant_may_take(const struct xb_meant *c, size_t j)
{
	return j < c->i && j <= c->board->at && c->board->window->v[j].n_parents <= 1 &&
	       (xb_bundle_free_to_take(c->board, c->b, j) ||
		(c->withdrawn && c->board->c[j].words.withdrawn));
}

bool xb_meant_enough(const struct xb_meant *c, size_t provider)
{
	size_t n = 0;

	for (size_t k = c->out->n; k-- > 0 && c->out->v[k].needed_by == c->i;)
		n += c->out->v[k].provider == provider;
	return n >= MAX_NAMES;
}

/* The names of a C file. The last few files that were asked are remembered. */
static const struct xb_hashmap *words_of(struct xb_meaning *m, const git_oid *oid, const struct xb_blob *b)
{
	struct xb_asked *a;

	for (size_t k = 0; k < XB_ASKED; k++)
		if (git_oid_equal(&m->asked[k].oid, oid))
			return &m->asked[k].words;
	a = &m->asked[m->next_asked++ % XB_ASKED];
	xb_hashmap_release(&a->words);
	a->oid = *oid;
	xb_lang_c_words(b->p, b->n, &a->words);
	return &a->words;
}

struct xb_err *xb_meant_file_has(struct xb_meant *c, const git_oid *root, const char *path, const char *name,
				 bool *out)
{
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	enum xb_lang lang = xb_lang_of(path);
	size_t n = strlen(name);
	struct xb_entry e;

	*out = false;
	XB_TRY(xb_tree_lookup_path(c->s, root, path, &e));
	if (!xb_entry_is_file(&e))
		return NULL;
	XB_TRY(xb_blob_open(c->s, &e.oid, &b));
	*out =
	    !xb_meaning_charge(c->m, XB_MEANING_QUESTION + b.n); /* what isn't known to lack is not needed */
	if (*out || !memmem(b.p, b.n, name, n))
		return NULL;
	if (xb_lang_is_c(lang))
		*out = xb_hashmap_find(words_of(c->m, &e.oid, &b), xb_hash_bytes(name, n)) != NULL;
	else
		*out = xb_lang_mentions(lang, b.p, b.n, name, n);
	return NULL;
}

/* Not in the branch, and never to be: such commits bring nothing new. That one needs what was withdrawn is
 * to be told. */
static bool may_be_wanted(void *ctx, size_t i)
{
	const struct xb_board *board = ctx;
	enum xb_fate f = board->c[i].fate;

	return f != XB_FATE_PICKED && f != XB_FATE_EMPTY &&
	       (f != XB_FATE_EXCLUDED || board->c[i].words.withdrawn);
}

static struct xb_err *own_names(struct xb_meant *c, size_t i)
{
	struct xb_changed *ch;

	XB_TRY(xb_brings_files(c->m->brings, i, &ch));
	for (size_t k = 0; k < ch->n; k++) {
		XB_TRY(xb_brings_brought(c->m->brings, &ch->v[k]));
		for (size_t n = 0; n < ch->v[k].brought.n; n++) {
			const char *name = ch->v[k].brought.v[n].name;

			*xb_hashmap_at(&c->own, xb_hash_bytes(name, strlen(name))) = 1;
		}
	}
	return NULL;
}

struct xb_err *xb_meant_own(struct xb_meant *c, const char *name, bool *out)
{
	for (size_t k = 0; k < c->b->n && !c->own_known; k++)
		XB_TRY(own_names(c, c->b->v[k].i));
	c->own_known = true;
	*out = xb_hashmap_find(&c->own, xb_hash_bytes(name, strlen(name))) != NULL;
	return NULL;
}

static struct xb_err *look_at_member(struct xb_meant *c)
{
	struct xb_changed *ch;

	XB_TRY(xb_brings_files(c->m->brings, c->i, &ch));
	for (size_t k = 0; k < ch->n; k++) {
		XB_TRY(xb_offers_path(&c->m->offers, ch->v[k].path, c->i, may_be_wanted, c->board));
		XB_TRY(xb_meant_names(c, &ch->v[k]));
		XB_TRY(xb_meant_removals(c, &ch->v[k]));
		XB_TRY(xb_meant_generators(c, &ch->v[k]));
	}
	return NULL;
}

static struct xb_err *look(struct xb_meant *c)
{
	XB_TRY(xb_offers_extend(&c->m->offers, c->board->at, may_be_wanted, c->board));
	for (size_t k = 0; k < c->b->n; k++) {
		c->i = c->b->v[k].i;
		XB_TRY(look_at_member(c));
	}
	return NULL;
}

static struct xb_err *find(struct xb_meant *c)
{
	struct xb_err *err;

	*c->out = (struct xb_meaning_hits){0};
	err = look(c);
	xb_hashmap_release(&c->own);
	if (err)
		xb_meaning_hits_release(c->out);
	return err;
}

struct xb_err *xb_meaning_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *out)
{
	struct xb_meant c = {
	    .board = m->board, .m = m, .s = m->board->store, .b = b, .tree = tree, .out = out};

	return find(&c);
}

static bool any_withdrawn(const struct xb_board *board)
{
	bool any = false;

	for (size_t i = 0; i < board->at && !any; i++)
		any = board->c[i].words.withdrawn;
	return any;
}

struct xb_err *xb_meaning_lacks(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
				size_t *provider, size_t *user)
{
	struct xb_meaning_hits hits;
	struct xb_meant c = {.board = m->board,
			     .m = m,
			     .s = m->board->store,
			     .b = b,
			     .tree = tree,
			     .out = &hits,
			     .withdrawn = true};

	*provider = *user = SIZE_MAX;
	if (!any_withdrawn(m->board))
		return NULL;
	XB_TRY(find(&c));
	for (size_t k = 0; k < hits.n && *provider == SIZE_MAX; k++) {
		if (!m->board->c[hits.v[k].provider].words.withdrawn)
			continue;
		*provider = hits.v[k].provider;
		*user = hits.v[k].needed_by;
	}
	xb_meaning_hits_release(&hits);
	return NULL;
}
