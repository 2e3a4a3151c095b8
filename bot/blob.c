/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blob.h"

#include "git.h"

static struct xb_err *read_blob(git_odb *odb, const git_oid *oid, struct xb_blob *out)
{
	git_object_t type;
	size_t len;
	int rc = git_odb_read_header(&len, &type, odb, oid);

	if (!rc && (type != GIT_OBJECT_BLOB || len > XB_BLOB_MAX))
		return NULL;
	if (!rc)
		rc = git_odb_read(&out->owner, odb, oid);
	if (rc)
		return xb_err_git(rc == GIT_ENOTFOUND ? XB_E_NOTFOUND : XB_E_IO, rc, "cannot read blob %s",
				  git_oid_tostr_s(oid));
	out->p = git_odb_object_data(out->owner);
	out->n = git_odb_object_size(out->owner);
	return NULL;
}

struct xb_err *xb_blob_open(struct xb_store *s, const git_oid *oid, struct xb_blob *out)
{
	const struct xb_obj *o;

	*out = (struct xb_blob)XB_BLOB_INIT;
	if (git_oid_is_zero(oid))
		return NULL;
	o = xb_store_peek(s, oid);
	if (!o)
		return read_blob(xb_store_odb(s), oid, out);
	if (o->type == GIT_OBJECT_BLOB && o->len <= XB_BLOB_MAX) {
		out->p = (const char *)o->data;
		out->n = o->len;
	}
	return NULL;
}

void xb_blob_close(struct xb_blob *b)
{
	git_odb_object_free(b->owner);
	*b = (struct xb_blob)XB_BLOB_INIT;
}
