/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdgate.h"

#include "attempts.h"
#include "cmdgate-run.h"
#include "verdicts.h"
#include "os/file.h"
#include "repo/git.h"
#include "sandbox/checkout.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Beside the command's own time: for checking out, and for cleaning up. */
#define CHORE_MORE 600u

struct xb_cmdgate {
	struct xb_cmdgate_options o;
	char *dir; /* STATE/gate */
	git_oid test;
	struct xb_verdicts *verdicts; /* NULL: none yet */
	struct xb_attempts retries;
};

static struct xb_err *test_id(const struct xb_config *c, const char *command, git_oid *out)
{
	const struct xb_gate_conf *g = &c->gate;
	XB_AUTOFREE char *text = xb_asprintf(
	    "gate %u %llu %llu %d %d %s", g->timeout, (unsigned long long)g->memory,
	    (unsigned long long)g->memory_total, g->network, g->sandbox == XB_SANDBOX_NO, command);
	int rc = git_odb_hash(out, text, strlen(text), GIT_OBJECT_BLOB);

	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot hash the gate") : NULL;
}

char *xb_cmdgate_log_path(const char *dir, const git_oid *tree, const git_oid *test)
{
	return xb_asprintf("%s/logs/%s-%.12s.log", dir, xb_hex(tree).s, xb_hex(test).s);
}

static struct xb_err *read_known(struct xb_cmdgate *g)
{
	XB_AUTOFREE char *verdicts = xb_asprintf("%s/verdicts", g->dir);
	XB_AUTOFREE char *retries = xb_asprintf("%s/retry/%s", g->dir, g->o.target->name);
	struct stat st;

	if (!stat(verdicts, &st))
		XB_TRY(xb_verdicts_open(verdicts, &g->verdicts));
	else if (errno != ENOENT)
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", verdicts);
	return xb_attempts_read(retries, &g->retries);
}

struct xb_err *xb_cmdgate_open(const struct xb_cmdgate_options *o, struct xb_cmdgate **out)
{
	XB_AUTOPTR(xb_cmdgate) *g = NULL;

	*out = NULL;
	if (!*o->target->conf->gate)
		return NULL;
	g = xb_calloc(1, sizeof *g);
	g->o = *o;
	g->dir = xb_asprintf("%s/gate", o->config->state_dir);
	XB_TRY(test_id(o->config, o->target->conf->gate, &g->test));
	XB_TRY(read_known(g));
	*out = XB_STEAL(g);
	return NULL;
}

void xb_cmdgate_free(struct xb_cmdgate *g)
{
	if (!g)
		return;
	xb_verdicts_free(g->verdicts);
	xb_attempts_release(&g->retries);
	XB_FREE(g->dir, g);
}

struct xb_cmdgate_known xb_cmdgate_find(const struct xb_cmdgate *g, const git_oid *tree)
{
	const struct xb_verdict_known *k = g->verdicts ? xb_verdicts_find(g->verdicts, tree, &g->test) : NULL;
	const struct xb_test_attempt *r = xb_attempts_find(&g->retries, tree, &g->test);
	struct xb_cmdgate_known out = {.verdict = k ? k->verdict : XB_TEST_UNKNOWN};

	if (out.verdict == XB_TEST_UNKNOWN && r) {
		out.tries = r->tries;
		out.due = xb_test_attempt_due(r, g->o.config->gate.retry);
		out.why = r->why;
	}
	return out;
}

struct xb_err *xb_cmdgate_forget(struct xb_cmdgate *g, const git_oid *tree)
{
	XB_AUTOFREE char *retries = xb_asprintf("%s/retry/%s", g->dir, g->o.target->name);
	struct xb_mentions none = {0};

	if (g->verdicts && xb_verdicts_find(g->verdicts, tree, &g->test))
		XB_TRY(xb_verdicts_add(g->verdicts, tree, &g->test, XB_TEST_UNKNOWN, &none));
	XB_TRY(xb_attempts_end(retries, tree, &g->test));
	xb_attempts_release(&g->retries);
	return xb_attempts_read(retries, &g->retries);
}

char *xb_cmdgate_log(const struct xb_cmdgate *g, const git_oid *tree)
{
	return xb_cmdgate_log_path(g->dir, tree, &g->test);
}

/* In a directory of their own, which appears whole. */
static struct xb_err *put_objects(const struct xb_cmdgate *g, const git_oid *tree,
				  const struct xb_pack_object *objects, size_t n)
{
	XB_AUTOFREE char *target = xb_asprintf("%s/objects/%s", g->dir, g->o.target->name);
	XB_AUTOFREE char *dir = xb_asprintf("%s/%s", target, xb_hex(tree).s);
	XB_AUTOFREE char *tmp = xb_asprintf("%s.new", dir), *pack = xb_asprintf("%s/pack", tmp);
	struct xb_pack_written w = {0};
	struct stat st;
	struct xb_err *err;

	if (!n || !stat(dir, &st))
		return NULL;
	if (!lstat(tmp, &st))
		XB_TRY(xb_remove_tree(AT_FDCWD, tmp)); /* cut short by a crash */
	XB_TRY(xb_mkdirs(pack, 0700));
	err = xb_pack_write(pack, objects, n, &w);
	xb_pack_written_release(&w);
	if (!err && rename(tmp, dir))
		err = xb_err_sys(XB_E_IO, errno, "cannot rename %s", tmp);
	return err ? err : xb_fsync_dir(target);
}

struct xb_err *xb_cmdgate_task(const struct xb_cmdgate *g, const git_oid *tree, const char *what,
			       const struct xb_pack_object *objects, size_t n, struct xb_task *out)
{
	struct xb_cmdgate_run *run;

	XB_TRY(put_objects(g, tree, objects, n));
	run = xb_calloc(1, sizeof *run);
	*run = (struct xb_cmdgate_run){
	    .config = g->o.config,
	    .target = xb_strdup(g->o.target->name),
	    .command = xb_strdup(g->o.target->conf->gate),
	    .what = xb_strdup(what),
	    .dir = xb_strdup(g->dir),
	    .repo_path = xb_strdup(g->o.repo_path),
	    .tree = *tree,
	    .test = g->test,
	};
	*out = (struct xb_task){
	    .name = xb_asprintf("gate %s", g->o.target->name),
	    .kind = "gate",
	    .due = xb_cmdgate_find(g, tree).due,
	    .seconds = g->o.config->gate.timeout + CHORE_MORE,
	    .alike = g->o.config->gate.jobs,
	    .work = xb_cmdgate_run,
	    .data = run,
	    .free_data = xb_cmdgate_run_free,
	};
	return NULL;
}

/* Statuses of the look. */
enum { NO_PROGRAM = 3, NO_SCRIPT = 4 };

#define PLAIN                                                                                                \
	"abcdefghijklmnopqrstuvwxyz"                                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-"

/* The next word of *P, without anything that a shell would read as more; owned, or NULL. */
static char *plain_word(const char **p)
{
	const char *from = *p + strspn(*p, " \t");
	size_t n = strspn(from, PLAIN);

	*p = from + n;
	return n && (!from[n] || strchr(" \t;&|", from[n])) ? xb_memdup0(from, n) : NULL;
}

static bool is_shell(const char *program)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

	return !strcmp(name, "sh") || !strcmp(name, "bash") || !strcmp(name, "dash");
}

/* A name that is neither in a path nor absolute is one of the candidate's files. */
static bool is_elsewhere(const char *word)
{
	return word && *word != '-' && (*word == '/' || !strchr(word, '/'));
}

/* What the command begins with: PROGRAM, SCRIPT, each perhaps NULL; owned. */
static void read_beginning(const char *command, char **program, char **script)
{
	const char *p = command;
	char *word = plain_word(&p), *next = word && is_shell(word) ? plain_word(&p) : NULL;

	*program = is_elsewhere(word) ? word : NULL;
	*script = next && *next == '/' ? next : NULL;
	if (!*program)
		free(word);
	if (!*script)
		free(next);
}

static struct xb_err *look(const struct xb_config *c, const struct xb_checkout *where, const char *text,
			   struct xb_command_result *out)
{
	struct xb_sandbox sandbox = {
	    .work = where->root, .network = c->gate.network, .writable = c->gate.writable};
	struct xb_command command = {
	    .text = text, .timeout = 60, .sandbox = c->gate.sandbox == XB_SANDBOX_NO ? NULL : &sandbox};
	struct xb_err *err;

	xb_cmdgate_hidden(c, &sandbox.hidden);
	err = xb_command_run(&command, where, out);
	xb_strv_release(&sandbox.hidden);
	return err;
}

static struct xb_err *look_in_empty(const struct xb_config *c, git_repository *repo, const char *text,
				    struct xb_command_result *out)
{
	const git_oid empty = {{0}};
	struct xb_checkout where;
	struct xb_store *store;
	struct xb_err *err, *second;

	XB_TRY(xb_store_open(repo, NULL, &store));
	err = xb_checkout_make(store, &empty, &where);
	xb_store_free(store);
	if (err)
		return err;
	err = look(c, &where, text, out);
	second = xb_checkout_remove(&where);
	if (err)
		xb_err_free(second); /* the first says more */
	return err ? err : second;
}

/* For the shell; of a path, "command -v" would say only whether something is there. */
static char *make_look(const char *program, const char *script)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	if (program && *program == '/')
		xb_buf_addf(&b, "test -f %s && test -x %s || exit %d; ", program, program, NO_PROGRAM);
	else if (program)
		xb_buf_addf(&b, "command -v %s >/dev/null || exit %d; ", program, NO_PROGRAM);
	if (script)
		xb_buf_addf(&b, "test -r %s || exit %d; ", script, NO_SCRIPT);
	xb_buf_adds(&b, ":");
	return xb_buf_detach(&b);
}

struct xb_err *xb_cmdgate_probe(const struct xb_config *c, git_repository *repo, const char *command,
				char **why_not, char **no_sandbox)
{
	XB_AUTOFREE char *program = NULL, *script = NULL, *text = NULL;
	struct xb_command_result r = {0};
	const char *place = c->gate.sandbox == XB_SANDBOX_NO ? "" : " in the sandbox";
	struct xb_err *err;

	*why_not = *no_sandbox = NULL;
	read_beginning(command, &program, &script);
	text = make_look(program, script);
	err = look_in_empty(c, repo, text, &r);
	if (!err && r.no_sandbox)
		*no_sandbox = XB_STEAL(r.no_sandbox);
	else if (!err && r.status == NO_PROGRAM)
		*why_not = xb_asprintf("%s is not there%s, or not executable", program, place);
	else if (!err && r.status == NO_SCRIPT)
		*why_not = xb_asprintf("%s is not there%s, or not readable", script, place);
	xb_command_result_release(&r);
	return err;
}
