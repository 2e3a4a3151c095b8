/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import-impl.h"

#include "text/json.h"
#include "util/alloc.h"

#include <jansson.h>

static bool is_id(const char *s)
{
	size_t n = s ? strspn(s, "0123456789abcdef") : 0;

	return n >= 12 && n <= 40 && !s[n];
}

/* The name of the advisory among the texts V, in the project's spelling; owned. */
static char *first_advisory(const struct xb_import_json *j, const struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++) {
		char *id = xb_rules_advisory(j->rules, v->v[i]);

		if (id)
			return id;
	}
	return j->advisory ? xb_strdup(j->advisory) : NULL;
}

static void add_text(struct xb_strv *v, const char *text)
{
	if (text)
		xb_strv_add_new(v, text);
}

/* The id in a web address .../commit/ID, ...?id=ID, ...h=ID. */
static void take_address(const struct xb_import_json *j, const char *advisory, const char *url)
{
	static const char *const before[] = {"/commit/", "id=", "h=", "/commits/"};

	for (size_t k = 0; url && k < sizeof before / sizeof *before; k++) {
		const char *p = strstr(url, before[k]);
		size_t n = p ? strspn(p + strlen(before[k]), "0123456789abcdef") : 0;
		XB_AUTOFREE char *hex = n >= 12 && n <= 40 ? xb_memdup0(p + strlen(before[k]), n) : NULL;

		if (hex)
			j->commit(j->ctx, advisory, hex);
	}
}

static void take_event(const struct xb_import_json *j, const char *advisory, const json_t *event)
{
	const char *fixed = xb_json_str(event, "fixed");

	if (is_id(fixed))
		j->commit(j->ctx, advisory, fixed);
}

/* https://ossf.github.io/osv-schema/: affected[].ranges[] of type GIT, with events {"fixed": ID}. */
static const char *read_osv(const struct xb_import_json *j, const json_t *o)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOFREE char *advisory = NULL;
	const json_t *a, *r, *e;
	size_t i, k, m;

	add_text(&names, xb_json_str(o, "id"));
	xb_json_list(o, "aliases", &names);
	advisory = first_advisory(j, &names);
	if (!advisory)
		return "it is about no advisory of this project's form";
	json_array_foreach(json_object_get(o, "affected"), i, a)
	    json_array_foreach(json_object_get(a, "ranges"), k, r)
		json_array_foreach(json_object_get(r, "events"), m, e) take_event(j, advisory, e);
	json_array_foreach(json_object_get(o, "references"), i, a)
	    take_address(j, advisory, xb_json_str(a, "url"));
	return NULL;
}

/* CVE record format 5: containers.cna.affected[].versions[] of versionType git, and references[].url. */
static const char *read_cve(const struct xb_import_json *j, const json_t *o)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOFREE char *advisory = NULL;
	const json_t *cna = json_object_get(json_object_get(o, "containers"), "cna"), *a, *v;
	size_t i, k;

	add_text(&names, xb_json_str(json_object_get(o, "cveMetadata"), "cveId"));
	advisory = first_advisory(j, &names);
	if (!advisory)
		return "it is about no advisory of this project's form";
	json_array_foreach(json_object_get(cna, "affected"), i, a)
	    json_array_foreach(json_object_get(a, "versions"), k, v)
	{
		const char *before = xb_json_str(v, "lessThan");

		if (is_id(before))
			j->commit(j->ctx, advisory, before);
	}
	json_array_foreach(json_object_get(cna, "references"), i, a)
	    take_address(j, advisory, xb_json_str(a, "url"));
	return NULL;
}

/* xsaN.meta: Recipes.VERSION.Recipes.TREE.Patches, globs of files beside it. */
static struct xb_err *read_meta(const struct xb_import_json *j, const json_t *recipes, const char **why)
{
	const char *key;
	json_t *version, *tree;

	if (!j->advisory) {
		*why = "its name is not that of an advisory";
		return NULL;
	}
	json_object_foreach((json_t *)(size_t)recipes, key, version)
	{
		const char *name;

		json_object_foreach(json_object_get(version, "Recipes"), name, tree)
		{
			const json_t *p;
			size_t i;

			json_array_foreach(json_object_get(tree, "Patches"), i, p) if (json_is_string(p))
			    XB_TRY(j->patches(j->ctx, j->advisory, json_string_value(p)));
		}
	}
	return NULL;
}

/* xsa.json: [{"xsas": [{"xsa": N, "files": [{"name": PATH}]}]}] */
static struct xb_err *read_list(const struct xb_import_json *j, const json_t *list, const char **why)
{
	const json_t *part, *one, *file;
	size_t i, k, m;
	bool any = false;

	json_array_foreach(list, i, part) json_array_foreach(json_object_get(part, "xsas"), k, one)
	{
		const json_t *n = json_object_get(one, "xsa");
		XB_AUTOFREE char *number = xb_json_number_text(n);
		XB_AUTOFREE char *name = number ? xb_asprintf("XSA-%s", number) : NULL;
		XB_AUTOFREE char *advisory = name ? xb_rules_advisory(j->rules, name) : NULL;

		json_array_foreach(json_object_get(one, "files"), m, file)
		{
			const char *path = xb_json_str(file, "name");

			any |= advisory && path;
			if (advisory && path)
				XB_TRY(j->patches(j->ctx, advisory, path));
		}
	}
	if (!any)
		*why = "a list that names no files of advisories of this project's form";
	return NULL;
}

struct xb_err *xb_import_json(const struct xb_import_json *j, const char *text, size_t n, const char **why)
{
	json_t *root = xb_json_parse(text, n, NULL);
	const json_t *recipes = json_object_get(root, "Recipes");
	struct xb_err *err = NULL;

	*why = NULL;
	if (!root)
		*why = "it is no JSON";
	else if (json_is_array(root))
		err = read_list(j, root, why);
	else if (json_is_object(recipes))
		err = read_meta(j, recipes, why);
	else if (json_is_object(json_object_get(root, "cveMetadata")))
		*why = read_cve(j, root);
	else if (json_is_array(json_object_get(root, "affected")))
		*why = read_osv(j, root);
	else
		*why = "neither the metadata of an advisory, nor an OSV or CVE record";
	json_decref(root);
	return err;
}
