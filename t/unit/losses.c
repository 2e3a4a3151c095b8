/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What speaks against a plan that lacks something of what was published. */
#include "target/losses.h"
#include "history.h"
#include "tap.h"
#include "state/stateref.h"
#include "util/alloc.h"

static struct history h;
static struct xb_config *config;
static git_oid base, old_base, beside, tip, side; /* commits: see main */

static char release[] = "R.0", earlier[] = "R.-1", name[] = "4.17";

/* A published chain and a plan, both empty; of the base and staging as they are now. */
struct scene {
	struct xb_state state;
	struct xb_plan plan;
	struct xb_target target;
	struct xb_whys whys;
};

static void begin(struct scene *s)
{
	XB_AUTOERR struct xb_err *err = NULL;

	*s = (struct scene){.state = {.base = base, .base_tag = xb_strdup(release), .tip = tip},
			    .target = {.name = name, .base = base, .base_tag = release, .tip = tip}};
	err = xb_store_open(h.repo, NULL, &s->plan.store);
	history_need(err != NULL);
}

static void end(struct scene *s)
{
	xb_store_free(s->plan.store);
	xb_state_release(&s->state);
	xb_whys_release(&s->whys);
	for (size_t i = 0; i < s->plan.picks.n; i++)
		free(s->plan.picks.v[i].subject);
	free(s->plan.picks.v);
	free(s->plan.left_out.v);
	free(s->plan.blocked.v);
	free(s->plan.window.v);
}

static git_oid id(unsigned char n)
{
	git_oid out;

	memset(out.id, n, sizeof out.id);
	return out;
}

/* COMMIT was published. */
static struct xb_state_pick *had(struct scene *s, git_oid commit, enum xb_role role, const char *subject)
{
	struct xb_state_pick *k = XB_PUSH(&s->state.picks, v, n, cap);

	k->commit = commit;
	k->role = role;
	k->subject = xb_strdup(subject);
	if (role == XB_ROLE_SECURITY)
		xb_strv_add(&k->advisories, "XSA-1");
	return k;
}

static struct xb_plan_pick *picks(struct scene *s, git_oid commit, enum xb_role role, const char *subject)
{
	struct xb_plan_pick *k = XB_PUSH(&s->plan.picks, v, n, cap);

	k->commit = commit;
	k->role = role;
	k->subject = xb_strdup(subject);
	return k;
}

static void leaves_out(struct scene *s, git_oid commit, enum xb_left_reason why)
{
	XB_PUSH(&s->plan.window, v, n, cap)->oid = commit;
	*XB_PUSH(&s->plan.left_out, v, n, cap) =
	    (struct xb_plan_left){.window = s->plan.window.n - 1, .reason = why};
}

/* What is said of it, all picks of the plan published; ends the scene. */
static void said(struct scene *s, const char *want, const char *title)
{
	const struct xb_publish_inputs in = {.repo = h.repo, .config = config, .target = &s->target};
	XB_AUTOERR struct xb_err *err = xb_losses_find(&in, &s->state, &s->plan, s->plan.picks.n, &s->whys);
	const struct xb_reason *r = s->whys.v;
	XB_AUTOFREE char *got =
	    err          ? xb_strdup(err->msg)
	    : !s->whys.n ? xb_strdup("nothing")
			 : xb_asprintf("%s: %s; %s", xb_why_name(r->code),
				       r->subjects.n ? r->subjects.v[0] : "", r->detail ? r->detail : "-");

	is_text(got, want, title);
	end(s);
}

static void test_kept(void)
{
	struct scene s;

	begin(&s);
	said(&s, "nothing", "nothing was published");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	picks(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	said(&s, "nothing", "it is still picked");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	picks(&s, id(2), XB_ROLE_SECURITY, "x86: fix");
	said(&s, "nothing", "... under another id, in a staging that was rewritten");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	picks(&s, id(2), XB_ROLE_FOLLOW_UP, "x86: fix");
	said(&s, "loses: XSA-1 010101010101 \"x86: fix\"; -", "a namesake in another role is not it");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	picks(&s, id(2), XB_ROLE_SECURITY, "other")->replaces = id(1);
	said(&s, "nothing", "its replacement is picked");
	begin(&s);
	had(&s, id(3), XB_ROLE_SECURITY, "mended")->replaces = id(1);
	picks(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	said(&s, "nothing", "what it stood for is picked again");
	begin(&s);
	had(&s, id(1), XB_ROLE_PREREQUISITE, "x86: before");
	said(&s, "nothing", "a prerequisite that nothing needs any more");
	begin(&s);
	had(&s, old_base, XB_ROLE_SECURITY, "x86: fix");
	said(&s, "nothing", "the base has it");
}

static void test_lost(void)
{
	struct scene s;

	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	said(&s, "loses: XSA-1 010101010101 \"x86: fix\"; -", "a fix is gone");
	begin(&s);
	had(&s, side, XB_ROLE_FOLLOW_UP, "x86: more");
	s.state.tip = side;
	XB_AUTOFREE char *want =
	    xb_asprintf("loses: the follow-up %.12s \"x86: more\"; staging was rewound", xb_hex(&side).s);
	said(&s, want, "a follow-up is gone, with the staging that had it");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	XB_PUSH(&s.plan.blocked, v, n, cap);
	said(&s, "loses: XSA-1 010101010101 \"x86: fix\"; the plan blocks before it", "... behind a block");
}

static void test_left_out(void)
{
	struct scene s;

	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	leaves_out(&s, id(1), XB_LEFT_EXCLUDED);
	said(&s, "nothing", "a person excluded it");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	leaves_out(&s, id(1), XB_LEFT_REVERT);
	said(&s, "nothing", "staging reverted it");
	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	leaves_out(&s, id(1), XB_LEFT_PENDING);
	said(&s, "loses: XSA-1 010101010101 \"x86: fix\"; -", "that it waits is no reason to take it away");
	begin(&s);
	xb_strv_add(&had(&s, id(2), XB_ROLE_FOLLOW_UP, "x86: repair")->fixes, xb_hex(&(git_oid){{1}}).s);
	leaves_out(&s, (git_oid){{1}}, XB_LEFT_EXCLUDED);
	said(&s, "nothing", "a repair of what was excluded has nothing to repair");
	begin(&s);
	struct xb_state_pick *k = had(&s, id(2), XB_ROLE_FOLLOW_UP, "x86: repair");
	xb_strv_add(&k->fixes, xb_hex(&(git_oid){{1}}).s);
	xb_strv_add(&k->fixes, xb_hex(&(git_oid){{3}}).s);
	leaves_out(&s, (git_oid){{1}}, XB_LEFT_EXCLUDED);
	said(&s, "loses: the follow-up 020202020202 \"x86: repair\"; -",
	     "... unless it repairs another one, too");
}

static void test_base(void)
{
	struct scene s;

	begin(&s);
	s.state.base = old_base;
	said(&s, "nothing", "a later release");
	begin(&s);
	s.state.base = base;
	s.target.base = old_base;
	s.target.base_tag = earlier;
	said(&s, "older-base: R.0; -", "an earlier one");
	begin(&s);
	s.state.base = beside;
	said(&s, "nothing", "from one beside the branch to one that left it later");
	begin(&s);
	s.state.base = id(9);
	said(&s, "older-base: R.0; -", "the one that it was on is gone");
	begin(&s);
	s.state.notes = id(5);
	said(&s, "no-notes: ; -", "all notes are gone");
	begin(&s);
	s.state.notes = id(5);
	s.plan.notes = id(6);
	said(&s, "nothing", "other notes");
}

static void test_withdrawn(void)
{
	struct scene s;

	begin(&s);
	had(&s, id(1), XB_ROLE_SECURITY, "x86: fix");
	leaves_out(&s, id(1), XB_LEFT_EXCLUDED);
	ok(!xb_losses_withdrawn(&s.state, &s.plan), "what is excluded was not taken back");
	leaves_out(&s, id(2), XB_LEFT_WITHDRAWN);
	ok(!xb_losses_withdrawn(&s.state, &s.plan), "nor what never was published");
	leaves_out(&s, id(1), XB_LEFT_WITHDRAWN);
	ok(xb_losses_withdrawn(&s.state, &s.plan), "what a person took back was");
	end(&s);
}

int main(void)
{
	XB_AUTOERR struct xb_err *err = xb_config_load(NULL, &config);

	history_begin(&h);
	history_need(err != NULL);
	old_base = history_commit(&h, NULL, "old release", NULL);
	base = history_commit(&h, &old_base, "release", NULL);
	beside = history_commit(&h, &old_base, "a release beside the branch", NULL);
	tip = history_commit(&h, &base, "staging", NULL);
	side = history_commit(&h, &base, "staging as it was", NULL);
	test_kept();
	test_lost();
	test_left_out();
	test_base();
	test_withdrawn();
	xb_config_free(config);
	history_end(&h);
	return done();
}
