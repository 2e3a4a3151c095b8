/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "letter.h"

#include "text/address.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "xsabot-letter 1\n"

/* The parts that are a text of our own, by their names in the file. */
static const struct {
	const char *name;
	size_t offset;
} parts[] = {
    {"from-name", offsetof(struct xb_letter, from_name)},
    {"from", offsetof(struct xb_letter, from)},
    {"to", offsetof(struct xb_letter, to)},
    {"reply-to", offsetof(struct xb_letter, reply_to)},
    {"subject", offsetof(struct xb_letter, subject)},
    {"id", offsetof(struct xb_letter, id)},
    {"in-reply-to", offsetof(struct xb_letter, in_reply_to)},
    {"references", offsetof(struct xb_letter, references)},
    {"list-id", offsetof(struct xb_letter, list_id)},
};
enum { PARTS = sizeof parts / sizeof *parts };

static const char **part_of(struct xb_letter *m, size_t i)
{
	return (const char **)((char *)m + parts[i].offset);
}

/* ---- values of headers ---- */

/* Cuts at a character's beginning. */
static void cut_value(struct xb_buf *b, size_t from, size_t max)
{
	size_t end = from + max - 3;

	if (b->n - from <= max)
		return;
	while (end > from && ((unsigned char)b->p[end] & 0xc0) == 0x80)
		end--;
	xb_buf_setlen(b, end);
	xb_buf_adds(b, "...");
}

/*
 * What looks like an encoded word is not ours: a reader would decode it, and
 * GMime 3.2.13 folds a header within one without the blank that must follow.
 */
static void hide_encoded_words(const struct xb_buf *from, struct xb_buf *out)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->p[i] == '=' && i + 1 < from->n && from->p[i + 1] == '?')
			xb_buf_adds(out, "\\x3d");
		else
			xb_buf_addc(out, from->p[i]);
}

void xb_header_clean(const char *value, size_t n, size_t max, struct xb_buf *out)
{
	XB_AUTOBUF struct xb_buf shown = XB_BUF_INIT;
	size_t from = out->n;

	/* More than this is cut away in any case; a message may have megabytes. */
	xb_vis(&shown, value, n > 2 * max ? 2 * max : n, 0);
	hide_encoded_words(&shown, out);
	cut_value(out, from, max);
}

/* ---- the text ---- */

bool xb_letter_is_text(const char *text, size_t n)
{
	return n >= strlen(MAGIC) && !memcmp(text, MAGIC, strlen(MAGIC));
}

void xb_letter_write(const struct xb_letter *m, struct xb_buf *out)
{
	struct xb_letter copy = *m;

	xb_buf_adds(out, MAGIC);
	for (size_t i = 0; i < PARTS; i++) {
		const char *value = *part_of(&copy, i);

		if (!value || (!*value && value != m->subject))
			continue;
		xb_buf_addf(out, "%s ", parts[i].name);
		if (value == m->subject)
			xb_header_clean(value, strlen(value), XB_HEADER_MAX, out);
		else
			xb_buf_adds(out, value);
		xb_buf_addc(out, '\n');
	}
	xb_buf_addf(out, "date %" PRId64 "\n", m->date);
	for (size_t i = 0; i < XB_HEADERS_MAX && m->headers[i].name; i++) {
		const struct xb_header *h = &m->headers[i];

		if (!h->value || !*h->value)
			continue;
		xb_buf_addf(out, "header %s ", h->name);
		xb_header_clean(h->value, strlen(h->value), h->list ? XB_HEADER_LIST_MAX : XB_HEADER_MAX,
				out);
		xb_buf_addc(out, '\n');
	}
	xb_buf_addc(out, '\n');
	/* What it has of others was made safe where it came from; here it is seen to once more. */
	xb_vis(out, m->body, strlen(m->body), XB_VIS_LINES);
}

static bool is_plain(const char *s, bool lines)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && !(lines && (*s == '\n' || *s == '\t'))) || *s == 0x7f)
			return false;
	return true;
}

bool xb_letter_number(const char *s, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(s, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && !errno;
}

/* "NAME VALUE", of which the blank is a NUL by now. */
static bool read_header(char *line, struct xb_letter *m)
{
	char *blank = strchr(line, ' ');
	size_t n = 0;

	while (n < XB_HEADERS_MAX && m->headers[n].name)
		n++;
	if (!blank || n == XB_HEADERS_MAX || strncmp(line, "X-", 2) != 0)
		return false;
	*blank = '\0';
	m->headers[n] = (struct xb_header){.name = line, .value = blank + 1};
	return true;
}

static bool read_line(char *line, struct xb_letter *m)
{
	char *blank = strchr(line, ' ');

	if (!blank || !is_plain(line, false))
		return false;
	*blank = '\0';
	if (!strcmp(line, "header"))
		return read_header(blank + 1, m);
	if (!strcmp(line, "date"))
		return xb_letter_number(blank + 1, &m->date);
	for (size_t i = 0; i < PARTS; i++)
		if (!strcmp(line, parts[i].name)) {
			*part_of(m, i) = blank + 1;
			return true;
		}
	return false;
}

static bool read_text(char *text, struct xb_letter *m)
{
	char *end = strstr(text, "\n\n"), *next;

	if (!end)
		return false;
	end[1] = '\0';
	m->body = end + 2;
	for (char *line = text + strlen(MAGIC); *line; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		if (!read_line(line, m))
			return false;
	}
	return m->from && m->to && m->id && m->subject && is_plain(m->body, true) &&
	       xb_address_ok(m->from, strlen(m->from)) && xb_address_ok(m->to, strlen(m->to));
}

struct xb_err *xb_letter_read(const char *text, size_t n, struct xb_letter *out)
{
	bool good = xb_letter_is_text(text, n) && !memchr(text, '\0', n) && xb_utf8_valid(text, n);

	*out = (struct xb_letter){.own = xb_memdup0(text, n)};
	return good && read_text(out->own, out)
		   ? NULL
		   : xb_err_new(XB_E_HOSTILE, "this is no letter as xsabot writes them");
}

void xb_letter_release(struct xb_letter *m)
{
	free(m->own);
	*m = (struct xb_letter){0};
}
