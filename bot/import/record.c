/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include "import-impl.h"
#include "os/file.h"
#include "util/alloc.h"
#include "util/hashmap.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <strings.h>
#include <sys/stat.h>

#define MAX_FILE ((size_t)16 << 20)

void xb_import_records_release(struct xb_import_records *r)
{
	for (size_t i = 0; i < r->n; i++) {
		XB_FREE(r->v[i].advisory, r->v[i].file, r->v[i].title);
		xb_strv_release(&r->v[i].ids);
		xb_strv_release(&r->v[i].paths);
	}
	free(r->v);
	xb_strv_release(&r->ignored);
	*r = (struct xb_import_records){0};
}

uint64_t xb_import_line(bool added, const char *p, size_t n)
{
	uint64_t h = added ? 1 : 2;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (isspace((unsigned char)p[i]))
			continue;
		h = xb_hash_mix(h, (unsigned char)p[i]);
		any = true;
	}
	return any ? h : 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The digits of the number that begins at P: "2024-1" of a CVE, "407" of what comes before "-4.17-1". */
static size_t number_length(const char *p, bool cve)
{
	size_t n = strspn(p, "0123456789");

	if (cve && n == 4 && p[n] == '-')
		n += 1 + strspn(p + n + 1, "0123456789");
	return n;
}

/* The advisory whose name NAME begins with. */
static char *advisory_at(const struct xb_rules *rules, const char *name)
{
	size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *digits = name + letters + (name[letters] == '-' || name[letters] == '_');
	size_t n = number_length(digits, letters == 3 && !strncasecmp(name, "cve", 3));
	XB_AUTOFREE char *upper = xb_asprintf("%.*s-%.*s", (int)letters, name, (int)n, digits);

	for (size_t i = 0; i < letters; i++)
		upper[i] = (char)toupper((unsigned char)upper[i]);
	return letters && n ? xb_rules_advisory(rules, upper) : NULL;
}

/* xsa407-4.14-1.patch, patch-xsa407-0001-x86.patch, 0001-xsa407.patch: the first word that is one. */
static char *advisory_of_name(const struct xb_rules *rules, const char *name)
{
	char *out = NULL;

	for (const char *p = name; *p && !out; p++)
		if (p == name || !isalnum((unsigned char)p[-1]))
			out = advisory_at(rules, p);
	return out;
}

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n > m && !strcasecmp(s + n - m, with);
}

static void ignore(struct xb_import_records *out, const char *path, const char *why)
{
	*XB_PUSH(&out->ignored, v, n, cap) = xb_asprintf("%s: %s", path, why);
}

static struct xb_err *add_patch(const char *path, const char *advisory, struct xb_import_records *out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_import_record *r;

	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->v[i].file, path) && !strcmp(out->v[i].advisory, advisory))
			return NULL; /* named by its metadata and by its directory */
	XB_TRY(xb_file_read(path, MAX_FILE, &text));
	r = XB_PUSH(out, v, n, cap);
	r->advisory = xb_strdup(advisory);
	r->file = xb_strdup(path);
	xb_import_patch(text.p ? text.p : "", text.n, r);
	return NULL;
}

/* The patches that PATTERN, relative to the directory of OF, names. */
static struct xb_err *add_glob(const char *of, const char *pattern, const char *advisory,
			       struct xb_import_records *out)
{
	XB_AUTOFREE char *dir = xb_dirname(of), *full = xb_asprintf("%s/%s", dir, pattern);
	glob_t found = {0};
	struct xb_err *err = NULL;

	if (*pattern == '/' || strstr(pattern, "..") || glob(full, GLOB_NOSORT, NULL, &found))
		return NULL; /* what isn't there can't be matched */
	for (size_t i = 0; i < found.gl_pathc && !err; i++)
		if (ends(found.gl_pathv[i], ".patch") || ends(found.gl_pathv[i], ".diff"))
			err = add_patch(found.gl_pathv[i], advisory, out);
	globfree(&found);
	return err;
}

struct reading {
	const char *path;
	struct xb_import_records *out;
};

static struct xb_err *take_patches(void *ctx, const char *advisory, const char *pattern)
{
	const struct reading *r = ctx;

	return add_glob(r->path, pattern, advisory, r->out);
}

static void take_id(void *ctx, const char *advisory, const char *hex)
{
	const struct reading *r = ctx;
	struct xb_import_record *last = r->out->n ? &r->out->v[r->out->n - 1] : NULL;

	if (!last || last->n_lines || strcmp(last->file, r->path) != 0 ||
	    strcmp(last->advisory, advisory) != 0) {
		last = XB_PUSH(r->out, v, n, cap);
		last->advisory = xb_strdup(advisory);
		last->file = xb_strdup(r->path);
	}
	xb_strv_add_new(&last->ids, hex);
}

static struct xb_err *read_json(const struct xb_rules *rules, const char *path, struct xb_import_records *out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOFREE char *name = advisory_of_name(rules, base_name(path));
	struct reading r = {path, out};
	struct xb_import_json j = {
	    .rules = rules, .advisory = name, .patches = take_patches, .commit = take_id, .ctx = &r};
	const char *why = NULL;

	XB_TRY(xb_file_read(path, MAX_FILE, &text));
	XB_TRY(xb_import_json(&j, text.p ? text.p : "", text.n, &why));
	if (why)
		ignore(out, path, why);
	return NULL;
}

static struct xb_err *read_file(const struct xb_rules *rules, const char *path, struct xb_import_records *out)
{
	XB_AUTOFREE char *advisory = NULL;

	if (ends(path, ".meta") || ends(path, ".json"))
		return read_json(rules, path, out);
	if (!ends(path, ".patch") && !ends(path, ".diff")) {
		ignore(out, path, "no patch, .meta or .json");
		return NULL;
	}
	advisory = advisory_of_name(rules, base_name(path));
	if (advisory)
		return add_patch(path, advisory, out);
	ignore(out, path, "its name is not that of an advisory");
	return NULL;
}

static struct xb_err *read_dir(const struct xb_rules *rules, const char *path, struct xb_import_records *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(xb_dir_list(path, &names));
	xb_strv_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTOFREE char *file = xb_asprintf("%s/%s", path, names.v[i]);
		struct stat st;

		if (*names.v[i] != '.' && !stat(file, &st) && S_ISREG(st.st_mode))
			XB_TRY(read_file(rules, file, out));
	}
	return NULL;
}

struct xb_err *xb_import_read(const struct xb_rules *rules, const char *path, struct xb_import_records *out)
{
	struct stat st;

	if (stat(path, &st))
		return xb_err_sys(XB_E_USAGE, errno, "cannot read %s", path);
	return S_ISDIR(st.st_mode) ? read_dir(rules, path, out) : read_file(rules, path, out);
}
