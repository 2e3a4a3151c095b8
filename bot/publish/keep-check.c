/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What xb_keep_check does: a pack, against all that is in the public repository. */
#include "keep.h"
#include "odb/git.h"
#include "util/alloc.h"

#include <git2/sys/odb_backend.h>
#include <string.h>

/* One look at a pack. */
struct check {
	git_odb *all;  /* the public objects */
	git_odb *pack; /* the pack alone */
	bool hash;
	struct xb_err *err;
};

static struct xb_err *need(const struct check *c, const git_oid *id, const git_oid *by)
{
	if (git_odb_exists(c->all, id))
		return NULL;
	return xb_err_new(XB_E_NOTFOUND, "object %s, which the new %s needs, is not in the public repository",
			  xb_hex(id).s, xb_hex(by).s);
}

static struct xb_err *damaged(const git_oid *id, const char *what)
{
	return xb_err_new(XB_E_INTERNAL, "the new object %s %s", xb_hex(id).s, what);
}

/* "tree ID", then any "parent ID" lines. */
static struct xb_err *check_commit(const struct check *c, const git_oid *id, const char *p, size_t n)
{
	static const char *const words[] = {"tree ", "parent "};
	bool tree = false;

	for (;;) {
		size_t w = strlen(words[tree]);
		git_oid other;

		if (n < w + GIT_OID_HEXSZ + 1 || memcmp(p, words[tree], w) != 0)
			return tree ? NULL : damaged(id, "is a commit without a tree");
		if (git_oid_fromstrn(&other, p + w, GIT_OID_HEXSZ))
			return damaged(id, "is a malformed commit");
		XB_TRY(need(c, &other, id));
		p += w + GIT_OID_HEXSZ + 1;
		n -= w + GIT_OID_HEXSZ + 1;
		tree = true;
	}
}

static struct xb_err *check_tree(const struct check *c, const git_oid *id, const char *p, size_t n)
{
	while (n) {
		const char *nul = memchr(p, '\0', n);
		size_t used = nul ? (size_t)(nul - p) + 1 + GIT_OID_RAWSZ : 0;
		bool submodule = n > 7 && !memcmp(p, "160000 ", 7);
		git_oid other;

		if (!used || used > n)
			return damaged(id, "is a malformed tree");
		git_oid_fromraw(&other, (const unsigned char *)nul + 1);
		if (!submodule)
			XB_TRY(need(c, &other, id));
		p += used;
		n -= used;
	}
	return NULL;
}

static struct xb_err *check_links(const struct check *c, const git_oid *id, git_odb_object *o)
{
	const char *p = git_odb_object_data(o);
	size_t n = git_odb_object_size(o);

	switch (git_odb_object_type(o)) {
	case GIT_OBJECT_COMMIT:
		return check_commit(c, id, p, n);
	case GIT_OBJECT_TREE:
		return check_tree(c, id, p, n);
	case GIT_OBJECT_BLOB:
		return NULL;
	default:
		return damaged(id, "is neither commit nor tree nor blob");
	}
}

static struct xb_err *check_object(const struct check *c, const git_oid *id)
{
	XB_AUTOGIT(git_odb_object) *o = NULL;
	git_oid real;
	int rc = git_odb_read(&o, c->pack, id);

	if (!rc && c->hash)
		rc = git_odb_hash(&real, git_odb_object_data(o), git_odb_object_size(o),
				  git_odb_object_type(o));
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read the new object %s", xb_hex(id).s);
	if (c->hash && git_oid_cmp(&real, id))
		return damaged(id, "has other contents than its name says");
	XB_TRY(need(c, id, id));
	return check_links(c, id, o);
}

static int check_each(const git_oid *id, void *data)
{
	struct check *c = data;

	c->err = check_object(c, id);
	return c->err ? GIT_EUSER : 0;
}

static struct xb_err *open_pack(const char *idx, git_odb **out)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	git_odb_backend *one = NULL;
	int rc = git_odb_new(&odb);

	if (!rc)
		rc = git_odb_backend_one_pack(&one, idx);
	if (!rc) {
		rc = git_odb_add_backend(odb, one, 1);
		if (rc)
			one->free(one);
	}
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the pack %s", idx);
	*out = XB_STEAL(odb);
	return NULL;
}

struct xb_err *xb_keep_check(const struct xb_vault *v, const char *name, bool hash)
{
	XB_AUTOFREE char *idx = xb_asprintf("%s/%s.idx", v->public_pack, name);
	XB_AUTOGIT(git_odb) *all = NULL;
	XB_AUTOGIT(git_odb) *pack = NULL;
	struct check c = {NULL, NULL, hash, NULL};
	int rc;

	XB_TRY(xb_vault_public_odb(v, &all));
	XB_TRY(open_pack(idx, &pack));
	c.all = all;
	c.pack = pack;
	rc = git_odb_foreach(pack, check_each, &c);
	if (rc && !c.err)
		return xb_err_git(XB_E_IO, rc, "cannot list the pack %s", idx);
	return c.err;
}
