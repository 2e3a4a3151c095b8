/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install.h"

#include "places.h"
#include "hooks/protected.h"
#include "os/file.h"
#include "refs/ownrefs.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The paths of one installation. */
struct paths {
	char *hooks, *hook, *chain, *previous;
};

static void release_paths(struct paths *p)
{
	XB_FREE(p->hooks, p->hook, p->chain, p->previous);
}

void xb_installed_release(struct xb_installed *r)
{
	XB_FREE(r->git_dir, r->spool);
	*r = (struct xb_installed){0};
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* git looks for hooks elsewhere when the repository says so; ours would then never run. */
static struct xb_err *check_hooks_path(const char *git_dir)
{
	XB_AUTOFREE char *file = xb_asprintf("%s/config", git_dir);
	git_buf value = GIT_BUF_INIT;
	git_config *config = NULL;
	struct xb_err *err = NULL;

	git_libgit2_init();
	if (git_config_open_ondisk(&config, file) == 0 &&
	    git_config_get_string_buf(&value, config, "core.hooksPath") == 0)
		err = xb_err_new(
		    XB_E_CONFIG,
		    "%s sets core.hooksPath = %s, so git does not look in %s/hooks: unset it, or run "
		    "the hook from there by hand",
		    file, value.ptr, git_dir);
	git_buf_dispose(&value);
	git_config_free(config);
	git_libgit2_shutdown();
	return err;
}

static struct xb_err *check_program(const char *hook)
{
	struct stat st;

	if (hook[0] != '/')
		return xb_err_new(XB_E_INTERNAL, "the hook program's path %s is not absolute", hook);
	if (stat(hook, &st) || !S_ISREG(st.st_mode) || access(hook, X_OK))
		return xb_err_new(XB_E_NOTFOUND, "there is no hook program %s", hook);
	return NULL;
}

static struct xb_err *make_places(const char *git_dir, const struct xb_install *in, char **spool)
{
	XB_AUTOFREE char *beside = xb_asprintf("%s.xsabot", git_dir);
	const char *state = in->state ? in->state : in->spool ? NULL : beside;

	*spool = in->spool ? xb_strdup(in->spool) : xb_asprintf("%s/spool", state);
	return xb_places_make(git_dir, state, *spool);
}

/* Makes LINK a symbolic link to TARGET, in place of whatever file has that name. */
static struct xb_err *put_link(const char *target, const char *link)
{
	XB_AUTOFREE char *tmp = xb_asprintf("%s.tmp-%ld", link, (long)getpid());
	XB_AUTOFREE char *dir = xb_dirname(link);

	if (symlink(target, tmp))
		return xb_err_sys(XB_E_IO, errno, "cannot make link %s", tmp);
	if (rename(tmp, link)) {
		int saved = errno;

		unlink(tmp);
		return xb_err_sys(XB_E_IO, saved, "cannot make link %s", link);
	}
	return xb_fsync_dir(dir);
}

/* The target of the link PATH, owned; NULL when it is not a link. */
static char *read_link(const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof target);

	return n < 0 || (size_t)n == sizeof target ? NULL : xb_memdup0(target, (size_t)n);
}

/* Leads the hook to a place that is not where it looks by itself. */
static struct xb_err *point_to(const char *git_dir, const char *name, const char *place, bool is_default)
{
	XB_AUTOFREE char *link = xb_asprintf("%s/%s", git_dir, name);
	XB_AUTOFREE char *now = read_link(link);
	XB_AUTOFREE char *real = realpath(place, NULL);

	if (!real)
		return xb_err_sys(XB_E_IO, errno, "cannot resolve %s", place);
	if (!exists(link) && is_default)
		return NULL;
	if (exists(link) && !now)
		return xb_err_new(XB_E_CONFIG, "%s is there and is not a link: move it away", link);
	if (now && strcmp(now, real) == 0)
		return NULL;
	return put_link(real, link);
}

/* The list of protected refs, which may not be there yet. */
static struct xb_err *point_to_list(const char *git_dir, const char *state)
{
	XB_AUTOFREE char *link = xb_asprintf("%s/xsabot-protected", git_dir);
	XB_AUTOFREE char *now = read_link(link), *real = realpath(state, NULL), *list = NULL;

	if (!real)
		return xb_err_sys(XB_E_IO, errno, "cannot resolve %s", state);
	list = xb_asprintf("%s/protected", real);
	if (exists(link) && !now)
		return xb_err_new(XB_E_CONFIG, "%s is there and is not a link: move it away", link);
	return now && !strcmp(now, list) ? NULL : put_link(list, link);
}

/* True when the hook at PATH is ours, be it of another version or place. */
static bool is_ours(const char *path, const char *program)
{
	XB_AUTOFREE char *end = xb_asprintf("/xsabot%s", strrchr(program, '/'));
	XB_AUTOFREE char *target = read_link(path);
	struct stat a, b;

	if (target && (strcmp(target, program) == 0 || xb_ends(target, strlen(target), end)))
		return true;
	return stat(path, &a) == 0 && stat(program, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A copy of a link that goes on meaning the same one directory further down. */
static struct xb_err *copy_link(const char *target, const char *to)
{
	XB_AUTOFREE char *deeper = xb_asprintf("%s%s", target[0] == '/' ? "" : "../", target);

	return put_link(deeper, to);
}

static struct xb_err *in_the_way(const struct paths *p)
{
	return xb_err_new(XB_E_CONFIG,
			  "%s is a hook of someone else and %s is there already: rename one of them in %s",
			  p->hook, p->previous, p->chain);
}

/* Gives the foreign hook its second name; the first is taken over later by one rename. */
static struct xb_err *keep_previous(const struct paths *p)
{
	XB_AUTOFREE char *target = read_link(p->hook);
	XB_AUTOFREE char *kept = read_link(p->previous);
	struct stat a, b;

	if (lstat(p->hook, &a))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", p->hook);
	if (!S_ISREG(a.st_mode) && !target)
		return xb_err_new(XB_E_CONFIG, "%s is neither a file nor a link: move it away", p->hook);
	if (lstat(p->previous, &b) == 0) {
		/* Of an installation that was interrupted? */
		if (target ? kept && xb_ends(kept, strlen(kept), target)
			   : a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return NULL;
		return in_the_way(p);
	}
	if (target)
		return copy_link(target, p->previous);
	if (link(p->hook, p->previous))
		return xb_err_sys(XB_E_IO, errno, "cannot keep %s as %s", p->hook, p->previous);
	return xb_fsync_dir(p->chain);
}

/* The directories hooks and hooks/post-receive.d, with the owner of what is above them. */
static struct xb_err *make_hook_dirs(const char *git_dir, const struct paths *p)
{
	struct stat st;

	if (stat(git_dir, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", git_dir);
	XB_TRY(xb_make_dir(p->hooks, st.st_mode & 07777, st.st_uid, st.st_gid));
	if (stat(p->hooks, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", p->hooks);
	return xb_make_dir(p->chain, st.st_mode & 07777, st.st_uid, st.st_gid);
}

static struct xb_err *put_hook(const char *program, const struct paths *p, struct xb_installed_hook *out)
{
	XB_AUTOFREE char *target = read_link(p->hook);

	if (target && strcmp(target, program) == 0)
		return NULL;
	if (exists(p->hook) && !is_ours(p->hook, program)) {
		XB_TRY(keep_previous(p));
		out->previous = true;
	}
	out->new_hook = true;
	return put_link(program, p->hook);
}

/* The hook of git's name NAME. */
static struct xb_err *install(const char *git_dir, const char *name, const char *program,
			      struct xb_installed_hook *out)
{
	__attribute__((cleanup(release_paths))) struct paths p = {0};

	p.hooks = xb_asprintf("%s/hooks", git_dir);
	p.hook = xb_asprintf("%s/%s", p.hooks, name);
	p.chain = xb_asprintf("%s.d", p.hook);
	p.previous = xb_asprintf("%s/50-previous", p.chain);
	XB_TRY(make_hook_dirs(git_dir, &p));
	return put_hook(program, &p, out);
}

struct xb_err *xb_install_hook(const struct xb_install *in, struct xb_installed *out)
{
	*out = (struct xb_installed){0};
	XB_TRY(check_program(in->hook));
	if (in->update)
		XB_TRY(check_program(in->update));
	XB_TRY(xb_git_dir_find(in->repo, &out->git_dir));
	XB_TRY(check_hooks_path(out->git_dir));
	XB_TRY(make_places(out->git_dir, in, &out->spool));
	XB_TRY(point_to(out->git_dir, "xsabot-spool", out->spool, !in->spool));
	if (in->update && in->state)
		XB_TRY(point_to_list(out->git_dir, in->state));
	XB_TRY(install(out->git_dir, "post-receive", in->hook, &out->receive));
	return in->update ? install(out->git_dir, "update", in->update, &out->update) : NULL;
}

bool xb_update_hook_is_there(const char *git_dir)
{
	XB_AUTOFREE char *hook = xb_asprintf("%s/hooks/update", git_dir);
	XB_AUTOFREE char *target = read_link(hook);

	return target && xb_ends(target, strlen(target), "/update") && !access(hook, X_OK);
}

/* ---- the list that the update hook reads ---- */

static struct xb_err *add_account(const struct xb_config *c, struct xb_buf *b)
{
	const char *name = c->account;
	const struct passwd *pw;

	if (*c->account_environment)
		xb_buf_addf(b, "env %s\n", c->account_environment);
	if (!*name)
		return NULL;
	if (strspn(name, "0123456789") == strlen(name)) {
		xb_buf_addf(b, "uid %s\n", name);
		return NULL;
	}
	pw = getpwnam(name);
	if (!pw)
		return xb_err_new(XB_E_CONFIG, "[repository] account: there is no account %s here", name);
	xb_buf_addf(b, "uid %lu\n", (unsigned long)pw->pw_uid);
	return NULL;
}

/* Lines to come, as far as their names are numbers: the pattern up to its first placeholder, which ends it.
 */
static void add_numbers(const char *pattern, const char *end, struct xb_buf *b)
{
	const char *at = strstr(pattern, end);

	if (at && !at[strlen(end)])
		xb_buf_addf(b, "numbers %.*s\n", (int)(at - pattern), pattern);
}

static void add_refs(const struct xb_config *c, const struct xb_targets *targets, struct xb_buf *b)
{
	for (size_t i = 0; i < XB_REF_KINDS; i++) {
		const struct xb_ref_role *r = xb_ref_role((enum xb_ref_kind)i);
		bool many = r->name[strlen(r->name) - 1] == '/';

		if (r->writer == XB_WRITES_BOT)
			xb_buf_addf(b, "%s %s\n", many ? "below" : "ref", r->name);
	}
	add_numbers(c->line_default.derived, "{line}", b);
	add_numbers(c->line_default.derived_release, "{line}.{n}", b);
	for (size_t i = 0; i < targets->n; i++)
		xb_buf_addf(b, "ref %s\n", targets->v[i].derived_ref);
}

struct xb_err *xb_protect_write(const struct xb_config *c, const struct xb_targets *targets)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/protected", c->state_dir);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT, now = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *unreadable = xb_file_read(path, XB_PROTECTED_MAX, &now);

	xb_buf_adds(&text, XB_PROTECTED_MAGIC);
	XB_TRY(add_account(c, &text));
	add_refs(c, targets, &text);
	xb_buf_adds(&text, "end\n");
	if (!unreadable && now.n == text.n && !memcmp(now.p, text.p, text.n))
		return NULL;
	return xb_file_write(path, text.p, text.n, 0444);
}
