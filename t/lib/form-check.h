/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold for each mail that compose.h makes, whatever it is made of: just
 * the headers that were asked for, in lines of printable ASCII that end in CRLF,
 * and the body as it was, made safe. A small reader of its own, so that the
 * library is not its own judge.
 */
#ifndef XB_T_FORM_CHECK_H
#define XB_T_FORM_CHECK_H

#include "libexec/compose.h"
#include "util/vis.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Each line ends in CRLF, has no other control character but a tab, and at most 998 bytes. */
static inline bool form_lines_ok(const char *p, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++, len++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\r' && i + 1 < n && p[i + 1] == '\n') {
			i++;
			if (len > 998)
				return false;
			len = (size_t)-1;
		} else if (c >= 0x7f || (c < ' ' && c != '\t')) {
			return false;
		}
	}
	return n >= 2 && p[n - 1] == '\n';
}

/* The names of the headers, a blank after each; OUT has 2000 bytes. Gives where the body begins, or NULL. */
static inline const char *form_names(const char *p, char *out)
{
	size_t n = 0;

	while (*p != '\r') {
		size_t name = strcspn(p, ":\r \t"), line = strcspn(p, "\r");

		if (*p != ' ' && *p != '\t') { /* or else it goes on with the last one */
			if (!name || p[name] != ':' || n + name + 2 > 2000)
				return NULL;
			memcpy(out + n, p, name);
			n += name;
			out[n++] = ' ';
		}
		p += line + 2;
	}
	out[n] = '\0';
	return p + 2;
}

static inline int form_hex(char c)
{
	const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Reads quoted-printable; CRLF becomes LF. False: it is none. */
static inline bool form_decode(const char *p, struct xb_buf *out)
{
	for (; *p; p++) {
		if (*p == '\r')
			continue;
		if (*p != '=') {
			xb_buf_addc(out, *p);
		} else if (p[1] == '\r' && p[2] == '\n') {
			p += 2;
		} else if (form_hex(p[1]) >= 0 && form_hex(p[2]) >= 0) {
			xb_buf_addc(out, (char)(form_hex(p[1]) * 16 + form_hex(p[2])));
			p += 2;
		} else {
			return false;
		}
	}
	return true;
}

/* The blanks that format=flowed puts before some lines (RFC 3676). */
static inline void form_unstuff(struct xb_buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] != ' ' || (i && b->p[i - 1] != '\n'))
			b->p[n++] = b->p[i];
	b->n = n;
}

/* NULL: F's mail is as it must be; else what is wrong. WANT: the names of its headers, a blank after each. */
static inline const char *form_wrong(const struct xb_letter *f, const char *want)
{
	struct xb_buf written = XB_BUF_INIT, mail = XB_BUF_INIT, body = XB_BUF_INIT, safe = XB_BUF_INIT;
	const char *wrong = NULL, *text;
	char names[2001] = "";

	xb_letter_write(f, &written);
	if (xb_compose(written.p, written.n, &mail))
		return "no mail is made";
	text = form_names(mail.p, names);
	xb_vis(&safe, f->body, strlen(f->body), XB_VIS_LINES);
	if (!form_lines_ok(mail.p, mail.n))
		wrong = "a line";
	else if (!text || strcmp(names, want) != 0)
		wrong = "the headers";
	else if (!form_decode(text, &body))
		wrong = "the encoding of the body";
	else if (form_unstuff(&body), body.n < safe.n || (safe.n && memcmp(body.p, safe.p, safe.n) != 0) || body.n > safe.n + 1)
		wrong = "the body";
	if (wrong)
		fprintf(stderr, "%s: %s\n", wrong, mail.p);
	xb_buf_release(&written);
	xb_buf_release(&mail);
	xb_buf_release(&body);
	xb_buf_release(&safe);
	return wrong;
}

#define FORM_ALL                                                                                             \
	"From To Reply-To Subject Date Message-Id In-Reply-To References List-Id Auto-Submitted Precedence " \
	"X-Xsabot-Line X-Xsabot-Advisory X-Git-Refname MIME-Version Content-Type Content-Transfer-Encoding "

/* A mail of which WHAT stands in every place that text of others can reach. */
static inline struct xb_letter form_of(const char *what)
{
	return (struct xb_letter){
	    .from_name = "The bot",
	    .from = "bot@example.org",
	    .to = "a@example.org",
	    .reply_to = "b@example.org",
	    .subject = what,
	    .id = "1@example.org",
	    .in_reply_to = "<0@example.org>",
	    .references = "<0@example.org>",
	    .list_id = "xsabot.example.org",
	    .date = 1700000000,
	    .headers = {{"X-Xsabot-Line", what, true},
			{"X-Xsabot-Advisory", what, true},
			{"X-Git-Refname", what, false},
			{NULL, NULL, false}},
	    .body = what,
	};
}

#endif
