/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trailers.h"

#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

#include <stdbool.h>
#include <string.h>

static const char scissors[] = "# ------------------------ >8 ------------------------";

/* What the lines from the end up to here were; see xb_trailers_locate. */
struct tally {
	size_t trailers, others, continued;
	bool by_git, text_seen;
};

/* git's isspace: the C locale's without form feed and vertical tab. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The start of the line that ends just before AT (AT > 0). */
static size_t prev_line(const char *p, size_t at)
{
	for (at--; at > 0 && p[at - 1] != '\n'; at--)
		;
	return at;
}

static bool is_blank(const char *p, size_t n)
{
	while (n && is_space(*p))
		p++, n--;
	return !n;
}

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* The length of the key with the blanks before its colon; 0: the line is no trailer. */
static size_t key_len(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && is_key_char(p[i]))
		i++;
	if (i)
		while (i < n && (p[i] == ' ' || p[i] == '\t'))
			i++;
	return i < n && p[i] == ':' ? i : 0;
}

/* Where the text ends for git: at scissors, and without the comments and the old "Conflicts:" block after it.
 */
static size_t text_end(const char *p, size_t n)
{
	size_t at = 0, tail = 0, len;
	bool conflicts = false;

	for (; at < n; at += len + (at + len < n)) {
		len = xb_line_len(p + at, n - at);
		if (len >= sizeof scissors - 1 && len == sizeof scissors - 1 &&
		    !memcmp(p + at, scissors, len) && at + len < n)
			break;
		if (!len || p[at] == '#')
			tail = tail ? tail : at;
		else if (len == 10 && xb_begins(p + at, len, "Conflicts:"))
			conflicts = true, tail = tail ? tail : at;
		else if (!conflicts || p[at] != '\t')
			conflicts = false, tail = 0;
	}
	return tail ? tail : at;
}

/* The title, which is never a trailer: up to the first blank line that is no comment. */
static size_t title_end(const char *p, size_t n)
{
	size_t at = 0, len;

	for (; at < n; at += len + (at + len < n)) {
		len = xb_line_len(p + at, n - at);
		if (p[at] != '#' && is_blank(p + at, len))
			break;
	}
	return at;
}

static void tally_line(struct tally *t, const char *p, size_t n)
{
	bool by_git = xb_begins(p, n, "Signed-off-by: ") || xb_begins(p, n, "(cherry picked from commit ");

	t->text_seen = true;
	if (by_git || key_len(p, n)) {
		t->trailers++;
		t->by_git |= by_git;
	} else if (is_space(*p)) {
		t->continued++; /* of a trailer, unless the line above turns out to be none */
		return;
	} else {
		t->others += 1 + t->continued;
	}
	t->continued = 0;
}

static bool is_block(const struct tally *t)
{
	if (t->by_git)
		return t->trailers * 3 >= t->others;
	return t->trailers && !t->others;
}

size_t xb_trailers_locate(const char *text, size_t n, size_t *end)
{
	size_t title = title_end(text, n), at, bol, len;
	struct tally t = {0};

	*end = text_end(text, n);
	if (title > *end)
		title = *end;
	for (at = *end; at > 0; at = bol) {
		bol = prev_line(text, at);
		len = xb_line_len(text + bol, *end - bol);
		if (bol < title)
			break;
		if (text[bol] == '#') {
			t.others += t.continued;
			t.continued = 0;
		} else if (!is_blank(text + bol, len)) {
			tally_line(&t, text + bol, len);
		} else if (t.text_seen) {
			t.others += t.continued;
			return is_block(&t) ? at : *end;
		}
	}
	return *end;
}

static char *unfolded(struct xb_buf *b, const char *p, size_t n)
{
	while (n && is_space(*p))
		p++, n--;
	while (n && is_space(p[n - 1]))
		n--;
	if (b->n && n)
		xb_buf_addc(b, ' ');
	xb_buf_add(b, p, n);
	return b->p;
}

static void push(struct xb_trailers *out, const char *p, size_t key, struct xb_buf *value, unsigned line)
{
	struct xb_trailer *t = XB_PUSH(out, v, n, cap);

	while (key && is_space(p[key - 1]))
		key--;
	t->key = xb_memdup0(p, key);
	t->value = xb_buf_detach(value);
	t->line = line;
}

/* Takes the lines that continue the trailer at P[0..N) as well; gives the bytes used. */
static size_t take(struct xb_trailers *out, const char *p, size_t n, size_t key, unsigned line)
{
	size_t len = xb_line_len(p, n), at = len + (len < n);
	struct xb_buf value = XB_BUF_INIT;

	unfolded(&value, p + key + 1, len - key - 1);
	while (at < n && (p[at] == ' ' || p[at] == '\t')) {
		len = xb_line_len(p + at, n - at);
		if (is_blank(p + at, len))
			break;
		unfolded(&value, p + at, len);
		at += len + (at + len < n);
	}
	push(out, p, key, &value, line);
	return at;
}

static unsigned count_lines(const char *p, size_t n)
{
	unsigned k = 0;
	const char *nl;

	while ((nl = memchr(p, '\n', n))) {
		n -= (size_t)(nl + 1 - p);
		p = nl + 1;
		k++;
	}
	return k;
}

static void parse_from(const char *text, size_t n, unsigned line, struct xb_trailers *out)
{
	size_t at = 0, used, key;

	for (; at < n; line += count_lines(text + at, used), at += used) {
		used = xb_line_len(text + at, n - at);
		key = key_len(text + at, used);
		if (key) {
			used = take(out, text + at, n - at, key, line);
			continue;
		}
		if (!out->bad_line && text[at] != '#' && !is_blank(text + at, used))
			out->bad_line = line;
		used += at + used < n;
	}
}

void xb_trailers_parse(const char *text, size_t n, struct xb_trailers *out)
{
	parse_from(text, n, 1, out);
}

void xb_trailers_of_message(const char *text, size_t n, struct xb_trailers *out)
{
	size_t end, start = xb_trailers_locate(text, n, &end);

	if (start < end)
		parse_from(text + start, end - start, 1 + count_lines(text, start), out);
}

void xb_trailers_release(struct xb_trailers *t)
{
	for (size_t i = 0; i < t->n; i++) {
		XB_FREE(t->v[i].key, t->v[i].value);
	}
	free(t->v);
	*t = (struct xb_trailers){0};
}
