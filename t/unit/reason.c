/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences that are made of reasons, and what makes two reasons the same. */
#include "words/reason.h"
#include "tap.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

static struct xb_whys all;

static struct xb_reason *make(enum xb_why code, const char *subject)
{
	struct xb_reason *r;

	xb_whys_release(&all);
	r = xb_whys_add(&all, code);
	if (subject)
		xb_strv_add(&r->subjects, subject);
	r->object = xb_strdup("refs/heads/xsa-4.17");
	git_oid_fromstr(&r->was, "1111111111111111111111111111111111111111");
	git_oid_fromstr(&r->now, "2222222222222222222222222222222222222222");
	return r;
}

static void line(const char *want, const char *title)
{
	XB_AUTOFREE char *got = xb_whys_line(&all);

	is_text(got, want, title);
}

static void held(void)
{
	struct xb_reason *r = make(XB_WHY_FOREIGN, NULL);
	const char *after;
	XB_AUTOFREE char *before = NULL;

	r->command = xb_strdup("COMMAND");
	line("refs/heads/xsa-4.17 exists, and xsabot did not make it; \"COMMAND\" takes it over",
	     "a ref of someone else");
	before = xb_reason_before(r, &after);
	is_text(before, "refs/heads/xsa-4.17 exists, and xsabot did not make it;", "before its command");
	is_text(after, "takes it over", "after its command");
	make(XB_WHY_MOVED, NULL)->command = xb_strdup("COMMAND");
	line("someone moved refs/heads/xsa-4.17 to 222222222222; it was at 111111111111; put it back, or "
	     "accept that with \"COMMAND\"",
	     "a ref that was moved");
	r = make(XB_WHY_LOSES, "XSA-1 1111 \"x86: fix\"");
	r->command = xb_strdup("COMMAND");
	r->detail = xb_strdup("staging was rewound");
	line("held: it would lose XSA-1 1111 \"x86: fix\"; staging was rewound; if that is right: COMMAND",
	     "what would be lost");
	r = make(XB_WHY_OLDER_BASE, "R.1");
	xb_strv_add(&r->subjects, "");
	line("held: the release that it is built on was R.1 (111111111111) and would be a commit "
	     "(222222222222), which does not contain it; if that is right:",
	     "an older release");
}

static void kept_back(void)
{
	struct xb_reason *r = make(XB_WHY_GATE_FAILS, "XSA-1");

	for (int i = 2; i < 8; i++) {
		XB_AUTOFREE char *name = xb_asprintf("XSA-%d", i);

		xb_strv_add(&r->subjects, name);
	}
	r->log = xb_strdup("/log");
	r->command = xb_strdup("COMMAND");
	xb_whys_add(&all, XB_WHY_WHOLE_FAILS)->detail = xb_strdup("http://log");
	line("the gate fails with XSA-1, XSA-2, XSA-3, XSA-4, XSA-5 and 2 more (222222222222): see /log; if "
	     "the test is at fault: COMMAND; all of it fails: http://log",
	     "a part fails, and so does all");
	r = make(XB_WHY_AT_GATE, "XSA-1");
	line("waits for the gate, with XSA-1", "the first try");
	r->tries = 2;
	r->detail = xb_strdup("no sandbox");
	r->until = 86400;
	line("waits for the gate, with XSA-1: no sandbox (2 tries); next try 1970-01-02 00:00 UTC",
	     "another try");
	r = make(XB_WHY_DISCLOSURE, "XSA-1");
	r->detail = xb_strdup("XSA-2");
	line("waits for refs/heads/xsa-4.17, which was disclosed together with XSA-2, or until 1970-01-01 "
	     "00:00 UTC, with XSA-1",
	     "the rest of a disclosure");
}

static bool same_key(const struct xb_reason *r, const char *before)
{
	XB_AUTOFREE char *key = xb_reason_key(r);

	return !strcmp(key, before);
}

static void keys(void)
{
	struct xb_reason *r = make(XB_WHY_AT_GATE, "XSA-1");
	XB_AUTOFREE char *key = xb_reason_key(r);

	r->tries = 7;
	r->until = 1234567;
	r->log = xb_strdup("/another/log");
	r->detail = xb_strdup("other words");
	r->command = xb_strdup("COMMAND");
	ok(same_key(r, key), "times, tries, logs and words make no other reason");
	xb_strv_add(&r->subjects, "XSA-2");
	ok(!same_key(r, key), "another advisory does");
	r = make(XB_WHY_GATE_FAILS, "XSA-1");
	ok(!same_key(r, key), "another outcome does");
	r = make(XB_WHY_AT_GATE, "XSA-1");
	ok(same_key(r, key), "made again it is the same");
	r->now = r->was;
	ok(!same_key(r, key), "another commit does");
	for (int code = 0; code <= XB_WHY_SET_ASIDE; code++)
		ok(xb_why_name((enum xb_why)code), "code %d has a name", code);
}

static void quotes(void)
{
	static const char *const words[][2] = {{"plain/word-1.2", "plain/word-1.2"},
					       {"two words", "'two words'"},
					       {"it's", "'it'\\''s'"},
					       {"$(rm)", "'$(rm)'"},
					       {"", "''"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		XB_AUTOFREE char *got = xb_advice_quoted(words[i][0]);

		is_text(got, words[i][1], "as a shell reads it back");
	}
}

int main(void)
{
	held();
	kept_back();
	keys();
	quotes();
	xb_whys_release(&all);
	return done();
}
