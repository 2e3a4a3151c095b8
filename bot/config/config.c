/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "gitdir.h"
#include "keys.h"
#include "picks.h"
#include "refs.h"
#include "url.h"
#include "os/file.h"
#include "refs/refname.h"
#include "refs/refpat.h"
#include "text/address.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The name under which the upstream keeps its files, beside those of mirrors. */
#define UPSTREAM "upstream"

/* Replaces the text at AT by TEXT, which becomes its own. */
static void replace(char **at, char *text)
{
	free(*at);
	*at = text;
}

/* ---- lines ---- */

static bool has_letters(const char *text)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_ANY, &pat)); /* checked where it stands */
	return pat && xb_refpat_has_letters(pat);
}

/* Not given, derived-release follows derived, so that another project's branches don't become Xen's. */
static void finish_line(struct xb_config_reader *r, const struct xb_scope *s, struct xb_line_conf *l)
{
	unsigned own = xb_key_good(s, XB_S_LINE, "derived-release");
	unsigned line = own ? own : xb_key_good(&r->common, XB_S_LINES, "derived-release");

	l->letters = has_letters(l->release);
	if (!l->derived_release)
		l->derived_release = xb_asprintf("%s.%s", l->derived, l->letters ? "{n:a}" : "{n}");
	else if (l->letters && !has_letters(l->derived_release))
		xb_mistake(
		    &r->m, line,
		    "[lines] derived-release: '%s' has {n}, and release has letters in it; allowed: {n:a}",
		    l->derived_release);
}

static void finish_lines(struct xb_config_reader *r)
{
	struct xb_config *c = r->c;
	char *first = c->lines.n ? c->lines.v[0] : NULL;
	size_t n = first ? strlen(first) : 0;

	xb_keys_inherit(r);
	finish_line(r, &r->common, &c->line_default);
	for (size_t i = 0; i < r->lines.n; i++)
		finish_line(r, &r->lines.v[i], &c->overrides.v[i].conf);
	c->all_lines = first && !strcmp(first, "*");
	if (n && first[n - 1] == '-')
		c->lines_from = xb_memdup0(first, n - 1);
	if (c->all_lines || c->lines_from)
		xb_value_release(XB_VALUE_LIST, &c->lines);
}

/* ---- rules ---- */

static void push_all(struct xb_strv *v, const char *const *texts)
{
	for (; *texts; texts++)
		xb_strv_add(v, *texts);
}

/* Xen's rules are one set: with security of the file's own, nothing else of them that names advisories is
 * left. */
static void finish_rules(struct xb_config_reader *r)
{
	const struct xb_scope *s = &r->common;
	struct xb_config *c = r->c;
	unsigned own = xb_key_line(s, XB_S_RULES, "security"), alias = xb_key_line(s, XB_S_RULES, "alias");

	if (!own)
		push_all(&c->security, xb_xen_security);
	if (!own && !xb_key_line(s, XB_S_RULES, "not-security"))
		push_all(&c->not_security, xb_xen_not_security);
	if (own && !xb_key_line(s, XB_S_RULES, "advisory"))
		xb_mistake(&r->m, own,
			   "[rules] security: patterns of your own need 'advisory' as well; allowed: such as "
			   "advisory = CVE-{n}");
	if (!alias && !own && strcmp(c->advisory, "CVE-{n}") != 0)
		xb_strv_add(&c->alias, "CVE-{n}");
	if (alias && xb_strv_has(&c->alias, c->advisory))
		xb_mistake(&r->m, alias, "[rules] alias: '%s' is what advisory is; allowed: other forms",
			   c->advisory);
	if (!strstr(c->metadata_url, "://")) {
		c->metadata = XB_STEAL(c->metadata_url);
		c->metadata_url = xb_strdup("");
	}
}

/* ---- directories ---- */

/* Where the hook looks, too: beside the git directory by its real path. One that isn't there has no other. */
static char *beside(const char *repository)
{
	XB_AUTOFREE char *dir = repository ? xb_git_dir_of(repository) : NULL;
	XB_AUTOFREE char *real = dir ? realpath(dir, NULL) : NULL;

	return dir ? xb_asprintf("%s.xsabot", real ? real : repository) : NULL;
}

/* The directories that the file doesn't name follow from those that are known. */
static void default_dirs(struct xb_config *c)
{
	if (!c->state_given)
		replace(&c->state_dir, beside(c->repository));
	if (!c->spool_given)
		replace(&c->spool, c->state_dir ? xb_asprintf("%s/spool", c->state_dir) : NULL);
	if (*c->metadata_url)
		replace(&c->metadata,
			c->state_dir ? xb_asprintf("%s/metadata", c->state_dir) : xb_strdup(""));
}

static void finish_dirs(struct xb_config_reader *r)
{
	r->c->state_given = r->c->state_dir;
	r->c->spool_given = r->c->spool;
	default_dirs(r->c);
}

/* ---- remotes and the relay ---- */

static void refuse(struct xb_config_reader *r, const struct xb_scope *s, const char *key,
		   enum xb_url_kind kind)
{
	static const char *const names[] = {"a path", "ssh", "https"};
	enum xb_section section = s->name ? XB_S_MIRROR : XB_S_REPOSITORY;

	if (xb_key_line(s, section, key))
		xb_mistake(&r->m, xb_key_line(s, section, key),
			   "[%s%s] %s: has no use with %s; allowed: with %s",
			   s->name ? "mirror " : "repository", s->name ? s->name : "", key, names[kind],
			   strcmp(key, "ca") ? "ssh" : "https");
}

/* What the URL's kind asks for. */
static void check_kind(struct xb_config_reader *r, const struct xb_scope *s,
		       const struct xb_remote_conf *remote)
{
	enum xb_section section = s->name ? XB_S_MIRROR : XB_S_REPOSITORY;
	const char *key = s->name ? "url" : "upstream";
	struct xb_url u = {0};

	free(xb_url_parse(remote->url, &u)); /* checked where it stands */
	if (u.kind == XB_URL_SSH &&
	    (!xb_key_line(s, section, "key") || !xb_key_line(s, section, "known-hosts")))
		xb_mistake(&r->m, xb_key_line(s, section, key),
			   "[%s%s] %s: ssh needs 'key' and 'known-hosts' as well; allowed: with both",
			   s->name ? "mirror " : "repository", s->name ? s->name : "", key);
	if (u.kind != XB_URL_SSH)
		refuse(r, s, "known-hosts", u.kind);
	if (u.kind != XB_URL_HTTPS)
		refuse(r, s, "ca", u.kind);
	if (u.kind == XB_URL_PATH)
		refuse(r, s, "key", u.kind);
	xb_url_release(&u);
}

static void check_mirror(struct xb_config_reader *r, const struct xb_scope *s, const struct xb_remote_conf *m)
{
	if (!strcmp(s->name, UPSTREAM))
		xb_mistake(&r->m, s->line,
			   "[mirror %s]: that is the name of [repository] upstream; allowed: others",
			   s->name);
	if (!xb_key_line(s, XB_S_MIRROR, "url"))
		xb_mistake(&r->m, s->line,
			   "[mirror %s] url: is missing; allowed: /PATH, ssh://..., https://...", s->name);
	else if (xb_key_good(s, XB_S_MIRROR, "url"))
		check_kind(r, s, m);
}

/* Without an upstream there is no such remote, and nothing that says how it is reached. */
static void finish_upstream(struct xb_config_reader *r)
{
	static const char *const with[] = {"key", "known-hosts", "ca", "timeout", "poll"};
	const struct xb_scope *s = &r->common;
	struct xb_config *c = r->c;
	bool bad =
	    xb_key_line(s, XB_S_REPOSITORY, "upstream") && !xb_key_good(s, XB_S_REPOSITORY, "upstream");

	c->is_private = c->upstream->is_private;
	if (*c->upstream->url && !bad) {
		c->upstream->name = xb_strdup(UPSTREAM);
		check_kind(r, s, c->upstream);
		return;
	}
	xb_remote_conf_release(c->upstream);
	free(XB_STEAL(c->upstream));
	for (size_t i = 0; !bad && i < sizeof with / sizeof *with; i++)
		if (xb_key_line(s, XB_S_REPOSITORY, with[i]))
			xb_mistake(&r->m, xb_key_line(s, XB_S_REPOSITORY, with[i]),
				   "[repository] %s: has no use without 'upstream'; allowed: with it",
				   with[i]);
}

static void finish_remotes(struct xb_config_reader *r)
{
	finish_upstream(r);
	for (size_t i = 0; i < r->mirrors.n; i++)
		check_mirror(r, &r->mirrors.v[i], &r->c->mirrors.v[i]);
}

static void check_relay(struct xb_config_reader *r)
{
	static const char *const with[] = {"key", "known-hosts"};
	unsigned host = xb_key_line(&r->common, XB_S_RELAY, "host");

	for (size_t i = 0; host && i < sizeof with / sizeof *with; i++)
		if (!xb_key_line(&r->common, XB_S_RELAY, with[i]))
			xb_mistake(&r->m, host, "[relay] host: needs '%s' as well; allowed: /DIRECTORY/...",
				   with[i]);
}

/* ---- mail ---- */

/* Where a key of [mail] stands; WHERE it does not, 0. */
static unsigned mail_key(const struct xb_config_reader *r, const char *key)
{
	return xb_key_line(&r->common, XB_S_MAIL, key);
}

static unsigned mail_key_or_section(const struct xb_config_reader *r, const char *key)
{
	return mail_key(r, key) ? mail_key(r, key) : r->mail_line;
}

static void finish_sender(struct xb_mail_conf *m)
{
	if (!m->from) {
		replace(&m->from_name, xb_strdup(""));
		m->from = xb_strdup("");
	}
	if (!m->contact)
		m->contact = xb_strdup(m->from);
	if (!m->list_id)
		m->list_id = *m->from ? xb_asprintf("xsabot.%s", xb_address_domain(m->from)) : xb_strdup("");
}

/* What each of several keys allows alone but not beside the others. */
static void check_mail(struct xb_config_reader *r, const struct xb_mail_conf *m)
{
	unsigned user = mail_key(r, "user"), secret = mail_key(r, "secret");
	bool any = mail_key(r, "to") || mail_key(r, "announce");

	for (size_t i = 0; i < r->lines.n; i++)
		any = any || xb_key_line(&r->lines.v[i], XB_S_LINE, "mail-to");
	if (!mail_key(r, "from"))
		xb_mistake(&r->m, r->mail_line,
			   "[mail] from: missing; allowed: the address that mail comes from");
	if (!any)
		xb_mistake(&r->m, r->mail_line,
			   "[mail] to: nobody gets mail; allowed: to, announce, or mail-to of a line");
	if (m->maintainers && !mail_key(r, "maintainers-domains"))
		xb_mistake(&r->m, mail_key_or_section(r, "maintainers"),
			   "[mail] maintainers: needs maintainers-domains; allowed: yes beside it, or no");
	if (!user != !secret)
		xb_mistake(&r->m, user ? user : secret, "[mail] %s: needs %s as well; allowed: both or none",
			   user ? "user" : "secret", user ? "secret" : "user");
	if (*m->transport == '/' && (user || secret || mail_key(r, "ca") || mail_key(r, "tls")))
		xb_mistake(
		    &r->m, mail_key_or_section(r, "transport"),
		    "[mail] transport: a program takes no user, secret, tls or ca; allowed: these with "
		    "smtp:// or smtps://");
}

static void finish_mail(struct xb_config_reader *r)
{
	struct xb_mail_conf *m = &r->c->mail;

	for (size_t i = 0; i < r->lines.n; i++) {
		unsigned line = xb_key_line(&r->lines.v[i], XB_S_LINE, "mail-to");

		if (line && !r->mail_line)
			xb_mistake(&r->m, line,
				   "[line %s] mail-to: there is no [mail] section; allowed: beside one",
				   r->lines.v[i].name);
	}
	finish_sender(m);
	if (r->mail_line)
		check_mail(r, m);
	m->closed = r->c->is_private && !m->is_private;
	m->on = r->mail_line && !m->closed;
	m->maintainers &= !r->c->is_private; /* whom a tree names was not marked by anyone */
}

/* ---- refs that clash ---- */

static const struct xb_scope *scope_of(const struct xb_config_reader *r, const char *line)
{
	for (size_t i = 0; line && i < r->lines.n; i++)
		if (!strcmp(r->lines.v[i].name, line))
			return &r->lines.v[i];
	return &r->common;
}

/* The line of the file that the pattern of S by that name comes from, 0: none; OWN: it is not all lines'. A
 * derived-release that nobody set comes from derived. */
static unsigned ref_line(const struct xb_config_reader *r, const struct xb_scope *s, const char *key,
			 bool *own)
{
	const char *const names[] = {key, strcmp(key, "derived-release") ? NULL : "derived"};

	for (size_t i = 0; i < 2 && names[i]; i++) {
		unsigned all =
		    xb_key_good(&r->common, strcmp(key, "notes") ? XB_S_LINES : XB_S_RULES, names[i]);
		unsigned line = s->name ? xb_key_good(s, XB_S_LINE, names[i]) : 0;

		*own = line;
		if (line || all)
			return line ? line : all;
	}
	*own = s->name;
	return 0;
}

/* The line of the file where PLACE was set, or else where its line is named; 0: by no text of the file. */
static unsigned line_of(const struct xb_config_reader *r, const struct xb_ref_place *place)
{
	const struct xb_scope *s = scope_of(r, place->line);
	bool own;
	unsigned line = ref_line(r, s, place->key, &own);

	if (line)
		return line;
	return s->name ? s->line : place->line ? xb_key_line(&r->common, XB_S_LINES, "lines") : 0;
}

static void on_clash(void *ctx, const struct xb_ref_place *a, const struct xb_ref_place *b, char *why)
{
	struct xb_config_reader *r = ctx;
	const struct xb_scope *s = scope_of(r, a->line);
	bool own;
	unsigned line = ref_line(r, s, a->key, &own);

	if (!line)
		line = line_of(r, b);
	if (!line)
		line = line_of(r, a);
	if (own)
		xb_mistake(&r->m, line, "[line %s] %s: %s", s->name, a->key, why);
	else
		xb_mistake(&r->m, line, "[lines] %s: %s", a->key, why);
	free(why);
}

/* ---- loading ---- */

/* What the keys say together. */
static void finish(struct xb_config_reader *r)
{
	finish_lines(r);
	finish_rules(r);
	finish_dirs(r);
	finish_remotes(r);
	finish_mail(r);
	check_relay(r);
	xb_config_picks_check(r);
	if (!r->bad_refs)
		xb_config_refs_check(r->c, on_clash, r);
}

struct xb_err *xb_config_parse(const char *file, const char *text, size_t n, struct xb_config **out)
{
	XB_AUTOPTR(xb_config) *c = xb_calloc(1, sizeof *c);
	XB_AUTO(xb_config_reader_release)
	struct xb_config_reader r = {.m.file = file ? file : "defaults", .c = c};

	*out = NULL;
	c->file = file ? xb_strdup(file) : NULL;
	xb_keys_read(&r, text, n);
	finish(&r);
	XB_TRY(xb_mistakes_error(&r.m));
	*out = XB_STEAL(c);
	return NULL;
}

struct xb_err *xb_config_load(const char *file, struct xb_config **out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_err *err;

	*out = NULL;
	if (!file)
		return xb_config_parse(NULL, "", 0, out);
	err = xb_file_read(file, XB_INI_SIZE_MAX, &b);
	/* A wrong -c, not a fault of the system. */
	if (err && err->code != XB_E_TEMP)
		err->code = XB_E_CONFIG;
	if (err)
		return xb_err_wrap(err, "configuration");
	return xb_config_parse(file, b.p ? b.p : "", b.n, out);
}

void xb_config_set_repository(struct xb_config *c, const char *path)
{
	char *repository = xb_strdup(path);

	for (size_t n = strlen(path); n > 1 && repository[n - 1] == '/'; n--)
		repository[n - 1] = '\0';
	replace(&c->repository, repository);
	default_dirs(c);
}

void xb_config_free(struct xb_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->picks.n; i++) {
		XB_FREE(c->picks.v[i].commit, c->picks.v[i].word, c->picks.v[i].value);
	}
	free(c->picks.v);
	xb_keys_release(c);
	XB_FREE(c->file, c->lines_from, c->metadata, c);
}

/* ---- looking things up ---- */

const struct xb_line_conf *xb_config_line(const struct xb_config *c, const char *name)
{
	for (size_t i = 0; i < c->overrides.n; i++)
		if (!strcmp(c->overrides.v[i].name, name))
			return &c->overrides.v[i].conf;
	return &c->line_default;
}

bool xb_config_selects(const struct xb_config *c, const char *name)
{
	if (c->all_lines || xb_strv_has(&c->lines, name) || xb_config_line(c, name) != &c->line_default)
		return true;
	return c->lines_from && xb_version_ok(name) && xb_version_cmp(name, c->lines_from) >= 0;
}

bool xb_config_has_external(const struct xb_config *c)
{
	bool yes = c->line_default.external;

	for (size_t i = 0; i < c->overrides.n; i++)
		yes = yes || c->overrides.v[i].conf.external;
	return yes;
}
