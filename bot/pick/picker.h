/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered between picks: files cut into lines, merged files, and what
 * .gitattributes files say. Each belongs to the objects of one store, which gets
 * its own marks and rollbacks through here, so that nothing outlives what it is
 * about.
 */
#ifndef XB_PICKER_H
#define XB_PICKER_H

#include "gitmerge.h"
#include "diff/merge3.h"
#include "odb/store.h"
#include "util/hashmap.h"

struct xb_picker;

struct xb_picker *xb_picker_new(struct xb_store *s); /* borrows S */
void xb_picker_free(struct xb_picker *p);
XB_HANDLE(xb_picker)
struct xb_store *xb_picker_store(const struct xb_picker *p);

/*
 * Lets git decide what can't be decided here. OBJECTS: the directory that the
 * store's objects are in. Without this such picks are undecidable.
 */
void xb_picker_use_git(struct xb_picker *p, const char *objects);
/* NULL: not in use. */
struct xb_gitmerge *xb_picker_git(const struct xb_picker *p);

/*
 * What was done, the same number whatever is cached: each merge of three objects counts once,
 * by the bytes of its files, and what git was asked as so many.
 */
#define XB_PICKER_BY_GIT (4u << 20)
struct xb_meter {
	struct xb_hashmap seen; /* hashes of the three ids */
	uint64_t work;
};
/* Counts into METER from now on; NULL: nowhere. Borrowed; the caller releases METER->seen. */
void xb_picker_measure(struct xb_picker *p, struct xb_meter *meter);
/* The three IDS were merged. */
void xb_picker_worked(struct xb_picker *p, const git_oid ids[3], uint64_t work);

/* A place where nothing borrowed is in use: keeps memory bounded. */
void xb_picker_trim(struct xb_picker *p);
/* Forgets what was made since MARK (of xb_store_mark): always this, not xb_store_rollback, beside a picker.
 */
void xb_picker_rollback(struct xb_picker *p, size_t mark);

/* One pick more is tried. */
void xb_picker_count(struct xb_picker *p);
/* How many picks were tried so far. */
unsigned long xb_picker_trials(const struct xb_picker *p);

/* The lines of a blob; borrowed until the next xb_picker_trim. */
struct xb_err *xb_picker_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out) XB_MUST_CHECK;
/* The merge of three blobs: base, ours, theirs. Borrowed until the next xb_picker_trim. */
struct xb_err *xb_picker_merge(struct xb_picker *p, const git_oid ids[3],
			       const struct xb_merge3_result **out) XB_MUST_CHECK;
/* xb_attributes_interfere, with what is remembered. */
struct xb_err *xb_picker_interferes(struct xb_picker *p, const git_oid *root, const char *path,
				    bool *out) XB_MUST_CHECK;

#endif
