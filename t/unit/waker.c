/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What wakes a process that stays, and what it tells the service manager. */
#include "engine/waker.h"
#include "tap.h"
#include "os/task.h"

#include "os/file.h"
#include "util/alloc.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A datagram socket at PATH, as the service manager has one. */
static int manager(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(at.sun_path, path, strlen(path));
	if (bind(fd, (const struct sockaddr *)&at, sizeof at))
		err(1, "cannot bind");
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static const char *told(int fd)
{
	static char text[200];
	ssize_t n = recv(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void touch(const char *dir, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		err(1, "cannot make a file");
	close(fd);
}

static bool watch(struct xb_waker *w, const char *dir)
{
	XB_AUTOERR struct xb_err *failed = xb_waker_watch(w, dir);

	return !failed;
}

static void files(struct xb_waker *w, const char *top)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/new", top), *other = xb_asprintf("%s/old", top);
	int64_t before = xb_now_ms();

	mkdir(dir, 0700);
	ok(watch(w, dir) && xb_waker_watches(w, dir) && !xb_waker_watches(w, "/"),
	   "a directory is watched, and no other");
	ok(!xb_waker_wait(w, NULL, 0, before + 20) && xb_now_ms() >= before + 20,
	   "nothing comes: the time wakes");
	touch(dir, "a");
	touch(dir, "b");
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_FILE, "a new file wakes");
	ok(!xb_waker_wait(w, NULL, 0, xb_now_ms()), "two of them once");
	rename(dir, other);
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_FILE && !xb_waker_watches(w, dir),
	   "a directory that is moved away wakes, and is not watched any more");
	mkdir(dir, 0700);
	ok(watch(w, dir), "the one in its place is watched");
	touch(other, "c");
	ok(!xb_waker_wait(w, NULL, 0, xb_now_ms()), "the one from before is not");
	touch(dir, "d");
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_FILE, "a file in it wakes");
	ok(!watch(w, "/nowhere/at/all") && !xb_waker_watches(w, "/nowhere/at/all"),
	   "a directory that is not there is an error");
}

static void descriptors(struct xb_waker *w)
{
	struct pollfd p = {.events = POLLIN};
	int fds[2];

	if (pipe(fds) || write(fds[1], "x", 1) != 1)
		err(1, "cannot make a pipe");
	p.fd = fds[0];
	ok(!xb_waker_wait(w, &p, 1, XB_NEVER), "a descriptor wakes");
	close(fds[0]);
	close(fds[1]);
}

/* Its work goes on and on after SIGTERM. */
static void late(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		raise(SIGTERM);
		if (alarm(0) > XB_WAKER_END_S)
			_exit(1);
		raise(SIGALRM); /* as when that time is over */
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 75, "one that does not come to its end is ended");
}

static void signals(struct xb_waker *w)
{
	raise(SIGHUP);
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_RELOAD,
	   "SIGHUP from before the sleep is not missed");
	ok(!xb_waker_wait(w, NULL, 0, xb_now_ms()), "it comes once");
	if (!fork()) {
		kill(getppid(), SIGHUP);
		_exit(0);
	}
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_RELOAD, "SIGHUP wakes");
	ok(!xb_waker_ending(), "nobody said that it ends");
	raise(SIGTERM);
	ok(xb_waker_ending() && xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_END, "SIGTERM ends");
	ok(xb_waker_wait(w, NULL, 0, XB_NEVER) == XB_WOKEN_END, "and goes on to do so");
	alarm(0);
}

static void watchdog(const char *top)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/socket2", top), *pid = xb_asprintf("%ld", (long)getpid());
	int fd = manager(path);
	struct xb_waker *w;
	XB_AUTOERR struct xb_err *failed = NULL;

	setenv("WATCHDOG_USEC", "20000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	failed = xb_waker_new(&w);
	if (failed)
		errx(1, "%s", failed->msg);
	xb_waker_wait(w, NULL, 0, xb_now_ms() + 50);
	is_text(told(fd), "WATCHDOG=1", "a watchdog is fed");
	xb_waker_wait(w, NULL, 0, xb_now_ms() + 50);
	is_text(told(fd), "WATCHDOG=1", "again and again");
	xb_waker_free(w);
	close(fd);
}

int main(void)
{
	XB_AUTOFREE char *top = xb_strdup("/tmp/unit-waker.XXXXXX");
	XB_AUTOFREE char *path = NULL, *clean = NULL;
	XB_AUTOERR struct xb_err *failed = NULL;
	struct xb_waker *w;
	int fd;

	if (!mkdtemp(top))
		err(1, "no directory");
	path = xb_asprintf("%s/socket", top);
	xb_waker_tell("nobody asks");
	fd = manager(path);
	xb_waker_tell("READY=1");
	is_text(told(fd), "READY=1", "the service manager is told");
	close(fd);
	xb_waker_tell("nobody listens");
	unsetenv("NOTIFY_SOCKET");
	watchdog(top);
	unsetenv("WATCHDOG_USEC");
	failed = xb_waker_new(&w);
	if (failed)
		errx(1, "%s", failed->msg);
	files(w, top);
	descriptors(w);
	late();
	signals(w);
	xb_waker_free(w);
	clean = xb_asprintf("rm -rf %s", top);
	return done() | system(clean);
}
