/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include "config/text.h"
#include "excerpt.h"
#include "gate/admit.h"
#include "odb/git.h"
#include "titles.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/vis.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SHORT = 12, NAMES_MAX = 3, CANDIDATES_MAX = 5, PICKS_MAX = 20, COMMANDS_MAX = 12 };
enum { TEXT_MAX = 500 };
enum { TAIL_BYTES = 4096, TAIL_LINES = 15, TAIL_WIDTH = 160 };

/* ---- small parts ---- */

/* What is longer than people read is cut: a subject may have a megabyte. */
static void add_safe(struct xb_buf *b, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (n)
		xb_vis(b, s, n > TEXT_MAX ? TEXT_MAX : n, 0);
	if (n > TEXT_MAX)
		xb_buf_adds(b, " ...");
}

char *xb_text_safe(const char *s)
{
	struct xb_buf b = XB_BUF_INIT;

	add_safe(&b, s);
	return xb_buf_detach(&b);
}

/* A list that is too long for a subject: "A, B, C and 4 more". */
static char *names(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n && i < NAMES_MAX; i++)
		xb_buf_addf(&b, "%s%s", i ? ", " : "", v->v[i]);
	if (v->n > NAMES_MAX)
		xb_buf_addf(&b, " and %zu more", v->n - NAMES_MAX);
	return xb_buf_detach(&b);
}

char *xb_text_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window)
{
	if (advisories->n)
		return names(advisories);
	return xb_asprintf("%.*s", SHORT, git_oid_tostr_s(&p->window.v[window].oid));
}

char *xb_text_summary(const struct xb_pick *conflict)
{
	const char *kind = conflict->verdict == XB_PICK_UNDECIDABLE ? "undecided" : "conflict";

	if (!conflict->n)
		return xb_strdup(kind);
	return xb_asprintf("%s in %zu file%s", kind, conflict->n, conflict->n == 1 ? "" : "s");
}

static char *without(const char *ref, const char *prefix)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	add_safe(&b, ref && !strncmp(ref, prefix, strlen(prefix)) ? ref + strlen(prefix) : ref);
	return xb_buf_detach(&b);
}

void xb_text_target(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_target *target = t->in->target;
	const git_oid *at = &target->derived;
	char *new_value = git_oid_is_zero(at) ? NULL : xb_asprintf("%.*s", SHORT, xb_hex(at).s);

	xb_field_set(f, "line", xb_vis_dup(target->name));
	xb_field_set(f, "branch", without(target->derived_ref, "refs/heads/"));
	xb_field_set(f, "staging",
		     target->tip_ref ? without(target->tip_ref, "refs/heads/") : xb_strdup("staging"));
	xb_field_set(f, "base",
		     target->base_tag ? xb_vis_dup(target->base_tag)
				      : xb_asprintf("%.*s", SHORT, xb_hex(&target->base).s));
	xb_field_set(f, "old", new_value ? xb_strdup(new_value) : NULL);
	xb_field_set(f, "new", new_value);
}

static const struct xb_plan_advisory *advisory(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->advisories.n; i++)
		if (!strcmp(p->advisories.v[i].id, id))
			return &p->advisories.v[i];
	return NULL;
}

/* The titles and CVEs of the advisories, a line each; nothing where nothing is known. */
static char *titles(const struct xb_text_inputs *t, const struct xb_strv *ids)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < NAMES_MAX; i++) {
		XB_AUTOFREE char *title = xb_advisory_title(t->in->config, ids->v[i]);
		const struct xb_plan_advisory *a = advisory(t->plan, ids->v[i]);
		size_t mark = b.n;

		if (ids->n > 1)
			xb_buf_addf(&b, "\n    %s: ", ids->v[i]);
		add_safe(&b, title);
		for (size_t k = 0; a && k < a->aliases.n; k++)
			xb_buf_addf(&b, "%s%s", k ? ", " : title ? " / " : "", a->aliases.v[k]);
		if (!title && !(a && a->aliases.n))
			xb_buf_setlen(&b, mark);
	}
	return xb_buf_detach(&b);
}

/* ---- a commit that can't be picked ---- */

/* Did a person say that it is not to be taken? */
static bool is_excluded(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason == XB_LEFT_EXCLUDED &&
		    !strcmp(git_oid_tostr_s(&p->window.v[p->left_out.v[i].window].oid), id))
			return true;
	return false;
}

/* The first of them that may be taken; NULL: none. */
static const char *first_candidate(const struct xb_plan *p, const struct xb_strv *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		if (!is_excluded(p, ids->v[i]))
			return ids->v[i];
	return NULL;
}

/* Commits of the window, by their full ids, with their subjects. */
static char *with_subjects(const struct xb_plan *p, const struct xb_strv *ids)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < CANDIDATES_MAX; i++) {
		const char *subject = "";

		for (size_t w = 0; w < p->window.n; w++)
			if (!strcmp(git_oid_tostr_s(&p->window.v[w].oid), ids->v[i]))
				subject = p->window.v[w].msg.subject;
		xb_buf_addf(&b, "    %.*s ", SHORT, ids->v[i]);
		add_safe(&b, subject);
		xb_buf_adds(&b, is_excluded(p, ids->v[i]) ? " (excluded)\n" : "\n");
	}
	if (ids->n > CANDIDATES_MAX)
		xb_buf_addf(&b, "    ... and %zu more\n", ids->n - CANDIDATES_MAX);
	return xb_buf_detach(&b);
}

static char *effect(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	struct xb_strv waiting = {0};
	char *text, *list;

	if (!s->held)
		return xb_strdup("It is left out, and the fixes after it go on. It is tried again whenever "
				 "something is pushed.");
	for (size_t i = 0; i < t->plan->left_out.n; i++) {
		const struct xb_plan_left *l = &t->plan->left_out.v[i];

		for (size_t k = 0; l->reason == XB_LEFT_PENDING && k < l->advisories.n; k++)
			if (!xb_strv_has(s->advisories, l->advisories.v[k]))
				xb_ids_add(&waiting, l->advisories.v[k]);
	}
	list = names(&waiting);
	text = xb_asprintf("The branch stays before it. %s%s%s", waiting.n ? "These wait behind it: " : "",
			   list, waiting.n ? "." : "No other fix waits behind it so far.");
	free(list);
	xb_ids_release(&waiting);
	return text;
}

static char *tried(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const char *alone =
	    s->before->n ? "the commit with what it is known to need" : "the commit by itself";

	if (t->no_discover)
		return xb_asprintf("%s; no search for what it needs.", alone);
	if (!s->held)
		return xb_asprintf("%s, and with earlier commits of the branch; none of it applies.", alone);
	if (!first_candidate(t->plan, s->candidates))
		return xb_asprintf("%s. No earlier commit that is not in the branch touches these lines: it "
				   "seems to want a backport.",
				   alone);
	return xb_asprintf("%s, and with earlier commits of the branch that touch these lines; none of it "
			   "applies (%lu picks were tried for this branch).",
			   alone, t->plan->trials);
}

/* "git cherry-pick -x A B", a line for each merge. */
static void add_cherry_picks(struct xb_buf *b, const git_oid *const *ids, const bool *merges, size_t n)
{
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		if (!open || merges[i])
			xb_buf_addf(b, "%s    git cherry-pick -x%s", b->n ? "\n" : "",
				    merges[i] ? " -m 1" : "");
		xb_buf_addf(b, " %.*s", SHORT, git_oid_tostr_s(ids[i]));
		open = !merges[i];
	}
}

struct commands {
	const git_oid *v[COMMANDS_MAX + 1];
	bool merge[COMMANDS_MAX + 1];
	size_t n;
	git_oid before[COMMANDS_MAX];
};

static void add_command(struct commands *c, const git_oid *oid, bool merge)
{
	c->v[c->n] = oid;
	c->merge[c->n++] = merge;
}

/*
 * From something that is published: the branch, or the release. Between that and
 * the commit come the picks that are not published, and what was picked for it.
 */
static char *reproduce(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const struct xb_plan *p = t->plan;
	const struct xb_target *target = t->in->target;
	bool published = !target->window && t->result && !git_oid_is_zero(&target->derived) &&
			 (t->result->what == XB_PUBLISHED_SAME || t->result->what == XB_PUBLISHED_MOVED);
	size_t from = published ? t->result->picks : 0, between = p->picks.n - from + s->before->n;
	struct commands c = {.n = 0};
	struct xb_buf b = XB_BUF_INIT;

	if (between > COMMANDS_MAX) {
		xb_buf_addf(&b, "    git checkout --detach $(xsabot -C . build %s", target->name);
		if (target->window)
			xb_buf_addf(&b, " --base=%.*s --tip=%.*s", SHORT, xb_hex(&target->base).s, SHORT,
				    xb_hex(&target->tip).s);
		xb_buf_adds(&b, t->no_discover ? " --no-discover)" : ")");
		from = p->picks.n;
	} else if (published) {
		xb_buf_addf(&b, "    git checkout --detach %.*s", SHORT, xb_hex(&target->derived).s);
	} else {
		xb_buf_addf(&b, "    git checkout --detach %.*s", SHORT, xb_hex(&target->base).s);
	}
	for (; from < p->picks.n; from++)
		add_command(&c, &p->picks.v[from].commit, p->window.v[p->picks.v[from].window].n_parents > 1);
	for (size_t i = 0; i < s->before->n && c.n < COMMANDS_MAX; i++)
		if (!git_oid_fromstr(&c.before[i], s->before->v[i]))
			add_command(&c, &c.before[i], false);
	add_command(&c, &p->window.v[s->window].oid, p->window.v[s->window].n_parents > 1);
	add_cherry_picks(&b, c.v, c.merge, c.n);
	return xb_buf_detach(&b);
}

/* The notes ref as `git notes --ref` takes it. */
static const char *notes_name(const struct xb_config *c)
{
	return c->notes + strlen("refs/notes/");
}

static char *push_notes(const struct xb_text_inputs *t)
{
	const char *ref = t->in->config->notes;

	if (!*ref)
		return NULL;
	return git_oid_is_zero(&t->plan->notes)
		   ? xb_asprintf("    git push origin %s", ref)
		   : xb_asprintf(
			 "    git push origin %s\n(what is there already first: git fetch origin %s:%s)", ref,
			 ref, ref);
}

static char *settle(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const char *ref = notes_name(t->in->config);
	const struct xb_hex hex = xb_hex(&t->plan->window.v[s->window].oid);
	const char *commit = hex.s, *candidate = first_candidate(t->plan, s->candidates);
	struct xb_buf b = XB_BUF_INIT;

	if (candidate)
		xb_buf_addf(&b,
			    "it needs an earlier commit:\n    git notes --ref=%s append -m 'Prerequisite-of: "
			    "%s' %.*s\n",
			    ref, s->advisories->n ? s->advisories->v[0] : commit, SHORT, candidate);
	xb_buf_addf(
	    &b,
	    "a backport stands for it (pushed to refs/xsabot/fixups/):\n    git notes --ref=%s append -m "
	    "'Replaced-by: ID' %.*s\n",
	    ref, SHORT, commit);
	xb_buf_addf(&b, "it is not for this line:\n    git notes --ref=%s append -m 'Exclude: REASON' %.*s",
		    ref, SHORT, commit);
	return xb_buf_detach(&b);
}

struct xb_err *xb_text_stuck(const struct xb_text_inputs *t, const struct xb_stuck *s, struct xb_fields *f)
{
	const struct xb_hist *h = &t->plan->window.v[s->window];
	XB_AUTOBUF struct xb_buf excerpt = XB_BUF_INIT;

	XB_TRY(xb_excerpt(t->plan->picker, s->conflict, &excerpt));
	xb_field_set(f, "what", xb_text_what(t->plan, s->advisories, s->wanted));
	xb_field_set(f, "summary", xb_text_summary(s->conflict));
	xb_field_set(f, "verdict", xb_strdup(s->held ? "HELD" : "SKIPPED"));
	xb_field_set(f, "title", titles(t, s->advisories));
	xb_field_set(f, "commit", xb_strdup(git_oid_tostr_s(&h->oid)));
	xb_field_set(f, "subject", xb_text_safe(h->msg.subject));
	xb_field_set(f, "effect", effect(t, s));
	xb_field_set(f, "excerpt", xb_buf_detach(&excerpt));
	xb_field_set(f, "candidates", with_subjects(t->plan, s->candidates));
	xb_field_set(f, "tried", tried(t, s));
	xb_field_set(f, "reproduce", reproduce(t, s));
	if (*t->in->config->notes) {
		xb_field_set(f, "settle", settle(t, s));
		xb_field_set(f, "push", push_notes(t));
	}
	return NULL;
}

static const char *state_words(enum xb_advisory_state s)
{
	switch (s) {
	case XB_ADV_APPLIED:
	case XB_ADV_WAITING:
		return "applies now";
	case XB_ADV_IN_BASE:
		return "in the release now";
	case XB_ADV_PARTIAL:
		return "applies in part now";
	case XB_ADV_REVERTED:
		return "reverted";
	case XB_ADV_EXCLUDED:
		return "excluded now";
	default:
		return "this conflict is gone";
	}
}

char *xb_text_outcome(const struct xb_text_inputs *t, const char *what)
{
	XB_AUTOFREE char *first = xb_memdup0(what, strcspn(what, ", "));
	const struct xb_plan_advisory *a = t->plan ? advisory(t->plan, first) : NULL;

	return xb_strdup(a ? state_words(a->state) : "no longer in the way");
}

/* ---- a test that keeps something back ---- */

/* The last lines of the file PATH, indented; nothing where it can't be read. */
static char *end_of_file(const char *path)
{
	char tail[TAIL_BYTES];
	struct xb_buf b = XB_BUF_INIT;
	XB_AUTOCLOSE int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n = size > 0 ? pread(fd, tail, sizeof tail, size > TAIL_BYTES ? size - TAIL_BYTES : 0) : 0;
	const char *end = tail + (n > 0 ? n : 0), *from = end;

	for (int lines = 0; from > tail; from--)
		if (from < end && from[-1] == '\n' && ++lines == TAIL_LINES)
			break;
	while (from < end) {
		const char *eol = memchr(from, '\n', (size_t)(end - from));
		size_t len = (size_t)((eol ? eol : end) - from);

		xb_buf_adds(&b, "    | ");
		xb_vis(&b, from, len > TAIL_WIDTH ? TAIL_WIDTH : len, XB_VIS_LINES);
		xb_buf_addc(&b, '\n');
		from += len + (eol != NULL);
	}
	return xb_buf_detach(&b);
}

/* The reason; the command in it goes to a line of its own, where no line end can cut it. */
static void set_reason(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const char *why = t->result->why ? t->result->why : "no reason was given";
	XB_AUTOFREE char *command = xb_admit_retest(t->in->config, t->in->target);
	XB_AUTOFREE char *hint = xb_asprintf(XB_RETEST "%s", command), *rest = NULL;
	const char *at = strstr(why, hint);

	rest = at ? xb_asprintf("%.*s%s", (int)(at - why), why, at + strlen(hint)) : xb_strdup(why);
	xb_field_set(f, "why", xb_text_safe(rest));
	xb_field_set(f, "retest", at ? xb_asprintf("    %s", command) : NULL);
}

void xb_text_gate(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_plan *p = t->plan;
	size_t k = t->result->picks;
	struct xb_strv ids = {0};

	for (size_t i = k; i < p->picks.n && !ids.n; i++)
		for (size_t a = 0; a < p->picks.v[i].advisories.n; a++)
			xb_ids_add(&ids, p->picks.v[i].advisories.v[a]);
	if (ids.n || k < p->picks.n)
		xb_field_set(f, "what", xb_text_what(p, &ids, ids.n ? 0 : p->picks.v[k].window));
	else
		xb_field_set(f, "what", xb_strdup("the newest commits"));
	xb_field_set(f, "summary", xb_strdup(t->result->gate_failed ? "test failed" : "test undecided"));
	set_reason(t, f);
	xb_field_set(f, "output", end_of_file(t->result->gate_log));
	xb_ids_release(&ids);
}

/* ---- what was found, what was published ---- */

static void add_pick(struct xb_buf *b, const struct xb_plan_pick *k, bool role)
{
	xb_buf_addf(b, "    %.*s ", SHORT, git_oid_tostr_s(&k->commit));
	add_safe(b, k->subject);
	xb_buf_addc(b, '\n');
	if (!role)
		return;
	xb_buf_adds(b, "        ");
	for (size_t i = 0; i < k->advisories.n && i < NAMES_MAX && k->role == XB_ROLE_SECURITY; i++)
		xb_buf_addf(b, "%s%s", i ? ", " : "", k->advisories.v[i]);
	if (k->role != XB_ROLE_SECURITY)
		xb_buf_adds(b, xb_role_name(k->role));
	for (size_t i = 0; i < k->trailer_for.n && i < NAMES_MAX && k->role != XB_ROLE_SECURITY; i++)
		xb_buf_addf(b, "%s%.*s", i ? ", " : ", for ",
			    strlen(k->trailer_for.v[i]) == GIT_OID_HEXSZ ? SHORT : 100, k->trailer_for.v[i]);
	xb_buf_addc(b, '\n');
}

void xb_text_found(const struct xb_text_inputs *t, const size_t *picks, size_t n, struct xb_fields *f)
{
	const struct xb_plan_pick *first = &t->plan->picks.v[picks[0]];
	const struct xb_hex id = xb_hex(&first->commit);
	const char *ref = notes_name(t->in->config);
	struct xb_strv ids = {0};
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[picks[i]];

		for (size_t a = 0; a < k->advisories.n; a++)
			xb_ids_add(&ids, k->advisories.v[a]);
		if (i < PICKS_MAX) {
			add_pick(&b, k, false);
			xb_buf_adds(&b, "        ");
			add_safe(&b, k->why);
			xb_buf_addc(&b, '\n');
		}
	}
	if (n > PICKS_MAX)
		xb_buf_addf(&b, "    ... and %zu more: xsabot plan %s\n", n - PICKS_MAX, t->in->target->name);
	xb_field_set(f, "what", xb_text_what(t->plan, &ids, first->window));
	xb_field_set(f, "summary", xb_asprintf("%zu prerequisite%s found", n, n == 1 ? "" : "s"));
	xb_field_set(f, "title", titles(t, &ids));
	xb_field_set(f, "found", xb_buf_detach(&b));
	if (*t->in->config->notes) {
		const char *whom = first->trailer_for.n ? first->trailer_for.v[0]
				   : ids.n              ? ids.v[0]
							: "XSA-N";

		xb_field_set(f, "settle",
			     xb_asprintf("    git notes --ref=%s append -m 'Prerequisite-of: %s' %.*s", ref,
					 whom, SHORT, id.s));
		xb_field_set(
		    f, "exclude",
		    xb_asprintf("    git notes --ref=%s append -m 'Exclude: REASON' %.*s", ref, SHORT, id.s));
		xb_field_set(f, "push", push_notes(t));
	}
	xb_ids_release(&ids);
}

static bool state_has(const struct xb_state *old, const struct xb_plan_pick *k)
{
	for (size_t i = 0; i < old->picks.n; i++)
		if (git_oid_equal(&old->picks.v[i].commit, &k->commit))
			return true;
	return false;
}

static bool plan_has(const struct xb_plan *p, size_t n, const git_oid *commit)
{
	for (size_t i = 0; i < n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, commit))
			return true;
	return false;
}

/* Picks of the old branch that the new one has neither as a pick nor in its release. */
static void add_gone(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_buf *b,
		     size_t *in_base)
{
	for (size_t i = 0; i < old->picks.n; i++) {
		const struct xb_state_pick *k = &old->picks.v[i];
		bool base = false;

		if (plan_has(t->plan, t->result->picks, &k->commit))
			continue;
		/* What can't be found any more is not in the release. */
		xb_err_free(xb_is_ancestor(t->in->repo, &k->commit, &t->in->target->base, &base));
		*in_base += base;
		if (base)
			continue;
		xb_buf_addf(b, "    %.*s ", SHORT, git_oid_tostr_s(&k->commit));
		add_safe(b, k->subject);
		xb_buf_addc(b, '\n');
	}
}

static char *missing(const struct xb_plan *p)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];

		if (a->state == XB_ADV_PENDING || a->state == XB_ADV_BLOCKED || a->state == XB_ADV_PARTIAL)
			xb_buf_addf(&b, "%s%s%s", b.n ? ", " : "    ", a->id,
				    a->state == XB_ADV_PARTIAL ? " (in part)" : "");
	}
	return xb_buf_detach(&b);
}

static char *published_what(const struct xb_text_inputs *t, const struct xb_state *old,
			    const struct xb_strv *fixes, size_t news)
{
	const struct xb_target *target = t->in->target;

	if (fixes->n)
		return names(fixes);
	if (news)
		return xb_asprintf("%zu commit%s", news, news == 1 ? "" : "s");
	if (target->base_tag && !git_oid_equal(&old->base, &target->base))
		return xb_vis_dup(target->base_tag);
	return without(target->derived_ref, "refs/heads/");
}

void xb_text_published(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_fields *f)
{
	struct xb_buf news = XB_BUF_INIT, gone = XB_BUF_INIT;
	struct xb_strv fixes = {0};
	size_t n = 0, in_base = 0;

	for (size_t i = 0; i < t->result->picks; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];

		if (state_has(old, k))
			continue;
		for (size_t a = 0; a < k->advisories.n && k->role == XB_ROLE_SECURITY; a++)
			xb_ids_add(&fixes, k->advisories.v[a]);
		if (n++ < PICKS_MAX)
			add_pick(&news, k, true);
	}
	if (n > PICKS_MAX)
		xb_buf_addf(&news, "    ... and %zu more\n", n - PICKS_MAX);
	add_gone(t, old, &gone, &in_base);
	xb_field_set(f, "what", published_what(t, old, &fixes, n));
	xb_field_set(f, "bare",
		     in_base ? xb_asprintf("%zu earlier pick%s now part of the release.", in_base,
					   in_base == 1 ? " is" : "s are")
		     : n     ? NULL
			     : xb_strdup(t->result->picks
					     ? "No new pick; its history changed."
					     : "It is the release itself: there is no fix after it."));
	xb_field_set(f, "news", xb_buf_detach(&news));
	xb_field_set(f, "gone", xb_buf_detach(&gone));
	xb_field_set(f, "missing", missing(t->plan));
	xb_field_set(
	    f, "history",
	    t->result->stitched
		? xb_strdup(
		      "Its history changed; a merge joins it to what it was, so that a pull fast-forwards.")
		: NULL);
	xb_ids_release(&fixes);
}
