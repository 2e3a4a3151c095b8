/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import-impl.h"

#include "util/alloc.h"

#include <ctype.h>
#include <strings.h>

struct line {
	const char *p;
	size_t n;
};

static bool next(const char **at, const char *end, struct line *l)
{
	const char *nl;

	if (*at >= end)
		return false;
	nl = memchr(*at, '\n', (size_t)(end - *at));
	l->p = *at;
	l->n = (size_t)((nl ? nl : end) - *at);
	*at = nl ? nl + 1 : end;
	if (l->n && l->p[l->n - 1] == '\r')
		l->n--;
	return true;
}

static bool begins(const struct line *l, const char *word)
{
	size_t n = strlen(word);

	return l->n >= n && !strncasecmp(l->p, word, n);
}

/* "[PATCH 1/2] x86: fix" is about "x86: fix". */
static char *clean_title(const char *p, size_t n)
{
	while (n && (isspace((unsigned char)*p) || *p == '[')) {
		const char *close = *p == '[' ? memchr(p, ']', n) : p;

		if (!close)
			break;
		n -= (size_t)(close + 1 - p);
		p = close + 1;
	}
	return xb_memdup0(p, n);
}

static void take_subject(const char **at, const char *end, const struct line *first, char **out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	const char *ahead = *at;
	struct line l;

	xb_buf_add(&text, first->p + strlen("Subject:"), first->n - strlen("Subject:"));
	while (next(&ahead, end, &l) && l.n && (*l.p == ' ' || *l.p == '\t')) { /* folded */
		while (l.n && isspace((unsigned char)*l.p)) {
			l.p++;
			l.n--;
		}
		xb_buf_adds(&text, " ");
		xb_buf_add(&text, l.p, l.n);
		*at = ahead;
	}
	free(*out);
	*out = clean_title(text.p, text.n);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Ids after the words that name a commit's origin, and of the mail that git makes of a commit. */
static void take_ids(const struct line *l, struct xb_strv *out)
{
	static const char *const words[] = {"From ", "master commit:", "(cherry picked from commit ",
					    "commit ", "[ Upstream commit "};

	for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
		const char *p = l->p + strlen(words[w]), *end = l->p + l->n;
		size_t n = 0;

		if (!begins(l, words[w]))
			continue;
		while (p < end && *p == ' ')
			p++;
		while (p + n < end && is_hex(p[n]))
			n++;
		if (n >= 12 && n <= 40) {
			XB_AUTOFREE char *hex = xb_memdup0(p, n);

			xb_strv_add_new(out, hex);
		}
	}
}

/* "+++ b/xen/x.c": without the first directory, and without a time after a tab. */
static void take_path(const struct line *l, struct xb_strv *out)
{
	const char *p = l->p + 4, *end = l->p + l->n, *tab = memchr(p, '\t', (size_t)(end - p));
	const char *slash;

	end = tab ? tab : end;
	slash = memchr(p, '/', (size_t)(end - p));
	if (slash && end > p) {
		XB_AUTOFREE char *path = xb_memdup0(slash + 1, (size_t)(end - slash - 1));

		if (strcmp(path, "dev/null") != 0 && *path)
			xb_strv_add_new(out, path);
	}
}

/* "@@ -1,7 +1,9 @@": how many lines of each side follow. */
static bool take_counts(const struct line *l, unsigned long *old, unsigned long *now)
{
	XB_AUTOFREE char *s = xb_memdup0(l->p, l->n);
	unsigned long a, b;

	*old = *now = 1;
	return sscanf(s, "@@ -%lu,%lu +%lu,%lu @@", &a, old, &b, now) == 4 ||
	       (*old = 1, sscanf(s, "@@ -%lu +%lu,%lu @@", &a, &b, now) == 3) ||
	       (*now = 1, sscanf(s, "@@ -%lu,%lu +%lu @@", &a, old, &b) == 3) ||
	       (*old = 1, sscanf(s, "@@ -%lu +%lu @@", &a, &b) == 2);
}

static void take_changed(const struct line *l, struct xb_import_record *out)
{
	uint64_t h = xb_import_line(*l->p == '+', l->p + 1, l->n - 1);

	out->lines += h;
	out->n_lines += h != 0;
}

void xb_import_patch(const char *text, size_t n, struct xb_import_record *out)
{
	const char *at = text, *end = text + n;
	unsigned long old = 0, now = 0;
	struct line l;

	while (next(&at, end, &l)) {
		char c = l.n ? *l.p : ' ';

		if (old || now) {
			old -= old && c != '+';
			now -= now && c != '-';
			if (c == '+' || c == '-')
				take_changed(&l, out);
		} else if (begins(&l, "@@ -")) {
			if (!take_counts(&l, &old, &now))
				old = now = 0;
		} else if (begins(&l, "+++ ") || begins(&l, "--- ")) {
			take_path(&l, &out->paths);
		} else if (begins(&l, "Subject:") && !out->n_lines) {
			take_subject(&at, end, &l, &out->title);
		} else if (!out->n_lines) {
			take_ids(&l, &out->ids);
		}
	}
}
