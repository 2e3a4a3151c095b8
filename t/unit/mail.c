/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "form-check.h"
#include "tap.h"
#include "classify/rules.h"
#include "mail/letters.h"
#include "mail/template.h"
#include "text/address.h"
#include "util/alloc.h"

#include <stdint.h>

/* ---- addresses ---- */

static void test_addresses(void)
{
	static const char *const good[] = {"a@b", "first.last@example.org", "a|b{c}=d@x-y.example",
					   "o'neil+tag@example.org"};
	static const char *const bad[] = {
	    "",           "a",          "@b",      "a@",     "a@b@c", "a b@c",  "a@b\r\nRCPT TO:<x@y>",
	    "a\n@b",      "<a@b>",      "\"a\"@b", "a@b>",   "-f@b",  ".a@b",   "a.@b",
	    "a..b@c",     "a@.b",       "a@b.",    "a@b..c", "a@-b",  "a@b-",   "a@[127.0.0.1]",
	    "\xc3\xa4@b", "a@\xc3\xa4", "a,b@c",   "a;b@c",  "a\\@b", "a(b)@c", "a@b_c"};
	char longest[300];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(xb_address_ok(good[i], strlen(good[i])), "%s is an address", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!xb_address_ok(bad[i], strlen(bad[i])), "bad address %zu is none", i);
	ok(!xb_address_ok("a\0b@c", 5), "no NUL in an address");
	memset(longest, 'a', sizeof longest);
	longest[65] = '@';
	ok(!xb_address_ok(longest, 67), "not more than 64 bytes before the @");
}

static void test_mailboxes(void)
{
	static const char *const bad[] = {
	    "A <a@b",    "A a@b>",   "A <a@b> x", "A \"B\" <a@b>", "A\r\nBcc: x <a@b>", "\xe2\x80\xae <a@b>",
	    "x@y <a@b>", "A <<a@b>", "\xff <a@b>"};
	char *name, *address;

	if (ok(xb_mailbox_parse("J\xc3\xb6rg, the bot <a@b.c>", &name, &address), "a name and an address")) {
		is_text(name, "J\xc3\xb6rg, the bot", "the name");
		is_text(address, "a@b.c", "the address");
		free(name);
		free(address);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!xb_mailbox_parse(bad[i], &name, &address), "bad sender %zu is none", i);
}

/* ---- the form ---- */

static uint32_t seed = 1;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Pieces that have broken mailers before, between arbitrary bytes. */
static char *hostile(void)
{
	static const char *const pieces[] = {"\r\n",
					     "\n",
					     "\r",
					     "\r\n\r\n",
					     "\nBcc: x@y",
					     "\r\nSubject: other",
					     "\r\n.\r\n",
					     "\n.\n",
					     "=?UTF-8?q?",
					     "?=",
					     "=?utf-8?b?////?=",
					     "\x1b[31m",
					     "\x07",
					     "\xe2\x80\xae",
					     "\xe2\x81\xa6",
					     "\xe2\x80\xa8",
					     "\xc2\x85",
					     "\xff",
					     "\xc3",
					     "\xed\xa0\x80",
					     "\xf0\x9f\x98\x80",
					     "\xef\xbb\xbf",
					     "<x@y>",
					     "\"",
					     "\\",
					     "(",
					     ")",
					     ",",
					     ";",
					     ":",
					     "--",
					     "\t",
					     " ",
					     "  ",
					     "=0D=0A",
					     "%0d%0a",
					     "J\xc3\xb6rg",
					     "\xe6\x97\xa5\xe6\x9c\xac",
					     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	struct xb_buf b = XB_BUF_INIT;
	uint32_t n = 1 + dice(40);

	while (n--) {
		if (dice(3))
			xb_buf_adds(&b, pieces[dice(sizeof pieces / sizeof *pieces)]);
		else
			xb_buf_addc(&b, (char)(1 + dice(255)));
	}
	return xb_buf_detach(&b);
}

static void test_form(void)
{
	enum { ROUNDS = 20000 };
	int bad = 0;
	char *big;
	struct xb_letter f;

	for (int i = 0; i < ROUNDS; i++) {
		XB_AUTOFREE char *text = hostile();

		f = form_of(text);
		bad += form_wrong(&f, FORM_ALL) != NULL;
	}
	ok(!bad, "%d mails of hostile text have just the headers that they should have", ROUNDS);
	big = xb_malloc((1 << 20) + 1);
	for (size_t i = 0; i < 1 << 20; i++)
		big[i] = "ab\xff\r\n"[i % 5];
	big[1 << 20] = '\0';
	f = form_of(big);
	ok(!form_wrong(&f, FORM_ALL), "and so has one with 1 MB in each place");
	free(big);
	f = form_of("");
	ok(!form_wrong(
	       &f, "From To Reply-To Subject Date Message-Id In-Reply-To References List-Id Auto-Submitted "
		   "Precedence MIME-Version Content-Type Content-Transfer-Encoding "),
	   "a header without a value is left out");
}

static void test_clean(void)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	char text[1000];

	memset(text, 'a', sizeof text);
	for (size_t i = 1; i + 1 < sizeof text; i += 2) {
		text[i] = '\xc3';
		text[i + 1] = '\xb6';
	}
	xb_header_clean(text, sizeof text, XB_HEADER_MAX, &b);
	ok(b.n <= XB_HEADER_MAX && xb_utf8_valid(b.p, b.n), "a long header is cut between characters");
}

/* ---- templates ---- */

static void test_templates(void)
{
	struct xb_fields f = {0};
	struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;

	xb_field_set(&f, "line", xb_strdup("4.17"));
	xb_field_set(&f, "what", xb_strdup("{line}"));
	xb_field_set(&f, "why", NULL);
	xb_field_set(&f, "list", xb_strdup("one\n\ntwo\n"));
	xb_template_fill(
	    "Subject: [{line}] {what}\n\nfirst {line}\n\nleft out {why}\nall of it {line}\n\n{list}\n\n{ no "
	    "field } {}\n",
	    &f, &subject, &body);
	is_text(subject.p, "[4.17] {line}", "the subject; what a field brings is no field");
	is_text(body.p, "first 4.17\n\none\n\ntwo\n\n{ no field } {}\n",
		"a paragraph with an empty field is left out");
	xb_fields_release(&f);
	xb_buf_release(&subject);
	xb_buf_release(&body);
}

static void test_built_in(void)
{
	static const char *const names[] = {"blocked",   "held",    "gate",    "resolved", "found",
					    "published", "failing", "working", "digest",   "footer"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		XB_AUTOFREE char *text = NULL;
		XB_AUTOERR struct xb_err *err = xb_template_load("", names[i], &text);

		ok(!err && text && *text, "the template %s is built in", names[i]);
	}
}

/* ---- maintainers ---- */

static const char maintainers[] =
    "Descriptions of section entries:\n\nM: Mail <nobody@x.example>\nF: Files\n\n"
    "ARM\nM:\tA <arm@x.example>\nR:\tReviewer <r@x.example>\nL:\tlist@x.example\nF:\txen/arch/arm/\nX: "
    "xen/arch/arm/gic*\n\n"
    "X86\nM:\tX <x86@x.example>\nM: y@Y.EXAMPLE\nM: z@elsewhere.example\nM: Evil <e@x.example\r>, "
    "<f@x.example>\n"
    "F:\txen/arch/x86/*.c\n\nDIR\nM: dir@x.example\nF: tools/libs\n\nTHE REST\nM: rest@x.example\nF:\t*\nF: "
    "*/\n";

static char *who(const char *a, const char *b)
{
	char *paths[] = {xb_strdup(a), xb_strdup(b ? b : "")};
	char d1[] = "x.example", d2[] = "y.example";
	char *domains[] = {d1, d2};
	const struct xb_strv p = {paths, b ? 2 : 1, 2}, d = {domains, 2, 2};
	struct xb_strv out = {0};
	struct xb_buf text = XB_BUF_INIT;

	xb_letters_match(maintainers, sizeof maintainers - 1, &p, &d, &out);
	for (size_t i = 0; i < out.n; i++)
		xb_buf_addf(&text, "%s ", out.v[i]);
	xb_strv_release(&out);
	free(paths[0]);
	free(paths[1]);
	return xb_buf_detach(&text);
}

static void test_maintainers(void)
{
	static const struct {
		const char *a, *b, *who;
	} cases[] = {
	    {"xen/arch/arm/a/b.c", NULL, "arm@x.example "},
	    {"xen/arch/arm/gic-v3.c", NULL, "rest@x.example "},
	    {"xen/arch/x86/mm.c", NULL, "x86@x.example y@Y.EXAMPLE "},
	    {"xen/arch/x86/mm/p2m.c", NULL, "rest@x.example "},
	    {"xen/arch/x86/mm.c", "xen/arch/arm/mm.c", "arm@x.example x86@x.example y@Y.EXAMPLE "},
	    {"tools/libs/light/x.c", NULL, "dir@x.example "},
	    {"tools/libs2/x.c", NULL, "rest@x.example "},
	    {"README", NULL, "rest@x.example "},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		XB_AUTOFREE char *got = who(cases[i].a, cases[i].b);

		is_text(got, cases[i].who, cases[i].a);
	}
}

/* ---- digests ---- */

/* The Message-ID of the digest of these two, about two lines; owned. */
static char *digest_of(const char *a, const char *b)
{
	char none[] = "", to[] = "a@b.c", from[] = "x@b.c", first[] = "4.17", second[] = "4.18";
	char *list[] = {to};
	struct xb_config c = {.mail = {.from = from, .to = {list, 1, 1}}};
	struct xb_notice v[] = {{.target = first, .line = none, .id = xb_strdup(a)},
				{.target = second, .line = none, .id = xb_strdup(b)}};
	const struct xb_notices notices = {v, 2, 2};
	struct xb_letters letters = {0};
	char *id;

	xb_letters_make(&c, &notices, &letters);
	id = xb_strdup(letters.n == 1 ? letters.v[0].digest : "");
	xb_letters_release(&letters);
	free(v[0].id);
	free(v[1].id);
	return id;
}

static void test_digests(void)
{
	XB_AUTOFREE char *one = digest_of("1@b.c", "2@b.c"), *other = digest_of("2@b.c", "1@b.c"),
			 *third = digest_of("1@b.c", "3@b.c");

	ok(*one != '\0', "two lines are one digest");
	is_text(other, one, "in whichever order they come");
	ok(strcmp(one, third) != 0, "what is in it makes its Message-ID");
}

/* ---- where mail goes ---- */

static void test_loopback(void)
{
	static const char *const here[] = {"smtp://localhost", "smtp://localhost:25", "smtp://127.0.0.1:2525",
					   "smtp://[::1]", "smtps://[::1]:465"};
	static const char *const there[] = {"smtp://localhost.example.org",
					    "smtp://mx.example.org:25",
					    "smtp://127.example.org",
					    "smtp://127.0.0.1.example.org:25",
					    "smtp://[::2]",
					    "smtp://10.0.0.1"};

	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		ok(xb_url_is_loopback(here[i]), "%s is this host", here[i]);
	for (size_t i = 0; i < sizeof there / sizeof *there; i++)
		ok(!xb_url_is_loopback(there[i]), "%s is another", there[i]);
}

int main(void)
{
	test_addresses();
	test_mailboxes();
	test_form();
	test_clean();
	test_templates();
	test_built_in();
	test_maintainers();
	test_digests();
	test_loopback();
	return done();
}
