/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "upstream.h"

#include "config/config.h"
#include "gate/extgate.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "publish/keep.h"
#include "publish/refmove.h"
#include "publish/vault.h"
#include "refs/ownrefs.h"
#include "refs/refpat.h"
#include "remote/remote-record.h"
#include "remote/remote.h"
#include "repo/git.h"
#include "repo/odb.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/strv.h"
#include "util/vis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What a fetch brings, on its way into the repository: the pack is received in a
 * directory of our own and placed under a `.keep` (publish/keep.h), which goes
 * when the refs have moved. Otherwise a `git gc` in between would take what no ref
 * reaches yet. Order of calls: begin, fetch, place, move the refs, end.
 */

struct xb_incoming {
	struct xb_vault *vault;
	char *objects;        /* where packs are received */
	struct xb_strv packs; /* names, once they are placed */
};

static char *pack_dir(const struct xb_incoming *in)
{
	return xb_asprintf("%s/pack", in->objects);
}

/* Of a fetch that did not come to its end. */
static struct xb_err *clear(const struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = pack_dir(in);
	XB_AUTOSTRV struct xb_strv files = {0};

	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, files.v[i]);

		XB_TRY(xb_file_remove(path));
	}
	return NULL;
}

/* From here on what is fetched by REPO is received; what an earlier fetch left goes. Release IN in each case.
 */
static struct xb_err *incoming_begin(const struct xb_config *c, git_repository *repo, struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = NULL;
	size_t removed;

	*in = (struct xb_incoming){.objects = xb_asprintf("%s/upstream/objects", c->state_dir)};
	dir = pack_dir(in);
	XB_TRY(xb_vault_open(c->state_dir, git_repository_path(repo), XB_GIT_AGAIN, &in->vault));
	in->vault->what = "fetch";
	XB_TRY(xb_keep_sweep(in->vault, NULL, 0, &removed));
	XB_TRY(xb_mkdirs(dir, 0700));
	XB_TRY(clear(in));
	return xb_odb_divert(repo, in->objects);
}

static struct xb_err *incoming_place(struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = pack_dir(in);
	XB_AUTOSTRV struct xb_strv files = {0};

	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		size_t n = strlen(files.v[i]);
		XB_AUTOFREE char *name = NULL;
		struct xb_pack_written w = {.dir = dir};
		char *placed;

		if (!xb_ends(files.v[i], n, ".idx"))
			continue;
		name = xb_memdup0(files.v[i], n - strlen(".idx"));
		w.name = name;
		XB_TRY(xb_keep_install(in->vault, &w, "fetch", &placed));
		*XB_PUSH(&in->packs, v, n, cap) = placed;
	}
	return NULL;
}

static struct xb_err *incoming_end(struct xb_incoming *in)
{
	for (size_t i = 0; i < in->packs.n; i++)
		XB_TRY(xb_keep_release(in->vault, in->packs.v[i]));
	return NULL;
}

static void incoming_release(struct xb_incoming *in)
{
	xb_vault_free(in->vault);
	free(in->objects);
	xb_strv_release(&in->packs);
	*in = (struct xb_incoming){0};
}

enum { DEADLINE = 3600, LOCK_WAIT_MS = 60000 };

/* ---- which refs ---- */

/* Does REF match PATTERN for a line that is looked after? */
static bool matches(const struct xb_config *c, const char *pattern, const char *line, const char *ref)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL, *bound = NULL;
	XB_AUTOFREE char *name = NULL;

	/* The patterns were checked with the configuration: no error is left to tell. */
	xb_err_free(xb_refpat_compile(pattern, 0, XB_REFPAT_ANY, &pat));
	if (!pat)
		return false;
	if (line) {
		bound = xb_refpat_bind(pat, line);
		return bound && xb_refpat_match(bound, ref, NULL, NULL);
	}
	/* {line}.{n} can be cut in several ways: any line's will do. */
	return xb_refpat_match(pat, ref, &name, NULL) &&
	       (!name || (xb_refpat_holds(pat) & XB_REFPAT_N) || xb_config_selects(c, name));
}

static bool is_input_of(const struct xb_config *c, const struct xb_line_conf *conf, const char *line,
			const char *ref)
{
	return matches(c, conf->staging, line, ref) || matches(c, conf->release, line, ref);
}

/* Is REF one that is fetched? */
static bool reads(const struct xb_config *c, const char *ref)
{
	const struct xb_ref_role *role;

	if (!xb_refname_ok(ref) || strlen(ref) > XB_REMOTE_NAME_MAX || !xb_utf8_valid(ref, strlen(ref)))
		return false;
	if (*c->notes && !strcmp(ref, c->notes))
		return true;
	role = xb_ref_role_of(ref);
	if (role && role->fetched && (!role->external || xb_config_has_external(c)))
		return true;
	for (size_t i = 0; i < c->overrides.n; i++)
		if (is_input_of(c, &c->overrides.v[i].conf, c->overrides.v[i].name, ref))
			return true;
	for (size_t i = 0; i < c->lines.n; i++)
		if (is_input_of(c, &c->line_default, c->lines.v[i], ref))
			return true;
	return (c->all_lines || c->lines_from) && is_input_of(c, &c->line_default, NULL, ref);
}

/* ---- a visit ---- */

struct visit {
	const struct xb_config *config;
	const char *repository;
	char *dir, *path, *home;
	git_repository *repo;
	struct xb_record record;
	struct xb_modes modes; /* of refs here */
	size_t moved;
};

static char *record_path(const struct xb_config *config)
{
	return xb_asprintf("%s/upstream/record.json", config->state_dir);
}

/* Those that are read; the strings are the remote's. */
static struct xb_remote_refs select_refs(const struct visit *v, const struct xb_remote *remote)
{
	const struct xb_remote_refs *all = xb_remote_list(remote);
	struct xb_remote_refs out = {0};

	for (size_t i = 0; i < all->n; i++)
		if (reads(v->config, all->v[i].name))
			*XB_PUSH(&out, v, n, cap) = all->v[i];
	return out;
}

static struct xb_err *download(struct visit *v, struct xb_remote *remote, const struct xb_remote_refs *refs)
{
	XB_AUTOFREE char **names = xb_calloc(refs->n + 1, sizeof *names);
	size_t n = 0;
	git_oid here;

	for (size_t i = 0; i < refs->n; i++) {
		XB_TRY(xb_ref_value(v->repo, refs->v[i].name, &here));
		if (!git_oid_equal(&here, &refs->v[i].oid))
			names[n++] = refs->v[i].name;
	}
	return n ? xb_remote_fetch(remote, names, n) : NULL;
}

/* Compare-and-swap; somebody in the way is the next visit's matter, but not what one left that was cut short.
 */
static struct xb_err *move(struct visit *v, const char *name, const git_oid *from, const git_oid *to)
{
	int rc = xb_ref_write(v->repo, &v->modes, name, from, to, "xsabot: fetch");
	enum xb_stale lock = XB_LOCK_LEFT;

	if (rc == GIT_ELOCKED)
		XB_TRY(xb_ref_old_lock(v->repo, name, &lock));
	if (lock != XB_LOCK_LEFT)
		rc = xb_ref_write(v->repo, &v->modes, name, from, to, "xsabot: fetch");
	if (rc == GIT_ELOCKED || rc == GIT_EMODIFIED || rc == GIT_EEXISTS)
		return xb_err_new(XB_E_TEMP, "%s is in use", name);
	if (rc)
		return xb_err_git(XB_E_CONFIG, rc, "cannot write %s", name);
	v->moved++;
	xb_log(XB_INFO, "upstream: %s is now %.12s (was %.12s)", name, xb_hex(to).s,
	       git_oid_is_zero(from) ? "not there" : xb_hex(from).s);
	return NULL;
}

static struct xb_err *set_ref(struct visit *v, git_odb *odb, const struct xb_remote_ref *r)
{
	struct xb_record_ref *known = xb_record_ref(&v->record, r->name);
	git_oid here;

	XB_TRY(xb_ref_value(v->repo, r->name, &here));
	if (!git_oid_equal(&here, &r->oid)) {
		if (!git_odb_exists(odb, &r->oid))
			return xb_err_new(XB_E_TEMP, "it did not send %s of %s", xb_hex(&r->oid).s, r->name);
		XB_TRY(move(v, r->name, &here, &r->oid));
	}
	known->at = r->oid;
	return NULL;
}

/* Only if it is what was read; the file of packed refs may be written anew. */
static int delete_ref(const struct visit *v, git_reference *ref)
{
	mode_t before = xb_modes_enter(&v->modes);
	int rc = git_reference_delete(ref);

	xb_modes_leave(before);
	return rc;
}

/* A ref that we fetched and that is gone there goes here, if nobody moved it since. */
static struct xb_err *drop_ref(struct visit *v, struct xb_record_ref *known)
{
	XB_AUTOGIT(git_reference) *ref = NULL;
	git_oid was = known->at;
	int rc = git_reference_lookup(&ref, v->repo, known->name);

	memset(&known->at, 0, sizeof known->at);
	if (rc == GIT_ENOTFOUND)
		return NULL;
	if (!rc && (git_reference_type(ref) != GIT_REFERENCE_DIRECT ||
		    !git_oid_equal(git_reference_target(ref), &was)))
		return NULL;
	if (!rc)
		rc = delete_ref(v, ref);
	if (rc) {
		known->at = was;
		return xb_err_git(XB_E_TEMP, rc, "cannot remove %s", known->name);
	}
	xb_log(XB_WARN, "upstream: %s is gone there; it was %.12s", known->name, xb_hex(&was).s);
	return NULL;
}

/* The others, the next visit meets again. */
static void keep_first(struct xb_err **first, struct xb_err *err)
{
	if (*first)
		xb_err_free(err);
	else
		*first = err;
}

/* Each ref by itself; gives the first error. */
static struct xb_err *set_all(struct visit *v, const struct xb_remote_refs *refs)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	struct xb_err *first = NULL;
	int rc = git_repository_odb(&odb, v->repo);

	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the objects");
	/* As with git: a ref that went may be in the way of one that came, a/b of a. */
	for (size_t i = 0; i < v->record.refs.n; i++) {
		struct xb_record_ref *known = &v->record.refs.v[i];

		if (!git_oid_is_zero(&known->at) && !xb_remote_refs_find(refs, known->name))
			keep_first(&first, drop_ref(v, known));
	}
	for (size_t i = 0; i < refs->n; i++)
		keep_first(&first, set_ref(v, odb, &refs->v[i]));
	return first;
}

static struct xb_err *receive(struct visit *v, struct xb_remote *remote, const struct xb_remote_refs *refs)
{
	XB_AUTO(incoming_release) struct xb_incoming in = {0};

	XB_TRY(incoming_begin(v->config, v->repo, &in));
	XB_TRY(download(v, remote, refs));
	XB_TRY(incoming_place(&in));
	XB_TRY(set_all(v, refs));
	return incoming_end(&in);
}

static struct xb_err *talk(struct visit *v)
{
	struct xb_remote_refs refs;
	struct xb_remote *remote;
	struct xb_err *err = xb_remote_open(v->config->upstream, v->home, v->repo, XB_REMOTE_FETCH, &remote);

	if (err)
		return err;
	refs = select_refs(v, remote);
	if (!refs.n) /* another repository, or an empty one: not taken for a new truth */
		err = xb_err_new(
		    XB_E_CONFIG,
		    "it has none of the refs that the configuration names (%s, %s): nothing was done",
		    v->config->line_default.staging, v->config->line_default.release);
	if (refs.n > XB_REMOTE_REFS_MAX)
		err = xb_err_new(XB_E_CONFIG,
				 "it has %zu of the refs that are read, more than %d: nothing was done",
				 refs.n, XB_REMOTE_REFS_MAX);
	if (!err)
		err = receive(v, remote, &refs);
	free(refs.v);
	xb_remote_free(remote);
	return err;
}

static struct xb_err *end(struct visit *v, struct xb_err *err, bool *attention)
{
	if (err)
		xb_record_failed(&v->record, err);
	else
		xb_record_well(&v->record, xb_now_s());
	XB_TRY(xb_record_write(v->path, &v->record));
	if (err && v->record.attention) {
		xb_log(XB_ERROR, "upstream %s: %s", v->config->upstream->url, err->msg);
		xb_err_free(err);
		*attention = true;
		return NULL;
	}
	return err;
}

static struct xb_err *run(struct visit *v, bool *attention)
{
	XB_TRY(xb_git_open(v->repository, XB_GIT_AGAIN, &v->repo));
	XB_TRY(xb_modes_of(v->repo, "refs", &v->modes));
	XB_TRY(xb_record_read(v->path, v->config->upstream->url, &v->record));
	xb_record_begin(&v->record, xb_now_s());
	XB_TRY(xb_record_write(v->path, &v->record));
	return end(v, talk(v), attention);
}

static char *wake_path(const struct xb_config *config)
{
	return xb_asprintf("%s/upstream/wake", config->state_dir);
}

static struct xb_err *work(const void *data, bool *attention)
{
	const struct xb_task_env *env = data;
	struct visit v = {.config = env->config, .repository = env->repo_path};
	XB_AUTOFREE char *wake = wake_path(env->config);
	XB_AUTOCLOSE int lock = -1;
	struct xb_err *err;

	v.path = record_path(env->config);
	v.dir = xb_dirname(v.path);
	v.home = xb_asprintf("%s/home", v.dir);
	err = xb_lock_take(v.dir, "lock", LOCK_WAIT_MS, &lock);
	if (!err)
		err = xb_file_remove(wake); /* what comes from now on may be missed by this fetch */
	if (!err)
		err = run(&v, attention);
	xb_record_release(&v.record);
	git_repository_free(v.repo);
	XB_FREE(v.path, v.dir, v.home);
	return err;
}

/* ---- tasks ---- */

static int64_t due_at(const struct xb_task_env *env, const struct xb_record *r)
{
	XB_AUTOFREE char *wake = wake_path(env->config);

	/* An event that came since the last visit, even if that failed: its sender is up. */
	if (!access(wake, F_OK))
		return env->now;
	return r->error ? r->retry : r->looked + env->config->poll;
}

static void add_task(const struct xb_task_env *env, int64_t due, struct xb_tasks *out)
{
	struct xb_task_env *data = xb_calloc(1, sizeof *data);

	*data = *env;
	*XB_PUSH(out, v, n, cap) = (struct xb_task){.name = xb_strdup("upstream"),
						    .kind = "upstream",
						    .after = XB_AFTER_REFS | XB_AFTER_HEALTH,
						    .due = due,
						    .seconds = DEADLINE,
						    .work = work,
						    .data = data,
						    .free_data = free};
}

struct xb_err *xb_upstream_tasks(const struct xb_task_env *env, struct xb_tasks *out)
{
	XB_AUTOFREE char *path = record_path(env->config);
	struct xb_record record;

	if (!env->config->upstream)
		return NULL;
	XB_TRY(xb_record_read(path, env->config->upstream->url, &record));
	add_task(env, due_at(env, &record), out);
	xb_record_release(&record);
	return NULL;
}

struct xb_err *xb_upstream_tasks_now(const struct xb_task_env *env, struct xb_tasks *out)
{
	if (env->config->upstream)
		add_task(env, env->now, out);
	return NULL;
}

struct xb_err *xb_upstream_wake(const struct xb_config *config)
{
	XB_AUTOFREE char *path = wake_path(config), *dir = xb_dirname(path);

	if (!config->upstream || !access(path, F_OK))
		return NULL;
	XB_TRY(xb_mkdirs(dir, 0750));
	return xb_file_write(path, "", 0, 0640);
}

struct xb_err *xb_upstream_wake_if_well(const struct xb_config *config)
{
	struct xb_upstream_status s;
	struct xb_err *err = xb_upstream_summary(config, &s);

	if (!err && s.is_there && !s.why)
		err = xb_upstream_wake(config);
	free(s.why);
	return err;
}

struct xb_err *xb_upstream_summary(const struct xb_config *config, struct xb_upstream_status *out)
{
	XB_AUTOFREE char *path = record_path(config);
	struct xb_record r;

	*out = (struct xb_upstream_status){0};
	if (!config->upstream)
		return NULL;
	XB_TRY(xb_record_read(path, config->upstream->url, &r));
	*out = (struct xb_upstream_status){.is_there = true,
					   .attention = r.attention,
					   .began_ms = r.began_ms,
					   .looked = r.looked,
					   .retry = r.retry};
	out->why = XB_STEAL(r.error);
	xb_record_release(&r);
	return NULL;
}
