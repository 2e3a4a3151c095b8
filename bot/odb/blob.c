/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blob.h"
#include "git.h"

struct xb_err *xb_blob_open(struct xb_store *s, const git_oid *oid, struct xb_blob *out)
{
	*out = (struct xb_blob)XB_BLOB_INIT;
	if (git_oid_is_zero(oid))
		return NULL;
	XB_TRY(xb_store_lend(s, oid, XB_BLOB_MAX, &out->raw));
	if (out->raw.type == GIT_OBJECT_INVALID)
		return xb_err_new(XB_E_NOTFOUND, "blob %s is not in the repository", xb_hex(oid).s);
	if (out->raw.type == GIT_OBJECT_BLOB && out->raw.data) {
		out->p = (const char *)out->raw.data;
		out->n = out->raw.len;
	}
	return NULL;
}

void xb_blob_close(struct xb_blob *b)
{
	xb_raw_release(&b->raw);
	*b = (struct xb_blob)XB_BLOB_INIT;
}
