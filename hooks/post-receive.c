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
#include "hooks/event.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHAIN_DIR "hooks/post-receive.d"
#define DEPTH_VAR "XSABOT_CHAIN_DEPTH"

enum {
	INPUT_SECONDS = 5,  /* after that, input which has not ended is taken as cut off */
	TOTAL_SECONDS = 10, /* after that the push goes on without an event */
	MAX_DEPTH =
	    4, /* of hooks chained to hooks: a copy of this program among them must not run for ever */
};

static const char not_queued[] = "xsabot: event not queued; the next scan will find it\n";
static const char not_chained[] = "xsabot: the input of the push was not complete; chained hooks not run\n";

/* The input of the push: a memory file for the chained hooks, and its bytes mapped. */
struct input {
	int fd;
	const char *p;
	size_t n;
	bool cut; /* not all of it */
};

/* What an event will say. */
struct tally {
	size_t good, bad;
	bool rescan, list;
};

/* A file being written, with a sticky error. */
struct out {
	int fd;
	bool failed;
	size_t n;
	char buf[65536];
};

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

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
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

static long long now_ms(void)
{
	struct timespec t = {0, 0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Like read on standard input, but -1 too when DEADLINE passes. */
static ssize_t read_until(long long deadline, char *p, size_t n)
{
	for (;;) {
		struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};
		long long left = deadline - now_ms();
		ssize_t r;

		if (left <= 0)
			return -1;
		r = poll(&pfd, 1, (int)left);
		if (r == 0)
			return -1;
		if (r > 0)
			r = read(STDIN_FILENO, p, n);
		if (r >= 0 || errno != EINTR)
			return r;
	}
}

/* Copies standard input to FD; false when that was not all of it. */
static bool copy_input(int fd)
{
	static char chunk[65536];
	long long deadline = now_ms() + INPUT_SECONDS * 1000LL;
	size_t total = 0;

	for (;;) {
		ssize_t r = read_until(deadline, chunk, sizeof chunk);

		if (r <= 0)
			return r == 0;
		total += (size_t)r;
		if (total > XB_HOOK_MAX_INPUT || !write_all(fd, chunk, (size_t)r))
			return false;
	}
}

static void map_input(struct input *in)
{
	struct stat st;
	void *p;

	if (fstat(in->fd, &st) || st.st_size <= 0)
		return;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, in->fd, 0);
	if (p == MAP_FAILED)
		return;
	in->p = p;
	in->n = (size_t)st.st_size;
}

/* Whatever fails here, IN can be used; at worst it has nothing and says that it was cut. */
static void read_input(struct input *in)
{
	in->p = "";
	in->n = 0;
	in->fd = memfd_create("xsabot-input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	in->cut = in->fd < 0 || !copy_input(in->fd);
	if (in->fd < 0)
		return;
	/* No chained hook shall change what the next one reads; without the seal they only could. */
	fcntl(in->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
	map_input(in);
}

/* The length of the line at P, its LF included, of N > 0 bytes. */
static size_t line_len(const char *p, size_t n)
{
	const char *lf = memchr(p, '\n', n);

	return lf ? (size_t)(lf - p) + 1 : n;
}

/* Decides what the event says. FULL: the spool is, there is no room for lists. */
static struct tally count_lines(const struct input *in, bool full)
{
	struct tally t = {.list = !full};
	struct xb_event_line line;
	size_t size = 0, len;

	for (size_t at = 0; at < in->n && t.good + t.bad <= XB_EVENT_MAX_LINES; at += len) {
		len = line_len(in->p + at, in->n - at);
		if (xb_event_parse_line(in->p + at, len, &line)) {
			t.good++;
			size += len + 4; /* "ref " */
		} else {
			t.bad++;
		}
	}
	if (t.good + t.bad > XB_EVENT_MAX_LINES || size > XB_EVENT_MAX_SIZE - 1024)
		t.list = false;
	t.rescan = !t.list || in->cut || t.bad || !t.good;
	return t;
}

static void flush(struct out *o)
{
	if (!o->failed && !write_all(o->fd, o->buf, o->n))
		o->failed = true;
	o->n = 0;
}

/* N is at most the size of the buffer. */
static void put(struct out *o, const char *p, size_t n)
{
	if (n > sizeof o->buf - o->n)
		flush(o);
	memcpy(o->buf + o->n, p, n);
	o->n += n;
}

static void put_refs(struct out *o, const struct input *in)
{
	struct xb_event_line line;
	size_t len;

	for (size_t at = 0; at < in->n; at += len) {
		len = line_len(in->p + at, in->n - at);
		if (!xb_event_parse_line(in->p + at, len, &line))
			continue;
		put(o, "ref ", 4);
		put(o, in->p + at, len);
	}
}

/* Writes the event to FD and fsyncs it. */
static bool write_event(int fd, const struct input *in, const struct tally *t)
{
	static struct out o;
	char end[64];

	o.fd = fd;
	put(&o, XB_EVENT_MAGIC, strlen(XB_EVENT_MAGIC));
	if (t->rescan)
		put(&o, "rescan\n", 7);
	if (t->list)
		put_refs(&o, in);
	snprintf(end, sizeof end, "end %zu %zu\n", t->list ? t->good : 0, t->bad);
	put(&o, end, strlen(end));
	flush(&o);
	return !o.failed && fsync(fd) == 0;
}

static int open_dir(int at, const char *name, int flags)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

static int open_default_spool(void)
{
	char *real = realpath(git_dir(), NULL), *path = NULL;
	int fd = -1;

	if (real && asprintf(&path, "%s.xsabot/spool", real) < 0)
		path = NULL;
	if (path)
		fd = open_dir(AT_FDCWD, path, 0);
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
		return open_dir(AT_FDCWD, named, 0);
	git = open_dir(AT_FDCWD, git_dir(), 0);
	if (git < 0)
		return -1;
	fd = open_dir(git, "xsabot-spool", 0);
	if (fd < 0 && errno == ENOENT && faccessat(git, "xsabot-spool", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		fd = open_default_spool();
	close(git);
	return fd;
}

/* True when NEW holds too many events, or cannot be looked at. */
static bool spool_full(int new)
{
	int fd = open_dir(new, ".", 0);
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

/*
 * A name that no other event has. The time is for people and for nothing else.
 * No rename replaces an event: should there be no randomness, process id and
 * nanoseconds still differ.
 */
static void make_name(char *buf, size_t size)
{
	struct timespec t = {0, 0};
	unsigned long long r = 0;

	clock_gettime(CLOCK_REALTIME, &t);
	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
		r = 0;
	snprintf(buf, size, "%lld.%09ld.%ld.%016llx", (long long)t.tv_sec, t.tv_nsec, (long)getpid(), r);
}

/* Makes the event in TMP and moves it to NEW; each step's failure leaves nothing that can be seen. */
static bool deliver(int tmp, int new, const struct input *in)
{
	bool full = spool_full(new);
	struct tally t = count_lines(in, full);
	char name[128], final[128];
	int fd;
	bool done;

	make_name(name, sizeof name);
	/* For each user one: where the directory is sticky, nobody can replace another's. */
	snprintf(final, sizeof final, "rescan.%ld", (long)geteuid());
	fd = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	done = write_event(fd, in, &t);
	done = close(fd) == 0 && done;
	done = done && renameat(tmp, name, new, full ? final : name) == 0;
	if (!done)
		unlinkat(tmp, name, 0);
	return done && fsync(new) == 0;
}

static bool queue_event(const struct input *in)
{
	int spool = open_spool();
	int tmp = spool < 0 ? -1 : open_dir(spool, "tmp", O_NOFOLLOW);
	int new = spool < 0 ? -1 : open_dir(spool, "new", O_NOFOLLOW);
	bool done = tmp >= 0 && new >= 0 && deliver(tmp, new, in);

	if (new >= 0)
		close(new);
	if (tmp >= 0)
		close(tmp);
	if (spool >= 0)
		close(spool);
	return done;
}

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

/* In the child: becomes the program PATH as git itself would have started it. Does not return. */
static void exec_hook(char *path, int input)
{
	default_signals();
	if (dup2(input, STDIN_FILENO) == STDIN_FILENO) {
		char sh[] = "sh";
		char *argv[] = {sh, path, NULL};

		execv(path, argv + 1);
		if (errno == ENOEXEC) /* a script without #! */
			execv("/bin/sh", argv);
	}
	_exit(127);
}

/* A read-only descriptor of the input with a position of its own, or -1. */
static int reopen_input(const struct input *in)
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
static void run_hook(char *path, const struct input *in)
{
	int fd = reopen_input(in);
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid == 0)
		exec_hook(path, fd);
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

static void run_all(DIR *d, const struct input *in)
{
	static char path[8192];
	struct name name = {""};
	struct stat st;

	while (next_name(d, &name)) {
		int n = snprintf(path, sizeof path, "%s/" CHAIN_DIR "/%s", git_dir(), name.s);

		if (n < 0 || (size_t)n >= sizeof path || stat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (access(path, X_OK) == 0)
			run_hook(path, in);
	}
}

static DIR *open_chain(void)
{
	int git = open_dir(AT_FDCWD, git_dir(), 0);
	int fd = git < 0 ? -1 : open_dir(git, CHAIN_DIR, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	if (git >= 0)
		close(git);
	return d;
}

/* True unless there are chained hooks that could not be run. */
static bool run_chain(const struct input *in)
{
	DIR *d = open_chain();

	if (!d)
		return true;
	if (!in->cut && deepen())
		run_all(d, in);
	closedir(d);
	return !in->cut;
}

int main(void)
{
	struct input in;
	mode_t mask = umask(027);

	set_signals();
	fill_std_fds();
	read_input(&in);
	queued = queue_event(&in);
	alarm(0);
	umask(mask);
	if (!queued)
		say(not_queued);
	if (!run_chain(&in) && queued)
		say(not_chained);
	return 0;
}
