/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include "cgroup.h"
#include "usage.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/spawn.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

/* How often a silent command is looked at, in milliseconds. */
#define LOOK 100
#define LOOK_CLOSED 10

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define N_STOP (sizeof stop_signals / sizeof *stop_signals)

static volatile sig_atomic_t stopped;
static struct sigaction before[N_STOP];

static void note_stop(int sig)
{
	stopped = sig;
}

void xb_stop_catch(void)
{
	struct sigaction sa = {.sa_handler = note_stop};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < N_STOP; i++) {
		sigaction(stop_signals[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN) /* as under nohup */
			sigaction(stop_signals[i], &sa, NULL);
	}
}

void xb_stop_ignore(void)
{
	for (size_t i = 0; i < N_STOP; i++)
		sigaction(stop_signals[i], &before[i], NULL);
}

struct xb_err *xb_stop_check(void)
{
	return stopped ? xb_err_new(XB_E_TEMP, "stopped by signal %d", (int)stopped) : NULL;
}

const char *xb_test_name(enum xb_test v)
{
	static const char *const names[] = {"pass", "fail", "unknown"};

	return names[v];
}

void xb_command_result_release(struct xb_command_result *r)
{
	xb_buf_release(&r->output);
	XB_FREE(r->no_sandbox, r->no_group);
	*r = (struct xb_command_result){0};
}

/* ---- the child ---- */

struct child {
	char *argv[4];
	char *envp[6];
	int out, null, dir;
	int report; /* where the sandbox says what it could not do */
	uint64_t memory;
	struct xb_sandbox *sandbox;
	struct xb_cgroup *group; /* NULL: none */
};

/* One that is lower already stays so. False: it could not be set. */
static bool limit(int what, uint64_t max)
{
	struct rlimit r;

	if (getrlimit(what, &r))
		return false;
	if (r.rlim_max > max)
		r.rlim_max = max;
	if (r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	return !setrlimit(what, &r);
}

/* The processes of one user, who may have others: enough for any build, too few for a fork bomb. */
#define PROCESSES 4096

static void __attribute__((noreturn)) give_up(const struct child *c, const char *why)
{
	xb_write_all(c->report, why, strlen(why));
	_exit(126);
}

static void set_limits(const struct child *c)
{
	limit(RLIMIT_CORE, 0);
	if (c->sandbox)
		limit(RLIMIT_NPROC, PROCESSES);
	if (c->memory && !limit(RLIMIT_AS, c->memory))
		give_up(c, "cannot limit the memory");
}

/* The other end of our output is closed when the one who started us is gone. */
static bool is_orphan(int out)
{
	struct pollfd p = {.fd = out};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* After the fork, of a process with one thread. */
static void __attribute__((noreturn)) become(const struct child *c, int from)
{
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(from);
	if (is_orphan(c->out))
		_exit(126);
	if (c->group && !xb_cgroup_enter(c->group))
		give_up(c, "cannot enter its cgroup");
	xb_default_signals();
	if (fchdir(c->dir) || dup2(c->null, 0) < 0)
		_exit(126);
	if (c->sandbox)
		xb_sandbox_enter(c->sandbox, c->report);
	set_limits(c);
	if (dup2(c->out, 1) < 0 || dup2(c->out, 2) < 0)
		_exit(126);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); /* all of ours close by themselves; this is for others' */
	execve(c->argv[0], c->argv, c->envp);
	_exit(126);
}

static void prepare(const struct xb_command *c, const struct xb_checkout *where, struct child *out)
{
	const char *path = getenv("PATH");

	*out = (struct child){
	    .out = -1, .null = -1, .dir = -1, .report = -1, .memory = c->memory, .sandbox = c->sandbox};
	out->argv[0] = xb_strdup("/bin/sh");
	out->argv[1] = xb_strdup("-c");
	out->argv[2] = xb_strdup(c->text);
	out->envp[0] = xb_asprintf("PATH=%s", path && *path ? path : DEFAULT_PATH);
	out->envp[1] = xb_asprintf("HOME=%s", c->sandbox ? XB_SANDBOX_HOME : where->root);
	out->envp[2] = xb_asprintf("TMPDIR=%s", c->sandbox ? "/tmp" : where->tmp);
	out->envp[3] = xb_strdup("TZ=UTC");
	out->envp[4] = xb_strdup("LC_ALL=C");
}

static void release_child(struct child *c)
{
	for (size_t i = 0; c->argv[i]; i++)
		free(c->argv[i]);
	for (size_t i = 0; c->envp[i]; i++)
		free(c->envp[i]);
	xb_closep(&c->out);
	xb_closep(&c->null);
	xb_closep(&c->dir);
	xb_closep(&c->report);
}

static struct xb_err *make_pipe(int *read_end, int *write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return xb_err_sys(XB_E_TEMP, errno, "cannot make a pipe");
	*read_end = ends[0];
	*write_end = ends[1];
	if (fcntl(*read_end, F_SETFL, O_NONBLOCK))
		return xb_err_sys(XB_E_INTERNAL, errno, "cannot prepare a pipe");
	return NULL;
}

/* A process of ours. */
struct running {
	pid_t pid;        /* leads the group */
	int from, report; /* what it and its sandbox say; -1 */
	char *no_sandbox; /* why it could not be started */
};

static struct xb_err *start(const struct xb_checkout *where, struct child *c, struct running *r)
{
	c->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	c->dir = open(where->tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->null < 0 || c->dir < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open %s", c->null < 0 ? "/dev/null" : where->tree);
	XB_TRY(make_pipe(&r->from, &c->out));
	XB_TRY(make_pipe(&r->report, &c->report));
	r->pid = c->sandbox ? xb_sandbox_fork(c->sandbox) : fork();
	if (r->pid < 0 && c->sandbox)
		r->no_sandbox = xb_asprintf("cannot make namespaces: %s", strerror(errno));
	else if (r->pid < 0)
		return xb_err_sys(XB_E_TEMP, errno, "cannot start a process");
	if (!r->pid)
		become(c, r->from);
	return NULL;
}

/* ---- the output ---- */

/* The beginning, and a ring of the end. */
struct keeper {
	struct xb_buf head;
	char *ring;
	size_t half;   /* so much in each */
	uint64_t past; /* bytes that went to the ring */
	int copy;      /* of the beginning; 0: none */
};

static void keep(struct keeper *k, const char *p, size_t n)
{
	size_t room = k->half - k->head.n;
	size_t first = n < room ? n : room;

	if (first)
		xb_buf_add(&k->head, p, first);
	if (first && k->copy && xb_write_all(k->copy, p, first))
		k->copy = 0; /* what counts is kept */
	if (first < n && !k->ring)
		k->ring = xb_malloc(k->half);
	for (size_t i = first; i < n; i++)
		k->ring[k->past++ % k->half] = p[i];
}

static void finish_output(struct keeper *k, struct xb_buf *out)
{
	size_t at = (size_t)(k->past % k->half);

	*out = k->head;
	k->head = (struct xb_buf)XB_BUF_INIT;
	if (k->past > k->half) {
		xb_buf_addf(out, "\n[%llu bytes are left out here]\n",
			    (unsigned long long)(k->past - k->half));
		xb_buf_add(out, k->ring + at, k->half - at);
	}
	if (k->past)
		xb_buf_add(out, k->ring, at);
	free(k->ring);
}

/* Reads what is there. False: nobody will write any more. */
static bool drain(int fd, struct keeper *k)
{
	char chunk[16384];

	/* Bounded: what the command leaves behind may write for ever. */
	for (int turn = 0; turn < 64; turn++) {
		ssize_t r = read(fd, chunk, sizeof chunk);

		if (r > 0)
			keep(k, chunk, (size_t)r);
		else if (!r)
			return false;
		else if (errno != EINTR)
			return errno == EAGAIN;
	}
	return true;
}

/* ---- the wait ---- */

static bool has_ended(pid_t pid)
{
	siginfo_t si = {0};

	return !waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) && si.si_pid == pid;
}

static uint64_t least(uint64_t all, uint64_t most)
{
	return all / 20 < most ? all / 20 : most;
}

/* Nothing else is below us, or below the sandbox's first process, than what belongs to the command. */
static bool is_too_large(const struct xb_command *c, const struct running *r)
{
	return xb_usage_below(c->sandbox ? r->pid : getpid(), c->total) > c->total;
}

static bool has_room(int dir)
{
	struct statvfs v;

	if (fstatvfs(dir, &v))
		return true;
	return (uint64_t)v.f_bavail * v.f_frsize >= least((uint64_t)v.f_blocks * v.f_frsize, 1u << 30) &&
	       v.f_favail >= least(v.f_files, 10000);
}

/* Does the command keep to its bounds? OUT says which not. */
static bool keeps_bounds(const struct xb_command *c, const struct running *r, const struct child *child,
			 struct xb_command_result *out)
{
	out->no_room = c->leave_room && !has_room(child->dir);
	out->no_memory = c->total && !child->group && is_too_large(c, r);
	return !out->no_room && !out->no_memory;
}

/* Until it ends, or must be ended; then OUT says so. */
static void watch(const struct xb_command *c, const struct running *r, const struct child *child,
		  struct keeper *k, struct xb_command_result *out)
{
	int64_t end = c->timeout ? xb_now_ms() + (int64_t)c->timeout * 1000 : INT64_MAX, look = 0;
	bool open = true;

	while (!has_ended(r->pid) && !stopped) {
		struct pollfd p = {.fd = open ? r->from : -1, .events = POLLIN};
		int64_t now = xb_now_ms();

		out->timed_out = now >= end;
		if (out->timed_out)
			break;
		if (now >= look) {
			if (!keeps_bounds(c, r, child, out))
				break;
			look = xb_now_ms() + LOOK;
		}
		poll(&p, 1, open ? LOOK : LOOK_CLOSED);
		if (open)
			open = drain(r->from, k);
	}
}

/* The leader is still to be waited for, so that its number can't be anybody else's. */
static struct xb_err *reap(pid_t pid, int *status)
{
	int w;

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* should it not have got as far as to lead a group */
	while (waitpid(pid, &w, 0) < 0)
		if (errno != EINTR)
			return xb_err_sys(XB_E_INTERNAL, errno, "cannot wait for the command");
	*status = WIFEXITED(w) ? WEXITSTATUS(w) : 128 + WTERMSIG(w);
	return NULL;
}

/* What it left in sessions of its own has come to us, whom it has as a subreaper. */
static void kill_descendants(void)
{
	for (int turn = 0; turn < 1000; turn++) {
		XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
		XB_AUTOERR struct xb_err *err = xb_file_read("/proc/thread-self/children", 1 << 20, &b);
		char *p = b.p;
		bool any = false;

		if (err)
			return; /* this kernel does not list them: nothing more can be done */
		for (long pid; p && (pid = strtol(p, &p, 10)) > 0; any = true)
			kill((pid_t)pid, SIGKILL);
		if (!any)
			return;
		waitpid(-1, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* What the sandbox said that it could not do, or NULL. */
static char *read_report(int fd)
{
	char text[512];
	ssize_t n = read(fd, text, sizeof text);

	return n > 0 ? xb_memdup0(text, (size_t)n) : NULL;
}

static struct xb_err *run(const struct xb_command *c, const struct xb_checkout *where, struct child *child,
			  struct running *r, struct keeper *k, struct xb_command_result *out)
{
	XB_TRY(start(where, child, r));
	if (r->no_sandbox) {
		out->no_sandbox = XB_STEAL(r->no_sandbox);
		return NULL;
	}
	xb_closep(&child->out);
	xb_closep(&child->report);
	child->out = child->report = -1;
	watch(c, r, child, k, out);
	XB_TRY(reap(r->pid, &out->status));
	out->no_memory |= child->group && xb_cgroup_is_full(child->group);
	if (c->kill_all)
		kill_descendants();
	drain(r->from, k);
	out->no_sandbox = read_report(r->report);
	return xb_stop_check();
}

struct xb_err *xb_command_run(const struct xb_command *c, const struct xb_checkout *where,
			      struct xb_command_result *out)
{
	struct keeper k = {.half = (c->output ? c->output : XB_OUTPUT_MAX) / 2, .copy = c->copy};
	struct running r = {.from = -1, .report = -1};
	struct child child;
	struct xb_err *err;

	*out = (struct xb_command_result){0};
	XB_TRY(xb_stop_check());
	if (c->kill_all)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	prepare(c, where, &child);
	if (c->group && c->total)
		child.group = xb_cgroup_make(c->group, c->total, PROCESSES, &out->no_group);
	err = run(c, where, &child, &r, &k, out);
	xb_cgroup_end(child.group);
	release_child(&child);
	xb_closep(&r.from);
	xb_closep(&r.report);
	finish_output(&k, &out->output);
	out->verdict = out->timed_out || out->no_memory ? XB_TEST_FAIL
		       : !out->status                   ? XB_TEST_PASS
		       : out->status == 125             ? XB_TEST_UNKNOWN
							: XB_TEST_FAIL;
	if (out->no_sandbox || out->no_room)
		out->verdict = XB_TEST_UNKNOWN;
	return err;
}
