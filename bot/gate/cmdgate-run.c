/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdgate-run.h"

#include "attempts.h"
#include "verdicts.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/task.h"
#include "repo/git.h"
#include "sandbox/checkout.h"
#include "sandbox/command.h"
#include "util/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * What the command gate says of one test: the result in words, and its log. The
 * log is there while the test runs, with the beginning of the output as it comes;
 * at the end it is replaced as a whole.
 */

/* ---- the result ---- */

/* By the rules of the shell: a command that can't be run, or is not there. */
static bool cannot_start(const struct xb_command_result *out)
{
	return !out->no_sandbox && !out->no_room && !out->timed_out && !out->no_memory &&
	       (out->status == 126 || out->status == 127);
}

/* Its verdict is none: as for git bisect, 125; and where the candidate's author is not at fault. */
static bool cannot_tell(const struct xb_command_result *out)
{
	return out->no_sandbox || out->no_room || cannot_start(out) ||
	       (!out->timed_out && !out->no_memory && out->status == 125);
}

/* "pass", "fail", "can't tell" */
static const char *cmdgate_verdict(const struct xb_command_result *out)
{
	return cannot_tell(out) ? "can't tell" : out->verdict == XB_TEST_PASS ? "pass" : "fail";
}

#define WHY_MAX 200

/* The last line that the command wrote, if any, as one line of text; owned. */
static char *last_words(const struct xb_buf *output)
{
	size_t end = output->n, from;
	char *line;

	while (end && strchr(" \t\r\n", output->p[end - 1]))
		end--;
	for (from = end; from && output->p[from - 1] != '\n';)
		from--;
	line = xb_memdup0(output->p ? output->p + from : "", end - from < WHY_MAX ? end - from : WHY_MAX);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	return line;
}

/* Why it can't tell, in one line for people; owned, not safe to print. */
static char *explain(const struct xb_command_result *out)
{
	XB_AUTOFREE char *words = last_words(&out->output);

	if (out->no_sandbox)
		return xb_asprintf("there is no sandbox: %s", out->no_sandbox);
	if (out->no_room)
		return xb_strdup("the gate's command left too little room on the disk");
	if (cannot_start(out))
		return xb_asprintf("the gate's command could not be started: %s%sstatus %d", words,
				   *words ? ", " : "", out->status);
	return xb_strdup("it could not tell");
}

/* ---- the log ---- */

/* A branch that is held for longer has other troubles. */
#define LOG_DAYS 180

static void drop_old_logs(const char *dir)
{
	time_t oldest = xb_now_s() - (time_t)LOG_DAYS * 86400;
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && !fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(st.st_mode) && st.st_mtime < oldest)
			unlinkat(dirfd(d), e->d_name, 0); /* what stays now goes next time */
	if (d)
		closedir(d);
}

/* Compilers, linkers, make, shells and tests say one of these. */
static bool speaks_of_error(const char *line)
{
	static const char *const words[] = {
	    "error", "undefined reference", "no such file", "not found", "not ok", "failed", "assert"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *at = strcasestr(line, words[i]);

		/* "-Werror" is an option, and is in all of a verbose make's lines. */
		if (at && (at - line < 2 || memcmp(at - 2, "-W", 2) != 0))
			return true;
	}
	return false;
}

#define ERROR_LINES 10
#define ERROR_WIDTH 300

/*
 * With a parallel make, what went wrong is far from the end, which is what people see first. So the
 * first lines that speak of an error are there again.
 */
static void add_errors(const struct xb_buf *output, struct xb_buf *out)
{
	size_t found = 0, at = 0;

	while (at < output->n && found < ERROR_LINES) {
		const char *line = output->p + at, *nl = memchr(line, '\n', output->n - at);
		size_t n = nl ? (size_t)(nl - line) : output->n - at;
		XB_AUTOFREE char *text = xb_memdup0(line, n < ERROR_WIDTH ? n : ERROR_WIDTH);

		at += n + 1;
		if (!speaks_of_error(text))
			continue;
		xb_buf_addf(out, "%s%s\n",
			    found++ ? "" : "\n---- what speaks of errors, from the beginning:\n", text);
	}
}

/* What is known before the test. */
static void add_head(const struct xb_cmdgate_run *r, struct xb_buf *out)
{
	xb_buf_addf(out, "target: %s\ncandidate: %s\ntree: %s\ncommand: %s\n", r->target, r->what,
		    xb_hex(&r->tree).s, r->command);
}

/* In place of an earlier one of the same tree and test. *OUT: the caller's, to append output to. */
static struct xb_err *log_begin(const struct xb_cmdgate_run *r, int *out)
{
	XB_AUTOFREE char *path = xb_cmdgate_log_path(r->dir, &r->tree, &r->test);
	XB_AUTOFREE char *logs = xb_dirname(path);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	XB_TRY(xb_mkdirs(logs, 0700));
	drop_old_logs(logs);
	add_head(r, &b);
	xb_buf_adds(&b, "result: none so far\n\n");
	XB_TRY(xb_file_write(path, b.p, b.n, 0600));
	*out = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return *out < 0 ? xb_err_sys(XB_E_IO, errno, "cannot open %s", path) : NULL;
}

/* All of it, at the end. */
static struct xb_err *log_write(const struct xb_cmdgate_run *r, const struct xb_command_result *out,
				int64_t seconds)
{
	XB_AUTOFREE char *path = xb_cmdgate_log_path(r->dir, &r->tree, &r->test);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	add_head(r, &b);
	xb_buf_addf(&b, "result: %s (status %d%s) after %lld s\n\n", cmdgate_verdict(out), out->status,
		    out->timed_out   ? ", out of time"
		    : out->no_room   ? ", it left too little room on the disk"
		    : out->no_memory ? ", its processes together had more memory than memory-total allows"
				     : "",
		    (long long)seconds);
	if (out->no_group)
		xb_log(XB_DEBUG, "gate %s: its memory is watched, not bounded: %s", r->target, out->no_group);
	if (out->no_sandbox)
		xb_buf_addf(&b, "It was not run: there is no sandbox: %s\n", out->no_sandbox);
	if (out->output.n)
		xb_buf_add(&b, out->output.p, out->output.n);
	if (out->verdict != XB_TEST_PASS)
		add_errors(&out->output, &b);
	return xb_file_write(path, b.p, b.n, 0600);
}

void xb_cmdgate_run_free(void *data)
{
	struct xb_cmdgate_run *r = data;

	if (!r)
		return;
	XB_FREE(r->target, r->command, r->what, r->dir, r->repo_path, r);
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

	XB_TRY(log_begin(r, &log));
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
	XB_AUTOFREE char *why = explain(out);

	if (cannot_start(out))
		xb_log(XB_WARN, "gate %s: %s", r->target, why);
	return xb_attempts_explain(retries, &r->tree, &r->test, why);
}

static struct xb_err *settle(const struct xb_cmdgate_run *r, const struct xb_command_result *out,
			     int64_t seconds)
{
	XB_TRY(log_write(r, out, seconds));
	xb_log(XB_INFO, "gate %s: %s: %s, after %lld s", r->target, r->what, cmdgate_verdict(out),
	       (long long)seconds);
	if (cannot_tell(out))
		XB_TRY(note_unknown(r, out));
	if (out->no_sandbox)
		return xb_err_new(XB_E_TEMP,
				  "%s; where the gate's command is trusted, see sandbox in xsabot.conf(5)",
				  out->no_sandbox);
	return cannot_tell(out) ? NULL : remember(r, out);
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
