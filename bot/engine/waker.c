/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waker.h"

#include "os/log.h"
#include "os/task.h"
#include "util/alloc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct xb_waker {
	int inotify, watch;  /* -1: none */
	char *dir;           /* what is watched; NULL: nothing was yet */
	struct stat is;      /* that directory, and not another that has its name by now */
	sigset_t asleep;     /* the mask while it sleeps */
	int64_t watchdog_ms; /* how often the service manager wants to hear of us; 0: never */
	int64_t watchdog_due;
};

static volatile sig_atomic_t got_end, got_reload;

static void on_signal(int sig)
{
	static const char late[] = "xsabot: ended in the middle of its work; the next start goes on\n";

	if (sig == SIGHUP) {
		got_reload = 1;
	} else if (sig == SIGALRM) {
		if (write(STDERR_FILENO, late, sizeof late - 1)) /* whether it was or not: */
			_exit(75);
		_exit(75);
	} else if (!got_end) {
		got_end = 1;
		alarm(XB_WAKER_END_S);
	}
}

static void set_handlers(sigset_t *asleep)
{
	static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGALRM};
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigaction(ours[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, NULL, asleep);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigdelset(asleep, ours[i]);
	sigprocmask(SIG_SETMASK, asleep, NULL);
}

/* Twice as often as is asked for, as sd_watchdog_enabled(3) advises. */
static int64_t watchdog_period(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	long long n = usec ? strtoll(usec, NULL, 10) : 0;

	if (n <= 0 || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	return n / 2000 > 0 ? n / 2000 : 1;
}

struct xb_err *xb_waker_new(struct xb_waker **out)
{
	struct xb_waker *w;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	*out = NULL;
	if (fd < 0)
		return xb_err_sys(XB_E_TEMP, errno, "cannot watch for files");
	w = xb_calloc(1, sizeof *w);
	w->inotify = fd;
	w->watch = -1;
	w->watchdog_ms = watchdog_period();
	w->watchdog_due = w->watchdog_ms ? xb_now_ms() : XB_NEVER;
	set_handlers(&w->asleep);
	*out = w;
	return NULL;
}

void xb_waker_free(struct xb_waker *w)
{
	if (!w)
		return;
	close(w->inotify);
	XB_FREE(w->dir, w);
}

struct xb_err *xb_waker_watch(struct xb_waker *w, const char *dir)
{
	if (w->watch >= 0)
		inotify_rm_watch(w->inotify, w->watch);
	w->watch = inotify_add_watch(w->inotify, dir,
				     IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |
					 IN_DONT_FOLLOW);
	free(w->dir);
	w->dir = xb_strdup(dir);
	if (w->watch >= 0 && lstat(dir, &w->is))
		w->is = (struct stat){0}; /* gone already: that is seen at the next question */
	return w->watch < 0 ? xb_err_sys(XB_E_TEMP, errno, "cannot watch %s", dir) : NULL;
}

bool xb_waker_watches(const struct xb_waker *w, const char *dir)
{
	struct stat now;

	return w->watch >= 0 && !strcmp(w->dir, dir) && !lstat(w->dir, &now) && now.st_dev == w->is.st_dev &&
	       now.st_ino == w->is.st_ino;
}

/* Takes all that inotify says; 0 or XB_WOKEN_FILE. What it dropped for want of room counts as files. */
static unsigned take_files(struct xb_waker *w)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	unsigned woken = 0;
	ssize_t n;

	while ((n = read(w->inotify, buf, sizeof buf)) > 0) {
		for (char *p = buf; p < buf + n;) {
			struct inotify_event e;

			memcpy(&e, p, sizeof e);
			p += sizeof e + e.len;
			if (e.wd != w->watch && !(e.mask & IN_Q_OVERFLOW))
				continue; /* of a directory watched before */
			woken = XB_WOKEN_FILE;
			if (!(e.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)))
				continue;
			inotify_rm_watch(w->inotify, w->watch);
			w->watch = -1;
		}
	}
	return woken;
}

static unsigned take_signals(void)
{
	unsigned woken = got_end ? XB_WOKEN_END : 0;

	if (got_reload)
		woken |= XB_WOKEN_RELOAD;
	got_reload = 0;
	return woken;
}

void xb_waker_feed(struct xb_waker *w)
{
	if (xb_now_ms() < w->watchdog_due)
		return;
	xb_waker_tell("WATCHDOG=1");
	w->watchdog_due = xb_now_ms() + w->watchdog_ms;
}

/* The signals are blocked from the look at what came until the sleep, which lets them in: none is missed. */
static void sleep_until(const struct xb_waker *w, struct pollfd *p, size_t n, int64_t due)
{
	int64_t left = due < w->watchdog_due ? due : w->watchdog_due;
	struct timespec t = {0, 0};
	sigset_t all;

	if (left != XB_NEVER) {
		int64_t ms = left - xb_now_ms();

		t.tv_sec = ms > 0 ? (time_t)(ms / 1000) : 0;
		t.tv_nsec = ms > 0 ? (long)(ms % 1000) * 1000000 : 0;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (!got_end && !got_reload)
		ppoll(p, (nfds_t)n, left == XB_NEVER ? NULL : &t, &w->asleep);
	sigprocmask(SIG_SETMASK, &w->asleep, NULL);
}

unsigned xb_waker_wait(struct xb_waker *w, const struct pollfd *p, size_t n, int64_t due)
{
	struct pollfd all[XB_WAKER_FDS + 1] = {{.fd = w->inotify, .events = POLLIN}};

	n = n < XB_WAKER_FDS ? n : XB_WAKER_FDS;
	for (size_t i = 0; i < n; i++)
		all[i + 1] = p[i];
	xb_waker_feed(w);
	sleep_until(w, all, n + 1, due);
	xb_waker_feed(w);
	return take_signals() | (all[0].revents ? take_files(w) : 0);
}

bool xb_waker_ending(void)
{
	return got_end;
}

/* A datagram to a socket that is a path, or abstract where it begins with "@". */
void xb_waker_tell(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof to.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (*path == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&to,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		xb_log(XB_DEBUG, "cannot tell the service manager: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}
