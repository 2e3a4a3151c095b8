/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments: the directory of the example files. */
#include "config/config.h"
#include "tap.h"

#include "os/file.h"
#include "text/ini.h"
#include "util/alloc.h"

static struct xb_config *load(const char *text)
{
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_parse("f", text, strlen(text), &c);

	if (err)
		note("error", err->msg);
	return c;
}

static char *dump(const struct xb_config *c)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_config_dump(c, "4.17", c->rules_version ? c->rules_version : 2, &b);
	return xb_buf_detach(&b);
}

/* ---- what is refused, and how it is told ---- */

static const struct {
	const char *text, *want; /* want: in the message; NULL: it loads */
} cases[] = {
    {"", NULL},
    {"[gates]\n", "f:1: [gates]: unknown section; allowed: [repository], [lines], [line NAME], [rules]"},
    {"[mirrors]\nurl = y\n", "f:1: [mirrors]: unknown section"},
    {"[mirror x]\nurl = y\n", "f:2: [mirror x] url: 'y' is no URL that is taken; allowed: /PATH"},
    {"[mirror a b]\nurl = /x\n", "f:1: [mirror a b]: no name of a mirror"},
    {"[mirror upstream]\nurl = /x\n", "f:1: [mirror upstream]: that is the name of [repository] upstream"},
    {"[mirror x]\nprivate = yes\n", "f:1: [mirror x] url: is missing"},
    {"[mirror x]\nurl = ssh://h/p\n", "f:2: [mirror x] url: ssh needs 'key' and 'known-hosts' as well"},
    {"[mirror x]\nurl = ssh://h/p\nkey = /k\n", "f:2: [mirror x] url: ssh needs 'key' and"},
    {"[repository]\nupstream = ssh://h/p\nkey = /k\nknown-hosts = /h\n[mirror x]\nurl = ssh://h/p\n",
     "f:6: [mirror x] url: ssh needs 'key' and"},
    {"[mirror x]\nurl = /p\nkey = /k\n", "f:3: [mirror x] key: has no use with a path"},
    {"[mirror x]\nurl = https://h/p\nknown-hosts = /k\n",
     "f:3: [mirror x] known-hosts: has no use with https"},
    {"[mirror x]\nurl = /p\nca = /k\n", "f:3: [mirror x] ca: has no use with a path; allowed: with https"},
    {"[mirror x]\nurl = https://h/p\nca = /k\n", NULL},
    {"[mirror x]\nurl = https://u:p@h/p\n", "has no host that is taken"},
    {"[mirror x]\nurl = https://u@h/p\n", "names a user; allowed: https://HOST:PORT/PATH"},
    {"[mirror x]\nurl = http://h/p\n", "is no URL that is taken"},
    {"[mirror x]\nurl = ssh://-oProxyCommand=x/p\n", "has no host that is taken"},
    {"[mirror x]\nurl = ssh://-l@h/p\n", "has no host that is taken"},
    {"[mirror x]\nurl = ssh://h:0/p\n", "has no host that is taken"},
    {"[mirror x]\nurl = ssh://h:65536/p\n", "has no host that is taken"},
    {"[mirror x]\nurl = ssh://h/p'x\n", "is no path that is taken"},
    {"[mirror x]\nurl = ssh://h/--upload-pack=x\n", "is no path that is taken"},
    {"[mirror x]\nurl = ssh://h/a/../b\n", "is no path that is taken"},
    {"[mirror x]\nurl = /\n", "is no path that is taken"},
    {"[mirror x]\nurl = ssh://u@h.example:2222/~x/p.git\nkey = /k\nknown-hosts = /h\n", NULL},
    {"[mirror x]\nurl = file:///p\n[mirror y]\nurl = https://h:8443/p.git\nkey = /k\n", NULL},
    {"[mirror x]\nurl = /p\ntimeout = 0\n", "f:3: [mirror x] timeout: '0' is"},
    {"[repository]\npoll = 60s\n", "f:2: [repository] poll: has no use without 'upstream'"},
    {"[repository]\nupstream = x\nkey = /k\n", "f:2: [repository] upstream: 'x' is no URL"},
    {"[repository]\nupstream = ssh://h/p\npoll = 60s\n", "f:2: [repository] upstream: ssh needs 'key'"},
    {"[repository]\nupstream = none\nprivate = yes\n", NULL},
    {"path = /x\n", "f:1: path: a key before any section"},
    {"[repository]\npath = x\n", "f:2: [repository] path: 'x' is no absolute path"},
    {"[repository]\npath = /x\npath = /y\n", "f:3: [repository] path: set in line 2 already; allowed: once"},
    {"[repository]\npath = /x\n[rules]\n[repository]\npath = /y\n", "f:5: [repository] path: set in line 2"},
    {"[rules]\nsecruity = x\n", "f:2: [rules] secruity: unknown key; allowed: version, security, not-sec"},
    {"[line 4.17]\nlines = 4\n", "f:2: [line 4.17] lines: unknown key; allowed: staging, release"},
    {"[lines]\non-block = skip\n", "(on-block belongs in [line NAME] or [policy])"},
    {"[line a b]\nstaging = refs/heads/x\n", "f:1: [line a b]: no name of a line"},
    {"[line ]\n", "f:1: [line ]: no name of a line"},
    {"[line -x]\n", "no name of a line"},
    {"[rules]\nadvisory = GHSA-{id}\n[picks]\n1234567 = Security: GHSA-ab12-cd34\n", NULL},
    {"[rules]\nadvisory = GHSA-{id}\n[picks]\n1234567 = Security: XSA-1\n", "f:4: [picks] 1234567: 'XSA-1' is not what"},
    {"[policy]\non-block = stop\n", "f:2: [policy] on-block: 'stop' is unknown; allowed: hold skip"},
    {"[policy]\nhistory = Stitch\n", "'Stitch' is unknown; allowed: stitch rewrite"},
    {"[policy]\npublish = later\n",
     "'later' is no time to publish; allowed: now, quiet PERIOD (such as quiet 2h), quiet PERIOD max PERIOD "
     "(the second no shorter), or at WEEKDAY HH:MM "
     "UTC"},
    {"[policy]\npublish = quiet 2h\n", NULL},
    {"[policy]\npublish = quiet 2h max 12h\n", NULL},
    {"[policy]\npublish = quiet 2h max 2h\n", NULL},
    {"[policy]\npublish = quiet 2h max 119m\n", "'quiet 2h max 119m' is no time to publish"},
    {"[policy]\npublish = quiet 2h max\n", "'quiet 2h max' is no time to publish"},
    {"[policy]\npublish = quiet 2h max 3h 4h\n", "'quiet 2h max 3h 4h' is no time to publish"},
    {"[policy]\npublish = at Tuesday 07:30 UTC\n", NULL},
    {"[policy]\npublish = quiet 0s\n", "'quiet 0s' is no time to publish"},
    {"[policy]\npublish = at tue 24:00 UTC\n", "'at tue 24:00 UTC' is no time to publish"},
    {"[policy]\npublish = at tue 12:00 CET\n", "'at tue 12:00 CET' is no time to publish"},
    {"[gate]\ncommand = make\ntimeout = 90m\nmemory = none\nsandbox = try\nwritable = /a\nwritable = "
     "/b\n",
     NULL},
    {"[line 4.17]\ngate = none\ngate-external = yes\n", NULL},
    {"[gate]\ntimeout = 5\n", "'5' is no period; allowed: a number and s, m, h or d"},
    {"[gate]\nmemory = 1K\n", "'1K' is no size; allowed: a number and K, M or G, at least 64K, or none"},
    {"[gate]\noutput = none\n", "'none' is no size"},
    {"[gate]\njobs = 17\n", "'17' is no such number; allowed: 1 to 16"},
    {"[gate]\ncommand =\n", "nothing; allowed: a command for /bin/sh, or none"},
    {"[gate]\nsandbox = maybe\n", "'maybe' is unknown; allowed: require try no"},
    {"[policy]\npublish = now\non-block = skip\nhistory = rewrite\n", NULL},
    {"[lines]\nreleases = 0\n", "f:2: [lines] releases: '0' is no number"},
    {"[lines]\nreleases = -1\n", "releases: '-1' is no number"},
    {"[lines]\nreleases = 4x\n", "releases: '4x' is no number"},
    {"[lines]\nreleases = 99999999999999999999\n", "is no number"},
    {"[lines]\nreleases = 1000\n", NULL},
    {"[lines]\nlines = 4.17 4.18\nlines = 4.19\n", NULL},
    {"[lines]\nlines = 4.17 4.17\n", "f:2: [lines] lines: '4.17' twice"},
    {"[lines]\nlines = *\nlines = 4.19\n", "f:3: [lines] lines: '*' beside another"},
    {"[lines]\nlines = 4.4- 4.5\n", "f:2: [lines] lines: '4.4-' must stand alone"},
    {"[lines]\nlines =\n", "f:2: [lines] lines: '' is no name of a line"},
    {"[lines]\nlines = a/b\n", "'a/b' is no name"},
    {"[lines]\nlines = 4.17-4.19\n", "f:2: [lines] lines: '4.17-4.19' is no range"},
    {"[lines]\nlines = 4.17-test 2-2\n", NULL},
    {"[lines]\nstaging = staging-{line}\n", "staging: 'staging-{line}' makes no valid full ref name"},
    {"[lines]\nstaging = refs/heads/x\n",
     "'refs/heads/x' lacks {line}; allowed: a full ref name with {line}"},
    {"[line 4]\nstaging = refs/heads/x\n", NULL},
    {"[line 4]\nstaging = refs/heads/x-{n}\n", "must not have {n}"},
    {"[line 4]\nrelease = refs/tags/x\n", "'refs/tags/x' lacks {n}"},
    {"[lines]\nchain = refs/xsabot/state/{line}\n", "the bot's own part of the refs"},
    {"[lines]\nchain = refs/xsabot/chain/{line}\n", NULL},
    {"[lines]\nchain =\n", NULL},
    {"[lines]\nderived = none\n", "'none' lacks {line}"},
    {"[rules]\nversion = 3\n", "'3' is no version of the rules that this program knows; allowed: 1 to 2"},
    {"[rules]\nsecurity = a(b\nadvisory = A-{n}\n",
     "f:2: [rules] security: bad pattern \"a(b\", at offset 3: missing clos"},
    {"[rules]\nsecurity = .*\nadvisory = A-{n}\n", "the pattern matches 'x'"},
    {"[rules]\nsecurity = XSA\n", "f:2: [rules] security: patterns of your own need 'advisory' as well"},
    {"[rules]\nsecurity = X\nsecurity = X\nadvisory = A-{n}\n",
     "f:3: [rules] security: the same pattern twice"},
    {"[rules]\nsecurity = X\nsecurity =\nadvisory = A-{n}\n", "f:3: [rules] security: nothing, beside other"},
    {"[rules]\nsecurity =\nadvisory = A-{n}\n", NULL},
    {"[rules]\nadvisory = XSA\n", "f:2: [rules] advisory: 'XSA' is no form of names"},
    {"[rules]\nadvisory = {n}\n", "'{n}' is no form"},
    {"[rules]\nadvisory = A-{n}-{n}\n", "is no form"},
    {"[rules]\nalias = CVE-{n} XSA-{n}\n", "f:2: [rules] alias: 'XSA-{n}' is what advisory is"},
    {"[rules]\nalias = CVE-{n}\nalias = CVE-{n}\n", "f:3: [rules] alias: 'CVE-{n}' twice"},
    {"[rules]\nfollow-ups = true\n", "'true' is unknown; allowed: no yes"},
    {"[rules]\nnotes = refs/heads/notes\n", "'refs/heads/notes' is no ref of notes"},
    {"[rules]\nnotes = none\nmetadata = rel\n", "f:3: [rules] metadata: 'rel' is no absolute path"},
    {"[committer]\nname = A <b>\n", "f:2: [committer] name: 'A <b>' is no name that git keeps"},
    {"[committer]\nname = A.\n", "is no name that git keeps"},
    {"[committer]\nemail = nobody\n", "f:2: [committer] email: 'nobody' is no mail address"},
    {"[picks]\n1234567 = Exclude: broken\n", NULL},
    {"[picks]\n123456 = Exclude: broken\n", "f:2: [picks] 123456: no commit; allowed: 7 to 64"},
    {"[picks]\n123456A = Exclude: broken\n", "no commit"},
    {"[picks]\n1234567 = exclude: broken\n",
     "begins with no known word; allowed: WORD: TEXT with Security, Pre"},
    {"[picks]\n1234567 = Exclude\n", "begins with no known word"},
    {"[picks]\n1234567 = Exclude:\n", "f:2: [picks] 1234567: nothing after 'Exclude:'; allowed: a reason"},
    {"[picks]\n1234567 = Exclude: a\n1234567 = Exclude: a\n", "f:3: [picks] 1234567: said in line 2 already"},
    {"[picks]\n1234567 = Exclude: a\n1234567 = Security: XSA-1\n", NULL},
    {"[picks]\n1234567 = Security: XSA-x\n",
     "f:2: [picks] 1234567: 'XSA-x' is not what belongs after 'Security:'"},
    {"[picks]\n1234567 = Security: CVE-2023-1\n", NULL},
    {"[picks]\n1234567 = Security: 1234567\n", "is not what belongs"},
    {"[picks]\n1234567 = Prerequisite-of: 89abcde\n", NULL},
    {"[picks]\n1234567 = Prerequisite-of: XSA-1 XSA-2\n", "is not what belongs"},
    {"[picks]\n1234567 = Replaced-by: 89abcde RELEASE-4.17.1\n", NULL},
    {"[picks]\n1234567 = Replaced-by: 89abcde a b\n", "is not what belongs"},
    {"[picks]\n1234567 = Follow-up-to: A-7\n[rules]\nadvisory = A-{n}\n", NULL},
    {"# ; everything\n ; indented\n\n[repository]\n;path = x\n\t# and so on\n", NULL},
    {"[rules]\r\nnotes = refs/notes/x\r\n", NULL},
    {"[rules]\nnotes = refs/notes/x ; here\n", "f:2: a blank before ';' would begin a comment"},
    {"[rules]\nsecurity = a;b\nadvisory = A-{n}\n", NULL},
    {"[rules]\nsecurity = a # b\nadvisory = A-{n}\n", NULL},
    {"[rules]\nsecurity = a\n  b\nadvisory = A-{n}\n", "f:3: begins with a blank"},
    {" [rules]\n", "f:1: begins with a blank"},
    {"[rules\n", "f:1: a section heading without ']'"},
    {"[rules] x = y\n", "f:1: text after the ']'"},
    {"[]\n", "f:1: a section without a name"},
    {"[a;b]\n", "f:1: a section name with an odd character"},
    {"[line 123456789012345678901234567890123456]\n", "f:1: a section name of more than 40 bytes"},
    {"[rules]\nversion\n", "f:2: neither 'key = value' nor a [section] nor a comment"},
    {"[rules]\nversion: 1\n", "f:2: a ':' where '=' is expected"},
    {"[rules]\n= 1\n", "f:2: no key before the '='"},
    {"\xef\xbb\xbf[rules]\n", "f:1: begins with a byte order mark"},
    {"[rules]\nnotes = \xff\n", "f:2: is not UTF-8"},
    {"[rules]\nnotes = a\rb\n", "f:2: has a carriage return inside"},
    {"[rules]\nnotes = a\x1b[m\n", "f:2: has a NUL or another control character"},
    {"[committer]\nname = J\xc3\xbcrgen", NULL},
};

/* One mistake may be told several times here: for each pair of refs that clash. */
static const struct {
	const char *text, *want;
} clashes[] = {
    {"[lines]\nderived = refs/heads/staging-{line}\n",
     "f:2: [lines] derived: 'refs/heads/staging-{line}' can be the same ref as staging"},
    {"[lines]\nstaging = refs/heads/{line}\nderived = refs/heads/{line}/sec\n",
     "can't exist in git beside staging"},
    {"[lines]\nstaging = refs/heads/{line}\n", NULL},
    {"[lines]\nstaging = refs/heads/{line}\nlines = 4 xsa-4\n",
     "can be the same ref as staging of the line xsa-4"},
    {"[lines]\nlines = 4 4.17\n",
     "'refs/heads/xsa-4.17' can be the same ref as derived-release of the line 4 "},
    {"[line 4.17]\nderived = refs/heads/staging-4.18\n",
     "f:2: [line 4.17] derived: 'refs/heads/staging-4.18' can be"},
    {"[line 4.17]\nstaging = refs/heads/xsa-4.18\n", "can be the same ref as staging of the line 4.17"},
    {"[line 4.17]\nderived = refs/heads/xsa-4.18\n",
     "f:2: [line 4.17] derived: 'refs/heads/xsa-4.18' is the ref of"},
    {"[line a]\nderived = refs/heads/x\n[line b]\nderived = refs/heads/x\n",
     "f:4: [line b] derived: 'refs/heads/x' can"},
    {"[line 4.17]\nderived = refs/heads/safe\n", NULL},
    {"[lines]\nderived = refs/notes/xsa-{line}\nderived-release = refs/notes/{line}.{n}\n", NULL},
    {"[lines]\nderived-release = refs/heads/xsa-{line}/{n}\n", "can't exist in git beside derived"},
    {"[lines]\nchain = refs/heads/xsa-{line}\n",
     "f:2: [lines] chain: 'refs/heads/xsa-{line}' can be the same ref as"},
    {"[lines]\nchain = refs/heads/chain-{line}\n", NULL},
    {"[lines]\nderived-release = refs/tags/RELEASE-{line}.{n}\n", "can be the same ref as release"},
};

static void test_case(const char *text, const char *want, bool alone)
{
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_parse("f", text, strlen(text), &c);
	bool good = want ? err && err->code == XB_E_CONFIG && strstr(err->msg, want) : !err;

	good = good && !(err && alone && strchr(err->msg, '\n'));
	if (!ok(good && !c == !!err, "%s", want ? want : "loads")) {
		note("text", text);
		note("got", err ? err->msg : NULL);
	}
	xb_config_free(c);
}

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(cases[i].text, cases[i].want, true);
	for (size_t i = 0; i < sizeof clashes / sizeof *clashes; i++)
		test_case(clashes[i].text, clashes[i].want, false);
}

/* Everything at once, in order of lines. */
static void test_all_at_once(void)
{
	static const char text[] = "[repository]\n"
				   "path = srv\n"
				   "[gates]\n"
				   "anything = goes\n"
				   "[lines]\n"
				   "derived = refs/heads/{foo}\n"
				   "releases = many\n"
				   " releases = all\n"
				   "[rules]\n"
				   "security = [\n"
				   "notes = refs/notes/x ; y\n"
				   "typo = 1\n"
				   "[picks]\n"
				   "xyz = Security: XSA-1\n"
				   "1234567 = Security: 7\n"
				   "[line 4.17]\n"
				   "on-block = maybe\n";
	static const unsigned lines[] = {2, 3, 6, 7, 8, 10, 10, 11, 12, 14, 15, 17};
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_parse("dir/f.conf", text, strlen(text), &c);
	const char *p = err ? err->msg : "";

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		XB_AUTOFREE char *want = xb_asprintf("dir/f.conf:%u: ", lines[i]);

		if (!ok(!strncmp(p, want, strlen(want)), "mistake %zu of many is in line %u", i + 1,
			lines[i]))
			note("got", p);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	ok(!*p, "and there are no more");
	xb_config_free(c);
}

static void test_limits(void)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = NULL;

	xb_buf_adds(&b, "[rules]\nadvisory = A-{n}\nsecurity = ");
	for (int i = 0; i < XB_INI_LINE_MAX - 11; i++)
		xb_buf_addc(&b, 'x');
	err = xb_config_parse("f", b.p, b.n, &c);
	ok(!err && strlen(c->security.v[0]) == XB_INI_LINE_MAX - 11, "a line of 197 bytes comes whole");
	xb_config_free(c);
	xb_buf_addc(&b, 'x');
	err = xb_config_parse("f", b.p, b.n, &c);
	ok(err && strstr(err->msg, "f:3: a line of more than 197 bytes"), "a longer one is refused");
	xb_err_free(err);
	xb_buf_setlen(&b, 0);
	xb_buf_addc(&b, '#');
	for (int i = 0; i < 1000; i++)
		xb_buf_adds(&b, "=gate");
	err = xb_config_parse("f", b.p, b.n, &c);
	ok(!err, "a long comment is fine and makes no keys");
	xb_config_free(c);
	while (b.n <= XB_INI_SIZE_MAX)
		xb_buf_adds(&b, "\n");
	err = xb_config_parse("f", b.p, b.n, &c);
	ok(err && strstr(err->msg, "f: 262145 bytes; allowed"), "a file of more than 256 KiB is refused");
	xb_err_free(err);
	err = xb_config_parse("f", "[rules]\nnotes = \0x\n", 19, &c);
	ok(err && strstr(err->msg, "f:2: has a NUL"), "a NUL is refused");
}

static void test_many_mistakes(void)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = NULL;

	for (int i = 0; i < 150; i++)
		xb_buf_adds(&b, "nonsense\n");
	err = xb_config_parse("f", b.p, b.n, &c);
	ok(err && strstr(err->msg, "f:100: ") && !strstr(err->msg, "f:101: ") &&
	       strstr(err->msg, "f: and 50 more mistakes"),
	   "more than a hundred mistakes are counted");
}

/* ---- what is loaded ---- */

static void test_defaults(void)
{
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_load(NULL, &c);
	const struct xb_line_conf *l = &c->line_default;

	ok(!err && !c->file && !c->repository && !c->state_dir && !c->spool, "no file: no repository");
	ok(c->all_lines && !c->lines_from && !c->lines.n && !c->overrides.n, "all lines");
	is_text(l->staging, "refs/heads/staging-{line}", "staging");
	is_text(l->release, "refs/tags/RELEASE-{line}.{n}", "release");
	is_text(l->derived, "refs/heads/xsa-{line}", "derived");
	is_text(l->derived_release, "refs/heads/xsa-{line}.{n}", "derived-release");
	is_text(l->chain, "", "chain");
	ok(l->releases == 1 && l->on_block == XB_HOLD && l->history == XB_STITCH, "newest, hold, stitch");
	ok(!c->rules_version && c->follow_ups && c->trailers, "version left open, follow-ups, trailers");
	is_text(c->advisory, "XSA-{n}", "advisory");
	ok(c->alias.n == 1 && !strcmp(c->alias.v[0], "CVE-{n}"), "alias");
	ok(c->security.n && c->not_security.n, "Xen's patterns");
	is_text(c->notes, "refs/notes/xsa", "notes");
	is_text(c->metadata, "", "metadata");
	is_text(c->committer_name, "xsabot", "committer's name");
	is_text(c->committer_email, "xsabot@invalid", "committer's address");
	xb_config_set_repository(c, "/srv/x.git/");
	is_text(c->repository, "/srv/x.git", "-C names the repository");
	is_text(c->state_dir, "/srv/x.git.xsabot", "and so the state");
	is_text(c->spool, "/srv/x.git.xsabot/spool", "and the spool");
	xb_config_free(c);
}

static void test_dirs(void)
{
	struct xb_config *c = load("[repository]\npath = /a.git\nstate = /var/lib/x/\n");

	is_text(c->spool, "/var/lib/x/spool", "the spool is in the state directory");
	xb_config_set_repository(c, "/b.git");
	is_text(c->state_dir, "/var/lib/x", "-C leaves a state directory that the file names");
	xb_config_free(c);
	c = load("[repository]\npath = /a.git\n");
	xb_config_set_repository(c, "/b.git");
	is_text(c->spool, "/b.git.xsabot/spool", "and replaces one that it does not name");
	xb_config_free(c);
}

static void test_override(void)
{
	struct xb_config *c = load("[line 4.17]\nstaging = refs/heads/v4-17-test\non-block = skip\n"
				   "[line 4.18]\nderived = refs/heads/safe/{line}\nreleases = all\n"
				   "[policy]\nhistory = rewrite\n[lines]\nreleases = 3\nlines = 4.4-\n");
	const struct xb_line_conf *l = xb_config_line(c, "4.17");

	is_text(l->staging, "refs/heads/v4-17-test", "a line's own staging");
	is_text(l->derived, "refs/heads/xsa-{line}", "its derived is the default");
	ok(l->on_block == XB_SKIP && l->history == XB_REWRITE && l->releases == 3,
	   "own policy, and what comes later in [policy] and [lines]");
	l = xb_config_line(c, "4.18");
	is_text(l->derived_release, "refs/heads/safe/{line}.{n}", "derived-release follows derived");
	ok(l->releases == 0 && l->on_block == XB_HOLD, "all releases, and not the other line's policy");
	l = xb_config_line(c, "4.19");
	ok(l == &c->line_default && l->releases == 3, "a line without a section has the default");
	ok(xb_config_selects(c, "4.10") && !xb_config_selects(c, "4.3") && !xb_config_selects(c, "x"),
	   "4.4- is 4.4 and higher");
	xb_config_free(c);
}

static void test_selection(void)
{
	struct xb_config *c = load("[lines]\nlines = 4.4-\n[line x]\n[line 4.3]\n");

	ok(xb_config_selects(c, "x") && xb_config_selects(c, "4.3") && !xb_config_selects(c, "4.2"),
	   "a section selects its line beside 4.4-");
	xb_config_free(c);
	c = load("[lines]\nlines = 4.4 y\n[line x]\n");
	ok(xb_config_selects(c, "x") && xb_config_selects(c, "y") && !xb_config_selects(c, "4.5"),
	   "and beside a list");
	xb_config_free(c);
}

static void test_rules(void)
{
	struct xb_config *c = load("[rules]\nsecurity = A\nsecurity = B\nadvisory = CVE-{n}\n"
				   "[picks]\n1234567 = Security: CVE-2023-1\n");

	ok(c->security.n == 2 && !strcmp(c->security.v[1], "B"), "own patterns replace the built-in ones");
	ok(!c->not_security.n && !c->alias.n, "and the rest of Xen's rules goes with them");
	ok(c->picks.n == 1 && c->picks.v[0].line == 6 && !strcmp(c->picks.v[0].value, "CVE-2023-1"),
	   "a pick");
	xb_config_free(c);
	c = load("[rules]\nnot-security =\nalias =\n");
	ok(c->security.n && !c->not_security.n && !c->alias.n, "an empty value empties a list");
	xb_config_free(c);
}

static const struct {
	const char *a, *b;
	bool same;
	const char *title;
} dumps[] = {
    {"", "[repository]\npath = /x\n[lines]\nlines = 4\nreleases = all\nchain = refs/heads/c-{line}\n", true,
     "refs and directories are no rules"},
    {"", "[rules]\nversion = 2\nalias = CVE-{n}\n[policy]\non-block = hold\nhistory = rewrite\n", true,
     "a default that is written out changes nothing"},
    {"[picks]\n1234567 = Exclude: a\n89abcde = Exclude: b\n",
     "[picks]\n89abcde = Exclude: b\n1234567 = Exclude:  a\n", true, "picks in another order are the same"},
    {"[line a]\non-block = skip\n[line b]\non-block = skip\n",
     "[line b]\non-block = skip\n[line a]\non-block = skip\n", true, "so are lines"},
    {"", "[line a]\nreleases = all\n", true, "a line's refs are no rules"},
    {"", "[line 4.17]\non-block = skip\n", false, "a line's policy is one"},
    {"", "[line 4.18]\non-block = skip\n", true, "but of that line alone"},
    {"", "[policy]\non-block = skip\n", false, "on-block is a rule"},
    {"", "[picks]\n1234567 = Exclude: a\n", false, "a pick is a rule"},
    {"", "[rules]\nnot-security =\n", false, "patterns are rules"},
    {"", "[rules]\nfollow-ups = no\n", false, "follow-ups is a rule"},
    {"", "[rules]\nnotes =\n", false, "notes is a rule"},
    {"", "[committer]\nname = x\n", false, "the committer is a rule"},
};

static void test_dump(void)
{
	for (size_t i = 0; i < sizeof dumps / sizeof *dumps; i++) {
		struct xb_config *a = load(dumps[i].a), *b = load(dumps[i].b);
		XB_AUTOFREE char *x = dump(a);
		XB_AUTOFREE char *y = dump(b);

		struct xb_config *again = load(y);
		XB_AUTOFREE char *z = dump(again);

		if (!ok(!strcmp(x, y) == dumps[i].same, "%s", dumps[i].title)) {
			note("one", x);
			note("other", y);
		}
		is_text(z, y, "and what is recorded can be read again");
		xb_config_free(again);
		xb_config_free(a);
		xb_config_free(b);
	}
}

/* ---- the examples ---- */

static void read_example(const char *dir, const char *name, struct xb_buf *b)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);
	XB_AUTOERR struct xb_err *err = xb_file_read(path, XB_INI_SIZE_MAX, b);

	ok(!err, "%s is there", name);
}

/* Takes the "#" off lines "#key = value": what they say is meant to be the default. */
static void uncomment(const struct xb_buf *in, struct xb_buf *out)
{
	for (size_t i = 0; in->p && i < in->n; i++)
		if (in->p[i] != '#' || (i && in->p[i - 1] != '\n') || in->p[i + 1] == ' ' ||
		    in->p[i + 1] == '\n')
			xb_buf_addc(out, in->p[i]);
}

static void is_default(const struct xb_config *c, const char *title)
{
	struct xb_config *d = load("[repository]\npath = /srv/git/xen.git\n");
	const struct xb_line_conf *l = &c->line_default, *m = &d->line_default;
	XB_AUTOFREE char *x = dump(c);
	XB_AUTOFREE char *y = dump(d);

	is_text(x, y, title);
	is_text(c->state_dir, d->state_dir, "  state");
	is_text(c->spool, d->spool, "  spool");
	is_text(c->metadata, d->metadata, "  metadata");
	is_text(l->staging, m->staging, "  staging");
	is_text(l->release, m->release, "  release");
	is_text(l->derived, m->derived, "  derived");
	is_text(l->derived_release, m->derived_release, "  derived-release");
	is_text(l->chain, m->chain, "  chain");
	ok(l->releases == m->releases && l->on_block == m->on_block && l->history == m->history &&
	       c->all_lines == d->all_lines && !c->overrides.n,
	   "  the rest");
	xb_config_free(d);
}

static void test_mirrors(void)
{
	struct xb_config *c = load("[repository]\nupstream = /u\nprivate = yes\npoll = 7s\n"
				   "[mirror b]\nurl = /b\n[mirror a]\nurl = /a\nprivate = yes\n"
				   "[mirror b]\ntimeout = 5s\n");

	ok(c->is_private && c->upstream && c->poll == 7, "a private repository that is elsewhere");
	is_text(c->upstream->url, "/u", "  where");
	ok(c->mirrors.n == 2 && !strcmp(c->mirrors.v[0].name, "b") && c->mirrors.v[0].timeout == 5 &&
	       c->mirrors.v[1].timeout == 60,
	   "mirrors in the order of the file, each with its own keys");
	ok(!c->mirrors.v[0].is_private && c->mirrors.v[1].is_private,
	   "a private repository makes no mirror private");
	xb_config_free(c);
}

static void test_xen_example(const char *dir)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOBUF struct xb_buf all = XB_BUF_INIT;
	struct xb_config *c;

	read_example(dir, "xsabot.conf.example", &b);
	c = load(b.p ? b.p : "");
	is_default(c, "the example as it stands is the default");
	xb_config_free(c);
	uncomment(&b, &all);
	ok(all.n < b.n - 10, "the example has defaults in comments");
	c = load(all.p ? all.p : "");
	is_default(c, "what the example calls defaults are the defaults");
	xb_config_free(c);
}

static void test_redis_example(const char *dir)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_config *c;

	read_example(dir, "projects/redis.conf", &b);
	c = load(b.p ? b.p : "");
	is_text(c->lines_from, "6.2", "another project has lines of its own");
	is_text(c->line_default.derived_release, "refs/heads/security/{line}.{n}", "and no name of Xen's");
	is_text(c->security.v[0], "CVE-\\d+-\\d+", "and a pattern of its own");
	xb_config_free(c);
}

/* Each was tried on the repository that it is for. */
static void test_project_examples(const char *dir)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/projects", dir);
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOERR struct xb_err *err = xb_dir_list(path, &names);

	ok(!err && names.n > 10, "there are examples for other projects");
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTOFREE char *file = xb_asprintf("%s/%s", path, names.v[i]);
		struct xb_config *c = NULL;
		XB_AUTOERR struct xb_err *bad = xb_config_load(file, &c);

		ok(!bad && !strncmp(c->line_default.derived, "refs/heads/security/", 20), "%s is good%s%s",
		   names.v[i], bad ? ": " : "", bad ? bad->msg : "");
		xb_config_free(c);
	}
}

static void test_dump_limit(void)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOFREE char *x = NULL;
	XB_AUTOFREE char *y = NULL;
	struct xb_config *c, *again;

	xb_buf_adds(&b, "[rules]\nadvisory=A-{n}\nsecurity=");
	for (int i = 9; i < XB_INI_LINE_MAX; i++)
		xb_buf_addc(&b, 'y');
	xb_buf_adds(&b, "\n[picks]\n1234567=Exclude:");
	for (int i = 16; i < XB_INI_LINE_MAX; i++)
		xb_buf_addc(&b, 'y');
	c = load(b.p);
	x = dump(c);
	again = load(x);
	y = dump(again);
	is_text(y, x, "what is recorded of the longest lines can be read again");
	xb_config_free(c);
	xb_config_free(again);
}

static void test_load(void)
{
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_load("/nonexistent/xsabot.conf", &c);

	ok(err && !c && err->code == XB_E_CONFIG && strstr(err->msg, "/nonexistent/xsabot.conf"),
	   "a file that is not there is a mistake of the configuration");
}

int main(int argc, char **argv)
{
	test_cases();
	test_all_at_once();
	test_limits();
	test_many_mistakes();
	test_defaults();
	test_dirs();
	test_override();
	test_selection();
	test_rules();
	test_mirrors();
	test_dump();
	test_dump_limit();
	test_load();
	if (argc > 1) {
		test_xen_example(argv[1]);
		test_redis_example(argv[1]);
		test_project_examples(argv[1]);
	}
	return done();
}
