/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The post-receive hook. It leaves one event in the spool, so that the bot
 * wakes up, and then runs what is in hooks/post-receive.d with the same input.
 * An event is only a hint (the bot reads the refs themselves), a push is a
 * person waiting: so nothing here may fail, delay or disturb the push. The exit
 * status is 0 always, and what was pushed is never printed, as git hands a
 * hook's output to the pusher's terminal as it is.
 *
 * The spool is $XSABOT_SPOOL, else `xsabot-spool` in the git directory (a
 * directory or a link to one), else <real path of the git directory>.xsabot/spool.
 */
#include "hooks/chain.h"
#include "hooks/event.h"
#include "hooks/input.h"
#include "hooks/io.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TOTAL_SECONDS = 10 }; /* after that the push goes on without an event */

static const char not_queued[] = "xsabot: event not queued; the next scan will find it\n";
static const char not_chained[] = "xsabot: the input of the push was not complete; chained hooks not run\n";

static volatile sig_atomic_t queued;

static void say(const char *line)
{
	ssize_t ignored = write(STDERR_FILENO, line, strlen(line)); /* nobody there is fine */

	(void)ignored;
}

static void too_late(int sig)
{
	(void)sig;
	if (!queued)
		say(not_queued);
	_exit(0);
}

static const char *git_dir(void)
{
	const char *dir = getenv("GIT_DIR");

	return dir && *dir ? dir : ".";
}

/* Descriptors 0 to 2 exist from here on, so that none of our files becomes one of them. */
static void fill_std_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void set_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, too_late);
	alarm(TOTAL_SECONDS);
}

static int open_default_spool(void)
{
	char *real = realpath(git_dir(), NULL), *path = NULL;
	int fd = -1;

	if (real && asprintf(&path, "%s.xsabot/spool", real) < 0)
		path = NULL;
	if (path)
		fd = xb_open_dir(AT_FDCWD, path, 0);
	free(path);
	free(real);
	return fd;
}

/* The spool may be named by a link; nothing below it may be one. -1: there is none. */
static int open_spool(void)
{
	const char *named = getenv("XSABOT_SPOOL");
	int git, fd;

	if (named && *named)
		return xb_open_dir(AT_FDCWD, named, 0);
	git = xb_open_dir(AT_FDCWD, git_dir(), 0);
	if (git < 0)
		return -1;
	fd = xb_open_dir(git, "xsabot-spool", 0);
	if (fd < 0 && errno == ENOENT && faccessat(git, "xsabot-spool", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		fd = open_default_spool();
	close(git);
	return fd;
}

/* True when NEW holds too many events, or cannot be looked at. */
static bool spool_full(int new)
{
	int fd = xb_open_dir(new, ".", 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int n = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	while (n <= XB_SPOOL_MAX_EVENTS + 2 && readdir(d)) /* + 2: "." and ".." */
		n++;
	closedir(d);
	return n > XB_SPOOL_MAX_EVENTS + 2;
}

/* Makes the event in TMP and moves it to NEW; each step's failure leaves nothing that can be seen. */
static bool deliver(int tmp, int new)
{
	bool full = spool_full(new);
	char name[XB_EVENT_NAME_SIZE], final[XB_EVENT_NAME_SIZE];
	int fd;
	bool done;

	xb_event_name(name);
	/* For each user one: where the directory is sticky, nobody can replace another's. */
	snprintf(final, sizeof final, "rescan.%ld", (long)geteuid());
	fd = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	done = xb_write_whole(fd, XB_EVENT, strlen(XB_EVENT)) && fsync(fd) == 0;
	done = close(fd) == 0 && done;
	done = done && renameat(tmp, name, new, full ? final : name) == 0;
	if (!done)
		unlinkat(tmp, name, 0);
	return done && fsync(new) == 0;
}

static bool queue_event(void)
{
	int spool = open_spool();
	int tmp = spool < 0 ? -1 : xb_open_dir(spool, "tmp", O_NOFOLLOW);
	int new = spool < 0 ? -1 : xb_open_dir(spool, "new", O_NOFOLLOW);
	bool done = tmp >= 0 && new >= 0 && deliver(tmp, new);

	if (new >= 0)
		close(new);
	if (tmp >= 0)
		close(tmp);
	if (spool >= 0)
		close(spool);
	return done;
}

int main(void)
{
	struct xb_input in;
	mode_t mask = umask(027);

	set_signals();
	fill_std_fds();
	xb_input_read(&in);
	queued = queue_event();
	alarm(0);
	umask(mask);
	if (!queued)
		say(not_queued);
	if (!xb_chain_run(git_dir(), &in) && queued)
		say(not_chained);
	return 0;
}
