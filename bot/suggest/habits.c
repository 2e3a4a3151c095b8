/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "habits.h"

#include "classify/history.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/hashmap.h"

#include <fnmatch.h>
#include <string.h>

enum {
	COMMITS = 20000,
	CHANGES = 500,  /* whose files are looked at */
	PATHS = 200,    /* of one commit */
	ENTRIES = 5000, /* of the tree */
	DEPTH = 3,
	LOGS = 12,
	LEAST = 8, /* commits that change a file */
};

static const struct {
	const char *form, *pattern, *prefix;
} schemes[XB_SCHEMES] = {
    [XB_SCHEME_XSA] = {"XSA-{n}", "XSA-\\d+", "XSA-"},
    [XB_SCHEME_CVE] = {"CVE-{n}", "CVE-\\d+-\\d+", "CVE-"},
    [XB_SCHEME_GHSA] = {"GHSA-{id}", "(?i)\\bGHSA(?:-[0-9a-z]{4}){3}\\b", "GHSA-"},
    [XB_SCHEME_TALOS] = {"TALOS-{n}", "TALOS-\\d+-\\d+", "TALOS-"},
    [XB_SCHEME_ZDI] = {"ZDI-{n}", "ZDI-\\d+-\\d+", "ZDI-"},
};

/* No pattern makes a fix: each id is named, then. */
static const char rules_text[] = "[rules]\nsecurity =\nadvisory = CVE-{n}\n"
				 "alias = XSA-{n} GHSA-{id} TALOS-{n} ZDI-{n}\n";

struct counting {
	struct xb_store *store;
	struct xb_rules *rules;
	struct xb_habits *out;
	struct xb_hashmap places; /* of a path, in paths, plus 1 */
	struct xb_habit_files paths;
	size_t here, entries;
};

const char *xb_scheme_form(enum xb_scheme s)
{
	return schemes[s].form;
}

const char *xb_scheme_pattern(enum xb_scheme s)
{
	return schemes[s].pattern;
}

static bool has_scheme(const struct xb_strv *ids, enum xb_scheme s)
{
	for (size_t i = 0; i < ids->n; i++)
		if (!strncmp(ids->v[i], schemes[s].prefix, strlen(schemes[s].prefix)))
			return true;
	return false;
}

/* ---- messages ---- */

static struct xb_err *count_ids(struct counting *c, const struct xb_hist *h, const struct xb_commit *commit)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	if (h->msg.revert_depth)
		return NULL;
	/* More of them than can be read are as good as many. */
	xb_err_free(xb_rules_ids(c->rules, commit->message.p, commit->message.n, &all, NULL));
	for (enum xb_scheme s = 0; s < XB_SCHEMES; s++) {
		if (has_scheme(&h->msg.named, s)) {
			c->out->shown[s]++;
		} else if (has_scheme(&all, s)) {
			c->out->prose[s]++;
			c->out->example[s] = h->oid;
		}
	}
	return NULL;
}

/* ---- files that are changed ---- */

static struct xb_err *count_path(void *ctx, const char *path, const struct xb_entry *a,
				 const struct xb_entry *b)
{
	struct counting *c = ctx;
	uint64_t *at;

	(void)a;
	(void)b;
	if (c->here++ >= PATHS)
		return NULL;
	at = xb_hashmap_at(&c->places, xb_hash_bytes(path, strlen(path)));
	if (!*at) {
		*XB_PUSH(&c->paths, v, n, cap) = (struct xb_habit_file){.path = xb_strdup(path)};
		*at = c->paths.n;
	}
	c->paths.v[*at - 1].n++;
	return NULL;
}

static struct xb_err *tree_of(struct counting *c, const git_oid *commit, git_oid *out)
{
	XB_AUTOCOMMIT struct xb_commit parsed = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(c->store, commit, &parsed));
	*out = parsed.tree;
	return NULL;
}

static struct xb_err *count_paths(struct counting *c, const struct xb_hist *h)
{
	git_oid before;

	if (h->n_parents != 1 || c->out->changes == CHANGES)
		return NULL;
	c->out->changes++;
	c->here = 0;
	XB_TRY(tree_of(c, &h->parent, &before));
	return xb_tree_diff(c->store, &before, &h->tree, count_path, c);
}

static int most_first(const void *a, const void *b)
{
	const struct xb_habit_file *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void keep_busy(struct counting *c)
{
	if (c->paths.n)
		qsort(c->paths.v, c->paths.n, sizeof *c->paths.v, most_first);
	for (size_t i = 0; i < c->paths.n; i++) {
		struct xb_habit_file *f = &c->paths.v[i];

		if (f->n >= LEAST && f->n * 10 >= c->out->changes)
			*XB_PUSH(&c->out->busy, v, n, cap) = *f;
		else
			free(f->path);
	}
	free(c->paths.v);
}

/* ---- changelogs ---- */

static bool is_log_name(const char *name)
{
	static const char *const patterns[] = {"changes*", "changelog*",      "news*",
					       "history*", "*release*notes*", "*-changes*"};

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (!fnmatch(patterns[i], name, FNM_CASEFOLD))
			return true;
	return false;
}

/* How many lines of a file name an advisory. */
static struct xb_err *count_log(struct counting *c, const char *path, const git_oid *oid)
{
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	size_t n = 0;

	XB_TRY(xb_blob_open(c->store, oid, &b));
	for (size_t at = 0, len; at < b.n; at += len + 1) {
		const char *nl = memchr(b.p + at, '\n', b.n - at);
		XB_AUTOSTRV struct xb_strv ids = {0};

		len = nl ? (size_t)(nl - b.p) - at : b.n - at;
		XB_TRY(xb_rules_ids(c->rules, b.p + at, len, &ids, NULL));
		n += ids.n > 0;
	}
	if (n)
		*XB_PUSH(&c->out->logs, v, n, cap) = (struct xb_habit_file){xb_strdup(path), n};
	return NULL;
}

/* Directories of other projects' files. */
static bool is_foreign(const char *path)
{
	static const char *const names[] = {"deps",    "vendor",   "third_party", "third-party",
					    "contrib", "external", "node_modules"};
	const char *name = strrchr(path, '/');

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name ? name + 1 : path, names[i]))
			return true;
	return false;
}

static struct xb_err *find_logs(struct counting *c, const git_oid *tree, const char *dir, unsigned depth)
{
	struct xb_tree_iter it;
	struct xb_entry e;

	XB_TRY(xb_tree_open(c->store, tree, &it));
	while (xb_tree_next(&it, &e) && c->entries++ < ENTRIES) {
		XB_AUTOFREE char *path = xb_asprintf("%s%.*s", dir, (int)e.len, e.name);
		XB_AUTOFREE char *below = xb_asprintf("%s/", path);

		if (xb_entry_is_tree(&e) && depth < DEPTH && !is_foreign(path))
			XB_TRY(find_logs(c, &e.oid, below, depth + 1));
		else if (xb_entry_is_file(&e) && is_log_name(path + strlen(dir)) && c->out->logs.n < LOGS)
			XB_TRY(count_log(c, path, &e.oid));
	}
	return NULL;
}

/* ---- all ---- */

static struct xb_err *take(struct counting *c, const git_oid *oid)
{
	XB_AUTOCOMMIT struct xb_commit commit = XB_COMMIT_INIT;
	XB_AUTO(xb_hist_release) struct xb_hist h = {0};

	XB_TRY(xb_commit_load(c->store, oid, &commit));
	XB_TRY(xb_hist_parse(c->rules, oid, &commit, &h));
	XB_TRY(count_ids(c, &h, &commit));
	return count_paths(c, &h);
}

static struct xb_err *walk(struct counting *c, git_repository *repo, const git_oid *tips, size_t n)
{
	XB_AUTOGIT(git_revwalk) *w = NULL;
	git_oid oid;
	int rc = git_revwalk_new(&w, repo);

	git_revwalk_sorting(w, GIT_SORT_TIME);
	for (size_t i = 0; i < n && !rc; i++)
		rc = git_revwalk_push(w, &tips[i]);
	while (!rc && c->out->commits < COMMITS && !(rc = git_revwalk_next(&oid, w))) {
		c->out->commits++;
		XB_TRY(take(c, &oid));
	}
	if (rc && rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot walk the history");
	return NULL;
}

static struct xb_err *count_all(struct counting *c, git_repository *repo, const git_oid *tips, size_t n)
{
	git_oid tree;

	if (!n)
		return NULL;
	XB_TRY(walk(c, repo, tips, n));
	XB_TRY(tree_of(c, &tips[0], &tree));
	return find_logs(c, &tree, "", 0);
}

struct xb_err *xb_habits_find(git_repository *repo, struct xb_store *store, const git_oid *tips, size_t n,
			      struct xb_habits *out)
{
	struct counting c = {.store = store, .out = out};
	struct xb_config *config = NULL;
	struct xb_err *err;

	*out = (struct xb_habits){0};
	XB_TRY(xb_config_parse(NULL, rules_text, strlen(rules_text), &config));
	err = xb_rules_compile(config, &c.rules);
	if (!err)
		err = count_all(&c, repo, tips, n);
	keep_busy(&c);
	if (out->logs.n)
		qsort(out->logs.v, out->logs.n, sizeof *out->logs.v, most_first);
	xb_hashmap_release(&c.places);
	xb_rules_free(c.rules);
	xb_config_free(config);
	return err;
}

static void release_files(struct xb_habit_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
}

void xb_habits_release(struct xb_habits *h)
{
	release_files(&h->busy);
	release_files(&h->logs);
	*h = (struct xb_habits){0};
}
