/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The update hook. It refuses pushes to the refs that only the bot writes, but
 * for the account of a bot on another host; the bot itself, which does not push,
 * never meets it. Which refs these are, and which account, is in a file that the
 * bot keeps (hooks/protected.h): `xsabot-protected` in the git directory, a file
 * or a link to one, else <real path of the git directory>.xsabot/protected. Without
 * it, or when it can't be read, the push passes, and the pusher is told. Then what
 * is in hooks/update.d has its say, with the same arguments.
 */
#include "hooks/chain.h"
#include "hooks/io.h"
#include "hooks/protected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(const char *line)
{
	ssize_t ignored = write(STDERR_FILENO, line, strlen(line)); /* nobody there is fine */

	(void)ignored;
}

static const char *git_dir(void)
{
	const char *dir = getenv("GIT_DIR");

	return dir && *dir ? dir : ".";
}

/* Descriptors 0 to 2 exist from here on, so that the file does not become one of them. */
static void fill_std_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int open_default(void)
{
	char *real = realpath(git_dir(), NULL), *path = NULL;
	int fd = -1;

	if (real && asprintf(&path, "%s.xsabot/protected", real) < 0)
		path = NULL;
	if (path)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(path);
	free(real);
	return fd;
}

/* -1: there is none, or it can't be opened. */
static int open_list(void)
{
	int git = xb_open_dir(AT_FDCWD, git_dir(), 0), fd;

	if (git < 0)
		return -1;
	fd = openat(git, "xsabot-protected", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && faccessat(git, "xsabot-protected", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		fd = open_default();
	close(git);
	return fd;
}

/* The whole list; false when that can't be had. */
static bool read_list(char *buf, size_t size, size_t *n)
{
	int fd = open_list();
	ssize_t r = fd < 0 ? -1 : 1;

	*n = 0;
	while (r > 0 && *n < size) {
		r = read(fd, buf + *n, size - *n);
		if (r < 0 && errno == EINTR)
			r = 1;
		else if (r > 0)
			*n += (size_t)r;
	}
	if (fd >= 0)
		close(fd);
	return r == 0;
}

int main(int argc, char **argv)
{
	static char list[XB_PROTECTED_MAX];
	enum xb_protected what;
	size_t n;

	if (argc != 4) {
		say("xsabot: the update hook is run by git, with a ref and two ids\n");
		return 1;
	}
	fill_std_fds();
	what = read_list(list, sizeof list, &n) ? xb_protected_judge(list, n, argv[1]) : XB_PROTECTED_UNKNOWN;
	if (what == XB_PROTECTED_YES) {
		say("xsabot: this ref is written by xsabot alone: the push to it is refused; what is to be "
		    "in "
		    "the branch is decided on the stable branch and by notes\n");
		return 1;
	}
	if (what == XB_PROTECTED_UNKNOWN)
		say("xsabot: the list of the refs that xsabot alone writes can't be read: the push passes\n");
	return xb_chain_update(git_dir(), argv);
}
