/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notewrite.h"

#include "os/file.h"
#include "os/spawn.h"
#include "publish/refmove.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct xb_err *xb_note_text(git_repository *repo, const char *ref, const git_oid *commit, struct xb_buf *out)
{
	git_note *note = NULL;
	int rc = git_note_read(&note, repo, ref, commit);

	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read the note of %s in %s", xb_hex(commit).s, ref);
	if (!rc)
		xb_buf_adds(out, git_note_message(note));
	if (!rc && out->n && out->p[out->n - 1] != '\n')
		xb_buf_addc(out, '\n');
	git_note_free(note);
	return NULL;
}

struct xb_err *xb_note_write(git_repository *repo, const struct xb_config *c, const char *ref,
			     const git_oid *commit, const struct xb_buf *text)
{
	const struct xb_hex id = xb_hex(commit);
	XB_AUTOFREE char *dir = xb_asprintf("--git-dir=%s", git_repository_path(repo));
	XB_AUTOFREE char *at = xb_asprintf("--ref=%s", ref);
	XB_AUTOFREE char *path = xb_asprintf("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	XB_AUTOFREE char *name = xb_asprintf("GIT_COMMITTER_NAME=%s", c->committer_name);
	XB_AUTOFREE char *email = xb_asprintf("GIT_COMMITTER_EMAIL=%s", c->committer_email);
	XB_AUTOFREE char *author = xb_asprintf("GIT_AUTHOR_NAME=%s", c->committer_name);
	XB_AUTOFREE char *address = xb_asprintf("GIT_AUTHOR_EMAIL=%s", c->committer_email);
	char git[] = "git", notes[] = "notes", add[] = "add", force[] = "-f", file[] = "-F", in[] = "-";
	char hex[sizeof id.s], home[] = "HOME=/nonexistent", system[] = "GIT_CONFIG_NOSYSTEM=1";
	char *argv[] = {git, dir, notes, at, add, force, file, in, hex, NULL};
	char *envp[] = {path, name, email, author, address, home, system, NULL};
	XB_AUTOCLOSE int fd = memfd_create("note", MFD_CLOEXEC);
	enum xb_stale lock; /* one that stays, git tells of */
	pid_t pid;

	memcpy(hex, id.s, sizeof hex);
	if (fd < 0 || xb_write_all(fd, text->p, text->n) || lseek(fd, 0, SEEK_SET) < 0)
		return xb_err_sys(XB_E_TEMP, errno, "cannot hold the text of a note");
	XB_TRY(xb_ref_old_lock(repo, ref, &lock));
	XB_TRY(xb_spawn(&(struct xb_spawn){.argv = argv, .env = envp, .in = fd, .out = -1, .err = 2}, &pid));
	if (xb_spawn_wait(pid))
		return xb_err_new(XB_E_IO, "git could not write a note of %s to %s", id.s, ref);
	return NULL;
}
