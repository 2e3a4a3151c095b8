/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "owned.h"

#include "publish/ledger.h"
#include "odb/ancestry.h"
#include "odb/commit.h"
#include "odb/git.h"
#include "restore.h"
#include "util/log.h"

#include <stdlib.h>

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
	XB_TRY(xb_restore_check(in, s, old, &why_not));
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
