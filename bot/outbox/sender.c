/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sender.h"

#include "letter.h"
#include "outbox.h"
#include "config/config.h"
#include "os/file.h"
#include "os/spawn.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

enum { OUTPUT_MAX = 16 << 20 };

static void add_arg(struct xb_strv *args, const char *key, const char *value)
{
	XB_AUTOFREE char *arg = xb_asprintf("%s=%s", key, value);

	if (*value)
		xb_strv_add(args, arg);
}

/* C and E may be NULL. */
static void make_args(const char *program, const char *verb, const struct xb_mail_conf *c,
		      const struct xb_outbox_entry *e, struct xb_strv *args)
{
	xb_strv_add(args, program);
	xb_strv_add(args, verb);
	if (c) {
		XB_AUTOFREE char *timeout = xb_asprintf("%u", c->timeout);

		add_arg(args, "transport", c->transport);
		add_arg(args, "ca", c->ca);
		add_arg(args, "user", c->user);
		add_arg(args, "secret", c->secret);
		add_arg(args, "from", e ? e->from : c->from);
		add_arg(args, "tls", c->tls_required ? "required" : "");
		add_arg(args, "timeout", timeout);
	}
	if (e)
		add_arg(args, "to", e->to);
	*XB_PUSH(args, v, n, cap) = NULL;
}

static void read_output(int fd, struct xb_buf *out)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && out->n < OUTPUT_MAX)
			xb_buf_add(out, chunk, (size_t)n);
}

struct call {
	const char *verb;
	const struct xb_mail_conf *c;
	const struct xb_outbox_entry *e;
	const struct xb_buf *in;
};

/* *STATUS is that of waitpid; what it said is appended to OUT. */
static struct xb_err *run_program(const struct call *k, const char *program, int *status, struct xb_buf *out)
{
	/* Where systemd put the secret, and which authorities are trusted. */
	static const char *const names[] = {"CREDENTIALS_DIRECTORY", "SSL_CERT_FILE", "SSL_CERT_DIR", NULL};
	XB_AUTOSTRV struct xb_strv args = {0}, env = {0};
	XB_AUTOCLOSE int in = -1, from = -1;
	int said[2] = {-1, -1};
	struct xb_err *err;
	pid_t pid;

	if (k->in)
		XB_TRY(xb_memory_file(k->in->p ? k->in->p : "", k->in->n, &in));
	if (pipe2(said, O_CLOEXEC))
		return xb_err_sys(XB_E_TEMP, errno, "cannot make a pipe");
	from = said[0];
	make_args(program, k->verb, k->c, k->e, &args);
	xb_program_env(names, &env);
	err = xb_spawn(
	    &(struct xb_spawn){
		.argv = args.v, .env = env.v, .in = in, .out = said[1], .err = -1, .with_us = true},
	    &pid);
	close(said[1]);
	if (err)
		return err;
	read_output(from, out);
	*status = xb_spawn_wait(pid);
	return NULL;
}

/* What it gave, and why that is no success: *WHY is the caller's. */
static enum xb_sent call_program(const struct call *k, struct xb_buf *out, char **why)
{
	XB_AUTOFREE char *program = NULL;
	XB_AUTOERR struct xb_err *err = xb_program_find("xsabot-mail", &program);
	const char *said;
	int status = 0, code;

	*why = NULL;
	if (!err)
		err = run_program(k, program, &status, out);
	if (err) {
		*why = xb_strdup(err->msg);
		return program ? XB_SENT_DOWN : XB_SENT_CONFIG;
	}
	code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	switch (code) {
	case XB_SENT_DONE:
		return XB_SENT_DONE;
	case XB_SENT_NEVER:
	case XB_SENT_DOWN:
	case XB_SENT_LATER:
	case XB_SENT_CONFIG:
		said = out->n ? out->p : "";
		*why = xb_memdup0(said, strcspn(said, "\n"));
		return (enum xb_sent)code;
	default: /* it may have been sent */
		*why = code < 0 ? xb_asprintf("%s was ended by signal %d", program, WTERMSIG(status))
				: xb_asprintf("%s gave status %d", program, code);
		return XB_SENT_DOWN;
	}
}

enum xb_sent xb_sender_send(const struct xb_mail_conf *c, const struct xb_outbox_entry *e, char **why)
{
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	return call_program(&(struct call){"send", c, e, &e->message}, &out, why);
}

static struct xb_err *as_error(const struct call *k, struct xb_buf *out)
{
	XB_AUTOFREE char *why = NULL;
	enum xb_sent sent = call_program(k, out, &why);

	if (sent == XB_SENT_DONE)
		return NULL;
	return xb_err_new(sent == XB_SENT_CONFIG  ? XB_E_CONFIG
			  : sent == XB_SENT_NEVER ? XB_E_HOSTILE
						  : XB_E_TEMP,
			  "%s", why);
}

struct xb_err *xb_sender_probe(const struct xb_mail_conf *c)
{
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	return as_error(&(struct call){"probe", c, NULL, NULL}, &out);
}

struct xb_err *xb_sender_check(const struct xb_mail_conf *c)
{
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	return as_error(&(struct call){"check", c, NULL, NULL}, &out);
}

/* The N bytes at P but CR. */
static void add_without_cr(const char *p, size_t n, struct xb_buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r')
			xb_buf_addc(out, p[i]);
}

struct xb_err *xb_sender_show(const struct xb_buf *message, struct xb_buf *out)
{
	XB_AUTOBUF struct xb_buf mail = XB_BUF_INIT;
	const char *text = message->p ? message->p : "", *end;
	XB_AUTO(xb_letter_release) struct xb_letter m = {0};

	if (!xb_letter_is_text(text, message->n)) {
		add_without_cr(text, message->n, out);
		return NULL;
	}
	XB_TRY(as_error(&(struct call){"make", NULL, NULL, message}, &mail));
	end = mail.n ? strstr(mail.p, "\r\n\r\n") : NULL;
	add_without_cr(mail.p, end ? (size_t)(end + 4 - mail.p) : mail.n, out);
	XB_TRY(xb_letter_read(text, message->n, &m));
	xb_buf_adds(out, m.body);
	return NULL;
}
