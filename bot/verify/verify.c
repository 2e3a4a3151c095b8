/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify.h"

#include "differs.h"
#include "publish/objects.h"
#include "repo/git.h"
#include "state/stateref.h"
#include "target/crosscheck.h"
#include "target/recorded.h"
#include "target/target.h"
#include "util/alloc.h"
#include "words/advice.h"

void xb_verify_result_release(struct xb_verify_result *r)
{
	free(r->text);
	*r = (struct xb_verify_result){0};
}

static void say(struct xb_verify_result *out, enum xb_verified what, char *text)
{
	free(out->text);
	out->what = what;
	out->text = text;
}

static bool same_pick(const struct xb_state_pick *a, const struct xb_plan_pick *b)
{
	return git_oid_equal(&a->derived, &b->derived) && git_oid_equal(&a->commit, &b->commit);
}

/* Where two lists of picks part: an owned text. */
static char *where(const struct xb_state *s, const struct xb_plan *p)
{
	for (size_t i = 0; i < s->picks.n || i < p->picks.n; i++) {
		const struct xb_state_pick *a = i < s->picks.n ? &s->picks.v[i] : NULL;
		const struct xb_plan_pick *b = i < p->picks.n ? &p->picks.v[i] : NULL;

		if (a && b && same_pick(a, b))
			continue;
		return xb_asprintf("from pick %zu on: recorded %.12s%s%s, recomputed %.12s%s%s", i + 1,
				   a ? xb_hex(&a->commit).s : "nothing", a && a->subject ? " " : "",
				   a && a->subject ? a->subject : "", b ? xb_hex(&b->commit).s : "nothing",
				   b && b->subject ? " " : "", b && b->subject ? b->subject : "");
	}
	return xb_strdup("in the base or in what it was stitched on");
}

/* The first pick of P that isn't the recorded one; SIZE_MAX: there is none. */
static size_t first_other(const struct xb_state *s, const struct xb_plan *p)
{
	for (size_t i = 0; i < p->picks.n; i++)
		if (i >= s->picks.n || !same_pick(&s->picks.v[i], &p->picks.v[i]))
			return i;
	return SIZE_MAX;
}

/*
 * Where the chains part, git decides, and the git here isn't that which did: then
 * it can't be told here which is right.
 */
static struct xb_err *is_other_git(const struct xb_state *s, const struct xb_plan *p,
				   struct xb_verify_result *out, bool *other)
{
	size_t i = first_other(s, p);
	bool undecided = p->blocked.n && p->blocked.v[0].conflict.verdict == XB_PICK_UNDECIDABLE;
	bool decided = i != SIZE_MAX && i < s->picks.n && p->picks.v[i].by_git &&
		       git_oid_equal(&p->picks.v[i].commit, &s->picks.v[i].commit);
	const char *version, *why;

	*other = false;
	if (!s->git || (!decided && !(i == SIZE_MAX && undecided)))
		return NULL;
	XB_TRY(xb_gitmerge_version(xb_picker_git(p->picker), &version, &why));
	*other = !version || strcmp(version, s->git) != 0;
	if (*other)
		say(out, XB_VERIFIED_CANT_TELL,
		    xb_asprintf("picks that git %s decided come out otherwise here, with %s%s; verify where "
				"git %s is in PATH",
				s->git, version ? "git " : "", version ? version : why, s->git));
	return NULL;
}

static struct xb_err *check_recorded(const struct xb_verify_inputs *in, const struct xb_state *s,
				     const git_oid *chain, struct xb_verify_result *out)
{
	struct xb_recorded r = {0};
	struct xb_err *err = xb_recorded_plan(in->repo, in->target, s, &r);
	bool other = false;

	if (!err)
		err = is_other_git(s, r.plan, out, &other);
	if (!err && !other && !git_oid_is_zero(&s->chain_tip)) {
		size_t n = xb_prefix_length(r.plan, &s->chain_tip);

		if (n == SIZE_MAX || n != s->picks.n) {
			XB_AUTOFREE char *place = where(s, r.plan);

			say(out, XB_VERIFIED_DIFFERS,
			    xb_asprintf("the recorded inputs give another chain, %s", place));
		} else if (first_other(s, r.plan) < n) {
			XB_AUTOFREE char *place = where(s, r.plan);

			say(out, XB_VERIFIED_DIFFERS,
			    xb_asprintf("the record names other picks than its inputs give, %s", place));
		} else if (!git_oid_equal(chain, &s->chain_tip)) {
			XB_AUTOFREE char *place = NULL;

			err = xb_differs_where(r.plan, chain, &place);
			say(out, XB_VERIFIED_DIFFERS,
			    xb_asprintf("it is neither the recorded chain %.12s nor a stitch on it%s%s",
					xb_hex(&s->chain_tip).s, place ? ": " : "", place ? place : ""));
		}
	}
	xb_recorded_release(&r);
	return err ? xb_err_wrap(err, "with the recorded inputs") : NULL;
}

/* Where it parts from what was published, as far as that can be found out. */
static struct xb_err *was_moved(const struct xb_verify_inputs *in, const struct xb_state *s,
				struct xb_verify_result *out)
{
	const struct xb_target *t = in->target;
	struct xb_recorded r = {0};
	XB_AUTOFREE char *place = NULL;
	struct xb_under u = {.chain = t->derived};
	struct xb_err *err = xb_recorded_plan(in->repo, t, s, &r);

	if (!err)
		err = xb_chain_under(r.plan->store, &t->derived, &u);
	if (!err)
		err = xb_differs_where(r.plan, &u.chain, &place);
	xb_recorded_release(&r);
	if (err && err->code == XB_E_TEMP)
		return err;
	xb_err_free(err); /* what is told is true without */
	say(out, XB_VERIFIED_DIFFERS,
	    xb_asprintf("someone moved it to %.12s; published was %.12s%s%s", xb_hex(&t->derived).s,
			xb_hex(&s->published).s, place ? ": " : "", place ? place : ""));
	return NULL;
}

/* The recorded inputs gave what is there, but the line has a newer release since: the bot has not run. */
static struct xb_err *waits_for_the_bot(const struct xb_verify_inputs *in, const struct xb_state *s,
					bool *out)
{
	*out = false;
	if (git_oid_is_zero(&in->target->state) || git_oid_equal(&s->base, &in->target->base))
		return NULL;
	return xb_is_ancestor(in->repo, &s->base, &in->target->base, out);
}

static struct xb_err *compare_now(const struct xb_verify_inputs *in, const struct xb_plan *p,
				  const struct xb_state *s, const git_oid *chain,
				  struct xb_verify_result *out)
{
	size_t n = xb_prefix_length(p, chain), wanted = xb_publish_length(p, s);
	const char *base = in->target->base_tag ? in->target->base_tag : "its base";
	/* As recorded, where nothing has changed since then. */
	const char *stopped =
	    s->stopped && git_oid_equal(&s->tip, &in->target->tip) && git_oid_equal(&s->chain_tip, chain)
		? s->stopped
		: NULL;

	if (n == wanted && n == p->picks.n)
		say(out, XB_VERIFIED_SAME, xb_asprintf("it is %s and %zu picks, as recomputed", base, n));
	else if (n != SIZE_MAX && (n >= wanted || n < p->picks.n))
		say(out, XB_VERIFIED_BEHIND,
		    xb_asprintf("it is %s and the first %zu of %zu picks%s%s", base, n, p->picks.n,
				p->blocked.n ? "; the plan is blocked: "
				: stopped    ? "; "
					     : "",
				p->blocked.n ? p->blocked.v[0].why
				: stopped    ? stopped
					     : ""));
	else {
		bool recorded = !git_oid_is_zero(&in->target->state);
		XB_AUTOFREE char *place = NULL;

		if (!recorded)
			XB_TRY(xb_differs_where(p, chain, &place));
		if (!place)
			place = where(s, p);
		say(out, XB_VERIFIED_DIFFERS,
		    xb_asprintf("the inputs of now give another chain%s %s", recorded ? "," : ":", place));
	}
	if (n != SIZE_MAX && ((n == wanted && p->blocked.n) || (n < wanted && stopped)))
		out->what = XB_VERIFIED_SAME; /* as far as it may go, and the reason is recorded */
	return NULL;
}

/* All picks of the published chain, whether they were checked before or not. */
static struct xb_err *check_by_git(const struct xb_verify_inputs *in, const struct xb_plan *p, size_t n,
				   struct xb_verify_result *out)
{
	struct xb_crosscheck c = {.plan = p, .n = n};
	struct xb_crosschecked r;

	if (!in->with_git || n == SIZE_MAX || out->what == XB_VERIFIED_DIFFERS)
		return NULL;
	XB_TRY(xb_crosscheck(&c, &r));
	if (r.at != SIZE_MAX)
		say(out, XB_VERIFIED_DIFFERS,
		    xb_asprintf("git differs about %.12s: %s", xb_hex(&p->picks.v[r.at].commit).s, r.why));
	else if (r.why)
		say(out, XB_VERIFIED_CANT_TELL, xb_asprintf("git can't be asked: %s", r.why));
	else {
		char *text = xb_asprintf("%s; git makes %s%zu of them the same%s", out->text,
					 r.asked == n ? "all " : "", r.asked,
					 r.asked == n ? "" : ", and decided the others itself");

		say(out, out->what, text);
	}
	free(r.why);
	return NULL;
}

/* Right as its ids are, it is of no use without all objects. */
static struct xb_err *check_whole(const struct xb_verify_inputs *in, const git_oid *base,
				  struct xb_verify_result *out)
{
	struct xb_err *err =
	    out->what == XB_VERIFIED_DIFFERS ? NULL : xb_whole_history(in->repo, &in->target->derived, base);

	if (!err || err->code == XB_E_TEMP)
		return err;
	say(out, XB_VERIFIED_DIFFERS, xb_strdup(err->msg));
	xb_err_free(err);
	return NULL;
}

/* As recorded it is good; with what is here now it is not, but the notes aren't. */
static bool lacks_notes(const struct xb_verify_inputs *in, const struct xb_state *s)
{
	git_oid now;

	return !git_oid_is_zero(&s->notes) && *in->config->notes &&
	       git_reference_name_to_id(&now, in->repo, in->config->notes) == GIT_ENOTFOUND;
}

/* Of what it was made can't be told here: what is here now gives another, which says nothing. */
static void lacks_records(struct xb_verify_result *out)
{
	XB_AUTOFREE char *fetch = xb_advice_fetch_records();

	say(out, XB_VERIFIED_CANT_TELL,
	    xb_asprintf("%s; what it was made of is not here: %s", out->text, fetch));
}

/* What a bot wrote in the state ref has its form: what has not, was put there by someone else. */
static struct xb_err *read_state(const struct xb_verify_inputs *in, struct xb_store *store,
				 struct xb_state *s, struct xb_verify_result *out)
{
	struct xb_err *err = xb_state_read(store, &in->target->state, s);

	if (!err || err->code != XB_E_HOSTILE)
		return err;
	say(out, XB_VERIFIED_DIFFERS,
	    xb_asprintf("%s is no record that a bot made: %s", in->target->state_ref, err->msg));
	xb_err_free(err);
	return NULL;
}

/* With what is recorded alone; no text: nothing speaks against it. */
static struct xb_err *verify_recorded(const struct xb_verify_inputs *in, struct xb_store *store,
				      struct xb_state *s, struct xb_under *u, struct xb_verify_result *out)
{
	const struct xb_target *t = in->target;
	bool recorded = !git_oid_is_zero(&t->state);

	XB_TRY(read_state(in, store, s, out));
	if (out->text)
		return NULL;
	if (git_oid_is_zero(&t->derived)) {
		say(out, recorded ? XB_VERIFIED_DIFFERS : XB_VERIFIED_NOTHING,
		    recorded ? xb_asprintf("%s is not there", t->derived_ref)
			     : xb_strdup("neither the branch nor a record of one is there; no bot keeps it, "
					 "or this copy has neither"));
		return NULL;
	}
	if (recorded && !git_oid_equal(&t->derived, &s->published))
		return was_moved(in, s, out);
	XB_TRY(xb_chain_under(store, &t->derived, u));
	return recorded ? check_recorded(in, s, &u->chain, out) : NULL;
}

static struct xb_err *verify(const struct xb_verify_inputs *in, struct xb_plan *p, struct xb_state *s,
			     struct xb_verify_result *out)
{
	const struct xb_target *t = in->target;
	struct xb_under u;
	bool behind;

	XB_TRY(verify_recorded(in, p->store, s, &u, out));
	if (out->text)
		return NULL;
	XB_TRY(waits_for_the_bot(in, s, &behind));
	if (behind)
		say(out, XB_VERIFIED_BEHIND,
		    xb_asprintf("it is %s and %zu picks, as recorded; the newest release is %s now",
				s->base_tag ? s->base_tag : "its base", s->picks.n,
				t->base_tag ? t->base_tag : xb_hex(&t->base).s));
	else
		XB_TRY(compare_now(in, p, s, &u.chain, out));
	if (out->what == XB_VERIFIED_DIFFERS && (git_oid_is_zero(&t->state) || lacks_notes(in, s)))
		lacks_records(out);
	XB_TRY(check_by_git(in, p, xb_prefix_length(p, &u.chain), out));
	return check_whole(in, &t->base, out);
}

/* Nothing of now to compare with: the line has ended, or its stable branch is not in this copy. */
static void judge_end(const struct xb_verify_inputs *in, const struct xb_state *s,
		      struct xb_verify_result *out)
{
	const struct xb_target *t = in->target;
	const char *base = s->base_tag ? s->base_tag : "its base";

	if (s->ended) {
		XB_AUTOFREE char *since = xb_time_text(s->ended_at);

		say(out, XB_VERIFIED_SAME,
		    xb_asprintf("it is %s and %zu picks, as recorded; it ended at %s: %s", base, s->picks.n,
				since, s->ended));
	} else if (in->frozen) {
		say(out, XB_VERIFIED_SAME,
		    xb_asprintf("it is %s and %zu picks, as recorded; it is no longer kept", base,
				s->picks.n));
	} else if (t->status == XB_TARGET_NO_STAGING) {
		XB_AUTOFREE char *fetch = xb_advice_fetch_branch(t->tip_ref);

		say(out, XB_VERIFIED_CANT_TELL,
		    xb_asprintf("it is %s and %zu picks, as recorded; what came to %s since is not here: %s",
				base, s->picks.n, t->tip_ref, fetch));
	} else {
		say(out, XB_VERIFIED_CANT_TELL,
		    xb_asprintf("it is %s and %zu picks, as recorded; %s contains no release here: %s", base,
				s->picks.n, t->tip_ref, "git fetch --tags origin"));
	}
}

/* As of its end. */
static struct xb_err *verify_end(const struct xb_verify_inputs *in, struct xb_verify_result *out)
{
	struct xb_under u = {0};
	XB_AUTO(xb_state_release) struct xb_state s = {0};
	XB_AUTOPTR(xb_store) *store = NULL;

	XB_TRY(xb_store_open(in->repo, NULL, &store));
	XB_TRY(verify_recorded(in, store, &s, &u, out));
	if (!out->text)
		judge_end(in, &s, out);
	if (out->what == XB_VERIFIED_SAME || out->what == XB_VERIFIED_CANT_TELL)
		XB_TRY(check_whole(in, &s.base, out));
	return NULL;
}

/* What it was made of need not be in this copy; what it consists of must. */
static struct xb_err *lacks_objects(const struct xb_verify_inputs *in, struct xb_err *err,
				    struct xb_verify_result *out)
{
	if (!err || err->code != XB_E_NOTFOUND)
		return err;
	say(out, XB_VERIFIED_CANT_TELL, xb_asprintf("%s; git fetch origin, if it is there", err->msg));
	xb_err_free(err);
	return git_oid_is_zero(&in->target->derived) ? NULL : check_whole(in, &in->target->base, out);
}

/* *OUT: the record says that the line came to its end, so that nothing of later counts. */
static struct xb_err *has_ended(const struct xb_verify_inputs *in, bool *out)
{
	struct xb_state s = {0};
	struct xb_store *store;
	struct xb_err *err;

	*out = false;
	if (git_oid_is_zero(&in->target->state))
		return NULL;
	XB_TRY(xb_store_open(in->repo, NULL, &store));
	err = xb_state_read(store, &in->target->state, &s);
	*out = !err && s.ended;
	xb_state_release(&s);
	xb_store_free(store);
	if (!err || err->code == XB_E_TEMP)
		return err;
	xb_err_free(err); /* no record of ours: it is judged without */
	return NULL;
}

struct xb_err *xb_verify(const struct xb_verify_inputs *in, struct xb_verify_result *out)
{
	struct xb_plan_inputs pi = {
	    .repo = in->repo, .config = in->config, .rules = in->rules, .target = in->target};
	struct xb_state s = {0};
	struct xb_plan *p = NULL;
	struct xb_err *err;
	bool ended;

	*out = (struct xb_verify_result){0};
	XB_TRY(has_ended(in, &ended));
	if (in->target->status != XB_TARGET_OK || ended) {
		if (!git_oid_is_zero(&in->target->state))
			return lacks_objects(in, verify_end(in, out), out);
		say(out, git_oid_is_zero(&in->target->derived) ? XB_VERIFIED_NOTHING : XB_VERIFIED_CANT_TELL,
		    xb_strdup(in->target->status == XB_TARGET_NO_STAGING ? "there is no staging ref here"
									 : "staging contains no release"));
		return NULL;
	}
	err = xb_state_rules_version(in->repo, in->config, in->target, &pi.rules_version);
	if (!err)
		err = xb_plan_make(&pi, &p);
	if (!err)
		err = verify(in, p, &s, out);
	xb_state_release(&s);
	xb_plan_free(p);
	err = lacks_objects(in, err, out);
	return err ? xb_err_wrap(err, "%s", in->target->name) : NULL;
}
