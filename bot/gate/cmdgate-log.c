/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdgate-log.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- the result ---- */

/* By the rules of the shell: a command that can't be run, or is not there. */
bool xb_cmdgate_cannot_start(const struct xb_command_result *out)
{
	return !out->no_sandbox && !out->no_room && !out->timed_out && !out->no_memory &&
	       (out->status == 126 || out->status == 127);
}

/* As for git bisect, 125; and what is nobody's fault that wrote the candidate. */
bool xb_cmdgate_cannot_tell(const struct xb_command_result *out)
{
	return out->no_sandbox || out->no_room || xb_cmdgate_cannot_start(out) ||
	       (!out->timed_out && !out->no_memory && out->status == 125);
}

const char *xb_cmdgate_verdict(const struct xb_command_result *out)
{
	return xb_cmdgate_cannot_tell(out) ? "can't tell" : out->verdict == XB_TEST_PASS ? "pass" : "fail";
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

/* Why it can't tell, in one line for people; owned. */
char *xb_cmdgate_explain(const struct xb_command_result *out)
{
	XB_AUTOFREE char *words = last_words(&out->output);

	if (out->no_sandbox)
		return xb_asprintf("there is no sandbox: %s", out->no_sandbox);
	if (out->no_room)
		return xb_strdup("the gate's command left too little room on the disk");
	if (xb_cmdgate_cannot_start(out))
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

struct xb_err *xb_cmdgate_log_begin(const struct xb_cmdgate_run *r, int *out)
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

struct xb_err *xb_cmdgate_log_write(const struct xb_cmdgate_run *r, const struct xb_command_result *out,
				    int64_t seconds)
{
	XB_AUTOFREE char *path = xb_cmdgate_log_path(r->dir, &r->tree, &r->test);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	add_head(r, &b);
	xb_buf_addf(&b, "result: %s (status %d%s) after %lld s\n\n", xb_cmdgate_verdict(out), out->status,
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
