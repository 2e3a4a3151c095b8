/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shapes.h"

#include "refs/refname.h"
#include "util/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- one name ---- */

struct run {
	const char *at;
	size_t len, count; /* of numbers */
	char sep;
};

/* The numbers at S, with the same byte between all of them. */
static struct run run_at(const char *s)
{
	struct run r = {.at = s, .count = 1};

	for (r.len = strspn(s, "0123456789"); strchr("._-", s[r.len]) && s[r.len]; r.count++) {
		size_t digits = strspn(s + r.len + 1, "0123456789");

		if (!digits || (r.sep && r.sep != s[r.len]))
			break;
		r.sep = s[r.len];
		r.len += 1 + digits;
	}
	return r;
}

/* That with most numbers, the last of several. */
static struct run longest_run(const char *s)
{
	struct run best = {0};

	for (; *s; s++) {
		struct run r;

		if (!xb_is_digit(*s))
			continue;
		r = run_at(s);
		if (r.count >= best.count)
			best = r;
		s += r.len - 1;
	}
	return best;
}

/* The tail of a release's number at S: see {n:a} in refpat.h. */
static size_t tail_len(const char *s)
{
	size_t joint = *s && strchr("._-", *s) ? 1 : 0, z = strspn(s, "z");

	if ((s[joint] == 'p' || s[joint] == 'P') && xb_is_digit(s[joint + 1]))
		return joint + 1 + strspn(s + joint + 1, "0123456789");
	z += s[z] >= 'a' && s[z] <= 'y';
	return z && !isalnum((unsigned char)s[z]) ? z : 0;
}

/* "-rc1", "_beta", and all else with a number in it. */
static bool announces(const char *suffix)
{
	static const char *const words[] = {"rc",  "beta", "alpha",    "pre",
					    "dev", "test", "snapshot", "candidate"};

	if (strpbrk(suffix, "0123456789"))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(suffix, words[i]))
			return true;
	return false;
}

/* ---- shapes ---- */

static struct xb_shape *shape_of(struct xb_shapes *s, const char *prefix, const char *suffix, char sep)
{
	struct xb_shape *new;

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].prefix, prefix) && !strcmp(s->v[i].suffix, suffix) && s->v[i].sep == sep)
			return &s->v[i];
	new = XB_PUSH(s, v, n, cap);
	new->prefix = xb_strdup(prefix);
	new->suffix = xb_strdup(suffix);
	new->sep = sep;
	return new;
}

void xb_shapes_add(struct xb_shapes *s, const char *ref, bool tag)
{
	struct run r = longest_run(ref);
	size_t tail = r.at && tag ? tail_len(r.at + r.len) : 0;
	XB_AUTOFREE char *prefix = r.at ? xb_memdup0(ref, (size_t)(r.at - ref)) : NULL;
	const char *suffix = r.at ? r.at + r.len + tail : "";
	char *numbers;

	if (!r.at || (tag && announces(suffix)))
		return;
	numbers = xb_memdup0(r.at, r.len);
	for (char *p = numbers; *p; p++)
		*p = *p == r.sep ? '.' : *p;
	*XB_PUSH(&shape_of(s, prefix, suffix, r.sep)->names, v, n, cap) =
	    (struct xb_numbered){xb_strdup(ref), numbers, xb_memdup0(r.at + r.len, tail)};
}

void xb_shapes_settle(struct xb_shapes *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->n && !s->v[i].sep; k++) {
			struct xb_shape *from = &s->v[i], *to = &s->v[k];

			if (!to->sep || strcmp(from->prefix, to->prefix) != 0 ||
			    strcmp(from->suffix, to->suffix) != 0)
				continue;
			for (size_t m = 0; m < from->names.n; m++) {
				const struct xb_numbered *n = &from->names.v[m];

				*XB_PUSH(&to->names, v, n, cap) = (struct xb_numbered){
				    xb_strdup(n->ref), xb_strdup(n->numbers), xb_strdup(n->tail)};
			}
		}
}

void xb_shapes_release(struct xb_shapes *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->v[i].names.n; k++) {
			XB_FREE(s->v[i].names.v[k].ref, s->v[i].names.v[k].numbers, s->v[i].names.v[k].tail);
		}
		XB_FREE(s->v[i].names.v, s->v[i].prefix, s->v[i].suffix);
	}
	free(s->v);
	*s = (struct xb_shapes){0};
}

const struct xb_shape *xb_shapes_largest(const struct xb_shapes *s)
{
	const struct xb_shape *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (!best || s->v[i].names.n > best->names.n)
			best = &s->v[i];
	return best;
}

/* ---- pairs ---- */

/* What the tags say of one line. */
struct tally {
	bool served, more, bare, zero, letters, joined, apart;
};

static struct tally count(const struct xb_shape *tags, const char *line)
{
	size_t len = strlen(line);
	struct tally t = {0};

	for (size_t i = 0; i < tags->names.n; i++) {
		const struct xb_numbered *n = &tags->names.v[i];
		bool same = !strcmp(n->numbers, line),
		     below = !strncmp(n->numbers, line, len) && n->numbers[len] == '.';

		if (!same && !below)
			continue;
		t.served = true;
		t.more |= below || *n->tail;
		t.bare |= same && !*n->tail;
		t.zero |= below && !strcmp(n->numbers + len, ".0");
		t.letters |= *n->tail != '\0';
		t.joined |= same && isalpha((unsigned char)*n->tail);
		t.apart |= below || (same && *n->tail && !isalpha((unsigned char)*n->tail));
	}
	return t;
}

static struct xb_naming judge(const struct xb_shape *branches, const struct xb_shape *tags)
{
	struct xb_naming n = {.branches = branches, .tags = tags};
	bool apart = false;

	for (size_t i = 0; i < branches->names.n; i++) {
		struct tally t = count(tags, branches->names.v[i].numbers);

		n.lines += t.served;
		n.series += t.more;
		if (t.more && (!n.newest || xb_version_cmp(branches->names.v[i].numbers, n.newest) > 0))
			n.newest = branches->names.v[i].numbers;
		n.bare |= t.bare && !t.zero;
		n.letters |= t.letters;
		n.joined |= t.joined;
		apart |= t.apart;
	}
	n.joined &= !apart;
	return n;
}

/* Where what was pushed waits for its tests: the branch that people push to. */
static bool is_staging(const struct xb_shape *branches)
{
	return strstr(branches->prefix, "staging") != NULL;
}

/* Has A a newer line than B, and about as many? */
static bool is_newer(const struct xb_naming *a, const struct xb_naming *b)
{
	return a->newest && (!b->newest || xb_version_cmp(a->newest, b->newest) > 0) &&
	       a->series * 2 >= b->series;
}

/* A branch for each single release is no line; and names change with time. */
static bool is_better(const struct xb_naming *a, const struct xb_naming *b)
{
	if (!b->lines || is_newer(a, b) != is_newer(b, a))
		return !b->lines ? a->lines : is_newer(a, b);
	if (a->series != b->series)
		return a->series > b->series;
	if (a->lines != b->lines)
		return a->lines > b->lines;
	if (is_staging(a->branches) != is_staging(b->branches))
		return is_staging(a->branches);
	return a->tags->names.n > b->tags->names.n;
}

struct xb_naming xb_naming_find(const struct xb_shapes *branches, const struct xb_shapes *tags)
{
	struct xb_naming best = {0};

	for (size_t i = 0; i < branches->n; i++)
		for (size_t k = 0; k < tags->n; k++) {
			struct xb_naming n;

			if (branches->v[i].names.n * 2 < best.series)
				break;
			n = judge(&branches->v[i], &tags->v[k]);
			if (is_better(&n, &best))
				best = n;
		}
	return best.lines ? best : (struct xb_naming){0};
}

/* "{line}", or "{line:_}" */
static char *placeholder(const char *name, char sep, bool letters)
{
	char between[] = {sep != '.' ? sep : '\0', '\0'};

	return xb_asprintf("{%s%s%s%s}", name, *between || letters ? ":" : "", between, letters ? "a" : "");
}

static char sep_of(const struct xb_shape *s, const struct xb_shape *like)
{
	return s->sep ? s->sep : like && like->sep ? like->sep : '.';
}

char *xb_naming_staging(const struct xb_naming *n)
{
	XB_AUTOFREE char *line = placeholder("line", sep_of(n->branches, NULL), false);

	return xb_asprintf("%s%s%s", n->branches->prefix, line, n->branches->suffix);
}

char *xb_naming_release(const struct xb_naming *n)
{
	char sep = sep_of(n->tags, n->branches), between[] = {n->joined ? '\0' : sep, '\0'};
	XB_AUTOFREE char *line = placeholder("line", sep, false);
	XB_AUTOFREE char *number = placeholder("n", n->joined ? '.' : sep, n->letters);

	return xb_asprintf("%s%s%s%s%s%s%s", n->tags->prefix, line, n->bare ? "[" : "", between, number,
			   n->bare ? "]" : "", n->tags->suffix);
}

char *xb_shape_numbers(const struct xb_shape *s, const char *before)
{
	bool letters = false;
	XB_AUTOFREE char *number = NULL;

	for (size_t i = 0; i < s->names.n; i++)
		letters |= *s->names.v[i].tail != '\0';
	number = placeholder("n", sep_of(s, NULL), letters);
	return xb_asprintf("%s%s%s%s", s->prefix, before, number, s->suffix);
}
