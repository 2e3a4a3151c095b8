/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of an event: the hook, what runs after it, the spool; and the hook that refuses pushes to our refs.
 */
#include "doctor.h"

#include "lines/lines.h"
#include "os/file.h"
#include "refs/ownrefs.h"
#include "repo/modes.h"
#include "spool/install.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *repository(const struct xb_doctor *d)
{
	return d->config->repository ? d->config->repository : git_repository_path(d->repo);
}

static char *install_command(const struct xb_doctor *d, const char *option)
{
	bool file = d->config->file != NULL;

	return xb_asprintf("xsabot %s%s%sinstall-hook %s%s", file ? "-c " : "", file ? d->config->file : "",
			   file ? " " : "", option, repository(d));
}

/* ---- modes of what is served ---- */

static bool closed(const char *dir, const char *ref, mode_t want)
{
	XB_AUTOFREE char *path = xb_asprintf("%s%s", dir, ref);
	struct stat st;

	return ref && !stat(path, &st) && S_ISREG(st.st_mode) && (st.st_mode & want & 0444) != (want & 0444);
}

void xb_doctor_modes(struct xb_doctor *d)
{
	const char *dir = git_repository_commondir(d->repo);
	struct xb_targets targets = {0};
	struct xb_err *err = xb_targets_find(d->repo, d->config, NULL, 0, NULL, &targets);
	struct xb_modes m;
	size_t n = 0;

	if (!err)
		err = xb_modes_of(d->repo, "refs", &m);
	for (size_t i = 0; !err && i < targets.n; i++) {
		const struct xb_target *t = &targets.v[i];
		const char *ref = closed(dir, t->derived_ref, m.file) ? t->derived_ref
				  : closed(dir, t->state_ref, m.file) ? t->state_ref
								      : NULL;

		if (!ref)
			continue;
		n++;
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("xsabot run mends it"),
				"%s can't be read by those whom the repository is served to: a clone fails",
				ref);
	}
	if (err)
		xb_doctor_found(d, XB_FOUND_WRONG, NULL, "%s", err->msg);
	else if (!n)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "the bot's refs can be read as all others can");
	xb_err_free(err);
	xb_targets_release(&targets);
}

/* ---- the hook ---- */

/* Those that run after it: a file there that is not executable runs never, and nothing says so. */
static bool check_chain(struct xb_doctor *d, const char *dir, const char *name)
{
	XB_AUTOFREE char *chain = xb_asprintf("%shooks/%s.d", dir, name);
	XB_AUTOSTRV struct xb_strv names = {0};
	bool good = true;

	xb_err_free(xb_dir_list(chain, &names)); /* there need be none */
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", chain, names.v[i]);

		if (!access(path, X_OK))
			continue;
		good = false;
		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("chmod a+x %s, or remove it", path),
				"%s does not run: %s", path, strerror(errno));
	}
	return good;
}

static char *hooks_path(const struct xb_doctor *d)
{
	XB_AUTOFREE char *file = xb_asprintf("%sconfig", git_repository_commondir(d->repo));
	git_buf value = GIT_BUF_INIT;
	git_config *config = NULL;
	char *path = NULL;

	if (!git_config_open_ondisk(&config, file) &&
	    !git_config_get_string_buf(&value, config, "core.hooksPath"))
		path = xb_strdup(value.ptr);
	git_buf_dispose(&value);
	git_config_free(config);
	return path;
}

/* Does it lead to our program? */
static bool is_ours(const char *hook, const char *end)
{
	XB_AUTOFREE char *target = realpath(hook, NULL);

	return target && xb_ends(target, strlen(target), end);
}

void xb_doctor_hook(struct xb_doctor *d)
{
	const char *dir = git_repository_commondir(d->repo);
	XB_AUTOFREE char *hook = xb_asprintf("%shooks/post-receive", dir), *elsewhere = hooks_path(d);
	struct stat st;

	if (d->config->upstream) {
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "none is needed: pushes go to the upstream");
		return;
	}
	if (elsewhere)
		xb_doctor_found(
		    d, XB_FOUND_WRONG,
		    xb_asprintf("git -C %s config --unset core.hooksPath; or call %s from there", dir, hook),
		    "core.hooksPath = %s: git looks for no hook in %shooks", elsewhere, dir);
	else if (lstat(hook, &st))
		xb_doctor_found(d, XB_FOUND_ADVICE, install_command(d, ""),
				"there is no %s: pushes are seen only by a look every %u s", hook,
				d->config->rescan);
	else if (access(hook, X_OK))
		xb_doctor_found(d, XB_FOUND_WRONG, install_command(d, ""), "%s does not run: %s", hook,
				strerror(errno));
	else if (!is_ours(hook, "/post-receive"))
		xb_doctor_found(d, XB_FOUND_ADVICE, install_command(d, ""),
				"%s is not xsabot's; it must call that", hook);
	else if (check_chain(d, dir, "post-receive"))
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s", hook);
}

void xb_doctor_protection(struct xb_doctor *d)
{
	const char *dir = git_repository_commondir(d->repo);
	XB_AUTOFREE char *git_dir = realpath(dir, NULL);
	XB_AUTOFREE char *list = xb_asprintf("%s/protected", d->config->state_dir);

	if (d->config->upstream)
		return;
	if (!git_dir || !xb_update_hook_is_there(git_dir))
		xb_doctor_found(
		    d, XB_FOUND_ADVICE, install_command(d, "--protect "),
		    "nothing refuses pushes to the refs that xsabot writes; one would hold its line");
	else if (access(list, R_OK))
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("xsabot run writes it"),
				"the update hook has no list of refs, %s: %s", list, strerror(errno));
	else if (check_chain(d, dir, "update"))
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "the update hook refuses pushes to the bot's refs");
}

/* ---- the spool ---- */

/* All who can write objects push; each of their hooks must be able to leave an event. */
static void check_pushers(struct xb_doctor *d, const char *sub)
{
	XB_AUTOFREE char *objects = xb_asprintf("%sobjects", git_repository_commondir(d->repo));
	struct stat o, s;

	if (stat(objects, &o) || stat(sub, &s))
		return;
	if ((o.st_mode & S_IWGRP) && (!(s.st_mode & S_IWGRP) || s.st_gid != o.st_gid))
		xb_doctor_found(d, XB_FOUND_WRONG,
				xb_asprintf("chgrp %lu %s; chmod 2775 %s", (unsigned long)o.st_gid, sub, sub),
				"those of the group who can push can't leave an event in %s", sub);
	else if ((o.st_mode & S_IWOTH) && !(s.st_mode & S_IWOTH))
		xb_doctor_found(d, XB_FOUND_WRONG, xb_asprintf("chmod 2777 %s", sub),
				"all can push, and not all can leave an event in %s", sub);
}

void xb_doctor_spool(struct xb_doctor *d)
{
	static const char *const subs[] = {"tmp", "new", "cur"};
	size_t before = d->found.n;
	struct stat st;

	if (stat(d->config->spool, &st)) {
		if (errno == ENOENT)
			xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s will be made", d->config->spool);
		else
			xb_doctor_found(d, XB_FOUND_WRONG, NULL, "%s: %s", d->config->spool, strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) {
		XB_AUTOFREE char *sub = xb_asprintf("%s/%s", d->config->spool, subs[i]);

		if (access(sub, R_OK | W_OK | X_OK))
			xb_doctor_found(d, XB_FOUND_WRONG,
					errno == ENOENT ? install_command(d, "")
							: xb_asprintf("as root: chown %lu %s; chmod u+rwx %s",
								      (unsigned long)geteuid(), sub, sub),
					"%s: %s", sub, strerror(errno));
		else if (strcmp(subs[i], "cur") != 0)
			check_pushers(d, sub);
	}
	if (d->found.n == before)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s: all who push can leave an event",
				d->config->spool);
}
