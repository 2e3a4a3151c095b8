/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refs/refpat.h"
#include "tap.h"

#include "util/alloc.h"

static struct xb_refpat *pattern(const char *text)
{
	struct xb_refpat *p = NULL;

	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_ANY, &p));
	if (!p)
		ok(false, "'%s' compiles", text);
	return p;
}

static const struct {
	const char *text, *ref, *line, *n;
} matches[] = {
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.18.3", "4.18", "3"},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.1.6.1", "4.1.6", "1"},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.18.0-rc1", NULL, NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/xen-RELEASE-4.14.5", NULL, NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4", NULL, NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4..3", NULL, NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.18.", NULL, NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-.4.18", NULL, NULL},
    {"refs/heads/staging-{line}", "refs/heads/staging-4.22", "4.22", NULL},
    {"refs/heads/staging-{line}", "refs/heads/staging-4.22-test", NULL, NULL},
    {"refs/heads/staging-{line}", "refs/heads/staging-", NULL, NULL},
    {"refs/heads/staging-{line}", "refs/heads/staging", NULL, NULL},
    {"refs/heads/{line}/fixes", "refs/heads/7.0/fixes", "7.0", NULL},
    {"refs/tags/{n}-of-{line}", "refs/tags/3.1-of-4.2", "4.2", "3.1"},
    {"refs/heads/{line:-}-stable", "refs/heads/7-0-stable", "7.0", NULL},
    {"refs/heads/{line:-}-stable", "refs/heads/7.0-stable", NULL, NULL},
    {"refs/heads/REL_{line:_}_STABLE", "refs/heads/REL_15_STABLE", "15", NULL},
    {"refs/tags/curl-{line:_}_{n:_}", "refs/tags/curl-8_9_1", "8.9", "1"},
    {"refs/tags/V_{line:_}_P{n}", "refs/tags/V_9_3_P2", "9.3", "2"},
    {"refs/tags/frr-{line}[.{n}]", "refs/tags/frr-8.1", "8.1", ""},
    {"refs/tags/frr-{line}[.{n}]", "refs/tags/frr-8.1-rc1", NULL, NULL},
    {"refs/tags/OpenSSL_{line:_}[{n:a}]", "refs/tags/OpenSSL_1_0_2u", "1.0.2", "u"},
    {"refs/tags/OpenSSL_{line:_}[{n:a}]", "refs/tags/OpenSSL_0_9_8zh", "0.9.8", "zh"},
    {"refs/tags/OpenSSL_{line:_}[{n:a}]", "refs/tags/OpenSSL_1_0_2-beta1", NULL, NULL},
    {"refs/tags/SUDO_{line:_}_{n:_a}", "refs/tags/SUDO_1_9_5p2", "1.9", "5p2"},
    {"refs/tags/v{line}.{n:a}", "refs/tags/v9.3.1rc1", NULL, NULL},
    {"refs/tags/v{line}.{n:a}", "refs/tags/v9.3.1b2", NULL, NULL},
    {"refs/tags/v{line}.{n:a}", "refs/tags/v9.3.1pre", NULL, NULL},
    {"refs/tags/v{line}.0-rc{n}", "refs/tags/v9.3.0-rc1", "9.3", "1"},
};

static void test_match(void)
{
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		XB_AUTOPTR(xb_refpat) *p = pattern(matches[i].text);
		XB_AUTOFREE char *line = NULL, *n = NULL;
		bool got = xb_refpat_match(p, matches[i].ref, &line, &n);

		ok(got == (matches[i].line != NULL), "%s %s %s", matches[i].text,
		   matches[i].line ? "matches" : "does not match", matches[i].ref);
		is_text(line, matches[i].line, "  {line}");
		is_text(n, matches[i].n, "  {n}");
	}
}

static const struct {
	const char *text, *ref, *line, *n;
} of_line[] = {
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.1.6.1", "4.1", "6.1"},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.10.1", "4.1", NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.1.0-rc1", "4.1", NULL},
    {"refs/tags/RELEASE-{line}.{n}", "refs/tags/RELEASE-4.1", "4.1", NULL},
    {"refs/tags/v{line}-{n}", "refs/tags/vstable+x-2", "stable+x", "2"},
    {"refs/tags/v{line}-{n}", "refs/tags/v../../x-2", "../../x", NULL},
    {"refs/tags/fixed-{n}", "refs/tags/fixed-9", "4.1", "9"},
    {"refs/tags/v{line:_}_{n:_a}", "refs/tags/v9_9_5-P1", "9.9", "5-P1"},
    {"refs/tags/V_{line:_}_{n:_a}", "refs/tags/V_9_3_P2", "9", "3.P2"},
    {"refs/tags/v{line}[.{n}]", "refs/tags/v255", "255", ""},
    {"refs/tags/v{line}[.{n}]", "refs/tags/v2551", "255", NULL},
    {"refs/tags/O_{line:_}[{n:a}]", "refs/tags/O_1_0_2", "1.0.2", ""},
    {"refs/tags/O_{line:_}[{n:a}]", "refs/tags/O_1_0_21", "1.0.2", NULL},
    {"refs/tags/O_{line:_}[{n:a}]", "refs/tags/O_1_0_2u", "1.0.2", "u"},
};

static void test_match_line(void)
{
	for (size_t i = 0; i < sizeof of_line / sizeof *of_line; i++) {
		XB_AUTOPTR(xb_refpat) *p = pattern(of_line[i].text);
		XB_AUTOFREE char *n = NULL;
		bool got = xb_refpat_match_line(p, of_line[i].ref, of_line[i].line, &n);

		ok(got == (of_line[i].n != NULL), "%s of the line %s: %s", of_line[i].ref, of_line[i].line,
		   of_line[i].n ? of_line[i].n : "no");
		is_text(n, of_line[i].n, "  {n}");
	}
}

static const struct {
	const char *text, *line, *n, *want;
} expansions[] = {
    {"refs/heads/xsa-{line}", "4.17", NULL, "refs/heads/xsa-4.17"},
    {"refs/heads/xsa-{line}.{n}", "4.17", "2", "refs/heads/xsa-4.17.2"},
    {"refs/heads/xsa-{line}.{n}", "4.17", NULL, NULL},
    {"refs/heads/xsa-{line}.{n}", "4.17", "x", NULL},
    {"refs/heads/xsa-{line}", NULL, NULL, NULL},
    {"refs/heads/xsa-{line}", "a b", NULL, NULL},
    {"refs/heads/xsa-{line}", "a/b", NULL, NULL},
    {"refs/heads/{line}", "HEAD", NULL, NULL},
    {"refs/heads/{line}", "x.lock", NULL, NULL},
    {"refs/heads/{line}", "-x", NULL, NULL},
    {"refs/heads/plain", NULL, NULL, "refs/heads/plain"},
    {"refs/heads/{line:-}-stable", "7.0", NULL, "refs/heads/7-0-stable"},
    {"refs/tags/v{line}[.{n}]", "255", "1", "refs/tags/v255.1"},
    {"refs/heads/xsa-{line}.{n:a}", "1.0", "2u", "refs/heads/xsa-1.0.2u"},
    {"refs/heads/xsa-{line}.{n:a}", "1.0", "2/u", NULL},
};

static void test_expand(void)
{
	for (size_t i = 0; i < sizeof expansions / sizeof *expansions; i++) {
		XB_AUTOPTR(xb_refpat) *p = pattern(expansions[i].text);
		XB_AUTOFREE char *got = xb_refpat_expand(p, expansions[i].line, expansions[i].n);

		is_text(got, expansions[i].want, expansions[i].text);
	}
}

static const struct {
	const char *text, *why;
} bad[] = {
    {"refs/heads/x-{n}", "lacks {line}"},
    {"refs/heads/x-{line}-{line}", "twice"},
    {"refs/heads/x-{line}{n}", "beside"},
    {"refs/heads/x4{line}", "beside"},
    {"refs/heads/{line}4", "beside"},
    {"refs/heads/{foo}-{line}", "brace"},
    {"refs/heads/{line", "brace"},
    {"refs/heads/line}", "brace"},
    {"heads/{line}", "full ref name"},
    {"HEAD", "lacks"},
    {"refs/heads/{line}..x", "full ref name"},
    {"refs/heads/{line}.lock", "full ref name"},
    {"refs/heads/ {line}", "full ref name"},
    {"refs/{line}", "full ref name"},
    {"refs/heads/{line}/HEAD", "full ref name"},
    {"refs/heads/{line}/", "full ref name"},
    {"refs//heads/{line}", "full ref name"},
    {"refs/heads/{line}@{x", "brace"},
    {"refs/heads/{line:x}", "brace"},
    {"refs/heads/{line:}", "brace"},
    {"refs/heads/{line:a}", "brace"},
    {"refs/heads/{line:_}", "must not have {line:_}"},
    {"refs/heads/{line}[.{n}]", "must not have ["},
    {"refs/heads/{line}{n:a}4", "beside"},
    {"", "lacks"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		XB_AUTOPTR(xb_refpat) *p = NULL;
		XB_AUTOERR struct xb_err *err =
		    xb_refpat_compile(bad[i].text, XB_REFPAT_LINE, XB_REFPAT_N, &p);

		if (!ok(err && !p && err->code == XB_E_CONFIG && strstr(err->msg, bad[i].why),
			"'%s' is refused: %s", bad[i].text, bad[i].why))
			printf("# %s\n", err ? err->msg : "no error");
	}
}

static const struct {
	const char *text, *why;
} bad_brackets[] = {
    {"refs/tags/{line}[.{n}", "[ without ]"},  {"refs/tags/{line}.{n}]", "brackets"},
    {"refs/tags/[{line}].{n}", "brackets"},    {"refs/tags/{line}[.[{n}]]", "brackets"},
    {"refs/tags/{line}[.{n}][x]", "brackets"}, {"refs/tags/{line}[4{n}]", "beside"},
    {"refs/tags/{line}[{n}]", "beside"},       {"refs/tags/{line}.{n}[x]", "brackets"},
    {"refs/{line}[/{n}]", "full ref name"},
};

static void test_bad_brackets(void)
{
	for (size_t i = 0; i < sizeof bad_brackets / sizeof *bad_brackets; i++) {
		XB_AUTOPTR(xb_refpat) *p = NULL;
		XB_AUTOERR struct xb_err *err = xb_refpat_compile(bad_brackets[i].text, 0, XB_REFPAT_ANY, &p);

		if (!ok(err && !p && strstr(err->msg, bad_brackets[i].why), "'%s' is refused: %s",
			bad_brackets[i].text, bad_brackets[i].why))
			printf("# %s\n", err ? err->msg : "no error");
	}
}

static void test_allowed(void)
{
	XB_AUTOPTR(xb_refpat) *p = NULL;
	XB_AUTOERR struct xb_err *err = xb_refpat_compile("refs/heads/{line}.{n}", XB_REFPAT_LINE, 0, &p);

	ok(err && strstr(err->msg, "must not have {n}"), "a placeholder that is not allowed is refused");
}

static const struct {
	const char *name;
	bool good;
} names[] = {
    {"refs/heads/x", true},           {"refs/heads/a/b.c", true},
    {"refs/xsabot/state/4.17", true}, {"HEAD", false},
    {"refs/heads/HEAD", false},       {"refs/heads", false},
    {"refs/heads/", false},           {"refs/heads/.x", false},
    {"refs/heads/a..b", false},       {"refs/heads/x.lock/y", false},
    {"refs/heads/x.", false},         {"refs/heads/x~1", false},
    {"refs/heads/x\n", false},        {"refs/heads/-x", false},
    {"refs/heads/a\\b", false},       {"refs/heads/a@{1}", false},
    {"refs/heads/a*", false},         {"", false},
};

static void test_names(void)
{
	char longname[1100] = "refs/heads/";

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ok(xb_refname_ok(names[i].name) == names[i].good, "ref name %zu is %s", i,
		   names[i].good ? "good" : "bad");
	memset(longname + 11, 'x', 251);
	ok(!xb_refname_ok(longname), "a component that is too long for a file name is bad");
}

static const struct {
	const char *a, *b;
	int want;
} versions[] = {
    {"4.10", "4.9", 1},
    {"6.1", "6", 1},
    {"4.07", "4.7", 0},
    {"4.17", "4.17", 0},
    {"0", "00", 0},
    {"0", "1", -1},
    {"1.0", "1", 1},
    {"1.0.1", "1.1", -1},
    {"99999999999999999999999999999999999998", "99999999999999999999999999999999999999", -1},
    {"100000000000000000000", "99999999999999999999", 1},
    {"stable", "stablf", -1},
    {"v4-9", "v4-10", -1},
    {"", "1", -1},
    {"1", "1a", -1},
    {"1b", "1a", 1},
    {"1z", "2", -1},
    {"z", "za", -1},
    {"5", "5-P1", -1},
    {"5-P2", "5-P10", -1},
    {"5-P1", "6", -1},
    {"5p2", "5.1", 1},
};

static void test_versions(void)
{
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		const char *a = versions[i].a, *b = versions[i].b;

		ok(xb_version_cmp(a, b) == versions[i].want && xb_version_cmp(b, a) == -versions[i].want,
		   "%s against %s: %d", a, b, versions[i].want);
	}
	ok(xb_version_ok("4.17") && !xb_version_ok("4.") && !xb_version_ok("") && !xb_version_ok("4..1"),
	   "dotted numbers are told from others");
}

static const struct {
	const char *a, *b;
	bool same, nested;
} pairs[] = {
    {"refs/heads/xsa-{line}", "refs/heads/staging-{line}", false, false},
    {"refs/heads/{line}", "refs/heads/xsa-{line}", false, false},
    {"refs/heads/{line}", "refs/heads/{line}", true, false},
    {"refs/heads/xsa-{line}", "refs/heads/xsa-{line}.{n}", true, false},
    {"refs/heads/{line}", "refs/heads/{line}-{n}", false, false},
    {"refs/heads/{line}", "refs/heads/4.17", true, false},
    {"refs/heads/{line}", "refs/heads/4.17x", false, false},
    {"refs/heads/{line}", "refs/heads/{line}/sec", false, true},
    {"refs/heads/{line}", "refs/heads/sec/{line}", false, false},
    {"refs/heads/x", "refs/heads/x/{line}", false, true},
    {"refs/heads/v{line}-{n}", "refs/heads/v4-{n}", true, false},
    {"refs/heads/v{line}-1.{n}", "refs/heads/v4.{n}-1", false, false},
    {"refs/heads/v{line}-1.2", "refs/heads/v4.{n}-{line}", true, false},
    {"refs/heads/{line:-}-stable", "refs/heads/{line}", false, false},
    {"refs/heads/{line:_}", "refs/heads/{line}", true, false},
    {"refs/heads/{line:_}", "refs/heads/1_2", true, false},
    {"refs/heads/{line:_}", "refs/heads/1.2", false, false},
    {"refs/heads/x-{line}[.{n}]", "refs/heads/x-4", true, false},
    {"refs/heads/x-{line}[/{n}]", "refs/heads/x-4", true, true},
    {"refs/heads/x-{line}.{n:a}", "refs/heads/x-1.2u", true, false},
    {"refs/heads/x-{line}.{n}", "refs/heads/x-1.2u", false, false},
};

static void test_pairs(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		XB_AUTOPTR(xb_refpat) *a = pattern(pairs[i].a), *b = pattern(pairs[i].b);

		ok(xb_refpat_overlap(a, b) == pairs[i].same && xb_refpat_overlap(b, a) == pairs[i].same,
		   "%s and %s %s the same ref", pairs[i].a, pairs[i].b,
		   pairs[i].same ? "can be" : "are never");
		ok(xb_refpat_nests(a, b) == pairs[i].nested && xb_refpat_nests(b, a) == pairs[i].nested,
		   "  and %s in each other's way", pairs[i].nested ? "can be" : "are never");
	}
}

int main(void)
{
	test_match();
	test_match_line();
	test_expand();
	test_bad();
	test_bad_brackets();
	test_allowed();
	test_names();
	test_versions();
	test_pairs();
	return done();
}
