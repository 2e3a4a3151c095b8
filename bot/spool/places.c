/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "places.h"

#include "spool.h"
#include "config/config.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool is_git_dir(const char *path)
{
	XB_AUTOFREE char *objects = xb_asprintf("%s/objects", path);
	XB_AUTOFREE char *refs = xb_asprintf("%s/refs", path);
	XB_AUTOFREE char *head = xb_asprintf("%s/HEAD", path);

	return exists(objects) && exists(refs) && exists(head);
}

struct xb_err *xb_git_dir_find(const char *repo, char **out)
{
	XB_AUTOFREE char *dot = xb_asprintf("%s/.git", repo);
	const char *found = is_git_dir(repo) ? repo : is_git_dir(dot) ? dot : NULL;

	if (!found)
		return xb_err_new(XB_E_NOTFOUND, "%s is not a git repository", repo);
	*out = realpath(found, NULL);
	return *out ? NULL : xb_err_sys(XB_E_IO, errno, "cannot resolve %s", found);
}

/*
 * Of both directories: all who can write objects can push, and so must get to the spool and write there.
 * Whoever can read them may know how the bot stands: its reports are files of known names in the state
 * directory, which they can pass but not list, and events say nothing. Everything else there is closed by
 * itself.
 */
struct places {
	mode_t state, spool;
	uid_t uid;
	gid_t gid;
};

static struct places judge(const struct stat *objects)
{
	struct places p = {
	    .state = 0750, .spool = S_ISGID | 0750, .uid = objects->st_uid, .gid = objects->st_gid};

	if ((objects->st_mode & 0005) == 0005) {
		p.state |= 0001;
		p.spool |= 0005;
	}
	if (objects->st_mode & S_IWGRP)
		p.spool |= 0070;
	if (objects->st_mode & S_IWOTH) {
		p.state |= 0005;
		p.spool |= 0007;
	}
	return p;
}

static bool is_member(gid_t gid)
{
	gid_t groups[256];
	int n = getgroups(sizeof groups / sizeof *groups, groups);

	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return gid == getegid();
}

/* Only root gives things away. */
static void limit(struct places *p)
{
	if (!geteuid())
		return;
	p->uid = (uid_t)-1;
	if (!is_member(p->gid))
		p->gid = (gid_t)-1;
}

/* One that was made under a stricter umask, or by an earlier version, keeps those out who push or watch. */
static struct xb_err *open_up(const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	if (st.st_uid != geteuid() || (st.st_mode & mode) == mode)
		return NULL;
	return chmod(path, (st.st_mode & 07777) | mode) ? xb_err_sys(XB_E_IO, errno, "cannot chmod %s", path)
							: NULL;
}

static struct xb_err *open_spool(const struct places *p, const char *spool)
{
	static const char *const dirs[] = {"", "/new", "/cur"};

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s%s", spool, dirs[i]);

		XB_TRY(open_up(path, p->spool & 0777));
	}
	return NULL;
}

static struct xb_err *make(const struct places *p, const char *state, const char *spool)
{
	XB_AUTOFREE char *above = state ? xb_dirname(state) : NULL,
			 *beside = spool ? xb_dirname(spool) : NULL;

	if (state) {
		XB_TRY(xb_mkdirs(above, 0777));
		XB_TRY(xb_make_dir(state, p->state, p->uid, p->gid));
		XB_TRY(open_up(state, p->state));
	}
	if (!spool)
		return NULL;
	XB_TRY(xb_mkdirs(beside, 0777));
	XB_TRY(xb_spool_make(spool, p->spool, p->uid, p->gid));
	return open_spool(p, spool);
}

struct xb_err *xb_places_make(const char *git_dir, const char *state, const char *spool)
{
	XB_AUTOFREE char *objects = xb_asprintf("%s/objects", git_dir);
	struct places p;
	struct stat st;

	if (stat(objects, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", objects);
	p = judge(&st);
	limit(&p);
	return make(&p, state, spool);
}

/* ---- what was elsewhere ---- */

static bool is_lock(const char *name)
{
	return !strcmp(name, "lock") || !strcmp(name, XB_LOCK_INSTANCE);
}

/* Events of the spool FROM go to the spool TO; FROM goes. */
static struct xb_err *move_events(const char *from, const char *to)
{
	static const char *const dirs[] = {"new", "cur", "tmp", "bad"};

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		XB_AUTOFREE char *sub = xb_asprintf("%s/%s", from, dirs[i]);
		XB_AUTOSTRV struct xb_strv names = {0};

		if (!exists(sub))
			continue;
		XB_TRY(xb_dir_list(sub, &names));
		for (size_t k = 0; k < names.n; k++) {
			XB_AUTOFREE char *old = xb_asprintf("%s/%s", sub, names.v[k]);
			XB_AUTOFREE char *now = xb_asprintf("%s/%s/%s", to, dirs[i], names.v[k]);

			if (rename(old, now))
				return xb_err_sys(XB_E_IO, errno, "cannot move %s to %s", old, now);
		}
		rmdir(sub); /* else it is found in the way below */
	}
	return NULL;
}

static struct xb_err *move_one(const char *from, const char *to, const char *name)
{
	XB_AUTOFREE char *old = xb_asprintf("%s/%s", from, name), *now = xb_asprintf("%s/%s", to, name);

	if (is_lock(name))
		return unlink(old) ? xb_err_sys(XB_E_IO, errno, "cannot remove %s", old) : NULL;
	if (!strcmp(name, "spool")) {
		XB_TRY(move_events(old, now));
		rmdir(old);
		return NULL;
	}
	if (exists(now))
		return xb_err_new(XB_E_CONFIG,
				  "%s and %s are both there, and of one repository: move one away", old, now);
	return rename(old, now) ? xb_err_sys(XB_E_IO, errno, "cannot move %s to %s", old, now) : NULL;
}

static struct xb_err *move_all(const char *from, const char *to)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOCLOSE int lock = -1;

	XB_TRY(xb_lock_take(from, XB_LOCK_INSTANCE, 0, &lock));
	XB_TRY(xb_dir_list(from, &names));
	for (size_t i = 0; i < names.n; i++)
		XB_TRY(move_one(from, to, names.v[i]));
	if (rmdir(from))
		return xb_err_sys(XB_E_IO, errno, "cannot remove %s", from);
	xb_log(XB_INFO, "%s is now %s, by the real path of the repository", from, to);
	return xb_fsync_dir(to);
}

/* Once the state was beside the repository as its path is written, be that a link's. */
static struct xb_err *move_in(const struct xb_config *c)
{
	XB_AUTOFREE char *written = xb_asprintf("%s.xsabot", c->repository);
	struct stat old, now;

	if (c->state_given || lstat(written, &old) || !S_ISDIR(old.st_mode) || stat(c->state_dir, &now) ||
	    (old.st_dev == now.st_dev && old.st_ino == now.st_ino))
		return NULL;
	return move_all(written, c->state_dir);
}

static struct xb_err *make_of(const struct xb_config *c, const char *spool)
{
	static const struct places alone = {0750, XB_SPOOL_MODE, (uid_t)-1, (gid_t)-1};
	XB_AUTOFREE char *git_dir = NULL;
	struct xb_err *err = c->repository ? xb_git_dir_find(c->repository, &git_dir) : NULL;

	if (err && err->code != XB_E_NOTFOUND)
		return err;
	xb_err_free(err);
	if (!git_dir)
		return make(&alone, c->state_dir, spool);
	XB_TRY(xb_places_make(git_dir, c->state_dir, spool));
	return spool ? move_in(c) : NULL;
}

struct xb_err *xb_places_of(const struct xb_config *c)
{
	return make_of(c, c->spool);
}

struct xb_err *xb_places_state(const struct xb_config *c)
{
	return make_of(c, NULL);
}
