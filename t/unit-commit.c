/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb/commit.h"
#include "tap.h"

#include "classify/rules.h"
#include "util/alloc.h"

#define TREE "1111111111111111111111111111111111111111"
#define P1 "2222222222222222222222222222222222222222"
#define P2 "3333333333333333333333333333333333333333"
#define AUTHOR "author A  U. Thor <a@example.org> 1900000000 -0730\n"
#define COMMITTER "committer C <c@example.org> 1900000100 +0200\n"
#define HEAD "tree " TREE "\nparent " P1 "\n" AUTHOR COMMITTER

static bool is_slice(struct xb_slice s, const char *want)
{
	return s.n == strlen(want) && !memcmp(s.p, want, s.n);
}

static void test_parse(void)
{
	static const char raw[] = "tree " TREE "\nparent " P1 "\nparent " P2 "\n" AUTHOR COMMITTER
				  "mergetag object " P2 "\n type commit\n tag x\n \n author in a tag\n"
				  "encoding ISO-8859-1\n"
				  "gpgsig -----BEGIN\n \n tree of life\n -----END\n"
				  "strange\n\nfirst  \nsecond\n\nbody\n";
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOERR struct xb_err *err = xb_commit_parse(raw, sizeof raw - 1, &c);
	XB_AUTOFREE char *subject = NULL;

	if (!ok(!err, "a merge with all kinds of headers"))
		return;
	ok(c.n_parents == 2 && !git_oid_strcmp(&c.parents[1], P2), "its parents");
	ok(!git_oid_strcmp(&c.tree, TREE), "its tree");
	ok(is_slice(c.author.name, "A  U. Thor") && is_slice(c.author.email, "a@example.org"), "its author");
	ok(c.committer.time == 1900000100 && is_slice(c.committer.zone, "+0200"), "its committer's date");
	ok(is_slice(c.encoding, "ISO-8859-1"), "its encoding");
	ok(is_slice(c.message, "first  \nsecond\n\nbody\n"), "its message");
	subject = xb_commit_subject(&c);
	is_text(subject, "first second", "its subject");
}

static const struct {
	const char *raw, *why;
} hostile[] = {
    {"", "empty"},
    {"parent " P1 "\n", "no tree"},
    {"tree 123\n" AUTHOR COMMITTER "\n", "bad tree id"},
    {"tree AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" AUTHOR COMMITTER "\n", "bad tree id"},
    {"tree " TREE "\ntree " TREE "\n" AUTHOR COMMITTER "\n", "no author"},
    {"tree " TREE "\nparent 1\n" AUTHOR COMMITTER "\n", "bad parent id"},
    {"tree " TREE "\n" COMMITTER "\n", "no author"},
    {"tree " TREE "\n" AUTHOR "\n", "no committer"},
    {"tree " TREE "\n" AUTHOR AUTHOR COMMITTER "\n", "no committer"},
    {HEAD COMMITTER "\n", "repeated or misplaced committer"},
    {HEAD "tree " TREE "\n\n", "repeated or misplaced tree"},
    {HEAD "parent " P1 "\n\n", "repeated or misplaced parent"},
    {HEAD "encoding a\nencoding b\n\n", "repeated encoding"},
    {HEAD " folded\n\n", "folded committer"},
    {"tree " TREE "\nauthor A <a@b> -5 +0000\n" COMMITTER "\n", "absurd time in the author"},
    {"tree " TREE "\nauthor A <a@b> 253402300800 +0000\n" COMMITTER "\n", "absurd time"},
    {"tree " TREE "\nauthor A <a@b> 99999999999999999999 +0000\n" COMMITTER "\n", "absurd time"},
    {"tree " TREE "\nauthor A <a@b> 12x +0000\n" COMMITTER "\n", "absurd time"},
    {"tree " TREE "\nauthor A <a@b> 12 UTC\n" COMMITTER "\n", "no time zone"},
    {"tree " TREE "\nauthor A 12 +0000\n" COMMITTER "\n", "no <email>"},
    {"tree " TREE "\nauthor \n" COMMITTER "\n", "no time zone"},
};

static void test_hostile(void)
{
	XB_AUTOFREE char *big = xb_calloc(1, XB_COMMIT_MAX + 1);
	struct xb_commit c;

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		XB_AUTOERR struct xb_err *err = xb_commit_parse(hostile[i].raw, strlen(hostile[i].raw), &c);

		ok(err && err->code == XB_E_HOSTILE && strstr(err->msg, hostile[i].why), "refused: %s (%s)",
		   hostile[i].why, err ? err->msg : "taken");
	}
	{
		XB_AUTOERR struct xb_err *err = xb_commit_parse(HEAD "\na\0b", sizeof(HEAD "\na\0b") - 1, &c);

		ok(err && strstr(err->msg, "NUL"), "refused: a NUL in the message");
	}
	memset(big, 'x', XB_COMMIT_MAX + 1);
	memcpy(big, HEAD "\n", sizeof(HEAD "\n") - 1);
	{
		XB_AUTOERR struct xb_err *fits = xb_commit_parse(big, XB_COMMIT_MAX, &c);

		ok(!fits, "1 MiB is taken");
		xb_commit_release(&c);
		fits = xb_commit_parse(big, XB_COMMIT_MAX + 1, &c);
		ok(fits && strstr(fits->msg, "1 MiB"), "refused: more than 1 MiB");
	}
}

static void test_odd_but_honest(void)
{
	static const char *const v[] = {
	    HEAD,
	    HEAD "\n",
	    "tree " TREE "\n" AUTHOR COMMITTER "\nroot commit",
	    "tree " TREE "\nauthor  <> 0 +0000\ncommitter A <a <b> c> 1 -1200\n\nx\n",
	    "tree " TREE "\nauthor A<a@b> 1 +051800\n" COMMITTER "\nx\n",
	    HEAD "gpgsig x\n \n y",
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		XB_AUTOERR struct xb_err *err = xb_commit_parse(v[i], strlen(v[i]), &c);

		ok(!err, "odd but honest, %zu: %s", i, err ? err->msg : "taken");
	}
}

static void test_subjects(void)
{
	static const struct {
		const char *message, *want;
	} v[] = {
	    {"one\n", "one"},
	    {"one", "one"},
	    {"", ""},
	    {"\n \n\n", ""},
	    {"\n  \none\ntwo\n\nx", "one two"},
	    {"  one \t\r\n two\n", "  one  two"},
	    {"# one\n\n", "# one"},
	};

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct xb_commit c = {.message = {v[i].message, strlen(v[i].message)}};
		XB_AUTOFREE char *got = xb_commit_subject(&c);

		is_text(got, v[i].want, "a subject");
	}
}

struct ids {
	git_oid source, tree, parent;
};

static struct ids some_ids(void)
{
	struct ids ids;

	git_oid_fromstr(&ids.source, "4444444444444444444444444444444444444444");
	git_oid_fromstr(&ids.tree, "5555555555555555555555555555555555555555");
	git_oid_fromstr(&ids.parent, "6666666666666666666666666666666666666666");
	return ids;
}

static const char derived[] = "tree 5555555555555555555555555555555555555555\n"
			      "parent 6666666666666666666666666666666666666666\n" AUTHOR
			      "committer Bot <bot@example.org> 1900000100 +0200\n"
			      "encoding ISO-8859-1\n\n"
			      "s\374bject\n\nbody\n\nSigned-off-by: A <a@b>\n"
			      "(cherry picked from commit 4444444444444444444444444444444444444444)\n"
			      "Xsabot-Source: 4444444444444444444444444444444444444444\n"
			      "Xsabot-Role: follow-up\nXsabot-Advisory: XSA-1\nXsabot-Advisory: XSA-2\n"
			      "Xsabot-For: XSA-3\n";

static void test_derive(void)
{
	static const char raw[] = HEAD "gpgsig x\n y\nencoding ISO-8859-1\n\n"
				       "s\374bject\n\nbody\n\nSigned-off-by: A <a@b>\n";
	struct ids ids = some_ids();
	struct xb_strv advisories = {0}, needed_by = {0};
	struct xb_derive_options o = {&ids.source,       &ids.tree,   &ids.parent, 5,         "Bot",
				      "bot@example.org", "follow-up", &advisories, &needed_by};
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOERR struct xb_err *err = xb_commit_parse(raw, sizeof raw - 1, &c);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT, later = XB_BUF_INIT;

	xb_strv_add_new(&advisories, "XSA-1");
	xb_strv_add_new(&advisories, "XSA-2");
	xb_strv_add_new(&needed_by, "XSA-3");
	if (!err)
		err = xb_commit_derive(&c, &o, &b);
	is_text(b.p, derived, "a derived commit");
	o.parent_time = 2000000000;
	if (!err)
		err = xb_commit_derive(&c, &o, &later);
	ok(!err && strstr(later.p, "\ncommitter Bot <bot@example.org> 2000000000 +0200\n"),
	   "a later parent's date");
	o.name = "B<t";
	err = err ? err : xb_commit_derive(&c, &o, &later);
	ok(err && err->code == XB_E_INTERNAL, "an identity that would break the header is refused");
	xb_strv_release(&advisories);
	xb_strv_release(&needed_by);
}

static void test_stitch(void)
{
	struct ids ids = some_ids();
	struct xb_stitch_options o = {&ids.tree, &ids.parent, &ids.source, 7, 9, "Bot", "bot@example.org"};
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOERR struct xb_err *err = xb_commit_stitch(&o, &b);

	if (!err)
		err = xb_commit_parse(b.p, b.n, &c);
	if (!ok(!err, "a stitch can be read"))
		return;
	ok(c.n_parents == 2 && git_oid_equal(&c.parents[0], &ids.parent) && git_oid_equal(&c.tree, &ids.tree),
	   "its first parent is the chain, with its tree");
	ok(c.author.time == 9 && c.committer.time == 9 && is_slice(c.author.zone, "+0000"), "its date");
	ok(strstr(b.p, "\n\nXsabot-Stitch: 1\n"), "its trailer");
}

int main(void)
{
	test_parse();
	test_hostile();
	test_odd_but_honest();
	test_subjects();
	test_derive();
	test_stitch();
	return done();
}
