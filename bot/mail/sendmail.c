/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "util/alloc.h"
#include "util/file.h"
#include "util/spawn.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>

struct sendmail {
	struct xb_transport t;
	const struct xb_mail_conf *c;
};

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

/*
 * The whole message in memory, as a file: through a pipe, a sender that is killed
 * half-way would have the program send the half.
 */
static int message_file(const struct xb_buf *message)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	int fd = memfd_create("message", MFD_CLOEXEC);

	without_cr(message, &text);
	if (fd >= 0 && !xb_write_all(fd, text.p, text.n) && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum xb_sent sendmail_send(struct xb_transport *t, const struct xb_outbox_entry *e, char **why)
{
	const struct sendmail *s = (struct sendmail *)t;
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	static char *env[] = {path, locale, NULL};
	char opt_i[] = "-i", opt_f[] = "-f", end[] = "--";
	char *argv[] = {s->c->transport, opt_i, opt_f, e->from, end, e->to, NULL};
	XB_AUTOCLOSE int in = message_file(&e->message);
	XB_AUTOERR struct xb_err *err = NULL;
	pid_t pid;

	if (in >= 0)
		err = xb_spawn(&(struct xb_spawn){.argv = argv, .env = env, .in = in, .out = -1, .err = -1},
			       &pid);
	if (in < 0 || err) {
		*why = xb_asprintf("cannot start the program: %s", err ? err->msg : strerror(errno));
		return XB_SENT_DOWN;
	}
	return judge(xb_spawn_wait(pid), why);
}

static void sendmail_free(struct xb_transport *t)
{
	free(t);
}

struct xb_err *xb_sendmail_open(const struct xb_mail_conf *c, struct xb_transport **out)
{
	struct sendmail *s = xb_calloc(1, sizeof *s);

	s->t = (struct xb_transport){sendmail_send, sendmail_free};
	s->c = c;
	*out = &s->t;
	return NULL;
}
