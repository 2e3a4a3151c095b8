/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "config-refs.h"
#include "config-value.h"
#include "refpat.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/ini.h"

#include <stdlib.h>
#include <string.h>

/* Lines that a file names: more are a mistake, and every pair of them is compared. */
#define LINES_MAX 200

/*
 * The file is read into texts, each checked by itself where it stands; then the
 * texts in force are looked up (a [line NAME] section, [lines] and [policy], the
 * default), whatever the order of the sections, and put into the fields.
 */

enum section {
	S_REPOSITORY = 1,
	S_LINES = 2,
	S_LINE = 4, /* [line NAME] */
	S_RULES = 8,
	S_PICKS = 16,
	S_POLICY = 32,
	S_COMMITTER = 64,
};

static const struct {
	const char *name;
	enum section section;
} sections[] = {
    {"repository", S_REPOSITORY}, {"lines", S_LINES},   {"rules", S_RULES},
    {"picks", S_PICKS},           {"policy", S_POLICY}, {"committer", S_COMMITTER},
};

#define SECTIONS_ALLOWED "[repository], [lines], [line NAME], [rules], [picks], [policy], [committer]"

enum key_id {
	K_PATH,
	K_STATE,
	K_SPOOL,
	K_STAGING,
	K_RELEASE,
	K_DERIVED,
	K_DERIVED_RELEASE,
	K_CHAIN,
	K_RELEASES,
	K_LINES,
	K_ON_BLOCK,
	K_HISTORY,
	K_PUBLISH,
	K_VERSION,
	K_SECURITY,
	K_NOT_SECURITY,
	K_ADVISORY,
	K_ALIAS,
	K_FOLLOW_UPS,
	K_TRAILERS,
	K_NOTES,
	K_METADATA,
	K_NAME,
	K_EMAIL,
	KEYS,
};

#define PATTERN(...)                                                                                         \
	{                                                                                                    \
		.needs = __VA_ARGS__                                                                         \
	}

/* DEF NULL: no text says the default; see resolve(). */
static const struct key {
	const char *name;
	unsigned sections;
	const char *def;
	xb_value_check *check;
	struct xb_value_spec spec;
	bool repeats;
} keys[KEYS] = {
    [K_PATH] = {"path", S_REPOSITORY, NULL, xb_value_path, {0}, false},
    [K_STATE] = {"state", S_REPOSITORY, NULL, xb_value_path, {0}, false},
    [K_SPOOL] = {"spool", S_REPOSITORY, NULL, xb_value_path, {0}, false},
    [K_STAGING] = {"staging", S_LINES | S_LINE, "refs/heads/staging-{line}", xb_value_refpat,
		   PATTERN(XB_REFPAT_LINE), false},
    [K_RELEASE] = {"release", S_LINES | S_LINE, "refs/tags/RELEASE-{line}.{n}", xb_value_refpat,
		   PATTERN(XB_REFPAT_LINE | XB_REFPAT_N), false},
    [K_DERIVED] = {"derived", S_LINES | S_LINE, "refs/heads/xsa-{line}", xb_value_refpat,
		   PATTERN(XB_REFPAT_LINE), false},
    [K_DERIVED_RELEASE] = {"derived-release", S_LINES | S_LINE, NULL, xb_value_refpat,
			   PATTERN(XB_REFPAT_LINE | XB_REFPAT_N), false},
    [K_CHAIN] = {"chain", S_LINES | S_LINE, "none", xb_value_refpat,
		 PATTERN(XB_REFPAT_LINE, .optional = true), false},
    [K_RELEASES] = {"releases", S_LINES | S_LINE, "newest", xb_value_releases, {0}, false},
    [K_LINES] = {"lines", S_LINES, "*", xb_value_lines, {0}, true},
    [K_ON_BLOCK] = {"on-block", S_POLICY | S_LINE, "hold", xb_value_choice, {.choices = "hold skip"}, false},
    [K_HISTORY] =
	{"history", S_POLICY | S_LINE, "stitch", xb_value_choice, {.choices = "stitch rewrite"}, false},
    [K_PUBLISH] = {"publish",
		   S_POLICY | S_LINE,
		   "now",
		   xb_value_choice,
		   {.choices = "now", .hint = " (this version of xsabot knows no other)"},
		   false},
    [K_VERSION] = {"version", S_RULES, "1", xb_value_version, {0}, false},
    [K_SECURITY] = {"security", S_RULES, NULL, xb_value_regex, {0}, true},
    [K_NOT_SECURITY] = {"not-security", S_RULES, NULL, xb_value_regex, {0}, true},
    [K_ADVISORY] = {"advisory", S_RULES, "XSA-{n}", xb_value_form, {0}, false},
    [K_ALIAS] = {"alias", S_RULES, "CVE-{n}", xb_value_forms, {0}, true},
    [K_FOLLOW_UPS] = {"follow-ups", S_RULES, "yes", xb_value_choice, {.choices = "no yes"}, false},
    [K_TRAILERS] = {"trailers", S_RULES, "yes", xb_value_choice, {.choices = "no yes"}, false},
    [K_NOTES] = {"notes", S_RULES, "refs/notes/xsa", xb_value_notes, {0}, false},
    [K_METADATA] = {"metadata", S_RULES, "", xb_value_dir, {0}, false},
    [K_NAME] = {"name", S_COMMITTER, "xsabot", xb_value_name, {0}, false},
    [K_EMAIL] = {"email", S_COMMITTER, "xsabot@invalid", xb_value_email, {0}, false},
};

/* Annotations' words, and what their values are made of. */
static const struct word {
	const char *name, *allowed;
	bool advisory, commit, text, tag;
} words[] = {
    {"Security", "an advisory", .advisory = true},
    {"Prerequisite-of", "an advisory or a commit", .advisory = true, .commit = true},
    {"Follow-up-to", "an advisory or a commit", .advisory = true, .commit = true},
    {"Exclude", "a reason", .text = true},
    {"Replaced-by", "a commit, and perhaps the release that it is for", .commit = true, .tag = true},
};

#define WORDS_ALLOWED "Security, Prerequisite-of, Follow-up-to, Exclude, Replaced-by"

/* ---- what the file says ---- */

struct setting {
	struct xb_strv texts; /* several only where the key repeats */
	unsigned *line;       /* of each text; grows with texts.cap */
	bool bad;             /* given, but with a mistake */
};

/* All sections but [line NAME] share one scope: their keys differ. */
struct scope {
	char *name; /* of [line NAME]; NULL */
	unsigned line;
	struct setting set[KEYS];
};

struct reader {
	struct xb_mistakes m;
	struct xb_config *c;
	struct scope common, *now;
	enum section section; /* of now; 0: an unknown one */
	char *heading;
	struct {
		struct scope **v;
		size_t n, cap;
	} lines;
	bool bad_refs; /* a ref pattern has a mistake: comparing them would tell of more that aren't there */
};

static void setting_release(struct setting *s)
{
	for (size_t i = 0; i < s->texts.n; i++)
		free(s->texts.v[i]);
	free(s->texts.v);
	free(s->line);
}

static void scope_release(struct scope *s)
{
	for (size_t i = 0; i < KEYS; i++)
		setting_release(&s->set[i]);
	free(s->name);
}

static void reader_release(struct reader *r)
{
	for (size_t i = 0; i < r->lines.n; i++) {
		scope_release(r->lines.v[i]);
		free(r->lines.v[i]);
	}
	free(r->lines.v);
	scope_release(&r->common);
	free(r->heading);
	xb_mistakes_release(&r->m);
}

static void push_text(struct xb_strv *v, const char *text)
{
	*XB_PUSH(v, v, n, cap) = xb_strdup(text);
}

static void setting_add(struct setting *s, const char *text, unsigned line)
{
	push_text(&s->texts, text);
	s->line = xb_realloc(s->line, s->texts.cap, sizeof *s->line);
	s->line[s->texts.n - 1] = line;
}

static struct scope *line_scope(struct reader *r, const char *name, unsigned line)
{
	struct scope *s;

	for (size_t i = 0; i < r->lines.n; i++)
		if (!strcmp(r->lines.v[i]->name, name))
			return r->lines.v[i];
	if (r->lines.n == LINES_MAX) {
		xb_mistake(&r->m, line, "[line %s]: one line too many; allowed: %d", name, LINES_MAX);
		return NULL;
	}
	s = xb_calloc(1, sizeof *s);
	s->name = xb_strdup(name);
	s->line = line;
	*XB_PUSH(&r->lines, v, n, cap) = s;
	return s;
}

static enum section line_section(struct reader *r, const char *name, unsigned line)
{
	if (!xb_line_name_ok(name)) {
		xb_mistake(
		    &r->m, line,
		    "[line %s]: no name of a line; allowed: letters, digits and ._+-, no other at the ends",
		    name);
		return 0;
	}
	r->now = line_scope(r, name, line);
	return r->now ? S_LINE : 0;
}

static void on_section(void *ctx, const char *name, unsigned line)
{
	struct reader *r = ctx;

	free(r->heading);
	r->heading = xb_strdup(name);
	r->now = &r->common;
	r->section = 0;
	if (!strncmp(name, "line ", 5)) {
		r->section = line_section(r, name + 5, line);
		return;
	}
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (!strcmp(name, sections[i].name))
			r->section = sections[i].section;
	if (!r->section)
		xb_mistake(&r->m, line, "[%s]: unknown section; allowed: " SECTIONS_ALLOWED, name);
}

/* ---- picks ---- */

static bool is_advisory(const struct xb_config *c, const char *id)
{
	bool is = xb_form_match(c->advisory, id);

	for (size_t i = 0; i < c->alias.n; i++)
		is = is || xb_form_match(c->alias.v[i], id);
	return is;
}

static const struct word *find_word(const char *value, size_t len)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].name) == len && !memcmp(words[i].name, value, len))
			return &words[i];
	return NULL;
}

static void read_pick(struct reader *r, const char *key, const char *value, unsigned line)
{
	size_t len = strcspn(value, ":");
	const char *text = value[len] ? value + len + 1 + strspn(value + len + 1, " \t") : "";
	const struct word *w = find_word(value, len);
	struct xb_pick_conf *p;

	if (!xb_commit_ok(key, strlen(key)))
		xb_mistake(&r->m, line, "[picks] %s: no commit; allowed: 7 to 64 lower-case hex digits", key);
	else if (!w || !value[len])
		xb_mistake(
		    &r->m, line,
		    "[picks] %s: '%s' begins with no known word; allowed: WORD: TEXT with " WORDS_ALLOWED,
		    key, value);
	else if (!*text)
		xb_mistake(&r->m, line, "[picks] %s: nothing after '%s:'; allowed: %s", key, w->name,
			   w->allowed);
	else {
		p = XB_PUSH(&r->c->picks, v, n, cap);
		*p = (struct xb_pick_conf){xb_strdup(key), xb_strdup(w->name), xb_strdup(text), line};
	}
}

/* Only once the advisory's form is known, which may stand further down. */
static bool pick_value_ok(const struct xb_config *c, const struct word *w, const char *text)
{
	const char *first, *second, *third;
	size_t n = xb_next_word(&text, &first), more = xb_next_word(&text, &second);
	XB_AUTOFREE char *id = xb_memdup0(first, n);

	if (w->text)
		return true;
	if (more && (!w->tag || xb_next_word(&text, &third)))
		return false;
	return (w->commit && xb_commit_ok(first, n)) || (w->advisory && is_advisory(c, id));
}

static int pick_cmp(const void *a, const void *b)
{
	const struct xb_pick_conf *const *x = a, *const *y = b;
	int d = strcmp((*x)->commit, (*y)->commit);

	if (!d)
		d = strcmp((*x)->word, (*y)->word);
	return d ? d : strcmp((*x)->value, (*y)->value);
}

static int pick_cmp_line(const void *a, const void *b)
{
	const struct xb_pick_conf *const *x = a, *const *y = b;
	int d = pick_cmp(a, b);

	return d ? d : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

/* The picks in an order of their own; the array is the caller's. */
static const struct xb_pick_conf **sorted_picks(const struct xb_config *c)
{
	const struct xb_pick_conf **v = xb_calloc(c->picks.n, sizeof(*v));

	for (size_t i = 0; i < c->picks.n; i++)
		v[i] = &c->picks.v[i];
	qsort((void *)v, c->picks.n, sizeof *v, pick_cmp_line);
	return v;
}

static void check_picks(struct reader *r)
{
	const struct xb_pick_conf **v = sorted_picks(r->c);

	for (size_t i = 0; i < r->c->picks.n; i++) {
		const struct word *w = find_word(v[i]->word, strlen(v[i]->word));

		if (i && !pick_cmp(&v[i - 1], &v[i]))
			xb_mistake(&r->m, v[i]->line, "[picks] %s: said in line %u already; allowed: once",
				   v[i]->commit, v[i - 1]->line);
		if (!r->common.set[K_ADVISORY].bad && !r->common.set[K_ALIAS].bad && w &&
		    !pick_value_ok(r->c, w, v[i]->value))
			xb_mistake(&r->m, v[i]->line,
				   "[picks] %s: '%s' is not what belongs after '%s:'; allowed: %s",
				   v[i]->commit, v[i]->value, w->name, w->allowed);
	}
	free((void *)v);
}

/* ---- keys ---- */

static void unknown_key(struct reader *r, const char *name, unsigned line)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].sections & r->section)
			xb_buf_addf(&b, "%s%s", b.n ? ", " : "", keys[i].name);
	xb_mistake(&r->m, line, "[%s] %s: unknown key; allowed: %s", r->heading, name, b.p);
}

static void read_key(struct reader *r, const struct key *k, const char *value, unsigned line)
{
	struct setting *s = &r->now->set[k - keys];
	struct xb_value_spec spec = k->spec;
	XB_AUTOFREE char *why = NULL;

	spec.one_line = r->section == S_LINE;
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
	struct reader *r = ctx;

	if (!r->heading)
		xb_mistake(&r->m, line, "%s: a key before any section; allowed: " SECTIONS_ALLOWED, name);
	if (!r->section)
		return;
	if (r->section == S_PICKS) {
		read_pick(r, name, value, line);
		return;
	}
	for (size_t i = 0; i < KEYS; i++)
		if ((keys[i].sections & r->section) && !strcmp(keys[i].name, name)) {
			read_key(r, &keys[i], value, line);
			return;
		}
	unknown_key(r, name, line);
}

/* ---- the texts in force, and the fields ---- */

/* The setting of KEY that counts for SCOPE, or NULL: neither it nor [lines] or [policy] have it. */
static const struct setting *given(const struct reader *r, const struct scope *scope, enum key_id key)
{
	if (scope->set[key].texts.n && !scope->set[key].bad)
		return &scope->set[key];
	return r->common.set[key].texts.n && !r->common.set[key].bad ? &r->common.set[key] : NULL;
}

static const char *text_of(const struct reader *r, const struct scope *scope, enum key_id key)
{
	const struct setting *s = given(r, scope, key);

	return s ? s->texts.v[0] : keys[key].def;
}

static char *dup_or_none(const char *text)
{
	return xb_strdup(xb_is_none(text) ? "" : text);
}

static int choice_of(const struct reader *r, const struct scope *scope, enum key_id key)
{
	return xb_choice(keys[key].spec.choices, text_of(r, scope, key));
}

static unsigned releases_of(const char *text)
{
	return !strcmp(text, "newest") ? 1 : !strcmp(text, "all") ? 0 : (unsigned)strtoul(text, NULL, 10);
}

/* Not given, it follows derived, so that another project's branches don't become Xen's. */
static char *derived_release(const struct reader *r, const struct scope *scope, const char *derived)
{
	const char *text = text_of(r, scope, K_DERIVED_RELEASE);

	return text ? xb_strdup(text) : xb_asprintf("%s.{n}", derived);
}

static struct xb_line_conf line_conf(const struct reader *r, const struct scope *s)
{
	const char *derived = text_of(r, s, K_DERIVED);

	return (struct xb_line_conf){
	    .staging = xb_strdup(text_of(r, s, K_STAGING)),
	    .release = xb_strdup(text_of(r, s, K_RELEASE)),
	    .derived = xb_strdup(derived),
	    .derived_release = derived_release(r, s, derived),
	    .chain = dup_or_none(text_of(r, s, K_CHAIN)),
	    .releases = releases_of(text_of(r, s, K_RELEASES)),
	    .on_block = choice_of(r, s, K_ON_BLOCK) ? XB_SKIP : XB_HOLD,
	    .history = choice_of(r, s, K_HISTORY) ? XB_REWRITE : XB_STITCH,
	};
}

static void resolve_lines(struct reader *r)
{
	r->c->line_default = line_conf(r, &r->common);
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct scope *s = r->lines.v[i];

		*XB_PUSH(&r->c->overrides, v, n, cap) =
		    (struct xb_line_override){xb_strdup(s->name), line_conf(r, s)};
	}
}

static bool has(const struct xb_strv *v, const char *text)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], text))
			return true;
	return false;
}

/* Adds the words of the Ith text of a key that is a list. */
static void add_words(struct reader *r, enum key_id key, size_t i, struct xb_strv *to)
{
	const struct setting *s = &r->common.set[key];
	const char *text = s->texts.v[i], *word;
	size_t n;

	while ((n = xb_next_word(&text, &word))) {
		XB_AUTOFREE char *w = xb_memdup0(word, n);

		if (has(to, w))
			xb_mistake(&r->m, s->line[i], "[%s] %s: '%s' twice; allowed: once",
				   key == K_LINES ? "lines" : "rules", keys[key].name, w);
		else if (to->n == LINES_MAX)
			xb_mistake(&r->m, s->line[i], "[%s] %s: '%s' is one too many; allowed: %d",
				   key == K_LINES ? "lines" : "rules", keys[key].name, w, LINES_MAX);
		else
			push_text(to, w);
	}
}

static bool is_from(const char *text)
{
	return *text && text[strlen(text) - 1] == '-';
}

static void resolve_selection(struct reader *r)
{
	const struct setting *s = given(r, &r->common, K_LINES);
	const char *text = s ? s->texts.v[0] : keys[K_LINES].def;

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
			add_words(r, K_LINES, i, &r->c->lines);
}

static void push_all(struct xb_strv *v, const char *const *texts)
{
	for (; *texts; texts++)
		push_text(v, *texts);
}

/* "key =" alone empties the list. */
static void resolve_patterns(struct reader *r, enum key_id key, struct xb_strv *to, const char *const *def)
{
	const struct setting *s = &r->common.set[key];

	if (!s->texts.n && def)
		push_all(to, def);
	for (size_t i = 0; i < s->texts.n; i++) {
		const char *text = s->texts.v[i];

		if (!*text && s->texts.n > 1)
			xb_mistake(&r->m, s->line[i],
				   "[rules] %s: nothing, beside other patterns; allowed: alone",
				   keys[key].name);
		else if (has(to, text))
			xb_mistake(&r->m, s->line[i], "[rules] %s: the same pattern twice; allowed: once",
				   keys[key].name);
		else if (*text)
			push_text(to, text);
	}
}

/* Xen's rules are one set: with security of the file's own, nothing else of them that names advisories is
 * left. */
static void resolve_rules(struct reader *r)
{
	struct xb_config *c = r->c;
	const struct setting *own = r->common.set[K_SECURITY].texts.n ? &r->common.set[K_SECURITY] : NULL;
	const struct setting *alias = &r->common.set[K_ALIAS];

	resolve_patterns(r, K_SECURITY, &c->security, xb_xen_security);
	resolve_patterns(r, K_NOT_SECURITY, &c->not_security, own ? NULL : xb_xen_not_security);
	if (own && !r->common.set[K_ADVISORY].texts.n)
		xb_mistake(&r->m, own->line[0],
			   "[rules] security: patterns of your own need 'advisory' as well; allowed: such as "
			   "advisory "
			   "= CVE-{n}");
	c->advisory = xb_strdup(text_of(r, &r->common, K_ADVISORY));
	for (size_t i = 0; i < alias->texts.n && !alias->bad; i++)
		add_words(r, K_ALIAS, i, &c->alias);
	if (!alias->texts.n && !own && strcmp(c->advisory, keys[K_ALIAS].def) != 0)
		push_text(&c->alias, keys[K_ALIAS].def);
	if (alias->texts.n && has(&c->alias, c->advisory))
		xb_mistake(&r->m, alias->line[0],
			   "[rules] alias: '%s' is what advisory is; allowed: other forms", c->advisory);
}

static void resolve_rest(struct reader *r)
{
	struct xb_config *c = r->c;
	const struct scope *s = &r->common;

	c->rules_version = (unsigned)strtoul(text_of(r, s, K_VERSION), NULL, 10);
	c->follow_ups = choice_of(r, s, K_FOLLOW_UPS);
	c->trailers = choice_of(r, s, K_TRAILERS);
	c->notes = dup_or_none(text_of(r, s, K_NOTES));
	c->metadata = xb_strdup(text_of(r, s, K_METADATA));
	c->committer_name = xb_strdup(text_of(r, s, K_NAME));
	c->committer_email = xb_strdup(text_of(r, s, K_EMAIL));
}

static char *dup_path(const char *path)
{
	size_t n = path ? strlen(path) : 0;

	while (n > 1 && path[n - 1] == '/')
		n--;
	return path ? xb_memdup0(path, n) : NULL;
}

/* The directories that the file doesn't name follow from those that are known. */
static void default_dirs(struct xb_config *c)
{
	if (!c->state_given) {
		free(c->state_dir);
		c->state_dir = c->repository ? xb_asprintf("%s.xsabot", c->repository) : NULL;
	}
	if (!c->spool_given) {
		free(c->spool);
		c->spool = c->state_dir ? xb_asprintf("%s/spool", c->state_dir) : NULL;
	}
}

static void resolve_dirs(struct reader *r)
{
	struct xb_config *c = r->c;

	c->repository = dup_path(text_of(r, &r->common, K_PATH));
	c->state_dir = dup_path(text_of(r, &r->common, K_STATE));
	c->spool = dup_path(text_of(r, &r->common, K_SPOOL));
	c->state_given = c->state_dir;
	c->spool_given = c->spool;
	default_dirs(c);
}

/* ---- refs that clash ---- */

static const enum key_id ref_keys[] = {
    [XB_REF_STAGING] = K_STAGING, [XB_REF_RELEASE] = K_RELEASE, [XB_REF_NOTES] = K_NOTES,
    [XB_REF_DERIVED] = K_DERIVED, [XB_REF_CHAIN] = K_CHAIN,     [XB_REF_DERIVED_RELEASE] = K_DERIVED_RELEASE,
};

/* The setting that a pattern comes from; a derived-release that nobody set comes from derived. */
static const struct setting *ref_setting(const struct reader *r, const struct scope *scope, enum key_id key)
{
	const struct setting *s = given(r, scope, key);

	return s || key != K_DERIVED_RELEASE ? s : given(r, scope, K_DERIVED);
}

static const struct scope *scope_of(const struct reader *r, const char *line)
{
	for (size_t i = 0; line && i < r->lines.n; i++)
		if (!strcmp(r->lines.v[i]->name, line))
			return r->lines.v[i];
	return &r->common;
}

/* The line of the file where PLACE was set, or else where its line is named; 0: by no text of the file. */
static unsigned line_of(const struct reader *r, const struct xb_ref_place *place)
{
	const struct scope *scope = scope_of(r, place->line);
	const struct setting *s = ref_setting(r, scope, ref_keys[place->key]);
	const struct setting *lines = &r->common.set[K_LINES];

	if (s)
		return s->line[0];
	return scope->name ? scope->line : place->line && lines->texts.n ? lines->line[0] : 0;
}

static void on_clash(void *ctx, const struct xb_ref_place *a, const struct xb_ref_place *b, char *why)
{
	struct reader *r = ctx;
	const struct scope *scope = scope_of(r, a->line);
	enum key_id key = ref_keys[a->key];
	const struct setting *s = ref_setting(r, scope, key);
	unsigned line = s ? line_of(r, a) : 0;
	bool own = scope->name && (!s || s != ref_setting(r, &r->common, key));

	if (!line)
		line = line_of(r, b);
	if (!line)
		line = line_of(r, a);
	if (own)
		xb_mistake(&r->m, line, "[line %s] %s: %s", scope->name, keys[key].name, why);
	else
		xb_mistake(&r->m, line, "[lines] %s: %s", keys[key].name, why);
	free(why);
}

/* ---- loading ---- */

static void resolve(struct reader *r)
{
	resolve_dirs(r);
	resolve_lines(r);
	resolve_selection(r);
	resolve_rules(r);
	resolve_rest(r);
	check_picks(r);
	if (!r->bad_refs)
		xb_config_refs_check(r->c, on_clash, r);
}

struct xb_err *xb_config_parse(const char *file, const char *text, size_t n, struct xb_config **out)
{
	struct xb_config *c = xb_calloc(1, sizeof *c);
	struct reader r = {.m.file = file ? file : "defaults", .c = c, .now = &r.common};
	struct xb_err *err;

	*out = NULL;
	c->file = file ? xb_strdup(file) : NULL;
	xb_ini_read(text, n, &(struct xb_ini_reader){on_section, on_entry, &r}, &r.m);
	resolve(&r);
	err = xb_mistakes_error(&r.m);
	reader_release(&r);
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

static void strv_release(struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
}

static void line_conf_release(struct xb_line_conf *l)
{
	free(l->staging);
	free(l->release);
	free(l->derived);
	free(l->derived_release);
	free(l->chain);
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
	strv_release(&c->lines);
	strv_release(&c->security);
	strv_release(&c->not_security);
	strv_release(&c->alias);
}

void xb_config_free(struct xb_config *c)
{
	if (!c)
		return;
	lists_release(c);
	line_conf_release(&c->line_default);
	free(c->file);
	free(c->repository);
	free(c->state_dir);
	free(c->spool);
	free(c->lines_from);
	free(c->advisory);
	free(c->notes);
	free(c->committer_name);
	free(c->committer_email);
	free(c->metadata);
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
	if (c->all_lines || has(&c->lines, name) || xb_config_line(c, name) != &c->line_default)
		return true;
	return c->lines_from && xb_version_ok(name) && xb_version_cmp(name, c->lines_from) >= 0;
}

static void dump_all(struct xb_buf *out, const char *key, const struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		xb_buf_addf(out, "%s = %s\n", key, v->v[i]);
	if (!v->n)
		xb_buf_addf(out, "%s =\n", key);
}

/* The built-in patterns are not spelled out: they belong to the version, and are longer than a line may be. */
static void dump_patterns(struct xb_buf *out, const char *key, const struct xb_strv *v,
			  const char *const *built_in)
{
	size_t n = 0;

	while (n < v->n && built_in[n] && !strcmp(v->v[n], built_in[n]))
		n++;
	if (n < v->n || built_in[n])
		dump_all(out, key, v);
}

static const char *yes_no(bool x)
{
	return x ? "yes" : "no";
}

static void dump_picks(const struct xb_config *c, struct xb_buf *out)
{
	const struct xb_pick_conf **v = sorted_picks(c);

	if (c->picks.n)
		xb_buf_adds(out, "[picks]\n");
	for (size_t i = 0; i < c->picks.n; i++)
		xb_buf_addf(out, "%s = %s: %s\n", v[i]->commit, v[i]->word, v[i]->value);
	free((void *)v);
}

void xb_config_dump(const struct xb_config *c, const char *line, struct xb_buf *out)
{
	xb_buf_addf(out, "[rules]\nversion = %u\n", c->rules_version);
	dump_patterns(out, "security", &c->security, xb_xen_security);
	dump_patterns(out, "not-security", &c->not_security, xb_xen_not_security);
	xb_buf_addf(out, "advisory = %s\n", c->advisory);
	dump_all(out, "alias", &c->alias);
	xb_buf_addf(out, "follow-ups = %s\ntrailers = %s\nnotes = %s\n", yes_no(c->follow_ups),
		    yes_no(c->trailers), c->notes);
	xb_buf_addf(out, "[policy]\non-block = %s\n",
		    xb_config_line(c, line)->on_block == XB_SKIP ? "skip" : "hold");
	xb_buf_addf(out, "[committer]\nname = %s\nemail = %s\n", c->committer_name, c->committer_email);
	dump_picks(c, out);
}
