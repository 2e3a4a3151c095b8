/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-held.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"
#include "words/settle.h"

#include <string.h>

/* The reason; its command has a line of its own, where no line end can cut it. */
static char *reason(const struct xb_text_inputs *t)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < t->result->reasons.n; i++) {
		const struct xb_reason *r = &t->result->reasons.v[i];
		const char *after;
		XB_AUTOFREE char *before = xb_reason_before(r, &after);

		xb_buf_adds(&b, i ? "\n" : "");
		xb_text_add_safe(&b, before);
		if (r->command)
			xb_buf_addf(&b, "\n    %s%s%s", r->command, *after ? "\n" : "", after);
	}
	return xb_buf_detach(&b);
}

/* The command that undoes what someone did to the branch; NULL where nobody did. */
static char *restore(const struct xb_text_inputs *t, const struct xb_state *state)
{
	const struct xb_target *target = t->in->target;
	const struct xb_reason *r = t->result->reasons.n ? &t->result->reasons.v[0] : NULL;
	XB_AUTOFREE char *command = NULL;
	static const git_oid none;

	if (r && r->code == XB_WHY_LOST_STAGING && !git_oid_is_zero(&r->was)) {
		command = xb_advice_restore(t->in->config, r->object, &r->was, &none);
		return command ? xb_asprintf("    %s", command) : NULL;
	}
	if (!state || git_oid_is_zero(&state->published) ||
	    git_oid_equal(&state->published, &target->derived))
		return NULL;
	command = xb_advice_restore(t->in->config, target->derived_ref, &state->published, &target->derived);
	return command ? xb_asprintf("    %s", command) : NULL;
}

/* Someone who sets a branch back may have had a reason: the newest fix of it, taken back. */
static char *withdraw(const struct xb_text_inputs *t, const struct xb_state *state)
{
	for (size_t i = state->picks.n; i-- > 0;) {
		const struct xb_state_pick *k = &state->picks.v[i];
		XB_AUTOFREE char *command = NULL;

		if (k->role != XB_ROLE_SECURITY || !k->advisories.n || !xb_is_word(k->advisories.v[0]))
			continue;
		command = xb_advice_withdraw(t->in->config, k->advisories.v[0], t->in->target->name);
		return xb_asprintf("    %s", command);
	}
	return NULL;
}

void xb_text_held(const struct xb_text_inputs *t, const struct xb_state *state, struct xb_fields *f)
{
	if (t->result->base_tag)
		xb_field_set(f, "base", xb_vis_dup(t->result->base_tag));
	xb_field_set(f, "why", reason(t));
	xb_field_set(f, "restore", restore(t, state));
	if (t->result->reasons.n && t->result->reasons.v[0].code == XB_WHY_LOST_STAGING)
		return; /* the branch itself is as it was */
	if (*xb_field_get(f, "restore") && xb_advice_has_notes(t->in->config) && !t->in->config->upstream)
		xb_field_set(f, "withdraw", withdraw(t, state));
}
