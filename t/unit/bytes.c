/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops that take eight bytes a step, against plain ones, at all lengths and offsets. */
#include "util/bytes.h"

#include "lang/added.h"
#include "tap.h"

#include <stdlib.h>

static unsigned seed = 1;

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void check_newlines(void)
{
	static char text[5000];
	int wrong = 0;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "\n\nab\x8a\x0b"[roll(6)];
	for (size_t from = 0; from < 9; from++) {
		for (size_t n = 0; n < 4990; n += n < 40 ? 1 : 97) {
			size_t want = 0;

			for (size_t i = 0; i < n; i++)
				want += text[from + i] == '\n';
			wrong += xb_count_newlines(text + from, n) != want;
		}
	}
	ok(!wrong, "newlines are counted");
	memset(text, '\n', sizeof text);
	ok(xb_count_newlines(text, sizeof text) == sizeof text, "also where there is nothing else");
}

static void check_common(void)
{
	char a[64], b[64];
	int wrong = 0;

	for (size_t n = 0; n <= sizeof a; n++) {
		for (size_t at = 0; at <= n; at++) {
			memset(a, 'x', sizeof a);
			memset(b, 'x', sizeof b);
			if (at < n)
				b[at] = 'y';
			wrong += xb_common_head(a, b, n) != at;
			wrong += xb_common_tail(a + n, b + n, n) != (at < n ? n - at - 1 : n);
		}
	}
	ok(!wrong, "what two texts begin and end with alike");
}

/* A text of a few lines, of few kinds, the last of which perhaps has no end. */
static size_t make_text(char *out)
{
	static const char *const lines[] = {"\n", "a\n", "b\n", "ab\n", "longer than eight bytes\n"};
	size_t n = 0;

	for (unsigned i = roll(8); i; i--)
		for (const char *l = lines[roll(5)]; *l; l++)
			out[n++] = *l;
	return n - (n && !roll(4));
}

/* How many lines of the text are in the set; the sets are to be as the counts of equal lines say. */
static size_t members(const char *text, size_t n, const struct xb_lineset *set)
{
	size_t count = 0, lines = xb_count_newlines(text, n) + 1;

	for (size_t i = 1; i <= lines; i++)
		count += xb_lineset_has(set, i);
	return count;
}

/* Lines of A that B has not as often. */
static size_t surplus(const char *a, size_t n, const char *b, size_t m)
{
	size_t count = 0;

	for (size_t i = 0; i < n;) {
		const char *nl = memchr(a + i, '\n', n - i);
		size_t len = nl ? (size_t)(nl + 1 - (a + i)) : n - i, before = 0, there = 0;

		for (size_t k = 0; k < i; k++)
			before += (k == 0 || a[k - 1] == '\n') && k + len <= i &&
				  !memcmp(a + k, a + i, len) && (a[k + len - 1] == '\n');
		for (size_t k = 0; k + len <= m; k++)
			there += (k == 0 || b[k - 1] == '\n') && !memcmp(b + k, a + i, len) &&
				 (b[k + len - 1] == '\n' || k + len == m);
		count += before >= there;
		i += len;
	}
	return count;
}

static void check_added(void)
{
	char a[256], b[256];
	int wrong = 0;

	for (int round = 0; round < 20000; round++) {
		struct xb_lineset added, gone;
		size_t n = make_text(a), m = make_text(b);

		xb_added_lines(a, n, b, m, &added, &gone);
		wrong += members(b, m, &added) != surplus(b, m, a, n);
		wrong += members(a, n, &gone) != surplus(a, n, b, m);
		xb_lineset_release(&added);
		xb_lineset_release(&gone);
	}
	ok(!wrong, "as many lines are added and gone as there are more of their kind (%d wrong)", wrong);
}

static void check_places(void)
{
	static const char old[] = "one\ntwo\nthree\nfour\n", now[] = "one\n2\nthree\n3.5\nfour\nfive\n";
	struct xb_lineset added, gone;

	xb_added_lines(old, sizeof old - 1, now, sizeof now - 1, &added, &gone);
	ok(!xb_lineset_has(&added, 1) && xb_lineset_has(&added, 2) && !xb_lineset_has(&added, 3) &&
	       xb_lineset_has(&added, 4) && !xb_lineset_has(&added, 5) && xb_lineset_has(&added, 6),
	   "which lines are added");
	ok(!xb_lineset_has(&gone, 1) && xb_lineset_has(&gone, 2) && !xb_lineset_any(&gone, 3, 4),
	   "which are gone");
	xb_lineset_release(&added);
	xb_lineset_release(&gone);
}

static void check_words(void)
{
	static const char *const words[] = {"one", "three", NULL};

	ok(xb_line_len("ab\nc", 4) == 2 && xb_line_len("\n", 1) == 0 && xb_line_len("ab\n", 2) == 2,
	   "the first line ends at a newline or with the text");
	ok(xb_begins("ab", 2, "ab") && !xb_begins("ab", 1, "ab") && xb_begins("", 0, "") &&
	       xb_ends("cab", 3, "ab") && !xb_ends("cab", 2, "ab") && !xb_ends("b", 1, "ab"),
	   "how a text begins and ends is looked for in its bytes only");
	ok(xb_is_among("three", 5, words) && !xb_is_among("three", 4, words) && !xb_is_among("", 0, words),
	   "words are compared whole");
	ok(!strcmp(xb_base_name("a/b/c"), "c") && !strcmp(xb_base_name("c"), "c") &&
	       !strcmp(xb_base_name("a/"), ""),
	   "a base name is what stands behind the last slash");
}

int main(void)
{
	check_words();
	check_newlines();
	check_common();
	check_added();
	check_places();
	return done();
}
