/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a loose object: it is what its header says, or damage, and never without end. */
#include "fuzz-lib.h"

#include "repo/loose.h"

#define FILE_NAME "/ab/cdef0123456789abcdef0123456789abcdef01"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *objects = xb_asprintf("%s/loose", fuzz_dir()), *dir = xb_asprintf("%s/ab", objects);
	XB_AUTOFREE char *path = NULL;
	git_odb_object *o = NULL;
	git_odb *odb;
	git_oid id;
	size_t len;
	git_object_t type;

	mkdir(objects, 0700);
	mkdir(dir, 0700);
	path = fuzz_file("loose" FILE_NAME, data, size);
	if (xb_git_init() || git_odb_new(&odb) || git_odb_add_backend(odb, xb_loose_backend(objects), 1) ||
	    git_oid_fromstr(&id, "abcdef0123456789abcdef0123456789abcdef01"))
		abort();
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (!git_odb_read_header(&len, &type, odb, &id) && type == GIT_OBJECT_INVALID)
		abort();
	if (!git_odb_read(&o, odb, &id) && git_odb_object_size(o) && !git_odb_object_data(o))
		abort();
	git_odb_object_free(o);
	git_odb_free(odb);
	return 0;
}
