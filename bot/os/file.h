/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that must survive a power cut. A file is written under a temporary
 * name in its own directory, fsynced, renamed, and the directory is fsynced:
 * a reader sees the old contents or the new, never a part. After an error the
 * new contents may or may not be there; the old or the new are, whole.
 */
#ifndef XB_OS_FILE_H
#define XB_OS_FILE_H

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Writes N bytes at P to PATH as said above, with permissions MODE. */
struct xb_err *xb_file_write(const char *path, const void *p, size_t n, mode_t mode) XB_MUST_CHECK;
/* Reads PATH into OUT (emptied first). More than MAX bytes: XB_E_IO. Not there: XB_E_NOTFOUND. */
struct xb_err *xb_file_read(const char *path, size_t max, struct xb_buf *out) XB_MUST_CHECK;
/*
 * Reads the secret in PATH, of at most 4 KiB, into OUT (emptied first), which the caller wipes; OUT NULL:
 * only checks. It must be a file to which its owner alone has access, and ours or root's; root takes
 * anyone's. That is asked of the file that is read, and what is wrong with it is XB_E_CONFIG. WHAT is its
 * name in messages.
 */
struct xb_err *xb_file_secret(const char *path, const char *what, struct xb_buf *out) XB_MUST_CHECK;
/* Removes PATH and fsyncs its directory; a file that is not there is fine. */
struct xb_err *xb_file_remove(const char *path) XB_MUST_CHECK;
/*
 * Makes the directory PATH with owner, group (-1: as they come) and MODE before
 * it can be seen. A directory, or a link to one, that is there stays as it is.
 */
struct xb_err *xb_make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid) XB_MUST_CHECK;
/* Makes the directory PATH and its missing parents, durably. */
struct xb_err *xb_mkdirs(const char *path, mode_t mode) XB_MUST_CHECK;
struct xb_err *xb_fsync_dir(const char *path) XB_MUST_CHECK;
/*
 * Appends the names in the directory PATH, in no order. All of them before any is
 * dealt with: a directory that changes while it is read may skip entries.
 */
struct xb_err *xb_dir_list(const char *path, struct xb_strv *out) XB_MUST_CHECK;
/* Writes all N bytes to FD, through short writes and EINTR; 0, or -1 with errno. */
int xb_write_all(int fd, const void *p, size_t n);
/* A file of these N bytes in memory alone, to be read from its beginning. *FD is the caller's. */
struct xb_err *xb_memory_file(const void *p, size_t n, int *fd) XB_MUST_CHECK;
/* The directory part of PATH ("." without one); owned by the caller. */
char *xb_dirname(const char *path);

static inline void xb_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd); /* only for error paths and reads: a written file is closed by hand and checked */
}
#define XB_AUTOCLOSE __attribute__((cleanup(xb_closep)))

/*
 * Directories for a while. Who uses one holds a flock on it, so that what a killed
 * process left can be told from it.
 */

/* Removes DIR and all in it, as far as it goes; follows no link. */
void xb_tempdir_remove(const char *dir);
/* Removes those in DIR whose names begin with PREFIX, that are ours, old, and held by no one. */
void xb_tempdir_sweep(const char *dir, const char *prefix);

#endif
