/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include "encoding.h"
#include "quoted.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The text that facts are read from, while they are. */
struct scan {
	const struct xb_rules *rules;
	const char *p;
	size_t n;
	struct xb_message *out;
};

/* Takes one match; *AT is where the search goes on, the match's end unless changed. */
typedef struct xb_err *take_fn(const struct scan *s, const struct xb_match *m, size_t *at);

static struct xb_err *each(const struct scan *s, enum xb_fact fact, take_fn *take)
{
	const struct xb_regex *re = xb_rules_fact(s->rules, fact);
	struct xb_err *err;
	struct xb_match m;
	bool found;

	if (!xb_regex_may_match(re, s->p, s->n))
		return NULL;
	for (size_t at = 0; at < s->n;) {
		XB_TRY(xb_regex_match(re, s->p, s->n, at, &found, &m));
		if (!found)
			return NULL;
		at = m.end[0];
		err = take(s, &m, &at);
		if (err)
			/* cppcheck-suppress returnDanglingLifetime ; errors own their text */
			return err;
	}
	return NULL;
}

static unsigned line_at(const struct scan *s, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += s->p[i] == '\n';
	return line;
}

static char *group(const struct scan *s, const struct xb_match *m, size_t g)
{
	return xb_match_has(m, g) ? xb_memdup0(s->p + m->start[g], m->end[g] - m->start[g]) : NULL;
}

static char *hex_group(const struct scan *s, const struct xb_match *m, size_t g)
{
	char *hex = group(s, m, g);

	for (char *c = hex; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return hex;
}

/* Does the group hold any text? */
static bool filled(const struct xb_match *m, size_t g)
{
	return xb_match_has(m, g) && m->start[g] < m->end[g];
}

static struct xb_err *take_followup(const struct scan *s, const struct xb_match *m, size_t *at)
{
	struct xb_followup *f;

	(void)at;
	if (s->out->followups.n >= XB_FACTS_MAX)
		return xb_too_many("follow-up statements");
	f = XB_PUSH(&s->out->followups, v, n, cap);
	f->text = group(s, m, 0);
	f->line = line_at(s, m->start[0]);
	return xb_rules_ids(s->rules, s->p + m->start[1], m->end[1] - m->start[1], &f->ids, NULL);
}

static struct xb_err *add_origin(const struct scan *s, const struct xb_match *m, enum xb_origin_kind kind)
{
	struct xb_origin *o;

	if (s->out->origins.n >= XB_FACTS_MAX)
		return xb_too_many("origins");
	o = XB_PUSH(&s->out->origins, v, n, cap);
	o->hex = hex_group(s, m, 1);
	o->kind = kind;
	o->line = line_at(s, m->start[1]);
	return NULL;
}

static struct xb_err *take_master(const struct scan *s, const struct xb_match *m, size_t *at)
{
	(void)at;
	return add_origin(s, m, XB_ORIGIN_MASTER);
}

static struct xb_err *take_upstream(const struct scan *s, const struct xb_match *m, size_t *at)
{
	(void)at;
	return add_origin(s, m, XB_ORIGIN_UPSTREAM);
}

/* The next id of a list "A, B and C", exactly at *AT. */
static struct xb_err *next_id(const struct scan *s, size_t *at, bool *found, struct xb_match *m)
{
	XB_TRY(xb_regex_match(xb_rules_fact(s->rules, XB_FACT_NEXT_ID), s->p, s->n, *at, found, m));
	if (*found)
		*at = m->end[0];
	return NULL;
}

static struct xb_err *take_picked(const struct scan *s, const struct xb_match *m, size_t *at)
{
	struct xb_match next = *m;
	bool found = true;

	while (found) {
		XB_TRY(add_origin(s, &next, XB_ORIGIN_PICKED));
		XB_TRY(next_id(s, at, &found, &next));
	}
	return NULL;
}

static struct xb_err *add_revert(const struct scan *s, const struct xb_match *m, size_t g, bool partial)
{
	struct xb_revert *r;

	if (s->out->reverts.n >= XB_FACTS_MAX)
		return xb_too_many("reverts");
	r = XB_PUSH(&s->out->reverts, v, n, cap);
	r->hex = hex_group(s, m, g);
	r->partial = partial;
	r->line = line_at(s, m->start[g]);
	return NULL;
}

static struct xb_err *add_reverts(const struct scan *s, const struct xb_match *m, size_t g, bool partial,
				  size_t *at)
{
	struct xb_match next;
	bool found = true;

	XB_TRY(add_revert(s, m, g, partial));
	for (;;) {
		XB_TRY(next_id(s, at, &found, &next));
		if (!found)
			return NULL;
		XB_TRY(add_revert(s, &next, 1, partial));
	}
}

/* "This effectively reverts ID" is the whole of it; "mostly", "partially", "the X part of" are not. */
static bool is_whole_adverb(const struct scan *s, const struct xb_match *m)
{
	static const char *const whole[] = {"effectively", "essentially", "temporarily", "simply",
					    "fully",       "completely",  "basically",   "entirely"};
	XB_AUTOFREE char *adverb = group(s, m, 1);

	for (size_t i = 0; adverb && i < sizeof whole / sizeof *whole; i++)
		if (!strcasecmp(adverb, whole[i]))
			return true;
	return !adverb;
}

static struct xb_err *take_reverts(const struct scan *s, const struct xb_match *m, size_t *at)
{
	bool partial = !is_whole_adverb(s, m) || filled(m, 2) || filled(m, 3);

	return add_reverts(s, m, 4, partial, at);
}

static struct xb_err *take_revert_id(const struct scan *s, const struct xb_match *m, size_t *at)
{
	return add_reverts(s, m, 3, filled(m, 1) || filled(m, 2), at);
}

static struct xb_err *take_fixes(const struct scan *s, const struct xb_match *m, size_t *at)
{
	bool colon = s->p[m->end[1]] == ':';
	struct xb_fix *f;

	(void)at;
	if (s->out->fixes.n >= XB_FACTS_MAX)
		return xb_too_many("Fixes: lines");
	f = XB_PUSH(&s->out->fixes, v, n, cap);
	f->hex = hex_group(s, m, 2);
	f->subject = xb_quoted_subject(s->p + m->end[2], s->n - m->end[2], colon);
	f->amends = tolower((unsigned char)s->p[m->start[1]]) == 'a';
	f->line = line_at(s, m->start[0]);
	return NULL;
}

static struct xb_err *take_need(const struct scan *s, const struct xb_match *m, size_t *at)
{
	struct xb_need *need;

	(void)at;
	if (s->out->needs.n >= XB_FACTS_MAX)
		return xb_too_many("declared needs");
	need = XB_PUSH(&s->out->needs, v, n, cap);
	need->version = group(s, m, 1);
	need->hex = hex_group(s, m, 2);
	need->subject = group(s, m, 3);
	need->line = line_at(s, m->start[0]);
	return NULL;
}

/* Peels Revert "…" and Reapply "…" off the subject, from outside in. */
static struct xb_err *read_revert_subject(const struct scan *s)
{
	const struct xb_regex *re = xb_rules_fact(s->rules, XB_FACT_REVERT_SUBJECT);
	const char *p = s->out->subject;
	size_t n = strlen(p);
	struct xb_match m;
	bool found;

	while (xb_regex_may_match(re, p, n)) {
		XB_TRY(xb_regex_match(re, p, n, 0, &found, &m));
		if (!found)
			break;
		s->out->revert_depth += filled(&m, 2) ? 2 : 1;
		s->out->revert_partial |= filled(&m, 1) || filled(&m, 3);
		p += m.start[4];
		n = m.end[4] - m.start[4];
	}
	if (s->out->revert_depth)
		s->out->reverted_subject = xb_memdup0(p, n);
	return NULL;
}

static const char *const words[] = {
    [XB_WORD_NONE] = "",
    [XB_WORD_SECURITY] = "Security",
    [XB_WORD_PREREQUISITE_OF] = "Prerequisite-of",
    [XB_WORD_FOLLOW_UP_TO] = "Follow-up-to",
    [XB_WORD_EXCLUDE] = "Exclude",
    [XB_WORD_WITHDRAWN] = "Withdrawn",
    [XB_WORD_REPLACED_BY] = "Replaced-by",
};

enum xb_word xb_word_of(const char *key)
{
	for (enum xb_word w = XB_WORD_SECURITY; w <= XB_WORD_REPLACED_BY; w++)
		if (!strcasecmp(key, words[w]))
			return w;
	return XB_WORD_NONE;
}

const char *xb_word_name(enum xb_word w)
{
	return words[w];
}

static struct xb_err *keep_annotations(struct xb_trailers *t, struct xb_annotations *out)
{
	out->bad_line = t->bad_line;
	for (size_t i = 0; i < t->n; i++) {
		enum xb_word w = xb_word_of(t->v[i].key);
		struct xb_annotation *a;

		if (w == XB_WORD_NONE)
			continue;
		if (out->n >= XB_FACTS_MAX)
			return xb_too_many("annotations");
		a = XB_PUSH(out, v, n, cap);
		a->word = w;
		a->value = t->v[i].value;
		t->v[i].value = NULL;
		a->line = t->v[i].line;
	}
	return NULL;
}

struct xb_err *xb_annotations_of_note(const char *text, size_t n, struct xb_annotations *out)
{
	struct xb_trailers t = {0};
	struct xb_err *err;

	*out = (struct xb_annotations){0};
	xb_trailers_parse(text, n, &t);
	err = keep_annotations(&t, out);
	xb_trailers_release(&t);
	if (err)
		xb_annotations_release(out);
	return err;
}

static struct xb_err *read_annotations(const struct xb_commit *c, struct xb_annotations *out)
{
	XB_AUTO(xb_trailers_release) struct xb_trailers t = {0};

	xb_trailers_of_message(c->message.p, c->message.n, &t);
	return keep_annotations(&t, out);
}

/* A copy without the bot's own trailers and their folded lines: blanks instead, so that places stay true. */
static char *without_own(const char *p, size_t n)
{
	char *copy = xb_memdup0(p, n);
	bool own = false;

	for (size_t at = 0, len; at < n; at += len + 1) {
		len = xb_line_len(copy + at, n - at);
		own =
		    !strncasecmp(copy + at, "Xsabot-", 7) || (own && len && isblank((unsigned char)copy[at]));
		if (own)
			memset(copy + at, ' ', len);
	}
	return copy;
}

/* What is over a bound is not read; that is said, and no more depends on it. */
static struct xb_err *skip(const struct scan *s, struct xb_err *err)
{
	if (!err || err->code != XB_E_HOSTILE)
		return err;
	xb_strv_add_new(&s->out->skipped, err->msg);
	xb_err_free(err);
	return NULL;
}

/* What decides whether it is a fix can't be skipped: a person has to say. */
static struct xb_err *doubt(const struct scan *s, struct xb_err *err)
{
	if (!err || err->code != XB_E_HOSTILE)
		return err;
	if (!s->out->unread)
		s->out->unread = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

static struct xb_err *read_facts(const struct scan *s)
{
	static const struct {
		enum xb_fact fact;
		take_fn *take;
	} facts[] = {
	    {XB_FACT_FOLLOWUP, take_followup},   {XB_FACT_MASTER, take_master},
	    {XB_FACT_UPSTREAM, take_upstream},   {XB_FACT_PICKED, take_picked},
	    {XB_FACT_FIXES, take_fixes},         {XB_FACT_REVERTS, take_reverts},
	    {XB_FACT_REVERT_ID, take_revert_id}, {XB_FACT_NEED, take_need},
	};

	XB_TRY(doubt(s, xb_rules_tags(s->rules, s->p, s->n, &s->out->tags)));
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		XB_TRY(skip(s, each(s, facts[i].fact, facts[i].take)));
	XB_TRY(skip(s, read_revert_subject(s)));
	if (s->out->tags.n || s->out->followups.n || s->out->reverts.n || s->out->revert_depth)
		return NULL;
	return skip(s, xb_rules_named(s->rules, s->p, s->n, &s->out->named));
}

static struct xb_err *parse(const struct xb_rules *rules, const struct xb_commit *c, struct xb_message *out)
{
	size_t n = c->message.n < XB_MESSAGE_MAX ? c->message.n : XB_MESSAGE_MAX;
	XB_AUTOFREE char *text = without_own(c->message.p, n);
	struct scan s = {rules, text, n, out};
	struct xb_err *err;

	*out = (struct xb_message){.subject = xb_commit_subject(c)};
	if (n < c->message.n)
		xb_strv_add(&out->skipped, "its message has more than 1 MiB");
	err = read_facts(&s);
	if (!err)
		err = doubt(&s, read_annotations(c, &out->annotations));
	if (err)
		xb_message_release(out);
	return err;
}

struct xb_err *xb_message_parse(const struct xb_rules *rules, const struct xb_commit *c,
				struct xb_message *out)
{
	struct xb_commit in_utf8 = *c; /* borrows all that it has */
	XB_AUTOFREE char *text =
	    c->message.n <= XB_MESSAGE_MAX ? xb_message_recoded(c, &in_utf8.message.n) : NULL;

	if (text)
		in_utf8.message.p = text;
	return parse(rules, text ? &in_utf8 : c, out);
}

void xb_annotations_release(struct xb_annotations *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i].value);
	free(a->v);
	*a = (struct xb_annotations){0};
}

static void release_followups(struct xb_message *m)
{
	for (size_t i = 0; i < m->followups.n; i++) {
		xb_strv_release(&m->followups.v[i].ids);
		free(m->followups.v[i].text);
	}
	free(m->followups.v);
}

static void release_fixes(struct xb_message *m)
{
	for (size_t i = 0; i < m->fixes.n; i++) {
		XB_FREE(m->fixes.v[i].hex, m->fixes.v[i].subject);
	}
	free(m->fixes.v);
}

static void release_needs(struct xb_message *m)
{
	for (size_t i = 0; i < m->needs.n; i++) {
		XB_FREE(m->needs.v[i].version, m->needs.v[i].hex, m->needs.v[i].subject);
	}
	free(m->needs.v);
}

void xb_message_release(struct xb_message *m)
{
	xb_tags_release(&m->tags);
	xb_strv_release(&m->named);
	release_followups(m);
	for (size_t i = 0; i < m->origins.n; i++)
		free(m->origins.v[i].hex);
	free(m->origins.v);
	release_fixes(m);
	for (size_t i = 0; i < m->reverts.n; i++)
		free(m->reverts.v[i].hex);
	free(m->reverts.v);
	release_needs(m);
	xb_annotations_release(&m->annotations);
	XB_FREE(m->subject, m->reverted_subject, m->unread);
	xb_strv_release(&m->skipped);
	*m = (struct xb_message){.subject = NULL};
}
