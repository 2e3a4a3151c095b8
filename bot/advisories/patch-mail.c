/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mail before a patch: RFC 5322 as git writes and reads it, headers encoded by RFC 2047. */
#include "patch.h"

#include "odb/commit.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum { WORD = 40 /* columns for the text of an encoded word: with the charset's name, it has at most 75 */ };

static bool is_plain(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' || (unsigned char)p[i] >= 0x7f ||
		    (p[i] == '=' && i + 1 < n && p[i + 1] == '?'))
			return false;
	return true;
}

/* How many of the N bytes at P an encoded word may take: no character is cut. */
static size_t word_size(const char *p, size_t n)
{
	size_t len = 0, cost = 0;

	while (len < n) {
		size_t one = 1;

		while (len + one < n && ((unsigned char)p[len + one] & 0xc0) == 0x80 && one < 4)
			one++;
		if (cost + 3 * one > WORD && len)
			break;
		cost += 3 * one;
		len += one;
	}
	return len;
}

static void put_encoded(struct xb_buf *out, const char *charset, const char *p, size_t n)
{
	for (size_t at = 0, len; at < n; at += len) {
		len = word_size(p + at, n - at);
		xb_buf_addf(out, "%s=?%s?q?", at ? "\n " : "", charset);
		for (size_t i = at; i < at + len; i++) {
			if (isascii(p[i]) && isalnum((unsigned char)p[i]))
				xb_buf_addc(out, p[i]);
			else
				xb_buf_addf(out, "=%02X", (unsigned char)p[i]);
		}
		xb_buf_adds(out, "?=");
	}
}

/* A name in a header: as it is, in quotation marks, or encoded. */
static void put_phrase(struct xb_buf *out, const char *charset, const struct xb_slice *name)
{
	bool special = false;

	if (!is_plain(name->p, name->n)) {
		put_encoded(out, charset, name->p, name->n);
		return;
	}
	for (size_t i = 0; i < name->n; i++)
		special |= strchr("()<>[]:;@\\,.\"", name->p[i]) != NULL;
	if (special)
		xb_buf_addc(out, '"');
	for (size_t i = 0; i < name->n; i++) {
		if (name->p[i] == '"' || name->p[i] == '\\')
			xb_buf_addc(out, '\\');
		xb_buf_addc(out, name->p[i]);
	}
	if (special)
		xb_buf_addc(out, '"');
}

static void put_date(struct xb_buf *out, const struct xb_ident *who)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *zone = "+0000";
	XB_AUTOFREE char *given = xb_memdup0(who->zone.p ? who->zone.p : "", who->zone.n);
	struct tm tm = {0};
	time_t at = who->time;
	int h, m;
	char sign;

	if (strlen(given) == 5 && sscanf(given, "%c%2d%2d", &sign, &h, &m) == 3 && h >= 0 && h <= 14 &&
	    m >= 0 && m < 60 && (sign == '+' || sign == '-')) {
		zone = given;
		at += (sign == '-' ? -1 : 1) * (h * 3600L + m * 60L);
	}
	gmtime_r(&at, &tm);
	xb_buf_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d %s\n", days + 3 * (size_t)tm.tm_wday,
		    tm.tm_mday, months + 3 * (size_t)tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		    tm.tm_sec, zone);
}

/* Would git am or patch(1), which passes over what a line is indented by, take the line for their own? */
static bool is_trap(const char *p, size_t n)
{
	static const char *const words[] = {"--- ", "---\t",  "---\n",  "+++ ",    "*** ",       "***\n",
					    "@@ ",  "diff -", "Index:", "Prereq:", "GIT binary "};
	size_t i = 0, digits;

	if (n > 5 && !memcmp(p, "From ", 5))
		return true;
	while (i < n && strchr(" \tX>", p[i]))
		i++;
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (n - i >= strlen(words[k]) && !memcmp(p + i, words[k], strlen(words[k])))
			return true;
	/* a command of ed: "3d", "5,7c" */
	for (digits = i; digits < n && (isdigit((unsigned char)p[digits]) || p[digits] == ',');)
		digits++;
	return digits > i && digits + 2 == n && strchr("acdis", p[digits]);
}

static void put_body(struct xb_buf *out, const char *p, size_t n)
{
	while (n) {
		const char *end = memchr(p, '\n', n);
		size_t len = end ? (size_t)(end - p) + 1 : n;
		XB_AUTOBUF struct xb_buf line = XB_BUF_INIT;

		xb_buf_add(&line, p, len);
		if (!end)
			xb_buf_addc(&line, '\n');
		if (is_trap(line.p, line.n))
			xb_buf_adds(out, "> ");
		xb_buf_add(out, line.p, line.n);
		p += len;
		n -= len;
	}
}

/* What follows the first paragraph, without blank lines around it. */
static struct xb_slice body_of(const struct xb_slice *message)
{
	const char *p = message->p, *end = p + message->n;

	while (p < end && *p == '\n')
		p++;
	while (p < end && *p != '\n') {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		p = lf ? lf + 1 : end;
	}
	while (p < end && *p == '\n')
		p++;
	while (end > p && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	return (struct xb_slice){p, (size_t)(end - p)};
}

/* The charset of the message, owned: what the commit says, if that can be one. */
static char *charset_of(const struct xb_commit *c)
{
	for (size_t i = 0; i < c->encoding.n; i++)
		if (!isascii(c->encoding.p[i]) ||
		    (!isalnum((unsigned char)c->encoding.p[i]) && !strchr("-_.", c->encoding.p[i])))
			return xb_strdup("UTF-8");
	return c->encoding.n && c->encoding.n <= 40 ? xb_memdup0(c->encoding.p, c->encoding.n)
						    : xb_strdup("UTF-8");
}

/* Bytes that are no UTF-8 where they should be are made some. */
static void put_clean(struct xb_buf *out, const char *charset, const char *p, size_t n)
{
	if (!strcmp(charset, "UTF-8"))
		xb_utf8_clean(out, p, n);
	else
		xb_buf_add(out, p, n);
}

void xb_patch_mail(const git_oid *oid, const struct xb_commit *c, struct xb_buf *out)
{
	XB_AUTOFREE char *charset = charset_of(c), *subject = xb_commit_subject(c);
	XB_AUTOBUF struct xb_buf title = XB_BUF_INIT, body = XB_BUF_INIT, name = XB_BUF_INIT;
	struct xb_slice rest = body_of(&c->message), who = c->author.name;

	put_clean(&title, charset, subject, strlen(subject));
	put_clean(&body, charset, rest.p, rest.n);
	put_clean(&name, charset, who.p ? who.p : "", who.n);
	who = (struct xb_slice){name.p ? name.p : "", name.n};
	xb_buf_addf(out, "From %s Mon Sep 17 00:00:00 2001\nFrom: ", xb_hex(oid).s);
	put_phrase(out, charset, &who);
	xb_buf_addf(out, " <%.*s>\n", (int)c->author.email.n, c->author.email.p ? c->author.email.p : "");
	put_date(out, &c->author);
	xb_buf_adds(out, "Subject: [PATCH] ");
	if (is_plain(title.p ? title.p : "", title.n))
		xb_buf_add(out, title.p ? title.p : "", title.n);
	else
		put_encoded(out, charset, title.p, title.n);
	xb_buf_adds(out, "\n");
	xb_buf_addf(out,
		    "MIME-Version: 1.0\nContent-Type: text/plain; charset=%s\n"
		    "Content-Transfer-Encoding: 8bit\n\n",
		    charset);
	put_body(out, body.p ? body.p : "", body.n);
	xb_buf_adds(out, "---\n\n");
}
