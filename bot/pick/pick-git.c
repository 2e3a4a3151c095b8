/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick-impl.h"

static void forget_conflicts(struct xb_pick *out)
{
	const git_oid tree = out->tree;

	xb_pick_release(out);
	out->tree = tree;
}

/* What stands at a path that git leaves to a person says what kind of conflict it is. */
static enum xb_conflict_kind kind_of(const struct xb_entry stage[3], const char **why)
{
	bool b = stage[0].mode, o = stage[1].mode, t = stage[2].mode;

	*why = "renamed on one side, and in the way of the other";
	if (o + t + b == 1)
		return XB_CONFLICT_RENAME;
	if (b && o && t) {
		*why = "both sides change it, differently";
		return xb_pick_one_kind(&stage[1], &stage[2]) ? XB_CONFLICT_BINARY : XB_CONFLICT_TYPE;
	}
	if (o && t) {
		*why = "both sides add it, differently";
		return XB_CONFLICT_ADD_ADD;
	}
	*why = o ? "the commit deletes a file that has other contents here"
		 : "the commit changes a file that isn't there";
	return o ? XB_CONFLICT_DELETE_MODIFY : XB_CONFLICT_MODIFY_DELETE;
}

/* Three files: which lines, if it is about lines. */
static struct xb_err *find_hunks(struct xb_pick_walk *w, struct xb_conflict *c)
{
	git_oid ids[3] = {c->base.oid, c->ours.oid, c->theirs.oid};
	const struct xb_merge3_result *m;

	if (!xb_entry_is_file(&c->base) || !xb_entry_is_file(&c->ours) || !xb_entry_is_file(&c->theirs))
		return NULL;
	XB_TRY(xb_picker_merge(w->p, ids, &m));
	if (m->verdict != XB_MERGE3_CONFLICT)
		return NULL;
	c->kind = XB_CONFLICT_CONTENT;
	c->why = "both sides change the same lines";
	xb_pick_set_hunks(c, m);
	return NULL;
}

static struct xb_err *take_conflict(struct xb_pick_walk *w, const struct xb_gitmerge_conflict *from)
{
	const char *why;
	enum xb_conflict_kind kind = kind_of(from->stage, &why);

	return find_hunks(
	    w, xb_pick_conflict(w, kind, from->path, &from->stage[0], &from->stage[1], &from->stage[2], why));
}

static struct xb_err *take_answer(struct xb_pick_walk *w, const struct xb_gitmerge_answer *a)
{
	forget_conflicts(w->out);
	w->out->by_git = true;
	if (a->clean) {
		w->out->tree = a->tree;
		return NULL;
	}
	for (size_t i = 0; i < a->n; i++)
		XB_TRY(take_conflict(w, &a->v[i]));
	if (!a->n)
		xb_pick_conflict(w, XB_CONFLICT_RENAME, "?", &(struct xb_entry){0}, &(struct xb_entry){0},
				 &(struct xb_entry){0}, "directories were renamed in a way that isn't clear");
	return NULL;
}

struct xb_err *xb_pick_ask_git(struct xb_pick_walk *w, bool *decided)
{
	struct xb_gitmerge *git = xb_picker_git(w->p);
	struct xb_gitmerge_question q = {.base = *w->parent, .ours = *w->tip, .theirs = *w->commit};
	struct xb_gitmerge_answer a = {0};
	const char *why = "";
	struct xb_err *err = git ? xb_gitmerge_ask(git, &q, 1, &a, &why) : NULL;

	xb_picker_worked(w->p, (git_oid[]){q.base, q.ours, q.theirs}, XB_PICKER_BY_GIT);
	*decided = !err && !why && !a.crashed;
	if (*decided)
		err = take_answer(w, &a);
	for (size_t i = 0; i < w->out->n && a.crashed; i++)
		w->out->v[i].why = "git itself fails to merge it";
	xb_gitmerge_answer_release(&a);
	return err;
}
