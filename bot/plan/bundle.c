/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb/git.h"
#include "config/ownrefs.h"
#include "bookkeeping.h"
#include "planner.h"

#include "discover/discover.h"
#include "odb/ancestry.h"
#include "util/alloc.h"

/* A bundle that grows beyond this is a sign of a rule gone wrong, not of a fix. */
#define MAX_BUNDLE 1000

bool xb_bundle_has(const struct xb_bundle *b, size_t i)
{
	for (size_t k = 0; k < b->n; k++)
		if (b->v[k].i == i)
			return true;
	return false;
}

/* Keeps the bundle in staging order. */
struct xb_bundle_item *xb_bundle_add(struct xb_bundle *b, size_t i, size_t needed_by)
{
	size_t k = b->n;

	xb_grow((void *)&b->v, &b->cap, b->n + 1, sizeof *b->v);
	for (; k && b->v[k - 1].i > i; k--)
		b->v[k] = b->v[k - 1];
	b->n++;
	b->v[k] = (struct xb_bundle_item){.i = i, .needed_by = needed_by};
	return &b->v[k];
}

void xb_bundle_release(struct xb_bundle *b)
{
	free(b->v);
	*b = (struct xb_bundle){0};
}

void xb_bundle_copy(struct xb_bundle *to, const struct xb_bundle *from)
{
	xb_bundle_release(to);
	xb_grow((void *)&to->v, &to->cap, from->n, sizeof *to->v);
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof *to->v);
	to->n = from->n;
}

bool xb_bundle_free_to_take(const struct xb_planner *p, const struct xb_bundle *b, size_t i)
{
	enum xb_fate f = p->c[i].fate;

	return (f == XB_FATE_NONE || f == XB_FATE_PENDING) && !xb_bundle_has(b, i);
}

/* What people declared that M needs, and what repairs M and came up so far. */
static struct xb_err *close_one(struct xb_planner *p, struct xb_bundle *b, size_t m)
{
	const struct xb_candidate *member = &p->c[m];

	for (size_t k = 0; k < member->declared.n; k++)
		if (xb_bundle_free_to_take(p, b, member->declared.v[k]))
			xb_bundle_add(b, member->declared.v[k], m);
	for (size_t j = 0; j <= p->at && j < p->plan->window.n; j++) {
		const struct xb_candidate *c = &p->c[j];

		if ((!c->words.prerequisite_of.n && !c->repairs.n) || !xb_bundle_free_to_take(p, b, j))
			continue;
		for (size_t k = 0; k < c->words.prerequisite_of.n; k++) {
			if (j != m && xb_roles_names(p, c->words.prerequisite_of.v[k], m, true)) {
				xb_bundle_add(b, j, m);
				break;
			}
		}
		if (xb_bundle_has(b, j))
			continue;
		for (size_t k = 0; k < c->repairs.n; k++) {
			if (c->repairs.v[k].window == m) {
				xb_bundle_add(b, j, m);
				break;
			}
		}
	}
	return xb_repairs_of_lines(p, b, m);
}

struct xb_err *xb_bundle_close(struct xb_planner *p, struct xb_bundle *b)
{
	XB_AUTOFREE bool *done = xb_calloc(p->plan->window.n + 1, sizeof *done);

	for (size_t n = 0;; n++) {
		size_t k = 0, m;

		while (k < b->n && done[b->v[k].i])
			k++;
		if (k == b->n)
			return NULL;
		if (n == MAX_BUNDLE)
			return xb_err_new(XB_E_HOSTILE,
					  "more than %d commits declared or repairing one another",
					  MAX_BUNDLE);
		m = b->v[k].i;
		done[m] = true;
		XB_TRY(close_one(p, b, m));
	}
}

/* Replacements come from refs/xsabot/fixups/ alone, where maintainers put them. */
static struct xb_err *is_fixup(struct xb_planner *p, const git_oid *oid, const char *hex)
{
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	struct xb_err *err = NULL;
	bool found = false;
	XB_AUTOFREE char *all = xb_ref_of(XB_REF_FIXUPS, "*");
	int rc = git_reference_iterator_glob_new(&it, p->in->repo, all);

	while (!rc && !err && !found && !(rc = git_reference_next(&ref, it))) {
		const git_oid *at = git_reference_target(ref);

		if (at)
			err = xb_ancestor_of(p->plan->store, oid, at, &found);
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	if (err || found)
		return err;
	return xb_err_new(XB_E_CONFIG, "Replaced-by: %s: no ref under %s has that commit", hex,
			  xb_ref_role(XB_REF_FIXUPS)->name);
}

/* The commit that stands for window commit I: its replacement, checked, or itself. */
static struct xb_err *source_of(struct xb_planner *p, size_t i, struct xb_hist *out, bool *replaced)
{
	const struct xb_hist *h = &p->plan->window.v[i];
	const char *hex = p->c[i].words.replaced_by;
	git_oid oid;

	*replaced = hex != NULL;
	if (!hex) {
		*out = (struct xb_hist){
		    .oid = h->oid, .tree = h->tree, .parent = h->parent, .parent_tree = h->parent_tree};
		return NULL;
	}
	if (strlen(hex) != GIT_OID_HEXSZ || git_oid_fromstr(&oid, hex))
		return xb_err_new(XB_E_CONFIG, "commit %s: Replaced-by: %s is no full commit id",
				  xb_hex(&h->oid).s, hex);
	XB_TRY(is_fixup(p, &oid, hex));
	XB_TRY(xb_hist_load(p->plan->store, p->in->rules, &oid, out));
	xb_message_release(&out->msg);
	if (out->n_parents != 1)
		return xb_err_new(XB_E_CONFIG,
				  "commit %s: its replacement %s has %zu parents; it must have one",
				  xb_hex(&h->oid).s, hex, out->n_parents);
	{
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		XB_TRY(xb_commit_load(p->plan->store, &out->parent, &c));
		out->parent_tree = c.tree;
	}
	return NULL;
}

struct xb_err *xb_bundle_check_source(struct xb_planner *p, size_t i, char **doubt)
{
	struct xb_hist src;
	bool replaced;
	struct xb_err *err = p->c[i].words.replaced_by ? source_of(p, i, &src, &replaced) : NULL;

	if (!err || (err->code != XB_E_CONFIG && err->code != XB_E_NOTFOUND && err->code != XB_E_HOSTILE))
		return err;
	free(*doubt);
	*doubt = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

struct xb_err *xb_bundle_pick(struct xb_planner *p, size_t i, const git_oid *tip, struct xb_pick *out)
{
	struct xb_hist src;
	bool replaced;

	XB_TRY(source_of(p, i, &src, &replaced));
	return xb_bookkeeping_pick(p, tip, &src.parent_tree, &src.tree, out, NULL);
}

struct xb_err *xb_bundle_try(struct xb_planner *p, const struct xb_bundle *b, struct xb_attempt *out)
{
	git_oid tip = p->tip;

	*out = (struct xb_attempt){.failed = SIZE_MAX, .lacks = SIZE_MAX};
	for (size_t k = 0; k < b->n; k++) {
		struct xb_pick pick;

		XB_TRY(xb_bundle_pick(p, b->v[k].i, &tip, &pick));
		if (pick.verdict == XB_PICK_CONFLICT || pick.verdict == XB_PICK_UNDECIDABLE) {
			xb_clashes_note(&p->c[b->v[k].i].clashes, &pick);
			out->failed = k;
			out->onto = tip;
			out->pick = pick;
			return NULL;
		}
		tip = pick.tree;
		xb_pick_release(&pick);
	}
	out->tree = tip;
	return NULL;
}

/* Makes the chain's commit for the pick OUT, on top of the picks so far. */
static struct xb_err *derive(struct xb_planner *p, struct xb_plan_pick *out)
{
	static const char *const roles[] = {"security", "follow-up", "prerequisite"};
	const struct xb_config *conf = p->in->config;
	size_t n = p->plan->picks.n;
	XB_AUTOCOMMIT struct xb_commit src = XB_COMMIT_INIT, made = XB_COMMIT_INIT;
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	struct xb_derive_options o = {
	    .source = &out->commit,
	    .tree = &out->tree,
	    .parent = xb_plan_tip(p->plan, n),
	    .parent_time = xb_plan_tip_time(p->plan, n),
	    .name = conf->committer_name,
	    .email = conf->committer_email,
	    .role = roles[out->role],
	    .advisories = &out->advisories,
	    .needed_by = &out->trailer_for,
	    .kept = &out->kept,
	};

	XB_TRY(xb_commit_load(p->plan->store, &out->commit, &src));
	XB_TRY(xb_commit_derive(&src, &o, &raw));
	XB_TRY(xb_commit_parse(raw.p, raw.n, &made));
	out->time = made.committer.time;
	return xb_store_put(p->plan->store, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, &out->derived);
}

struct xb_plan_left *xb_left_out(struct xb_planner *p, size_t i, enum xb_left_reason reason, char *why)
{
	struct xb_plan_left *l = XB_PUSH(&p->plan->left_out, v, n, cap);

	l->window = i;
	l->reason = reason;
	l->why = why;
	for (size_t k = 0; k < p->c[i].advisories.n; k++)
		xb_strv_add_new(&l->advisories, p->c[i].advisories.v[k]);
	return l;
}

static void release_pick(struct xb_plan_pick *k);

/* Appends one member for good. It applies: it was tried. */
static struct xb_err *append_one(struct xb_planner *p, const struct xb_bundle_item *item, size_t bundle)
{
	struct xb_plan *plan = p->plan;
	size_t i = item->i;
	struct xb_plan_pick out = {.window = i, .bundle = bundle};
	struct xb_hist src;
	struct xb_pick pick;
	struct xb_err *err;
	bool replaced;

	XB_TRY(source_of(p, i, &src, &replaced));
	XB_TRY(xb_bookkeeping_pick(p, &p->tip, &src.parent_tree, &src.tree, &pick, &out.kept));
	out.commit = src.oid;
	if (replaced)
		out.replaces = plan->window.v[i].oid;
	out.tree = pick.tree;
	out.from = src.parent_tree;
	out.to = src.tree;
	out.by_git = pick.by_git;
	if (pick.verdict == XB_PICK_EMPTY) {
		xb_strv_release(&out.kept);
		p->c[i].fate = XB_FATE_EMPTY;
		if (p->c[i].tagged)
			xb_left_out(p, i, XB_LEFT_EMPTY,
				    xb_strdup("it changes nothing here: its change is already there"));
		xb_pick_release(&pick);
		return NULL;
	}
	xb_pick_release(&pick);
	err = xb_roles_explain(p, i, item->needed_by, &out);
	if (!err)
		err = xb_discover_explain(p, item, &out);
	if (!err)
		err = derive(p, &out);
	if (err) {
		release_pick(&out);
		return err;
	}
	p->tip = out.tree;
	p->c[i].fate = XB_FATE_PICKED;
	p->c[i].pick = plan->picks.n;
	*XB_PUSH(&plan->picks, v, n, cap) = out;
	if (replaced && p->c[i].tagged)
		xb_left_out(p, i, XB_LEFT_REPLACED, xb_asprintf("%s is picked instead", xb_hex(&src.oid).s));
	return NULL;
}

static void release_pick(struct xb_plan_pick *k)
{
	xb_strv_release(&k->advisories);
	xb_strv_release(&k->needed_by);
	xb_strv_release(&k->fixes);
	xb_strv_release(&k->trailer_for);
	xb_strv_release(&k->kept);
	for (size_t i = 0; i < k->evidence.n; i++) {
		free(k->evidence.v[i].need);
		free(k->evidence.v[i].path);
		free(k->evidence.v[i].name);
	}
	free(k->evidence.v);
	free(k->why);
	free(k->subject);
}

void xb_plan_pick_release(struct xb_plan_pick *k)
{
	release_pick(k);
}

static struct xb_err *append_all(struct xb_planner *p, const struct xb_bundle *b)
{
	size_t first = p->plan->picks.n;

	for (size_t k = 0; k < b->n; k++)
		XB_TRY(append_one(p, &b->v[k], first));
	return NULL;
}

/* Does member M say that it needs commit J, or J that M needs it? */
static bool is_declared_need(const struct xb_planner *p, size_t j, size_t m)
{
	const struct xb_candidate *of = &p->c[m], *c = &p->c[j];
	bool out = false;

	for (size_t k = 0; k < of->declared.n; k++)
		out |= of->declared.v[k] == j;
	for (size_t k = 0; k < c->words.prerequisite_of.n && !out; k++)
		out = j < m && xb_roles_names(p, c->words.prerequisite_of.v[k], m, true);
	return out;
}

/* What was taken back is nobody's need: who needs it waits for a person. */
static void find_withdrawn_need(const struct xb_planner *p, const struct xb_bundle *b, struct xb_attempt *out)
{
	for (size_t j = 0; j <= p->at && out->failed == SIZE_MAX; j++) {
		for (size_t k = 0; p->c[j].words.withdrawn && k < b->n && out->failed == SIZE_MAX; k++) {
			if (!is_declared_need(p, j, b->v[k].i))
				continue;
			out->failed = k;
			out->lacks = j;
		}
	}
}

/* B->v[A->failed] applies, and yet it can't be taken. */
static void block_for_lack(struct xb_planner *p, size_t failed, size_t lacks, struct xb_plan_blocked *out)
{
	const struct xb_window *w = &p->plan->window;

	out->onto = p->tip;
	out->conflict.verdict = XB_PICK_UNDECIDABLE;
	xb_strv_add_new(&out->candidates, xb_hex(&w->v[lacks].oid).s);
	out->why = xb_asprintf("%.12s needs %.12s, which was withdrawn: %s", xb_hex(&w->v[failed].oid).s,
			       xb_hex(&w->v[lacks].oid).s, p->c[lacks].words.exclude);
}

static void block(struct xb_planner *p, const struct xb_bundle *b, size_t i, struct xb_attempt *a,
		  struct xb_plan_blocked *out)
{
	size_t failed = b->v[a->failed].i;
	const char *path = a->pick.n ? a->pick.v[0].path : "?";
	const struct xb_strv *ids = p->c[i].advisories.n ? &p->c[i].advisories : &p->c[failed].advisories;

	out->window = failed;
	out->wanted = i;
	for (size_t k = 0; k < ids->n; k++)
		xb_strv_add_new(&out->advisories, ids->v[k]);
	for (size_t k = 0; k < a->failed; k++)
		xb_strv_add_new(&out->before, xb_hex(&p->plan->window.v[b->v[k].i].oid).s);
	if (a->lacks != SIZE_MAX) {
		block_for_lack(p, failed, a->lacks, out);
		return;
	}
	out->onto = a->onto;
	out->conflict = a->pick;
	a->pick = (struct xb_pick){0};
	out->why = xb_asprintf(
	    "%.12s %s in %s%s (%s)%s", xb_hex(&p->plan->window.v[failed].oid).s,
	    out->conflict.verdict == XB_PICK_UNDECIDABLE ? "can't be decided" : "conflicts", path,
	    out->conflict.n > 1 ? " and others" : "", out->conflict.n ? out->conflict.v[0].why : "?",
	    failed == i ? "" : ", which is needed or repairs what is needed");
	if (a->spent)
		out->why = xb_discover_spent(p, XB_STEAL(out->why));
}

/* Commit I needs the others of B, for which its own evidence is too weak. */
static void refuse_company(const struct xb_planner *p, const struct xb_bundle *b, size_t i,
			   struct xb_plan_blocked *out)
{
	size_t other = b->v[b->v[0].i == i].i;

	out->why = xb_asprintf("it repairs lines of a fix that the release has, and needs %.12s%s",
			       xb_hex(&p->plan->window.v[other].oid).s, b->n > 2 ? " and others" : "");
}

struct xb_err *xb_bundle_append(struct xb_planner *p, size_t i, bool *done, struct xb_plan_blocked *blocked)
{
	size_t mark = xb_store_mark(p->plan->store);
	struct xb_bundle b = {0};
	struct xb_attempt a = {.failed = SIZE_MAX, .lacks = SIZE_MAX};
	struct xb_err *err;

	*done = false;
	xb_bundle_add(&b, i, SIZE_MAX);
	err = xb_bundle_close(p, &b);
	if (!err)
		err = xb_bundle_try(p, &b, &a);
	if (!err && !p->in->options.no_discover)
		err = xb_discover(p, i, &b, &a);
	if (!err && a.failed == SIZE_MAX)
		find_withdrawn_need(p, &b, &a);
	if (!err && a.failed == SIZE_MAX && p->c[i].alone && b.n > 1) {
		refuse_company(p, &b, i, blocked);
	} else if (!err && a.failed == SIZE_MAX) {
		xb_picker_rollback(p->plan->picker, mark);
		err = append_all(p, &b);
		*done = !err;
	} else if (!err) {
		/* What was made stays: the report reads the tree that the pick met. */
		block(p, &b, i, &a, blocked);
	}
	xb_pick_release(&a.pick);
	xb_bundle_release(&b);
	return err;
}

/* The bundle's first pick meets the tip itself; those after it, what the ones before made of it. */
struct xb_err *xb_bundle_must_fail(struct xb_planner *p, size_t i, bool *out)
{
	struct xb_bundle b = {0};
	struct xb_err *err;

	*out = false;
	if (!p->in->options.no_discover)
		return NULL; /* what is found may come before it */
	xb_bundle_add(&b, i, SIZE_MAX);
	err = xb_bundle_close(p, &b);
	if (!err)
		err = xb_clashes_stand(&p->c[b.v[0].i].clashes, p->plan->store, &p->tip, out);
	xb_bundle_release(&b);
	return err;
}
