/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two trees of any bytes: their entries, what differs, the one picked onto the other, and both as notes. */
#include "fuzz-lib.h"

#include "classify/annotate.h"
#include "pick/attributes.h"
#include "pick/pick.h"

static struct xb_err *see(void *ctx, const char *path, const struct xb_entry *old, const struct xb_entry *now)
{
	size_t *n = ctx;

	if (!*path || (!old->mode && !now->mode))
		abort();
	return ++*n > 10000 ? xb_err_new(XB_E_HOSTILE, "enough") : NULL;
}

static void as_notes(struct fuzz_objects *o, const git_oid *tree)
{
	XB_AUTOFREE char *text =
	    xb_asprintf("tree %s\nauthor A <a> 1 +0000\ncommitter C <c> 1 +0000\n\nnotes\n",
			git_oid_tostr((char[GIT_OID_HEXSZ + 1]){0}, GIT_OID_HEXSZ + 1, tree));
	const git_oid commit = fuzz_put(o, GIT_OBJECT_COMMIT, text, strlen(text));
	struct xb_notes notes = {0};

	xb_err_free(xb_notes_load(o->repo, o->store, "refs/notes/xsa", &commit, &notes));
	xb_notes_release(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_objects o = fuzz_objects();
	const uint8_t *first;
	size_t n = fuzz_part(&data, &size, &first), seen = 0;
	const git_oid a = fuzz_put(&o, GIT_OBJECT_TREE, first, n),
		      b = fuzz_put(&o, GIT_OBJECT_TREE, data, size);
	struct xb_picker *p = xb_picker_new(o.store);
	struct xb_pick pick = {0};
	struct xb_oidmap cache;
	bool any;

	fuzz_put(&o, GIT_OBJECT_BLOB, "text\n", 5);
	xb_err_free(xb_tree_diff(o.store, &a, &b, see, &seen));
	xb_err_free(xb_pick(p, &a, &b, &a, &pick));
	xb_pick_release(&pick);
	as_notes(&o, &b);
	xb_attributes_init(&cache);
	xb_err_free(xb_attributes_interfere(o.store, &cache, &b, "dir/file.c", &any));
	xb_attributes_clear(&cache);
	xb_picker_free(p);
	fuzz_objects_free(&o);
	return 0;
}
