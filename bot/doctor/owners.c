/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose the files are, and who may read and write them. */
#include "doctor.h"

#include "os/file.h"
#include "repo/modes.h"
#include "util/alloc.h"

#include <errno.h>
#include <fts.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 3, WALK_MAX = 100000 };

static char *user(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw ? xb_strdup(pw->pw_name) : xb_asprintf("%lu", (unsigned long)uid);
}

void xb_doctor_account(struct xb_doctor *d)
{
	const char *dir = git_repository_path(d->repo);
	XB_AUTOFREE char *us = user(geteuid()), *them = NULL;
	struct stat st;

	if (stat(dir, &st))
		return;
	them = user(st.st_uid);
	if (st.st_uid == geteuid())
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s, who owns the repository", us);
	else if (st.st_uid == 0)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s; the repository is root's", us);
	else
		xb_doctor_found(
		    d, XB_FOUND_WRONG,
		    xb_asprintf("run xsabot, and this, as %s (setpriv, runuser or sudo -u %s)", them, them),
		    "%s belongs to %s, and this runs as %s", dir, them, us);
}

/* The state directory alone, as run asks for it. */
void xb_doctor_state(struct xb_doctor *d)
{
	const char *dir = d->config->state_dir;
	XB_AUTOFREE char *above = xb_dirname(dir), *us = user(geteuid());
	struct stat st;

	if (stat(dir, &st)) {
		if (errno == ENOENT && !access(above, W_OK | X_OK))
			xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s will be made", dir);
		else
			xb_doctor_found(
			    d, XB_FOUND_WRONG,
			    xb_asprintf("as root: install -d -o %s -m 0750 %s; or set [repository] state", us,
					dir),
			    "%s can't be made: %s", dir, strerror(errno == ENOENT ? EACCES : errno));
		return;
	}
	if (st.st_uid != geteuid()) {
		XB_AUTOFREE char *them = user(st.st_uid);

		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("as root: chown -R %s %s", us, dir),
				"the state directory %s belongs to %s", dir, them);
	} else if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("chmod go-w %s", dir),
				"others can write to the state directory %s", dir);
	} else if (access(dir, W_OK | X_OK)) {
		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("chmod u+rwx %s", dir), "%s: %s", dir,
				strerror(errno));
	} else {
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s is ours alone to write to", dir);
	}
}

/* ---- below a directory ---- */

struct walk {
	struct xb_strv foreign, closed;
	size_t n;
};

static void look_at(struct walk *w, const FTSENT *e, bool shared)
{
	mode_t bits = S_ISDIR(e->fts_statp->st_mode) ? S_IRWXU : S_IRUSR;

	if (e->fts_info == FTS_DNR || e->fts_info == FTS_NS)
		xb_strv_add(&w->closed, e->fts_path);
	else if (e->fts_statp->st_uid != geteuid() && !shared)
		xb_strv_add(&w->foreign, e->fts_path);
	else if (e->fts_statp->st_uid == geteuid()
		     ? (e->fts_statp->st_mode & bits) != bits
		     : access(e->fts_path, S_ISDIR(e->fts_statp->st_mode) ? R_OK | W_OK | X_OK : R_OK) != 0)
		xb_strv_add(&w->closed, e->fts_path);
}

/* SHARED: what others made there is as good, as long as we can do with it what we must. */
static void walk(const char *dir, bool shared, struct walk *w)
{
	char *paths[] = {(char *)(uintptr_t)dir, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *e;

	while (fts && (e = fts_read(fts)) && w->n < WALK_MAX) {
		if (e->fts_info == FTS_DP || e->fts_info == FTS_SL)
			continue;
		w->n++;
		look_at(w, e, shared);
	}
	if (fts)
		fts_close(fts);
}

static char *some(const struct xb_strv *all)
{
	struct xb_strv few = {.v = all->v, .n = all->n < MANY ? all->n : MANY};
	XB_AUTOFREE char *text = xb_strv_join(&few, ", ");

	return all->n > MANY ? xb_asprintf("%s and %zu more", text, all->n - MANY) : xb_strdup(text);
}

static bool tell_walk(struct xb_doctor *d, const char *dir, struct walk *w)
{
	XB_AUTOFREE char *us = user(geteuid()), *foreign = some(&w->foreign), *closed = some(&w->closed);
	bool good = !w->foreign.n && !w->closed.n;

	if (w->foreign.n)
		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("as root: chown -R %s %s", us, dir),
				"not ours: %s", foreign);
	if (w->closed.n)
		xb_doctor_found(d, XB_FOUND_WRONG,
				xb_asprintf("as root: chown -R %s %s; chmod -R u+rwX %s", us, dir, dir),
				"we can't read or write: %s", closed);
	xb_strv_release(&w->foreign);
	xb_strv_release(&w->closed);
	return good;
}

/* Of all that the bot keeps, and of what it must write to in the repository. */
void xb_doctor_owners(struct xb_doctor *d)
{
	static const char *const subs[] = {"refs", "objects/pack"};
	struct walk w = {0};
	bool good;

	walk(d->config->state_dir, false, &w);
	good = tell_walk(d, d->config->state_dir, &w);
	for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) {
		XB_AUTOFREE char *dir = xb_asprintf("%s%s", git_repository_commondir(d->repo), subs[i]);

		w = (struct walk){0};
		walk(dir, true, &w);
		good = tell_walk(d, dir, &w) && good;
	}
	if (good)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL,
				"of the state, the refs and the packs: as they must be");
}

/* ---- sharing ---- */

/* Some pushes go wrong where core.sharedRepository and the directories say different things. */
void xb_doctor_shared(struct xb_doctor *d)
{
	static const char *const subs[] = {"objects", "objects/pack", "refs", "refs/heads", "refs/xsabot"};
	const char *dir = git_repository_commondir(d->repo);
	struct xb_modes m;
	bool good = true;

	if (xb_modes_of(d->repo, "refs", &m))
		return; /* told by who opens it */
	for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s%s", dir, subs[i]);
		mode_t want = m.dir & 0770;
		struct stat st;

		if (stat(path, &st) || (st.st_mode & want) == want)
			continue;
		good = false;
		xb_doctor_found(
		    d, XB_FOUND_WRONG,
		    xb_asprintf("chgrp -R GROUP %s; chmod -R g+rwX %s; find %s -type d -exec chmod g+s {} +",
				dir, dir, dir),
		    "%s has mode %03o, and the repository is shared by %03o", path,
		    (unsigned)(st.st_mode & 0777), (unsigned)(m.dir & 0777));
	}
	if (good)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "directories have mode %04o, files %03o",
				(unsigned)(m.dir & 07777), (unsigned)(m.file & 0777));
}
