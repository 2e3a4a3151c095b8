/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "curl-set.h"
#include "text/address.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_SECONDS = 30 };

struct smtp {
	const struct xb_way *way;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	struct xb_buf secret;
	const struct xb_buf *mail; /* NULL: none is to be sent */
	size_t at;                 /* in it */
	bool reading;              /* libcurl asked for the mail: the recipient was taken */
};

static size_t on_read(char *to, size_t size, size_t count, void *data)
{
	struct smtp *s = data;
	size_t n = s->mail->n - s->at, room = size * count;

	s->reading = true;
	if (n > room)
		n = room;
	memcpy(to, s->mail->p + s->at, n);
	s->at += n;
	return n;
}

static CURLcode set_tls(struct smtp *s)
{
	bool plain = xb_url_is_loopback(s->way->transport) && strcmp(s->way->tls, "required") != 0 &&
		     strncmp(s->way->transport, "smtps:", 6) != 0;
	CURLcode rc = curl_easy_setopt(s->curl, CURLOPT_USE_SSL, plain ? CURLUSESSL_NONE : CURLUSESSL_ALL);

	XB_CURL_SET(rc, s->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	XB_CURL_SET(rc, s->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	XB_CURL_SET(rc, s->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (!rc && *s->way->ca)
		rc = curl_easy_setopt(s->curl, CURLOPT_CAINFO, s->way->ca);
	return rc;
}

static CURLcode set_login(struct smtp *s)
{
	CURLcode rc = CURLE_OK;

	if (*s->way->user)
		rc = curl_easy_setopt(s->curl, CURLOPT_USERNAME, s->way->user);
	if (!rc && s->secret.n)
		rc = curl_easy_setopt(s->curl, CURLOPT_PASSWORD, s->secret.p);
	return rc;
}

/* The path of the URL is the name that we say to be: that of the sender's domain, not of the machine. */
static CURLcode set_all(struct smtp *s)
{
	XB_AUTOFREE char *url = xb_asprintf("%s/%s", s->way->transport, xb_address_domain(s->way->from));
	CURLcode rc = curl_easy_setopt(s->curl, CURLOPT_URL, url);

	XB_CURL_SET(rc, s->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	XB_CURL_SET(rc, s->curl, CURLOPT_PROXY, "");
	XB_CURL_SET(rc, s->curl, CURLOPT_NOSIGNAL, 1L);
	XB_CURL_SET(rc, s->curl, CURLOPT_TIMEOUT, strtol(s->way->timeout, NULL, 10));
	/* for the QUIT after a failure, which the other limit is not for */
	XB_CURL_SET(rc, s->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, strtol(s->way->timeout, NULL, 10));
	XB_CURL_SET(rc, s->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	XB_CURL_SET(rc, s->curl, CURLOPT_ERRORBUFFER, s->error);
	XB_CURL_SET(rc, s->curl, CURLOPT_UPLOAD, 1L);
	XB_CURL_SET(rc, s->curl, CURLOPT_READFUNCTION, on_read);
	XB_CURL_SET(rc, s->curl, CURLOPT_READDATA, s);
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

static void smtp_close(struct smtp *s)
{
	if (s->curl)
		curl_easy_cleanup(s->curl);
	xb_secret_wipe(&s->secret);
}

/* XB_SENT_DONE: it can go on; close S in each case. */
static enum xb_sent smtp_open(struct smtp *s, char **why)
{
	XB_AUTOERR struct xb_err *err = xb_secret_read(s->way, &s->secret);
	CURLcode rc;

	if (err) {
		*why = xb_strdup(err->msg);
		return XB_SENT_CONFIG;
	}
	rc = curl_global_init(CURL_GLOBAL_DEFAULT);
	s->curl = rc ? NULL : curl_easy_init();
	rc = s->curl ? set_all(s) : CURLE_FAILED_INIT;
	if (!rc)
		return XB_SENT_DONE;
	*why = xb_asprintf("libcurl: %s", curl_easy_strerror(rc));
	return XB_SENT_DOWN;
}

static enum xb_sent smtp_end(const struct smtp *s, CURLcode rc, char **why)
{
	enum xb_sent sent;
	long code = 0;

	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	sent = judge(s, rc, code);
	*why = sent == XB_SENT_DONE ? NULL : reason(s, rc, code);
	return sent;
}

enum xb_sent xb_smtp_send(const struct xb_way *w, const struct xb_buf *mail, char **why)
{
	struct smtp s = {.way = w, .mail = mail};
	XB_AUTOFREE char *from = xb_asprintf("<%s>", w->from), *to = xb_asprintf("<%s>", w->to);
	struct curl_slist *rcpt = curl_slist_append(NULL, to);
	enum xb_sent sent = smtp_open(&s, why);
	CURLcode rc;

	if (sent == XB_SENT_DONE) {
		rc = curl_easy_setopt(s.curl, CURLOPT_MAIL_FROM, from);
		XB_CURL_SET(rc, s.curl, CURLOPT_MAIL_RCPT, rcpt);
		XB_CURL_SET(rc, s.curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->n);
		if (!rc)
			rc = curl_easy_perform(s.curl);
		sent = smtp_end(&s, rc, why);
	}
	smtp_close(&s);
	curl_slist_free_all(rcpt);
	return sent;
}

enum xb_sent xb_smtp_probe(const struct xb_way *w, char **why)
{
	struct smtp s = {.way = w};
	enum xb_sent sent = smtp_open(&s, why);
	CURLcode rc;

	if (sent == XB_SENT_DONE) {
		rc = curl_easy_setopt(s.curl, CURLOPT_UPLOAD, 0L);
		XB_CURL_SET(rc, s.curl, CURLOPT_NOBODY, 1L);
		XB_CURL_SET(rc, s.curl, CURLOPT_CUSTOMREQUEST, "NOOP");
		if (!rc)
			rc = curl_easy_perform(s.curl);
		sent = smtp_end(&s, rc, why);
	}
	smtp_close(&s);
	return sent;
}
