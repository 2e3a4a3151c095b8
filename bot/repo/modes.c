/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modes.h"

#include "git.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What core.sharedRepository says (git-config(1)). */
struct shared {
	bool set, exact; /* EXACT: these bits and no others; else these as well */
	mode_t bits;
};

static bool is_one_of(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (!strcasecmp(s, *words))
			return true;
	return false;
}

static struct shared read_word(const char *value)
{
	static const char *const none[] = {"umask", "0", "false", "no", "off", "", NULL};
	static const char *const group[] = {"group", "1", "true", "yes", "on", NULL};
	static const char *const all[] = {"all", "world", "everybody", "2", NULL};
	char *end;
	unsigned long bits;

	if (is_one_of(value, none))
		return (struct shared){0};
	if (is_one_of(value, group))
		return (struct shared){true, false, 0660};
	if (is_one_of(value, all))
		return (struct shared){true, false, 0664};
	bits = strtoul(value, &end, 8);
	if (*end || (bits & 0600) != 0600) /* git refuses to work there */
		return (struct shared){0};
	return (struct shared){true, true, (mode_t)bits & 0666};
}

static struct shared read_shared(git_repository *repo)
{
	XB_AUTOGIT(git_config) *cfg = NULL;
	const char *value = NULL;

	if (git_repository_config_snapshot(&cfg, repo) ||
	    git_config_get_string(&value, cfg, "core.sharedrepository") || !value)
		return (struct shared){0};
	return read_word(value);
}

static mode_t dir_of(mode_t file)
{
	return file | (file & 0444) >> 2;
}

bool xb_modes_like(const char *path, struct xb_modes *out)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	*out = (struct xb_modes){
	    .file = (st.st_mode & 0666) | 0600, .set_gid = st.st_mode & S_ISGID, .gid = st.st_gid};
	out->dir = dir_of(out->file) | (out->set_gid ? S_ISGID : 0);
	return true;
}

struct xb_err *xb_modes_of(git_repository *repo, const char *sub, struct xb_modes *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s%s", git_repository_commondir(repo), sub);
	struct shared shared = read_shared(repo);

	if (!xb_modes_like(path, out))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	if (!shared.set)
		return NULL;
	out->file = shared.exact ? shared.bits : (out->file | shared.bits);
	out->dir = dir_of(out->file);
	if (out->set_gid || (out->file & 0060))
		out->dir |= S_ISGID;
	return NULL;
}

mode_t xb_modes_enter(const struct xb_modes *m)
{
	return umask(0777 & ~m->dir);
}

void xb_modes_leave(mode_t before)
{
	umask(before);
}

/* A group that can't be set matters only to a file that not everybody can read. */
struct xb_err *xb_modes_give(const struct xb_modes *m, const char *path)
{
	if (m->set_gid && chown(path, (uid_t)-1, m->gid) && !(m->file & S_IROTH))
		return xb_err_sys(XB_E_IO, errno, "cannot give %s to the group of what is beside it", path);
	if (chmod(path, m->file & 0444))
		return xb_err_sys(XB_E_IO, errno, "cannot chmod %s", path);
	return NULL;
}

static struct xb_err *mend(const char *path, const struct xb_modes *m)
{
	struct stat st;
	mode_t want;

	if (lstat(path, &st))
		return errno == ENOENT || errno == ENOTDIR
			   ? NULL
			   : xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	want = S_ISDIR(st.st_mode) ? m->dir : m->file;
	if (st.st_uid != geteuid() || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) ||
	    (st.st_mode & want) == want)
		return NULL;
	if (chmod(path, (st.st_mode & 07777) | want))
		return xb_err_sys(XB_E_IO, errno, "cannot chmod %s", path);
	return NULL;
}

/* PATH and the directories above it, up to the one of LEN bytes, which is not ours to change. */
static struct xb_err *mend_path(char *path, size_t len, const struct xb_modes *m)
{
	XB_TRY(mend(path, m));
	for (char *slash; (slash = strrchr(path, '/')) && (size_t)(slash - path) > len;) {
		*slash = '\0';
		XB_TRY(mend(path, m));
	}
	return NULL;
}

struct xb_err *xb_modes_mend(git_repository *repo, const char *name)
{
	static const char *const tops[] = {"", "logs/"};
	const char *dir = git_repository_commondir(repo);
	struct xb_modes m;

	if (strncmp(name, "refs/", 5) != 0)
		return NULL;
	XB_TRY(xb_modes_of(repo, "refs", &m));
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s%s%s", dir, tops[i], name);

		XB_TRY(mend_path(path, strlen(dir) + strlen(tops[i]) + strlen("refs"), &m));
	}
	return NULL;
}
