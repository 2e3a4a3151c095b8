/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include "advisories/metadata.h"
#include "odb/git.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <string.h>

enum { TEXT_MAX = 500, NAME_MAX_SHOWN = 60 };

static void add_cut(struct xb_buf *b, const char *s, size_t max)
{
	size_t n = s ? strlen(s) : 0;

	if (n)
		xb_vis(b, s, n > max ? max : n, 0);
	if (n > max)
		xb_buf_adds(b, " ...");
}

/* What is longer than people read is cut: a subject may have a megabyte. */
void xb_text_add_safe(struct xb_buf *b, const char *s)
{
	add_cut(b, s, TEXT_MAX);
}

void xb_text_add_name(struct xb_buf *b, const char *s)
{
	add_cut(b, s, NAME_MAX_SHOWN);
}

char *xb_text_safe(const char *s)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_text_add_safe(&b, s);
	return xb_buf_detach(&b);
}

/* A list that is too long for a subject: "A, B, C and 4 more". */
char *xb_text_names(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n && i < XB_TEXT_NAMES; i++) {
		xb_buf_adds(&b, i ? ", " : "");
		xb_text_add_name(&b, v->v[i]);
	}
	if (v->n > XB_TEXT_NAMES)
		xb_buf_addf(&b, " and %zu more", v->n - XB_TEXT_NAMES);
	return xb_buf_detach(&b);
}

char *xb_text_first_names(const char *words)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	while (*(words += strspn(words, " "))) {
		size_t n = strcspn(words, " ");
		XB_AUTOFREE char *one = xb_memdup0(words, n);

		xb_strv_add(&all, one);
		words += n;
	}
	return xb_text_names(&all);
}

char *xb_text_all_names(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n; i++) {
		xb_buf_adds(&b, i ? ", " : "");
		xb_text_add_name(&b, v->v[i]);
	}
	return xb_buf_detach(&b);
}

char *xb_text_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window)
{
	if (advisories->n)
		return xb_text_names(advisories);
	return xb_asprintf("%.*s", XB_SHORT, xb_hex(&p->window.v[window].oid).s);
}

char *xb_text_without(const char *ref, const char *prefix)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_text_add_safe(&b, ref && !strncmp(ref, prefix, strlen(prefix)) ? ref + strlen(prefix) : ref);
	return xb_buf_detach(&b);
}

void xb_text_target(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_target *target = t->in->target;
	const git_oid *at = &target->derived;
	char *new_value = git_oid_is_zero(at) ? NULL : xb_asprintf("%.*s", XB_SHORT, xb_hex(at).s);

	xb_field_set(f, "line", xb_vis_dup(target->name));
	xb_field_set(f, "branch", xb_text_without(target->derived_ref, "refs/heads/"));
	xb_field_set(f, "staging",
		     target->tip_ref ? xb_text_without(target->tip_ref, "refs/heads/")
				     : xb_strdup("staging"));
	xb_field_set(f, "base",
		     target->base_tag ? xb_vis_dup(target->base_tag)
				      : xb_asprintf("%.*s", XB_SHORT, xb_hex(&target->base).s));
	xb_field_set(f, "old", new_value ? xb_strdup(new_value) : NULL);
	xb_field_set(f, "new", new_value);
}

const struct xb_plan_advisory *xb_text_advisory(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->advisories.n; i++)
		if (!strcmp(p->advisories.v[i].id, id))
			return &p->advisories.v[i];
	return NULL;
}

/* The titles and CVEs of the advisories, a line each; nothing where nothing is known. */
char *xb_text_titles(const struct xb_text_inputs *t, const struct xb_strv *ids)
{
	struct xb_metadata *m = xb_metadata_open(t->in->config);
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < XB_TEXT_NAMES; i++) {
		const struct xb_metadata_advisory *known = xb_metadata_find(m, ids->v[i]);
		const char *title = known ? known->title : NULL;
		const struct xb_plan_advisory *a = xb_text_advisory(t->plan, ids->v[i]);
		XB_AUTOSTRV struct xb_strv cves = {0};
		size_t mark = b.n;

		if (ids->n > 1) {
			xb_buf_adds(&b, "\n    ");
			xb_text_add_name(&b, ids->v[i]);
			xb_buf_adds(&b, ": ");
		}
		xb_text_add_safe(&b, title);
		if (a)
			xb_strv_add_all_new(&cves, &a->aliases);
		if (known)
			xb_strv_add_all_new(&cves, &known->cves);
		for (size_t k = 0; k < cves.n; k++) {
			xb_buf_adds(&b, k ? ", " : title ? " / " : "");
			xb_text_add_name(&b, cves.v[k]);
		}
		if (!title && !cves.n)
			xb_buf_setlen(&b, mark);
	}
	xb_metadata_free(m);
	return xb_buf_detach(&b);
}

static char *indented(char *command)
{
	XB_AUTOFREE char *c = command;

	return c ? xb_asprintf("    %s", c) : NULL;
}

void xb_text_notes(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_config *c = t->in->config;

	if (!xb_advice_has_notes(c))
		return;
	xb_field_set(f, "fetch", indented(xb_advice_fetch_notes(c, !git_oid_is_zero(&t->plan->notes))));
	xb_field_set(f, "push", indented(xb_advice_push_notes(c)));
}

const char *xb_text_repository(const struct xb_config *c)
{
	const char *slash = c->repository ? strrchr(c->repository, '/') : NULL;

	return slash ? slash + 1 : "the repository";
}
