/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/protected.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line {
	const char *p;
	size_t n; /* without its LF */
};

/* What follows WORD and a blank in the line; NULL p: it is another. */
static struct line after(struct line l, const char *word)
{
	size_t n = strlen(word);

	if (l.n <= n || memcmp(l.p, word, n) != 0 || l.p[n] != ' ')
		return (struct line){NULL, 0};
	return (struct line){l.p + n + 1, l.n - n - 1};
}

static bool same(struct line l, const char *s)
{
	return l.n == strlen(s) && !memcmp(l.p, s, l.n);
}

static bool begins(const char *s, struct line with)
{
	return strlen(s) >= with.n && !memcmp(s, with.p, with.n);
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789.") == strlen(s);
}

static bool is_uid(struct line l)
{
	unsigned long uid = 0;

	for (size_t i = 0; i < l.n; i++) {
		if (l.p[i] < '0' || l.p[i] > '9' || uid > 0xffffffffu)
			return false;
		uid = 10 * uid + (unsigned long)(l.p[i] - '0');
	}
	return l.n && (uid == getuid() || uid == geteuid());
}

/* NAME=value, as it stands in the environment. */
static bool is_set(struct line l)
{
	extern char **environ;

	for (char **e = environ; e && *e; e++)
		if (same(l, *e))
			return memchr(l.p, '=', l.n) != NULL;
	return false;
}

static bool is_account(struct line l)
{
	struct line uid = after(l, "uid"), env = after(l, "env");

	return (uid.p && is_uid(uid)) || (env.p && is_set(env));
}

static bool covers(struct line l, const char *ref)
{
	struct line one = after(l, "ref"), below = after(l, "below"), numbers = after(l, "numbers");

	return (one.p && same(one, ref)) || (below.p && begins(ref, below)) ||
	       (numbers.p && begins(ref, numbers) && is_number(ref + numbers.n));
}

enum xb_protected xb_protected_judge(const char *p, size_t n, const char *ref)
{
	static const char magic[] = XB_PROTECTED_MAGIC;
	bool covered = false, account = false, end = false;

	if (n < sizeof magic - 1 || memcmp(p, magic, sizeof magic - 1) != 0)
		return XB_PROTECTED_UNKNOWN;
	for (const char *lf; !end && (lf = memchr(p, '\n', n));) {
		struct line l = {p, (size_t)(lf - p)};

		end = same(l, "end");
		account |= is_account(l);
		covered |= covers(l, ref);
		n -= l.n + 1;
		p = lf + 1;
	}
	if (!end)
		return XB_PROTECTED_UNKNOWN;
	return covered && !account ? XB_PROTECTED_YES : XB_PROTECTED_NO;
}
