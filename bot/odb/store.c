/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include "oidmap.h"
#include "packs/sha1.h"
#include "repo/git.h"
#include "util/alloc.h"

/* What was read is forgotten above this many bytes; a line's plan then fits into 64 MiB. */
#define READ_SHARE (4u << 20)

struct xb_store {
	git_odb *odb, *own;     /* OWN: the same, or NULL where it is borrowed */
	struct xb_packs *packs; /* NULL: none */
	struct xb_oidmap read;  /* struct xb_obj */
	struct xb_oidmap made;  /* struct xb_obj; an entry whose data is NULL was rolled back */
	size_t read_bytes, made_bytes;
	struct xb_obj **order; /* what was made, oldest first */
	size_t n, cap;
};

struct xb_store *xb_store_new(git_odb *odb, const char *objects)
{
	struct xb_store *s = xb_calloc(1, sizeof *s);

	s->odb = odb;
	if (objects)
		s->packs = xb_packs_open(objects);
	return s;
}

struct xb_err *xb_store_open(git_repository *repo, struct xb_packs *packs, struct xb_store **out)
{
	git_odb *odb;
	int rc = git_repository_odb(&odb, repo);

	*out = NULL;
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the object database");
	*out = xb_store_new(odb, NULL);
	(*out)->own = odb;
	(*out)->packs = packs ? xb_packs_share(packs) : xb_packs_of(repo);
	return NULL;
}

static void free_obj(void *value)
{
	struct xb_obj *o = value;

	if (o->made)
		free((void *)(size_t)o->data);
	xb_raw_release(&o->raw);
	free(o);
}

void xb_store_free(struct xb_store *s)
{
	if (!s)
		return;
	xb_oidmap_clear(&s->read, free_obj);
	xb_oidmap_clear(&s->made, free_obj);
	xb_packs_free(s->packs);
	git_odb_free(s->own);
	XB_FREE(s->order, s);
}

git_odb *xb_store_odb(const struct xb_store *s)
{
	return s->odb;
}

const struct xb_obj *xb_store_made(const struct xb_store *s, const git_oid *oid)
{
	const struct xb_obj *o = xb_oidmap_get(&s->made, oid);

	return o && o->data ? o : NULL;
}

/* The object of this id if it is in memory, made or read; else NULL. */
static const struct xb_obj *peek(const struct xb_store *s, const git_oid *oid)
{
	const struct xb_obj *o = xb_store_made(s, oid);

	return o ? o : xb_oidmap_get(&s->read, oid);
}

static struct xb_err *failed(int rc, const git_oid *oid)
{
	return xb_err_git(XB_E_IO, rc, "cannot read object %s", xb_hex(oid).s);
}

/* The slow way, for what is not in a pack or not as usual. */
static struct xb_err *read_odb(struct xb_store *s, const git_oid *oid, size_t max, struct xb_raw *out)
{
	int rc = git_odb_read_header(&out->len, &out->type, s->odb, oid);

	if (!rc && out->len > max)
		return NULL;
	if (!rc)
		rc = git_odb_read(&out->odb, s->odb, oid);
	if (rc) {
		*out = XB_RAW_INIT;
		return rc == GIT_ENOTFOUND ? NULL : failed(rc, oid);
	}
	out->type = git_odb_object_type(out->odb);
	out->data = git_odb_object_data(out->odb);
	out->len = git_odb_object_size(out->odb);
	return NULL;
}

static struct xb_err *read_raw(struct xb_store *s, const git_oid *oid, size_t max, struct xb_raw *out)
{
	enum xb_packs_result r = s->packs ? xb_packs_read(s->packs, oid, max, &out->packed) : XB_PACKS_NONE;

	if (r != XB_PACKS_FOUND)
		return read_odb(s, oid, max, out);
	out->type = out->packed->type;
	out->data = out->packed->data;
	out->len = out->packed->len;
	return NULL;
}

static struct xb_err *too_large(const git_oid *oid, size_t len)
{
	return xb_err_new(XB_E_HOSTILE, "object %s has %zu bytes, more than the limit of %u", xb_hex(oid).s,
			  len, XB_STORE_MAX_OBJECT);
}

static struct xb_err *load(struct xb_store *s, const git_oid *oid, struct xb_obj **out)
{
	struct xb_raw raw = XB_RAW_INIT;
	struct xb_obj *o;

	*out = NULL;
	XB_TRY(read_raw(s, oid, XB_STORE_MAX_OBJECT, &raw));
	if (raw.type == GIT_OBJECT_INVALID)
		return NULL;
	if (!raw.data)
		return too_large(oid, raw.len);
	o = xb_calloc(1, sizeof *o);
	*o = (struct xb_obj){.oid = *oid, .type = raw.type, .data = raw.data, .len = raw.len, .raw = raw};
	s->read_bytes += o->len + sizeof *o;
	xb_oidmap_set(&s->read, oid, o);
	*out = o;
	return NULL;
}

struct xb_err *xb_store_find(struct xb_store *s, const git_oid *oid, git_object_t type, struct xb_obj **out)
{
	struct xb_obj *o = xb_oidmap_get(&s->made, oid);

	if (!o || !o->data)
		o = xb_oidmap_get(&s->read, oid);
	if (!o)
		XB_TRY(load(s, oid, &o));
	*out = o && o->type == type ? o : NULL;
	return NULL;
}

static struct xb_err *missing(const git_oid *oid, git_object_t type)
{
	return xb_err_new(XB_E_NOTFOUND, "%s %s is not in the repository", git_object_type2string(type),
			  xb_hex(oid).s);
}

static struct xb_err *mistyped(const git_oid *oid, git_object_t type)
{
	return xb_err_new(XB_E_HOSTILE, "object %s is not a %s", xb_hex(oid).s, git_object_type2string(type));
}

struct xb_err *xb_store_lend(struct xb_store *s, const git_oid *oid, size_t max, struct xb_raw *out)
{
	const struct xb_obj *o = peek(s, oid);

	*out = XB_RAW_INIT;
	if (!o)
		return read_raw(s, oid, max, out);
	*out = (struct xb_raw){.type = o->type, .data = o->len > max ? NULL : o->data, .len = o->len};
	return NULL;
}

struct xb_err *xb_store_read(struct xb_store *s, const git_oid *oid, git_object_t type, struct xb_raw *out)
{
	XB_TRY(xb_store_lend(s, oid, XB_STORE_MAX_OBJECT, out));
	if (out->type == GIT_OBJECT_INVALID)
		return missing(oid, type);
	if (!out->data)
		return too_large(oid, out->len);
	return out->type == type ? NULL : mistyped(oid, type);
}

void xb_raw_release(struct xb_raw *r)
{
	xb_packed_unref(r->packed);
	git_odb_object_free(r->odb);
	*r = XB_RAW_INIT;
}

struct xb_err *xb_store_get(struct xb_store *s, const git_oid *oid, git_object_t type, struct xb_obj **out)
{
	XB_TRY(xb_store_find(s, oid, type, out));
	if (*out)
		return NULL;
	return xb_oidmap_get(&s->read, oid) ? mistyped(oid, type) : missing(oid, type);
}

struct xb_err *xb_store_put(struct xb_store *s, git_object_t type, const void *data, size_t len,
			    const git_oid *like, git_oid *oid)
{
	struct xb_obj *o;

	xb_object_id(type, data, len, oid);
	o = xb_oidmap_get(&s->made, oid);
	if ((o && o->data) || xb_oidmap_get(&s->read, oid))
		return NULL;
	if (!o) {
		o = xb_calloc(1, sizeof *o);
		xb_oidmap_set(&s->made, oid, o);
	}
	*o = (struct xb_obj){.oid = *oid, .type = type, .len = len, .made = true};
	o->data = (unsigned char *)xb_memdup0(data, len);
	if (like)
		o->like = *like;
	xb_grow((void *)&s->order, &s->cap, s->n + 1, sizeof(struct xb_obj *));
	s->order[s->n++] = o;
	s->made_bytes += len;
	return NULL;
}

size_t xb_store_mark(const struct xb_store *s)
{
	return s->n;
}

void xb_store_rollback(struct xb_store *s, size_t mark)
{
	while (s->n > mark) {
		struct xb_obj *o = s->order[--s->n];

		s->made_bytes -= o->len;
		free((void *)(size_t)o->data);
		o->data = NULL;
	}
}

size_t xb_store_made_bytes(const struct xb_store *s)
{
	return s->made_bytes;
}

bool xb_store_trim(struct xb_store *s)
{
	if (s->read_bytes <= READ_SHARE)
		return false;
	xb_oidmap_clear(&s->read, free_obj);
	s->read_bytes = 0;
	return true;
}

/* ---- blobs ---- */

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
