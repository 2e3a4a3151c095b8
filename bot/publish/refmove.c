/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refmove.h"

#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 10, FIRST_WAIT_MS = 20, LAST_WAIT_MS = 2000, LIB_TRIES = 3, HEAD_MAX = 4096 };

static struct xb_err *is_symbolic(git_repository *repo, const char *name, bool *out)
{
	XB_AUTOGIT(git_reference) *ref = NULL;
	int rc = git_reference_lookup(&ref, repo, name);

	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read %s", name);
	*out = ref && git_reference_type(ref) == GIT_REFERENCE_SYMBOLIC;
	return NULL;
}

static struct xb_err *is_head(git_repository *repo, const char *name, bool *out)
{
	XB_AUTOGIT(git_reference) *head = NULL;
	int rc = git_reference_lookup(&head, repo, "HEAD");

	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read HEAD");
	*out = head && git_reference_type(head) == GIT_REFERENCE_SYMBOLIC &&
	       !strcmp(git_reference_symbolic_target(head), name);
	return NULL;
}

/* As git does, whether the work tree itself is still there or not. */
static struct xb_err *is_checked_out(git_repository *repo, const char *name, bool *out)
{
	XB_AUTOFREE char *dir = xb_asprintf("%sworktrees", git_repository_commondir(repo));
	XB_AUTOFREE char *wanted = xb_asprintf("ref: %s\n", name);
	XB_AUTOSTRV struct xb_strv trees = {0};

	*out = false;
	if (access(dir, F_OK))
		return NULL;
	XB_TRY(xb_dir_list(dir, &trees));
	for (size_t i = 0; !*out && i < trees.n; i++) {
		XB_AUTOFREE char *head = xb_asprintf("%s/%s/HEAD", dir, trees.v[i]);
		XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
		struct xb_err *err = xb_file_read(head, HEAD_MAX, &text);

		*out = !err && text.n == strlen(wanted) && !memcmp(text.p, wanted, text.n);
		if (err && err->code == XB_E_TEMP) /* what it says can be read later */
			return err;
		xb_err_free(err);
	}
	return NULL;
}

/* A ref "a" where "a/b" is wanted. */
static struct xb_err *has_parent_ref(git_repository *repo, const char *name, bool *out)
{
	XB_AUTOFREE char *dir = xb_strdup(name);
	char *slash;

	*out = false;
	while (!*out && (slash = strrchr(dir, '/')) && slash - dir > (ptrdiff_t)strlen("refs/")) {
		git_oid id;

		*slash = '\0';
		XB_TRY(xb_ref_value(repo, dir, &id));
		*out = !git_oid_is_zero(&id);
	}
	return NULL;
}

/* A ref "a/b" where "a" is wanted. */
static struct xb_err *has_child_ref(git_repository *repo, const char *name, bool *out)
{
	XB_AUTOFREE char *glob = xb_asprintf("%s/*", name); /* a ref's name has no glob characters */
	XB_AUTOGIT(git_reference_iterator) *it = NULL;
	const char *child;
	int rc = git_reference_iterator_glob_new(&it, repo, glob);

	if (!rc)
		rc = git_reference_next_name(&child, it);
	if (rc && rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot list %s", glob);
	*out = !rc;
	return NULL;
}

static bool is_allowed(const char *name, const struct xb_ref_policy *policy)
{
	int valid = 0;

	if (strncmp(name, "refs/", 5) != 0 || git_reference_name_is_valid(&valid, name) || !valid)
		return false;
	return policy->allowed(name, policy->data);
}

/* Everything but the value: XB_MOVE_DONE when nothing is wrong. */
static struct xb_err *look_kind(git_repository *repo, const char *name, const struct xb_ref_policy *policy,
				enum xb_move *out)
{
	bool found = false;

	*out = XB_MOVE_FORBIDDEN;
	if (!is_allowed(name, policy))
		return NULL;
	*out = XB_MOVE_HEAD;
	XB_TRY(is_head(repo, name, &found));
	if (found)
		return NULL;
	*out = XB_MOVE_WORKTREE;
	XB_TRY(is_checked_out(repo, name, &found));
	if (found)
		return NULL;
	*out = XB_MOVE_SYMBOLIC;
	XB_TRY(is_symbolic(repo, name, &found));
	if (found)
		return NULL;
	*out = XB_MOVE_CLASH;
	XB_TRY(has_parent_ref(repo, name, &found));
	if (!found)
		XB_TRY(has_child_ref(repo, name, &found));
	if (!found)
		*out = XB_MOVE_DONE;
	return NULL;
}

struct xb_err *xb_ref_look(git_repository *repo, const struct xb_ref_update *u,
			   const struct xb_ref_policy *policy, enum xb_move *out)
{
	git_oid now;

	XB_TRY(look_kind(repo, u->name, policy, out));
	if (*out != XB_MOVE_DONE)
		return NULL;
	XB_TRY(xb_ref_value(repo, u->name, &now));
	if (git_oid_equal(&now, &u->new_id))
		*out = XB_MOVE_ALREADY;
	else if (!git_oid_equal(&now, &u->old_id))
		*out = XB_MOVE_OTHER;
	return NULL;
}

static void sleep_ms(int64_t ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* Whether the directory of the file of a ref is there; that of a packed one may not be. */
static bool has_dir(git_repository *repo, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s%s", git_repository_commondir(repo), name);
	XB_AUTOFREE char *dir = xb_dirname(path);

	return !access(dir, F_OK);
}

/* The library syncs the directory that a ref is in, and not those above it, which have an entry more. */
static void sync_dirs_above(git_repository *repo, const char *name)
{
	size_t len = strlen(git_repository_commondir(repo)) + strlen("refs");
	XB_AUTOFREE char *path = xb_asprintf("%s%s", git_repository_commondir(repo), name);

	*strrchr(path, '/') = '\0';
	for (char *slash; (slash = strrchr(path, '/')) && (size_t)(slash - path) >= len;) {
		*slash = '\0';
		XB_AUTOERR struct xb_err *err = xb_fsync_dir(path);

		if (err)
			xb_log(XB_WARN, "%s moved, but: %s", name, err->msg);
	}
}

int xb_ref_write(git_repository *repo, const struct xb_modes *modes, const char *name, const git_oid *old,
		 const git_oid *new_id, const char *log)
{
	XB_AUTOGIT(git_reference) *ref = NULL;
	mode_t before = xb_modes_enter(modes);
	bool had_dir = has_dir(repo, name);
	int rc = git_reference_create_matching(&ref, repo, name, new_id, 1, old, log);

	xb_modes_leave(before);
	if (!rc && !had_dir)
		sync_dirs_above(repo, name);
	return rc;
}

/* One try; the library's error, if any, in *ERR. */
static int try_move(git_repository *repo, const struct xb_modes *modes, const struct xb_ref_update *u,
		    struct xb_err **err)
{
	int rc = xb_ref_write(repo, modes, u->name, &u->old_id, &u->new_id, "xsabot: publish");

	*err = rc ? xb_err_git(XB_E_IO, rc, "cannot move %s", u->name) : NULL;
	return rc;
}

/*
 * After a failure the ref says what happened. An error with the ref at the new
 * value: it moved, and only its durability is in doubt.
 */
static struct xb_err *after_failure(git_repository *repo, const struct xb_ref_update *u,
				    const struct xb_err *err, enum xb_move *out, bool *again)
{
	git_oid now;

	*again = false;
	XB_TRY(xb_ref_value(repo, u->name, &now));
	if (git_oid_equal(&now, &u->new_id)) {
		*out = XB_MOVE_DONE;
		xb_log(XB_WARN, "%s moved, but: %s", u->name, err->msg);
	} else if (!git_oid_equal(&now, &u->old_id)) {
		*out = XB_MOVE_OTHER;
	} else {
		*out = XB_MOVE_LOCKED;
		*again = true;
	}
	return NULL;
}

/*
 * libgit2 makes a new ref by a link from its lock file, which it then removes,
 * or not: a lock file that is the ref's own file is nobody's lock any more.
 */
static bool is_linked_lock(const char *lock)
{
	XB_AUTOFREE char *ref = xb_memdup0(lock, strlen(lock) - strlen(".lock"));
	struct stat a, b;

	return !lstat(lock, &a) && !lstat(ref, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static char *lock_path(git_repository *repo, const char *name)
{
	return xb_asprintf("%s%s.lock", git_repository_path(repo), name);
}

/* After a move: the library does not say when it could not remove its lock file. */
static void drop_linked_lock(git_repository *repo, const char *name)
{
	XB_AUTOFREE char *lock = lock_path(repo, name);

	if (is_linked_lock(lock) && unlink(lock))
		xb_log(XB_ERROR, "%s was moved, but its lock file %s can't be removed: %s", name, lock,
		       strerror(errno));
}

static struct xb_err *move_with_retries(git_repository *repo, const struct xb_ref_update *u,
					enum xb_move *out)
{
	struct xb_modes modes;
	bool again = true;

	XB_TRY(xb_modes_of(repo, "refs", &modes));
	for (unsigned try = 0, other = 0; again; try++) {
		XB_AUTOERR struct xb_err *err = NULL;
		int rc = try_move(repo, &modes, u, &err);

		*out = XB_MOVE_DONE;
		if (!rc)
			return NULL;
		XB_TRY(after_failure(repo, u, err, out, &again));
		if (!again || (rc == GIT_ELOCKED && try + 1 == TRIES))
			return NULL;
		if (rc != GIT_ELOCKED && ++other == LIB_TRIES)
			return XB_STEAL(err);
		sleep_ms(xb_backoff(FIRST_WAIT_MS, LAST_WAIT_MS, try + 1, xb_backoff_seed(NULL)));
	}
	return NULL;
}

struct xb_err *xb_ref_move(git_repository *repo, const struct xb_ref_update *u,
			   const struct xb_ref_policy *policy, enum xb_move *out)
{
	XB_TRY(xb_ref_look(repo, u, policy, out));
	if (*out != XB_MOVE_DONE)
		return NULL;
	XB_TRY(move_with_retries(repo, u, out));
	if (*out == XB_MOVE_DONE)
		drop_linked_lock(repo, u->name);
	return NULL;
}

const char *xb_move_text(enum xb_move m)
{
	switch (m) {
	case XB_MOVE_DONE:
		return "moved";
	case XB_MOVE_ALREADY:
		return "was there already";
	case XB_MOVE_OTHER:
		return "was moved by someone else";
	case XB_MOVE_LOCKED:
		return "is locked";
	case XB_MOVE_SYMBOLIC:
		return "is a symbolic ref, which is never written";
	case XB_MOVE_HEAD:
		return "is what HEAD points to, which is never written";
	case XB_MOVE_WORKTREE:
		return "is checked out in a linked work tree, under which it is never moved (git worktree "
		       "list)";
	case XB_MOVE_FORBIDDEN:
		return "is not a ref that may be written here";
	case XB_MOVE_CLASH:
		return "clashes with another ref, whose name is a part of this one or the other way round";
	}
	return "?";
}

static bool is_earlier(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/*
 * NULL: the lock is ours and stale, as far as one look tells; else why not. *AT_ONCE: there is no need for
 * a second look.
 */
static const char *why_not_stale(const char *path, const struct stat *st, const struct xb_ref_update *u,
				 const struct xb_lock_rule *rule, const struct timespec *begun, bool *at_once)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *unreadable = NULL;
	XB_AUTOFREE char *ours = xb_asprintf("%s\n", xb_hex(&u->new_id).s);

	*at_once = false;
	if (!S_ISREG(st->st_mode) || st->st_uid != geteuid())
		return "it belongs to someone else";
	unreadable = xb_file_read(path, strlen(ours), &text);
	if (unreadable || (text.n && memcmp(ours, text.p, text.n) != 0))
		return "its text is not ours";
	*at_once = is_linked_lock(path) || (text.n == strlen(ours) && !is_earlier(&st->st_mtim, begun));
	if (!*at_once && xb_now_s() - st->st_mtime < (time_t)rule->age_s)
		return "it is young";
	return NULL;
}

static struct xb_err *look_at(const char *path, struct stat *st, bool *there)
{
	*there = !lstat(path, st);
	if (!*there && errno != ENOENT && errno != ENOTDIR)
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	return NULL;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct xb_err *remove_lock(const char *path, enum xb_stale *out)
{
	XB_TRY(xb_file_remove(path));
	xb_log(XB_WARN, "removed the lock file %s, left by a run that was cut short", path);
	*out = XB_LOCK_REMOVED;
	return NULL;
}

struct xb_err *xb_ref_stale_lock(git_repository *repo, const struct xb_ref_update *u,
				 const struct xb_lock_rule *rule, const struct timespec *begun,
				 enum xb_stale *out)
{
	XB_AUTOFREE char *path = lock_path(repo, u->name);
	struct stat first, second;
	bool there, at_once;
	const char *why;

	*out = XB_LOCK_NONE;
	XB_TRY(look_at(path, &first, &there));
	if (!there)
		return NULL;
	why = why_not_stale(path, &first, u, rule, begun, &at_once);
	if (!why && !at_once) {
		sleep_ms((long)rule->watch_ms);
		XB_TRY(look_at(path, &second, &there));
		if (!there)
			return NULL;
		if (!same_file(&first, &second))
			why = "it changes";
	}
	if (!why)
		return remove_lock(path, out);
	*out = XB_LOCK_LEFT;
	xb_log(XB_WARN, "%s is locked: %s was left alone because %s", u->name, path, why);
	return NULL;
}

struct xb_err *xb_ref_old_lock(git_repository *repo, const char *name, enum xb_stale *out)
{
	static const struct xb_lock_rule usual = {600, 1000};
	static const struct timespec never = {.tv_sec = INT64_MAX};
	XB_AUTOFREE char *path = lock_path(repo, name), *copy = xb_strdup(name);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *gone = xb_file_read(path, GIT_OID_HEXSZ + 1, &text);
	struct xb_ref_update u = {.name = copy};

	if (!gone && text.n >= GIT_OID_HEXSZ && git_oid_fromstrn(&u.new_id, text.p, GIT_OID_HEXSZ))
		u.new_id = (git_oid){{0}}; /* it is no id: not ours */
	return xb_ref_stale_lock(repo, &u, &usual, &never, out);
}
