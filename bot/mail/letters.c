/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "letters.h"

#include "template.h"
#include "words.h"
#include "odb/tree.h"
#include "outbox/letter.h"
#include "repo/git.h"
#include "text/address.h"
#include "util/alloc.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- who looks after a file ---- */

enum { PEOPLE_MAX = 20, PATTERN_MAX = 300 };

struct section {
	struct xb_strv people;
	bool matches, excluded, all; /* all: its pattern is for whatever no other section has */
};

struct reader {
	const struct xb_strv *paths, *domains;
	struct section now;
	struct xb_strv *out, rest;
	bool any;
};

/* "dir/" is all below it; a pattern without wildcards at its end may name a directory, too; "*" stays within
 * one. */
static bool path_matches(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);
	XB_AUTOFREE char *below = NULL;

	if (!n || n > PATTERN_MAX)
		return false;
	if (!fnmatch(pattern, path, FNM_PATHNAME))
		return true;
	below = xb_asprintf(pattern[n - 1] == '/' ? "%s*" : "%s/*", pattern);
	return !fnmatch(below, path, FNM_PATHNAME | FNM_LEADING_DIR);
}

static bool any_matches(const char *pattern, const struct xb_strv *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (path_matches(pattern, paths->v[i]))
			return true;
	return false;
}

/* "Name <address>" or "address"; what is not in an allowed domain is nobody. */
static void add_person(struct reader *r, const char *value, size_t n)
{
	const char *open = memchr(value, '<', n),
		   *close = open ? memchr(open, '>', n - (size_t)(open - value)) : NULL;
	const char *from = open ? open + 1 : value;
	size_t len = close ? (size_t)(close - from) : open ? 0 : n;
	XB_AUTOFREE char *address = xb_memdup0(from, len);

	if (!len || !xb_address_ok(address, len))
		return;
	for (size_t i = 0; i < r->domains->n; i++)
		if (!strcasecmp(xb_address_domain(address), r->domains->v[i]) && r->now.people.n < PEOPLE_MAX)
			xb_strv_add_new(&r->now.people, address);
}

static void end_section(struct reader *r)
{
	struct xb_strv *to = r->now.all ? &r->rest : r->out;

	if (r->now.matches && !r->now.excluded) {
		r->any = r->any || !r->now.all;
		for (size_t i = 0; i < r->now.people.n && to->n < PEOPLE_MAX; i++)
			xb_strv_add_new(to, r->now.people.v[i]);
	}
	xb_strv_release(&r->now.people);
	r->now = (struct section){.all = false};
}

static void take_line(struct reader *r, const char *p, size_t n)
{
	size_t from = 2;

	if (n < 3 || p[1] != ':' || memchr(p, '\0', n))
		return;
	while (from < n && (p[from] == ' ' || p[from] == '\t'))
		from++;
	while (n > from && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
		n--;
	if (p[0] == 'M') {
		add_person(r, p + from, n - from);
	} else if (p[0] == 'F' || p[0] == 'X') {
		XB_AUTOFREE char *pattern = xb_memdup0(p + from, n - from);
		bool all = !strcmp(pattern, "*") || !strcmp(pattern, "*/");

		if (p[0] == 'X')
			r->now.excluded |= any_matches(pattern, r->paths);
		else if (all)
			r->now.all = r->now.matches = true;
		else
			r->now.matches |= any_matches(pattern, r->paths);
	}
}

void xb_letters_match(const char *text, size_t n, const struct xb_strv *paths, const struct xb_strv *domains,
		      struct xb_strv *out)
{
	struct reader r = {.paths = paths, .domains = domains, .out = out};

	while (n) {
		const char *eol = memchr(text, '\n', n);
		size_t len = eol ? (size_t)(eol - text) : n;

		if (!len)
			end_section(&r);
		else
			take_line(&r, text, len);
		n -= eol ? len + 1 : len;
		text += eol ? len + 1 : len;
	}
	end_section(&r);
	for (size_t i = 0; !r.any && i < r.rest.n; i++)
		xb_strv_add_new(out, r.rest.v[i]);
	xb_strv_release(&r.rest);
}

struct xb_err *xb_letters_people(struct xb_store *s, const git_oid *root, const struct xb_strv *paths,
				 const struct xb_strv *domains, struct xb_strv *out)
{
	struct xb_entry e;
	struct xb_obj *o;

	XB_TRY(xb_tree_lookup_path(s, root, "MAINTAINERS", &e));
	if (!xb_entry_is_file(&e))
		return NULL;
	XB_TRY(xb_store_get(s, &e.oid, GIT_OBJECT_BLOB, &o));
	xb_letters_match((const char *)o->data, o->len, paths, domains, out);
	return NULL;
}

/* ---- letters ---- */

#define RULE "----------------------------------------\n"
enum { LINES_MAX = 6 };

static void notice_release(struct xb_notice *n)
{
	char *const texts[] = {n->target, n->line, n->what,       n->key,     n->subject, n->body,
			       n->id,     n->ref,  n->references, n->old_rev, n->new_rev};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	xb_strv_release(&n->people);
}

void xb_notices_release(struct xb_notices *n)
{
	for (size_t i = 0; i < n->n; i++)
		notice_release(&n->v[i]);
	free(n->v);
	*n = (struct xb_notices){0};
}

void xb_letters_release(struct xb_letters *p)
{
	for (size_t i = 0; i < p->n; i++) {
		XB_FREE(p->v[i].to, p->v[i].reason, p->v[i].digest, p->v[i].v);
	}
	free(p->v);
	*p = (struct xb_letters){0};
}

/* ---- who gets what ---- */

/* The recipient's mail of all its notices so far. */
static struct xb_letters_one *post_to(struct xb_letters *out, const char *to, const char *reason)
{
	struct xb_letters_one *p;

	for (size_t i = 0; i < out->n; i++)
		if (!strcasecmp(out->v[i].to, to))
			return &out->v[i];
	p = XB_PUSH(out, v, n, cap);
	p->to = xb_strdup(to);
	p->reason = xb_strdup(reason);
	p->digest = xb_strdup("");
	return p;
}

static void add_to(struct xb_letters *out, const struct xb_strv *addresses, const char *reason, size_t notice)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct xb_letters_one *p = post_to(out, addresses->v[i], reason);

		if (!p->n || p->v[p->n - 1] != notice)
			*XB_PUSH(p, v, n, cap) = notice;
	}
}

static void address_notice(const struct xb_config *c, const struct xb_notice *n, size_t i,
			   struct xb_letters *out)
{
	const struct xb_line_conf *line = *n->line ? xb_config_line(c, n->line) : NULL;
	XB_AUTOFREE char *all =
	    xb_asprintf("your address is among those that xsabot writes to about %s", xb_words_repository(c));
	XB_AUTOFREE char *one =
	    xb_asprintf("your address is among those that xsabot writes to about %s of %s", n->line,
			xb_words_repository(c));
	XB_AUTOFREE char *person = xb_asprintf(
	    "MAINTAINERS of %s, in %s, names you for the files in conflict", n->line, xb_words_repository(c));
	XB_AUTOFREE char *news =
	    xb_asprintf("your address is among those that xsabot announces the branches of "
			"%s to",
			xb_words_repository(c));

	if (n->announce) {
		add_to(out, &c->mail.announce, news, i);
		return;
	}
	add_to(out, &c->mail.to, all, i);
	if (line)
		add_to(out, &line->mail_to, one, i);
	add_to(out, &n->people, person, i);
}

static bool several_targets(const struct xb_notices *notices, const struct xb_letters_one *p)
{
	for (size_t i = 1; i < p->n; i++)
		if (strcmp(notices->v[p->v[i]].target, notices->v[p->v[0]].target) != 0)
			return true;
	return false;
}

/* From the ids of what is in it, in whichever order: the same digest for all who get the same, and again. */
static char *digest_id(const struct xb_config *c, const struct xb_notices *notices,
		       const struct xb_letters_one *p)
{
	XB_AUTOSTRV struct xb_strv ids = {0};
	XB_AUTOFREE char *all = NULL;
	git_oid oid = {{0}};

	for (size_t i = 0; i < p->n; i++)
		xb_strv_add(&ids, notices->v[p->v[i]].id);
	xb_strv_sort(&ids);
	all = xb_strv_join(&ids, "\n");
	git_odb_hash(&oid, all, strlen(all), GIT_OBJECT_BLOB);
	return xb_asprintf("xsabot.digest.%.24s@%s", xb_hex(&oid).s, xb_address_domain(c->mail.from));
}

/* The notices of P that are no digest become mails of their own. */
static void split_letters(struct xb_letters *out, const struct xb_letters_one *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct xb_letters_one *one = XB_PUSH(out, v, n, cap);

		one->to = xb_strdup(p->to);
		one->reason = xb_strdup(p->reason);
		one->digest = xb_strdup("");
		*XB_PUSH(one, v, n, cap) = p->v[i];
	}
}

void xb_letters_make(const struct xb_config *c, const struct xb_notices *notices, struct xb_letters *out)
{
	struct xb_letters all = {0};

	for (size_t i = 0; i < notices->n; i++)
		address_notice(c, &notices->v[i], i, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct xb_letters_one *p = &all.v[i];

		if (!several_targets(notices, p)) {
			split_letters(out, p);
			continue;
		}
		free(p->digest);
		p->digest = digest_id(c, notices, p);
		*XB_PUSH(out, v, n, cap) = *p;
		*p = (struct xb_letters_one){0};
	}
	xb_letters_release(&all);
}

/* ---- what it says ---- */

/* "4.17, 4.18 and 3 more" of the notices' targets. */
static char *targets_of(const struct xb_notices *notices, const struct xb_letters_one *p)
{
	struct xb_strv seen = {0};
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < p->n; i++)
		if (*notices->v[p->v[i]].target)
			xb_strv_add_new(&seen, notices->v[p->v[i]].target);
	for (size_t i = 0; i < seen.n && i < LINES_MAX; i++)
		xb_buf_addf(&b, "%s%s", i ? ", " : "", seen.v[i]);
	if (seen.n > LINES_MAX)
		xb_buf_addf(&b, " and %zu more", seen.n - LINES_MAX);
	xb_strv_release(&seen);
	return xb_buf_detach(&b);
}

/* The most pressing first. */
static const char *const order[] = {"FAILING", "HELD",   "WITHDRAWN", "SKIPPED", "BEHIND",
				    "RETIRED", "REVIEW", "RESOLVED",  "PUSHED"};

static size_t count_of(const struct xb_notices *notices, const struct xb_letters_one *p, const char *status)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += !strcmp(notices->v[p->v[i]].status, status);
	return n;
}

/* "4.17, 4.18: 1 HELD, 1 PUSHED". */
static char *digest_summary(const struct xb_notices *notices, const struct xb_letters_one *p)
{
	XB_AUTOFREE char *targets = targets_of(notices, p);
	struct xb_buf b = XB_BUF_INIT;
	size_t said = 0;

	xb_buf_addf(&b, "%s:", targets);
	for (size_t o = 0; o < sizeof order / sizeof *order; o++) {
		size_t n = count_of(notices, p, order[o]);

		if (n)
			xb_buf_addf(&b, "%s %zu %s", said++ ? "," : "", n, order[o]);
	}
	return xb_buf_detach(&b);
}

/* "HELD, PUSHED, DIGEST": so that a filter on what is in it finds it. */
static char *digest_status(const struct xb_notices *notices, const struct xb_letters_one *p)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t o = 0; o < sizeof order / sizeof *order; o++)
		if (count_of(notices, p, order[o]))
			xb_buf_addf(&b, "%s, ", order[o]);
	xb_buf_adds(&b, "DIGEST");
	return xb_buf_detach(&b);
}

/* Nobody need act on it: it may wait. */
static bool is_news(const struct xb_notices *notices, const struct xb_letters_one *p)
{
	return count_of(notices, p, "PUSHED") + count_of(notices, p, "REVIEW") == p->n;
}

static struct xb_err *digest_text(const struct xb_config *c, const struct xb_notices *notices,
				  const struct xb_letters_one *p, struct xb_buf *subject, struct xb_buf *body)
{
	struct xb_buf list = XB_BUF_INIT, bodies = XB_BUF_INIT;
	XB_AUTOFREE char *text = NULL;
	XB_AUTOFIELDS struct xb_fields f = {0};

	XB_TRY(xb_template_load(c->mail.templates, "digest", &text));
	for (size_t i = 0; i < p->n; i++) {
		const struct xb_notice *n = &notices->v[p->v[i]];

		xb_buf_addf(&list, "    %s\n", n->subject);
		xb_buf_addf(&bodies, "%s" RULE "%s\n\n%s", i ? "\n" : "", n->subject, n->body);
	}
	xb_field_set(&f, "summary", digest_summary(notices, p));
	xb_field_set(&f, "count", xb_asprintf("%zu", p->n));
	xb_field_set(&f, "lines", targets_of(notices, p));
	xb_field_set(&f, "list", xb_buf_detach(&list));
	xb_field_set(&f, "bodies", xb_buf_detach(&bodies));
	xb_template_fill(text, &f, subject, body);
	return NULL;
}

static struct xb_err *letter_text(const struct xb_config *c, const struct xb_notices *notices,
				  const struct xb_letters_one *p, struct xb_buf *subject, struct xb_buf *body)
{
	XB_AUTOFREE char *footer = NULL;
	XB_AUTOFIELDS struct xb_fields f = {0};

	if (*p->digest) {
		XB_TRY(digest_text(c, notices, p, subject, body));
	} else {
		xb_buf_adds(subject, notices->v[p->v[0]].subject);
		xb_buf_adds(body, notices->v[p->v[0]].body);
	}
	XB_TRY(xb_template_load(c->mail.templates, "footer", &footer));
	xb_field_set(&f, "reason", xb_strdup(p->reason));
	xb_field_set(&f, "contact", xb_strdup(c->mail.contact));
	xb_buf_adds(body, "\n-- \n");
	xb_template_fill(footer, &f, NULL, body);
	return NULL;
}

/* The values of one header in all notices, each once. */
static char *joined(const struct xb_notices *notices, const struct xb_letters_one *p, size_t offset)
{
	XB_AUTOSTRV struct xb_strv seen = {0};

	for (size_t i = 0; i < p->n; i++) {
		const char *value = *(char *const *)((const char *)&notices->v[p->v[i]] + offset);

		if (*value)
			xb_strv_add_new(&seen, value);
	}
	return xb_strv_join(&seen, ", ");
}

static const char *last_reference(const struct xb_notice *n)
{
	const char *last = strrchr(n->references, ' ');

	return last ? last + 1 : n->references;
}

struct xb_err *xb_letters_entry(const struct xb_config *c, const struct xb_notices *notices,
				const struct xb_letters_one *p, int64_t now, struct xb_outbox_entry *out)
{
	const struct xb_notice *n = &notices->v[p->v[0]];
	bool digest = *p->digest;
	XB_AUTOBUF struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;
	struct xb_buf message = XB_BUF_INIT;
	XB_AUTOFREE char *lines = joined(notices, p, offsetof(struct xb_notice, target));
	XB_AUTOFREE char *status = digest ? digest_status(notices, p) : xb_strdup(n->status);
	XB_AUTOFREE char *whats = joined(notices, p, offsetof(struct xb_notice, what));
	struct xb_letter f = {
	    .from_name = c->mail.from_name,
	    .from = c->mail.from,
	    .to = p->to,
	    .reply_to = strcmp(c->mail.contact, c->mail.from) ? c->mail.contact : NULL,
	    .id = digest ? p->digest : n->id,
	    .in_reply_to = digest ? NULL : last_reference(n),
	    .references = digest ? NULL : n->references,
	    .list_id = c->mail.list_id,
	    .date = now,
	    .headers = {{"X-Xsabot-Line", lines, true},
			{"X-Xsabot-Advisory", whats, true},
			{"X-Xsabot-Status", status, false},
			{"X-Git-Repo", xb_words_repository(c), false},
			{"X-Git-Refname", digest ? NULL : n->ref, false},
			{"X-Git-Reftype", digest || !*n->ref ? NULL : "branch", false},
			{"X-Git-Oldrev", digest ? NULL : n->old_rev, false},
			{"X-Git-Newrev", digest ? NULL : n->new_rev, false}},
	};

	XB_TRY(letter_text(c, notices, p, &subject, &body));
	f.subject = subject.p ? subject.p : "";
	f.body = body.p;
	xb_letter_write(&f, &message);
	*out = (struct xb_outbox_entry){.from = xb_strdup(c->mail.from),
					.to = xb_strdup(p->to),
					.id = xb_strdup(f.id),
					.subject = xb_strdup(f.subject),
					.error = xb_strdup(""),
					.news = is_news(notices, p),
					.queued = now,
					.order = (int64_t)p->v[0],
					.next = now};
	out->message = message;
	return NULL;
}
