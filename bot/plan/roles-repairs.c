/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planner.h"
#include "roles-impl.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <ctype.h>
#include <strings.h>

/*
 * What a revert does in fact: a message may say that it reverts a commit of
 * which the change restores nothing. Lines are compared, whatever their place;
 * those without a letter or digit don't count.
 */

enum xb_reverted {
	XB_REVERTED_NOTHING, /* none of the lines that the other commit changed is restored */
	XB_REVERTED_PART,
	XB_REVERTED_ALL,
	XB_REVERTED_UNKNOWN, /* lines don't tell: modes, binary files, links */
};

/* The lines that a change adds and takes away, by their hashes, each with how often. */
struct change {
	struct xb_planner *p;
	struct xb_hashmap added, gone;
};

static void release(struct change *c)
{
	xb_hashmap_release(&c->added);
	xb_hashmap_release(&c->gone);
}

static bool has_word(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isalnum((unsigned char)p[i]) || (unsigned char)p[i] >= 0x80)
			return true;
	return false;
}

/* The lines of BLOB from FROM up to TO. */
static struct xb_err *count(struct change *c, const git_oid *blob, size_t from, size_t to,
			    struct xb_hashmap *in)
{
	struct xb_text *t;

	XB_TRY(xb_picker_text(c->p->plan->picker, blob, &t));
	xb_text_split(t);
	for (size_t line = from; line < to && line < t->n; line++) {
		const char *p = xb_text_at(t, line);
		size_t n = xb_text_size(t, line, line + 1);

		if (has_word(p, n))
			++*xb_hashmap_at(in, xb_line_hash(p, n));
	}
	return NULL;
}

static struct xb_err *see_file(struct change *c, const struct xb_touch *t)
{
	bool was = xb_mode_is_file(t->old_mode), is = xb_mode_is_file(t->new_mode);
	const struct xb_changes *changes;

	if (!was && !is)
		return NULL;
	if (!was)
		return count(c, &t->new_id, 0, SIZE_MAX, &c->added);
	if (!is)
		return count(c, &t->old_id, 0, SIZE_MAX, &c->gone);
	XB_TRY(xb_blame_changes(xb_board_blame(&c->p->board), &t->old_id, &t->new_id, &changes));
	for (size_t k = 0; k < changes->n; k++) {
		const struct xb_change *x = &changes->v[k];

		XB_TRY(count(c, &t->old_id, x->a, x->a + x->an, &c->gone));
		XB_TRY(count(c, &t->new_id, x->b, x->b + x->bn, &c->added));
	}
	return NULL;
}

static struct xb_err *read_change(struct xb_planner *p, const struct xb_hist *h, struct change *out)
{
	XB_AUTO(xb_touches_release) struct xb_touches all = {0};
	git_oid parent;

	out->p = p;
	XB_TRY(xb_hist_parent_tree(p->plan->store, h, &parent));
	XB_TRY(xb_touches_between(p->plan->store, &parent, &h->tree, &all));
	for (size_t k = 0; k < all.n; k++)
		XB_TRY(see_file(out, &all.v[k]));
	return NULL;
}

struct tally {
	const struct xb_hashmap *among; /* NULL: all count */
	size_t n;
};

static void count_one(void *ctx, uint64_t hash, uint64_t value)
{
	struct tally *t = ctx;
	const uint64_t *other = t->among ? xb_hashmap_find(t->among, hash) : &value;

	if (other)
		t->n += *other < value ? *other : value;
}

static size_t how_many(const struct xb_hashmap *m, const struct xb_hashmap *among)
{
	struct tally t = {.among = among};

	xb_hashmap_each(m, count_one, &t);
	return t.n;
}

/* How much of commit OF, of the window or of the base, does commit I of the window undo? */
static struct xb_err *in_fact(struct xb_planner *p, size_t i, const struct xb_hist *of, enum xb_reverted *out)
{
	XB_AUTO(release) struct change back = {.p = p}, first = {.p = p};
	size_t all = 0, restored = 0;

	XB_TRY(read_change(p, of, &first));
	XB_TRY(read_change(p, &p->plan->window.v[i], &back));
	all = how_many(&first.added, NULL) + how_many(&first.gone, NULL);
	restored = how_many(&first.added, &back.gone) + how_many(&first.gone, &back.added);
	*out = !all              ? XB_REVERTED_UNKNOWN
	       : !restored       ? XB_REVERTED_NOTHING
	       : restored == all ? XB_REVERTED_ALL
				 : XB_REVERTED_PART;
	return NULL;
}

static struct xb_repairs *add_repair(struct xb_candidate *c, enum xb_evidence_kind kind, const char *words)
{
	struct xb_repairs *r = XB_PUSH(&c->repairs, v, n, cap);

	r->kind = kind;
	r->window = SIZE_MAX;
	r->words = xb_strdup(words);
	return r;
}

static void repairs_window(struct xb_planner *p, struct xb_candidate *c, size_t target,
			   enum xb_evidence_kind kind, bool reverts, const char *words)
{
	struct xb_repairs *r = add_repair(c, kind, words);

	r->window = target;
	r->oid = p->plan->window.v[target].oid;
	r->reverts = reverts;
}

static void repairs_base(struct xb_candidate *c, const struct xb_hist *h, enum xb_evidence_kind kind,
			 bool reverts, const char *words)
{
	struct xb_repairs *r = add_repair(c, kind, words);

	r->oid = h->oid;
	r->reverts = reverts;
	for (size_t k = 0; k < h->msg.tags.n; k++)
		xb_strv_add_all_new(&r->advisories, &h->msg.tags.v[k].ids);
}

static void warn_about_claim(struct xb_planner *p, size_t i, const struct xb_hist *of, const char *what)
{
	xb_board_warn(&p->board, xb_asprintf("%s says that it reverts %s, %s",
					     xb_hex(&p->plan->window.v[i].oid).s, xb_hex(&of->oid).s, what));
}

/* The newest repair of commit I claims to be a revert of OF. What reverts nothing only mentions it. */
static struct xb_err *check_claim(struct xb_planner *p, size_t i, const struct xb_hist *of)
{
	struct xb_candidate *c = &p->board.c[i];
	struct xb_repairs *r = &c->repairs.v[c->repairs.n - 1];
	enum xb_reverted how;

	if (!r->reverts)
		return NULL;
	XB_TRY(in_fact(p, i, of, &how));
	if (how == XB_REVERTED_PART)
		warn_about_claim(p, i, of, "but restores a part of its lines only");
	if (how != XB_REVERTED_NOTHING)
		return NULL;
	r->reverts = false;
	warn_about_claim(p, i, of, "but restores none of its lines: taken for a mention of it");
	if (!xb_finds_whole(&p->board))
		return NULL;
	c->undoes = SIZE_MAX;
	xb_repairs_free(r);
	c->repairs.n--;
	return NULL;
}

/*
 * Finds the commit of this line that HEX or SUBJECT names: in the window or,
 * where it is a fix, in the base. By id or origin, then by subject; far back in
 * the base by the id alone.
 */
static struct xb_err *repairs_named(struct xb_planner *p, size_t i, const char *hex, const char *subject,
				    enum xb_evidence_kind kind, bool reverts, const char *words)
{
	struct xb_candidate *c = &p->board.c[i];
	XB_AUTOFREE char *by_subject = xb_asprintf("%s (found by its subject)", words);
	const struct xb_hist *h = NULL;
	size_t target = SIZE_MAX;
	bool found_by_subject = false;

	if (hex && xb_names_find(p->names, hex, NULL, &target) == XB_NAME_NONE)
		XB_TRY(xb_past_find(p->board.past, hex, NULL, &h));
	if (target == SIZE_MAX && !h && subject) {
		if (xb_names_find(p->names, NULL, subject, &target) == XB_NAME_NONE)
			XB_TRY(xb_past_find(p->board.past, NULL, subject, &h));
		found_by_subject = h || target != SIZE_MAX;
	}
	if (target == SIZE_MAX && !h && hex)
		XB_TRY(xb_past_find_deep(p->board.past, hex, &h));
	if (found_by_subject)
		words = by_subject;
	if (h)
		repairs_base(c, h, kind, reverts, words);
	else if (target != SIZE_MAX && target != i)
		repairs_window(p, c, target, kind, reverts, words);
	else
		return NULL;
	return check_claim(p, i, h ? h : &p->plan->window.v[target]);
}

struct xb_err *xb_repairs_of_message(struct xb_planner *p, size_t i)
{
	const struct xb_hist *h = &p->plan->window.v[i];
	const struct xb_message *m = &h->msg;
	struct xb_candidate *c = &p->board.c[i];

	for (size_t k = 0; k < m->fixes.n; k++) {
		const struct xb_fix *f = &m->fixes.v[k];
		XB_AUTOFREE char *words = xb_asprintf("%s: %s", f->amends ? "Amends" : "Fixes", f->hex);

		XB_TRY(repairs_named(p, i, f->hex, f->subject, XB_EV_FIXES, false, words));
	}
	for (size_t k = 0; k < m->reverts.n; k++) {
		const struct xb_revert *r = &m->reverts.v[k];
		XB_AUTOFREE char *words = xb_asprintf("reverts commit %s", r->hex);

		XB_TRY(repairs_named(p, i, r->hex, m->revert_depth == 1 ? m->reverted_subject : NULL,
				     XB_EV_REVERT, !r->partial && !m->revert_partial, words));
	}
	if (!m->reverts.n && m->revert_depth) {
		XB_AUTOFREE char *words = xb_asprintf(
		    "%s \"%s\"", m->revert_depth % 2 ? "reverts" : "re-applies", m->reverted_subject);

		XB_TRY(repairs_named(p, i, NULL, m->reverted_subject, XB_EV_REVERT,
				     m->revert_depth % 2 && !m->revert_partial, words));
	}
	for (size_t k = 0; k < m->followups.n; k++) {
		for (size_t a = 0; a < m->followups.v[k].ids.n; a++) {
			struct xb_repairs *r = add_repair(c, XB_EV_TAG, m->followups.v[k].text);

			r->advisory = xb_strdup(m->followups.v[k].ids.v[a]);
			xb_strv_add_new(&r->advisories, r->advisory);
		}
	}
	return NULL;
}

/* Words of a repair, at the beginning of a word of the subject; in any case. */
static bool says_repair(const char *subject)
{
	static const char *const stems[] = {"fix", "bugfix", "repair", "correct", "refine", "regress"};

	for (const char *p = subject; *p; p++) {
		if (p > subject && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))
			continue;
		for (size_t k = 0; k < sizeof stems / sizeof *stems; k++)
			if (!strncasecmp(p, stems[k], strlen(stems[k])))
				return true;
	}
	return false;
}

/* The subject without what stands in brackets, where projects name what a commit is about. */
static char *outside_brackets(const char *subject)
{
	char *out = xb_strdup(subject), *to = out;
	unsigned depth = 0;

	for (const char *p = subject; *p; p++) {
		depth += *p == '(' || *p == '[' || *p == '{';
		if (!depth)
			*to++ = *p;
		depth -= depth && (*p == ')' || *p == ']' || *p == '}');
	}
	*to = '\0';
	return out;
}

struct xb_err *xb_repairs_of_subject(struct xb_planner *p, size_t i)
{
	const struct xb_message *m = &p->plan->window.v[i].msg;
	XB_AUTOFREE char *subject = outside_brackets(m->subject);
	XB_AUTOSTRV struct xb_strv ids = {0};

	if (m->revert_depth || !says_repair(subject))
		return NULL;
	XB_TRY(xb_rules_ids(p->in->rules, subject, strlen(subject), &ids, NULL));
	for (size_t k = 0; k < ids.n; k++) {
		struct xb_repairs *r = add_repair(&p->board.c[i], XB_EV_WORDS, m->subject);

		r->advisory = xb_strdup(ids.v[k]);
		xb_strv_add_new(&r->advisories, r->advisory);
	}
	return NULL;
}

struct xb_err *xb_repairs_of_words(struct xb_planner *p, size_t i)
{
	struct xb_candidate *c = &p->board.c[i];

	for (size_t k = 0; k < c->words.follow_up_to.n; k++) {
		const char *value = c->words.follow_up_to.v[k];
		XB_AUTOFREE char *advisory = xb_rules_advisory(p->in->rules, value);
		XB_AUTOFREE char *words = xb_asprintf("Follow-up-to: %s", value);
		size_t before = c->repairs.n;

		if (!xb_seen_like_id(value)) {
			struct xb_repairs *r = add_repair(c, xb_source_evidence(c->words.role_level), words);

			r->advisory = xb_strdup(advisory ? advisory : value);
			xb_strv_add_new(&r->advisories, r->advisory);
			continue;
		}
		XB_TRY(
		    repairs_named(p, i, value, NULL, xb_source_evidence(c->words.role_level), false, words));
		if (c->repairs.n == before)
			xb_board_warn(
			    &p->board,
			    xb_asprintf("%s says Follow-up-to: %s, which is no commit of the window before "
					"it and no fix in the base",
					xb_hex(&p->plan->window.v[i].oid).s, value));
	}
	return NULL;
}
