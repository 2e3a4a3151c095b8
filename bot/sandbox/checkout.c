/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkout.h"

#include "odb/tree.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* As deep as tree.c reads, and each level holds one open directory. */
#define MAX_DEPTH 256

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* ---- removing ---- */

/* A removal under way. */
struct removal {
	int top;       /* the directory that all is in */
	unsigned deep; /* directories that were moved up to it */
};

static struct xb_err *remove_below(struct removal *r, int dirfd, const char *name, unsigned depth);

static struct xb_err *remove_entry(struct removal *r, int dirfd, const char *name, unsigned depth)
{
	if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
		return NULL;
	if (errno != EISDIR && errno != EPERM)
		return xb_err_sys(XB_E_IO, errno, "cannot remove %s", name);
	return remove_below(r, dirfd, name, depth + 1);
}

/* A directory that its owner may not read or change is one that a command left so. */
static int open_to_remove(int dirfd, const char *name)
{
	struct stat st;
	int fd = openat(dirfd, name, OPEN_DIR);

	if (fd < 0 && errno == EACCES && !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISDIR(st.st_mode) && !fchmodat(dirfd, name, 0700, 0))
		fd = openat(dirfd, name, OPEN_DIR);
	if (fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0700) != 0700)
		fchmod(fd, 0700); /* where it fails, so does the removal, which says so */
	return fd;
}

/* Too deep for an open directory a level: it goes up to the top, where its turn comes. */
static struct xb_err *move_up(struct removal *r, int dirfd, const char *name)
{
	XB_AUTOCLOSE int fd = open_to_remove(dirfd, name); /* one that may not be changed can't be moved */
	char to[32];

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open directory %s", name);
	do
		snprintf(to, sizeof to, "xsabot-deep-%u", r->deep++);
	while (renameat2(dirfd, name, r->top, to, RENAME_NOREPLACE) && errno == EEXIST && r->deep);
	return faccessat(r->top, to, F_OK, AT_SYMLINK_NOFOLLOW)
		   ? xb_err_sys(XB_E_IO, errno, "cannot move directory %s", name)
		   : NULL;
}

/* All that is in the directory NAME, or is there no more but at the top. */
static struct xb_err *remove_entries(struct removal *r, int dirfd, const char *name, unsigned depth)
{
	int fd = open_to_remove(dirfd, name);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct xb_err *err = NULL;
	struct dirent *e;

	if (!dir) {
		err = xb_err_sys(XB_E_IO, errno, "cannot open directory %s", name);
		xb_closep(&fd);
		return err;
	}
	if (!depth)
		r->top = fd;
	while (!err && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = remove_entry(r, fd, e->d_name, depth);
	closedir(dir); /* only read */
	return err;
}

static struct xb_err *remove_dir(int dirfd, const char *name)
{
	return unlinkat(dirfd, name, AT_REMOVEDIR)
		   ? xb_err_sys(XB_E_IO, errno, "cannot remove directory %s", name)
		   : NULL;
}

static struct xb_err *remove_below(struct removal *r, int dirfd, const char *name, unsigned depth)
{
	if (depth > MAX_DEPTH)
		return move_up(r, dirfd, name);
	XB_TRY(remove_entries(r, dirfd, name, depth));
	return remove_dir(dirfd, name);
}

struct xb_err *xb_remove_tree(int dirfd, const char *name)
{
	struct removal r;

	do {
		r = (struct removal){.top = -1};
		XB_TRY(remove_entries(&r, dirfd, name, 0));
	} while (r.deep); /* each time what was moved up is less deep */
	return remove_dir(dirfd, name);
}

/* ---- writing ---- */

static struct xb_err *write_dir(struct xb_store *s, const git_oid *tree, int fd, unsigned depth);

/* The store keeps none of the blobs: these are many, and written once. */
static struct xb_err *with_blob(struct xb_store *s, const git_oid *oid,
				struct xb_err *(*fn)(const void *p, size_t n, int dirfd,
						     const struct xb_entry *e, const char *name),
				int dirfd, const struct xb_entry *e, const char *name)
{
	XB_AUTORAW struct xb_raw o = XB_RAW_INIT;
	struct xb_err *err = xb_store_read(s, oid, GIT_OBJECT_BLOB, &o);

	return err ? xb_err_wrap(err, "%s", name) : fn(o.data, o.len, dirfd, e, name);
}

static struct xb_err *write_file(const void *p, size_t n, int dirfd, const struct xb_entry *e,
				 const char *name)
{
	mode_t mode = e->mode == XB_MODE_EXEC ? 0755 : 0644;
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int saved;

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot create %s", name);
	if (xb_write_all(fd, p, n)) {
		saved = errno;
		close(fd);
		return xb_err_sys(XB_E_IO, saved, "cannot write %s", name);
	}
	return close(fd) ? xb_err_sys(XB_E_IO, errno, "cannot write %s", name) : NULL;
}

static struct xb_err *write_link(const void *p, size_t n, int dirfd, const struct xb_entry *e,
				 const char *name)
{
	XB_AUTOFREE char *target = xb_memdup0(p, n);

	(void)e;
	if (strlen(target) != n || !n)
		return xb_err_new(XB_E_HOSTILE, "%s: a symbolic link to nowhere", name);
	if (symlinkat(target, dirfd, name))
		return xb_err_sys(XB_E_IO, errno, "cannot create the symbolic link %s", name);
	return NULL;
}

/* The directory NAME, with the tree OID in it; NULL: empty, where a submodule would be. */
static struct xb_err *write_subdir(struct xb_store *s, const git_oid *oid, int dirfd, const char *name,
				   unsigned depth)
{
	XB_AUTOCLOSE int fd = -1;

	if (mkdirat(dirfd, name, 0755))
		return xb_err_sys(XB_E_IO, errno, "cannot make directory %s", name);
	if (!oid)
		return NULL;
	fd = openat(dirfd, name, OPEN_DIR);
	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open directory %s", name);
	return write_dir(s, oid, fd, depth + 1);
}

static struct xb_err *write_entry(struct xb_store *s, const struct xb_entry *e, int fd, unsigned depth)
{
	XB_AUTOFREE char *name = xb_memdup0(e->name, e->len);

	switch (e->mode) {
	case XB_MODE_TREE:
		return write_subdir(s, &e->oid, fd, name, depth);
	case XB_MODE_GITLINK:
		return write_subdir(s, NULL, fd, name, depth);
	case XB_MODE_LINK:
		return with_blob(s, &e->oid, write_link, fd, e, name);
	default:
		return with_blob(s, &e->oid, write_file, fd, e, name);
	}
}

static struct xb_err *write_dir(struct xb_store *s, const git_oid *tree, int fd, unsigned depth)
{
	struct xb_tree_iter it;
	struct xb_entry e;

	if (depth > MAX_DEPTH)
		return xb_err_new(XB_E_HOSTILE, "directories nested deeper than %d", MAX_DEPTH);
	XB_TRY(xb_tree_open(s, tree, &it));
	while (xb_tree_next(&it, &e))
		XB_TRY(write_entry(s, &e, fd, depth));
	return NULL;
}

static struct xb_err *fill(struct xb_store *s, const git_oid *tree, const struct xb_checkout *c)
{
	XB_AUTOCLOSE int fd = -1;

	XB_TRY(xb_tree_is_bounded(s, tree));
	if (mkdir(c->tmp, 0700) || mkdir(c->tree, 0755))
		return xb_err_sys(XB_E_IO, errno, "cannot make directories in %s", c->root);
	fd = open(c->tree, OPEN_DIR);
	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open directory %s", c->tree);
	return write_dir(s, tree, fd, 0);
}

struct xb_err *xb_checkout_make(struct xb_store *s, const git_oid *tree, struct xb_checkout *out)
{
	const char *dir = getenv("TMPDIR");

	return xb_checkout_make_in(dir && *dir == '/' ? dir : "/tmp", s, tree, out);
}

struct xb_err *xb_checkout_make_in(const char *dir, struct xb_store *s, const git_oid *tree,
				   struct xb_checkout *out)
{
	struct xb_err *err;

	*out = (struct xb_checkout){0};
	out->root = xb_asprintf("%s/xsabot-XXXXXX", dir);
	if (!mkdtemp(out->root)) {
		err = xb_err_sys(XB_E_IO, errno, "cannot make the directory %s", out->root);
		free(XB_STEAL(out->root));
		return err;
	}
	out->tree = xb_asprintf("%s/tree", out->root);
	out->tmp = xb_asprintf("%s/tmp", out->root);
	err = fill(s, tree, out);
	if (err) {
		err = xb_err_wrap(err, "tree %s", xb_hex(tree).s);
		xb_err_free(xb_checkout_remove(out)); /* the first error says more */
	}
	return err;
}

struct xb_err *xb_checkout_remove(struct xb_checkout *c)
{
	struct xb_err *err = c->root ? xb_remove_tree(AT_FDCWD, c->root) : NULL;

	XB_FREE(c->root, c->tree, c->tmp);
	*c = (struct xb_checkout){0};
	return err;
}
