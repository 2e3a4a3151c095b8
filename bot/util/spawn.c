/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void xb_default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL); /* SIGKILL and SIGSTOP refuse, which is right */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool limit(__rlimit_resource_t what, uint64_t max)
{
	struct rlimit r = {max, max};

	return !max || !setrlimit(what, &r);
}

static bool set_files(const struct xb_spawn *s)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(s->in < 0 ? null : s->in, STDIN_FILENO) >= 0 &&
	       dup2(s->out < 0 ? null : s->out, STDOUT_FILENO) >= 0 &&
	       dup2(s->err < 0 ? null : s->err, STDERR_FILENO) >= 0;
}

static _Noreturn void become(const struct xb_spawn *s, pid_t parent)
{
	xb_default_signals();
	if (s->session)
		setsid();
	if (s->with_us) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(XB_SPAWN_FAILED); /* it ended before the line above */
	}
	setrlimit(RLIMIT_CORE,
		  &(struct rlimit){0, 0}); /* memory of ours must not get into a file; best effort */
	if (!limit(RLIMIT_DATA, s->memory) || !limit(RLIMIT_CPU, s->seconds) || (s->dir && chdir(s->dir)) ||
	    !set_files(s))
		_exit(XB_SPAWN_FAILED);
	if (s->last)
		s->last(s->data);
	execvpe(s->argv[0], s->argv, s->env);
	_exit(errno == ENOENT || errno == EACCES || errno == ENOTDIR ? XB_SPAWN_NONE : XB_SPAWN_FAILED);
}

struct xb_err *xb_spawn(const struct xb_spawn *s, pid_t *pid)
{
	pid_t parent = getpid();

	*pid = fork();
	if (!*pid)
		become(s, parent);
	return *pid < 0 ? xb_err_sys(XB_E_TEMP, errno, "cannot make a process for %s", s->argv[0]) : NULL;
}

int xb_spawn_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}
