/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "task.h"

#include "file.h"
#include "spawn.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a child says: a status byte, the error's code, and the rest is the error's text. */
enum { SAID_DONE = 'd', SAID_ATTENTION = 'a', SAID_ERROR = 'e', REPORT_MAX = 4096 };

void xb_task_release(struct xb_task *c)
{
	free(c->name);
	if (c->free_data)
		c->free_data(c->data);
	*c = (struct xb_task){0};
}

void xb_tasks_release(struct xb_tasks *c)
{
	for (size_t i = 0; i < c->n; i++)
		xb_task_release(&c->v[i]);
	free(c->v);
	*c = (struct xb_tasks){0};
}

/* The report fits a pipe's buffer: the child never waits for its reader. */
static void say(int fd, const struct xb_err *err, bool attention)
{
	char text[REPORT_MAX];
	size_t n = 2;

	text[0] = (char)(err ? SAID_ERROR : attention ? SAID_ATTENTION : SAID_DONE);
	text[1] = (char)('0' + (err ? (int)err->code : 0));
	if (err) {
		size_t len = strnlen(err->msg, sizeof text - n);

		memcpy(text + n, err->msg, len);
		n += len;
	}
	xb_write_all(fd, text, n);
}

static _Noreturn void child(const struct xb_task *c, int lock_fd, int report, pid_t parent)
{
	struct xb_err *err;
	bool attention = false;

	xb_default_signals();
	signal(SIGPIPE, SIG_IGN);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0); /* it ended before the line above */
	if (lock_fd >= 0)
		close(lock_fd);
	err = c->work(c->data, &attention);
	say(report, err, attention);
	_exit(0);
}

struct xb_err *xb_child_start(const struct xb_task *c, int lock_fd, struct xb_child **out)
{
	pid_t pid, parent = getpid();
	int report[2];

	*out = NULL;
	if (pipe2(report, O_CLOEXEC))
		return xb_err_sys(XB_E_TEMP, errno, "%s: cannot make a pipe", c->name);
	pid = fork();
	if (pid < 0) {
		int e = errno;

		close(report[0]);
		close(report[1]);
		return xb_err_sys(XB_E_TEMP, e, "%s: cannot make a process", c->name);
	}
	if (!pid) {
		close(report[0]);
		child(c, lock_fd, report[1], parent);
	}
	close(report[1]);
	*out = xb_calloc(1, sizeof **out);
	**out = (struct xb_child){.name = xb_strdup(c->name),
				  .kind = c->kind,
				  .after = c->after,
				  .pid = pid,
				  .pidfd = (int)syscall(SYS_pidfd_open, pid, 0),
				  .report = report[0],
				  .deadline = xb_now_ms() + (int64_t)c->seconds * 1000};
	return NULL;
}

/* The child's group exists from its setsid() on; before that, only itself. */
static void kill_all(const struct xb_child *j)
{
	kill(-j->pid, SIGKILL);
	kill(j->pid, SIGKILL);
}

bool xb_child_expire(struct xb_child *j, int64_t now_ms)
{
	if (j->killed || now_ms < j->deadline)
		return j->killed;
	j->killed = true;
	kill_all(j);
	return true;
}

bool xb_child_ended(const struct xb_child *j)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)j->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

static struct xb_err *read_report(const struct xb_child *j, int status, bool *attention)
{
	char text[REPORT_MAX + 1];
	ssize_t n;

	do
		n = read(j->report, text, REPORT_MAX);
	while (n < 0 && errno == EINTR);
	if (n < 2) {
		if (j->killed)
			return xb_err_new(XB_E_TEMP, "%s: took too long and was ended", j->name);
		return xb_err_new(XB_E_TEMP, "%s: ended without a result (wait status %d)", j->name, status);
	}
	text[n] = '\0';
	*attention |= text[0] == SAID_ATTENTION;
	return text[0] == SAID_ERROR ? xb_err_new((enum xb_code)(text[1] - '0'), "%s: %s", j->name, text + 2)
				     : NULL;
}

static void child_free(struct xb_child *j)
{
	if (j->pidfd >= 0)
		close(j->pidfd);
	close(j->report);
	XB_FREE(j->name, j);
}

static int reap(const struct xb_child *j)
{
	siginfo_t info;
	int status = 0;

	/* What it left of its group goes while its id still keeps anyone else from having it. */
	while (waitid(P_PID, (id_t)j->pid, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	kill(-j->pid, SIGKILL);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

struct xb_err *xb_child_end(struct xb_child *j, bool *attention)
{
	struct pollfd p = {.fd = j->pidfd, .events = POLLIN};
	int status;
	struct xb_err *err;

	while (j->pidfd >= 0) {
		int64_t left = j->deadline - xb_now_ms();
		int n = poll(&p, 1, j->killed || left < 0 ? (j->killed ? -1 : 0) : (int)left);

		if (n > 0)
			break;
		xb_child_expire(j, xb_now_ms());
	}
	status = reap(j);
	err = read_report(j, status, attention);
	child_free(j);
	return err;
}

void xb_child_kill(struct xb_child *j)
{
	kill_all(j);
	reap(j);
	child_free(j);
}
