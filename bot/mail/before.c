/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "before.h"

#include "tell.h"
#include "util/alloc.h"

#include <string.h>

char *xb_before_held(const struct xb_whys *r)
{
	XB_AUTOFREE char *line = xb_whys_line(r);

	return xb_tell_hash(line ? line : "");
}

/* It was cut where logs and times began. */
char *xb_before_gate(const struct xb_whys *r, bool failed)
{
	XB_AUTOFREE char *line = xb_whys_line(r);
	XB_AUTOFREE char *head = line ? xb_memdup0(line, strcspn(line, failed ? ")" : ":")) : xb_strdup("");

	return xb_tell_hash(head);
}
