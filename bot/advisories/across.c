/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "across.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

void xb_across_release(struct xb_across *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].line);
		xb_strv_release(&a->v[i].ids);
	}
	free(a->v);
	*a = (struct xb_across){0};
}

void xb_across_add(struct xb_across *a, const struct xb_table *t)
{
	const char *line = t->plan->target->line;
	struct xb_across_line *l;

	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].line, line))
			return;
	l = XB_PUSH(a, v, n, cap);
	l->line = xb_strdup(line);
	for (size_t i = 0; i < t->rows.n; i++)
		if (t->rows.v[i].commits.n)
			xb_strv_add(&l->ids, t->rows.v[i].id);
	xb_strv_sort_unique(&l->ids);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has(const struct xb_across_line *l, const char *id)
{
	return l->ids.n && bsearch(&id, l->ids.v, l->ids.n, sizeof *l->ids.v, by_text);
}

static bool settled(const char *line, const char *id, struct xb_metadata *metadata)
{
	return metadata && xb_metadata_has_recipes(metadata, id) && !xb_metadata_affects(metadata, line, id);
}

/* The lines between the ones that have ID, as far as nothing settles that. */
static void look_for(const struct xb_across *a, const char *id, struct xb_metadata *metadata,
		     struct xb_strv *out)
{
	for (size_t below = 0; below < a->n; below++) {
		XB_AUTOSTRV struct xb_strv without = {0};
		XB_AUTOFREE char *lines = NULL;
		size_t above = below + 1;

		if (!has(&a->v[below], id))
			continue;
		for (; above < a->n && !has(&a->v[above], id); above++)
			if (!settled(a->v[above].line, id, metadata))
				xb_strv_add(&without, a->v[above].line);
		if (above == a->n || !without.n)
			continue;
		lines = xb_strv_join(&without, ", ");
		*XB_PUSH(out, v, n, cap) = xb_asprintf("%s has commits on %s and on %s, and none on %s", id,
						       a->v[below].line, a->v[above].line, lines);
	}
}

void xb_across_notices(const struct xb_across *a, struct xb_metadata *metadata, struct xb_strv *out)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < a->v[i].ids.n; k++)
			xb_strv_add(&all, a->v[i].ids.v[k]);
	xb_strv_sort_unique(&all);
	for (size_t k = 0; k < all.n; k++)
		look_for(a, all.v[k], metadata, out);
}
