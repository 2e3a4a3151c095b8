/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intent.h"

#include "os/file.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_SIZE = 1 << 24 };

static bool good_id(const char *id, size_t n)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

	return n && n <= 200 && *id != '.' && strspn(id, set) >= n;
}

static struct xb_err *path_of(const char *dir, const char *id, char **out)
{
	if (!good_id(id, strlen(id)))
		return xb_err_new(XB_E_INTERNAL, "'%s' is no name for an intent", id);
	*out = xb_asprintf("%s/%s.json", dir, id);
	return NULL;
}

static json_t *refs_to_json(const struct xb_intent *in)
{
	json_t *refs = json_array();

	for (size_t i = 0; i < in->n_refs; i++) {
		struct xb_hex from = xb_hex(&in->refs[i].old_id), to = xb_hex(&in->refs[i].new_id);

		/* Fails as a whole for a name that is not UTF-8. */
		if (json_array_append_new(refs, json_pack("{s:s, s:s, s:s}", "ref", in->refs[i].name, "old",
							  from.s, "new", to.s))) {
			json_decref(refs);
			return NULL;
		}
	}
	return refs;
}

struct xb_err *xb_intent_write(const char *dir, const struct xb_intent *intent)
{
	XB_AUTOJSON json_t *j = json_pack("{s:i, s:s, s:s*, s:o}", "version", 1, "id", intent->id, "pack",
					  intent->pack, "refs", refs_to_json(intent));
	XB_AUTOFREE char *text = j ? xb_json_dump(j, JSON_INDENT(1)) : NULL;
	XB_AUTOFREE char *path = NULL;

	XB_TRY(path_of(dir, intent->id, &path));
	if (!text)
		return xb_err_new(XB_E_HOSTILE, "intent %s: a ref's name is not UTF-8", intent->id);
	return xb_file_write(path, text, strlen(text), 0640);
}

static bool ref_from_json(const json_t *j, struct xb_ref_update *out)
{
	const char *name = xb_json_str(j, "ref");

	if (!name || git_oid_fromstr(&out->old_id, xb_json_str_or(j, "old", "")) ||
	    git_oid_fromstr(&out->new_id, xb_json_str_or(j, "new", "")))
		return false;
	out->name = xb_strdup(name);
	return true;
}

static bool from_json(const json_t *j, struct xb_intent *out)
{
	XB_AUTO(xb_json_must_release) struct xb_json_must m = {0};
	const json_t *refs = xb_json_must_list(&m, j, "refs");

	out->id = xb_strdup(xb_json_must_str(&m, j, "id"));
	out->pack = xb_json_dup(j, "pack");
	out->refs = xb_calloc(json_array_size(refs) + 1, sizeof *out->refs);
	for (; out->n_refs < json_array_size(refs); out->n_refs++)
		if (!ref_from_json(json_array_get(refs, out->n_refs), &out->refs[out->n_refs]))
			return false;
	return xb_json_must_num(&m, j, "version") == 1 && !m.wrong;
}

struct xb_err *xb_intent_read(const char *dir, const char *id, struct xb_intent *out)
{
	XB_AUTOFREE char *path = NULL;
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOJSON json_t *j = NULL;

	memset(out, 0, sizeof *out);
	XB_TRY(path_of(dir, id, &path));
	XB_TRY(xb_file_read(path, MAX_SIZE, &text));
	j = xb_json_own(text.p, text.n);
	if (j && from_json(j, out) && !strcmp(out->id, id))
		return NULL;
	xb_intent_release(out);
	return xb_err_new(XB_E_HOSTILE,
			  "%s is not an intent that this program wrote: look at it and remove it", path);
}

struct xb_err *xb_intent_time(const char *dir, const char *id, struct timespec *out)
{
	XB_AUTOFREE char *path = NULL;
	struct stat st;

	XB_TRY(path_of(dir, id, &path));
	if (stat(path, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	*out = st.st_mtim;
	return NULL;
}

struct xb_err *xb_intent_clear(const char *dir, const char *id)
{
	XB_AUTOFREE char *path = NULL;

	XB_TRY(path_of(dir, id, &path));
	return xb_file_remove(path);
}

/* "ID.json", and no temporary file. */
static char *id_of_file(const char *name)
{
	size_t n = strlen(name);

	if (n <= 5 || strcmp(name + n - 5, ".json") != 0 || !good_id(name, n - 5))
		return NULL;
	return xb_memdup0(name, n - 5);
}

struct xb_err *xb_intent_list(const char *dir, char ***v, size_t *n)
{
	XB_AUTOSTRV struct xb_strv files = {0};
	struct xb_strv ids = {0};

	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		char *id = id_of_file(files.v[i]);

		if (id)
			*XB_PUSH(&ids, v, n, cap) = id;
	}
	xb_strv_sort(&ids);
	*v = ids.v;
	*n = ids.n;
	return NULL;
}

void xb_intent_release(struct xb_intent *intent)
{
	for (size_t i = 0; i < intent->n_refs; i++)
		free(intent->refs[i].name);
	XB_FREE(intent->refs, intent->id, intent->pack);
	memset(intent, 0, sizeof *intent);
}
