/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "curl.h"
#include "util/address.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CONNECT_SECONDS = 30, SECRET_MAX = 4096 };

struct smtp {
	struct xb_transport t;
	const struct xb_mail_conf *c;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	struct xb_buf secret;
	const struct xb_buf *message;
	size_t at;    /* in it */
	bool reading; /* libcurl asked for the message: the recipient was taken */
};

/* ---- settings ---- */

bool xb_mail_is_loopback(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	return (n == 9 && !memcmp(host, "localhost", 9)) || (n == 5 && !memcmp(host, "[::1]", 5)) ||
	       (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == n);
}

static char *secret_path(const char *secret)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (*secret == '/')
		return xb_strdup(secret);
	return dir && *dir == '/' ? xb_asprintf("%s/%s", dir, secret + strlen("credential:")) : NULL;
}

struct xb_err *xb_mail_secret(const struct xb_mail_conf *c, struct xb_buf *out)
{
	XB_AUTOFREE char *path = NULL;
	struct stat st;

	xb_buf_setlen(out, 0);
	if (!*c->secret)
		return NULL;
	path = secret_path(c->secret);
	if (!path)
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s, but systemd gave no credentials",
				  c->secret);
	if (stat(path, &st))
		return xb_err_sys(XB_E_CONFIG, errno, "[mail] secret: %s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return xb_err_new(XB_E_CONFIG,
				  "[mail] secret: %s must be a file that only its owner may read "
				  "(chmod 0600)",
				  path);
	XB_TRY(xb_file_read(path, SECRET_MAX, out));
	while (out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		xb_buf_setlen(out, out->n - 1);
	if (!out->n || memchr(out->p, '\n', out->n) || memchr(out->p, '\0', out->n))
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s must have one line", path);
	return NULL;
}

static size_t on_read(char *to, size_t size, size_t count, void *data)
{
	struct smtp *s = data;
	size_t n = s->message->n - s->at, room = size * count;

	s->reading = true;
	if (n > room)
		n = room;
	memcpy(to, s->message->p + s->at, n);
	s->at += n;
	return n;
}

static CURLcode set_tls(struct smtp *s)
{
	bool plain = xb_mail_is_loopback(s->c->transport) && !s->c->tls_required &&
		     strncmp(s->c->transport, "smtps:", 6) != 0;
	CURLcode rc = curl_easy_setopt(s->curl, CURLOPT_USE_SSL, plain ? CURLUSESSL_NONE : CURLUSESSL_ALL);

	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (!rc && *s->c->ca)
		rc = curl_easy_setopt(s->curl, CURLOPT_CAINFO, s->c->ca);
	return rc;
}

static CURLcode set_login(struct smtp *s)
{
	CURLcode rc = CURLE_OK;

	if (*s->c->user)
		rc = curl_easy_setopt(s->curl, CURLOPT_USERNAME, s->c->user);
	if (!rc && s->secret.n)
		rc = curl_easy_setopt(s->curl, CURLOPT_PASSWORD, s->secret.p);
	return rc;
}

/* The path of the URL is the name that we say to be: that of the sender's domain, not of the machine. */
static CURLcode set_all(struct smtp *s)
{
	XB_AUTOFREE char *url = xb_asprintf("%s/%s", s->c->transport, xb_address_domain(s->c->from));
	CURLcode rc = curl_easy_setopt(s->curl, CURLOPT_URL, url);

	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_PROXY, "");
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, (long)s->c->timeout);
	if (!rc) /* for the QUIT after a failure, which the other limit is not for */
		rc = curl_easy_setopt(s->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)s->c->timeout);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, on_read);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
	if (!rc)
		rc = set_tls(s);
	return rc ? rc : set_login(s);
}

/* ---- sending ---- */

/*
 * 5xx is for good only as an answer about this message: to MAIL, RCPT, DATA
 * (send errors), or to the message itself (an answer that it did not expect,
 * once it was reading). As a greeting or to a login it is the server's state.
 */
static enum xb_sent judge(const struct smtp *s, CURLcode rc, long code)
{
	bool about_it = rc == CURLE_SEND_ERROR || (rc == CURLE_WEIRD_SERVER_REPLY && s->reading);

	if (rc == CURLE_OK)
		return XB_SENT_DONE;
	if (about_it && code >= 500 && code < 600)
		return XB_SENT_NEVER;
	if (about_it && code >= 400 && code < 500)
		return code == 421 ? XB_SENT_DOWN : XB_SENT_LATER;
	/* After the message went out, all else leaves open whether it was taken. */
	return s->reading ? XB_SENT_LATER : XB_SENT_DOWN;
}

static char *reason(const struct smtp *s, CURLcode rc, long code)
{
	const char *text = *s->error ? s->error : curl_easy_strerror(rc);

	return code ? xb_asprintf("%s (the server's last answer: %ld)", text, code) : xb_strdup(text);
}

static enum xb_sent smtp_send(struct xb_transport *t, const struct xb_outbox_entry *e, char **why)
{
	struct smtp *s = (struct smtp *)t;
	XB_AUTOFREE char *from = xb_asprintf("<%s>", e->from), *to = xb_asprintf("<%s>", e->to);
	struct curl_slist *rcpt = curl_slist_append(NULL, to);
	CURLcode rc;
	long code = 0;
	enum xb_sent sent;

	s->message = &e->message;
	s->at = 0;
	s->reading = false;
	*s->error = '\0';
	rc = curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, from);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, rcpt);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)e->message.n);
	if (!rc)
		rc = curl_easy_perform(s->curl);
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	sent = judge(s, rc, code);
	*why = sent == XB_SENT_DONE ? NULL : reason(s, rc, code);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(rcpt);
	return sent;
}

static void smtp_free(struct xb_transport *t)
{
	struct smtp *s = (struct smtp *)t;

	if (s->curl)
		curl_easy_cleanup(s->curl);
	if (s->secret.p)
		explicit_bzero(s->secret.p, s->secret.cap);
	xb_buf_release(&s->secret);
	free(s);
}

struct xb_err *xb_smtp_open(const struct xb_mail_conf *c, struct xb_transport **out)
{
	struct smtp *s = xb_calloc(1, sizeof *s);
	struct xb_err *err;
	CURLcode rc;

	*out = NULL;
	s->t = (struct xb_transport){smtp_send, smtp_free};
	s->c = c;
	err = xb_curl_load();
	if (!err)
		err = xb_mail_secret(c, &s->secret);
	if (err) {
		smtp_free(&s->t);
		return err;
	}
	rc = curl_global_init(CURL_GLOBAL_DEFAULT);
	s->curl = rc ? NULL : curl_easy_init();
	rc = s->curl ? set_all(s) : CURLE_FAILED_INIT;
	if (rc) {
		smtp_free(&s->t);
		return xb_err_new(XB_E_INTERNAL, "libcurl: %s", curl_easy_strerror(rc));
	}
	*out = &s->t;
	return NULL;
}

struct xb_err *xb_smtp_probe(const struct xb_mail_conf *c)
{
	struct xb_transport *t;
	const struct smtp *s;
	struct xb_err *err = NULL;
	CURLcode rc;
	long code = 0;

	XB_TRY(xb_smtp_open(c, &t));
	s = (const struct smtp *)t;
	rc = curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 0L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_NOBODY, 1L);
	if (!rc)
		rc = curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	if (!rc)
		rc = curl_easy_perform(s->curl);
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	if (rc) {
		XB_AUTOFREE char *why = reason(s, rc, code);

		err = xb_err_new(XB_E_TEMP, "%s", why);
	}
	t->free(t);
	return err;
}
