/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "os/file.h"
#include "os/spawn.h"
#include "util/alloc.h"

#include <sys/wait.h>
#include <sysexits.h>

/* A program's line ends: LF alone. */
static void without_cr(const struct xb_buf *from, struct xb_buf *to)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->p[i] != '\r')
			xb_buf_addc(to, from->p[i]);
}

static enum xb_sent judge(int status, char **why)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	*why = NULL;
	if (!code)
		return XB_SENT_DONE;
	*why = code < 0 ? xb_asprintf("the program was ended by signal %d", WTERMSIG(status))
			: xb_asprintf("the program gave status %d", code);
	switch (code) {
	case EX_DATAERR:
	case EX_NOUSER:
	case EX_NOHOST:
	case EX_NOPERM:
		return XB_SENT_NEVER;
	case EX_TEMPFAIL:
		return XB_SENT_LATER;
	default:
		return XB_SENT_DOWN;
	}
}

/* The whole mail as a file: through a pipe, a sender that is killed half-way would have the program send the
 * half. */
enum xb_sent xb_sendmail_send(const struct xb_way *w, const struct xb_buf *mail, char **why)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	static char *env[] = {path, locale, NULL};
	XB_AUTOFREE char *program = xb_strdup(w->transport), *from = xb_strdup(w->from),
			 *to = xb_strdup(w->to);
	char opt_i[] = "-i", opt_f[] = "-f", end[] = "--";
	char *argv[] = {program, opt_i, opt_f, from, end, to, NULL};
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = NULL;
	XB_AUTOCLOSE int in = -1;
	pid_t pid;

	without_cr(mail, &text);
	err = xb_memory_file(text.p ? text.p : "", text.n, &in);
	if (!err)
		err = xb_spawn(&(struct xb_spawn){.argv = argv, .env = env, .in = in, .out = -1, .err = -1},
			       &pid);
	if (err) {
		*why = xb_asprintf("cannot start the program: %s", err->msg);
		return XB_SENT_DOWN;
	}
	return judge(xb_spawn_wait(pid), why);
}
