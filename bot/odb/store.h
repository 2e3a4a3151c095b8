/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of a plan: what the repository has, read raw and remembered, and
 * what the plan makes, kept in memory until it is published. Nothing here
 * writes to the repository. What a trial made can be thrown away again:
 *
 *   mark = xb_store_mark(s); ...picks...; xb_store_rollback(s, mark);
 *
 * Objects are borrowed from the store: those read stay valid until the next
 * xb_store_trim, those made until they are rolled back.
 */
#ifndef XB_STORE_H
#define XB_STORE_H

#include "packs/packs.h"
#include "util/err.h"

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

struct xb_store;

/* An object's bytes for a moment; not remembered by the store. */
struct xb_raw {
	git_object_t type; /* GIT_OBJECT_INVALID: not there */
	const unsigned char *data;
	size_t len;
	/* what keeps the bytes alive; both NULL: borrowed from the store */
	struct xb_packed *packed;
	git_odb_object *odb;
};
#define XB_RAW_INIT                                                                                          \
	(struct xb_raw)                                                                                      \
	{                                                                                                    \
		.type = GIT_OBJECT_INVALID                                                                   \
	}

struct xb_obj {
	git_oid oid;
	git_object_t type;
	const unsigned char *data;
	size_t len;
	bool made;         /* by the plan: not in the repository, or not known to be */
	bool checked;      /* a tree whose form was found good; kept by tree.c */
	git_oid like;      /* made: the object that it was made from, a good delta base; zero: none */
	struct xb_raw raw; /* read: keeps data alive */
};

/* Objects above this many bytes are refused (XB_E_HOSTILE): a plan holds them in memory. */
#define XB_STORE_MAX_OBJECT (256u << 20)

/*
 * The objects of a repository, which must outlive the store. PACKS, of that
 * repository, are shared with other stores; NULL: they are opened for this one.
 */
struct xb_err *xb_store_open(git_repository *repo, struct xb_packs *packs,
			     struct xb_store **out) XB_MUST_CHECK;
/*
 * The objects of ODB, which is borrowed and must outlive the store. OBJECTS, the directory of its objects,
 * lets packed ones be read faster; it may be NULL.
 */
struct xb_store *xb_store_new(git_odb *odb, const char *objects);
void xb_store_free(struct xb_store *s);
XB_HANDLE(xb_store)

/* Finds an object of TYPE. Not there: XB_E_NOTFOUND; another type: XB_E_HOSTILE. */
struct xb_err *xb_store_get(struct xb_store *s, const git_oid *oid, git_object_t type,
			    struct xb_obj **out) XB_MUST_CHECK;
/* Like xb_store_get, but *OUT is NULL where the object isn't there or is of another type. */
struct xb_err *xb_store_find(struct xb_store *s, const git_oid *oid, git_object_t type,
			     struct xb_obj **out) XB_MUST_CHECK;
/* Like xb_store_get, but remembers nothing: for objects that are looked at once. */
struct xb_err *xb_store_read(struct xb_store *s, const git_oid *oid, git_object_t type,
			     struct xb_raw *out) XB_MUST_CHECK;
/* The same for any type; of an object that isn't there OUT->type is GIT_OBJECT_INVALID, of one of more than
 * MAX bytes OUT->data is NULL. */
struct xb_err *xb_store_lend(struct xb_store *s, const git_oid *oid, size_t max,
			     struct xb_raw *out) XB_MUST_CHECK;
void xb_raw_release(struct xb_raw *r);
#define XB_AUTORAW __attribute__((cleanup(xb_raw_release)))
/* Makes an object of a copy of LEN bytes. LIKE may be NULL. *OID is its id. */
struct xb_err *xb_store_put(struct xb_store *s, git_object_t type, const void *data, size_t len,
			    const git_oid *like, git_oid *oid) XB_MUST_CHECK;
/* The made object of this id, or NULL where the plan made none. */
const struct xb_obj *xb_store_made(const struct xb_store *s, const git_oid *oid);

size_t xb_store_mark(const struct xb_store *s);
/* Forgets all that was made since MARK was taken. */
void xb_store_rollback(struct xb_store *s, size_t mark);

/*
 * A place where nothing borrowed is in use: forgets what was read once it is
 * more than the store's share of memory. True when it did, so that caches that
 * rest on the bytes can be dropped as well.
 */
bool xb_store_trim(struct xb_store *s);
/* The bytes of what was made and not rolled back. */
size_t xb_store_made_bytes(const struct xb_store *s);
git_odb *xb_store_odb(const struct xb_store *s);

/*
 * A blob's bytes for a moment. What the store has in memory is borrowed from it;
 * other blobs are read and let go at once, so that looking through many files
 * leaves nothing behind.
 */

/* Larger files are no one's source: they read as empty. */
#define XB_BLOB_MAX (4u << 20)

struct xb_blob {
	const char *p; /* never NULL */
	size_t n;
	struct xb_raw raw; /* what keeps the bytes alive */
};
#define XB_BLOB_INIT                                                                                         \
	{                                                                                                    \
		"", 0,                                                                                       \
		{                                                                                            \
			.type = GIT_OBJECT_INVALID                                                           \
		}                                                                                            \
	}

/* The zero id gives an empty blob. */
struct xb_err *xb_blob_open(struct xb_store *s, const git_oid *oid, struct xb_blob *out) XB_MUST_CHECK;
void xb_blob_close(struct xb_blob *b);
#define XB_AUTOBLOB __attribute__((cleanup(xb_blob_close)))

#endif
