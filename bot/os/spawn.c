/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spawn.h"

#include "libexec-dir.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- programs of ours that are no commands ---- */

char *xb_program_path(const char *name)
{
	static const char *const places[] = {XSABOT_LIBEXEC, "libexec", "../hooks"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *from = *places[i] == '/' ? "" : self;
		XB_AUTOFREE char *path = xb_asprintf("%s%s%s/%s", from, *from ? "/" : "", places[i], name);
		char *real = access(path, X_OK) ? NULL : realpath(path, NULL);

		if (real)
			return real;
	}
	return NULL;
}

struct xb_err *xb_program_find(const char *name, char **out)
{
	*out = xb_program_path(name);
	return *out ? NULL
		    : xb_err_new(XB_E_CONFIG, "the program %s is not installed beside xsabot (%s/%s)", name,
				 XSABOT_LIBEXEC, name);
}

static void add_ours(const char *name, struct xb_strv *env)
{
	const char *value = getenv(name);
	XB_AUTOFREE char *set = value ? xb_asprintf("%s=%s", name, value) : NULL;

	if (set)
		xb_strv_add(env, set);
}

void xb_program_env(const char *const *names, struct xb_strv *env)
{
	xb_strv_add(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	xb_strv_add(env, "LC_ALL=C");
	for (; *names; names++)
		add_ours(*names, env);
	add_ours("ASAN_OPTIONS", env); /* of tests */
	*XB_PUSH(env, v, n, cap) = NULL;
}
