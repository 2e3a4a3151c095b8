/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xsabot-mail: makes and sends one mail, for outbox/sender.h, whose own memory
 * never has the secret.
 *
 *	xsabot-mail make			the mail of the message on standard input
 *	xsabot-mail send KEY=VALUE...		sends that, or what is one already
 *	xsabot-mail probe KEY=VALUE...		goes to the server and sends nothing
 *	xsabot-mail check KEY=VALUE...		looks at the secret
 *
 * The status is that of enum xb_sent; for all but 0, standard output says why.
 */
#include "compose.h"
#include "transport.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { INPUT_MAX = 8 << 20 };

static bool read_way(int argc, char **argv, struct xb_way *w)
{
	const struct {
		const char *key;
		const char **to;
	} keys[] = {
	    {"transport", &w->transport}, {"ca", &w->ca}, {"user", &w->user}, {"secret", &w->secret},
	    {"from", &w->from},           {"to", &w->to}, {"tls", &w->tls},   {"timeout", &w->timeout}};

	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
		*keys[k].to = "";
	for (int i = 0; i < argc; i++) {
		const char *value = strchr(argv[i], '=');
		bool known = false;

		for (size_t k = 0; value && k < sizeof keys / sizeof *keys; k++)
			if (strlen(keys[k].key) == (size_t)(value - argv[i]) &&
			    !memcmp(keys[k].key, argv[i], (size_t)(value - argv[i]))) {
				*keys[k].to = value + 1;
				known = true;
			}
		if (!known)
			return false;
	}
	return true;
}

static struct xb_err *read_input(struct xb_buf *out)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof chunk))) {
		if (n < 0 && errno != EINTR)
			return xb_err_sys(XB_E_IO, errno, "cannot read the message");
		if (n > 0)
			xb_buf_add(out, chunk, (size_t)n);
		if (out->n > INPUT_MAX)
			return xb_err_new(XB_E_HOSTILE, "the message has more than %d bytes", INPUT_MAX);
	}
	return NULL;
}

/* The mail: what came, or what is made of it. */
static struct xb_err *get_mail(struct xb_buf *mail)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	XB_TRY(read_input(&text));
	if (!text.n || !xb_letter_is_text(text.p, text.n)) {
		xb_buf_add(mail, text.p ? text.p : "", text.n);
		return NULL;
	}
	return xb_compose(text.p, text.n, mail);
}

static enum xb_sent make_mail(char **why)
{
	XB_AUTOBUF struct xb_buf mail = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = get_mail(&mail);

	if (!err) {
		fwrite(mail.p ? mail.p : "", 1, mail.n, stdout);
		return XB_SENT_DONE;
	}
	*why = xb_strdup(err->msg);
	return XB_SENT_NEVER;
}

/* What is no message will never be one. */
static enum xb_sent send_mail(const struct xb_way *w, char **why)
{
	XB_AUTOBUF struct xb_buf mail = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = get_mail(&mail);

	if (err) {
		*why = xb_strdup(err->msg);
		return XB_SENT_NEVER;
	}
	return *w->transport == '/' ? xb_sendmail_send(w, &mail, why) : xb_smtp_send(w, &mail, why);
}

/* Of a service's credential only the service knows. */
static enum xb_sent check_secret(const struct xb_way *w, char **why)
{
	struct xb_buf secret = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = NULL;

	if (*w->secret == '/' || getenv("CREDENTIALS_DIRECTORY"))
		err = xb_secret_read(w, &secret);
	xb_secret_wipe(&secret);
	if (!err)
		return XB_SENT_DONE;
	*why = xb_strdup(err->msg);
	return XB_SENT_CONFIG;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	XB_AUTOFREE char *why = NULL;
	struct xb_way w;
	enum xb_sent sent;

	prctl(PR_SET_DUMPABLE, 0); /* it holds a secret */
	if (!read_way(argc - 2 < 0 ? 0 : argc - 2, argv + 2, &w))
		verb = "";
	if (!strcmp(verb, "make"))
		sent = make_mail(&why);
	else if (!strcmp(verb, "send") && *w.transport)
		sent = send_mail(&w, &why);
	else if (!strcmp(verb, "probe") && *w.transport && *w.transport != '/')
		sent = xb_smtp_probe(&w, &why);
	else if (!strcmp(verb, "check"))
		sent = check_secret(&w, &why);
	else {
		fputs("usage: xsabot starts this program; see xsabot(1)\n", stderr);
		return 64;
	}
	if (why)
		puts(why);
	return fflush(stdout) ? XB_SENT_DOWN : (int)sent;
}
