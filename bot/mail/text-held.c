/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-held.h"

#include "odb/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

/*
 * The reason; the command in it goes to a line of its own, where no line end can
 * cut it. Only what is just that command: the rest has words of others.
 */
static char *reason(const struct xb_text_inputs *t)
{
	const char *why = t->result->why ? t->result->why : "", *name = t->in->target->name;
	XB_AUTOFREE char *options = xb_config_options(t->in->config);
	XB_AUTOFREE char *adopt = xb_asprintf(" \"xsabot adopt %s %s\"", name, options),
			 *remove = xb_asprintf(" xsabot publish %s --accept-removal %s", name, options);
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

/* The command that undoes what someone did to the branch; NULL where nobody did, or the path would want
 * quotes. */
static char *restore(const struct xb_text_inputs *t, const struct xb_state *state)
{
	const struct xb_target *target = t->in->target;
	const char *path = t->in->config->repository;

	if (!state || git_oid_is_zero(&state->published) ||
	    git_oid_equal(&state->published, &target->derived) || !path ||
	    strpbrk(path, " \t\n\"'\\$&|;<>()`*?[#~"))
		return NULL;
	return xb_asprintf("    git -C %s update-ref %s %.*s %.*s", path, target->derived_ref, XB_TEXT_SHORT,
			   xb_hex(&state->published).s,
			   git_oid_is_zero(&target->derived) ? GIT_OID_HEXSZ : XB_TEXT_SHORT,
			   xb_hex(&target->derived).s);
}

void xb_text_held(const struct xb_text_inputs *t, const struct xb_state *state, struct xb_fields *f)
{
	if (t->result->base_tag)
		xb_field_set(f, "base", xb_vis_dup(t->result->base_tag));
	xb_field_set(f, "why", reason(t));
	xb_field_set(f, "restore", restore(t, state));
}
