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
	return s.n == strlen(want) && (!s.n || !memcmp(s.p, want, s.n));
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
    {"", "no tree"},
    {"parent " P1 "\n", "no tree"},
    {"tree 123\n" AUTHOR COMMITTER "\n", "bad tree id"},
    {"tree AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" AUTHOR COMMITTER "\n", "bad tree id"},
    {"tree " TREE "\nparent 1\n" AUTHOR COMMITTER "\n", "bad parent id"},
};

static void test_hostile(void)
{
	struct xb_commit c;

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		XB_AUTOERR struct xb_err *err = xb_commit_parse(hostile[i].raw, strlen(hostile[i].raw), &c);

		ok(err && err->code == XB_E_HOSTILE && strstr(err->msg, hostile[i].why), "refused: %s (%s)",
		   hostile[i].why, err ? err->msg : "taken");
	}
}

#define TREED(s) "tree " TREE "\nauthor A <a@b> 5 +0000\ncommitter " s "\n\nx\n"

/* Committers as git reads them, and the date and zone that the bot writes for each. */
static const struct {
	const char *raw, *name, *email, *zone, *written;
	int64_t time;
} committers[] = {
    {TREED("C <c@d> 12 +0100"), "C", "c@d", "+0100", "12 +0100", 12},
    {TREED("C<c@d> 12 -13068837"), "C", "c@d", "-13068837", "12 +0000", 12},
    {TREED("C <c@d> 12 --700"), "C", "c@d", "--700", "12 +0000", 12},
    {TREED("C <c@d> 12 +051800"), "C", "c@d", "+051800", "12 +0000", 12},
    {TREED("C <c@d> 12 UTC"), "C", "c@d", "UTC", "12 +0000", 12},
    {TREED("C <c@d> 12"), "C", "c@d", "", "12 +0000", 12},
    {TREED("C <c@d> 0012 +0100"), "C", "c@d", "+0100", "12 +0100", 12},
    {TREED("C <c@d> 12x +0100"), "C", "c@d", "+0100", "12 +0100", 12},
    {TREED("C <c@d> -5 +0100"), "C", "c@d", "+0100", "0 +0100", 0},
    {TREED("C <c@d> 253402300799 +0100"), "C", "c@d", "+0100", "253402300799 +0100", 253402300799},
    {TREED("C <c@d> 253402300800 +0100"), "C", "c@d", "+0100", "0 +0100", 0},
    {TREED("C <c@d> 99999999999999999999 +0100"), "C", "c@d", "+0100", "0 +0100", 0},
    {TREED("C <c@d>"), "C", "c@d", "", "0 +0000", 0},
    {TREED("C <c@d> 0000"), "C", "c@d", "", "0 +0000", 0},
    {TREED("C c@d 12 +0100"), "C c@d 12 +0100", "", "", "0 +0000", 0},
    {TREED("C <c@d 12 +0100"), "C <c@d 12 +0100", "", "", "0 +0000", 0},
    {TREED("C <c> d> 12 +0100"), "C", "c", "+0100", "12 +0100", 12},
    {TREED("C <c@d> 12 +0100\ncommitter D <d@e> 13 +0200"), "C", "c@d", "+0100", "12 +0100", 12},
    {TREED(""), "", "", "", "0 +0000", 0},
    {"tree " TREE "\nauthor A <a@b> 5 +0000\n\nx\n", NULL, NULL, "", "0 +0000", 0},
};

static void test_committers(void)
{
	for (size_t i = 0; i < sizeof committers / sizeof *committers; i++) {
		static const git_oid id = {{1}};
		struct xb_derive_options o = {
		    .source = &id, .tree = &id, .parent = &id, .name = "n", .email = "e", .role = "security"};
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		XB_AUTOERR struct xb_err *err =
		    xb_commit_parse(committers[i].raw, strlen(committers[i].raw), &c);
		XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
		XB_AUTOERR struct xb_err *bad = err ? NULL : xb_commit_derive(&c, &o, &b);
		XB_AUTOFREE char *line = xb_asprintf("\ncommitter n <e> %s\n\n", committers[i].written);

		ok(!err && !bad && c.committer.time == committers[i].time, "committer %zu: its time", i);
		ok(is_slice(c.committer.zone, committers[i].zone), "committer %zu: its zone", i);
		ok(committers[i].name ? is_slice(c.committer.name, committers[i].name) &&
					    is_slice(c.committer.email, committers[i].email)
				      : !c.committer.raw.p,
		   "committer %zu: name and address", i);
		ok(strstr(b.p, line) != NULL, "committer %zu: the bot's own line is well-formed", i);
	}
}

/* What git takes although nothing makes it any more. */
static void test_other_oddities(void)
{
	XB_AUTOBUF struct xb_buf many = XB_BUF_INIT;
	static const char nul[] = HEAD "\none\0two\n";
	static const char later[] = HEAD "tree " P2 "\nparent " P2 "\nencoding a\nencoding b\n\nx\n";
	struct xb_commit c;
	XB_AUTOERR struct xb_err *err = xb_commit_parse(nul, sizeof nul - 1, &c);

	ok(!err && is_slice(c.message, "one"), "a message ends at a NUL");
	xb_commit_release(&c);
	err = xb_commit_parse(later, sizeof later - 1, &c);
	ok(!err && c.n_parents == 1 && !git_oid_strcmp(&c.tree, TREE) && is_slice(c.encoding, "a"),
	   "of a repeated header the first counts");
	xb_commit_release(&c);
	xb_buf_adds(&many, "tree " TREE "\n");
	for (int i = 0; i < 300; i++)
		xb_buf_adds(&many, "parent " P1 "\n");
	xb_buf_adds(&many, AUTHOR COMMITTER "\nx\n");
	err = xb_commit_parse(many.p, many.n, &c);
	ok(!err && c.n_parents == 300 && is_slice(c.message, "x\n"), "300 parents");
	xb_commit_release(&c);
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
	struct xb_derive_options o = {&ids.source,       &ids.tree,   &ids.parent, 5,          "Bot",
				      "bot@example.org", "follow-up", &advisories, &needed_by, NULL};
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
	test_committers();
	test_other_oddities();
	test_odd_but_honest();
	test_subjects();
	test_derive();
	test_stitch();
	return done();
}
