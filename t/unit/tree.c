/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the one function that makes trees makes, and what it refuses. */
#include "odb/tree.h"
#include "tap.h"

#include "repo/git.h"

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <stdlib.h>

#define BLOB "8baef1b4abc478178b004d62031cf7fe6db6f903" /* abc */

static struct xb_err *write_one(struct xb_store *s, uint32_t mode, const char *hex, git_oid *out)
{
	struct xb_entry e = {.mode = mode, .name = "a", .len = 1};
	struct xb_edits edits = {.v = &e, .n = 1, .cap = 1};

	git_oid_fromstr(&e.oid, hex);
	return xb_tree_splice(s, &(git_oid){{0}}, &edits, out);
}

static void refuses_bytes(struct xb_store *s, const char *data, size_t len, const char *why)
{
	git_oid out;
	XB_AUTOERR struct xb_err *err = xb_tree_write(s, data, len, NULL, NULL, &out);

	ok(err && err->code == XB_E_HOSTILE && strstr(err->msg, why), "refused: %s (%s)", why,
	   err ? err->msg : "made");
}

#define ID "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
#define BYTES(s) s, sizeof(s) - 1

static void test_bytes(struct xb_store *s)
{
	git_oid out;
	XB_AUTOERR struct xb_err *err = xb_tree_write(s, "", 0, NULL, NULL, &out);

	ok(!err, "nothing is a tree");
	is_text(xb_hex(&out).s, "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "git's empty one");
	refuses_bytes(s, BYTES("100644 b\0" ID "100644 a\0" ID), "not in order or repeated");
	refuses_bytes(s, BYTES("100644 a\0" ID "100644 a\0" ID), "not in order or repeated");
	refuses_bytes(s, BYTES("100644 a\0" ID "40000 a\0" ID), "a file and a directory of one name");
	refuses_bytes(s, BYTES("100644 a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "without an object");
	refuses_bytes(s, BYTES("100644 a\0\1\1"), "ends in the middle");
	refuses_bytes(s, BYTES("100666 a\0" ID), "a mode that does not exist");
	refuses_bytes(s, BYTES("100644 .git\0" ID), "named like nothing");
}

static void test_entries(struct xb_store *s)
{
	git_oid blob, tree;

	{
		XB_AUTOERR struct xb_err *err = write_one(s, XB_MODE_FILE, BLOB, &tree);

		ok(err && err->code == XB_E_NOTFOUND && strstr(err->msg, BLOB), "a missing blob is refused");
	}
	{
		XB_AUTOERR struct xb_err *put = xb_store_put(s, GIT_OBJECT_BLOB, "abc\n", 4, NULL, &blob);
		XB_AUTOERR struct xb_err *err = write_one(s, XB_MODE_FILE, BLOB, &tree);

		ok(!put && !err, "one that is there is taken");
	}
	{
		XB_AUTOERR struct xb_err *err = write_one(s, XB_MODE_TREE, BLOB, &tree);

		ok(err && strstr(err->msg, "another type"), "a blob as a directory is refused");
	}
	{
		XB_AUTOERR struct xb_err *err =
		    write_one(s, XB_MODE_GITLINK, "1111111111111111111111111111111111111111", &tree);

		ok(!err, "a submodule's commit is elsewhere");
	}
}

int main(void)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	git_odb_backend *mem = NULL;
	struct xb_store *s;

	xb_err_free(xb_git_init());
	if (git_odb_new(&odb) || git_mempack_new(&mem) || git_odb_add_backend(odb, mem, 1))
		return 99;
	s = xb_store_new(odb, NULL);
	test_bytes(s);
	test_entries(s);
	xb_store_free(s);
	return done();
}
