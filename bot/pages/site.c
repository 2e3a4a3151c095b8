/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "site.h"

#include "os/file.h"
#include "util/alloc.h"
#include "util/strv.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = ".xsabot-pages"; /* an empty file in each */

struct xb_site {
	char *dir, *made; /* the second is beside the first */
	int lock;         /* the directory that is being made, locked */
	bool shown;
	struct xb_strv dirs; /* those that were made in it */
};

/* Removes what is in DIR, and DIR where ALL. */
static struct xb_err *clear(const char *dir, bool all)
{
	XB_AUTOFREE char *root = xb_strdup(dir);
	char *const roots[] = {root, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct xb_err *err = NULL;
	FTSENT *e;

	if (!fts)
		return xb_err_sys(XB_E_IO, errno, "cannot read %s", dir);
	while (!err && (e = fts_read(fts))) {
		if (e->fts_info == FTS_D || (e->fts_level == 0 && !all))
			continue;
		if (remove(e->fts_accpath))
			err = xb_err_sys(XB_E_IO, errno, "cannot remove %s", e->fts_path);
	}
	fts_close(fts);
	return err;
}

/* Ours, empty, or not there. */
static struct xb_err *check_dir(const char *dir)
{
	XB_AUTOFREE char *marked = xb_asprintf("%s/%s", dir, mark);
	XB_AUTOSTRV struct xb_strv names = {0};
	struct stat st;

	if (lstat(dir, &st))
		return errno == ENOENT ? NULL : xb_err_sys(XB_E_USAGE, errno, "%s", dir);
	if (!S_ISDIR(st.st_mode))
		return xb_err_new(XB_E_USAGE, "%s is no directory", dir);
	if (!lstat(marked, &st))
		return NULL;
	XB_TRY(xb_dir_list(dir, &names));
	return names.n
		   ? xb_err_new(XB_E_USAGE,
				"%s has files that are not xsabot's, and all of it would be replaced: give "
				"a directory of its own",
				dir)
		   : NULL;
}

/* Beside it, so that they are on one file system. */
static char *made_name(const char *dir)
{
	XB_AUTOFREE char *parent = xb_dirname(dir);
	const char *slash = strrchr(dir, '/');

	return xb_asprintf("%s/.%s.new", parent, slash ? slash + 1 : dir);
}

static struct xb_err *take(struct xb_site *s)
{
	struct stat held, named;

	if (mkdir(s->made, 0755) && errno != EEXIST)
		return xb_err_sys(XB_E_USAGE, errno, "cannot make %s", s->made);
	s->lock = open(s->made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->lock < 0)
		return xb_err_sys(XB_E_USAGE, errno, "cannot open %s", s->made);
	/* One that was shown meanwhile is another's. */
	if (flock(s->lock, LOCK_EX | LOCK_NB) || fstat(s->lock, &held) || lstat(s->made, &named) ||
	    held.st_ino != named.st_ino || held.st_dev != named.st_dev)
		return xb_err_new(XB_E_TEMP, "another process makes %s just now", s->dir);
	if (held.st_uid != geteuid() || fchmod(s->lock, 0755))
		return xb_err_new(XB_E_USAGE, "%s is another user's", s->made);
	return clear(s->made, false);
}

struct xb_err *xb_site_open(const char *dir, struct xb_site **out)
{
	static const struct xb_buf nothing = XB_BUF_INIT;
	XB_AUTOPTR(xb_site) *s = xb_calloc(1, sizeof *s);
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	s->lock = -1;
	s->dir = xb_memdup0(dir, n);
	s->made = made_name(s->dir);
	XB_TRY(check_dir(s->dir));
	XB_TRY(take(s));
	XB_TRY(xb_site_add(s, mark, &nothing));
	*out = XB_STEAL(s);
	return NULL;
}

static struct xb_err *make_parents(struct xb_site *s, const char *path)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		XB_AUTOFREE char *part = xb_memdup0(path, (size_t)(p - path));
		XB_AUTOFREE char *full = xb_asprintf("%s/%s", s->made, part);

		if (xb_strv_has(&s->dirs, part))
			continue;
		if ((mkdir(full, 0755) && errno != EEXIST) || chmod(full, 0755))
			return xb_err_sys(XB_E_IO, errno, "cannot make %s", full);
		xb_strv_add(&s->dirs, part);
	}
	return NULL;
}

/* Not synced one by one: a page that a power cut takes is made again. */
struct xb_err *xb_site_add(struct xb_site *s, const char *path, const struct xb_buf *text)
{
	XB_AUTOFREE char *full = xb_asprintf("%s/%s", s->made, path);
	int fd, rc;

	XB_TRY(make_parents(s, path));
	fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot make %s", full);
	rc = fchmod(fd, 0644); /* a web server reads it, whatever the umask */
	if (!rc && text->n)
		rc = xb_write_all(fd, text->p, text->n);
	if (close(fd) || rc)
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", full);
	return NULL;
}

/* Where the file system can't exchange names, there is a moment without any. */
static int swap(const char *made, const char *dir)
{
	XB_AUTOFREE char *aside = xb_asprintf("%s.old", made);

	if (!renameat2(AT_FDCWD, made, AT_FDCWD, dir, RENAME_EXCHANGE))
		return 0;
	if (errno == ENOENT)
		return rename(made, dir);
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (rename(dir, aside))
		return -1;
	if (rename(made, dir))
		return rename(aside, dir), -1;
	return rename(aside, made);
}

struct xb_err *xb_site_show(struct xb_site *s)
{
	struct stat st;

	if (swap(s->made, s->dir))
		return xb_err_sys(XB_E_IO, errno, "cannot put %s in the place of %s", s->made, s->dir);
	s->shown = true;
	if (!lstat(s->made, &st))
		xb_err_free(clear(s->made, true)); /* the old ones; what stays is cleared by the next */
	return NULL;
}

void xb_site_free(struct xb_site *s)
{
	if (!s)
		return;
	if (s->lock >= 0 && !s->shown)
		xb_err_free(clear(s->made, true)); /* what stays is cleared by the next */
	xb_closep(&s->lock);
	xb_strv_release(&s->dirs);
	XB_FREE(s->dir, s->made, s);
}
