/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read-tool GIT-DIR [MAX]: reads the objects that standard input names, one a
 * line, as a plan does. For each: its id, type, size, and whether it came by
 * the fast way ("pack") or by libgit2's ("odb"); or "missing", "large" (more
 * than MAX bytes), "error". An id that the bytes don't have is "wrong".
 */
#include "odb/store.h"
#include "packs/packs.h"
#include "packs/sha1.h"
#include "repo/git.h"

#include "util/alloc.h"

#include <stdio.h>

static const char *read_one(struct xb_store *s, const git_oid *oid, size_t max, struct xb_raw *raw)
{
	XB_AUTOERR struct xb_err *err = xb_store_lend(s, oid, max, raw);
	git_oid real;

	if (err)
		return "error";
	if (raw->type == GIT_OBJECT_INVALID)
		return "missing";
	if (!raw->data)
		return "large";
	xb_object_id(raw->type, raw->data, raw->len, &real);
	return git_oid_equal(&real, oid) ? NULL : "wrong";
}

static void show(struct xb_store *s, const git_oid *oid, size_t max)
{
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;
	const char *why = read_one(s, oid, max, &raw);

	printf("%s ", xb_hex(oid).s);
	if (why)
		printf("%s\n", why);
	else
		printf("%s %zu %s\n", git_object_type2string(raw.type), raw.len, raw.packed ? "pack" : "odb");
}

int main(int argc, char **argv)
{
	XB_AUTOGIT(git_repository) *repo = NULL;
	XB_AUTOGIT(git_odb) *odb = NULL;
	XB_AUTOFREE char *objects = argc > 1 ? xb_asprintf("%s/objects", argv[1]) : NULL;
	size_t max = argc > 2 ? strtoul(argv[2], NULL, 10) : XB_STORE_MAX_OBJECT;
	struct xb_store *s;
	char line[128];
	git_oid oid;

	if (argc < 2 || xb_git_init() || git_repository_open_bare(&repo, argv[1]) ||
	    git_repository_odb(&odb, repo))
		return 2;
	s = xb_store_new(odb, objects);
	while (fgets(line, sizeof line, stdin))
		if (!git_oid_fromstrp(&oid, (line[strcspn(line, "\n")] = '\0', line)))
			show(s, &oid, max);
	xb_store_free(s);
	return 0;
}
