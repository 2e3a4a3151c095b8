/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oidjson.h"

#include "repo/git.h"

#include <string.h>

json_t *xb_oid_json(const git_oid *id)
{
	return git_oid_is_zero(id) ? json_null() : json_string(xb_hex(id).s);
}

bool xb_oid_from_json(const json_t *v, git_oid *out)
{
	memset(out, 0, sizeof *out);
	if (!v || json_is_null(v))
		return true;
	return json_is_string(v) && json_string_length(v) == GIT_OID_HEXSZ &&
	       !git_oid_fromstr(out, json_string_value(v));
}
