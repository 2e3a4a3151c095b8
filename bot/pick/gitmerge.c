/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gitmerge.h"

#include "gitchild.h"
#include "quarantine.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <stdio.h>

/* A quarantine is left for a new one once so much was written into it, or so often. */
enum { MAX_BYTES = 64 << 20, MAX_QUESTIONS = 2000, AT_ONCE = 64 };

struct xb_gitmerge {
	struct xb_store *s;
	char *objects;
	struct xb_quarantine *q; /* NULL: not yet */
	unsigned long asked, here;
	bool looked; /* for git */
	char *version, *missing;
};

struct xb_gitmerge *xb_gitmerge_new(struct xb_store *s, const char *objects)
{
	struct xb_gitmerge *g = xb_calloc(1, sizeof *g);

	g->s = s;
	g->objects = xb_strdup(objects);
	return g;
}

void xb_gitmerge_free(struct xb_gitmerge *g)
{
	if (!g)
		return;
	xb_quarantine_free(g->q);
	XB_FREE(g->objects, g->version, g->missing, g);
}

/* The quarantine to use now. */
static struct xb_err *enter(struct xb_gitmerge *g)
{
	if (g->q && (xb_quarantine_bytes(g->q) > MAX_BYTES || g->here > MAX_QUESTIONS)) {
		xb_quarantine_free(g->q);
		g->q = NULL;
	}
	if (g->q)
		return NULL;
	g->here = 0;
	return xb_quarantine_open(g->s, g->objects, &g->q);
}

/* "git version 2.39.5 (something)": "2.39.5". */
static void read_version(struct xb_gitmerge *g, const char *text)
{
	unsigned major = 0, minor = 0;
	const char *v = strncmp(text, "git version ", 12) ? "" : text + 12;

	if (sscanf(v, "%u.%u", &major, &minor) != 2)
		g->missing = xb_strdup("git doesn't say its version");
	else if (major < 2 || (major == 2 && minor < 39))
		g->missing =
		    xb_asprintf("git is older than " XB_GITMERGE_NEEDS ": %.*s", (int)strcspn(v, " \n"), v);
	else
		g->version = xb_memdup0(v, strcspn(v, " \n"));
}

struct xb_err *xb_gitmerge_version(struct xb_gitmerge *g, const char **version, const char **why)
{
	if (!g->looked) {
		XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;
		static const char *const argv[] = {"git", "version", NULL};
		struct xb_gitchild c = {.argv = argv};
		struct xb_gitchild_end end;

		XB_TRY(enter(g));
		c.q = g->q;
		XB_TRY(xb_gitchild_run(&c, &out, &end));
		g->missing = end.missing;
		if (!g->missing)
			read_version(g, out.n ? out.p : "");
		g->looked = true;
	}
	*version = g->version;
	*why = g->missing;
	return NULL;
}

/* Makes git's side of a question, and adds the line that asks it. */
static struct xb_err *pose(struct xb_gitmerge *g, const struct xb_gitmerge_question *k, struct xb_buf *in)
{
	git_oid base, ours, theirs;

	XB_TRY(xb_quarantine_take(g->q, &k->base));
	XB_TRY(xb_quarantine_take(g->q, &k->ours));
	XB_TRY(xb_quarantine_take(g->q, &k->theirs));
	XB_TRY(xb_quarantine_commit(g->q, &k->base, NULL, &base));
	XB_TRY(xb_quarantine_commit(g->q, &k->ours, &base, &ours));
	XB_TRY(xb_quarantine_commit(g->q, &k->theirs, &base, &theirs));
	xb_buf_addf(in, "%s %s\n", xb_hex(&ours).s, xb_hex(&theirs).s);
	return NULL;
}

/* What is left of git's output: fields that end in a NUL. */
struct fields {
	const char *p, *end;
};

static const char *next(struct fields *f)
{
	const char *nul = f->p < f->end ? memchr(f->p, '\0', (size_t)(f->end - f->p)) : NULL;
	const char *field = f->p;

	if (!nul)
		return NULL;
	f->p = nul + 1;
	return field;
}

/* "MODE OID STAGE\tPATH" */
static bool read_stage(const char *text, struct xb_gitmerge_answer *a)
{
	struct xb_gitmerge_conflict *c = a->n ? &a->v[a->n - 1] : NULL;
	const char *path = strchr(text, '\t');
	unsigned mode, stage;
	char hex[GIT_OID_HEXSZ + 1];
	struct xb_entry *e;

	if (!path || sscanf(text, "%o %40s %u\t", &mode, hex, &stage) != 3 || stage < 1 || stage > 3)
		return false;
	if (!c || strcmp(c->path, path + 1) != 0) {
		c = XB_PUSH(a, v, n, cap);
		c->path = xb_strdup(path + 1);
	}
	e = &c->stage[stage - 1];
	e->mode = mode;
	return !git_oid_fromstr(&e->oid, hex);
}

/* "1", the tree, ""; or "0", a tree with marks in it, a field a stage, "". */
static bool read_answer(struct fields *f, struct xb_gitmerge_answer *a)
{
	const char *clean = next(f), *tree = next(f), *field;

	if (!clean || !tree || (strcmp(clean, "0") != 0 && strcmp(clean, "1") != 0) ||
	    git_oid_fromstr(&a->tree, tree))
		return false;
	a->clean = *clean == '1';
	while ((field = next(f)) && *field)
		if (a->clean || !read_stage(field, a))
			return false;
	return field != NULL;
}

static struct xb_err *read_answers(struct xb_gitmerge *g, const struct xb_gitmerge_question *questions,
				   size_t n, const struct xb_buf *out, struct xb_gitmerge_answer *answers)
{
	struct fields f = {out->p, out->p + out->n};

	for (size_t i = 0; i < n; i++) {
		if (!read_answer(&f, &answers[i]))
			return xb_err_new(XB_E_IO, "git merge-tree gave no answer that can be read");
		if (answers[i].clean && !questions[i].only_tell)
			XB_TRY(xb_quarantine_give(g->q, &answers[i].tree, &questions[i].ours));
	}
	return NULL;
}

/*
 * What git says beside its answer may be of something that it couldn't read just now, and some versions take
 * a tree that they can't read for an empty one, and call that a clean merge. What it answers and says twice,
 * counts.
 */
static struct xb_err *run_git(const struct xb_gitmerge *g, const struct xb_gitchild *c, struct xb_buf *out,
			      struct xb_gitchild_end *end)
{
	XB_AUTOBUF struct xb_buf again = XB_BUF_INIT;
	XB_AUTOFREE char *said = NULL, *now = NULL;

	XB_TRY(xb_gitchild_run(c, out, end));
	said = xb_quarantine_said(g->q);
	if (end->missing || end->crashed || !*said)
		return NULL;
	XB_TRY(xb_gitchild_run(c, &again, end));
	now = xb_quarantine_said(g->q);
	if (!end->missing && !end->crashed && !strcmp(said, now) && again.n == out->n &&
	    (!out->n || !memcmp(again.p, out->p, out->n)))
		return NULL;
	XB_FREE(end->missing);
	return xb_err_new(XB_E_TEMP, "git merge-tree does not answer the same twice; first it said: %s",
			  said);
}

/* Questions that have the same attributes: those of the first one's side. */
static struct xb_err *ask_some(struct xb_gitmerge *g, const struct xb_gitmerge_question *questions, size_t n,
			       struct xb_gitmerge_answer *answers)
{
	static const char *const argv[] = {"git",           "merge-tree", "--write-tree",
					   "--no-messages", "--stdin",    NULL};
	XB_AUTOBUF struct xb_buf in = XB_BUF_INIT, out = XB_BUF_INIT;
	struct xb_gitchild c = {.argv = argv, .q = g->q};
	struct xb_gitchild_end end;

	for (size_t i = 0; i < n; i++)
		XB_TRY(pose(g, &questions[i], &in));
	c.in = in.p;
	c.in_n = in.n;
	XB_TRY(run_git(g, &c, &out, &end));
	if (end.missing) {
		XB_AUTOFREE char *missing = end.missing;

		return xb_err_new(XB_E_TEMP, "%s", missing);
	}
	if (end.crashed && n > 1) { /* at one of them */
		for (size_t i = 0; i < n; i++)
			XB_TRY(ask_some(g, questions + i, 1, answers + i));
		return NULL;
	}
	g->asked += n;
	g->here += n;
	answers->crashed = end.crashed;
	if (end.crashed)
		return NULL;
	return read_answers(g, questions, n, &out, answers);
}

/* How many questions from the first on have its attributes; they are put in place. */
static struct xb_err *alike(struct xb_gitmerge *g, const struct xb_gitmerge_question *questions, size_t n,
			    size_t *out, const char **why)
{
	bool differs = false;

	XB_TRY(enter(g));
	XB_TRY(xb_quarantine_attributes(g->q, &questions->ours, why));
	for (*out = 1; *out < n && *out < AT_ONCE && !*why; ++*out) {
		XB_TRY(xb_quarantine_differs(g->q, &questions[*out].ours, &differs));
		if (differs)
			break;
	}
	return NULL;
}

struct xb_err *xb_gitmerge_ask(struct xb_gitmerge *g, const struct xb_gitmerge_question *questions, size_t n,
			       struct xb_gitmerge_answer *answers, const char **why)
{
	const char *version;
	size_t k = 0;

	XB_TRY(xb_gitmerge_version(g, &version, why));
	for (size_t i = 0; !*why && i < n; i += k) {
		XB_TRY(alike(g, questions + i, n - i, &k, why));
		if (!*why)
			XB_TRY(ask_some(g, questions + i, k, answers + i));
	}
	return NULL;
}

void xb_gitmerge_answer_release(struct xb_gitmerge_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i].path);
	free(a->v);
	*a = (struct xb_gitmerge_answer){0};
}
