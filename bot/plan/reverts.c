/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reverts.h"

#include "odb/tree.h"

#include <ctype.h>

/* The lines that a change adds and takes away, by their hashes, each with how often. */
struct change {
	struct xb_planner *p;
	struct xb_hashmap added, gone;
};

static void release(struct change *c)
{
	xb_hashmap_release(&c->added);
	xb_hashmap_release(&c->gone);
}

static bool has_word(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isalnum((unsigned char)p[i]) || (unsigned char)p[i] >= 0x80)
			return true;
	return false;
}

/* The lines of BLOB from FROM up to TO. */
static struct xb_err *count(struct change *c, const git_oid *blob, size_t from, size_t to,
			    struct xb_hashmap *in)
{
	struct xb_text *t;

	XB_TRY(xb_picker_text(c->p->plan->picker, blob, &t));
	xb_text_split(t);
	for (size_t line = from; line < to && line < t->n; line++) {
		const char *p = xb_text_at(t, line);
		size_t n = xb_text_size(t, line, line + 1);

		if (has_word(p, n))
			++*xb_hashmap_at(in, xb_line_hash(p, n));
	}
	return NULL;
}

static struct xb_err *see_file(struct change *c, const struct xb_touch *t)
{
	bool was = xb_mode_is_file(t->old_mode), is = xb_mode_is_file(t->new_mode);
	const struct xb_changes *changes;

	if (!was && !is)
		return NULL;
	if (!was)
		return count(c, &t->new_id, 0, SIZE_MAX, &c->added);
	if (!is)
		return count(c, &t->old_id, 0, SIZE_MAX, &c->gone);
	XB_TRY(xb_blame_changes(xb_board_blame(&c->p->board), &t->old_id, &t->new_id, &changes));
	for (size_t k = 0; k < changes->n; k++) {
		const struct xb_change *x = &changes->v[k];

		XB_TRY(count(c, &t->old_id, x->a, x->a + x->an, &c->gone));
		XB_TRY(count(c, &t->new_id, x->b, x->b + x->bn, &c->added));
	}
	return NULL;
}

static struct xb_err *read_change(struct xb_planner *p, const struct xb_hist *h, struct change *out)
{
	XB_AUTO(xb_touches_release) struct xb_touches all = {0};
	git_oid parent;

	out->p = p;
	XB_TRY(xb_hist_parent_tree(p->plan->store, h, &parent));
	XB_TRY(xb_touches_between(p->plan->store, &parent, &h->tree, &all));
	for (size_t k = 0; k < all.n; k++)
		XB_TRY(see_file(out, &all.v[k]));
	return NULL;
}

struct tally {
	const struct xb_hashmap *among; /* NULL: all count */
	size_t n;
};

static void count_one(void *ctx, uint64_t hash, uint64_t value)
{
	struct tally *t = ctx;
	const uint64_t *other = t->among ? xb_hashmap_find(t->among, hash) : &value;

	if (other)
		t->n += *other < value ? *other : value;
}

static size_t how_many(const struct xb_hashmap *m, const struct xb_hashmap *among)
{
	struct tally t = {.among = among};

	xb_hashmap_each(m, count_one, &t);
	return t.n;
}

struct xb_err *xb_reverts_in_fact(struct xb_planner *p, size_t i, const struct xb_hist *of,
				  enum xb_reverted *out)
{
	struct change back = {.p = p}, first = {.p = p};
	struct xb_err *err = read_change(p, of, &first);
	size_t all = 0, restored = 0;

	if (!err)
		err = read_change(p, &p->plan->window.v[i], &back);
	if (!err) {
		all = how_many(&first.added, NULL) + how_many(&first.gone, NULL);
		restored = how_many(&first.added, &back.gone) + how_many(&first.gone, &back.added);
	}
	*out = !all              ? XB_REVERTED_UNKNOWN
	       : !restored       ? XB_REVERTED_NOTHING
	       : restored == all ? XB_REVERTED_ALL
				 : XB_REVERTED_PART;
	release(&back);
	release(&first);
	return err;
}
