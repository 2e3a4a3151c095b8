/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ledger.h"

#include "odb/oidjson.h"
#include "os/file.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <string.h>
#include <unistd.h>

enum { LEDGER_MAX = 64 << 20 };

static char *dir_of(const char *state_dir)
{
	return xb_asprintf("%s/published", state_dir);
}

static char *path_of(const char *state_dir, const char *name)
{
	return xb_asprintf("%s/published/%s.json", state_dir, name);
}

static struct xb_err *parse(const struct xb_buf *text, const char *path, struct xb_state *out)
{
	XB_AUTOJSON json_t *j = xb_json_own(text->p, text->n);
	const char *rules = xb_json_str(j, "rules");
	const char *bad = NULL;

	if (xb_json_num(j, "version") == 1 && rules &&
	    xb_oid_from_json(json_object_get(j, "commit"), &out->commit)) {
		out->rules = xb_strdup(rules);
		bad = xb_state_parse(json_object_get(j, "state"), out);
	} else {
		bad = "it is none of version 1";
	}
	if (!bad)
		return NULL;
	return xb_err_new(
	    XB_E_HOSTILE,
	    "%s, which says what was published, can't be read: %s; bring it back, or remove it and "
	    "accept what is in the repository with xsabot adopt",
	    path, bad);
}

struct xb_err *xb_ledger_read(const char *state_dir, const char *name, struct xb_state *out, bool *known)
{
	XB_AUTOFREE char *path = path_of(state_dir, name);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, LEDGER_MAX, &text);

	*out = (struct xb_state){0};
	*known = !err;
	return err ? xb_err_allow(err, XB_E_NOTFOUND) : parse(&text, path, out);
}

bool xb_ledger_known(const char *state_dir, const char *name, struct xb_state *out)
{
	bool known;
	struct xb_err *err = xb_ledger_read(state_dir, name, out, &known);

	known = known && !err;
	xb_err_free(err);
	return known;
}

static struct xb_err *write_entry(const char *state_dir, const char *name, const git_oid *at,
				  const struct xb_obj *state, const struct xb_obj *rules)
{
	XB_AUTOFREE char *dir = dir_of(state_dir), *path = path_of(state_dir, name), *text = NULL;
	XB_AUTOJSON json_t *j = json_object();

	json_object_set_new(j, "version", json_integer(1));
	json_object_set_new(j, "commit", xb_oid_json(at));
	json_object_set_new(j, "state", xb_json_own(state->data, state->len));
	json_object_set_new(j, "rules", json_stringn((const char *)rules->data, rules->len));
	text = xb_json_dump(j, JSON_INDENT(1));
	if (!text || json_object_size(j) != 4)
		return xb_err_new(XB_E_INTERNAL, "cannot make %s", path);
	XB_TRY(xb_mkdirs(dir, 0750));
	return xb_file_write(path, text, strlen(text), 0640);
}

struct xb_err *xb_ledger_write(const char *state_dir, const char *name, struct xb_store *s, const git_oid *at)
{
	struct xb_obj *state, *rules;

	XB_TRY(xb_state_files(s, at, &state, &rules));
	return write_entry(state_dir, name, at, state, rules);
}

struct xb_err *xb_ledger_list(const char *state_dir, struct xb_strv *out)
{
	XB_AUTOFREE char *dir = dir_of(state_dir);
	XB_AUTOSTRV struct xb_strv files = {0};

	if (access(dir, F_OK))
		return NULL;
	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		size_t n = strlen(files.v[i]);

		if (xb_ends(files.v[i], n, ".json"))
			*XB_PUSH(out, v, n, cap) = xb_memdup0(files.v[i], n - strlen(".json"));
	}
	xb_strv_sort(out);
	return NULL;
}

bool xb_ledger_was_seen(const char *state_dir, const char *name, const git_oid *derived)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/status.json", state_dir);
	XB_AUTOJSON json_t *j = NULL;
	struct xb_hex hex = xb_hex(derived);
	const json_t *lines;

	xb_err_free(xb_json_read(path, LEDGER_MAX, XB_JSON_SILENT, &j));
	lines = json_object_get(j, "lines");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *l = json_array_get(lines, i);

		if (!strcmp(xb_json_str_or(l, "name", ""), name))
			return !strcmp(xb_json_str_or(l, "derived", ""), hex.s) &&
			       strcmp(xb_json_str_or(l, "state", ""), "held") != 0 &&
			       strcmp(xb_json_str_or(l, "state", ""), "failed") != 0;
	}
	return false;
}
