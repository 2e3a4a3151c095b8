/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and all that it starts, counts the system calls of the whole tree that change something, and
 * at one of them, the POINT-th from 1, does what MODE says:
 *
 *	inject MODE POINT FILE PROGRAM [ARG]...
 *
 * count: nothing; kill: ends the process that makes the call; kill-all: the whole tree; ERROR (ENOSPC, EIO,
 * EACCES, EINTR, EMFILE, EDQUOT, ENOMEM): that call fails with it; short: a write takes half; lie: the call
 * isn't made, and is said to have gone well (but an open); late: a rename is said to be made, and is made
 *after the call that INJECT_UNTIL describes; late-kill: after that one the tree ends instead. With a + behind
 *it, so for each call from then on. For EMFILE the calls that make a descriptor count. FILE gets how many
 *points there were. Exits as the program does; 128 + the signal that ended it. For x86-64; elsewhere it exits
 *with 77.
 *
 * With INJECT_AT only calls that this pattern describes are points: of "write PATH", "rename FROM TO" and so
 * on, as in fnmatch(3), with @(A|B). INJECT_LOG names a file that gets the calls that were made, described
 *so.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

enum what { COUNT, KILL, KILL_ALL, FAIL, SHORT, LIE, LATE, LATE_KILL };

struct plan {
	enum what what;
	int error;
	bool on; /* from then on */
	unsigned long point, seen;
	const char *at, *until;
	FILE *log;
	char from[PATH_MAX], to[PATH_MAX]; /* what LATE holds back */
};

/* A process of the tree. */
struct traced {
	pid_t pid;
	bool inside; /* between entry and exit of a call */
	bool fails;  /* and the call isn't to be made, but has this result */
	long result;
	char from[PATH_MAX], to[PATH_MAX]; /* what it is about */
	const char *call;                  /* and its name; or NULL */
};

static struct traced tree[256];
static size_t n_tree;

static struct traced *find(pid_t pid)
{
	for (size_t i = 0; i < n_tree; i++)
		if (tree[i].pid == pid)
			return &tree[i];
	if (n_tree == sizeof tree / sizeof *tree)
		abort();
	memset(&tree[n_tree], 0, sizeof tree[n_tree]);
	tree[n_tree].pid = pid;
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

/* The calls that change something, and what their arguments are: f a descriptor, p a path, d a directory that
 * the path after it begins at, - neither. */
static const struct call {
	long nr;
	const char *name, *arguments;
} calls[] = {
    {SYS_open, "open", "p"},          {SYS_openat, "open", "dp"},        {SYS_write, "write", "f"},
    {SYS_pwrite64, "write", "f"},     {SYS_writev, "write", "f"},        {SYS_fsync, "fsync", "f"},
    {SYS_fdatasync, "fsync", "f"},    {SYS_syncfs, "fsync", "f"},        {SYS_rename, "rename", "pp"},
    {SYS_renameat, "rename", "dpdp"}, {SYS_renameat2, "rename", "dpdp"}, {SYS_link, "link", "pp"},
    {SYS_linkat, "link", "dpdp"},     {SYS_unlink, "unlink", "p"},       {SYS_unlinkat, "unlink", "dp"},
    {SYS_mkdir, "mkdir", "p"},        {SYS_mkdirat, "mkdir", "dp"},      {SYS_rmdir, "rmdir", "p"},
    {SYS_symlink, "symlink", "pp"},   {SYS_ftruncate, "truncate", "f"},  {SYS_fchmod, "chmod", "f"},
    {SYS_chmod, "chmod", "p"},        {SYS_fchown, "chown", "f"},
};

static const struct call *call_of(long nr)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

static const struct call *changes(long nr, const struct user_regs_struct *r)
{
	const unsigned long writes = O_WRONLY | O_RDWR | O_CREAT;

	if ((nr == SYS_open && !(r->rsi & writes)) || (nr == SYS_openat && !(r->rdx & writes)))
		return NULL;
	return call_of(nr);
}

/* The text at ADDR of a process, as far as it is there. */
static void read_text(pid_t pid, unsigned long addr, char *out, size_t size)
{
	memset(out, 0, size);
	for (size_t n = 0; n + 1 < size && strlen(out) == n;) {
		size_t page = 4096 - (addr + n) % 4096;
		struct iovec to = {out + n, page < size - 1 - n ? page : size - 1 - n};
		struct iovec from = {(void *)(addr + n), to.iov_len};
		ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);

		if (got <= 0)
			return;
		n += (size_t)got;
	}
}

/* Where a descriptor of a process leads; its working directory for AT_FDCWD. */
static void read_link(pid_t pid, int fd, char *out, size_t size)
{
	char name[64];
	ssize_t n;

	snprintf(name, sizeof name, fd == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d", (int)pid, fd);
	n = readlink(name, out, size - 1);
	out[n < 0 ? 0 : n] = 0;
}

/* The path at ADDR of a process, from its directory DIR. */
static void read_path(pid_t pid, int dir, unsigned long addr, char *out)
{
	static char text[PATH_MAX / 2], base[PATH_MAX / 2];

	read_text(pid, addr, text, sizeof text);
	base[0] = 0;
	if (text[0] != '/')
		read_link(pid, dir, base, sizeof base);
	snprintf(out, PATH_MAX, "%s%s%s", base, base[0] ? "/" : "", text);
}

/* What a call is about, for who asked for that. */
static void describe(struct traced *t, const struct call *c, const struct user_regs_struct *r)
{
	const unsigned long long args[] = {r->rdi, r->rsi, r->rdx, r->r10};
	char *out = t->from;
	int dir = AT_FDCWD;

	t->from[0] = t->to[0] = 0;
	t->call = c->name;
	for (size_t i = 0; c->arguments[i]; i++) {
		if (c->arguments[i] == 'd') {
			dir = (int)args[i];
			continue;
		}
		if (c->arguments[i] == 'f')
			read_link(t->pid, (int)args[i], out, PATH_MAX);
		else
			read_path(t->pid, dir, args[i], out);
		out = t->to;
	}
}

/* Whether the call of T is one of those that PATTERN describes. */
static bool fits(const struct traced *t, const char *pattern)
{
	static char text[2 * PATH_MAX + 16];

	snprintf(text, sizeof text, "%s %s%s%s", t->call, t->from, t->to[0] ? " " : "", t->to);
	return !fnmatch(pattern, text, FNM_EXTMATCH);
}

static bool is_point(const struct plan *p, struct traced *t, const struct user_regs_struct *r)
{
	long nr = (long)r->orig_rax;
	const struct call *c = p->error == EMFILE ? call_of(nr) : changes(nr, r);

	t->call = NULL;
	if (p->what == SHORT)
		return (nr == SYS_write || nr == SYS_pwrite64) && r->rdx > 1;
	if (p->error == EMFILE && (!makes_descriptor(nr) || !p->at))
		return makes_descriptor(nr);
	if (c && (p->at || p->until || p->log))
		describe(t, c, r);
	return c && (!p->at || fits(t, p->at));
}

static void kill_all(void)
{
	for (size_t i = 0; i < n_tree; i++)
		kill(tree[i].pid, SIGKILL);
}

/* The call isn't made, and has this result. */
static void refuse(struct traced *t, struct user_regs_struct *r, long result)
{
	r->orig_rax = (unsigned long long)-1;
	t->fails = !ptrace(PTRACE_SETREGS, t->pid, NULL, r);
	t->result = result;
	t->call = NULL;
}

static void hold_back(struct plan *p, struct traced *t, struct user_regs_struct *r)
{
	if (strcmp(t->call, "rename") != 0 || p->from[0])
		return;
	memcpy(p->from, t->from, sizeof p->from);
	memcpy(p->to, t->to, sizeof p->to);
	refuse(t, r, 0);
}

static void disturb(struct plan *p, struct traced *t, struct user_regs_struct *r)
{
	bool writes = r->orig_rax == SYS_write || r->orig_rax == SYS_pwrite64;

	switch (p->what) {
	case COUNT:
		return;
	case KILL:
		kill(t->pid, SIGKILL);
		return;
	case KILL_ALL:
		kill_all();
		return;
	case SHORT:
		r->rdx /= 2;
		ptrace(PTRACE_SETREGS, t->pid, NULL, r);
		return;
	case FAIL:
		refuse(t, r, -p->error);
		return;
	case LIE:
		if (r->orig_rax != SYS_open && r->orig_rax != SYS_openat)
			refuse(t, r, writes ? (long)r->rdx : 0);
		return;
	case LATE:
	case LATE_KILL:
		hold_back(p, t, r);
		return;
	}
}

static void enter(struct plan *p, struct traced *t)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &r) || !is_point(p, t, &r))
		return;
	p->seen++;
	if (p->point && (p->seen == p->point || (p->seen > p->point && p->on)))
		disturb(p, t, &r);
}

/* What was held back is made now, or never. */
static void catch_up(struct plan *p, const struct traced *t)
{
	if (!p->from[0] || !t->call || !p->until || !fits(t, p->until))
		return;
	if (p->what == LATE_KILL)
		kill_all();
	else if (rename(p->from, p->to))
		fprintf(stderr, "inject: %s: %s\n", p->from, strerror(errno));
	p->from[0] = 0;
	p->until = NULL;
}

static void leave(struct plan *p, struct traced *t)
{
	struct user_regs_struct r;

	if ((!t->fails && !t->call) || ptrace(PTRACE_GETREGS, t->pid, NULL, &r))
		return;
	if (t->fails) {
		t->fails = false;
		r.rax = (unsigned long long)t->result;
		ptrace(PTRACE_SETREGS, t->pid, NULL, &r);
		return;
	}
	if ((long)r.rax < 0)
		return;
	if (p->log)
		fprintf(p->log, "%s %s%s%s\n", t->call, t->from, t->to[0] ? " " : "", t->to);
	catch_up(p, t);
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
	} modes[] = {{"count", COUNT, 0},      {"kill", KILL, 0},          {"kill-all", KILL_ALL, 0},
		     {"short", SHORT, 0},      {"ENOSPC", FAIL, ENOSPC},   {"EIO", FAIL, EIO},
		     {"EACCES", FAIL, EACCES}, {"EINTR", FAIL, EINTR},     {"EMFILE", FAIL, EMFILE},
		     {"EDQUOT", FAIL, EDQUOT}, {"ENOMEM", FAIL, ENOMEM},   {"lie", LIE, 0},
		     {"late", LATE, 0},        {"late-kill", LATE_KILL, 0}};
	size_t n = strlen(mode);

	p->at = getenv("INJECT_AT");
	p->until = getenv("INJECT_UNTIL");
	p->log = getenv("INJECT_LOG") ? fopen(getenv("INJECT_LOG"), "we") : NULL;
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
	static struct plan p;
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
	if (p.log && fclose(p.log))
		return 71;
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
