/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "git.h"

#include "odb.h"
#include "config/gitdir.h"
#include "os/log.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_options(void)
{
	static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
				     GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof levels / sizeof *levels; i++)
		rc = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	/* The store remembers what it reads; packs are looked at through small windows. */
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)1 << 20);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)8 << 20);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (!rc)
		rc = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	return rc;
}

struct xb_err *xb_git_init(void)
{
	int rc = git_libgit2_init();

	if (rc < 0)
		return xb_err_git(XB_E_INTERNAL, rc, "cannot start libgit2");
	rc = set_options();
	if (rc)
		return xb_err_git(XB_E_INTERNAL, rc, "cannot set libgit2's options");
	return NULL;
}

static bool is_passing(const char *text)
{
	static const int numbers[] = {ENOSPC, EDQUOT, EMFILE, ENFILE, EROFS};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strstr(text, strerrordesc_np(numbers[i])))
			return true;
	return false;
}

/* What can't be read is said to be locked, by the library: nobody need look for a lock. */
static void not_locked(char *text)
{
	static const char locked[] = " is locked: ";
	char *at = strstr(text, locked);

	if (at && strstr(at, strerrordesc_np(EACCES)))
		memmove(at, at + strlen(" is locked"), strlen(at + strlen(" is locked")) + 1);
}

struct xb_err *xb_err_git(enum xb_code code, int rc, const char *fmt, ...)
{
	const git_error *last = git_error_last(); /* NULL or stale is possible in 1.5 */
	XB_AUTOFREE char *text = xb_strdup(last && last->message ? last->message : "no reason given");
	XB_AUTOBUF struct xb_buf what = XB_BUF_INIT;
	va_list ap;

	git_error_clear();
	not_locked(text);
	va_start(ap, fmt);
	xb_buf_vaddf(&what, fmt, ap);
	va_end(ap);
	return xb_err_new(is_passing(text) ? XB_E_TEMP : code, "%s: %s (libgit2: %d)", what.p, text, rc);
}

/* The error of a call that opened PATH: names the ownership check, which the library's text hides. */
static struct xb_err *open_error(int rc, const char *path)
{
	/* 1.5.1 says ENOTFOUND, about the setting safe.directory, where it means GIT_EOWNER (-36). */
	const git_error *last = git_error_last();
	bool owner = rc == -36 || (rc == GIT_ENOTFOUND && last && last->message &&
				   strstr(last->message, "safe.directory"));

	if (owner)
		return xb_err_new(XB_E_CONFIG,
				  "%s belongs to another user: run xsabot as that user, or give the "
				  "repository to the user that xsabot runs as",
				  path);
	return xb_err_git(rc == GIT_ENOTFOUND ? XB_E_NOTFOUND : XB_E_IO, rc, "cannot open repository %s",
			  path);
}

static char *user_name(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw ? xb_strdup(pw->pw_name) : xb_asprintf("uid %lu", (unsigned long)uid);
}

static struct xb_err *foreign(const char *dir, uid_t owner)
{
	XB_AUTOFREE char *theirs = user_name(owner);
	XB_AUTOFREE char *ours = user_name(geteuid());

	return xb_err_new(XB_E_CONFIG,
			  "%s belongs to %s, xsabot runs as %s: run it as %s, or give the repository to %s",
			  dir, theirs, ours, theirs, ours);
}

/* A repository shared by a group is normal; root can do everything to us anyway. */
static struct xb_err *check_owner(const char *dir, unsigned flags)
{
	struct stat st;

	if (stat(dir, &st))
		return xb_err_sys(errno == ENOENT ? XB_E_NOTFOUND : XB_E_IO, errno,
				  "cannot open repository %s", dir);
	if (!S_ISDIR(st.st_mode))
		return xb_err_new(XB_E_NOTFOUND, "%s is not a directory", dir);
	if (!(flags & XB_GIT_ANY_OWNER) && st.st_uid != geteuid() && st.st_uid != 0)
		return foreign(dir, st.st_uid);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return xb_err_new(XB_E_CONFIG, "everybody can write to %s: chmod o-w it", dir);
	return NULL;
}

enum ext { EXT_FINE, EXT_WARN, EXT_REFUSED };

static enum ext judge_extension(const char *key, const char *value)
{
	static const char *const fine[] = {"noop", "noop-v1", "preciousobjects", "worktreeconfig",
					   "relativeworktrees"};

	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		if (!strcmp(key, fine[i]))
			return EXT_FINE;
	if (!strcmp(key, "objectformat") && value && !strcmp(value, "sha1"))
		return EXT_FINE;
	if (!strcmp(key, "refstorage") && value && !strcmp(value, "files"))
		return EXT_FINE;
	return strcmp(key, "partialclone") ? EXT_REFUSED : EXT_WARN;
}

/* "remote.NAME.promisor = true": a partial clone, as git makes them since 2.22. */
static bool is_promise(const git_config_entry *e)
{
	int yes = 0;

	return !strncmp(e->name, "remote.", strlen("remote.")) &&
	       xb_ends(e->name, strlen(e->name), ".promisor") && !git_config_parse_bool(&yes, e->value) &&
	       yes;
}

static struct xb_err *check_extension(const char *dir, const git_config_entry *e, bool *partial)
{
	switch (judge_extension(e->name + strlen("extensions."), e->value)) {
	case EXT_FINE:
		return NULL;
	case EXT_WARN:
		*partial = true;
		return NULL;
	case EXT_REFUSED:
		break;
	}
	if (!strcmp(e->name, "extensions.objectformat"))
		return xb_err_new(XB_E_CONFIG,
				  "%s has %s objects: xsabot, with the libgit2 that it uses, reads SHA-1 "
				  "repositories alone",
				  dir, e->value ? e->value : "unknown");
	return xb_err_new(XB_E_CONFIG,
			  "%s has the setting %s = %s, a format that xsabot does not know; it needs refs "
			  "as files (git refs migrate --ref-format=files, or git clone --bare)",
			  dir, e->name, e->value ? e->value : "");
}

static struct xb_err *check_extensions(git_config *cfg, const char *dir, unsigned flags)
{
	/* Not the iterator with a pattern: each match of it leaks 20 kB in libgit2 1.5. */
	XB_AUTOGIT(git_config_iterator) *it = NULL;
	bool partial = false;
	git_config_entry *e;
	int rc = git_config_iterator_new(&it, cfg);

	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read the configuration of %s", dir);
	while (!(rc = git_config_next(&e, it))) {
		partial |= is_promise(e);
		if (!strncmp(e->name, "extensions.", strlen("extensions.")))
			XB_TRY(check_extension(dir, e, &partial));
	}
	if (partial && !(flags & XB_GIT_AGAIN))
		xb_log(XB_WARN,
		       "%s is a partial clone: objects that it lacks are not fetched; git fetch --refetch "
		       "--no-filter brings them",
		       dir);
	if (rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot read the configuration of %s", dir);
	return NULL;
}

static struct xb_err *check_format(git_repository *repo, const char *dir, unsigned flags)
{
	XB_AUTOGIT(git_config) *cfg = NULL;
	int32_t version = 0;
	int rc = git_repository_config_snapshot(&cfg, repo);

	if (!rc)
		rc = git_config_get_int32(&version, cfg, "core.repositoryformatversion");
	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_CONFIG, rc, "cannot read the configuration of %s", dir);
	if (version < 0 || version > 1)
		return xb_err_new(XB_E_CONFIG, "%s has repository format %d; xsabot knows 0 and 1", dir,
				  (int)version);
	return check_extensions(cfg, dir, flags);
}

struct xb_err *xb_git_open(const char *path, unsigned flags, git_repository **out)
{
	XB_AUTOFREE char *dir = xb_git_dir_of(path);
	XB_AUTOGIT(git_repository) *repo = NULL;
	int rc;

	XB_TRY(check_owner(dir, flags));
	rc = git_repository_open_bare(&repo, dir);
	if (rc)
		return open_error(rc, dir);
	XB_TRY(check_format(repo, dir, flags));
	if (git_repository_is_shallow(repo) > 0 && !(flags & XB_GIT_AGAIN))
		xb_log(XB_WARN,
		       "%s is a shallow clone: releases and fixes before its first commits are not seen; git "
		       "fetch --unshallow brings them",
		       dir);
	XB_TRY(xb_odb_give(repo));
	*out = XB_STEAL(repo);
	return NULL;
}

struct xb_hex xb_hex(const git_oid *id)
{
	struct xb_hex hex;

	git_oid_tostr(hex.s, sizeof hex.s, id);
	return hex;
}

struct xb_err *xb_ref_value(git_repository *repo, const char *name, git_oid *out)
{
	int rc = git_reference_name_to_id(out, repo, name);

	if (rc == GIT_ENOTFOUND)
		memset(out, 0, sizeof *out);
	else if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read %s", name);
	return NULL;
}
