/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include "advisories/metadata.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"
#include "words/settle.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 500, NAME_MAX_SHOWN = 60 };

static void add_cut(struct xb_buf *b, const char *s, size_t max)
{
	size_t n = s ? strlen(s) : 0;

	if (n)
		xb_vis(b, s, n > max ? max : n, 0);
	if (n > max)
		xb_buf_adds(b, " ...");
}

/* What is longer than people read is cut: a subject may have a megabyte. */
void xb_words_add_safe(struct xb_buf *b, const char *s)
{
	add_cut(b, s, TEXT_MAX);
}

void xb_words_add_name(struct xb_buf *b, const char *s)
{
	add_cut(b, s, NAME_MAX_SHOWN);
}

char *xb_words_safe(const char *s)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_words_add_safe(&b, s);
	return xb_buf_detach(&b);
}

/* A list that is too long for a subject: "A, B, C and 4 more". */
char *xb_words_names(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n && i < XB_WORDS_NAMES; i++) {
		xb_buf_adds(&b, i ? ", " : "");
		xb_words_add_name(&b, v->v[i]);
	}
	if (v->n > XB_WORDS_NAMES)
		xb_buf_addf(&b, " and %zu more", v->n - XB_WORDS_NAMES);
	return xb_buf_detach(&b);
}

char *xb_words_first_names(const char *words)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	while (*(words += strspn(words, " "))) {
		size_t n = strcspn(words, " ");
		XB_AUTOFREE char *one = xb_memdup0(words, n);

		xb_strv_add(&all, one);
		words += n;
	}
	return xb_words_names(&all);
}

char *xb_words_all_names(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n; i++) {
		xb_buf_adds(&b, i ? ", " : "");
		xb_words_add_name(&b, v->v[i]);
	}
	return xb_buf_detach(&b);
}

char *xb_words_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window)
{
	if (advisories->n)
		return xb_words_names(advisories);
	return xb_asprintf("%.*s", XB_SHORT, xb_hex(&p->window.v[window].oid).s);
}

char *xb_words_without(const char *ref, const char *prefix)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_words_add_safe(&b, ref && !strncmp(ref, prefix, strlen(prefix)) ? ref + strlen(prefix) : ref);
	return xb_buf_detach(&b);
}

void xb_words_target(const struct xb_words_inputs *t, struct xb_fields *f)
{
	const struct xb_target *target = t->in->target;
	const git_oid *at = &target->derived;
	char *new_value = git_oid_is_zero(at) ? NULL : xb_asprintf("%.*s", XB_SHORT, xb_hex(at).s);

	xb_field_set(f, "line", xb_vis_dup(target->name));
	xb_field_set(f, "branch", xb_words_without(target->derived_ref, "refs/heads/"));
	xb_field_set(f, "staging",
		     target->tip_ref ? xb_words_without(target->tip_ref, "refs/heads/")
				     : xb_strdup("staging"));
	xb_field_set(f, "base",
		     target->base_tag ? xb_vis_dup(target->base_tag)
				      : xb_asprintf("%.*s", XB_SHORT, xb_hex(&target->base).s));
	xb_field_set(f, "old", new_value ? xb_strdup(new_value) : NULL);
	xb_field_set(f, "new", new_value);
}

const struct xb_plan_advisory *xb_words_advisory(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->advisories.n; i++)
		if (!strcmp(p->advisories.v[i].id, id))
			return &p->advisories.v[i];
	return NULL;
}

char *xb_words_titles(const struct xb_words_inputs *t, const struct xb_strv *ids)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < XB_WORDS_NAMES; i++) {
		const struct xb_metadata_advisory *known = xb_metadata_find(t->metadata, ids->v[i]);
		const char *title = known ? known->title : NULL;
		const struct xb_plan_advisory *a = xb_words_advisory(t->plan, ids->v[i]);
		XB_AUTOSTRV struct xb_strv cves = {0};
		size_t mark = b.n;

		if (ids->n > 1) {
			xb_buf_adds(&b, "\n    ");
			xb_words_add_name(&b, ids->v[i]);
			xb_buf_adds(&b, ": ");
		}
		xb_words_add_safe(&b, title);
		if (a)
			xb_strv_add_all_new(&cves, &a->aliases);
		if (known)
			xb_strv_add_all_new(&cves, &known->cves);
		for (size_t k = 0; k < cves.n; k++) {
			xb_buf_adds(&b, k ? ", " : title ? " / " : "");
			xb_words_add_name(&b, cves.v[k]);
		}
		if (!title && !cves.n)
			xb_buf_setlen(&b, mark);
	}
	return xb_buf_detach(&b);
}

static char *indented(char *command)
{
	XB_AUTOFREE char *c = command;

	return c ? xb_asprintf("    %s", c) : NULL;
}

void xb_words_notes(const struct xb_words_inputs *t, struct xb_fields *f)
{
	const struct xb_config *c = t->in->config;

	if (!xb_advice_has_notes(c))
		return;
	xb_field_set(f, "fetch", indented(xb_advice_fetch_notes(c, !git_oid_is_zero(&t->plan->notes))));
	xb_field_set(f, "push", indented(xb_advice_push_notes(c)));
}

const char *xb_words_repository(const struct xb_config *c)
{
	const char *slash = c->repository ? strrchr(c->repository, '/') : NULL;

	return slash ? slash + 1 : "the repository";
}

/* ---- a branch that stays as it is ---- */

/* The reason; its command has a line of its own, where no line end can cut it. */
static char *reason(const struct xb_words_inputs *t)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < t->result->reasons.n; i++) {
		const struct xb_reason *r = &t->result->reasons.v[i];
		const char *after;
		XB_AUTOFREE char *before = xb_reason_before(r, &after);

		xb_buf_adds(&b, i ? "\n" : "");
		xb_words_add_safe(&b, before);
		if (r->command)
			xb_buf_addf(&b, "\n    %s%s%s", r->command, *after ? "\n" : "", after);
	}
	return xb_buf_detach(&b);
}

/* The command that undoes what someone did to the branch; NULL where nobody did. */
static char *restore(const struct xb_words_inputs *t, const struct xb_state *state)
{
	const struct xb_target *target = t->in->target;
	const struct xb_reason *r = t->result->reasons.n ? &t->result->reasons.v[0] : NULL;
	XB_AUTOFREE char *command = NULL;
	static const git_oid none;

	if (r && r->code == XB_WHY_LOST_STAGING && !git_oid_is_zero(&r->was)) {
		command = xb_advice_restore(t->in->config, r->object, &r->was, &none);
		return command ? xb_asprintf("    %s", command) : NULL;
	}
	if (!state || git_oid_is_zero(&state->published) ||
	    git_oid_equal(&state->published, &target->derived))
		return NULL;
	command = xb_advice_restore(t->in->config, target->derived_ref, &state->published, &target->derived);
	return command ? xb_asprintf("    %s", command) : NULL;
}

/* Someone who sets a branch back may have had a reason: the newest fix of it, taken back. */
static char *withdraw(const struct xb_words_inputs *t, const struct xb_state *state)
{
	for (size_t i = state->picks.n; i-- > 0;) {
		const struct xb_state_pick *k = &state->picks.v[i];
		XB_AUTOFREE char *command = NULL;

		if (k->role != XB_ROLE_SECURITY || !k->advisories.n || !xb_is_word(k->advisories.v[0]))
			continue;
		command = xb_advice_withdraw(t->in->config, k->advisories.v[0], t->in->target->name);
		return xb_asprintf("    %s", command);
	}
	return NULL;
}

void xb_words_held(const struct xb_words_inputs *t, const struct xb_state *state, struct xb_fields *f)
{
	if (t->result->base_tag)
		xb_field_set(f, "base", xb_vis_dup(t->result->base_tag));
	xb_field_set(f, "why", reason(t));
	xb_field_set(f, "restore", restore(t, state));
	if (t->result->reasons.n && t->result->reasons.v[0].code == XB_WHY_LOST_STAGING)
		return; /* the branch itself is as it was */
	if (*xb_field_get(f, "restore") && xb_advice_has_notes(t->in->config) && !t->in->config->upstream)
		xb_field_set(f, "withdraw", withdraw(t, state));
}

/* ---- a test that keeps something back ---- */

enum { TAIL_BYTES = 4096, TAIL_LINES = 15, TAIL_WIDTH = 160, COMMITS_MAX = 12 };

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

/* The reason; the command that tests again has a line of its own, where no line end can cut it. */
static void set_reason(const struct xb_words_inputs *t, struct xb_fields *f)
{
	const struct xb_whys *all = &t->result->reasons;
	XB_AUTOBUF struct xb_buf why = XB_BUF_INIT;

	for (size_t i = 0; i < all->n; i++) {
		const struct xb_reason *r = &all->v[i];
		XB_AUTOFREE char *words = xb_reason_line(r);

		if (r->code == XB_WHY_GATE_FAILS) { /* what that says has its own place here */
			xb_field_set(f, "retest", xb_asprintf("    %s", r->command));
			continue;
		}
		xb_buf_addf(&why, "%s%s", why.n ? "; " : "", words);
	}
	xb_field_set(f, "why", why.n ? xb_words_safe(why.p) : NULL);
}

/* The picks FROM..TO of the plan are what fails: those before are published, and those after wait. */
struct part {
	size_t from, to;
};

static struct part failing(const struct xb_words_inputs *t)
{
	const struct xb_plan *p = t->plan;
	struct part part = {t->facts->n_published, p->picks.n};

	for (size_t n = part.from + 1; t->result->reasons.n && n <= p->picks.n; n++)
		if (git_oid_equal(xb_plan_tip(p, n), &t->result->reasons.v[0].now))
			part.to = n;
	return part;
}

static void add_author(const struct xb_words_inputs *t, const git_oid *id, struct xb_buf *b)
{
	git_commit *c = NULL;

	if (!git_commit_lookup(&c, t->in->repo, id)) {
		xb_buf_adds(b, "        by ");
		xb_words_add_safe(b, git_commit_author(c)->name);
		xb_buf_adds(b, " <");
		xb_words_add_safe(b, git_commit_author(c)->email);
		xb_buf_adds(b, ">\n");
	}
	git_commit_free(c);
}

/* By their ids on the stable branch, where everybody finds them. */
static char *commits(const struct xb_words_inputs *t, struct part part)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = part.from; i < part.to && i < part.from + COMMITS_MAX; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];

		xb_buf_addf(&b, "    %.*s ", XB_SHORT, xb_hex(&t->plan->window.v[k->window].oid).s);
		xb_words_add_safe(&b, k->subject);
		xb_buf_addc(&b, '\n');
		add_author(t, &t->plan->window.v[k->window].oid, &b);
	}
	if (part.to - part.from > COMMITS_MAX)
		xb_buf_addf(&b, "    ... and %zu more\n", part.to - part.from - COMMITS_MAX);
	return xb_buf_detach(&b);
}

static char *effect(const struct xb_words_inputs *t, struct part part)
{
	struct xb_strv waiting = {0};
	XB_AUTOFREE char *list = NULL;
	char *text;

	for (size_t i = part.to; i < t->plan->picks.n; i++)
		if (t->plan->picks.v[i].role == XB_ROLE_SECURITY)
			xb_strv_add_all_new(&waiting, &t->plan->picks.v[i].advisories);
	list = xb_words_all_names(&waiting);
	text = xb_asprintf("The branch stays before %s. %s%s%s", part.to - part.from == 1 ? "it" : "these",
			   waiting.n ? "These wait behind it: " : "No other fix waits behind it so far.",
			   list, waiting.n ? "." : "");
	xb_strv_release(&waiting);
	return text;
}

/* From the branch, which everybody has, to what was tested. */
static char *reproduce(const struct xb_words_inputs *t, struct part part)
{
	const struct xb_plan *p = t->plan;
	const struct xb_target *target = t->in->target;
	struct xb_advice_pick *v = xb_calloc(part.to - part.from + 1, sizeof *v);
	struct xb_buf b = XB_BUF_INIT;
	bool here = t->facts->is_part && !git_oid_is_zero(&target->derived);
	size_t n = 0;

	if (part.to - part.from > COMMITS_MAX) {
		xb_buf_addf(&b, "    git checkout --detach $(xsabot -C . build %s)", target->name);
	} else {
		for (size_t i = here ? part.from : 0; i < part.to; i++)
			v[n++] = (struct xb_advice_pick){p->picks.v[i].commit,
							 p->window.v[p->picks.v[i].window].n_parents > 1 &&
							     git_oid_is_zero(&p->picks.v[i].replaces)};
		xb_buf_addf(&b, "    git checkout --detach %.*s", XB_SHORT,
			    xb_hex(here ? &target->derived : &target->base).s);
		xb_advice_cherry_pick(v, n, "\n    ", &b);
	}
	if (*target->conf->gate) {
		xb_buf_adds(&b, "\n    ");
		xb_words_add_safe(&b, target->conf->gate);
	}
	free(v);
	return xb_buf_detach(&b);
}

/* The first fix of what fails, as if it were one that can't be picked. */
static char *settle(const struct xb_words_inputs *t, struct part part)
{
	static const struct xb_strv none;
	const struct xb_plan_pick *k = NULL;
	struct xb_buf b = XB_BUF_INIT;
	struct xb_stuck s;
	struct xb_ways ways;

	for (size_t i = part.from; i < part.to && (!k || k->role != XB_ROLE_SECURITY); i++)
		k = &t->plan->picks.v[i];
	if (!k)
		return NULL;
	s = (struct xb_stuck){.window = k->window,
			      .wanted = k->window,
			      .advisories = &k->advisories,
			      .before = &none,
			      .candidates = &none,
			      .held = true};
	xb_stuck_ways(t->in->config, t->plan, &s, &ways);
	for (size_t i = 0; i < ways.n; i++) {
		xb_buf_addf(&b, "%s%s:", i ? "\n" : "",
			    ways.n > 1 && !i
				? "a backport stands for it, once it is repaired and committed there"
				: ways.v[i].when);
		for (size_t c = 0; c < ways.v[i].commands.n; c++)
			xb_buf_addf(&b, "\n    %s", ways.v[i].commands.v[c]);
	}
	xb_ways_release(&ways);
	return xb_buf_detach(&b);
}

void xb_words_gate(const struct xb_words_inputs *t, struct xb_fields *f)
{
	const struct xb_plan *p = t->plan;
	struct part part = failing(t);
	struct xb_strv ids = {0};

	for (size_t i = part.from; i < part.to; i++)
		for (size_t a = 0; a < p->picks.v[i].advisories.n; a++)
			xb_strv_add_new(&ids, p->picks.v[i].advisories.v[a]);
	if (ids.n || part.from < p->picks.n)
		xb_field_set(f, "what", xb_words_what(p, &ids, ids.n ? 0 : p->picks.v[part.from].window));
	else
		xb_field_set(f, "what", xb_strdup("the newest commits"));
	xb_field_set(f, "summary", xb_strdup(t->result->gate_failed ? "test failed" : "test undecided"));
	set_reason(t, f);
	xb_field_set(f, "title", xb_words_titles(t, &ids));
	xb_field_set(f, "commits", commits(t, part));
	xb_field_set(f, "effect", effect(t, part));
	xb_field_set(f, "output", end_of_file(t->result->gate_log));
	if (t->result->gate_log)
		xb_field_set(f, "log", xb_asprintf("    %s", t->result->gate_log));
	if (part.from < part.to) {
		xb_field_set(f, "reproduce", reproduce(t, part));
		if (t->result->gate_failed && xb_advice_has_notes(t->in->config)) {
			xb_field_set(f, "settle", settle(t, part));
			xb_words_notes(t, f);
		}
	}
	xb_strv_release(&ids);
}
