/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libgit2, set up once and opened with care. xb_git_init comes before any
 * other call. Repositories are opened through xb_git_open alone:
 * git_repository_open_bare by itself checks neither the owner nor the format,
 * and the functions that do read configuration files that are not ours.
 */
#ifndef XB_GIT_H
#define XB_GIT_H

#include "util/err.h"

#include <git2.h>

/*
 * Starts libgit2: no configuration but the repository's own, fsync on, no
 * check of referenced objects at creation (publishing checks them all), no
 * second hashing of what is read. Once a process.
 */
struct xb_err *xb_git_init(void) XB_MUST_CHECK;

/*
 * The error of a libgit2 call that returned RC: "FMT: the library's text",
 * copied at once. A disk that is full or read-only, and a full table of open files, get XB_E_TEMP
 * whatever CODE says.
 */
struct xb_err *xb_err_git(enum xb_code code, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull)) XB_MUST_CHECK;

enum {
	XB_GIT_ANY_OWNER = 1, /* the administrator vouches for the owner, whoever that is */
	XB_GIT_AGAIN = 2,     /* opened before in this run: warnings were given */
};

/*
 * Opens the repository PATH (its git directory, or a directory with a .git
 * directory). Refuses, as XB_E_CONFIG and with the remedy, one of another user
 * (other than root), one that everybody can write to, and one whose format this
 * program does not know (reftable, SHA-256, any unknown extension). A partial
 * clone gets a warning. *OUT is the caller's.
 */
struct xb_err *xb_git_open(const char *path, unsigned flags, git_repository **out) XB_MUST_CHECK;

/* "FULL HEX" of an id, for messages: a buffer of the caller. */
struct xb_hex {
	char s[GIT_OID_HEXSZ + 1];
};
struct xb_hex xb_hex(const git_oid *id);

#define XB_GIT_CLEANUP(type)                                                                                 \
	static inline void xb_##type##_freep(type **p)                                                       \
	{                                                                                                    \
		type##_free(*p);                                                                             \
	}
XB_GIT_CLEANUP(git_repository)
XB_GIT_CLEANUP(git_reference)
XB_GIT_CLEANUP(git_reference_iterator)
XB_GIT_CLEANUP(git_config)
XB_GIT_CLEANUP(git_config_iterator)
XB_GIT_CLEANUP(git_odb)
XB_GIT_CLEANUP(git_odb_object)
XB_GIT_CLEANUP(git_object)
XB_GIT_CLEANUP(git_revwalk)
/* For a variable of a libgit2 handle: XB_AUTOGIT(git_odb) *odb = NULL; */
#define XB_AUTOGIT(type) __attribute__((cleanup(xb_##type##_freep))) type

/* Where the ref NAME is; zero when it is not there. A symbolic ref gives what it resolves to. */
struct xb_err *xb_ref_value(git_repository *repo, const char *name, git_oid *out) XB_MUST_CHECK;

#endif
