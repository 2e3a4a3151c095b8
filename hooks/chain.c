/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/chain.h"

#include "hooks/io.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define RECEIVE_DIR "hooks/post-receive.d"
#define UPDATE_DIR "hooks/update.d"
#define DEPTH_VAR "XSABOT_CHAIN_DEPTH"

enum {
	MAX_DEPTH = 4
}; /* of hooks chained to hooks: a copy of this program among them must not run for ever */

struct name {
	char s[NAME_MAX + 1];
};

static bool skipped(const char *name)
{
	size_t n = strlen(name);

	return !n || n > NAME_MAX || name[0] == '.' || name[n - 1] == '~';
}

/* Puts the first name of D after *LAST, in byte order, into *LAST; false when there is none. */
static bool next_name(DIR *d, struct name *last)
{
	struct name best = {""};
	struct dirent *e;

	rewinddir(d);
	while ((e = readdir(d))) {
		if (skipped(e->d_name) || strcmp(e->d_name, last->s) <= 0)
			continue;
		if (!*best.s || strcmp(e->d_name, best.s) < 0)
			memcpy(best.s, e->d_name, strlen(e->d_name) + 1);
	}
	*last = best;
	return *best.s != '\0';
}

static void default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: becomes the program of ARGV[1] as git itself would have started it. Does not return. */
static void exec_hook(char **argv, int input)
{
	default_signals();
	if (dup2(input, STDIN_FILENO) == STDIN_FILENO) {
		execv(argv[1], argv + 1);
		if (errno == ENOEXEC) /* a script without #! */
			execv("/bin/sh", argv);
	}
	_exit(127);
}

/* A read-only descriptor of the input with a position of its own, or -1. */
static int reopen_input(const struct xb_input *in)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", in->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* Without /proc the position is shared, which matters only to a hook's leftover children. */
	return lseek(in->fd, 0, SEEK_SET) == 0 ? fcntl(in->fd, F_DUPFD_CLOEXEC, 3) : -1;
}

/* Its exit status and a signal that ends it are its own affair. */
static void run_hook(char *path, const struct xb_input *in)
{
	char sh[] = "sh";
	char *argv[] = {sh, path, NULL};
	int fd = reopen_input(in);
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid == 0)
		exec_hook(argv, fd);
	if (fd >= 0)
		close(fd);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* False when this is a chain of chains, too long to be meant. */
static bool deepen(void)
{
	const char *s = getenv(DEPTH_VAR);
	long depth = s ? strtol(s, NULL, 10) : 0;
	char next[32];

	if (depth < 0 || depth >= MAX_DEPTH)
		return false;
	snprintf(next, sizeof next, "%ld", depth + 1);
	return setenv(DEPTH_VAR, next, 1) == 0;
}

/* The next program of D, which is DIR of the git directory; NULL: there is none. Valid until the next call.
 */
static char *next_program(DIR *d, const char *git_dir, const char *dir, struct name *name)
{
	static char path[8192];
	struct stat st;

	while (next_name(d, name)) {
		int n = snprintf(path, sizeof path, "%s/%s/%s", git_dir, dir, name->s);

		if (n < 0 || (size_t)n >= sizeof path || stat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static void run_all(DIR *d, const char *git_dir, const struct xb_input *in)
{
	struct name name = {""};
	char *path;

	while ((path = next_program(d, git_dir, RECEIVE_DIR, &name)))
		run_hook(path, in);
}

static DIR *open_chain(const char *git_dir, const char *dir)
{
	int git = xb_open_dir(AT_FDCWD, git_dir, 0);
	int fd = git < 0 ? -1 : xb_open_dir(git, dir, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	if (git >= 0)
		close(git);
	return d;
}

bool xb_chain_run(const char *git_dir, const struct xb_input *in)
{
	DIR *d = open_chain(git_dir, RECEIVE_DIR);

	if (!d)
		return true;
	if (!in->cut && deepen())
		run_all(d, git_dir, in);
	closedir(d);
	return !in->cut;
}

/* Its exit status; one that could not be run, or was ended by a signal, refuses, as with git. */
static int run_update(char *path, char **args)
{
	char sh[] = "sh";
	char *argv[] = {sh, path, args[1], args[2], args[3], NULL};
	pid_t pid = fork();
	int status = 1;

	if (pid == 0)
		exec_hook(argv, STDIN_FILENO);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int xb_chain_update(const char *git_dir, char **args)
{
	DIR *d = open_chain(git_dir, UPDATE_DIR);
	struct name name = {""};
	int status = 0;
	char *path;

	if (!d)
		return 0;
	if (deepen())
		while (!status && (path = next_program(d, git_dir, UPDATE_DIR, &name)))
			status = run_update(path, args);
	closedir(d);
	return status;
}
