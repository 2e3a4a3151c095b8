/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refs.h"

#include "refs/refpat.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* One would not read more, and each is a pair out of very many. */
#define CLASHES_MAX 20

enum ref_key { REF_STAGING, REF_RELEASE, REF_NOTES, REF_DERIVED, REF_DERIVED_RELEASE, REF_CHAIN };

static const char *const key_names[] = {"staging", "release", "notes", "derived", "derived-release", "chain"};

/* One pattern: of all lines, or of one with its name filled in. */
struct item {
	struct xb_refpat *pat;
	const char *line; /* borrowed; NULL for the pattern of all lines */
	enum ref_key key;
	bool own; /* of the line, not the pattern of all lines with its name */
};

struct items {
	struct item *v;
	size_t n, cap;
	unsigned clashes;
	bool told[REF_CHAIN + 1][REF_CHAIN + 1]; /* for all lines */
	xb_ref_clash *clash;
	void *ctx;
};

static bool is_written(const struct item *i)
{
	return i->key >= REF_DERIVED;
}

/* A clashes with B, or, with B NULL, has a mistake by itself. */
static void tell(struct items *all, const struct item *a, const struct item *b, char *why)
{
	const struct xb_ref_place x = {a->line, key_names[a->key]};
	const struct xb_ref_place y = b ? (struct xb_ref_place){b->line, key_names[b->key]} : x;

	if (all->clashes++ < CLASHES_MAX)
		all->clash(all->ctx, &x, &y, why);
	else
		free(why);
}

static void add(struct items *all, struct item i, const char *text)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	if (!*text)
		return;
	/* The patterns were checked one by one before: no error is left to tell. */
	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_ANY, &pat));
	if (!pat)
		return;
	i.pat = i.line ? xb_refpat_bind(pat, i.line) : XB_STEAL(pat);
	if (i.pat)
		*XB_PUSH(all, v, n, cap) = i;
	else
		tell(all, &i, NULL,
		     xb_asprintf(
			 "'%s' makes no valid ref name with the line '%s'; allowed: names that git takes",
			 text, i.line));
}

static const char *text_of(const struct xb_line_conf *conf, enum ref_key key)
{
	const char *const texts[] = {
	    [REF_STAGING] = conf->staging,
	    [REF_RELEASE] = conf->release,
	    [REF_NOTES] = "",
	    [REF_DERIVED] = conf->derived,
	    [REF_CHAIN] = conf->chain,
	    [REF_DERIVED_RELEASE] = conf->derived_release,
	};

	return texts[key];
}

/* DEF: the patterns of all lines, or those are CONF. */
static void add_line(struct items *all, const char *line, const struct xb_line_conf *conf,
		     const struct xb_line_conf *def)
{
	for (enum ref_key key = REF_STAGING; key <= REF_CHAIN; key++) {
		const char *text = text_of(conf, key);

		add(all, (struct item){.line = line, .key = key, .own = strcmp(text, text_of(def, key)) != 0},
		    text);
	}
}

static void release_items(struct items *all)
{
	for (size_t i = 0; i < all->n; i++)
		xb_refpat_free(all->v[i].pat);
	free(all->v);
}

static bool has_override(const struct xb_config *c, const char *name)
{
	return xb_config_line(c, name) != &c->line_default;
}

/* "derived ('refs/...')", or "derived of the line 4.17 (...)", owned by the caller. */
static char *item_name(const struct item *i)
{
	const char *key = key_names[i->key], *text = xb_refpat_text(i->pat);

	return i->line ? xb_asprintf("%s of the line %s ('%s')", key, i->line, text)
		       : xb_asprintf("%s ('%s')", key, text);
}

/*
 * The pattern of all lines matches what another line has written out, unless it
 * is for that same line; {line} of 4 with {n} of 17 is {line} of 4.17. So what
 * is derived is compared with its like only where both names are known.
 */
static bool is_comparable(const struct item *a, const struct item *b)
{
	if (!is_written(b))
		return true;
	if (a->key == REF_CHAIN || b->key == REF_CHAIN)
		return a->key != b->key || (a->line && b->line);
	return a->line && b->line;
}

static const char *clashing(const struct item *a, const struct item *b)
{
	if (xb_refpat_overlap(a->pat, b->pat))
		return "can be the same ref as";
	if (xb_refpat_nests(a->pat, b->pat))
		return "can't exist in git beside";
	return NULL;
}

/* What clashes for all lines is not told again for each line that has no section of its own. */
static void report(struct items *all, const struct item *a, const struct item *b)
{
	XB_AUTOFREE char *other = item_name(b);

	if (all->told[a->key][b->key] && !a->own && !b->own)
		return;
	all->told[a->key][b->key] = all->told[a->key][b->key] || (!a->line && !b->line);
	tell(all, a, b,
	     xb_asprintf("'%s' %s %s; allowed: refs that nothing else uses", xb_refpat_text(a->pat),
			 clashing(a, b), other));
}

/* An override's own ref that is the one of some other line by the pattern of all lines. */
static void compare_override(struct items *all, const struct xb_config *c, const struct item *a,
			     const struct item *b)
{
	XB_AUTOFREE char *line = NULL;

	if (!a->line || b->line || a->key != b->key || !is_written(a) || xb_refpat_holds(a->pat))
		return;
	if (!xb_refpat_match(b->pat, xb_refpat_text(a->pat), &line, NULL) || !line ||
	    !strcmp(line, a->line) || has_override(c, line) || !xb_config_selects(c, line))
		return;
	tell(all, a, b,
	     xb_asprintf("'%s' is the ref of the line %s; allowed: refs that nothing else uses",
			 xb_refpat_text(a->pat), line));
}

static void compare_all(struct items *all, const struct xb_config *c)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->n && all->clashes < CLASHES_MAX; k++) {
			const struct item *a = &all->v[i], *b = &all->v[k];

			if (is_written(a) && (!is_written(b) || k < i) && is_comparable(a, b) &&
			    clashing(a, b))
				report(all, a, b);
			compare_override(all, c, a, b);
		}
}

/* derived and derived-release for all lines, with the name of a line like any other. */
static void check_sample(struct items *all, const struct xb_line_conf *conf)
{
	struct items two = {.clash = all->clash, .ctx = all->ctx};

	add(&two, (struct item){.line = "1.2", .key = REF_DERIVED}, conf->derived);
	add(&two, (struct item){.line = "1.2", .key = REF_DERIVED_RELEASE}, conf->derived_release);
	for (size_t i = 0; i < two.n; i++)
		two.v[i].line = NULL;
	if (two.n == 2 && clashing(&two.v[1], &two.v[0]))
		report(all, &two.v[1], &two.v[0]);
	release_items(&two);
}

void xb_config_refs_check(const struct xb_config *c, xb_ref_clash *clash, void *ctx)
{
	const struct xb_line_conf *def = &c->line_default;
	struct items all = {.clash = clash, .ctx = ctx};

	add(&all, (struct item){.key = REF_NOTES}, c->notes);
	add_line(&all, NULL, def, def);
	for (size_t i = 0; i < c->lines.n; i++)
		if (!has_override(c, c->lines.v[i]))
			add_line(&all, c->lines.v[i], def, def);
	for (size_t i = 0; i < c->overrides.n; i++)
		add_line(&all, c->overrides.v[i].name, &c->overrides.v[i].conf, def);
	check_sample(&all, def);
	compare_all(&all, c);
	release_items(&all);
}
