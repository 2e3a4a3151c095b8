/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of the merge one by one, and its bounds; that it agrees with git is tested by t0200. */
#include "diff/merge3.h"
#include "pick/rename.h"

#include "util/alloc.h"
#include "util/buf.h"

#include <stdio.h>
#include <string.h>

static unsigned tests, failed;

static void ok(bool good, const char *title)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, title);
	failed += !good;
}

static struct xb_merge3_result merge_n(const char *b, size_t bn, const char *o, const char *t)
{
	struct xb_text base, ours, theirs;
	struct xb_merge3_result r = {0};
	xb_text_init(&base, b, bn);
	xb_text_init(&ours, o, strlen(o));
	xb_text_init(&theirs, t, strlen(t));
	xb_merge3(&base, &ours, &theirs, XB_GIT_2_54, &r);
	xb_text_release(&base);
	xb_text_release(&ours);
	xb_text_release(&theirs);
	return r;
}

static void merges_to(const char *b, const char *o, const char *t, const char *want, const char *title)
{
	struct xb_merge3_result r = merge_n(b, strlen(b), o, t);
	ok(r.verdict == XB_MERGE3_CLEAN && r.out.n == strlen(want) &&
	       !memcmp(r.out.p ? r.out.p : "", want, r.out.n),
	   title);
	xb_merge3_release(&r);
}

static void conflicts(const char *b, const char *o, const char *t, struct xb_hunk want, const char *title)
{
	struct xb_merge3_result r = merge_n(b, strlen(b), o, t);
	ok(r.verdict == XB_MERGE3_CONFLICT && r.n == 1 && !memcmp(&r.v[0], &want, sizeof want), title);
	xb_merge3_release(&r);
}

static void test_merges(void)
{
	merges_to("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n",
		  "separate changes merge");
	merges_to("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", "a\nB\nc\n",
		  "the same change on both sides is none");
	merges_to("a\nb\n", "a\nb\n", "a\n", "a\n", "a side without changes takes the other");
	merges_to("", "", "a", "a", "an empty base");
	merges_to("a\nb\nc\n", "", "", "", "both sides empty the file");
	merges_to("a\nb\nc\nd", "a\nb\nc\nd\n", "A\nb\nc\nd", "A\nb\nc\nd\n",
		  "a final newline is a change of its line");
	merges_to("a\nb\nc\n", "x\ny\nc\n", "x\ny\nc\n", "x\ny\nc\n", "equal ends of a conflict settle it");
}

static void test_conflicts(void)
{
	conflicts("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", (struct xb_hunk){1, 1, 1, 1, 1, 1},
		  "different changes conflict");
	conflicts("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nb\nC\nd\n", (struct xb_hunk){1, 2, 1, 2, 1, 2},
		  "changes that touch conflict");
	conflicts("a\nb\nc\nd\n", "a\nd\n", "a\nB\nc\nd\n", (struct xb_hunk){1, 2, 1, 0, 1, 2},
		  "a change in deleted lines conflicts");
	conflicts("", "a\n", "b\n", (struct xb_hunk){0, 0, 0, 1, 0, 1}, "two additions conflict");
	conflicts("a\nb\n", "a\r\nb\n", "A\nb\n", (struct xb_hunk){0, 1, 0, 1, 0, 1}, "a CR is a change");
}

static void test_binary(void)
{
	XB_AUTOBUF struct xb_buf far = XB_BUF_INIT;
	struct xb_merge3_result r = merge_n("a\0b", 3, "a", "b");
	ok(r.verdict == XB_MERGE3_BINARY, "a NUL makes a file binary");
	xb_merge3_release(&r);
	for (unsigned i = 0; i < 8000; i++)
		xb_buf_addc(&far, '\n');
	xb_buf_addc(&far, '\0');
	r = merge_n(far.p, far.n, "a\n", "a\n");
	ok(r.verdict == XB_MERGE3_CLEAN, "but not behind the first 8000 bytes");
	xb_merge3_release(&r);
}

/* Lines that are pairwise distinct in one file and in long disorder in the other: much work, but bounded. */
static void scrambled(struct xb_buf *out, unsigned n, unsigned step)
{
	for (unsigned i = 0; i < n; i++)
		xb_buf_addf(out, "%u\n", (unsigned)((unsigned long)i * step % n / 40));
}

static void test_bounds(void)
{
	XB_AUTOBUF struct xb_buf a = XB_BUF_INIT, b = XB_BUF_INIT;
	struct xb_text ta, tb;
	struct xb_changes first = {0}, again = {0};
	bool done, done_again;
	scrambled(&a, 200003, 1);
	scrambled(&b, 200003, 77777);
	xb_text_init(&ta, a.p, a.n);
	xb_text_init(&tb, b.p, b.n);
	done = xb_diff(&ta, &tb, 0, &first);
	done_again = xb_diff(&ta, &tb, 0, &again);
	ok(done == done_again && first.n == again.n, "costly files have the same answer each time");
	ok(done || !first.n, "undecided comes without changes");
	xb_changes_release(&first);
	xb_changes_release(&again);
	xb_text_release(&ta);
	xb_text_release(&tb);
}

/*
 * git's histogram fails on a region where more than 64 classes of lines share
 * a bucket of its hash table; which they do depends on their numbers alone.
 */
static void test_git_fails(void)
{
	enum { CLASSES = 20000, BITS = 7 };
	XB_AUTOBUF struct xb_buf a = XB_BUF_INIT, b = XB_BUF_INIT;
	struct xb_text ta, tb;
	struct xb_changes c = {0};
	for (unsigned i = 0; i < CLASSES; i++)
		xb_buf_addf(&a, "%u\n", i);
	xb_buf_add(&b, a.p, a.n);
	for (unsigned k = 0; k < 100; k++)
		xb_buf_addf(&a, "%u\n", (k << BITS) + (5 - k) % (1 << BITS));
	xb_buf_adds(&b, "end\n");
	xb_buf_adds(&a, "19999\n");
	xb_buf_adds(&b, "19999\n");
	xb_text_init(&ta, a.p, a.n);
	xb_text_init(&tb, b.p, b.n);
	ok(!xb_diff(&ta, &tb, 0, &c), "where git fails, the diff is undecided");
	xb_changes_release(&c);
	xb_text_release(&ta);
	xb_text_release(&tb);
}

/* A text that was split or indexed before gives the same diff. */
static void test_reuse(void)
{
	struct xb_text a, b;
	struct xb_changes one = {0}, two = {0};
	xb_text_init(&a, "a\nb\nc\nd\n", 8);
	xb_text_init(&b, "a\nc\nd\nx\n", 8);
	ok(xb_diff(&a, &b, 0, &one) && one.n == 2 && one.v[0].a == 1 && one.v[0].an == 1 &&
	       one.v[0].bn == 0 && one.v[1].a == 4 && one.v[1].b == 3 && one.v[1].bn == 1,
	   "a diff names the changed lines");
	ok(xb_diff(&b, &a, 0, &two) && xb_diff(&a, &b, 0, &two) && two.n == one.n &&
	       !memcmp(one.v, two.v, one.n * sizeof *one.v),
	   "texts can be used again in either place");
	ok(xb_diff(&a, &a, 0, &two) && !two.n, "a text does not differ from itself");
	xb_changes_release(&one);
	xb_changes_release(&two);
	xb_text_release(&a);
	xb_text_release(&b);
}

static unsigned score(const char *a, const char *b, unsigned rules)
{
	struct xb_spans x, y;
	unsigned n;
	xb_spans_init(&x, a, strlen(a), rules);
	xb_spans_init(&y, b, strlen(b), rules);
	n = xb_similarity(&x, &y, XB_SIMILARITY_MAX / 100);
	xb_spans_release(&x);
	xb_spans_release(&y);
	return n;
}

static void test_similarity(void)
{
	ok(score("one\ntwo\n", "two\none\n", 0) == XB_SIMILARITY_MAX, "the order of lines does not count");
	ok(score("one\ntwo\n", "one\nsix\n", 0) == XB_SIMILARITY_MAX / 2, "half the bytes, half the score");
	ok(score("one\r\n", "one\n", 0) == 4 * XB_SIMILARITY_MAX / 5, "a CR before LF is left out of text");
	ok(score("one", "one", 0) == 0 && score("one", "one", XB_GIT_LAST_SPAN) == XB_SIMILARITY_MAX,
	   "a last span without LF counts by the newer rules only");
	ok(score("", "", 0) == 0 && score("", "a\n", 0) == 0, "an empty file is like no other");
	ok(!xb_similarity_possible(100, 49, XB_SIMILARITY_MAX / 2) &&
	       xb_similarity_possible(100, 50, XB_SIMILARITY_MAX / 2),
	   "sizes too far apart need no look");
}

int main(void)
{
	test_merges();
	test_conflicts();
	test_binary();
	test_bounds();
	test_git_fails();
	test_reuse();
	test_similarity();
	printf("1..%u\n", tests);
	return failed != 0;
}
