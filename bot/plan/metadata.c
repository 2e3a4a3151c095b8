/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metadata.h"

#include "past.h"
#include "util/alloc.h"
#include "util/file.h"

#include <ctype.h>
#include <jansson.h>

#define MAX_META (1u << 20)

struct check {
	const struct xb_metadata_inputs *in;
	struct xb_strv in_base; /* advisories that the base fixes */
	struct xb_strv *findings;
};

static void found(struct check *c, char *text)
{
	*XB_PUSH(c->findings, v, n, cap) = text;
}

/* "XSA-407" is in "xsa407.meta". */
static char *file_of(const struct xb_config *config, const char *id)
{
	XB_AUTOFREE char *name = xb_strdup(id);
	size_t to = 0;

	for (size_t i = 0; name[i]; i++)
		if (isalnum((unsigned char)name[i]))
			name[to++] = (char)tolower((unsigned char)name[i]);
	name[to] = '\0';
	return xb_asprintf("%s/%s.meta", config->metadata, name);
}

/*
 * The recipe of advisory ID for LINE: borrowed from *ROOT, which the caller releases. NULL: none.
 * *TROUBLE: why the file can't be read, owned; NULL: it can, or there is none.
 */
static const json_t *recipe(const struct xb_config *config, const char *line, const char *id, json_t **root,
			    char **trouble)
{
	XB_AUTOFREE char *path = file_of(config, id);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = xb_file_read(path, MAX_META, &text);
	json_error_t where;

	*root = NULL;
	*trouble = NULL;
	if (err) {
		if (err->code != XB_E_NOTFOUND)
			*trouble = xb_strdup(err->msg);
		return NULL;
	}
	*root = json_loadb(text.p ? text.p : "", text.n, 0, &where);
	if (!json_is_object(*root)) {
		*trouble = xb_asprintf("%s:%d: not the JSON of an advisory", path, *root ? 1 : where.line);
		return NULL;
	}
	return json_object_get(json_object_get(*root, "Recipes"), line);
}

bool xb_metadata_affects(const struct xb_config *config, const char *line, const char *advisory)
{
	XB_AUTOFREE char *trouble = NULL;
	json_t *root;
	bool out = recipe(config, line, advisory, &root, &trouble) != NULL;

	json_decref(root);
	return out;
}

static const json_t *recipe_here(struct check *c, const char *id, json_t **root)
{
	char *trouble;
	const json_t *out = recipe(c->in->config, c->in->plan->target->line, id, root, &trouble);

	if (trouble)
		found(c, trouble);
	return out;
}

static bool affects_line(struct check *c, const char *id)
{
	json_t *root;
	bool out = recipe_here(c, id, &root) != NULL;

	json_decref(root);
	return out;
}

static bool in_plan(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->picks.n; i++)
		if (p->picks.v[i].role == XB_ROLE_SECURITY && xb_strv_has(&p->picks.v[i].advisories, id))
			return true;
	return false;
}

static char *advisory_number(const struct check *c, json_int_t n)
{
	const char *form = c->in->config->advisory, *at = strstr(form, "{n}");

	return at ? xb_asprintf("%.*s%lld%s", (int)(at - form), form, (long long)n, at + 3) : xb_strdup(form);
}

static void check_prereqs(struct check *c, const char *id, const json_t *prereqs)
{
	for (size_t i = 0; i < json_array_size(prereqs); i++) {
		const json_t *n = json_array_get(prereqs, i);
		XB_AUTOFREE char *need =
		    json_is_integer(n) ? advisory_number(c, json_integer_value(n)) : NULL;

		if (need && !in_plan(c->in->plan, need) && !xb_strv_has(&c->in_base, need) &&
		    affects_line(c, need))
			found(c, xb_asprintf("%s: the metadata of %s wants %s before it, which is neither in "
					     "the branch nor in its base",
					     c->in->plan->target->name, id, need));
	}
}

static void check_advisory(struct check *c, const char *id)
{
	json_t *root;
	const json_t *trees = json_object_get(recipe_here(c, id, &root), "Recipes");
	void *it = json_object_iter((json_t *)(size_t)trees);

	for (; it; it = json_object_iter_next((json_t *)(size_t)trees, it))
		check_prereqs(c, id, json_object_get(json_object_iter_value(it), "Prereqs"));
	json_decref(root);
}

static void note_base(void *ctx, const struct xb_hist *h)
{
	struct check *c = ctx;

	for (size_t i = 0; i < h->msg.tags.n; i++)
		for (size_t k = 0; k < h->msg.tags.v[i].ids.n; k++)
			xb_strv_add_new(&c->in_base, h->msg.tags.v[i].ids.v[k]);
}

static bool is_tagged(void *ctx, const struct xb_hist *h)
{
	(void)ctx;
	return h->msg.tags.n > 0;
}

struct xb_err *xb_metadata_check(const struct xb_metadata_inputs *in, struct xb_strv *findings)
{
	struct check c = {.in = in, .findings = findings};
	struct xb_past_options o = {.store = in->plan->store,
				    .rules = in->rules,
				    .base = in->plan->target->base,
				    .is_fix = is_tagged};
	struct xb_past *past;
	struct xb_err *err;

	if (!*in->config->metadata)
		return NULL;
	past = xb_past_new(&o);
	err = xb_past_each(past, note_base, &c);
	for (size_t i = 0; !err && i < in->plan->advisories.n; i++)
		if (in_plan(in->plan, in->plan->advisories.v[i].id))
			check_advisory(&c, in->plan->advisories.v[i].id);
	xb_past_free(past);
	xb_strv_release(&c.in_base);
	return err;
}
