/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "owners.h"

#include "util/alloc.h"

#include <ctype.h>

/* Lines of one file, followed backwards. */
struct followed {
	struct xb_blame *b;
	struct xb_owners *out;
	struct gone {
		size_t *v; /* numbers of lines in BLOB, ascending */
		size_t n, cap;
	} gone;
	const char *path;
	git_oid blob;
};

void xb_owners_release(struct xb_owners *o)
{
	free(o->v);
	*o = (struct xb_owners){0};
}

/* A line with a version number changes with each version of what it names: who raises it repairs nothing. */
static bool has_version(const char *p, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++)
		if (p[i] == '.' && isdigit((unsigned char)p[i - 1]) && isdigit((unsigned char)p[i + 1]))
			return true;
	return false;
}

/* Is the line somebody's? */
static bool counts(const struct xb_text *t, size_t line)
{
	const char *p = xb_text_at(t, line);
	size_t n = xb_text_size(t, line, line + 1);
	bool word = false;

	for (size_t i = 0; i < n && !word; i++)
		word = isalnum((unsigned char)p[i]) || (unsigned char)p[i] >= 0x80;
	return word && !has_version(p, n);
}

static void own(struct xb_owners *o, size_t i, size_t lines)
{
	for (size_t k = 0; k < o->n; k++) {
		if (o->v[k].i != i)
			continue;
		o->v[k].lines += lines;
		return;
	}
	*XB_PUSH(o, v, n, cap) = (struct xb_owner){i, lines};
}

/*
 * Where C, ascending changes, put LINE of the newer text: in the older one; SIZE_MAX: it came with C. Of
 * ascending lines, one after the other; *K is 0 before the first.
 */
static size_t line_before(const struct xb_changes *c, size_t *k, size_t line)
{
	while (*k < c->n && c->v[*k].b + c->v[*k].bn <= line)
		++*k;
	if (*k < c->n && c->v[*k].b <= line)
		return SIZE_MAX;
	return *k ? line + c->v[*k - 1].a + c->v[*k - 1].an - c->v[*k - 1].b - c->v[*k - 1].bn : line;
}

/* C led from an older text to the one that the lines of G are in: those that it added are taken out, the
 * others get their number there. How many it added. */
static size_t go_back(struct gone *g, const struct xb_changes *c)
{
	size_t kept = 0, k = 0, added;

	for (size_t m = 0; m < g->n; m++) {
		size_t line = line_before(c, &k, g->v[m]);

		if (line != SIZE_MAX)
			g->v[kept++] = line;
	}
	added = g->n - kept;
	g->n = kept;
	return added;
}

/* What C added is I's. */
static void follow(struct followed *f, const struct xb_changes *c, size_t i)
{
	size_t added = go_back(&f->gone, c);

	if (added)
		own(f->out, i, added);
}

/* One commit further back. *DONE: the file was made there, or the path is another's. */
static struct xb_err *step_back(struct followed *f, size_t i, bool *done)
{
	const struct xb_touch *t;
	const struct xb_changes *c;
	const git_oid *old;

	XB_TRY(xb_blame_touch_of(f->b, i, f->path, &t));
	if (!t || !xb_mode_is_file(t->new_mode))
		return NULL;
	if (!git_oid_equal(&t->new_id, &f->blob)) { /* staging order is not ancestry around a merge */
		XB_TRY(xb_blame_changes(f->b, &t->new_id, &f->blob, &c));
		go_back(&f->gone, c); /* nobody's */
		f->blob = t->new_id;
	}
	if (!xb_mode_is_file(t->old_mode) && !t->from) {
		if (f->gone.n)
			own(f->out, i, f->gone.n);
		*done = true;
		return NULL;
	}
	old = xb_mode_is_file(t->old_mode) ? &t->old_id : &t->from_id;
	XB_TRY(xb_blame_changes(f->b, old, &f->blob, &c));
	follow(f, c, i);
	f->blob = *old;
	if (!xb_mode_is_file(t->old_mode))
		f->path = t->from;
	return NULL;
}

/* The lines of FROM up to TO go. */
static void note_gone(struct gone *g, const struct xb_text *t, size_t from, size_t to)
{
	for (size_t line = from; line < to && line < t->n; line++)
		if (counts(t, line))
			*XB_PUSH(g, v, n, cap) = line;
}

/* The lines that T takes away, of the file as it was. */
static struct xb_err *find_gone(struct xb_blame *b, struct xb_picker *picker, const struct xb_touch *t,
				struct gone *g)
{
	const struct xb_changes *c = NULL;
	struct xb_text *old;

	if (xb_mode_is_file(t->new_mode))
		XB_TRY(xb_blame_changes(b, &t->old_id, &t->new_id, &c));
	XB_TRY(xb_picker_text(picker, &t->old_id, &old));
	xb_text_split(old);
	for (size_t k = 0; c && k < c->n; k++)
		note_gone(g, old, c->v[k].a, c->v[k].a + c->v[k].an);
	if (!c)
		note_gone(g, old, 0, old->n);
	return NULL;
}

/* A renamed file takes nothing away. */
static bool takes_away(const struct xb_touch *t)
{
	return xb_mode_is_file(t->old_mode) && !(t->new_mode && !t->old_mode);
}

/* Whose were the lines of one file that commit I takes away? */
static struct xb_err *follow_file(struct followed *f, struct xb_picker *picker, size_t i,
				  const struct xb_touch *t)
{
	bool done = false;

	f->gone.n = 0;
	XB_TRY(find_gone(f->b, picker, t, &f->gone));
	f->out->lines += f->gone.n;
	f->path = t->path;
	f->blob = t->old_id;
	for (size_t j = i; j-- > 0 && f->gone.n && !done;)
		XB_TRY(step_back(f, j, &done));
	return NULL;
}

struct xb_err *xb_owners_find(struct xb_blame *b, struct xb_picker *picker, size_t i, struct xb_owners *out)
{
	struct followed f = {.b = b, .out = out};
	const struct xb_touches *all;
	struct xb_err *err = xb_blame_touches(b, i, &all);

	for (size_t k = 0; !err && k < all->n; k++) {
		if (takes_away(&all->v[k]))
			err = follow_file(&f, picker, i, &all->v[k]);
	}
	free(f.gone.v);
	return err;
}

/* The lines of a file that go, and what is known of the file. */
struct base_file {
	struct gone gone;
	const struct xb_base_touch *v;
	size_t n;
};

struct base_search {
	struct xb_blame *b;
	size_t i;
	struct xb_base_owners *out;
	size_t open; /* lines that a fix of the base may have added */
	size_t owned;
};

static bool may_be_half(const struct base_search *s)
{
	return (s->owned + s->open) * 2 > s->out->lines;
}

static void base_own(struct base_search *s, const struct xb_hist *fix, size_t lines)
{
	struct xb_base_owners *o = s->out;

	s->owned += lines;
	s->open -= lines;
	for (size_t k = 0; k < o->n; k++) {
		if (o->v[k].fix != fix)
			continue;
		o->v[k].lines += lines;
		return;
	}
	*XB_PUSH(o, v, n, cap) = (struct xb_base_owner){fix, lines};
}

/* The blob that PATH is in the base, which is NOW where the window before commit I leaves it alone. */
static struct xb_err *blob_in_base(struct base_search *s, const char *path, const git_oid *now, git_oid *out)
{
	*out = *now;
	for (size_t j = 0; j < s->i; j++) {
		const struct xb_touch *t;

		XB_TRY(xb_blame_touch_of(s->b, j, path, &t));
		if (!t)
			continue;
		memset(out, 0, sizeof *out);
		if (xb_mode_is_file(t->old_mode))
			*out = t->old_id;
		return NULL;
	}
	return NULL;
}

/* Takes out of G the lines of the base's BLOB that the fix of T added and that stand there still. */
static struct xb_err *take_base_lines(struct base_search *s, const struct xb_base_touch *t,
				      const git_oid *blob, struct gone *g)
{
	const struct xb_changes *since, *made;
	size_t kept = 0, a = 0, b = 0, taken;

	XB_TRY(xb_blame_changes(s->b, &t->new_id, blob, &since));
	XB_TRY(xb_blame_changes(s->b, &t->old_id, &t->new_id, &made));
	for (size_t m = 0; m < g->n; m++) {
		size_t line = line_before(since, &a, g->v[m]);

		if (line == SIZE_MAX || line_before(made, &b, line) != SIZE_MAX)
			g->v[kept++] = g->v[m];
	}
	taken = g->n - kept;
	g->n = kept;
	if (taken)
		base_own(s, t->fix, taken);
	return NULL;
}

static struct xb_err *search_file(struct base_search *s, const struct xb_touch *t, struct base_file *f)
{
	const struct xb_changes *c;
	git_oid base;

	if (!f->gone.n)
		return NULL;
	XB_TRY(blob_in_base(s, t->path, &t->old_id, &base));
	if (git_oid_is_zero(&base)) {
		s->open -= f->gone.n;
		return NULL;
	}
	if (!git_oid_equal(&base, &t->old_id)) {
		XB_TRY(xb_blame_changes(s->b, &base, &t->old_id, &c));
		s->open -= go_back(&f->gone, c);
	}
	for (size_t k = 0; k < f->n && f->gone.n && may_be_half(s); k++)
		XB_TRY(take_base_lines(s, &f->v[k], &base, &f->gone));
	s->open -= f->gone.n;
	return NULL;
}

/* *WORTH: each file of ALL that loses lines is one that a fix of the base changed. */
static struct xb_err *find_touches(const struct xb_base_touches *base, const struct xb_touches *all,
				   struct base_file *files, bool *worth)
{
	*worth = false;
	for (size_t k = 0; k < all->n; k++) {
		if (!takes_away(&all->v[k]))
			continue;
		XB_TRY(base->of(base->ctx, all->v[k].path, &files[k].v, &files[k].n));
		*worth = files[k].n > 0;
		if (!*worth)
			return NULL;
	}
	return NULL;
}

static struct xb_err *count_gone(struct base_search *s, struct xb_picker *picker,
				 const struct xb_touches *all, struct base_file *files)
{
	for (size_t k = 0; k < all->n; k++) {
		if (!takes_away(&all->v[k]))
			continue;
		XB_TRY(find_gone(s->b, picker, &all->v[k], &files[k].gone));
		s->out->lines += files[k].gone.n;
		s->open += files[k].gone.n;
	}
	return NULL;
}

struct xb_err *xb_base_owners_find(struct xb_blame *b, struct xb_picker *picker,
				   const struct xb_base_touches *base, size_t i, struct xb_base_owners *out)
{
	struct base_search s = {.b = b, .i = i, .out = out};
	const struct xb_touches *all;
	struct base_file *files;
	struct xb_err *err;
	bool worth;

	XB_TRY(xb_blame_touches(b, i, &all));
	files = xb_calloc(all->n ? all->n : 1, sizeof *files);
	err = find_touches(base, all, files, &worth);
	if (!err && worth)
		err = count_gone(&s, picker, all, files);
	for (size_t k = 0; !err && k < all->n && may_be_half(&s); k++)
		err = search_file(&s, &all->v[k], &files[k]);
	for (size_t k = 0; k < all->n; k++)
		free(files[k].gone.v);
	free(files);
	if (s.owned * 2 <= out->lines)
		out->n = 0;
	return err;
}

void xb_base_owners_release(struct xb_base_owners *o)
{
	free(o->v);
	*o = (struct xb_base_owners){0};
}
