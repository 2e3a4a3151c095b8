/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classify/message.h"
#include "tap.h"

#include "util/alloc.h"

#define ZERO "0000000000000000000000000000000000000000"
#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B40 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct xb_rules *xen;

static void add_ids(struct xb_buf *b, const char *before, const struct xb_strv *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		xb_buf_addf(b, "%s%s", before, ids->v[i]);
}

static void add_tags(struct xb_buf *b, const struct xb_message *m)
{
	for (size_t i = 0; i < m->tags.n; i++) {
		xb_buf_adds(b, "tag");
		add_ids(b, " ", &m->tags.v[i].ids);
		add_ids(b, " =", &m->tags.v[i].aliases);
		xb_buf_adds(b, "; ");
	}
	for (size_t i = 0; i < m->followups.n; i++) {
		xb_buf_adds(b, "follows");
		add_ids(b, " ", &m->followups.v[i].ids);
		xb_buf_adds(b, "; ");
	}
}

static void add_ids_of_commits(struct xb_buf *b, const struct xb_message *m)
{
	static const char *const kind[] = {"master", "upstream", "picked"};

	for (size_t i = 0; i < m->origins.n; i++)
		xb_buf_addf(b, "%s %s; ", kind[m->origins.v[i].kind], m->origins.v[i].hex);
	for (size_t i = 0; i < m->fixes.n; i++)
		xb_buf_addf(b, "%s %s (%s); ", m->fixes.v[i].amends ? "amends" : "fixes", m->fixes.v[i].hex,
			    m->fixes.v[i].subject ? m->fixes.v[i].subject : "");
	for (size_t i = 0; i < m->reverts.n; i++)
		xb_buf_addf(b, "reverts %s%s; ", m->reverts.v[i].hex,
			    m->reverts.v[i].partial ? " partly" : "");
}

static void add_others(struct xb_buf *b, const struct xb_message *m)
{
	if (m->revert_depth)
		xb_buf_addf(b, "revert x%u%s %s; ", m->revert_depth, m->revert_partial ? " partly" : "",
			    m->reverted_subject);
	for (size_t i = 0; i < m->annotations.n; i++)
		xb_buf_addf(b, "%s: %s; ", xb_word_name(m->annotations.v[i].word), m->annotations.v[i].value);
	for (size_t i = 0; i < m->needs.n; i++)
		xb_buf_addf(b, "needs %s %s (%s); ", m->needs.v[i].version ? m->needs.v[i].version : "any",
			    m->needs.v[i].hex, m->needs.v[i].subject);
	if (m->unread)
		xb_buf_addf(b, "unread: %s; ", m->unread);
	for (size_t i = 0; i < m->skipped.n; i++)
		xb_buf_addf(b, "skipped: %s; ", m->skipped.v[i]);
}

static struct xb_err *parse(const struct xb_rules *rules, const char *text, struct xb_message *out)
{
	XB_AUTOFREE char *raw = xb_asprintf("tree " ZERO "\nauthor A <a@b> 1 +0000\n"
					    "committer A <a@b> 1 +0000\n\n%s",
					    text);
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_parse(raw, strlen(raw), &c));
	return xb_message_parse(rules, &c, out);
}

/* All facts of a message on one line. */
static char *facts(const struct xb_rules *rules, const char *text)
{
	XB_AUTOMESSAGE struct xb_message m = {.subject = NULL};
	XB_AUTOERR struct xb_err *err = parse(rules, text, &m);
	struct xb_buf b = XB_BUF_INIT;

	if (err)
		return xb_strdup(err->msg);
	add_tags(&b, &m);
	add_ids_of_commits(&b, &m);
	add_others(&b, &m);
	if (b.n > 1)
		xb_buf_setlen(&b, b.n - 2);
	return xb_buf_detach(&b);
}

struct sample {
	const char *text, *want;
};

static void check(const struct xb_rules *rules, const struct sample *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		XB_AUTOFREE char *got = facts(rules, v[i].text);
		XB_AUTOFREE char *title = xb_strdup(v[i].text);

		for (char *c = title; *c; c++)
			if (*c == '\n' || *c == '#')
				*c = '|';
		is_text(got, v[i].want, title);
	}
}
#define CHECK(rules, v) check(rules, v, sizeof(v) / sizeof *(v))

static const struct sample statements[] = {
    {"a: b\n\nThis is XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is XSA-901", "tag XSA-901"},
    {"a: b\n\nThis is part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is a part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is the second part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is another part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is also XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is part of XSA-901 / CVE-2031-1111.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is XSA-901/CVE-2031-1111.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is CVE-2031-1111 / XSA-901.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is CVE-2031-1111 / part of XSA-901.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is CVE-2031-1111, part of XSA-901.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is part of CVE-2031-1111 / XSA-901.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is CVE-2031-1111 and CVE-2031-1112 / XSA-901.\n",
     "tag XSA-901 =CVE-2031-1111 =CVE-2031-1112"},
    {"a: b\n\nThis is CVE-2031-1111 + CVE-2031-1112 / XSA-901.\n",
     "tag XSA-901 =CVE-2031-1111 =CVE-2031-1112"},
    {"a: b\n\nThis is part of XSA-901, CVE-2031-1111, CVE-2031-1112.\n",
     "tag XSA-901 =CVE-2031-1111 =CVE-2031-1112"},
    {"a: b\n\nThis is XSA-901 and XSA-902.\n", "tag XSA-901 XSA-902"},
    {"a: b\n\nThis is XSA-901/902.\n", "tag XSA-901 XSA-902"},
    {"a: b [XSA-901/902,903]\n\nc\n", "tag XSA-901 XSA-902 XSA-903"},
    {"a: b (XSA-901/2)\n\nc\n", "tag XSA-901"},
    {"a: b\n\nThis is CVE-2031-1111/1112 / XSA-901.\n", "tag XSA-901 =CVE-2031-1111 =CVE-2031-1112"},
    {"a: b\n\nHe said:\n> This is XSA-901.\n", ""},
    {"a: b\n\n > > This is XSA-901.\nThis is XSA-902.\n", "tag XSA-902"},
    {"a: b\n\nThis is XSA-901, XSA-902, and XSA-903.\n", "tag XSA-901 XSA-902 XSA-903"},
    {"a: b\n\nThis is XSA-901 & XSA-902\n", "tag XSA-901 XSA-902"},
    {"a: b\n\nThis is part of XSA-901 (or XSA-13 re-born).\n", "tag XSA-901"},
    {"a: b\n\nThis patch is part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is part of the fix to a security issue, XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is part of the fixes for XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is the fix for XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is a security problem, XSA-901 / CVE-2031-1111.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is a security issue, part of XSA-901.\n", "tag XSA-901"},
    {"a: b\n\n[ This is a security issue.  XSA#901. -abc ]\n", "tag XSA-901"},
    {"a: b\n\n[ This bug is security vulnerability, XSA-901 / CVE-2031-1111. ]\n",
     "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is part of XSA901.\n", "tag XSA-901"},
    {"a: b\n\nThis CVE-2031-1111 / XSA-901.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is CVE-2031-1111.\n", "tag CVE-2031-1111"},
    {"a: b\n\n * One:\n    This is CVE-2031-1111.\n", "tag CVE-2031-1111"},
    {"a: b\n\nThis is XSA-901 / CVE-2031-xxxx.\n", "tag XSA-901"},
    {"a: b\n\nThis is CVE-2031-1111.\n\nThis is CVE-2031-1112.\n\nEverything together is XSA-901.\n",
     "tag XSA-901 =CVE-2031-1111; tag XSA-901 =CVE-2031-1112; tag XSA-901"},
    {"a: b\n\nIt overflows.  (This is\n    XSA-901.)\n", "tag XSA-901"},
    {"a: b\n\nThis is part of\nXSA-901.\n", "tag XSA-901"},
    {"a: b\n\nDenial of service.  This is XSA-901 / CVE-2031-1111.\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b\n\nThis is XSA-901, found by someone.\n", "tag XSA-901"},
    {"a: b\n\nAs in XSA-13, see above.\n\nThis is XSA-901.\n", "tag XSA-901"},
    {"a: b\n\nThis is XSA-901.\nSigned-off-by: A <a@b>\n", "tag XSA-901"},
};

static const struct sample elsewhere[] = {
    {"[XSA-901] a: b\n", "tag XSA-901"},
    {"a: [CVE-2031-1111] b\n", "tag CVE-2031-1111"},
    {"XSA-901: b\n", "tag XSA-901"},
    {"x86: XSA-901: b\n", "tag XSA-901"},
    {"a: b (XSA-901 / CVE-2031-1111)\n", "tag XSA-901 =CVE-2031-1111"},
    {"a: b (security fix XSA-901)\n", "tag XSA-901"},
    {"Update a, for CVE-2031-1111\n", "tag CVE-2031-1111"},
    {"a: b\n\n(XSA-901)\n", "tag XSA-901"},
    {"a: b\n\ntext\n\nXSA-901 / CVE-2031-1111.\n\nSigned-off-by: A <a@b>\n", "tag XSA-901 =CVE-2031-1111"},
};

static const struct sample not_tags[] = {
    {"a: b\n\nThis is (not really) XSA-901 (but needed).\n", ""},
    {"a: b\n\nThis is not XSA-901.\n", ""},
    {"a: b\n\nThis documents, but does not fix, XSA-901.\n", ""},
    {"a: b\n\nThese commits include the fix for XSA-901.\n", ""},
    {"a: b\n\nThis patch was originally released as part of XSA-901.\n", ""},
    {"a: b\n\nThis was introduced by XSA-901.\n", ""},
    {"a: b\n\nThe XSA-901 fix was wrong.\n", ""},
    {"a: b\n\nThis is XSA-901 fallout.\n", ""},
    {"a: b\n\nThis is XSA-901's second problem.\n", ""},
    {"a: b\n\nThis is XSA-901-like.\n", ""},
    {"a: fix fallout from XSA-901\n", ""},
    {"a: fix build following XSA-901\n", ""},
    {"a: work around CVE-2031-1111\n", ""},
    {"a: off-by-one in XSA-901 change\n", ""},
    {"Revert \"a: b (XSA-901)\"\n", "revert x1 a: b (XSA-901)"},
    {"Revert \"[XSA-901] a: b\"\n", "revert x1 [XSA-901] a: b"},
    {"a: b\n\nThis is CVE-2031-1111 (but not a security issue here, since\nit is only used at boot).\n", ""},
    {"a: b\n\nNote that per XSA-901, this is not a security issue.\n", ""},
    {"a: b\n\nonly for one variant of XSA-13\n(CVE-2031-1111).\n", ""},
    {"a: b\n\nwe dealt with it (see XSA-901).\n", ""},
    {"a: b\n\nThis is old.\n\nXSA-901 introduced it.\n", ""},
    {"a: XSAVE areas\n\nThis is XSAVE2 state.\n", ""},
    {"a: b\n\nXsabot-Advisory: XSA-901\nXsabot-For: This is XSA-901.\n This is XSA-902.\n", ""},
};

static const struct sample follow_ups[] = {
    {"a: b\n\nThis is a followup to XSA-901.\n", "follows XSA-901"},
    {"a: b\n\nThis is a follow-up to XSA-901 and XSA-902.\n", "follows XSA-901 XSA-902"},
    {"a: b\n\nThis is a follow up for XSA-901 / CVE-2031-1111.\n", "follows XSA-901 CVE-2031-1111"},
    {"a: b\n\nThis patch is another follow-up fix to the fix for XSA-901.\n", "follows XSA-901"},
    {"a: b\n\nThis is an update to the fix for XSA-901.\n", "follows XSA-901"},
    {"a: b\n\nAs a follow-up to XSA-901 we should have done this.\n", ""},
    {"a: b\n\nFound in the XSA-901 followup series.\n", ""},
    {"a: b\n\nThis is a followup to 1234567.\n", ""},
    {"a: b\n\nThis is XSA-902. It is a followup to XSA-901.\n", "tag XSA-902"},
};

static const struct sample origins[] = {
    {"a: b\n\nmaster commit: " A40 "\nmaster date: 2031-01-01 00:00:00 +0100\n", "master " A40},
    {"a: b\n\n(cherry picked from commit " A40 ")\n(cherry picked from commit " B40 ")\n",
     "picked " A40 "; picked " B40},
    {"a: b\n\n(cherry picked from commit " A40 ")\nmaster commit: " B40 "\n", "master " B40 "; picked " A40},
    {"a: b\n\n(cherry picked from commits " A40 "\n and " B40 ")\n", "picked " A40 "; picked " B40},
    {"a: b\n\n(cherry-picked from commit: 1234567)\n", "picked 1234567"},
    {"a: b\n\nmaster\xc2\xa0"
     "commit:\xc2\xa0" A40 "\n",
     "master " A40},
    {"a: b\n\nmaster-commit-id: " A40 "\n", "master " A40},
    {"a: b\n\ncommit " A40 " upstream.\n", "upstream " A40},
    {"a: b\n\n[ Upstream commit " A40 " ]\n", "upstream " A40},
    {"a: b\n\nmaster commit: ABCDEF1\n", "master abcdef1"},
    {"a: b\n\nmaster commit: 123456\n", ""},
    {"a: b\n\nmaster commit: " A40 "a\n", ""},
    {"a: b\n\ncommit " A40 " says\n", ""},
    {"a: b\n\nXsabot-Source: " A40 "\n", ""},
};

static const struct sample fixes[] = {
    {"a: b\n\nFixes: 1234567890ab (\"x86: foo\")\n", "fixes 1234567890ab (x86: foo)"},
    {"a: b\n\nFixes: 1234567890ab (x86: foo (bar))\n", "fixes 1234567890ab (x86: foo (bar))"},
    {"a: b\n\nFixes: 1234567890ab('x86: foo')\n", "fixes 1234567890ab (x86: foo)"},
    {"a: b\n\nFixes: 1234567890ab \"x86: foo\"\n", "fixes 1234567890ab (x86: foo)"},
    {"a: b\n\nFixes: 1234567890ab x86: foo\n", "fixes 1234567890ab (x86: foo)"},
    {"a: b\n\nFixes: 1234567890ab: x86: foo\nFixes: 1234567890cd - bar\n",
     "fixes 1234567890ab (x86: foo); fixes 1234567890cd (bar)"},
    {"a: b\n\nFixes: 1234567890ab (\"x86: foo \"bar\"\")\n", "fixes 1234567890ab (x86: foo \"bar)"},
    {"a: b\n\nFixes: 1234567890ab (\"x86: foo\n  bar\")\n", "fixes 1234567890ab (x86: foo bar)"},
    {"a: b\n\nFixes: 1234567890ab (\"foo\") and more\n(cherry picked from commit 7654321)\n",
     "picked 7654321; fixes 1234567890ab (foo)"},
    {"a: b\n\nFixes: 1234567890ab\n", "fixes 1234567890ab ()"},
    {"a: b\n\nFixes: " A40 "\n", "fixes " A40 " ()"},
    {"a: b\n\nFixes: commit 1234567890ab (\"foo\")\n", "fixes 1234567890ab (foo)"},
    {"a: b\n\nFixes 1234567890ab (\"foo\")\n", "fixes 1234567890ab (foo)"},
    {"a: b\n\nFixes commit 1234567890ab.\n", "fixes 1234567890ab ()"},
    {"a: b\n\nAmends: 1234567890ab (\"foo\")\n", "amends 1234567890ab (foo)"},
    {"a: b\n\nFixes: 1234567 (\"c\")\nFixes: 7654321 (\"d\")\n", "fixes 1234567 (c); fixes 7654321 (d)"},
    {"a: b\n\nFixes: 12345 (\"too short\")\n", ""},
    {"a: b\n\nFixes: https://example.org/1234567\n", ""},
    {"a: b\n\nFixes regression\n", ""},
    {"a: b\n\nFixes: 1234567 (' \n", "fixes 1234567 (')"},
    {"a: b\n\nFixes: 1234567 (\f\v c\f\n d)\n", "fixes 1234567 (c d)"},
    {"a: b\n\nFixes: 1234567 (' c ')\n", "fixes 1234567 (c)"},
};

static const struct sample reverts[] = {
    {"Revert \"a: b\"\n\nThis reverts commit " A40 ".\n", "reverts " A40 "; revert x1 a: b"},
    {"Revert \"Revert \"a: b\"\"\n\nThis reverts commit " A40 ".\n", "reverts " A40 "; revert x2 a: b"},
    {"Reapply \"a: b\"\n\nThis reverts commit " A40 ".\n", "reverts " A40 "; revert x2 a: b"},
    {"Revert \"Reapply \"a: b\"\"\n", "revert x3 a: b"},
    {"x86: Revert \"a: b\"\n", "revert x1 a: b"},
    {"Revert part of \"a: b\"\n", "revert x1 partly a: b"},
    {"Partially revert \"a: b\"\n\nThis partially reverts commit 1234567.\n",
     "reverts 1234567 partly; revert x1 partly a: b"},
    {"a: b\n\nThis reverts commit " A40 ",\nreversing changes made to " B40 ".\n", "reverts " A40},
    {"a: b\n\nThis reverts commits " A40 ",\n" B40 " and 1234567.\n",
     "reverts " A40 "; reverts " B40 "; reverts 1234567"},
    {"a: b\n\nThis mostly reverts commit 1234567 (\"c\").\n", "reverts 1234567 partly"},
    {"a: b\n\nThis effectively reverts 1234567.\n", "reverts 1234567"},
    {"a: b\n\nThis reverts most of c/s 1234567 \"c\".\n", "reverts 1234567 partly"},
    {"a: b\n\nThis is a partial revert of commit 1234567.\n", "reverts 1234567 partly"},
    {"a: revert 1234567\n", "reverts 1234567"},
    {"a: b\n\nPartially revert 1234567 (\"c\").\n", "reverts 1234567 partly"},
    {"a: b\n\nThis allows us to revert commit 1234567 later.\n", ""},
    {"a: properly revert things\n", ""},
};

static const struct sample annotations[] = {
    {"a: b\n\ntext\n\nSecurity: XSA-901\nSigned-off-by: A <a@b>\n", "Security: XSA-901"},
    {"a: b\n\nprerequisite-OF: XSA-901\nFollow-up-to : " A40 "\n",
     "Prerequisite-of: XSA-901; Follow-up-to: " A40},
    {"a: b\n\nExclude: not\n built here\nReplaced-by: 1234567 RELEASE-4.17.1\n",
     "Exclude: not built here; Replaced-by: 1234567 RELEASE-4.17.1"},
    {"a: b\n\nSecurity: XSA-901\n\ntext\n\nSigned-off-by: A <a@b>\n", ""},
    {"a: b\n\nSecurity: XSA-901\nis prose here, and\nso is this\n", ""},
    {"Security: XSA-901\n", ""},
    {"a: b\n\nSecurity: XSA-901\nmaster commit: 1234567\nSigned-off-by: A <a@b>\n",
     "master 1234567; Security: XSA-901"},
};

static const struct sample needs[] = {
    {"a: b\n\nCc: <stable@example.org> # 3.3.x: a1f84a3: sched: check\nCc: stable@example.org # 3.3.x\n",
     "needs 3.3.x a1f84a3 (sched: check)"},
    {"a: b\n\nCc: stable@example.org # 1b9508f: sched: rate\n", "needs any 1b9508f (sched: rate)"},
    {"a: b\n\nCc: stable@example.org # 4.9+\n", ""},
    {"a: b\n\nCc: someone@example.org # 4.9.x: a1f84a3: c\n", ""},
};

static struct xb_rules *compile(const char *security, const char *not_security, const char *advisory)
{
	struct xb_config c = {.advisory = xb_strdup(advisory)};
	struct xb_rules *r = NULL;

	xb_strv_add_new(&c.security, security);
	if (not_security)
		xb_strv_add_new(&c.not_security, not_security);
	xb_err_free(xb_rules_compile(&c, &r));
	xb_strv_release(&c.security);
	xb_strv_release(&c.not_security);
	free(c.advisory);
	return r;
}

static const struct sample other_project[] = {
    {"Fix a thing (CVE-2031-1111)\n\nSee CVE-2031-9999.\n", "tag CVE-2031-1111"},
    {"(CVE-2031-1111) (CVE-2031-1112) Fix\n", "tag CVE-2031-1111; tag CVE-2031-1112"},
    {"Fix a thing\n\nSee CVE-2031-9999.\n", ""},
    {"Prepare for a thing (CVE-2031-1111)\n", ""},
    {"Prepare for a thing.\nFix one (CVE-2031-1111)\n", "tag CVE-2031-1111"},
};

static void test_other_project(void)
{
	struct xb_rules *r = compile("\\((CVE-\\d+-\\d+)\\)", "^Prepare", "CVE-{n}");

	CHECK(r, other_project);
	xb_rules_free(r);
}

static void test_places(void)
{
	XB_AUTOMESSAGE struct xb_message m = {.subject = NULL};
	XB_AUTOERR struct xb_err *err = parse(xen, "a: b\n\ntext\nThis is XSA-901.\n\nExclude: no\n", &m);

	ok(!err && m.tags.n == 1 && m.tags.v[0].line == 4 && !m.tags.v[0].pattern,
	   "a tag's line and pattern");
	is_text(m.tags.n ? m.tags.v[0].text : NULL, "This is XSA-901", "a tag's text");
	ok(m.annotations.n == 1 && m.annotations.v[0].line == 6, "an annotation's line");
	is_text(m.subject, "a: b", "the subject");
}

static void test_note(void)
{
	static const char note_text[] = "# about it\nSecurity: XSA-901\n\nSecurity: XSA-902\nwhat is this\n";
	struct xb_annotations a = {0};
	XB_AUTOERR struct xb_err *err = xb_annotations_of_note(note_text, sizeof note_text - 1, &a);

	ok(!err && a.n == 2 && a.v[1].line == 4, "all of a note is trailers");
	ok(a.bad_line == 5, "a note's line that is no trailer is named");
	xb_annotations_release(&a);
}

static void test_names(void)
{
	static const struct sample v[] = {
	    {"XSA-901", "XSA-901"}, {"XSA901", "XSA-901"}, {"CVE-2031-1", "CVE-2031-1"},
	    {"XSA-", NULL},         {"XSA-1 XSA-2", NULL}, {"", NULL},
	    {"1234567", NULL}};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		XB_AUTOFREE char *got = xb_rules_advisory(xen, v[i].text);

		is_text(got, v[i].want, v[i].text);
	}
}

/* N times LINE, between two lines that say more. */
static char *flooded(const struct xb_rules *rules, const char *line, size_t n)
{
	XB_AUTOBUF struct xb_buf many = XB_BUF_INIT;

	xb_buf_adds(&many, "subject\n\n");
	for (size_t i = 0; i < n; i++)
		xb_buf_adds(&many, line);
	xb_buf_adds(&many, "This is XSA-902.\n");
	return facts(rules, many.p);
}

static void test_limits(void)
{
	struct xb_rules *slow = compile("(a|aa)+$", NULL, "XSA-{n}"), *bad = compile("(", NULL, "XSA-{n}");
	XB_AUTOFREE char *got =
	    facts(slow, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");
	XB_AUTOFREE char *tags = flooded(xen, "This is XSA-901.\n", XB_FACTS_MAX);
	XB_AUTOFREE char *many_fixes = flooded(xen, "Fixes: 1234567890\n", XB_FACTS_MAX + 1);
	XB_AUTOFREE char *longest = flooded(xen, "a long story\n", XB_MESSAGE_MAX / 13);

	ok(!strncmp(got, "unread: the pattern", 19),
	   "a tag pattern that needs too many steps leaves a doubt");
	ok(!bad, "a bad pattern is refused");
	ok(!strncmp(tags, "unread: more than", 17), "so does a flood of tags");
	ok(!strncmp(many_fixes, "tag XSA-902; fixes", 18) && strstr(many_fixes, "skipped: more than"),
	   "a flood of other statements is cut, and said");
	ok(!strcmp(longest, "skipped: its message has more than 1 MiB"),
	   "so is what comes after the first MiB (%.60s)", longest);
	xb_rules_free(slow);
	xb_rules_free(bad);
}

int main(void)
{
	struct xb_config *conf = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_load(NULL, &conf);

	if (!err)
		err = xb_rules_compile(conf, &xen);
	if (!ok(!err, "Xen's rules compile"))
		return done();
	CHECK(xen, statements);
	CHECK(xen, elsewhere);
	CHECK(xen, not_tags);
	CHECK(xen, follow_ups);
	CHECK(xen, origins);
	CHECK(xen, fixes);
	CHECK(xen, reverts);
	CHECK(xen, annotations);
	CHECK(xen, needs);
	test_other_project();
	test_places();
	test_note();
	test_names();
	test_limits();
	xb_rules_free(xen);
	xb_config_free(conf);
	return done();
}
