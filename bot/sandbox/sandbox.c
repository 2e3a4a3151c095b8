/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox.h"

#include "os/file.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static pid_t clone_into(int flags)
{
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

pid_t xb_sandbox_fork(struct xb_sandbox *s)
{
	int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | (s->network ? 0 : CLONE_NEWNET);
	pid_t pid;

	s->uid = geteuid();
	s->gid = getegid();
	s->user_namespace = true;
	pid = clone_into(flags | CLONE_NEWUSER);
	if (pid < 0 && !s->uid) { /* root needs none */
		s->user_namespace = false;
		pid = clone_into(flags);
	}
	return pid;
}

/* ---- in the child ---- */

static _Noreturn void fail(int report, const char *what, const char *name)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%s%s%s: %s", what, name ? " " : "", name ? name : "",
			 strerror(errno));

	xb_write_all(report, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
	_exit(126);
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The user stays who it was, so that its files stay its own; what it starts can make no more namespaces. */
static void map_user(const struct xb_sandbox *s, int report)
{
	XB_AUTOFREE char *u = xb_asprintf("%u %u 1\n", s->uid, s->uid);
	XB_AUTOFREE char *g = xb_asprintf("%u %u 1\n", s->gid, s->gid);

	if (!put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", u) ||
	    !put("/proc/self/gid_map", g))
		fail(report, "cannot map the user", NULL);
	put("/proc/sys/user/max_user_namespaces", "0"); /* one door less; not there on some systems */
}

/* A mount of its own, not in the tree yet, of what is at PATH; -1 where there is nothing. */
static int hold(int report, const char *path)
{
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd < 0 && errno != ENOENT)
		fail(report, "cannot mount", path);
	return fd;
}

static bool place(int fd, const char *path)
{
	return !move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static bool make_read_only(const char *path, unsigned how)
{
	struct mount_attr a = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};

	return !mount_setattr(AT_FDCWD, path, how, &a, sizeof a);
}

/* An empty directory, or file, over PATH; it can still be written to. */
static void hide(int report, const char *path)
{
	struct stat st;

	if (!strcmp(path, "/") || stat(path, &st))
		return; /* not there, or seen by nobody any more */
	if (S_ISDIR(st.st_mode) ? mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0755")
				: mount("/dev/null", path, NULL, MS_BIND, NULL))
		fail(report, "cannot hide", path);
}

static void show_writable(int report, int fd, const char *path)
{
	xb_err_free(xb_mkdirs(path, 0755)); /* where it was hidden; else, it is there */
	if (fd >= 0 && !place(fd, path))
		fail(report, "cannot mount", path);
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n && dir[n - 1] == '/')
		n--;
	return !strncmp(path, dir, n) && path[n] == '/' && path[n + 1];
}

/* The outer ones first. What is hidden in one came to light with it, and is hidden again. */
static void show_all(const struct xb_sandbox *s, int report, const int *fds)
{
	XB_AUTOFREE bool *done = xb_calloc(s->writable.n + 1, sizeof *done);

	for (size_t turn = 0; turn < s->writable.n; turn++) {
		size_t next = s->writable.n;

		for (size_t i = 0; i < s->writable.n; i++)
			if (!done[i] &&
			    (next == s->writable.n || strlen(s->writable.v[i]) < strlen(s->writable.v[next])))
				next = i;
		done[next] = true;
		show_writable(report, fds[next], s->writable.v[next]);
		for (size_t i = 0; i < s->hidden.n; i++)
			if (is_below(s->hidden.v[i], s->writable.v[next]))
				hide(report, s->hidden.v[i]);
	}
}

/* What any program may use of /dev; of the rest, disks and terminals among them, it sees nothing. */
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
#define N_DEVICES (sizeof devices / sizeof *devices)

static const struct {
	const char *name, *to;
} device_links[] = {
    {"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"}, {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"}, {"/dev/ptmx", "pts/ptmx"},
};

static void private_devices(int report, const int held[N_DEVICES])
{
	if (mount("none", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,mode=0755"))
		fail(report, "cannot mount", "/dev");
	for (size_t i = 0; i < N_DEVICES; i++) {
		int fd = held[i] < 0 ? -1 : open(devices[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd >= 0)
			close(fd);
		if (held[i] >= 0 && !place(held[i], devices[i]))
			fail(report, "cannot mount", devices[i]);
	}
	for (size_t i = 0; i < sizeof device_links / sizeof *device_links; i++)
		if (symlink(device_links[i].to, device_links[i].name))
			fail(report, "cannot make", device_links[i].name);
	if (mkdir("/dev/pts", 0755) || mkdir("/dev/shm", 0755) ||
	    mount("none", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=1777"))
		fail(report, "cannot mount", "/dev/shm");
	/* Terminals of its own are a convenience. */
	mount("none", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
	make_read_only("/dev", 0);
}

/* Mounts that are made before all others become read-only. */
struct held {
	int work, tmp, var_tmp, device[N_DEVICES];
	int *writable;
};

static struct held hold_all(const struct xb_sandbox *s, int report)
{
	XB_AUTOFREE char *tmp = xb_asprintf("%s/tmp", s->work);
	struct held h = {.writable = xb_calloc(s->writable.n + 1, sizeof *h.writable)};

	h.work = hold(report, s->work);
	h.tmp = hold(report, tmp);
	h.var_tmp = hold(report, tmp);
	for (size_t i = 0; i < N_DEVICES; i++)
		h.device[i] = hold(report, devices[i]);
	for (size_t i = 0; i < s->writable.n; i++)
		h.writable[i] = hold(report, s->writable.v[i]);
	return h;
}

/* Programs look for these: private ones in the place of the system's. */
static void private_dirs(const struct xb_sandbox *s, int report, const struct held *h)
{
	if (!place(h->tmp, "/tmp"))
		fail(report, "cannot mount", "/tmp");
	if (mkdir(XB_SANDBOX_HOME, 0755) && errno != EEXIST)
		fail(report, "cannot make", XB_SANDBOX_HOME);
	if (!place(h->work, XB_SANDBOX_HOME))
		fail(report, "cannot mount", XB_SANDBOX_HOME);
	if (!place(h->var_tmp, "/var/tmp") && errno != ENOENT)
		fail(report, "cannot mount", "/var/tmp");
	private_devices(report, h->device);
	/* Sockets of the system's services are there, which no network namespace keeps away. */
	if (!s->network)
		hide(report, "/run");
	/* Of these processes only. Where the system does not let us, the old one shows others, no more. */
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) &&
	    errno != EPERM)
		fail(report, "cannot mount", "/proc");
}

static void mounts(const struct xb_sandbox *s, int report)
{
	struct held h;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail(report, "cannot make mounts private", NULL);
	h = hold_all(s, report);
	if (!make_read_only("/", AT_RECURSIVE))
		fail(report, "cannot make the file system read-only", NULL);
	private_dirs(s, report, &h);
	for (size_t i = 0; i < s->hidden.n; i++)
		hide(report, s->hidden.v[i]);
	show_all(s, report, h.writable);
	for (size_t i = 0; i < s->hidden.n; i++)
		make_read_only(s->hidden.v[i], 0); /* only to keep it tidy: nothing outside changes */
	free(h.writable);
}

/* The loopback device of the new network is down; tests of programs use it. */
static void raise_loopback(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &r);
		close(fd);
	}
}

/* No capability, and none by any program that it executes; root, too. */
static void drop_privileges(int report)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}, {0}};
	unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED;

	for (unsigned long cap = 0; !prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); cap++)
		;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_capset, &h, none))
		fail(report, "cannot drop privileges", NULL);
}

/* As init: takes what is orphaned, and ends with the command; the kernel kills the rest. */
static _Noreturn void be_init(pid_t command)
{
	int status;

	close_range(0, ~0u, 0);
	for (;;) {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid == command && WIFEXITED(status))
			_exit(WEXITSTATUS(status));
		if (pid == command && WIFSIGNALED(status))
			_exit(128 + WTERMSIG(status));
		if (pid < 0 && errno != EINTR)
			_exit(126);
	}
}

void xb_sandbox_enter(const struct xb_sandbox *s, int report)
{
	pid_t pid;

	if (s->user_namespace)
		map_user(s, report);
	mounts(s, report);
	if (!s->network)
		raise_loopback();
	if (chdir(XB_SANDBOX_HOME "/tree"))
		fail(report, "cannot enter", XB_SANDBOX_HOME "/tree");
	pid = fork();
	if (pid < 0)
		fail(report, "cannot make a process", NULL);
	if (pid)
		be_init(pid);
	drop_privileges(report);
}
