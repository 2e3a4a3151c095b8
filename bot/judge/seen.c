/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seen.h"

#include "refs/ownrefs.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_RETRY_MS = 1000, LAST_RETRY_MS = 15 * 60 * 1000 };

/* ---- all refs ---- */

static int by_name(const void *a, const void *b)
{
	const struct xb_refview_one *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct xb_err *hash(const void *p, size_t n, git_oid *out)
{
	int rc = git_odb_hash(out, p ? p : "", n, GIT_OBJECT_BLOB);

	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot hash") : NULL;
}

static struct xb_err *add_ref(struct xb_refview *view, const git_reference *ref)
{
	struct xb_refview_one *one = XB_PUSH(view, v, n, cap);
	const git_oid *oid = git_reference_target(ref);
	const char *text;

	one->name = xb_strdup(git_reference_name(ref));
	if (oid) {
		one->oid = *oid;
		return NULL;
	}
	text = git_reference_symbolic_target(ref);
	return hash(text, strlen(text), &one->oid);
}

struct xb_err *xb_refview_read(git_repository *repo, struct xb_refview *out)
{
	XB_AUTOGIT(git_reference_iterator) *it = NULL;
	git_reference *ref;
	int rc = git_reference_iterator_new(&it, repo);

	*out = (struct xb_refview){0};
	while (!rc && !(rc = git_reference_next(&ref, it))) {
		struct xb_err *err = add_ref(out, ref);

		git_reference_free(ref);
		if (err)
			return err;
	}
	if (rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot list the refs");
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_name);
	return NULL;
}

void xb_refview_release(struct xb_refview *view)
{
	for (size_t i = 0; i < view->n; i++)
		free(view->v[i].name);
	free(view->v);
	*view = (struct xb_refview){0};
}

static struct xb_refview_one *get(const struct xb_refview *view, const char *name)
{
	struct xb_refview_one key;

	memset(&key, 0, sizeof key);
	memcpy(&key.name, &name, sizeof name);
	return view->n ? bsearch(&key, view->v, view->n, sizeof *view->v, by_name) : NULL;
}

git_oid xb_refview_value(const struct xb_refview *view, const char *name)
{
	static const git_oid none;
	const struct xb_refview_one *one = name ? get(view, name) : NULL;

	return one ? one->oid : none;
}

/* ---- targets ---- */

static void look_release(struct xb_seen_target *l)
{
	xb_target_release(&l->target);
	XB_FREE(l->candidate, l->tested);
	xb_publish_result_release(&l->report.r);
	free(l->report.error);
	xb_plan_free(l->memory);
	xb_rehearsal_release(&l->rehearsal);
	*l = (struct xb_seen_target){0};
}

void xb_seen_release(struct xb_seen *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		look_release(&seen->v[i]);
	free(seen->v);
	*seen = (struct xb_seen){0};
}

void xb_seen_forget(struct xb_seen *seen)
{
	seen->known = false;
	for (size_t i = 0; i < seen->n; i++) {
		seen->v[i].stale = true;
		seen->v[i].failures = 0;
		seen->v[i].rests = 0;
		xb_plan_free(XB_STEAL(seen->v[i].memory));
		xb_rehearsal_release(&seen->v[i].rehearsal);
	}
}

static struct xb_seen_target *find_target(struct xb_seen *seen, const char *name)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!strcmp(seen->v[i].target.name, name))
			return &seen->v[i];
	return NULL;
}

const char *xb_seen_ref_name(const struct xb_seen_target *l, enum xb_seen_ref r)
{
	switch (r) {
	case XB_SEEN_TIP:
		return l->target.tip_ref;
	case XB_SEEN_DERIVED:
		return l->target.derived_ref;
	case XB_SEEN_STATE:
		return l->target.state_ref;
	case XB_SEEN_CHAIN:
		return l->target.chain_ref;
	case XB_SEEN_CANDIDATE:
		return l->candidate;
	case XB_SEEN_TESTED:
		return l->tested;
	case XB_SEEN_REFS:
		break;
	}
	return NULL;
}

static void notice_tip(struct xb_seen_target *l, const struct xb_refview *view)
{
	git_oid tip = xb_refview_value(view, l->target.tip_ref);

	l->pushed |= !git_oid_is_zero(&l->noticed) && !git_oid_equal(&l->noticed, &tip);
	l->noticed = tip;
}

static void compare_one(struct xb_seen_target *l, const struct xb_refview *view)
{
	static const git_oid none;

	notice_tip(l, view);
	for (int i = 0; i < XB_SEEN_REFS; i++) {
		const char *name = xb_seen_ref_name(l, (enum xb_seen_ref)i);
		struct xb_refview_one *one = name ? get(view, name) : NULL;

		if (one)
			one->claimed = true;
		if (name && !git_oid_equal(one ? &one->oid : &none, &l->seen[i]))
			l->stale = true;
	}
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Refs that no target has, and that can change every target's plan. */
static bool is_common(const char *ref)
{
	const struct xb_ref_role *role = xb_ref_role_of(ref);

	return starts(ref, "refs/notes/") || (role && role->common);
}

static struct xb_err *hash_refs(const struct xb_refview *view, bool common, git_oid *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < view->n; i++) {
		const struct xb_refview_one *one = &view->v[i];

		if (one->claimed || is_common(one->name) != common)
			continue;
		xb_buf_add(&b, one->oid.id, sizeof one->oid.id);
		xb_buf_add(&b, one->name, strlen(one->name) + 1);
	}
	return hash(b.p, b.n, out);
}

struct xb_err *xb_refview_common(const struct xb_refview *view, git_oid *out)
{
	return hash_refs(view, true, out);
}

struct xb_err *xb_seen_compare(struct xb_seen *seen, struct xb_refview *view, bool *find)
{
	git_oid common, others;
	bool all;

	for (size_t i = 0; i < seen->n; i++)
		compare_one(&seen->v[i], view);
	XB_TRY(hash_refs(view, true, &common));
	XB_TRY(hash_refs(view, false, &others));
	all = !seen->known || !git_oid_equal(&common, &seen->common);
	*find = !seen->known || !git_oid_equal(&others, &seen->others);
	for (size_t i = 0; *find && i < seen->n; i++) /* a test system's answer is such a ref */
		seen->v[i].stale |= seen->v[i].report.r.wait == XB_WAIT_TESTED;
	for (size_t i = 0; all && i < seen->n; i++)
		seen->v[i].stale = true;
	seen->common = common;
	seen->others = others;
	seen->known = true;
	return NULL;
}

static void take_target(struct xb_seen_target *l, const struct xb_target *t)
{
	xb_target_release(&l->target);
	xb_target_copy(&l->target, t);
	XB_FREE(l->candidate, l->tested);
	l->candidate = xb_ref_of(XB_REF_CANDIDATES, t->name);
	l->tested = xb_ref_of(XB_REF_TESTED, t->name);
}

static struct xb_seen_target *take_or_make(struct xb_seen *old, const char *name, struct xb_seen *out)
{
	struct xb_seen_target *was = find_target(old, name);
	struct xb_seen_target *l = XB_PUSH(out, v, n, cap);

	if (was) {
		*l = *was;
		*was = (struct xb_seen_target){.target.name = xb_strdup("")}; /* no target's name */
	} else {
		*l = (struct xb_seen_target){.stale = true, .retry = XB_NEVER};
	}
	return l;
}

/* In the order of the targets. */
static void sync_targets(struct xb_seen *seen, const struct xb_targets *targets)
{
	struct xb_seen now = {.known = seen->known, .common = seen->common, .others = seen->others};

	for (size_t i = 0; i < targets->n; i++) {
		struct xb_seen_target *l = take_or_make(seen, targets->v[i].name, &now);

		if (!xb_target_same(&l->target, &targets->v[i]))
			l->stale = true;
		take_target(l, &targets->v[i]);
	}
	xb_seen_release(seen);
	*seen = now;
}

/* Which refs are of one target alone has changed: the others are hashed anew. */
struct xb_err *xb_seen_sync(struct xb_seen *seen, const struct xb_targets *targets, struct xb_refview *view)
{
	sync_targets(seen, targets);
	for (size_t i = 0; i < view->n; i++)
		view->v[i].claimed = false;
	for (size_t i = 0; i < seen->n; i++)
		compare_one(&seen->v[i], view);
	return hash_refs(view, false, &seen->others);
}

/* ---- one target ---- */

static struct xb_err *read_ref(git_repository *repo, const char *name, git_oid *out)
{
	int rc = name ? git_reference_name_to_id(out, repo, name) : GIT_ENOTFOUND;

	if (rc)
		*out = (git_oid){{0}};
	return rc && rc != GIT_ENOTFOUND ? xb_err_git(XB_E_IO, rc, "cannot read %s", name) : NULL;
}

static bool same_result(const struct xb_publish_result *a, const struct xb_publish_result *b)
{
	return (a->what == XB_PUBLISHED_HELD) == (b->what == XB_PUBLISHED_HELD) && a->blocked == b->blocked &&
	       xb_same_text(a->why, b->why);
}

static void report(struct xb_seen_report *to, struct xb_publish_result *r, int64_t now)
{
	to->news = !to->known || to->error || r->what == XB_PUBLISHED_MOVED || !same_result(&to->r, r);
	if (to->news)
		to->since = now;
	to->known = true;
	xb_set_text(&to->error, NULL);
	xb_publish_result_release(&to->r);
	to->r = *r;
	*r = (struct xb_publish_result){0};
}

static void remember(struct xb_seen_target *l, const struct xb_refview *view)
{
	static const git_oid none;

	for (int i = 0; i < XB_SEEN_REFS; i++) {
		const char *name = xb_seen_ref_name(l, (enum xb_seen_ref)i);
		const struct xb_refview_one *one = name ? get(view, name) : NULL;

		l->seen[i] = one ? one->oid : none;
	}
	l->stale = l->pushed = false;
}

/*
 * What we wrote ourselves has the values that we wrote; of what others write,
 * the values from before: had it moved meanwhile, the next look sees that.
 */
struct xb_err *xb_seen_done(struct xb_seen_target *l, git_repository *repo, const struct xb_refview *view,
			    const struct xb_target *target, struct xb_publish_result *r, int64_t now)
{
	take_target(l, target);
	remember(l, view);
	l->seen[XB_SEEN_DERIVED] = target->derived;
	l->seen[XB_SEEN_STATE] = target->state;
	XB_TRY(read_ref(repo, l->target.chain_ref, &l->seen[XB_SEEN_CHAIN]));
	XB_TRY(read_ref(repo, l->candidate, &l->seen[XB_SEEN_CANDIDATE]));
	l->failures = 0;
	l->retry = XB_NEVER;
	report(&l->report, r, now);
	return NULL;
}

/* What another run may settle by itself is tried soon; the rest waits for a person, who need not tell us. */
void xb_seen_failed(struct xb_seen_target *l, const struct xb_refview *view, const struct xb_err *err,
		    int64_t now)
{
	bool soon = err->code == XB_E_TEMP || err->code == XB_E_MOVED;
	int64_t first = soon ? FIRST_RETRY_MS : 60 * FIRST_RETRY_MS;

	l->retry = xb_now_ms() + xb_backoff(first, LAST_RETRY_MS, ++l->failures, 0);
	remember(l, view);
	l->report.news = !l->report.known || !xb_same_text(l->report.error, err->msg);
	if (l->report.news)
		l->report.since = now;
	l->report.known = true;
	xb_set_text(&l->report.error, err->msg);
}
