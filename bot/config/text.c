/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include "mail.h"
#include "picks.h"
#include "refpat.h"
#include "util/alloc.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum xb_section section;
} sections[] = {
    {"repository", XB_S_REPOSITORY},
    {"lines", XB_S_LINES},
    {"rules", XB_S_RULES},
    {"picks", XB_S_PICKS},
    {"policy", XB_S_POLICY},
    {"committer", XB_S_COMMITTER},
    {"gate", XB_S_GATE},
    {"mail", XB_S_MAIL},
    {"relay", XB_S_RELAY},
    {"pages", XB_S_PAGES},
};

#define SECTIONS_ALLOWED                                                                                     \
	"[repository], [lines], [line NAME], [rules], [picks], [policy], [committer], [gate], [mail], "      \
	"[mirror NAME], [relay], [pages]"

/* What the checks read beside the text. */
static const struct xb_value_spec no_spec = {0};
static const struct xb_value_spec line_ref = {.needs = XB_REFPAT_LINE};
static const struct xb_value_spec staging_ref = {.needs = XB_REFPAT_LINE, .spelled = true};
static const struct xb_value_spec line_or_none = {.needs = XB_REFPAT_LINE, .optional = true};
static const struct xb_value_spec release_ref = {.needs = XB_REFPAT_LINE | XB_REFPAT_N};
static const struct xb_value_spec release_tag = {.needs = XB_REFPAT_LINE | XB_REFPAT_N, .spelled = true};
static const struct xb_value_spec on_block = {.choices = "hold skip"};
static const struct xb_value_spec history = {.choices = "stitch rewrite"};
static const struct xb_value_spec yes_no = {.choices = "no yes"};
static const struct xb_value_spec sandbox = {.choices = "require try no"};
static const struct xb_value_spec port = {.max = 65535};
static const struct xb_value_spec gate_jobs = {.max = 16};
static const struct xb_value_spec or_none = {.optional = true};
static const struct xb_value_spec mail_tls = {.choices = "auto required"};
static const struct xb_value_spec mail_timeout = {.max = 240};
static const struct xb_value_spec or_never = {.optional = true};
static const struct xb_value_spec mail_cap = {.max = 100000};

#define REMOTE (XB_S_REPOSITORY | XB_S_MIRROR)
#define PER_LINE (XB_S_LINES | XB_S_LINE)
#define PER_LINE_POLICY (XB_S_POLICY | XB_S_LINE)

/* DEF NULL: no text says the default; see config.c. */
static const struct key {
	const char *name;
	const char *def;
	xb_value_check *check;
	const struct xb_value_spec *spec;
	unsigned sections;
	bool repeats;
} keys[XB_K_COUNT] = {
    /* clang-format off */
    [XB_K_PATH] = {"path", NULL, xb_value_path, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_STATE] = {"state", NULL, xb_value_path, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_SPOOL] = {"spool", NULL, xb_value_path, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_ACCOUNT] = {"account", "", xb_value_word, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_ACCOUNT_ENVIRONMENT] = {"account-environment", "", xb_value_word, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_RESCAN] = {"rescan", "15m", xb_value_period, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_LIMIT] = {"limit", "15s", xb_value_period, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_SANDBOX] = {"sandbox", "try", xb_value_choice, &sandbox, XB_S_REPOSITORY, false},
    [XB_K_PRIVATE] = {"private", "no", xb_value_choice, &yes_no, REMOTE, false},
    [XB_K_UPSTREAM] = {"upstream", "", xb_value_url, &or_none, XB_S_REPOSITORY, false},
    [XB_K_URL] = {"url", "", xb_value_url, &no_spec, XB_S_MIRROR, false},
    [XB_K_KEY] = {"key", "", xb_value_path, &no_spec, REMOTE, false},
    [XB_K_KNOWN_HOSTS] = {"known-hosts", "", xb_value_path, &no_spec, REMOTE, false},
    [XB_K_CA] = {"ca", "", xb_value_path, &no_spec, REMOTE, false},
    [XB_K_TIMEOUT] = {"timeout", "1m", xb_value_period, &no_spec, REMOTE, false},
    [XB_K_POLL] = {"poll", "5m", xb_value_period, &no_spec, XB_S_REPOSITORY, false},
    [XB_K_STAGING] = {"staging", "refs/heads/staging-{line}", xb_value_refpat, &staging_ref, PER_LINE, false},
    [XB_K_RELEASE] = {"release", "refs/tags/RELEASE-{line}.{n}", xb_value_refpat, &release_tag, PER_LINE, false},
    [XB_K_DERIVED] = {"derived", "refs/heads/xsa-{line}", xb_value_refpat, &line_ref, PER_LINE, false},
    [XB_K_DERIVED_RELEASE] = {"derived-release", NULL, xb_value_refpat, &release_ref, PER_LINE, false},
    [XB_K_CHAIN] = {"chain", "none", xb_value_refpat, &line_or_none, PER_LINE, false},
    [XB_K_RELEASES] = {"releases", "newest", xb_value_releases, &no_spec, PER_LINE, false},
    [XB_K_LINES] = {"lines", "*", xb_value_lines, &no_spec, XB_S_LINES, true},
    [XB_K_ON_BLOCK] = {"on-block", "hold", xb_value_choice, &on_block, PER_LINE_POLICY, false},
    [XB_K_HISTORY] = {"history", "stitch", xb_value_choice, &history, PER_LINE_POLICY, false},
    [XB_K_CROSS_CHECK] = {"cross-check", "yes", xb_value_choice, &yes_no, PER_LINE_POLICY, false},
    [XB_K_PUBLISH] = {"publish", "now", xb_value_publish, &no_spec, PER_LINE_POLICY, false},
    [XB_K_VERSION] = {"version", "", xb_value_version, &no_spec, XB_S_RULES, false},
    [XB_K_SECURITY] = {"security", NULL, xb_value_regex, &no_spec, XB_S_RULES, true},
    [XB_K_NOT_SECURITY] = {"not-security", NULL, xb_value_regex, &no_spec, XB_S_RULES, true},
    [XB_K_ADVISORY] = {"advisory", "XSA-{n}", xb_value_form, &no_spec, XB_S_RULES, false},
    [XB_K_ALIAS] = {"alias", "CVE-{n}", xb_value_forms, &no_spec, XB_S_RULES, true},
    [XB_K_BOOKKEEPING] = {"bookkeeping", "", xb_value_paths, &no_spec, XB_S_RULES, true},
    [XB_K_CHANGELOG] = {"changelog", "", xb_value_paths, &no_spec, XB_S_RULES, true},
    [XB_K_FOLLOW_UPS] = {"follow-ups", "yes", xb_value_choice, &yes_no, XB_S_RULES, false},
    [XB_K_TRAILERS] = {"trailers", "yes", xb_value_choice, &yes_no, XB_S_RULES, false},
    [XB_K_NOTES] = {"notes", "refs/notes/xsa", xb_value_notes, &no_spec, XB_S_RULES, false},
    [XB_K_METADATA] = {"metadata", "", xb_value_metadata, &no_spec, XB_S_RULES, false},
    [XB_K_RELAY_HOST] = {"host", "", xb_value_host, &no_spec, XB_S_RELAY, false},
    [XB_K_RELAY_PORT] = {"port", "22", xb_value_number, &port, XB_S_RELAY, false},
    [XB_K_RELAY_USER] = {"user", "xsabot", xb_value_user, &no_spec, XB_S_RELAY, false},
    [XB_K_RELAY_KEY] = {"key", "", xb_value_path, &no_spec, XB_S_RELAY, false},
    [XB_K_RELAY_KNOWN_HOSTS] = {"known-hosts", "", xb_value_path, &no_spec, XB_S_RELAY, false},
    [XB_K_RELAY_TIMEOUT] = {"timeout", "1m", xb_value_period, &no_spec, XB_S_RELAY, false},
    [XB_K_PAGES_URL] = {"url", "", xb_value_web, &no_spec, XB_S_PAGES, false},
    [XB_K_PAGES_CLONE] = {"clone", "", xb_value_web, &no_spec, XB_S_PAGES, false},
    [XB_K_PAGES_DIRECTORY] = {"directory", "", xb_value_dir, &no_spec, XB_S_PAGES, false},
    [XB_K_NAME] = {"name", "xsabot", xb_value_name, &no_spec, XB_S_COMMITTER, false},
    [XB_K_EMAIL] = {"email", "xsabot@invalid", xb_value_email, &no_spec, XB_S_COMMITTER, false},
    [XB_K_COMMAND] = {"command", "none", xb_value_command, &no_spec, XB_S_GATE, false},
    [XB_K_EXTERNAL] = {"external", "no", xb_value_choice, &yes_no, XB_S_GATE, false},
    [XB_K_LINE_GATE] = {"gate", NULL, xb_value_command, &no_spec, XB_S_LINE, false},
    [XB_K_LINE_EXTERNAL] = {"gate-external", NULL, xb_value_choice, &yes_no, XB_S_LINE, false},
    [XB_K_GATE_TIMEOUT] = {"timeout", "2h", xb_value_period, &no_spec, XB_S_GATE, false},
    [XB_K_GATE_RETRY] = {"retry", "10m", xb_value_period, &no_spec, XB_S_GATE, false},
    [XB_K_GATE_JOBS] = {"jobs", "4", xb_value_number, &gate_jobs, XB_S_GATE, false},
    [XB_K_GATE_MEMORY] = {"memory", "4G", xb_value_size, &or_none, XB_S_GATE, false},
    [XB_K_GATE_MEMORY_TOTAL] = {"memory-total", "8G", xb_value_size, &or_none, XB_S_GATE, false},
    [XB_K_GATE_OUTPUT] = {"output", "1M", xb_value_size, &no_spec, XB_S_GATE, false},
    [XB_K_GATE_NETWORK] = {"network", "no", xb_value_choice, &yes_no, XB_S_GATE, false},
    [XB_K_GATE_SANDBOX] = {"sandbox", "require", xb_value_choice, &sandbox, XB_S_GATE, false},
    [XB_K_GATE_WRITABLE] = {"writable", NULL, xb_value_path, &no_spec, XB_S_GATE, true},
    [XB_K_GATE_HIDE] = {"hide", NULL, xb_value_path, &no_spec, XB_S_GATE, true},
    [XB_K_MAIL_FROM] = {"from", NULL, xb_value_mailbox, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_CONTACT] = {"contact", NULL, xb_value_address, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_TO] = {"to", NULL, xb_value_addresses, &no_spec, XB_S_MAIL, true},
    [XB_K_MAIL_ANNOUNCE] = {"announce", NULL, xb_value_addresses, &no_spec, XB_S_MAIL, true},
    [XB_K_MAIL_MAINTAINERS] = {"maintainers", "no", xb_value_choice, &yes_no, XB_S_MAIL, false},
    [XB_K_MAIL_DOMAINS] = {"maintainers-domains", NULL, xb_value_domains, &no_spec, XB_S_MAIL, true},
    [XB_K_MAIL_LIST_ID] = {"list-id", NULL, xb_value_domain, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_TRANSPORT] = {"transport", "smtp://localhost", xb_value_transport, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_TLS] = {"tls", "auto", xb_value_choice, &mail_tls, XB_S_MAIL, false},
    [XB_K_MAIL_CA] = {"ca", "", xb_value_dir, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_USER] = {"user", "", xb_value_word, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_SECRET] = {"secret", "", xb_value_secret, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_TIMEOUT] = {"timeout", "2m", xb_value_period, &mail_timeout, XB_S_MAIL, false},
    [XB_K_MAIL_REMIND] = {"remind", "never", xb_value_period, &or_never, XB_S_MAIL, false},
    [XB_K_MAIL_CAP] = {"cap", "100", xb_value_number, &mail_cap, XB_S_MAIL, false},
    [XB_K_MAIL_FAILING] = {"failing", "6h", xb_value_period, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_TEMPLATES] = {"templates", "", xb_value_dir, &no_spec, XB_S_MAIL, false},
    [XB_K_MAIL_PRIVATE] = {"private", "no", xb_value_choice, &yes_no, XB_S_MAIL, false},
    [XB_K_LINE_MAIL_TO] = {"mail-to", NULL, xb_value_addresses, &no_spec, XB_S_LINE, true},
    /* clang-format on */
};

/* ---- settings ---- */

static void setting_release(struct xb_setting *s)
{
	xb_strv_release(&s->texts);
	free(s->line);
}

static void scope_release(struct xb_scope *s)
{
	for (size_t i = 0; i < XB_K_COUNT; i++)
		setting_release(&s->set[i]);
	free(s->name);
}

static void scopes_release(struct xb_scopes *s)
{
	for (size_t i = 0; i < s->n; i++)
		scope_release(&s->v[i]);
	free(s->v);
}

void xb_config_reader_release(struct xb_config_reader *r)
{
	scopes_release(&r->lines);
	scopes_release(&r->mirrors);
	scope_release(&r->common);
	free(r->heading);
	xb_mistakes_release(&r->m);
}

static void setting_add(struct xb_setting *s, const char *text, unsigned line)
{
	xb_strv_add(&s->texts, text);
	s->line = xb_realloc(s->line, s->texts.cap, sizeof *s->line);
	s->line[s->texts.n - 1] = line;
}

static struct xb_scope *named_scope(struct xb_config_reader *r, struct xb_scopes *all, const char *name,
				    unsigned line)
{
	struct xb_scope *s;

	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].name, name))
			return &all->v[i];
	if (all->n == XB_LINES_MAX) {
		xb_mistake(&r->m, line, "[%s]: one section of its kind too many; allowed: %d", r->heading,
			   XB_LINES_MAX);
		return NULL;
	}
	s = XB_PUSH(all, v, n, cap); /* moves the others: r->now is set anew */
	s->name = xb_strdup(name);
	s->line = line;
	return s;
}

/* A section that is one of several: SECTION with the name of one; 0 when there is a mistake in it. */
static enum xb_section named_section(struct xb_config_reader *r, enum xb_section section, const char *name,
				     unsigned line)
{
	if (!xb_line_name_ok(name)) {
		xb_mistake(&r->m, line,
			   "[%s]: no name of a %s; allowed: letters, digits and ._+-, no other at the ends",
			   r->heading, section == XB_S_LINE ? "line" : "mirror");
		return 0;
	}
	r->now = named_scope(r, section == XB_S_LINE ? &r->lines : &r->mirrors, name, line);
	return r->now ? section : 0;
}

static void on_section(void *ctx, const char *name, unsigned line)
{
	struct xb_config_reader *r = ctx;

	free(r->heading);
	r->heading = xb_strdup(name);
	r->now = &r->common;
	r->section = 0;
	if (!strncmp(name, "line ", 5)) {
		r->section = named_section(r, XB_S_LINE, name + 5, line);
		return;
	}
	if (!strncmp(name, "mirror ", 7)) {
		r->section = named_section(r, XB_S_MIRROR, name + 7, line);
		return;
	}
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (!strcmp(name, sections[i].name))
			r->section = sections[i].section;
	if (r->section == XB_S_MAIL && !r->mail_line)
		r->mail_line = line;
	if (!r->section)
		xb_mistake(&r->m, line, "[%s]: unknown section; allowed: " SECTIONS_ALLOWED, name);
}

/* ---- keys ---- */

static void add_sections(struct xb_buf *b, unsigned which)
{
	static const struct {
		const char *name;
		enum xb_section section;
	} named[] = {{"line NAME", XB_S_LINE}, {"mirror NAME", XB_S_MIRROR}};

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (sections[i].section & which)
			xb_buf_addf(b, "%s[%s]", b->n ? " or " : "", sections[i].name);
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (named[i].section & which)
			xb_buf_addf(b, "%s[%s]", b->n ? " or " : "", named[i].name);
}

static void unknown_key(struct xb_config_reader *r, const char *name, unsigned line)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT, elsewhere = XB_BUF_INIT;

	for (size_t i = 0; i < XB_K_COUNT; i++)
		if (keys[i].sections & r->section)
			xb_buf_addf(&b, "%s%s", b.n ? ", " : "", keys[i].name);
		else if (!strcmp(keys[i].name, name))
			add_sections(&elsewhere, keys[i].sections);
	if (elsewhere.n)
		xb_buf_addf(&b, " (%s belongs in %s)", name, elsewhere.p);
	xb_mistake(&r->m, line, "[%s] %s: unknown key; allowed: %s", r->heading, name, b.p);
}

static void read_key(struct xb_config_reader *r, const struct key *k, const char *value, unsigned line)
{
	struct xb_setting *s = &r->now->set[k - keys];
	struct xb_value_spec spec = *k->spec;
	XB_AUTOFREE char *why = NULL;

	spec.one_line = r->section == XB_S_LINE;
	why = k->check(value, &spec);
	if (!why && s->texts.n && !k->repeats)
		why = xb_asprintf("set in line %u already; allowed: once", s->line[0]);
	setting_add(s, value, line);
	if (!why)
		return;
	s->bad = true;
	r->bad_refs = r->bad_refs || k->check == xb_value_refpat || k->check == xb_value_notes;
	xb_mistake(&r->m, line, "[%s] %s: %s", r->heading, k->name, why);
}

static void on_entry(void *ctx, const char *name, const char *value, unsigned line)
{
	struct xb_config_reader *r = ctx;

	if (!r->heading)
		xb_mistake(&r->m, line, "%s: a key before any section; allowed: " SECTIONS_ALLOWED, name);
	if (!r->section)
		return;
	if (r->section == XB_S_PICKS) {
		xb_config_pick_read(r, name, value, line);
		return;
	}
	for (size_t i = 0; i < XB_K_COUNT; i++)
		if ((keys[i].sections & r->section) && !strcmp(keys[i].name, name)) {
			read_key(r, &keys[i], value, line);
			return;
		}
	unknown_key(r, name, line);
}

void xb_config_text_read(struct xb_config_reader *r, const char *text, size_t n)
{
	r->now = &r->common;
	xb_ini_read(text, n, &(struct xb_ini_reader){on_section, on_entry, r}, &r->m);
}

/* ---- what is in force ---- */

const char *xb_key_name(enum xb_key key)
{
	return keys[key].name;
}

const char *xb_key_default(enum xb_key key)
{
	return keys[key].def;
}

const struct xb_setting *xb_setting_given(const struct xb_config_reader *r, const struct xb_scope *scope,
					  enum xb_key key)
{
	if (scope->set[key].texts.n && !scope->set[key].bad)
		return &scope->set[key];
	return r->common.set[key].texts.n && !r->common.set[key].bad ? &r->common.set[key] : NULL;
}

const char *xb_setting_text(const struct xb_config_reader *r, const struct xb_scope *scope, enum xb_key key)
{
	const struct xb_setting *s = xb_setting_given(r, scope, key);

	return s ? s->texts.v[0] : keys[key].def;
}

const char *xb_setting_own(const struct xb_scope *scope, enum xb_key key)
{
	const struct xb_setting *s = &scope->set[key];

	return s->texts.n && !s->bad ? s->texts.v[0] : keys[key].def;
}

int xb_setting_choice(const struct xb_config_reader *r, const struct xb_scope *scope, enum xb_key key)
{
	return xb_choice(keys[key].spec->choices, xb_setting_text(r, scope, key));
}
