/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "gate.h"
#include "gitdir.h"
#include "mail.h"
#include "metadata.h"
#include "pages.h"
#include "picks.h"
#include "refpat.h"
#include "refs.h"
#include "relay.h"
#include "remotes.h"
#include "text.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/ini.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- from texts to fields ---- */

static char *dup_or_none(const char *text)
{
	return xb_strdup(xb_is_none(text) ? "" : text);
}

static unsigned releases_of(const char *text)
{
	return !strcmp(text, "newest") ? 1 : !strcmp(text, "all") ? 0 : (unsigned)strtoul(text, NULL, 10);
}

static bool has_letters(const char *text)
{
	XB_AUTOREFPAT struct xb_refpat *pat = NULL;

	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_ANY, &pat)); /* checked where it stands */
	return pat && xb_refpat_has_letters(pat);
}

/* Not given, it follows derived, so that another project's branches don't become Xen's. */
static char *derived_release(struct xb_config_reader *r, const struct xb_scope *scope, const char *derived)
{
	const struct xb_setting *given = xb_setting_given(r, scope, XB_K_DERIVED_RELEASE);
	bool letters = has_letters(xb_setting_text(r, scope, XB_K_RELEASE));

	if (!given)
		return xb_asprintf("%s.%s", derived, letters ? "{n:a}" : "{n}");
	if (letters && !has_letters(given->texts.v[0]))
		xb_mistake(
		    &r->m, given->line[0],
		    "[lines] derived-release: '%s' has {n}, and release has letters in it; allowed: {n:a}",
		    given->texts.v[0]);
	return xb_strdup(given->texts.v[0]);
}

/* The text of OWN, which one line may give, or that of ALL. */
static const char *own_or_all(const struct xb_config_reader *r, const struct xb_scope *s, enum xb_key own,
			      enum xb_key all)
{
	const struct xb_setting *x = xb_setting_given(r, s, own);

	return x ? x->texts.v[0] : xb_setting_text(r, &r->common, all);
}

static struct xb_line_conf line_conf(struct xb_config_reader *r, const struct xb_scope *s)
{
	const char *derived = xb_setting_text(r, s, XB_K_DERIVED);
	struct xb_publish_rule publish;

	xb_publish_rule_of(xb_setting_text(r, s, XB_K_PUBLISH), &publish);
	return (struct xb_line_conf){
	    .publish = publish,
	    .gate = dup_or_none(own_or_all(r, s, XB_K_LINE_GATE, XB_K_COMMAND)),
	    .external = !strcmp(own_or_all(r, s, XB_K_LINE_EXTERNAL, XB_K_EXTERNAL), "yes"),
	    .staging = xb_strdup(xb_setting_text(r, s, XB_K_STAGING)),
	    .release = xb_strdup(xb_setting_text(r, s, XB_K_RELEASE)),
	    .letters = has_letters(xb_setting_text(r, s, XB_K_RELEASE)),
	    .derived = xb_strdup(derived),
	    .derived_release = derived_release(r, s, derived),
	    .chain = dup_or_none(xb_setting_text(r, s, XB_K_CHAIN)),
	    .releases = releases_of(xb_setting_text(r, s, XB_K_RELEASES)),
	    .on_block = xb_setting_choice(r, s, XB_K_ON_BLOCK) ? XB_SKIP : XB_HOLD,
	    .history = xb_setting_choice(r, s, XB_K_HISTORY) ? XB_REWRITE : XB_STITCH,
	    .cross_check = xb_setting_choice(r, s, XB_K_CROSS_CHECK) != 0,
	};
}

static void resolve_lines(struct xb_config_reader *r)
{
	r->c->line_default = line_conf(r, &r->common);
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct xb_scope *s = &r->lines.v[i];

		*XB_PUSH(&r->c->overrides, v, n, cap) =
		    (struct xb_line_override){xb_strdup(s->name), line_conf(r, s)};
	}
}

/* Adds the words of the Ith text of a key that is a list. */
static void add_words(struct xb_config_reader *r, enum xb_key key, size_t i, struct xb_strv *to)
{
	const struct xb_setting *s = &r->common.set[key];
	const char *text = s->texts.v[i], *word;
	size_t n;

	while ((n = xb_next_word(&text, &word))) {
		XB_AUTOFREE char *w = xb_memdup0(word, n);

		if (xb_strv_has(to, w))
			xb_mistake(&r->m, s->line[i], "[%s] %s: '%s' twice; allowed: once",
				   key == XB_K_LINES ? "lines" : "rules", xb_key_name(key), w);
		else if (to->n == XB_LINES_MAX)
			xb_mistake(&r->m, s->line[i], "[%s] %s: '%s' is one too many; allowed: %d",
				   key == XB_K_LINES ? "lines" : "rules", xb_key_name(key), w, XB_LINES_MAX);
		else
			xb_strv_add(to, w);
	}
}

static bool is_from(const char *text)
{
	return *text && text[strlen(text) - 1] == '-';
}

static void resolve_selection(struct xb_config_reader *r)
{
	const struct xb_setting *s = xb_setting_given(r, &r->common, XB_K_LINES);
	const char *text = s ? s->texts.v[0] : xb_key_default(XB_K_LINES);

	for (size_t i = 0; s && s->texts.n > 1 && i < s->texts.n; i++)
		if (!strcmp(s->texts.v[i], "*") || is_from(s->texts.v[i])) {
			xb_mistake(&r->m, s->line[i], "[lines] lines: '%s' beside another; allowed: alone",
				   s->texts.v[i]);
			return;
		}
	if (!strcmp(text, "*"))
		r->c->all_lines = true;
	else if (is_from(text))
		r->c->lines_from = xb_memdup0(text, strlen(text) - 1);
	else
		for (size_t i = 0; s && i < s->texts.n; i++)
			add_words(r, XB_K_LINES, i, &r->c->lines);
}

static void push_all(struct xb_strv *v, const char *const *texts)
{
	for (; *texts; texts++)
		xb_strv_add(v, *texts);
}

/* "key =" alone empties the list. */
static void resolve_patterns(struct xb_config_reader *r, enum xb_key key, struct xb_strv *to,
			     const char *const *def)
{
	const struct xb_setting *s = &r->common.set[key];

	if (!s->texts.n && def)
		push_all(to, def);
	for (size_t i = 0; i < s->texts.n; i++) {
		const char *text = s->texts.v[i];

		if (!*text && s->texts.n > 1)
			xb_mistake(&r->m, s->line[i],
				   "[rules] %s: nothing, beside other patterns; allowed: alone",
				   xb_key_name(key));
		else if (xb_strv_has(to, text))
			xb_mistake(&r->m, s->line[i], "[rules] %s: the same pattern twice; allowed: once",
				   xb_key_name(key));
		else if (*text)
			xb_strv_add(to, text);
	}
}

/* Xen's rules are one set: with security of the file's own, nothing else of them that names advisories is
 * left. */
static void resolve_rules(struct xb_config_reader *r)
{
	struct xb_config *c = r->c;
	const struct xb_setting *own =
	    r->common.set[XB_K_SECURITY].texts.n ? &r->common.set[XB_K_SECURITY] : NULL;
	const struct xb_setting *alias = &r->common.set[XB_K_ALIAS];

	resolve_patterns(r, XB_K_SECURITY, &c->security, xb_xen_security);
	resolve_patterns(r, XB_K_NOT_SECURITY, &c->not_security, own ? NULL : xb_xen_not_security);
	if (own && !r->common.set[XB_K_ADVISORY].texts.n)
		xb_mistake(&r->m, own->line[0],
			   "[rules] security: patterns of your own need 'advisory' as well; allowed: such as "
			   "advisory "
			   "= CVE-{n}");
	c->advisory = xb_strdup(xb_setting_text(r, &r->common, XB_K_ADVISORY));
	for (size_t i = 0; i < alias->texts.n && !alias->bad; i++)
		add_words(r, XB_K_ALIAS, i, &c->alias);
	if (!alias->texts.n && !own && strcmp(c->advisory, xb_key_default(XB_K_ALIAS)) != 0)
		xb_strv_add(&c->alias, xb_key_default(XB_K_ALIAS));
	if (alias->texts.n && xb_strv_has(&c->alias, c->advisory))
		xb_mistake(&r->m, alias->line[0],
			   "[rules] alias: '%s' is what advisory is; allowed: other forms", c->advisory);
}

static void resolve_rest(struct xb_config_reader *r)
{
	struct xb_config *c = r->c;
	const struct xb_scope *s = &r->common;

	c->rules_version = (unsigned)strtoul(xb_setting_text(r, s, XB_K_VERSION), NULL, 10);
	for (size_t i = 0; i < s->set[XB_K_BOOKKEEPING].texts.n && !s->set[XB_K_BOOKKEEPING].bad; i++)
		add_words(r, XB_K_BOOKKEEPING, i, &c->bookkeeping);
	for (size_t i = 0; i < s->set[XB_K_CHANGELOG].texts.n && !s->set[XB_K_CHANGELOG].bad; i++)
		add_words(r, XB_K_CHANGELOG, i, &c->changelog);
	c->follow_ups = xb_setting_choice(r, s, XB_K_FOLLOW_UPS);
	c->trailers = xb_setting_choice(r, s, XB_K_TRAILERS);
	c->notes = dup_or_none(xb_setting_text(r, s, XB_K_NOTES));
	c->rescan = xb_period_of(xb_setting_text(r, s, XB_K_RESCAN));
	c->sandbox = (enum xb_sandbox_use)xb_setting_choice(r, s, XB_K_SANDBOX);
	c->limit = xb_period_of(xb_setting_text(r, s, XB_K_LIMIT));
	xb_config_metadata_take(c, xb_setting_text(r, s, XB_K_METADATA));
	c->committer_name = xb_strdup(xb_setting_text(r, s, XB_K_NAME));
	c->committer_email = xb_strdup(xb_setting_text(r, s, XB_K_EMAIL));
}

static char *dup_path(const char *path)
{
	size_t n = path ? strlen(path) : 0;

	while (n > 1 && path[n - 1] == '/')
		n--;
	return path ? xb_memdup0(path, n) : NULL;
}

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
	if (!c->state_given) {
		free(c->state_dir);
		c->state_dir = beside(c->repository);
	}
	if (!c->spool_given) {
		free(c->spool);
		c->spool = c->state_dir ? xb_asprintf("%s/spool", c->state_dir) : NULL;
	}
	xb_config_metadata_place(c);
}

static void resolve_dirs(struct xb_config_reader *r)
{
	struct xb_config *c = r->c;

	c->repository = dup_path(xb_setting_text(r, &r->common, XB_K_PATH));
	c->state_dir = dup_path(xb_setting_text(r, &r->common, XB_K_STATE));
	c->spool = dup_path(xb_setting_text(r, &r->common, XB_K_SPOOL));
	c->state_given = c->state_dir;
	c->spool_given = c->spool;
	c->account = xb_strdup(xb_setting_text(r, &r->common, XB_K_ACCOUNT));
	c->account_environment = xb_strdup(xb_setting_text(r, &r->common, XB_K_ACCOUNT_ENVIRONMENT));
	default_dirs(c);
}

/* ---- refs that clash ---- */

static const enum xb_key ref_keys[] = {
    [XB_REF_STAGING] = XB_K_STAGING, [XB_REF_RELEASE] = XB_K_RELEASE,
    [XB_REF_NOTES] = XB_K_NOTES,     [XB_REF_DERIVED] = XB_K_DERIVED,
    [XB_REF_CHAIN] = XB_K_CHAIN,     [XB_REF_DERIVED_RELEASE] = XB_K_DERIVED_RELEASE,
};

/* The setting that a pattern comes from; a derived-release that nobody set comes from derived. */
static const struct xb_setting *ref_setting(const struct xb_config_reader *r, const struct xb_scope *scope,
					    enum xb_key key)
{
	const struct xb_setting *s = xb_setting_given(r, scope, key);

	return s || key != XB_K_DERIVED_RELEASE ? s : xb_setting_given(r, scope, XB_K_DERIVED);
}

static const struct xb_scope *scope_of(const struct xb_config_reader *r, const char *line)
{
	for (size_t i = 0; line && i < r->lines.n; i++)
		if (!strcmp(r->lines.v[i].name, line))
			return &r->lines.v[i];
	return &r->common;
}

/* The line of the file where PLACE was set, or else where its line is named; 0: by no text of the file. */
static unsigned line_of(const struct xb_config_reader *r, const struct xb_ref_place *place)
{
	const struct xb_scope *scope = scope_of(r, place->line);
	const struct xb_setting *s = ref_setting(r, scope, ref_keys[place->key]);
	const struct xb_setting *lines = &r->common.set[XB_K_LINES];

	if (s)
		return s->line[0];
	return scope->name ? scope->line : place->line && lines->texts.n ? lines->line[0] : 0;
}

static void on_clash(void *ctx, const struct xb_ref_place *a, const struct xb_ref_place *b, char *why)
{
	struct xb_config_reader *r = ctx;
	const struct xb_scope *scope = scope_of(r, a->line);
	enum xb_key key = ref_keys[a->key];
	const struct xb_setting *s = ref_setting(r, scope, key);
	unsigned line = s ? line_of(r, a) : 0;
	bool own = scope->name && (!s || s != ref_setting(r, &r->common, key));

	if (!line)
		line = line_of(r, b);
	if (!line)
		line = line_of(r, a);
	if (own)
		xb_mistake(&r->m, line, "[line %s] %s: %s", scope->name, xb_key_name(key), why);
	else
		xb_mistake(&r->m, line, "[lines] %s: %s", xb_key_name(key), why);
	free(why);
}

/* ---- loading ---- */

static void resolve(struct xb_config_reader *r)
{
	resolve_dirs(r);
	resolve_lines(r);
	resolve_selection(r);
	resolve_rules(r);
	resolve_rest(r);
	xb_config_gate(r);
	xb_config_remotes_resolve(r);
	xb_config_mail_resolve(r);
	xb_config_relay(r);
	xb_config_pages(r);
	xb_config_picks_check(r);
	if (!r->bad_refs)
		xb_config_refs_check(r->c, on_clash, r);
}

struct xb_err *xb_config_parse(const char *file, const char *text, size_t n, struct xb_config **out)
{
	struct xb_config *c = xb_calloc(1, sizeof *c);
	struct xb_config_reader r = {.m.file = file ? file : "defaults", .c = c};
	struct xb_err *err;

	*out = NULL;
	c->file = file ? xb_strdup(file) : NULL;
	xb_config_text_read(&r, text, n);
	resolve(&r);
	err = xb_mistakes_error(&r.m);
	xb_config_reader_release(&r);
	if (err)
		xb_config_free(c);
	else
		*out = c;
	return err;
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
	char *repository = dup_path(path);

	free(c->repository);
	c->repository = repository;
	default_dirs(c);
}

static void line_conf_release(struct xb_line_conf *l)
{
	free(l->staging);
	free(l->release);
	free(l->derived);
	free(l->derived_release);
	free(l->chain);
	free(l->gate);
	xb_strv_release(&l->mail_to);
}

static void lists_release(struct xb_config *c)
{
	for (size_t i = 0; i < c->overrides.n; i++) {
		free(c->overrides.v[i].name);
		line_conf_release(&c->overrides.v[i].conf);
	}
	for (size_t i = 0; i < c->picks.n; i++) {
		free(c->picks.v[i].commit);
		free(c->picks.v[i].word);
		free(c->picks.v[i].value);
	}
	free(c->overrides.v);
	free(c->picks.v);
	xb_config_remotes_release(c);
	xb_strv_release(&c->lines);
	xb_strv_release(&c->security);
	xb_strv_release(&c->not_security);
	xb_strv_release(&c->bookkeeping);
	xb_strv_release(&c->changelog);
	xb_strv_release(&c->alias);
	xb_strv_release(&c->gate.writable);
	xb_strv_release(&c->gate.hidden);
}

void xb_config_free(struct xb_config *c)
{
	if (!c)
		return;
	lists_release(c);
	line_conf_release(&c->line_default);
	xb_config_mail_release(&c->mail);
	free(c->file);
	free(c->repository);
	free(c->state_dir);
	free(c->spool);
	free(c->account);
	free(c->account_environment);
	free(c->lines_from);
	free(c->advisory);
	free(c->notes);
	free(c->committer_name);
	free(c->committer_email);
	free(c->metadata);
	free(c->metadata_url);
	xb_pages_conf_release(&c->pages);
	xb_relay_conf_release(&c->relay);
	free(c);
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
