/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ownrefs.h"

#include "util/alloc.h"

#include <string.h>

static const struct xb_ref_role roles[XB_REF_KINDS] = {
    [XB_REF_STATES] = {.name = XB_OWN_REFS "state/",
		       .writer = XB_WRITES_BOT,
		       .of_target = true,
		       .mirrored = true},
    [XB_REF_CANDIDATES] = {.name = XB_OWN_REFS "candidate/", .writer = XB_WRITES_BOT, .of_target = true},
    [XB_REF_TESTED] = {.name = XB_OWN_REFS "tested/",
		       .writer = XB_WRITES_TEST_SYSTEMS,
		       .of_target = true,
		       .fetched = true,
		       .external = true},
    [XB_REF_TESTED_NOTES] = {.name = "refs/notes/xsabot-tested",
			     .writer = XB_WRITES_TEST_SYSTEMS,
			     .common = true,
			     .fetched = true,
			     .external = true},
    [XB_REF_FIXUPS] = {.name = XB_OWN_REFS "fixups/",
		       .writer = XB_WRITES_MAINTAINERS,
		       .common = true,
		       .fetched = true,
		       .mirrored = true},
    [XB_REF_RULES] = {.name = XB_OWN_REFS "rules", .writer = XB_WRITES_BOT, .mirrored = true},
    [XB_REF_CHAINS] = {.name = XB_OWN_REFS "chain/", .writer = XB_WRITES_BOT},
};

const struct xb_ref_role *xb_ref_role(enum xb_ref_kind kind)
{
	return &roles[kind];
}

bool xb_ref_is(enum xb_ref_kind kind, const char *ref)
{
	const char *name = roles[kind].name;
	size_t n = strlen(name);

	return name[n - 1] == '/' ? !strncmp(ref, name, n) : !strcmp(ref, name);
}

const struct xb_ref_role *xb_ref_role_of(const char *ref)
{
	for (size_t i = 0; i < XB_REF_KINDS; i++)
		if (xb_ref_is((enum xb_ref_kind)i, ref))
			return &roles[i];
	return NULL;
}

char *xb_ref_of(enum xb_ref_kind kind, const char *name)
{
	return xb_asprintf("%s%s", roles[kind].name, name);
}
