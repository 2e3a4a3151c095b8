/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw git commit objects: reading them, and building the commits that the bot
 * writes. Input is untrusted, and read as git reads it: only a commit whose
 * tree or parents can't be told is an error (XB_E_HOSTILE). Of a header that
 * is there twice the first counts, an identity may lack any of its parts, a
 * message ends at a NUL, and a date that is none is 1970. A parsed commit
 * borrows the object's bytes, which must outlive it. What is built depends on
 * the arguments alone, so everyone computes the same ids.
 */
#ifndef XB_COMMIT_H
#define XB_COMMIT_H

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

#include <git2/oid.h>

#include <stddef.h>
#include <stdint.h>

struct xb_store;

/* Bytes inside the object; not NUL-terminated. */
struct xb_slice {
	const char *p;
	size_t n;
};

/* "Name <email> 1700000000 +0100"; what is not there is empty, and all of it where the line is missing. */
struct xb_ident {
	struct xb_slice raw, name, email; /* raw.p NULL: there is no such line */
	struct xb_slice zone;             /* as it is written; perhaps no zone at all */
	int64_t time;                     /* seconds since 1970, 0 to the year 9999 */
};

struct xb_commit {
	git_oid tree;
	git_oid *parents; /* owned */
	size_t n_parents;
	struct xb_ident author, committer;
	struct xb_slice encoding; /* p NULL: no such header, so UTF-8 */
	struct xb_slice message;  /* after the blank line; perhaps empty */
};
#define XB_COMMIT_INIT                                                                                       \
	{                                                                                                    \
		.parents = NULL                                                                              \
	}

/* Reads the object DATA[0..LEN), without its "commit LEN\0" header. OUT is emptied on error. */
struct xb_err *xb_commit_parse(const void *data, size_t len, struct xb_commit *out) XB_MUST_CHECK;
/* Reads the commit OID and parses it; OUT, zeroed before, refers to bytes that S keeps until it is trimmed.
 */
struct xb_err *xb_commit_load(struct xb_store *s, const git_oid *oid, struct xb_commit *out) XB_MUST_CHECK;
void xb_commit_release(struct xb_commit *c);
#define XB_AUTOCOMMIT __attribute__((cleanup(xb_commit_release)))
/* The first paragraph's lines joined by a space, as git's %s; owned by the caller, perhaps empty. */
char *xb_commit_subject(const struct xb_commit *c);

struct xb_derive_options {
	const git_oid *source; /* the id of the commit that is derived from */
	const git_oid *tree, *parent;
	int64_t parent_time;                          /* the parent's committer date */
	const char *name, *email;                     /* the committer */
	const char *role;                             /* "security", "follow-up", "prerequisite" */
	const struct xb_strv *advisories, *needed_by; /* Xsabot-Advisory, Xsabot-For; NULL: none */
	const struct xb_strv *kept;                   /* Xsabot-Kept; NULL: none */
};

/*
 * Appends to OUT the raw commit that CONTRACT describes under "Derived
 * commits". The message is the source's with the line that `git cherry-pick
 * -x` adds, at the place and with the white space that git 2.39 gives it, and
 * the trailers directly after it; bytes are never converted, and the encoding
 * header stays. A value that would break a line is XB_E_INTERNAL.
 */
struct xb_err *xb_commit_derive(const struct xb_commit *source, const struct xb_derive_options *opts,
				struct xb_buf *out) XB_MUST_CHECK;

struct xb_stitch_options {
	const git_oid *tree;          /* that of the chain's tip */
	const git_oid *chain;         /* first parent */
	const git_oid *old;           /* second parent: the ref's old value */
	int64_t chain_time, old_time; /* their committer dates */
	const char *name, *email;
};

/* Appends to OUT the raw merge that keeps a derived ref fast-forwarding; nothing in it depends on the host.
 */
struct xb_err *xb_commit_stitch(const struct xb_stitch_options *opts, struct xb_buf *out) XB_MUST_CHECK;

#endif
