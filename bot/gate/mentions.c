/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mentions.h"

#include "util/alloc.h"
#include "util/bytes.h"

#include <ctype.h>
#include <strings.h>

#define NAME_MAX_LEN 200
#define LINE_MAX_LEN 4000
#define QUOTE_MAX_LEN 120
#define MIN_SYMBOL 3

/* Words that say that a line is about an error. */
static const char *const signs[] = {
    "error",   "undefined", "undeclared", "not found", "no such", "no rule",  "cannot",      "can't",
    "missing", "unknown",   "implicit",   "failed",    "fatal",   "expected", "not defined", "not declared",
};

/* Words that are part of what compilers say, or of each language. */
static const char *const common[] = {
    "struct",   "union",     "enum",      "const",      "static", "void",      "char",    "unsigned",
    "signed",   "long",      "short",     "extern",     "inline", "error",     "Error",   "from",
    "function", "reference", "undefined", "such",       "file",   "directory", "make",    "line",
    "command",  "found",     "Error",     "warning",    "note",   "this",      "type",    "declaration",
    "implicit", "fatal",     "expected",  "missing",    "cannot", "return",    "include", "the",
    "not",      "int",       "for",       "rule",       "target", "needed",    "Stop",    "recipe",
    "failed",   "unknown",   "each",      "identifier", "here",   NULL,
};

void xb_mentions_release(struct xb_mentions *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].name);
	free(m->v);
	*m = (struct xb_mentions){0};
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_path(char c)
{
	return is_word(c) || c == '.' || c == '/' || c == '+' || c == '-';
}

static bool name_ok(const char *s, size_t n, bool file)
{
	if (n < (file ? 2 : MIN_SYMBOL) || n > NAME_MAX_LEN ||
	    (!file && (isdigit((unsigned char)*s) || xb_is_among(s, n, common))))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(file ? is_path(s[i]) : is_word(s[i])))
			return false;
	return true;
}

void xb_mentions_add(struct xb_mentions *m, const char *name, size_t n, enum xb_mention_rank rank, bool file)
{
	size_t same = 0;
	struct xb_mention *one;

	if (!name_ok(name, n, file))
		return;
	for (size_t i = 0; i < m->n; i++) {
		one = &m->v[i];
		same += one->rank == rank;
		if (one->file != file || strlen(one->name) != n || memcmp(one->name, name, n) != 0)
			continue;
		if (rank < one->rank)
			one->rank = rank;
		return;
	}
	if (same >= XB_MENTIONS_MAX)
		return;
	one = XB_PUSH(m, v, n, cap);
	*one = (struct xb_mention){.name = xb_memdup0(name, n), .rank = rank, .file = file};
}

/* Not in "-Werror" or "lib/error.o", which are no errors. */
static bool says(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word), from = 0;

	for (size_t i = 0; i + len <= n; i++) {
		if (isblank((unsigned char)p[i]))
			from = i + 1;
		if (!strncasecmp(p + i, word, len) && (from > i || p[from] != '-') && !(i && p[i - 1] == '/'))
			return true;
	}
	return false;
}

static bool about_error(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (says(p, n, signs[i]))
			return true;
	return false;
}

/* Are these N bytes no symbols with dots between, but a path, an option, or a file's name? */
static bool is_all_path(const char *p, size_t n)
{
	size_t dots = 0;

	for (size_t i = 0; i < n; i++) {
		dots += p[i] == '.';
		if (p[i] == '/' || (p[i] == '-' && (!i || i + 1 < n)))
			return true;
	}
	return dots == 1 && n > 3 && (p[n - 2] == '.' || p[n - 3] == '.');
}

/* The paths and symbols in a piece of text: a path has a dot or a slash within. */
static void add_all(struct xb_mentions *m, const char *p, size_t n, enum xb_mention_rank rank)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;

		while (i < n && is_path(p[i]))
			i++;
		if (memchr(p + from, '/', i - from) ||
		    (i > from + 1 && memchr(p + from + 1, '.', i - from - 1)))
			xb_mentions_add(m, p + from, i - from, rank, true);
		for (size_t k = from, end; k < i && !is_all_path(p + from, i - from); k = end + 1) {
			for (end = k; end < i && is_word(p[end]); end++)
				;
			xb_mentions_add(m, p + k, end - k, rank, false);
		}
		i += i == from;
	}
}

/* How long a quotation mark is at P: ' " ` or the UTF-8 ones; 0: none. */
static size_t mark_at(const char *p, size_t n)
{
	if (n && (*p == '\'' || *p == '"' || *p == '`'))
		return 1;
	if (n >= 3 && !memcmp(p, "\xe2\x80", 2) &&
	    (p[2] == '\x98' || p[2] == '\x99' || p[2] == '\x9c' || p[2] == '\x9d'))
		return 3;
	return 0;
}

/* An apostrophe within a word opens nothing. */
static void add_quoted(struct xb_mentions *m, const char *p, size_t n, enum xb_mention_rank rank)
{
	for (size_t i = 0; i < n;) {
		size_t len = mark_at(p + i, n - i), end;

		if (!len || (i && is_word(p[i - 1]))) {
			i += len ? len : 1;
			continue;
		}
		i += len;
		for (end = i; end < n && !mark_at(p + end, n - end); end++)
			;
		if (end == n)
			return;
		if (end - i <= QUOTE_MAX_LEN)
			add_all(m, p + i, end - i, rank);
		i = end + mark_at(p + end, n - end);
	}
}

/* "NAME: No such file", "NAME: command not found", "NAME: not found". */
static void add_missing(struct xb_mentions *m, const char *p, size_t n)
{
	static const char *const after[] = {": No such file", ": command not found", ": not found",
					    ": Not found"};

	for (size_t k = 0; k < sizeof after / sizeof *after; k++) {
		const char *at = memmem(p, n, after[k], strlen(after[k]));
		const char *from = at;

		while (from && from > p && is_path(from[-1]))
			from--;
		if (at)
			add_all(m, from, (size_t)(at - from), XB_MENTION_MISSING);
		if (at && from < at) /* a file may have neither dot nor slash */
			xb_mentions_add(m, from, (size_t)(at - from), XB_MENTION_MISSING, true);
	}
}

/* "FILE:LINE". */
static void add_places(struct xb_mentions *m, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i;

		while (i < n && is_path(p[i]))
			i++;
		if (i > from && i + 1 < n && p[i] == ':' && isdigit((unsigned char)p[i + 1]))
			xb_mentions_add(m, p + from, i - from, XB_MENTION_PLACE, true);
	}
}

static void read_line(struct xb_mentions *m, const char *p, size_t n)
{
	bool error = about_error(p, n);

	if (n > LINE_MAX_LEN || says(p, n, "warning:"))
		return;
	add_quoted(m, p, n, error ? XB_MENTION_MISSING : XB_MENTION_QUOTED);
	add_missing(m, p, n);
	if (error)
		add_all(m, p, n, XB_MENTION_WORD);
	add_places(m, p, n);
}

void xb_mentions_read(struct xb_mentions *m, const char *p, size_t n)
{
	const char *end = p + n;

	while (p && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		read_line(m, p, len);
		p += len + 1;
	}
}
