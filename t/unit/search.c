/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What outputs of failing commands name, and how few tests make a set small. */
#include "gate/verdicts.h"
#include "search/reduce.h"
#include "tap.h"

#include "util/alloc.h"
#include "util/buf.h"

/* All that TEXT mentions with the rank, files with a "/" before them, in order, blanks between. */
static void mentions(const char *text, enum xb_mention_rank rank, const char *want, const char *title)
{
	XB_AUTOBUF struct xb_buf got = XB_BUF_INIT;
	struct xb_mentions m = {0};

	xb_mentions_read(&m, text, strlen(text));
	xb_buf_adds(&got, "");
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].rank == rank)
			xb_buf_addf(&got, "%s%s%s", got.n ? " " : "", m.v[i].file ? "/" : "", m.v[i].name);
	is_text(got.p, want, title);
	xb_mentions_release(&m);
}

static void test_mentions(void)
{
	mentions("arch/x86/a.c:12:10: fatal error: xen/sha2.h: No such file or directory\n",
		 XB_MENTION_MISSING, "/xen/sha2.h", "gcc: a header");
	mentions("a.c:3:5: error: 'SPEC_CTRL_MASK' undeclared (first use in this function)\n",
		 XB_MENTION_MISSING, "SPEC_CTRL_MASK", "gcc: undeclared");
	mentions("a.c:3:5: error: \xe2\x80\x98struct foo_bar\xe2\x80\x99 has no member named \xe2\x80\x98"
		 "baz\xe2\x80\x99\n",
		 XB_MENTION_MISSING, "foo_bar baz", "gcc: quotation marks of UTF-8");
	mentions("ld: prelink.o: in function `f':\nb.c:(.text+0x1): undefined reference to `sha2_256'\n",
		 XB_MENTION_MISSING, "sha2_256", "ld: a reference");
	mentions("make: *** No rule to make target 'lib/x.o', needed by 'all'.  Stop.\n", XB_MENTION_MISSING,
		 "/lib/x.o all", "make: no rule");
	mentions("sh: 3: helper_one: not found\n", XB_MENTION_MISSING, "helper_one /helper_one",
		 "dash: a command");
	mentions("run.sh: line 3: helper: command not found\n", XB_MENTION_MISSING, "helper /helper",
		 "bash: a command");
	mentions("NameError: name 'helper' is not defined\n", XB_MENTION_MISSING, "helper", "python: a name");
	mentions("a.c:3:5: warning: unused variable 'x_y'\n", XB_MENTION_MISSING, "",
		 "warnings are not read");
	mentions("it doesn't work and can't\n", XB_MENTION_MISSING, "", "an apostrophe opens no quotation");
	mentions("a.c:12: error: 'foo'\n", XB_MENTION_PLACE, "",
		 "a file that the line also says has its best rank");
	mentions("In file b/a.c:12, here\n", XB_MENTION_PLACE, "/b/a.c", "a place");
	mentions("gcc -Werror -Wno-error=x_y -DFOO_BAR -o a.o\n", XB_MENTION_WORD, "",
		 "a command is no error");
	mentions("AttributeError: module 'mod' has no attribute 'sub.helper_one'\n", XB_MENTION_MISSING,
		 "mod /sub.helper_one sub helper_one", "python: an attribute");
	mentions("", XB_MENTION_MISSING, "", "nothing");
	mentions("error: '\xff\xfe\x01"
		 "abc'",
		 XB_MENTION_MISSING, "abc", "bytes that are no text");
	mentions("error: 'unclosed", XB_MENTION_MISSING, "", "a quotation without an end");
}

struct world {
	unsigned long need; /* bits */
	unsigned calls;
};

static struct xb_err *passes(void *ctx, const size_t *v, size_t n, bool *pass)
{
	struct world *w = ctx;
	unsigned long have = 0;

	for (size_t i = 0; i < n; i++)
		have |= 1ul << v[i];
	w->calls++;
	*pass = (have & w->need) == w->need;
	return NULL;
}

static bool finds(unsigned long need, size_t n, unsigned *calls)
{
	struct world w = {.need = need};
	unsigned long got = 0;
	size_t v[64];
	struct xb_err *err;

	for (size_t i = 0; i < n; i++)
		v[i] = i;
	err = xb_reduce(v, &n, passes, &w);
	for (size_t i = 0; i < n; i++)
		got |= 1ul << v[i];
	*calls = w.calls;
	xb_err_free(err);
	return !err && got == need;
}

static void test_reduce(void)
{
	unsigned calls = 0;
	bool good, all = true;

	good = finds(1ul << 5, 64, &calls);
	ok(good && calls <= 8, "one of 64, in few calls: %u", calls);
	good = finds(1ul << 63 | 1, 64, &calls);
	ok(good && calls <= 16, "the first and the last of 64: %u calls", calls);
	good = finds(~0ul, 64, &calls);
	ok(good, "all of 64");
	good = finds(1, 1, &calls);
	ok(good && !calls, "one of one, without a call");
	for (unsigned long need = 1; need < 512; need++)
		all = finds(need, 9, &calls) && all;
	ok(all, "each set of 9");
}

int main(void)
{
	test_mentions();
	test_reduce();
	return done();
}
