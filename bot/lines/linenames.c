/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linenames.h"

#include "refs/ownrefs.h"
#include "refs/refpat.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct xb_err *staging_pattern(const struct xb_linenames *l, struct xb_refpat **out)
{
	return xb_refpat_compile(l->config->line_default.staging, 0, XB_REFPAT_ANY, out);
}

static bool configured(const struct xb_config *c, const char *name)
{
	bool yes = xb_strv_has(&c->lines, name);

	for (size_t i = 0; !yes && i < c->overrides.n; i++)
		yes = !strcmp(c->overrides.v[i].name, name);
	return yes;
}

static bool published(const struct xb_linenames *l, const char *name)
{
	XB_AUTOFREE char *state = xb_ref_of(XB_REF_STATES, name);

	return xb_refnames_has(l->refs, state);
}

static bool staged(const struct xb_linenames *l, const struct xb_refpat *staging, const char *name)
{
	XB_AUTOFREE char *ref = xb_refpat_expand(staging, name, NULL), *line = NULL, *remote = NULL;

	if (!ref || !xb_refpat_match(staging, ref, &line, NULL) || !line || strcmp(line, name) != 0)
		return false;
	if (xb_refnames_has(l->refs, ref))
		return true;
	if (!l->remote || strncmp(ref, XB_HEADS, strlen(XB_HEADS)) != 0)
		return false;
	remote = xb_asprintf("%s%s", XB_ORIGIN, ref + strlen(XB_HEADS));
	return xb_refnames_has(l->refs, remote);
}

/* Is NAME that of a release of one of the lines, or of what else has a state? */
static bool is_release(const struct xb_linenames *l, const struct xb_refpat *staging, const char *name)
{
	size_t len = strlen(name);

	for (const char *n; (n = xb_name_cut(name, &len));) {
		XB_AUTOFREE char *line = xb_memdup0(name, len);

		if (n == name + len && !xb_config_line(l->config, line)->letters)
			continue;
		if (configured(l->config, line) || published(l, line) ||
		    (xb_config_selects(l->config, line) && staged(l, staging, line)))
			return true;
	}
	return false;
}

/* A line that was published and whose staging ref went away is not forgotten. */
static bool was_line(const struct xb_linenames *l, const struct xb_refpat *staging, const char *name)
{
	XB_AUTOFREE char *ref = xb_refpat_expand(staging, name, NULL);

	return ref && published(l, name) && !is_release(l, staging, name);
}

struct xb_err *xb_linenames_has(const struct xb_linenames *l, const char *name, bool *out)
{
	XB_AUTOPTR(xb_refpat) *staging = NULL;

	*out = configured(l->config, name);
	if (*out || !xb_config_selects(l->config, name))
		return NULL;
	XB_TRY(staging_pattern(l, &staging));
	*out = staged(l, staging, name) || was_line(l, staging, name);
	return NULL;
}

static int by_version(const void *a, const void *b)
{
	return xb_version_cmp(*(char *const *)a, *(char *const *)b);
}

/* The refs that may be staging refs of some line, by the names that they have where they are ours. */
static struct xb_err *staging_refs(const struct xb_linenames *l, const struct xb_refpat *staging,
				   struct xb_strv *out)
{
	XB_AUTOFREE char *prefix = xb_refpat_prefix(staging);
	XB_AUTOSTRV struct xb_strv there = {0};

	XB_TRY(xb_refnames_find(l->refs, prefix, out));
	if (!l->remote)
		return NULL;
	XB_TRY(xb_refnames_find(l->refs, XB_ORIGIN, &there));
	for (size_t i = 0; i < there.n; i++)
		*XB_PUSH(out, v, n, cap) = xb_asprintf("%s%s", XB_HEADS, there.v[i] + strlen(XB_ORIGIN));
	return NULL;
}

static struct xb_err *add_staged(const struct xb_linenames *l, const struct xb_refpat *staging,
				 struct xb_strv *out)
{
	XB_AUTOSTRV struct xb_strv refs = {0};

	XB_TRY(staging_refs(l, staging, &refs));
	for (size_t i = 0; i < refs.n; i++) {
		XB_AUTOFREE char *line = NULL;

		if (xb_refpat_match(staging, refs.v[i], &line, NULL) && line &&
		    xb_config_selects(l->config, line))
			xb_strv_add_new(out, line);
	}
	return NULL;
}

static struct xb_err *add_published(const struct xb_linenames *l, const struct xb_refpat *staging,
				    struct xb_strv *out)
{
	XB_AUTOSTRV struct xb_strv refs = {0};

	XB_TRY(xb_refnames_find(l->refs, xb_ref_role(XB_REF_STATES)->name, &refs));
	for (size_t i = 0; i < refs.n; i++) {
		const char *name = refs.v[i] + strlen(xb_ref_role(XB_REF_STATES)->name);

		if (xb_config_selects(l->config, name) && was_line(l, staging, name))
			xb_strv_add_new(out, name);
	}
	return NULL;
}

struct xb_err *xb_linenames_list(const struct xb_linenames *l, struct xb_strv *out)
{
	const struct xb_config *c = l->config;
	XB_AUTOPTR(xb_refpat) *staging = NULL;

	xb_strv_add_all_new(out, &c->lines);
	for (size_t i = 0; i < c->overrides.n; i++)
		xb_strv_add_new(out, c->overrides.v[i].name);
	if (c->all_lines || c->lines_from) {
		XB_TRY(staging_pattern(l, &staging));
		XB_TRY(add_staged(l, staging, out));
		XB_TRY(add_published(l, staging, out));
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_version);
	return NULL;
}
