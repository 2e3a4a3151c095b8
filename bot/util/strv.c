/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strv.h"

#include "alloc.h"
#include "buf.h"

void xb_strv_add(struct xb_strv *v, const char *text)
{
	*XB_PUSH(v, v, n, cap) = xb_strdup(text);
}

void xb_strv_add_new(struct xb_strv *v, const char *text)
{
	if (!xb_strv_has(v, text))
		xb_strv_add(v, text);
}

void xb_strv_add_all_new(struct xb_strv *v, const struct xb_strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		xb_strv_add_new(v, from->v[i]);
}

bool xb_strv_has(const struct xb_strv *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], text))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void xb_strv_sort(struct xb_strv *v)
{
	if (v->n) /* qsort of NULL is undefined */
		qsort(v->v, v->n, sizeof *v->v, by_bytes);
}

void xb_strv_sort_unique(struct xb_strv *v)
{
	size_t kept = 0;

	if (!v->n)
		return;
	xb_strv_sort(v);
	for (size_t i = 1; i < v->n; i++) {
		if (strcmp(v->v[kept], v->v[i]) != 0)
			v->v[++kept] = v->v[i];
		else
			free(v->v[i]);
	}
	v->n = kept + 1;
}

char *xb_strv_join(const struct xb_strv *v, const char *between)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n; i++)
		xb_buf_addf(&b, "%s%s", i ? between : "", v->v[i]);
	return xb_buf_detach(&b);
}

void xb_strv_release(struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	*v = (struct xb_strv){0};
}

void xb_set_text(char **to, const char *text)
{
	free(*to);
	*to = text ? xb_strdup(text) : NULL;
}
