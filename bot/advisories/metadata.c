/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metadata.h"

#include "os/file.h"
#include "text/json.h"
#include "util/alloc.h"

#include <ctype.h>
#include <jansson.h>
#include <time.h>

#define MAX_LIST (16u << 20)
#define MAX_META (1u << 20)

/* A file xsaN.meta that was asked for. */
struct recipe {
	char *id;
	json_t *root; /* NULL: there is none, or it can't be read */
};

struct xb_metadata {
	const struct xb_config *config;
	bool looked, listed;
	struct {
		struct xb_metadata_advisory *v;
		size_t n, cap;
	} list;
	struct {
		struct recipe *v;
		size_t n, cap;
	} recipes;
	struct xb_strv trouble;
};

struct xb_metadata *xb_metadata_open(const struct xb_config *config)
{
	struct xb_metadata *m = xb_calloc(1, sizeof *m);

	m->config = config;
	return m;
}

void xb_metadata_free(struct xb_metadata *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->list.n; i++) {
		XB_FREE(m->list.v[i].id, m->list.v[i].title, m->list.v[i].public_time,
			m->list.v[i].issue_time);
		xb_strv_release(&m->list.v[i].cves);
	}
	for (size_t i = 0; i < m->recipes.n; i++) {
		free(m->recipes.v[i].id);
		json_decref(m->recipes.v[i].root);
	}
	XB_FREE(m->list.v, m->recipes.v);
	xb_strv_release(&m->trouble);
	free(m);
}

const struct xb_strv *xb_metadata_trouble(const struct xb_metadata *m)
{
	return &m->trouble;
}

/* The JSON in the file PATH; NULL: there is no such file, or it is none, which is told. */
static json_t *load(struct xb_metadata *m, const char *path, size_t max)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = xb_file_read(path, max, &text);
	json_error_t where;
	json_t *root;

	if (err) {
		if (err->code != XB_E_NOTFOUND)
			xb_strv_add(&m->trouble, err->msg);
		return NULL;
	}
	root = xb_json_parse(text.p, text.n, &where);
	if (!root) {
		XB_AUTOFREE char *said = xb_asprintf("%s:%d: no JSON: ignored", path, where.line);

		xb_strv_add(&m->trouble, said);
	}
	return root;
}

/* "407" or 407 is "XSA-407"; owned, NULL: it is neither. */
static char *name_of(const struct xb_metadata *m, const json_t *number)
{
	const char *form = m->config->advisory, *at = strstr(form, "{n}");
	XB_AUTOFREE char *n = xb_json_number_text(number);

	if (!n || !*n)
		return NULL;
	return at ? xb_asprintf("%.*s%s%s", (int)(at - form), form, n, at + 3) : xb_strdup(n);
}

/* ---- the list ---- */

int64_t xb_metadata_seconds(const char *text)
{
	struct tm tm = {0};
	const char *rest = text ? strptime(text, "%Y-%m-%d", &tm) : NULL;

	if (!rest)
		return 0;
	if (*rest == ' ' || *rest == 'T')
		(void)!strptime(rest + 1, "%H:%M", &tm);
	return (int64_t)timegm(&tm);
}

static char *text_of(const json_t *o, const char *key)
{
	const char *s = xb_json_str(o, key);

	return s && *s ? xb_strdup(s) : NULL;
}

/* The CVEs are a list of texts, or one text. */
static void take_cves(const json_t *cve, struct xb_strv *out)
{
	if (json_is_string(cve) && *json_string_value(cve))
		xb_strv_add_new(out, json_string_value(cve));
	for (size_t i = 0; i < json_array_size(cve); i++)
		if (json_is_string(json_array_get(cve, i)))
			xb_strv_add_new(out, json_string_value(json_array_get(cve, i)));
}

static void take(struct xb_metadata *m, const json_t *one)
{
	char *id = name_of(m, json_object_get(one, "xsa"));
	struct xb_metadata_advisory *a;

	if (!id)
		return;
	a = XB_PUSH(&m->list, v, n, cap);
	a->id = id;
	a->title = text_of(one, "title");
	a->public_time = text_of(one, "public_time");
	a->issue = xb_json_num(one, "version");
	a->issue_time = text_of(one, "version_time");
	take_cves(json_object_get(one, "cve"), &a->cves);
}

/* A list of {"xsas": [{"xsa": "470", "title": ...}]}. */
static void look(struct xb_metadata *m)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/xsa.json", m->config->metadata);
	json_t *root;

	if (m->looked)
		return;
	m->looked = true;
	if (!*m->config->metadata)
		return;
	root = load(m, path, MAX_LIST);
	m->listed = json_is_array(root);
	if (root && !m->listed) {
		XB_AUTOFREE char *said = xb_asprintf("%s is no list of advisories: ignored", path);

		xb_strv_add(&m->trouble, said);
	}
	for (size_t i = 0; i < json_array_size(root); i++) {
		const json_t *xsas = json_object_get(json_array_get(root, i), "xsas");

		for (size_t k = 0; k < json_array_size(xsas); k++)
			take(m, json_array_get(xsas, k));
	}
	json_decref(root);
}

bool xb_metadata_listed(struct xb_metadata *m)
{
	look(m);
	return m->listed;
}

const struct xb_metadata_advisory *xb_metadata_at(struct xb_metadata *m, size_t i)
{
	look(m);
	return i < m->list.n ? &m->list.v[i] : NULL;
}

const struct xb_metadata_advisory *xb_metadata_find(struct xb_metadata *m, const char *id)
{
	look(m);
	for (size_t i = 0; i < m->list.n; i++)
		if (!strcmp(m->list.v[i].id, id))
			return &m->list.v[i];
	for (size_t i = 0; i < m->list.n; i++)
		if (xb_strv_has(&m->list.v[i].cves, id))
			return &m->list.v[i];
	return NULL;
}

/* ---- one advisory's file ---- */

/* "XSA-407" is in "xsa407.meta". */
char *xb_metadata_file(const struct xb_config *config, const char *id)
{
	XB_AUTOFREE char *name = xb_strdup(id);
	size_t to = 0;

	for (size_t i = 0; name[i]; i++)
		if (isalnum((unsigned char)name[i]))
			name[to++] = (char)tolower((unsigned char)name[i]);
	name[to] = '\0';
	return xb_asprintf("%s/%s.meta", config->metadata, name);
}

static json_t *file(struct xb_metadata *m, const char *id)
{
	XB_AUTOFREE char *path = NULL;
	struct recipe *r;

	for (size_t i = 0; i < m->recipes.n; i++)
		if (!strcmp(m->recipes.v[i].id, id))
			return m->recipes.v[i].root;
	if (!*m->config->metadata)
		return NULL;
	path = xb_metadata_file(m->config, id);
	r = XB_PUSH(&m->recipes, v, n, cap);
	r->id = xb_strdup(id);
	r->root = load(m, path, MAX_META);
	if (r->root && !json_is_object(r->root)) {
		XB_AUTOFREE char *said = xb_asprintf("%s:1: not the JSON of an advisory", path);

		xb_strv_add(&m->trouble, said);
	}
	return r->root;
}

static json_t *recipe(struct xb_metadata *m, const char *line, const char *id)
{
	return json_object_get(json_object_get(file(m, id), "Recipes"), line);
}

bool xb_metadata_has_recipes(struct xb_metadata *m, const char *advisory)
{
	return json_is_object(json_object_get(file(m, advisory), "Recipes"));
}

bool xb_metadata_affects(struct xb_metadata *m, const char *line, const char *advisory)
{
	return recipe(m, line, advisory) != NULL;
}

struct xb_err *xb_metadata_take(struct xb_metadata *m, const char *path, char **id)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	json_error_t where = {.line = 1};
	json_t *root;

	XB_TRY(xb_file_read(path, MAX_META, &text));
	root = xb_json_parse(text.p, text.n, &where);
	*id = name_of(m, json_object_get(root, "XSA"));
	if (!*id) {
		json_decref(root);
		return xb_err_new(XB_E_USAGE, "%s:%d: not the JSON of an advisory", path, where.line);
	}
	*XB_PUSH(&m->recipes, v, n, cap) = (struct recipe){xb_strdup(*id), root};
	return NULL;
}

/* Calls FN with each of the texts and numbers in the lists KEY of ADVISORY's trees. */
static void each(struct xb_metadata *m, const char *line, const char *advisory, const char *key,
		 void (*fn)(struct xb_metadata *m, const json_t *one, struct xb_strv *out),
		 struct xb_strv *out)
{
	json_t *trees = json_object_get(recipe(m, line, advisory), "Recipes");

	for (void *it = json_object_iter(trees); it; it = json_object_iter_next(trees, it)) {
		const json_t *list = json_object_get(json_object_iter_value(it), key);

		for (size_t i = 0; i < json_array_size(list); i++)
			fn(m, json_array_get(list, i), out);
	}
}

static void add_name(struct xb_metadata *m, const json_t *one, struct xb_strv *out)
{
	XB_AUTOFREE char *name = name_of(m, one);

	if (name)
		xb_strv_add_new(out, name);
}

static void add_text(struct xb_metadata *m, const json_t *one, struct xb_strv *out)
{
	(void)m;
	if (json_is_string(one))
		xb_strv_add_new(out, json_string_value(one));
}

void xb_metadata_needs(struct xb_metadata *m, const char *line, const char *advisory, struct xb_strv *out)
{
	each(m, line, advisory, "Prereqs", add_name, out);
}

void xb_metadata_patches(struct xb_metadata *m, const char *line, const char *advisory, struct xb_strv *out)
{
	each(m, line, advisory, "Patches", add_text, out);
}
