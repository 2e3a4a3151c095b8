/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vault.h"

#include "os/file.h"
#include "repo/git.h"
#include "repo/odb.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DIR_MODE = 0750 };

static struct xb_err *check_private(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", dir);
	if (!S_ISDIR(st.st_mode))
		return xb_err_new(XB_E_CONFIG, "%s is not a directory", dir);
	if (st.st_uid != geteuid())
		return xb_err_new(
		    XB_E_CONFIG,
		    "the state directory %s belongs to uid %lu, xsabot runs as uid %lu: run it as "
		    "that user, or chown -R the directory",
		    dir, (unsigned long)st.st_uid, (unsigned long)geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return xb_err_new(XB_E_CONFIG, "others can write to the state directory %s: chmod go-w it",
				  dir);
	return NULL;
}

/* Makes the last directory of PATH and those above it. */
static struct xb_err *make_dir(const char *base, const char *sub)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", base, sub);

	return xb_mkdirs(path, DIR_MODE);
}

static struct xb_err *open_public(struct xb_vault *v, const char *public_git_dir, unsigned flags)
{
	size_t n;

	v->flags = flags;
	XB_TRY(xb_git_open(public_git_dir, flags, &v->public_repo));
	v->public_dir = realpath(git_repository_path(v->public_repo), NULL);
	if (!v->public_dir)
		return xb_err_sys(XB_E_IO, errno, "cannot find %s", public_git_dir);
	n = strlen(v->public_dir);
	if (strpbrk(v->public_dir, "\n\"") || v->public_dir[n - 1] == '/')
		return xb_err_new(XB_E_CONFIG, "%s: a repository's path can't have quotes or line ends",
				  v->public_dir);
	v->public_pack = xb_asprintf("%s/objects/pack", v->public_dir);
	return NULL;
}

static struct xb_err *open_state(struct xb_vault *v, const char *state_dir)
{
	XB_TRY(xb_mkdirs(state_dir, DIR_MODE));
	v->state_dir = realpath(state_dir, NULL);
	if (!v->state_dir)
		return xb_err_sys(XB_E_IO, errno, "cannot find %s", state_dir);
	XB_TRY(check_private(v->state_dir));
	XB_TRY(make_dir(v->state_dir, "pack"));
	XB_TRY(make_dir(v->state_dir, "intent"));
	v->pack_dir = xb_asprintf("%s/pack", v->state_dir);
	v->intent_dir = xb_asprintf("%s/intent", v->state_dir);
	return NULL;
}

struct xb_err *xb_vault_open(const char *state_dir, const char *public_git_dir, unsigned flags,
			     struct xb_vault **out)
{
	XB_AUTOPTR(xb_vault) *v = xb_calloc(1, sizeof *v);

	v->what = XB_VAULT_PUBLICATION;
	XB_TRY(open_public(v, public_git_dir, flags));
	XB_TRY(open_state(v, state_dir));
	*out = XB_STEAL(v);
	return NULL;
}

struct xb_err *xb_vault_reopen(struct xb_vault *v)
{
	git_repository *again = NULL;

	XB_TRY(xb_git_open(v->public_dir, v->flags | XB_GIT_AGAIN, &again));
	git_repository_free(v->public_repo);
	v->public_repo = again;
	return NULL;
}

void xb_vault_free(struct xb_vault *v)
{
	if (!v)
		return;
	git_repository_free(v->public_repo);
	XB_FREE(v->state_dir, v->public_dir, v->public_pack, v->pack_dir, v->intent_dir, v);
}

struct xb_err *xb_vault_public_odb(const struct xb_vault *v, git_odb **out)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/objects", v->public_dir);

	return xb_odb_open(dir, out);
}
