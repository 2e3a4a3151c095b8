/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-held.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <string.h>

/*
 * The reason; the command in it goes to a line of its own, where no line end can
 * cut it. Only what is just that command: the rest has words of others.
 */
static char *reason(const struct xb_text_inputs *t)
{
	const char *why = t->result->why ? t->result->why : "", *name = t->in->target->name;
	XB_AUTOFREE char *adopt_it = xb_advice_adopt(t->in->config, name),
			 *accept = xb_advice_accept(t->in->config, name);
	XB_AUTOFREE char *adopt = xb_asprintf(" \"%s\"", adopt_it), *remove = xb_asprintf(" %s", accept);
	const char *const commands[] = {adopt, remove};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const char *at = strstr(why, commands[i]), *end = at ? at + strlen(commands[i]) : NULL;
		XB_AUTOFREE char *head = at ? xb_memdup0(why, (size_t)(at - why)) : NULL;
		XB_AUTOFREE char *before = xb_text_safe(head), *after = at ? xb_text_safe(end) : NULL;
		const char *command = commands[i] + strspn(commands[i], " \"");

		if (at)
			return xb_asprintf("%s\n    %.*s%s%s", before, (int)strcspn(command, "\""), command,
					   *after ? "\n" : "", after + strspn(after, " "));
	}
	return xb_text_safe(why);
}

/* The command that undoes what someone did to the branch; NULL where nobody did. */
static char *restore(const struct xb_text_inputs *t, const struct xb_state *state)
{
	const struct xb_target *target = t->in->target;
	XB_AUTOFREE char *command = NULL;

	if (!state || git_oid_is_zero(&state->published) ||
	    git_oid_equal(&state->published, &target->derived))
		return NULL;
	command = xb_advice_restore(t->in->config, target->derived_ref, &state->published, &target->derived);
	return command ? xb_asprintf("    %s", command) : NULL;
}

void xb_text_held(const struct xb_text_inputs *t, const struct xb_state *state, struct xb_fields *f)
{
	if (t->result->base_tag)
		xb_field_set(f, "base", xb_vis_dup(t->result->base_tag));
	xb_field_set(f, "why", reason(t));
	xb_field_set(f, "restore", restore(t, state));
}
