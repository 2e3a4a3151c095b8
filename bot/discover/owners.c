/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "owners.h"

#include "util/alloc.h"

#include <ctype.h>

/* Lines of one file, followed backwards. */
struct followed {
	struct xb_blame *b;
	struct xb_owners *out;
	size_t *v; /* numbers of lines in BLOB, ascending */
	size_t n, cap;
	const char *path;
	git_oid blob;
};

void xb_owners_release(struct xb_owners *o)
{
	free(o->v);
	*o = (struct xb_owners){0};
}

static bool has_word(const struct xb_text *t, size_t line)
{
	const char *p = xb_text_at(t, line);
	size_t n = xb_text_size(t, line, line + 1);

	for (size_t i = 0; i < n; i++)
		if (isalnum((unsigned char)p[i]) || (unsigned char)p[i] >= 0x80)
			return true;
	return false;
}

static void own(struct xb_owners *o, size_t i)
{
	for (size_t k = 0; k < o->n; k++) {
		if (o->v[k].i != i)
			continue;
		o->v[k].lines++;
		return;
	}
	*XB_PUSH(o, v, n, cap) = (struct xb_owner){i, 1};
}

/* C led from the older blob to the one the lines are in. What it added is I's; SIZE_MAX: nobody's. */
static void follow(struct followed *f, const struct xb_changes *c, size_t i)
{
	size_t kept = 0, k = 0;

	for (size_t m = 0; m < f->n; m++) {
		size_t line = f->v[m];

		while (k < c->n && c->v[k].b + c->v[k].bn <= line)
			k++;
		if (k < c->n && c->v[k].b <= line) {
			if (i != SIZE_MAX)
				own(f->out, i);
			continue;
		}
		if (k)
			line = line + c->v[k - 1].a + c->v[k - 1].an - c->v[k - 1].b - c->v[k - 1].bn;
		f->v[kept++] = line;
	}
	f->n = kept;
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
		follow(f, c, SIZE_MAX);
		f->blob = t->new_id;
	}
	if (!xb_mode_is_file(t->old_mode) && !t->from) {
		for (size_t m = 0; m < f->n; m++)
			own(f->out, i);
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

/* The lines with a word of FROM up to TO are looked for. */
static void begin(struct followed *f, const struct xb_text *t, size_t from, size_t to)
{
	for (size_t line = from; line < to && line < t->n; line++)
		if (has_word(t, line))
			*XB_PUSH(f, v, n, cap) = line;
}

/* Whose were the lines of one file that commit I takes away? */
static struct xb_err *follow_file(struct followed *f, struct xb_picker *picker, size_t i,
				  const struct xb_touch *t)
{
	const struct xb_changes *c = NULL;
	struct xb_text *old;
	bool done = false;

	f->n = 0;
	if (xb_mode_is_file(t->new_mode))
		XB_TRY(xb_blame_changes(f->b, &t->old_id, &t->new_id, &c));
	XB_TRY(xb_picker_text(picker, &t->old_id, &old));
	xb_text_split(old);
	for (size_t k = 0; c && k < c->n; k++)
		begin(f, old, c->v[k].a, c->v[k].a + c->v[k].an);
	if (!c)
		begin(f, old, 0, old->n);
	f->out->lines += f->n;
	f->path = t->path;
	f->blob = t->old_id;
	for (size_t j = i; j-- > 0 && f->n && !done;)
		XB_TRY(step_back(f, j, &done));
	return NULL;
}

struct xb_err *xb_owners_find(struct xb_blame *b, struct xb_picker *picker, size_t i, struct xb_owners *out)
{
	struct followed f = {.b = b, .out = out};
	const struct xb_touches *all;
	struct xb_err *err = xb_blame_touches(b, i, &all);

	for (size_t k = 0; !err && k < all->n; k++) {
		const struct xb_touch *t = &all->v[k];
		bool renamed = t->new_mode && !t->old_mode;

		if (xb_mode_is_file(t->old_mode) && !renamed)
			err = follow_file(&f, picker, i, t);
	}
	free(f.v);
	return err;
}
