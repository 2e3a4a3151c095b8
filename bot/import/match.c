/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "match.h"

#include "blame/blame.h"
#include "diff/linediff.h"
#include "odb/tree.h"
#include "pick/picker.h"
#include "repo/git.h"
#include "util/alloc.h"

/* Fewer changed lines than this may be the same in another commit by chance. */
#define ENOUGH 3

const char *xb_import_how_name(enum xb_import_how how)
{
	static const char *const names[] = {"patch", "id", "title"};

	return names[how];
}

const char *xb_import_word_name(enum xb_import_word word)
{
	static const char *const names[] = {NULL, "Security", "Prerequisite-of", "Follow-up-to"};

	return names[word];
}

/* What a commit changes, in the form of a record. */
struct changed {
	struct xb_picker *picker;
	struct xb_strv paths;
	uint64_t lines;
	size_t n_lines;
};

static void add_lines(struct changed *c, const struct xb_text *t, size_t from, size_t to, bool added)
{
	for (size_t i = from; i < to && i < t->n; i++) {
		uint64_t h = xb_import_line(added, xb_text_at(t, i), xb_text_size(t, i, i + 1));

		c->lines += h;
		c->n_lines += h != 0;
	}
}

static struct xb_err *see_file(struct changed *c, const struct xb_touch *t)
{
	bool was = xb_mode_is_file(t->old_mode), is = xb_mode_is_file(t->new_mode);
	struct xb_changes changes = {0};
	struct xb_text empty, *a = &empty, *b = &empty;

	xb_strv_add_new(&c->paths, t->path);
	xb_text_init(&empty, NULL, 0);
	xb_picker_trim(c->picker);
	if (was)
		XB_TRY(xb_picker_text(c->picker, &t->old_id, &a));
	if (is)
		XB_TRY(xb_picker_text(c->picker, &t->new_id, &b));
	xb_text_split(a);
	xb_text_split(b);
	if (!was || !is || !xb_diff(a, b, XB_GIT_2_39, &changes)) {
		add_lines(c, a, 0, a->n, false);
		add_lines(c, b, 0, b->n, true);
	}
	for (size_t k = 0; k < changes.n; k++) {
		add_lines(c, a, changes.v[k].a, changes.v[k].a + changes.v[k].an, false);
		add_lines(c, b, changes.v[k].b, changes.v[k].b + changes.v[k].bn, true);
	}
	xb_changes_release(&changes);
	xb_text_release(&empty);
	return NULL;
}

static struct xb_err *see_commit(struct xb_store *s, const struct xb_hist *h, struct changed *c)
{
	XB_AUTO(xb_touches_release) struct xb_touches all = {0};

	if (h->n_parents > 1)
		return NULL;
	XB_TRY(xb_touches_between(s, &h->parent_tree, &h->tree, &all));
	for (size_t k = 0; k < all.n; k++)
		XB_TRY(see_file(c, &all.v[k]));
	return NULL;
}

static bool share_path(const struct xb_strv *a, const struct xb_strv *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (xb_strv_has(b, a->v[i]))
			return true;
	return false;
}

static bool same_id(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	return !strncmp(a, b, n < m ? n : m);
}

/* Does one of them name the other, or both the same origin? */
static bool names_it(const struct xb_import_record *r, const struct xb_hist *h)
{
	const struct xb_hex id = xb_hex(&h->oid);

	for (size_t i = 0; i < r->ids.n; i++) {
		if (same_id(r->ids.v[i], id.s))
			return true;
		for (size_t k = 0; k < h->msg.origins.n; k++)
			if (same_id(r->ids.v[i], h->msg.origins.v[k].hex))
				return true;
	}
	return false;
}

static bool is_about(const struct xb_import_record *r, const struct xb_hist *h, const struct changed *c,
		     enum xb_import_how *how)
{
	bool title = r->title && !strcmp(r->title, h->msg.subject);

	*how = XB_IMPORT_BY_PATCH;
	if (r->n_lines && r->n_lines == c->n_lines && r->lines == c->lines && (title || r->n_lines >= ENOUGH))
		return true;
	*how = XB_IMPORT_BY_ID;
	if (names_it(r, h))
		return true;
	*how = XB_IMPORT_BY_TITLE;
	return title && share_path(&r->paths, &c->paths);
}

static bool is_tagged(const struct xb_hist *h, const char *advisory)
{
	for (size_t i = 0; i < h->msg.tags.n; i++)
		if (xb_strv_has(&h->msg.tags.v[i].ids, advisory) ||
		    xb_strv_has(&h->msg.tags.v[i].aliases, advisory))
			return true;
	return false;
}

static enum xb_import_word word_for(const struct xb_window *w, size_t i, const char *advisory)
{
	size_t last = SIZE_MAX;

	for (size_t k = 0; k < w->n; k++)
		if (is_tagged(&w->v[k], advisory))
			last = k;
	if (is_tagged(&w->v[i], advisory))
		return XB_IMPORT_TAGGED;
	return last == SIZE_MAX ? XB_IMPORT_SECURITY
	       : i < last       ? XB_IMPORT_PREREQUISITE
				: XB_IMPORT_FOLLOW_UP;
}

static bool has_stronger(const struct xb_import_matches *m, size_t from, const struct xb_import_match *one)
{
	for (size_t k = from; k < m->n; k++)
		if (m->v[k].record == one->record && m->v[k].how < one->how)
			return true;
	return false;
}

/* Weaker matches of a record go where it has a stronger one on the line. */
static void keep_strongest(struct xb_import_matches *all, size_t from)
{
	struct xb_import_matches kept = {0};

	for (size_t i = from; i < all->n; i++)
		if (!has_stronger(all, from, &all->v[i]))
			*XB_PUSH(&kept, v, n, cap) = all->v[i];
	all->n = from;
	for (size_t i = 0; i < kept.n; i++)
		*XB_PUSH(all, v, n, cap) = kept.v[i];
	free(kept.v);
}

static struct xb_err *look_at(struct xb_picker *picker, struct xb_store *s, const struct xb_window *w,
			      size_t i, struct xb_import_records *r, struct xb_import_matches *out)
{
	struct changed c = {.picker = picker};
	const struct xb_hist *h = &w->v[i];
	struct xb_err *err = see_commit(s, h, &c);

	for (size_t k = 0; k < r->n && !err; k++) {
		enum xb_import_how how;

		if (!is_about(&r->v[k], h, &c, &how))
			continue;
		r->v[k].matched = true;
		*XB_PUSH(out, v, n, cap) = (struct xb_import_match){
		    .window = i, .record = k, .how = how, .word = word_for(w, i, r->v[k].advisory)};
	}
	xb_strv_release(&c.paths);
	return err;
}

struct xb_err *xb_import_find(struct xb_store *s, const struct xb_window *w, struct xb_import_records *r,
			      struct xb_import_matches *out)
{
	XB_AUTOPTR(xb_picker) *picker = xb_picker_new(s);
	size_t from = out->n;

	for (size_t i = 0; i < w->n; i++)
		XB_TRY(look_at(picker, s, w, i, r, out));
	keep_strongest(out, from);
	return NULL;
}
