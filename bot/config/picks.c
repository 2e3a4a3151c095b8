/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "picks.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Annotations' words, and what their values are made of. */
static const struct word {
	const char *name, *allowed;
	bool advisory, commit, text, tag;
} words[] = {
    {"Security", "an advisory", .advisory = true},
    {"Prerequisite-of", "an advisory or a commit", .advisory = true, .commit = true},
    {"Follow-up-to", "an advisory or a commit", .advisory = true, .commit = true},
    {"Exclude", "a reason", .text = true},
    {"Withdrawn", "a reason", .text = true},
    {"Replaced-by", "a commit, and perhaps the release that it is for", .commit = true, .tag = true},
};

#define WORDS_ALLOWED "Security, Prerequisite-of, Follow-up-to, Exclude, Withdrawn, Replaced-by"

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

void xb_config_pick_read(struct xb_config_reader *r, const char *key, const char *value, unsigned line)
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
	const struct xb_pick_conf *x = a, *y = b;
	int d = strcmp(x->commit, y->commit);

	if (!d)
		d = strcmp(x->word, y->word);
	return d ? d : strcmp(x->value, y->value);
}

static int pick_cmp_line(const void *a, const void *b)
{
	const struct xb_pick_conf *x = a, *y = b;
	int d = pick_cmp(a, b);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

struct xb_pick_conf *xb_config_picks_sorted(const struct xb_config *c)
{
	struct xb_pick_conf *v = xb_calloc(c->picks.n, sizeof *v);

	if (c->picks.n)
		memcpy(v, c->picks.v, c->picks.n * sizeof *v);
	qsort(v, c->picks.n, sizeof *v, pick_cmp_line);
	return v;
}

static void check_pick(struct xb_config_reader *r, const struct xb_pick_conf *p)
{
	const struct word *w = find_word(p->word, strlen(p->word));

	if (w && !pick_value_ok(r->c, w, p->value))
		xb_mistake(&r->m, p->line, "[picks] %s: '%s' is not what belongs after '%s:'; allowed: %s",
			   p->commit, p->value, w->name, w->allowed);
}

void xb_config_picks_check(struct xb_config_reader *r)
{
	/* With a mistake in their forms, no name of an advisory can be told from another text. */
	const struct xb_scope *s = &r->common;
	bool forms = !xb_key_line(s, XB_S_RULES, "advisory") == !xb_key_good(s, XB_S_RULES, "advisory") &&
		     !xb_key_line(s, XB_S_RULES, "alias") == !xb_key_good(s, XB_S_RULES, "alias");
	XB_AUTOFREE struct xb_pick_conf *v = xb_config_picks_sorted(r->c);

	for (size_t i = 0; i < r->c->picks.n; i++) {
		if (i && !pick_cmp(&v[i - 1], &v[i]))
			xb_mistake(&r->m, v[i].line, "[picks] %s: said in line %u already; allowed: once",
				   v[i].commit, v[i - 1].line);
		if (forms)
			check_pick(r, &v[i]);
	}
}
