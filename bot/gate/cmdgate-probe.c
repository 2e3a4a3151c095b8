/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdgate.h"

#include "cmdgate-run.h"
#include "util/alloc.h"

#include <string.h>

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
