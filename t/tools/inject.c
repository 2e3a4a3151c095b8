/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and all that it starts, counts the system calls of the whole tree that change something, and
 * at one of them, the POINT-th from 1, does what MODE says:
 *
 *	inject MODE POINT FILE PROGRAM [ARG]...
 *
 * count: nothing; kill: ends the process that makes the call; kill-all: the whole tree; ERROR (ENOSPC, EIO,
 * EACCES, EINTR, EMFILE): that call fails with it; ERROR+: so does each one after it; short: a write takes
 *half. For EMFILE the calls that make a descriptor count. FILE gets how many points there were. Exits as the
 * program does; 128 + the signal that ended it. For x86-64; elsewhere it exits with 77.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

enum what { COUNT, KILL, KILL_ALL, FAIL, SHORT };

struct plan {
	enum what what;
	int error;
	bool on; /* from then on */
	unsigned long point, seen;
};

/* A process of the tree. */
struct traced {
	pid_t pid;
	bool inside; /* between entry and exit of a call */
	bool fails;  /* and the call isn't to be made */
};

static struct traced tree[4096];
static size_t n_tree;

static struct traced *find(pid_t pid)
{
	for (size_t i = 0; i < n_tree; i++)
		if (tree[i].pid == pid)
			return &tree[i];
	if (n_tree == sizeof tree / sizeof *tree)
		abort();
	tree[n_tree] = (struct traced){.pid = pid};
	return &tree[n_tree++];
}

static void forget(pid_t pid)
{
	for (size_t i = 0; i < n_tree; i++)
		if (tree[i].pid == pid) {
			tree[i] = tree[--n_tree];
			return;
		}
}

static bool makes_descriptor(long nr)
{
	return nr == SYS_openat || nr == SYS_open || nr == SYS_pipe2 || nr == SYS_socket ||
	       nr == SYS_socketpair || nr == SYS_dup || nr == SYS_memfd_create || nr == SYS_pidfd_open ||
	       nr == SYS_epoll_create1;
}

static bool changes(long nr, const struct user_regs_struct *r)
{
	switch (nr) {
	case SYS_open:
		return (r->rsi & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
	case SYS_openat:
		return (r->rdx & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
	case SYS_write:
	case SYS_pwrite64:
	case SYS_writev:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_syncfs:
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_link:
	case SYS_linkat:
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_rmdir:
	case SYS_symlink:
	case SYS_ftruncate:
	case SYS_fchmod:
	case SYS_chmod:
	case SYS_fchown:
		return true;
	default:
		return false;
	}
}

static bool is_point(const struct plan *p, const struct user_regs_struct *r)
{
	long nr = (long)r->orig_rax;

	if (p->what == SHORT)
		return (nr == SYS_write || nr == SYS_pwrite64) && r->rdx > 1;
	return p->error == EMFILE ? makes_descriptor(nr) : changes(nr, r);
}

static void kill_all(void)
{
	for (size_t i = 0; i < n_tree; i++)
		kill(tree[i].pid, SIGKILL);
}

static void enter(struct plan *p, struct traced *t)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &r) || !is_point(p, &r))
		return;
	p->seen++;
	if (p->seen < p->point || (p->seen > p->point && !p->on) || !p->point)
		return;
	if (p->what == KILL)
		kill(t->pid, SIGKILL);
	if (p->what == KILL_ALL)
		kill_all();
	if (p->what == SHORT) {
		r.rdx /= 2;
		ptrace(PTRACE_SETREGS, t->pid, NULL, &r);
	}
	if (p->what == FAIL) {
		r.orig_rax = (unsigned long long)-1;
		t->fails = !ptrace(PTRACE_SETREGS, t->pid, NULL, &r);
	}
}

static void leave(const struct plan *p, struct traced *t)
{
	struct user_regs_struct r;

	if (!t->fails || ptrace(PTRACE_GETREGS, t->pid, NULL, &r))
		return;
	t->fails = false;
	r.rax = (unsigned long long)-p->error;
	ptrace(PTRACE_SETREGS, t->pid, NULL, &r);
}

/* What a stop says; the signal to go on with. */
static int stopped(struct plan *p, pid_t pid, int status)
{
	struct traced *t = find(pid);
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		t->inside = !t->inside;
		if (t->inside)
			enter(p, t);
		else
			leave(p, t);
		return 0;
	}
	if (status >> 16 || sig == SIGTRAP)
		return 0;
	if (sig == SIGSTOP && !t->inside) /* a new process begins so */
		return 0;
	return sig;
}

static int trace(struct plan *p, pid_t root)
{
	int result = 255;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return result;
		if (WIFSTOPPED(status)) {
			int sig = stopped(p, pid, status);

			ptrace(PTRACE_SYSCALL, pid, NULL, sig);
			continue;
		}
		forget(pid);
		if (pid == root)
			result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static bool parse(const char *mode, const char *point, struct plan *p)
{
	static const struct {
		const char *name;
		enum what what;
		int error;
	} modes[] = {{"count", COUNT, 0},      {"kill", KILL, 0},        {"kill-all", KILL_ALL, 0},
		     {"short", SHORT, 0},      {"ENOSPC", FAIL, ENOSPC}, {"EIO", FAIL, EIO},
		     {"EACCES", FAIL, EACCES}, {"EINTR", FAIL, EINTR},   {"EMFILE", FAIL, EMFILE}};
	size_t n = strlen(mode);

	p->on = n && mode[n - 1] == '+';
	p->point = strtoul(point, NULL, 10);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strlen(modes[i].name) == n - p->on && !strncmp(modes[i].name, mode, n - p->on)) {
			p->what = modes[i].what;
			p->error = modes[i].error;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct plan p = {0};
	int status, result;
	pid_t root;
	FILE *f;

	if (argc < 5 || !parse(argv[1], argv[2], &p)) {
		fprintf(stderr, "usage: inject MODE POINT FILE PROGRAM [ARG]...\n");
		return 64;
	}
	root = fork();
	if (!root) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (root < 0 || waitpid(root, &status, 0) != root || !WIFSTOPPED(status))
		return 71;
	if (ptrace(PTRACE_SETOPTIONS, root, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))
		return 71;
	find(root);
	ptrace(PTRACE_SYSCALL, root, NULL, 0);
	result = trace(&p, root);
	f = fopen(argv[3], "we");
	if (!f || fprintf(f, "%lu\n", p.seen) < 0 || fclose(f))
		return 71;
	return result;
}
#else
int main(void)
{
	return 77;
}
#endif
