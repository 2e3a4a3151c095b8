/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-gate.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/vis.h"
#include "words/settle.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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
static void set_reason(const struct xb_text_inputs *t, struct xb_fields *f)
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
	xb_field_set(f, "why", why.n ? xb_text_safe(why.p) : NULL);
}

/* The picks FROM..TO of the plan are what fails: those before are published, and those after wait. */
struct part {
	size_t from, to;
};

static struct part failing(const struct xb_text_inputs *t)
{
	const struct xb_plan *p = t->plan;
	struct part part = {t->facts->n_published, p->picks.n};

	for (size_t n = part.from + 1; t->result->reasons.n && n <= p->picks.n; n++)
		if (git_oid_equal(xb_plan_tip(p, n), &t->result->reasons.v[0].now))
			part.to = n;
	return part;
}

static void add_author(const struct xb_text_inputs *t, const git_oid *id, struct xb_buf *b)
{
	git_commit *c = NULL;

	if (!git_commit_lookup(&c, t->in->repo, id)) {
		xb_buf_adds(b, "        by ");
		xb_text_add_safe(b, git_commit_author(c)->name);
		xb_buf_adds(b, " <");
		xb_text_add_safe(b, git_commit_author(c)->email);
		xb_buf_adds(b, ">\n");
	}
	git_commit_free(c);
}

/* By their ids on the stable branch, where everybody finds them. */
static char *commits(const struct xb_text_inputs *t, struct part part)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = part.from; i < part.to && i < part.from + COMMITS_MAX; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];

		xb_buf_addf(&b, "    %.*s ", XB_SHORT, xb_hex(&t->plan->window.v[k->window].oid).s);
		xb_text_add_safe(&b, k->subject);
		xb_buf_addc(&b, '\n');
		add_author(t, &t->plan->window.v[k->window].oid, &b);
	}
	if (part.to - part.from > COMMITS_MAX)
		xb_buf_addf(&b, "    ... and %zu more\n", part.to - part.from - COMMITS_MAX);
	return xb_buf_detach(&b);
}

static char *effect(const struct xb_text_inputs *t, struct part part)
{
	struct xb_strv waiting = {0};
	XB_AUTOFREE char *list = NULL;
	char *text;

	for (size_t i = part.to; i < t->plan->picks.n; i++)
		if (t->plan->picks.v[i].role == XB_ROLE_SECURITY)
			xb_strv_add_all_new(&waiting, &t->plan->picks.v[i].advisories);
	list = xb_text_all_names(&waiting);
	text = xb_asprintf("The branch stays before %s. %s%s%s", part.to - part.from == 1 ? "it" : "these",
			   waiting.n ? "These wait behind it: " : "No other fix waits behind it so far.",
			   list, waiting.n ? "." : "");
	xb_strv_release(&waiting);
	return text;
}

/* From the branch, which everybody has, to what was tested. */
static char *reproduce(const struct xb_text_inputs *t, struct part part)
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
		xb_text_add_safe(&b, target->conf->gate);
	}
	free(v);
	return xb_buf_detach(&b);
}

/* The first fix of what fails, as if it were one that can't be picked. */
static char *settle(const struct xb_text_inputs *t, struct part part)
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

void xb_text_gate(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_plan *p = t->plan;
	struct part part = failing(t);
	struct xb_strv ids = {0};

	for (size_t i = part.from; i < part.to; i++)
		for (size_t a = 0; a < p->picks.v[i].advisories.n; a++)
			xb_strv_add_new(&ids, p->picks.v[i].advisories.v[a]);
	if (ids.n || part.from < p->picks.n)
		xb_field_set(f, "what", xb_text_what(p, &ids, ids.n ? 0 : p->picks.v[part.from].window));
	else
		xb_field_set(f, "what", xb_strdup("the newest commits"));
	xb_field_set(f, "summary", xb_strdup(t->result->gate_failed ? "test failed" : "test undecided"));
	set_reason(t, f);
	xb_field_set(f, "title", xb_text_titles(t, &ids));
	xb_field_set(f, "commits", commits(t, part));
	xb_field_set(f, "effect", effect(t, part));
	xb_field_set(f, "output", end_of_file(t->result->gate_log));
	if (t->result->gate_log)
		xb_field_set(f, "log", xb_asprintf("    %s", t->result->gate_log));
	if (part.from < part.to) {
		xb_field_set(f, "reproduce", reproduce(t, part));
		if (t->result->gate_failed && xb_advice_has_notes(t->in->config)) {
			xb_field_set(f, "settle", settle(t, part));
			xb_text_notes(t, f);
		}
	}
	xb_strv_release(&ids);
}
