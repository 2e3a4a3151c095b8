/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a note, an attributes file and a MAINTAINERS file. */
#include "fuzz-lib.h"

#include "classify/annotate.h"
#include "mail/letters.h"
#include "pick/attributes.h"

static git_oid tree_of(struct fuzz_objects *o, const char *name, const git_oid *blob)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_addf(&b, "100644 %s", name);
	xb_buf_add(&b, "", 1);
	xb_buf_add(&b, (const char *)blob->id, GIT_OID_RAWSZ);
	return fuzz_put(o, GIT_OBJECT_TREE, b.p, b.n);
}

static void as_note(struct fuzz_objects *o, const struct xb_config *c, const git_oid *blob)
{
	static const char about[] = "abcdef0123456789abcdef0123456789abcdef01";
	const git_oid tree = tree_of(o, about, blob);
	XB_AUTOFREE char *text =
	    xb_asprintf("tree %s\nauthor A <a> 1 +0000\ncommitter C <c> 1 +0000\n\nnotes\n",
			git_oid_tostr((char[GIT_OID_HEXSZ + 1]){0}, GIT_OID_HEXSZ + 1, &tree));
	const git_oid commit = fuzz_put(o, GIT_OBJECT_COMMIT, text, strlen(text));
	struct xb_hist h = {0};
	struct xb_notes notes = {0};
	struct xb_words w = {0};
	struct xb_err *err = xb_notes_load(o->repo, o->store, "refs/notes/xsa", &commit, &notes);

	if (git_oid_fromstr(&h.oid, about))
		abort();
	if (!err) {
		err = xb_words_of(c, &notes, &h, "RELEASE-1.0.1", &w);
		if (!err)
			xb_words_release(&w);
	}
	xb_err_free(err);
	xb_notes_release(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xb_config *c;
	struct fuzz_objects o = fuzz_objects();
	const git_oid blob = fuzz_put(&o, GIT_OBJECT_BLOB, data, size),
		      root = tree_of(&o, ".gitattributes", &blob);
	XB_AUTOSTRV struct xb_strv paths = {0}, domains = {0}, who = {0};
	struct xb_oidmap cache;
	bool any;

	if (!c && xb_config_load(NULL, &c))
		abort();
	as_note(&o, c, &blob);
	xb_attributes_init(&cache);
	xb_err_free(xb_attributes_interfere(o.store, &cache, &root, "dir/file.c", &any));
	xb_attributes_clear(&cache);
	xb_strv_add(&paths, "xen/arch/x86/mm.c");
	xb_strv_add(&domains, "example.org");
	xb_letters_match((const char *)data, size, &paths, &domains, &who);
	fuzz_objects_free(&o);
	return 0;
}
