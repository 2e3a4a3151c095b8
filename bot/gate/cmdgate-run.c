/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdgate-run.h"

#include "checkout.h"
#include "cmdgate-log.h"
#include "command.h"
#include "odb/git.h"
#include "attempts.h"
#include "util/alloc.h"
#include "util/task.h"
#include "util/file.h"
#include "util/log.h"
#include "verdicts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void xb_cmdgate_run_free(void *data)
{
	struct xb_cmdgate_run *r = data;

	if (!r)
		return;
	free(r->target);
	free(r->command);
	free(r->what);
	free(r->dir);
	free(r->repo_path);
	free(r);
}

/* ---- before ---- */

/* One test of a target at a time, by whatever process: a bot, and a person's command beside it. */
static struct xb_err *take_turn(const struct xb_cmdgate_run *r, int *lock)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/work/%s.lock", r->dir, r->target);
	XB_AUTOFREE char *dir = xb_dirname(path);

	XB_TRY(xb_mkdirs(dir, 0700));
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*lock < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open %s", path);
	while (flock(*lock, LOCK_EX))
		if (errno != EINTR)
			return xb_err_sys(XB_E_IO, errno, "cannot lock %s", path);
	return NULL;
}

/* Did somebody else test it while we waited? */
static struct xb_err *is_settled(const struct xb_cmdgate_run *r, bool *out)
{
	XB_AUTOFREE char *verdicts = xb_asprintf("%s/verdicts", r->dir);
	XB_AUTOFREE char *path = xb_asprintf("%s/retry/%s", r->dir, r->target);
	struct xb_verdicts *v = NULL;
	const struct xb_verdict_known *known;
	struct xb_attempts retries;
	const struct xb_test_attempt *k;

	if (!access(verdicts, F_OK))
		XB_TRY(xb_verdicts_open(verdicts, &v));
	known = v ? xb_verdicts_find(v, &r->tree, &r->test) : NULL;
	*out = known && known->verdict != XB_TEST_UNKNOWN;
	xb_verdicts_free(v);
	XB_TRY(xb_attempts_read(path, &retries));
	k = xb_attempts_find(&retries, &r->tree, &r->test);
	*out |= k && xb_test_attempt_due(k, r->config->gate.retry) > xb_now_s();
	xb_attempts_release(&retries);
	return NULL;
}

/* An empty directory for this target's checkouts: what a test that was killed left there goes. */
static struct xb_err *make_work_dir(const struct xb_cmdgate_run *r, char **out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/work/%s", r->dir, r->target);
	struct stat st;

	if (!lstat(path, &st))
		XB_TRY(xb_remove_tree(AT_FDCWD, path));
	XB_TRY(xb_mkdirs(path, 0700));
	*out = realpath(path, NULL);
	return *out ? NULL : xb_err_sys(XB_E_IO, errno, "cannot resolve %s", path);
}

static char *objects_dir(const struct xb_cmdgate_run *r)
{
	return xb_asprintf("%s/objects/%s/%s", r->dir, r->target, xb_hex(&r->tree).s);
}

/* The repository's objects and the candidate's. */
static struct xb_err *open_odb(const struct xb_cmdgate_run *r, git_repository **repo, git_odb **odb)
{
	XB_AUTOFREE char *more = objects_dir(r);
	struct stat st;
	int rc;

	XB_TRY(xb_git_open(r->repo_path, XB_GIT_AGAIN, repo));
	rc = git_repository_odb(odb, *repo);
	if (!rc && !stat(more, &st))
		rc = git_odb_add_disk_alternate(*odb, more);
	return rc ? xb_err_git(XB_E_IO, rc, "cannot open the objects of %s", r->repo_path) : NULL;
}

static struct xb_err *check_out(const struct xb_cmdgate_run *r, const char *dir, struct xb_checkout *out)
{
	XB_AUTOGIT(git_repository) *repo = NULL;
	XB_AUTOGIT(git_odb) *odb = NULL;
	struct xb_store *store;
	struct xb_err *err;

	XB_TRY(open_odb(r, &repo, &odb));
	store = xb_store_new(odb, NULL);
	err = xb_checkout_make_in(dir, store, &r->tree, out);
	xb_store_free(store);
	return err;
}

static void add_path(const char *path, struct xb_strv *out)
{
	char *real = path ? realpath(path, NULL) : NULL;

	if (real)
		*XB_PUSH(out, v, n, cap) = real; /* one that is not there needs no hiding */
}

void xb_cmdgate_hidden(const struct xb_config *c, struct xb_strv *out)
{
	const char *const paths[] = {c->state_dir,   c->spool,       c->repository,
				     c->file,        getenv("HOME"), getenv("CREDENTIALS_DIRECTORY"),
				     c->mail.secret, c->relay.key,   c->upstream ? c->upstream->key : NULL};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		add_path(paths[i], out);
	for (size_t i = 0; i < c->mirrors.n; i++)
		add_path(c->mirrors.v[i].key, out);
	for (size_t i = 0; i < c->gate.hidden.n; i++)
		*XB_PUSH(out, v, n, cap) = xb_strdup(c->gate.hidden.v[i]);
}

/* ---- the test ---- */

static struct xb_err *run_once(const struct xb_cmdgate_run *r, const struct xb_checkout *where,
			       struct xb_sandbox *sandbox, struct xb_command_result *out)
{
	XB_AUTOCLOSE int log = -1;
	struct xb_command c = {
	    .text = r->command,
	    .timeout = r->config->gate.timeout,
	    .memory = r->config->gate.memory,
	    .total = r->config->gate.memory_total,
	    .group = r->target,
	    .output = r->config->gate.output,
	    .leave_room = true,
	    .sandbox = sandbox,
	    .kill_all = !sandbox,
	};

	XB_TRY(xb_cmdgate_log_begin(r, &log));
	c.copy = log;
	return xb_command_run(&c, where, out);
}

static struct xb_err *run_command(const struct xb_cmdgate_run *r, const struct xb_checkout *where,
				  struct xb_command_result *out)
{
	const struct xb_gate_conf *g = &r->config->gate;
	struct xb_sandbox s = {.work = where->root, .network = g->network, .writable = g->writable};
	struct xb_err *err;

	if (g->sandbox == XB_SANDBOX_NO)
		return run_once(r, where, NULL, out);
	xb_cmdgate_hidden(r->config, &s.hidden);
	err = run_once(r, where, &s, out);
	xb_strv_release(&s.hidden);
	if (err || !out->no_sandbox || g->sandbox == XB_SANDBOX_REQUIRE)
		return err;
	xb_log(XB_WARN, "gate %s: without a sandbox, as this system allows none: %s", r->target,
	       out->no_sandbox);
	xb_command_result_release(out);
	return run_once(r, where, NULL, out);
}

/* ---- after ---- */

/* The objects of this and of older candidates have served; those of a newer one may just have come. */
static struct xb_err *remove_objects(const struct xb_cmdgate_run *r)
{
	XB_AUTOFREE char *own = objects_dir(r), *dir = xb_dirname(own);
	struct stat st, mine;
	struct xb_err *err = NULL;
	struct dirent *e;
	DIR *d;

	if (stat(own, &mine))
		return NULL;
	d = opendir(dir);
	while (d && !err && (e = readdir(d)))
		if (e->d_name[0] != '.' && !fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    st.st_mtime <= mine.st_mtime && strcmp(e->d_name, xb_hex(&r->tree).s) != 0)
			err = xb_remove_tree(dirfd(d), e->d_name);
	if (d)
		closedir(d);
	return err ? err : xb_remove_tree(AT_FDCWD, own);
}

static struct xb_err *remember(const struct xb_cmdgate_run *r, const struct xb_command_result *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/verdicts", r->dir);
	XB_AUTOFREE char *retries = xb_asprintf("%s/retry/%s", r->dir, r->target);
	struct xb_mentions none = {0};
	struct xb_verdicts *v;
	struct xb_err *err;

	XB_TRY(xb_verdicts_open(path, &v));
	err = xb_verdicts_add(v, &r->tree, &r->test, out->verdict, &none);
	xb_verdicts_free(v);
	if (!err)
		err = xb_attempts_end(retries, &r->tree, &r->test);
	return err ? err : remove_objects(r);
}

static struct xb_err *note_begin(const struct xb_cmdgate_run *r)
{
	XB_AUTOFREE char *retries = xb_asprintf("%s/retry/%s", r->dir, r->target);
	XB_AUTOFREE char *dir = xb_dirname(retries);

	XB_TRY(xb_mkdirs(dir, 0700));
	return xb_attempts_begin(retries, &r->tree, &r->test, xb_now_s());
}

static struct xb_err *note_unknown(const struct xb_cmdgate_run *r, const struct xb_command_result *out)
{
	XB_AUTOFREE char *retries = xb_asprintf("%s/retry/%s", r->dir, r->target);
	XB_AUTOFREE char *why = xb_cmdgate_explain(out);

	if (xb_cmdgate_cannot_start(out))
		xb_log(XB_WARN, "gate %s: %s", r->target, why);
	return xb_attempts_explain(retries, &r->tree, &r->test, why);
}

static struct xb_err *settle(const struct xb_cmdgate_run *r, const struct xb_command_result *out,
			     int64_t seconds)
{
	XB_TRY(xb_cmdgate_log_write(r, out, seconds));
	xb_log(XB_INFO, "gate %s: %s: %s, after %lld s", r->target, r->what, xb_cmdgate_verdict(out),
	       (long long)seconds);
	if (xb_cmdgate_cannot_tell(out))
		XB_TRY(note_unknown(r, out));
	if (out->no_sandbox)
		return xb_err_new(XB_E_TEMP,
				  "%s; where the gate's command is trusted, see sandbox in xsabot.conf(5)",
				  out->no_sandbox);
	return xb_cmdgate_cannot_tell(out) ? NULL : remember(r, out);
}

struct xb_err *xb_cmdgate_run(const void *data, bool *attention)
{
	const struct xb_cmdgate_run *r = data;
	struct xb_command_result out = {0};
	struct xb_checkout where = {0};
	XB_AUTOFREE char *dir = NULL;
	XB_AUTOFREE char *log = NULL;
	XB_AUTOCLOSE int lock = -1;
	int64_t began;
	bool settled;
	struct xb_err *err, *second;

	(void)attention; /* a failure is found, and told, when the target is published again */
	XB_TRY(take_turn(r, &lock));
	XB_TRY(is_settled(r, &settled));
	if (settled)
		return NULL;
	began = xb_now_ms();
	XB_TRY(note_begin(r));
	XB_TRY(make_work_dir(r, &dir));
	log = xb_cmdgate_log_path(r->dir, &r->tree, &r->test);
	xb_log(XB_INFO, "gate %s: %s: the test begins; its log is %s", r->target, r->what, log);
	err = check_out(r, dir, &where);
	if (!err)
		err = run_command(r, &where, &out);
	if (!err)
		err = settle(r, &out, (xb_now_ms() - began) / 1000);
	xb_command_result_release(&out);
	second = xb_checkout_remove(&where);
	if (err)
		xb_err_free(second); /* the first says more */
	return err ? err : second;
}
