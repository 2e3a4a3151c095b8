/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "owned.h"

#include "recorded.h"
#include "target.h"
#include "lines/refnames.h"
#include "odb/ancestry.h"
#include "odb/commit.h"
#include "os/log.h"
#include "packs/sha1.h"
#include "publish/refmove.h"
#include "refs/refpat.h"
#include "repo/git.h"
#include "state/ledger.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/*
 * Is a derived ref that our directory does not know one that we made, before a
 * restore, or on another host? Its state ref says from what: that counts where
 * these inputs are ours (its tip is staging's history, its release one of the
 * line, its notes of the notes ref, its rules those of the configuration) and,
 * recomputed, they give exactly this value. A value that was stitched on an older
 * one is right only if that one is, by the state that recorded it.
 */

enum { STITCHES_MAX = 64 };

struct check {
	const struct xb_publish_inputs *in;
	const struct xb_target *t;
	struct xb_store *store;
	char **why_not;
};

/* Notes what speaks against it; gives false. */
static bool no(const struct check *c, char *why)
{
	free(*c->why_not);
	*c->why_not = why;
	return false;
}

static struct xb_err *check_tip(const struct check *c, const struct xb_state *s, bool *ours)
{
	bool in = false;

	if (git_odb_exists(xb_store_odb(c->store), &s->tip))
		XB_TRY(xb_ancestor_of(c->store, &s->tip, &c->t->tip, &in));
	*ours = in || no(c, xb_asprintf("%.12s, of which it was made, is not in %s", xb_hex(&s->tip).s,
					c->t->tip_ref ? c->t->tip_ref : "staging"));
	return NULL;
}

static struct xb_err *check_base(const struct check *c, const struct xb_state *s, bool *ours)
{
	const struct xb_line_conf *conf = xb_config_line(c->in->config, c->t->line);
	struct xb_refnames refs = {.repo = c->in->repo};
	XB_AUTOPTR(xb_refpat) *pat = NULL;
	XB_AUTOFREE char *ref = NULL;
	bool kept = strcmp(c->t->name, c->t->line) != 0;
	git_oid at = {{0}};

	XB_TRY(xb_refpat_compile(conf->release, 0, XB_REFPAT_ANY, &pat));
	ref = xb_asprintf("%s%s", s->base_tag && !strncmp(s->base_tag, "refs/", 5) ? "" : "refs/tags/",
			  s->base_tag ? s->base_tag : "");
	if (xb_refpat_match_line(pat, ref, c->t->line, NULL))
		XB_TRY(xb_refnames_peel(&refs, ref, &at));
	*ours = !git_oid_is_zero(&at) && git_oid_equal(&at, &s->base) &&
		(!kept || git_oid_equal(&at, &c->t->base));
	if (!*ours)
		no(c, xb_asprintf("it was made on %s, which is no release of the line", ref));
	return NULL;
}

static struct xb_err *check_notes(const struct check *c, const struct xb_state *s, bool *ours)
{
	const char *ref = c->in->config->notes;
	git_oid now = {{0}};

	*ours = git_oid_is_zero(&s->notes);
	if (*ours)
		return NULL;
	if (*ref)
		XB_TRY(xb_ref_value(c->in->repo, ref, &now));
	if (!git_oid_is_zero(&now) && git_odb_exists(xb_store_odb(c->store), &s->notes))
		XB_TRY(xb_ancestor_of(c->store, &s->notes, &now, ours));
	if (!*ours)
		no(c, xb_asprintf("%.12s, the notes of which it was made, are not in %s", xb_hex(&s->notes).s,
				  ref));
	return NULL;
}

/* As this program writes them, which may know more words than the one that did; any version of them is ours.
 */
static bool check_rules(const struct check *c, const struct xb_state *s)
{
	XB_AUTOBUF struct xb_buf now = XB_BUF_INIT, then = XB_BUF_INIT;
	struct xb_config *config = NULL;
	XB_AUTOERR struct xb_err *odd =
	    xb_config_parse("the recorded rules", s->rules, strlen(s->rules), &config);

	xb_config_dump(c->in->config, c->t->line, s->rules_version, &now);
	if (!odd)
		xb_config_dump(config, c->t->line, s->rules_version, &then);
	xb_config_free(config);
	return (!odd && now.n == then.n && !memcmp(now.p, then.p, now.n)) ||
	       no(c, xb_strdup("it was made by other rules than the configuration's"));
}

static struct xb_err *check_inputs(const struct check *c, const struct xb_state *s, bool *ours)
{
	*ours = check_rules(c, s);
	if (*ours)
		XB_TRY(check_tip(c, s, ours));
	if (*ours)
		XB_TRY(check_base(c, s, ours));
	if (*ours)
		XB_TRY(check_notes(c, s, ours));
	return NULL;
}

static struct xb_err *check_chain(const struct check *c, const struct xb_state *s, const git_oid *chain,
				  bool *ours)
{
	struct xb_recorded r = {0};
	struct xb_err *err = xb_recorded_plan(c->in->repo, c->t, s, &r);
	size_t n = err ? SIZE_MAX : xb_prefix_length(r.plan, chain);

	*ours = n != SIZE_MAX && n == s->picks.n && git_oid_equal(chain, &s->chain_tip);
	if (!err && !*ours)
		no(c, xb_strdup("what it was made of gives another branch"));
	xb_recorded_release(&r);
	return err;
}

/* The merge that we would have made. */
static struct xb_err *check_stitch(const struct check *c, const git_oid *value, const struct xb_under *u,
				   bool *ours)
{
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	XB_AUTOCOMMIT struct xb_commit old = XB_COMMIT_INIT;
	XB_AUTORAW struct xb_raw object = XB_RAW_INIT;
	struct xb_stitch_options o = {.tree = &u->tree,
				      .chain = &u->chain,
				      .old = &u->old,
				      .chain_time = u->chain_time,
				      .name = c->in->config->committer_name,
				      .email = c->in->config->committer_email};
	git_oid id;

	XB_TRY(xb_store_read(c->store, &u->old, GIT_OBJECT_COMMIT, &object));
	XB_TRY(xb_commit_parse(object.data, object.len, &old));
	o.old_time = old.committer.time;
	XB_TRY(xb_commit_stitch(&o, &raw));
	xb_object_id(GIT_OBJECT_COMMIT, raw.p, raw.n, &id);
	*ours = git_oid_equal(&id, value) || no(c, xb_strdup("the merge on its old value is not xsabot's"));
	return NULL;
}

/* The newest state before S that is of another value; zero: there is none. */
static struct xb_err *state_before(const struct check *c, const struct xb_state *s, git_oid *out)
{
	git_oid value = s->published, at = s->commit;
	bool same = true;

	while (same) {
		XB_AUTOCOMMIT struct xb_commit commit = XB_COMMIT_INIT;
		XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;
		struct xb_state older = {0};
		struct xb_err *err;

		XB_TRY(xb_store_read(c->store, &at, GIT_OBJECT_COMMIT, &raw));
		XB_TRY(xb_commit_parse(raw.data, raw.len, &commit));
		at = xb_state_before(&commit);
		err = xb_state_read(c->store, &at, &older);
		same = !git_oid_is_zero(&at) && git_oid_equal(&older.published, &value);
		xb_state_release(&older);
		if (err)
			return err;
	}
	*out = at;
	return NULL;
}

/* One value; *OLD is what it was stitched on, zero for none, and *AT the state of that. */
static struct xb_err *check_value(const struct check *c, const git_oid *value, const struct xb_state *s,
				  git_oid *old, git_oid *at, bool *ours)
{
	struct xb_under u;

	*ours = git_oid_equal(&s->published, value) || no(c, xb_strdup("its state ref is of another value"));
	if (*ours && git_oid_is_zero(&s->chain_tip))
		*ours = no(c, xb_strdup("it was adopted"));
	if (!*ours)
		return NULL;
	XB_TRY(xb_chain_under(c->store, value, &u));
	XB_TRY(check_inputs(c, s, ours));
	if (*ours)
		XB_TRY(check_chain(c, s, &u.chain, ours));
	*old = u.old;
	if (!*ours || git_oid_is_zero(old))
		return NULL;
	XB_TRY(check_stitch(c, value, &u, ours));
	return state_before(c, s, at);
}

static struct xb_err *check_all(const struct check *c, const struct xb_state *s, bool *ours)
{
	git_oid value = c->t->derived, at, old = {{0}};

	XB_TRY(check_value(c, &value, s, &old, &at, ours));
	for (int i = 0; *ours && !git_oid_is_zero(&old); i++) {
		struct xb_state older = {0};
		struct xb_err *err = i < STITCHES_MAX ? xb_state_read(c->store, &at, &older) : NULL;

		value = old;
		if (i == STITCHES_MAX)
			*ours = no(c, xb_strdup("it was stitched too often to look at all of it"));
		else if (!err)
			err = check_value(c, &value, &older, &old, &at, ours);
		xb_state_release(&older);
		if (err)
			return err;
	}
	return NULL;
}

/* *WHY_NOT, the caller's: what speaks against it; NULL: it is ours, and *STATE, the caller's, is its state.
 */
static struct xb_err *restore_check(const struct xb_publish_inputs *in, struct xb_store *s,
				    struct xb_state *state, char **why_not)
{
	struct check c = {in, in->target, s, why_not};
	bool ours = false;
	struct xb_err *err = xb_state_read(s, &in->target->state, state);

	*why_not = NULL;
	if (!err)
		err = check_all(&c, state, &ours);
	if (!err || err->code == XB_E_TEMP)
		return err;
	no(&c, xb_strdup(err->msg)); /* what can't be read is not ours */
	xb_err_free(err);
	return NULL;
}

void xb_owned_release(struct xb_owned *o)
{
	free(o->detail);
	*o = (struct xb_owned){0};
}

struct xb_err *xb_owned_read(const struct xb_publish_inputs *in, struct xb_owned *out, struct xb_state *old)
{
	*out = (struct xb_owned){0};
	return xb_ledger_read(in->config->state_dir, in->target->name, old, &out->known);
}

struct xb_err *xb_owned_note(const struct xb_publish_inputs *in, struct xb_store *s, const git_oid *state)
{
	return in->options.dry ? NULL : xb_ledger_write(in->config->state_dir, in->target->name, s, state);
}

/* ---- strangers ---- */

static void compare(struct xb_owned *o, const struct xb_target *t, const git_oid *was)
{
	o->ours = git_oid_equal(&t->derived, was);
	o->why = git_oid_is_zero(&t->derived) ? XB_WHY_DELETED : XB_WHY_MOVED;
}

static void foreign(struct xb_owned *o, char *detail)
{
	o->ours = false;
	o->why = XB_WHY_FOREIGN;
	o->detail = detail;
}

/* ---- what the ledger does not know ---- */

static struct xb_err *take_over(const struct xb_publish_inputs *in, struct xb_store *s, struct xb_owned *o)
{
	const struct xb_target *t = in->target;

	o->known = o->ours = true;
	xb_log(XB_INFO, "%s: %s is xsabot's, as its state records", t->name, t->derived_ref);
	return xb_owned_note(in, s, &t->state);
}

static struct xb_err *recompute(const struct xb_publish_inputs *in, struct xb_store *s, struct xb_owned *o,
				struct xb_state *old)
{
	char *why_not = NULL;

	xb_state_release(old);
	XB_TRY(restore_check(in, s, old, &why_not));
	if (!why_not)
		return take_over(in, s, o);
	foreign(o, why_not);
	return NULL;
}

/* A state that can't be read tells nothing. */
static struct xb_err *read_state(const struct xb_publish_inputs *in, struct xb_store *s, struct xb_state *old)
{
	struct xb_err *err = xb_state_read(s, &in->target->state, old);

	if (!err || err->code == XB_E_TEMP)
		return err;
	xb_log(XB_WARN, "%s: %s is no state of xsabot's: %s", in->target->name, in->target->state_ref,
	       err->msg);
	xb_err_free(err);
	xb_state_release(old);
	return NULL;
}

static struct xb_err *decide_unknown(const struct xb_publish_inputs *in, struct xb_store *s,
				     struct xb_owned *o, struct xb_state *old)
{
	const struct xb_target *t = in->target;

	XB_TRY(read_state(in, s, old));
	if (!old->derived_ref) {
		foreign(o, NULL);
		o->ours = git_oid_is_zero(&t->derived);
		return NULL;
	}
	compare(o, t, &old->published);
	if (!o->ours)
		return NULL;
	return xb_ledger_was_seen(in->config->state_dir, t->name, &t->derived) ? take_over(in, s, o)
									       : recompute(in, s, o, old);
}

struct xb_err *xb_owned_decide(const struct xb_publish_inputs *in, struct xb_store *s, struct xb_owned *o,
			       struct xb_state *old)
{
	const struct xb_target *t = in->target;

	if (!o->known)
		return decide_unknown(in, s, o, old);
	compare(o, t, &old->published);
	if (!git_oid_equal(&t->state, &old->commit))
		xb_log(XB_WARN, "%s: %s was at %.12s, and is not: %s", t->name, t->state_ref,
		       xb_hex(&old->commit).s, o->ours ? "set right" : "left alone");
	return NULL;
}

/* ---- states that are reached by nothing ---- */

/* What the state commit C holds must be reached by VALUE, or it may be gone. */
static struct xb_err *check_held(const struct xb_plan *p, const struct xb_commit *c, const git_oid *value)
{
	git_oid held = xb_state_holds(c);
	bool reached = git_oid_is_zero(&held);

	if (!reached && !git_oid_is_zero(value))
		XB_TRY(xb_ancestor_of(p->store, &held, value, &reached));
	return reached ? NULL : xb_err_new(XB_E_NOTFOUND, "%s is reached by nothing", xb_hex(&held).s);
}

static struct xb_err *add_history(const struct xb_plan *p, git_oid at, const git_oid *value,
				  struct xb_objects *out)
{
	while (!git_oid_is_zero(&at)) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;

		XB_TRY(xb_objects_of_commit(p, &at, out));
		XB_TRY(xb_store_read(p->store, &at, GIT_OBJECT_COMMIT, &raw));
		XB_TRY(xb_commit_parse(raw.data, raw.len, &c));
		XB_TRY(check_held(p, &c, value));
		at = xb_state_before(&c);
	}
	return NULL;
}

struct xb_err *xb_owned_history(const struct xb_publish_inputs *in, const struct xb_plan *p,
				const git_oid *value, struct xb_state *old, struct xb_objects *out)
{
	size_t n = out->n;
	struct xb_err *err;

	if (git_oid_equal(&in->target->state, &old->commit))
		return NULL;
	err = add_history(p, old->commit, value, out);
	if (!err || err->code == XB_E_TEMP)
		return err;
	xb_err_free(err); /* gone with the ref */
	out->n = n;
	old->commit = (git_oid){{0}};
	return NULL;
}
