/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gitchild.h"

#include "os/spawn.h"
#include "os/task.h"
#include "util/alloc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* All that the new process needs, made before there is one. */
struct start {
	char *env[10];
	char **argv;
	size_t n;
	int talk, said;
	const char *dir;
};

static void prepare(struct start *s, const struct xb_gitchild *c)
{
	const char *path = getenv("PATH");
	size_t n = 0;

	s->env[s->n++] = xb_asprintf("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin");
	s->env[s->n++] = xb_asprintf("GIT_DIR=%s", xb_quarantine_git_dir(c->q));
	s->env[s->n++] = xb_asprintf("GIT_WORK_TREE=%s", xb_quarantine_work_tree(c->q));
	s->env[s->n++] = xb_asprintf("HOME=%s", xb_quarantine_git_dir(c->q));
	s->env[s->n++] = xb_strdup("GIT_CONFIG_NOSYSTEM=1");
	s->env[s->n++] = xb_strdup("GIT_CONFIG_GLOBAL=/dev/null");
	s->env[s->n++] = xb_strdup("GIT_ATTR_NOSYSTEM=1");
	s->env[s->n++] = xb_strdup("GIT_NO_REPLACE_OBJECTS=1");
	s->env[s->n++] = xb_strdup("LC_ALL=C");
	while (c->argv[n])
		n++;
	s->argv = xb_calloc(n + 1, sizeof *s->argv);
	for (size_t i = 0; i < n; i++)
		s->argv[i] = xb_strdup(c->argv[i]);
	s->dir = xb_quarantine_work_tree(c->q);
}

static void release(struct start *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->env[i]);
	for (size_t i = 0; s->argv[i]; i++)
		free(s->argv[i]);
	free(s->argv);
	close(s->talk);
	close(s->said);
}

static struct xb_err *run_git(const struct start *s, pid_t *pid)
{
	return xb_spawn(&(struct xb_spawn){.argv = s->argv,
					   .env = s->env,
					   .in = s->talk,
					   .out = s->talk,
					   .err = s->said,
					   .dir = s->dir,
					   .session = true,
					   .with_us = true,
					   .memory = XB_GITCHILD_MEMORY,
					   .seconds = XB_GITCHILD_SECONDS},
			pid);
}

/* What passes between us and it; the talk is over when it ends, or *LATE. */
static struct xb_err *talk(const struct xb_gitchild *c, int fd, struct xb_buf *out, bool *late)
{
	int64_t deadline = xb_now_ms() + XB_GITCHILD_SECONDS * 1000;
	size_t sent = 0;
	char buf[16384];

	if (!c->in_n)
		shutdown(fd, SHUT_WR);
	for (;;) {
		struct pollfd p = {fd, (short)(POLLIN | (sent < c->in_n ? POLLOUT : 0)), 0};
		int64_t left = deadline - xb_now_ms();
		ssize_t n;
		int rc;

		*late = left <= 0 || out->n > XB_GITCHILD_OUTPUT;
		if (*late)
			return NULL;
		rc = poll(&p, 1, (int)left);
		if (rc < 0 && errno != EINTR)
			return xb_err_sys(XB_E_IO, errno, "cannot wait for git");
		if (rc <= 0)
			continue;
		if (p.revents & POLLOUT) {
			n = send(fd, c->in + sent, c->in_n - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				n = (ssize_t)(c->in_n - sent); /* it ends early; its status says why */
			sent += n > 0 ? (size_t)n : 0;
			if (sent == c->in_n)
				shutdown(fd, SHUT_WR);
		}
		if (!(p.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
		if (n > 0)
			xb_buf_add(out, buf, (size_t)n);
		else if (!n || (errno != EAGAIN && errno != EINTR))
			return NULL;
	}
}

static struct xb_err *judge(const struct xb_gitchild *c, int status, bool late, struct xb_gitchild_end *end)
{
	XB_AUTOFREE char *said = xb_quarantine_said(c->q);

	if (WIFEXITED(status) && !WEXITSTATUS(status) && !late)
		return NULL;
	if (late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		return xb_err_new(XB_E_TEMP, "git took more than %d seconds, or said too much",
				  XB_GITCHILD_SECONDS);
	end->crashed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV);
	if (end->crashed)
		return NULL;
	if (WIFSIGNALED(status))
		return xb_err_new(XB_E_TEMP, "git was killed by signal %d%s%s", WTERMSIG(status),
				  *said ? ": " : "", said);
	if (WEXITSTATUS(status) == XB_SPAWN_NONE && !*said) {
		end->missing = xb_strdup("there is no git in PATH");
		return NULL;
	}
	if (WEXITSTATUS(status) == XB_SPAWN_FAILED || strstr(said, "ut of memory"))
		return xb_err_new(XB_E_TEMP, "git had not enough memory, or could not be started%s%s",
				  *said ? ": " : "", said);
	return xb_err_new(XB_E_IO, "git %s: %s", c->argv[1], *said ? said : "failed");
}

struct xb_err *xb_gitchild_run(const struct xb_gitchild *c, struct xb_buf *out, struct xb_gitchild_end *end)
{
	struct start s = {.n = 0};
	int fds[2], status;
	struct xb_err *err;
	bool late = false;
	pid_t pid;

	*end = (struct xb_gitchild_end){0};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return xb_err_sys(XB_E_TEMP, errno, "cannot make a socket for git");
	s.talk = fds[1];
	s.said = xb_quarantine_stderr(c->q);
	prepare(&s, c);
	err = s.said < 0 ? xb_err_new(XB_E_TEMP, "cannot make a file for git's words") : run_git(&s, &pid);
	release(&s);
	if (err) {
		close(fds[0]);
		return err;
	}
	err = talk(c, fds[0], out, &late);
	if (err || late)
		kill(-pid, SIGKILL);
	if (err || late)
		kill(pid, SIGKILL); /* perhaps it has no session of its own yet */
	close(fds[0]);
	status = xb_spawn_wait(pid);
	return err ? err : judge(c, status, late, end);
}
