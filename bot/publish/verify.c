/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify.h"

#include "crosscheck.h"
#include "odb/git.h"
#include "publish.h"
#include "recorded.h"
#include "state.h"
#include "util/alloc.h"
#include "whole.h"
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

/* Where two lists of picks part: an owned text. */
static char *where(const struct xb_state *s, const struct xb_plan *p)
{
	for (size_t i = 0; i < s->picks.n || i < p->picks.n; i++) {
		const struct xb_state_pick *a = i < s->picks.n ? &s->picks.v[i] : NULL;
		const struct xb_plan_pick *b = i < p->picks.n ? &p->picks.v[i] : NULL;

		if (a && b && git_oid_equal(&a->derived, &b->derived))
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
		if (i >= s->picks.n || !git_oid_equal(&s->picks.v[i].derived, &p->picks.v[i].derived))
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
		} else if (!git_oid_equal(chain, &s->chain_tip)) {
			say(out, XB_VERIFIED_DIFFERS,
			    xb_asprintf("it is neither the recorded chain %.12s nor a stitch on it",
					xb_hex(&s->chain_tip).s));
		}
	}
	xb_recorded_release(&r);
	return err ? xb_err_wrap(err, "with the recorded inputs") : NULL;
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

static void compare_now(const struct xb_verify_inputs *in, const struct xb_plan *p, const struct xb_state *s,
			const git_oid *chain, struct xb_verify_result *out)
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
		XB_AUTOFREE char *place = where(s, p);

		say(out, XB_VERIFIED_DIFFERS, xb_asprintf("the inputs of now give another chain, %s", place));
	}
	if (n != SIZE_MAX && ((n == wanted && p->blocked.n) || (n < wanted && stopped)))
		out->what = XB_VERIFIED_SAME; /* as far as it may go, and the reason is recorded */
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
static struct xb_err *check_whole(const struct xb_verify_inputs *in, struct xb_verify_result *out)
{
	struct xb_err *err = out->what == XB_VERIFIED_DIFFERS
				 ? NULL
				 : xb_whole_history(in->repo, &in->target->derived, &in->target->base);

	if (!err || err->code == XB_E_TEMP)
		return err;
	say(out, XB_VERIFIED_DIFFERS, xb_strdup(err->msg));
	xb_err_free(err);
	return NULL;
}

/* Of what it was made can't be told here: what is here now gives another, which says nothing. */
static void lacks_records(struct xb_verify_result *out)
{
	XB_AUTOFREE char *fetch = xb_advice_fetch_records();

	say(out, XB_VERIFIED_CANT_TELL,
	    xb_asprintf("%s; what it was made of is not recorded here: %s", out->text, fetch));
}

static struct xb_err *verify(const struct xb_verify_inputs *in, struct xb_plan *p, struct xb_state *s,
			     struct xb_verify_result *out)
{
	const struct xb_target *t = in->target;
	struct xb_under u;
	bool behind;

	XB_TRY(xb_state_read(p->store, &t->state, s));
	if (git_oid_is_zero(&t->derived)) {
		bool kept = !git_oid_is_zero(&t->state);

		say(out, kept ? XB_VERIFIED_DIFFERS : XB_VERIFIED_NOTHING,
		    kept ? xb_asprintf("%s is not there", t->derived_ref)
			 : xb_strdup("neither the branch nor a record of one is there; no bot keeps it, or "
				     "this copy has neither"));
		return NULL;
	}
	if (!git_oid_is_zero(&t->state) && !git_oid_equal(&t->derived, &s->published)) {
		say(out, XB_VERIFIED_DIFFERS,
		    xb_asprintf("someone moved it to %.12s; published was %.12s", xb_hex(&t->derived).s,
				xb_hex(&s->published).s));
		return NULL;
	}
	XB_TRY(xb_chain_under(p->store, &t->derived, &u));
	if (!git_oid_is_zero(&t->state)) {
		XB_TRY(check_recorded(in, s, &u.chain, out));
		if (out->text)
			return NULL;
	}
	XB_TRY(waits_for_the_bot(in, s, &behind));
	if (behind)
		say(out, XB_VERIFIED_BEHIND,
		    xb_asprintf("it is %s and %zu picks, as recorded; the newest release is %s now",
				s->base_tag ? s->base_tag : "its base", s->picks.n,
				t->base_tag ? t->base_tag : xb_hex(&t->base).s));
	else
		compare_now(in, p, s, &u.chain, out);
	if (git_oid_is_zero(&t->state) && out->what == XB_VERIFIED_DIFFERS)
		lacks_records(out);
	XB_TRY(check_by_git(in, p, xb_prefix_length(p, &u.chain), out));
	return check_whole(in, out);
}

struct xb_err *xb_verify(const struct xb_verify_inputs *in, struct xb_verify_result *out)
{
	struct xb_plan_inputs pi = {
	    .repo = in->repo, .config = in->config, .rules = in->rules, .target = in->target};
	struct xb_state s = {0};
	struct xb_plan *p = NULL;
	struct xb_err *err;

	*out = (struct xb_verify_result){0};
	if (in->target->status != XB_TARGET_OK) {
		bool gone = !git_oid_is_zero(&in->target->derived);

		say(out, gone ? XB_VERIFIED_DIFFERS : XB_VERIFIED_NOTHING,
		    xb_strdup(in->target->status == XB_TARGET_NO_STAGING ? "there is no staging ref"
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
	return err ? xb_err_wrap(err, "%s", in->target->name) : NULL;
}
