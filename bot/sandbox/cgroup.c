/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup.h"

#include "os/file.h"
#include "os/log.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

#define FILE_MAX (1u << 20)
#define BOT "bot"

enum { TRIES = 500, WAIT_MS = 10 };

struct xb_cgroup {
	char *dir;
	int procs; /* its list of processes, to be written to */
};

static bool put(const char *dir, const char *file, const char *text)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int e = errno;

	if (fd >= 0)
		close(fd);
	errno = e;
	return ok;
}

/* The text of a file of the kernel's, never NULL; "": there is none. */
static char *get(const char *dir, const char *file)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, file);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_err_free(xb_file_read(path, FILE_MAX, &b));
	return xb_buf_detach(&b);
}

static bool has(const char *dir, const char *file)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, file);

	return !access(path, F_OK);
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(text, word); p; p = strstr(p + n, word))
		if ((p == text || p[-1] == ' ') && (!p[n] || p[n] == ' ' || p[n] == '\n'))
			return true;
	return false;
}

static void wait_a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
}

/* ---- where we are ---- */

/* Where the whole hierarchy is mounted: owned, or NULL. Lines of proc(5), mountinfo. */
static char *find_mount(void)
{
	XB_AUTOFREE char *all = get("/proc/self", "mountinfo");
	char *rest = NULL;

	for (char *line = strtok_r(all, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char root[4096], dir[4096];

		if (strstr(line, " - cgroup2 ") &&
		    sscanf(line, "%*s %*s %*s %4095s %4095s", root, dir) == 2 && !strcmp(root, "/") &&
		    !strchr(dir, '\\'))
			return xb_strdup(dir);
	}
	return NULL;
}

/* The directory of our own: owned, or NULL. */
static char *find_own(void)
{
	XB_AUTOFREE char *all = get("/proc/self", "cgroup");
	XB_AUTOFREE char *mount = find_mount();
	char *rest = NULL;

	for (char *line = strtok_r(all, "\n", &rest); line && mount; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "0::/", 4))
			return xb_asprintf("%s%s", mount, line[4] ? line + 3 : "");
	return NULL;
}

/* The root has no such files, and may have processes beside cgroups. */
static bool is_root(const char *dir)
{
	return !has(dir, "cgroup.events");
}

/* Systemd marks what it leaves to a service; the second mark is seen by root alone. */
static bool is_delegated(const char *dir)
{
	static const char *const marks[] = {"user.delegate", "trusted.delegate"};
	char value[2];

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (getxattr(dir, marks[i], value, sizeof value) == 1 && value[0] == '1')
			return true;
	return is_root(dir) && !geteuid();
}

/* Where we may make cgroups: owned, or NULL. */
static char *find_base(void)
{
	char *dir = find_own(), *slash;

	if (!dir || is_delegated(dir))
		return dir;
	slash = strrchr(dir, '/');
	if (!strcmp(slash + 1, BOT)) {
		*slash = '\0';
		if (is_delegated(dir))
			return dir;
	}
	free(dir);
	return NULL;
}

/* ---- ours ---- */

/* Of the service, each is ours; what is started meanwhile is met by the next turn. */
static void move_bot(const char *base)
{
	XB_AUTOFREE char *bot = xb_asprintf("%s/" BOT, base);
	XB_AUTOFREE char *pids = get(base, "cgroup.procs");
	char *rest = NULL;

	mkdir(bot, 0755);
	for (char *pid = strtok_r(pids, "\n", &rest); pid; pid = strtok_r(NULL, "\n", &rest))
		put(bot, "cgroup.procs", pid); /* it may have ended */
}

/* May cgroups in BASE be bounded? Else errno says why not. */
static bool enable(const char *base)
{
	for (int turn = 0; turn < 10; turn++) {
		XB_AUTOFREE char *on = get(base, "cgroup.subtree_control");

		if (has_word(on, "memory"))
			return true;
		if (!is_root(base))
			move_bot(base);
		if (put(base, "cgroup.subtree_control", "+memory"))
			put(base, "cgroup.subtree_control", "+pids"); /* there are other limits of that */
		else if (errno != EBUSY)
			return false;
	}
	return false;
}

static bool is_populated(const char *dir)
{
	XB_AUTOFREE char *events = get(dir, "cgroup.events");

	return strstr(events, "populated 1") != NULL;
}

/* False, with errno: it is still there. */
static bool remove_group(const char *dir)
{
	if (put(dir, "cgroup.kill", "1"))
		for (int i = 0; i < TRIES && is_populated(dir); i++)
			wait_a_moment();
	return !rmdir(dir) || errno == ENOENT;
}

static bool set_limits(const char *dir, uint64_t memory, unsigned processes)
{
	XB_AUTOFREE char *bytes = xb_asprintf("%llu", (unsigned long long)memory);
	XB_AUTOFREE char *number = xb_asprintf("%u", processes);

	put(dir, "memory.swap.max", "0"); /* without swap there is no such file */
	put(dir, "pids.max", number);
	return put(dir, "memory.oom.group", "1") && put(dir, "memory.max", bytes);
}

static struct xb_cgroup *make_in(const char *base, const char *name, uint64_t memory, unsigned processes)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/gate-%s", base, name);
	XB_AUTOFREE char *procs = xb_asprintf("%s/cgroup.procs", dir);
	struct xb_cgroup *g;
	int fd;

	if (!remove_group(dir) || mkdir(dir, 0755))
		return NULL;
	fd = set_limits(dir, memory, processes) ? open(procs, O_WRONLY | O_CLOEXEC) : -1;
	if (fd < 0) {
		int e = errno;

		rmdir(dir);
		errno = e;
		return NULL;
	}
	g = xb_calloc(1, sizeof *g);
	*g = (struct xb_cgroup){XB_STEAL(dir), fd};
	return g;
}

struct xb_cgroup *xb_cgroup_make(const char *name, uint64_t memory, unsigned processes, char **why)
{
	XB_AUTOFREE char *base = find_base();
	XB_AUTOFREE char *controllers = base ? get(base, "cgroup.controllers") : NULL;
	struct xb_cgroup *g = NULL;

	*why = NULL;
	if (!base)
		*why = xb_strdup("no cgroup is delegated to xsabot");
	else if (!has_word(controllers, "memory"))
		*why = xb_asprintf("%s has no controller of memory", base);
	else if (enable(base))
		g = make_in(base, name, memory, processes);
	if (!g && !*why)
		*why = xb_asprintf("cannot make a cgroup in %s: %s", base, strerror(errno));
	return g;
}

bool xb_cgroup_enter(const struct xb_cgroup *g)
{
	return write(g->procs, "0", 1) == 1;
}

bool xb_cgroup_is_full(const struct xb_cgroup *g)
{
	XB_AUTOFREE char *events = get(g->dir, "memory.events");
	const char *at = strstr(events, "oom_kill ");

	return at && strtoul(at + strlen("oom_kill "), NULL, 10) > 0;
}

void xb_cgroup_end(struct xb_cgroup *g)
{
	if (!g)
		return;
	if (!remove_group(g->dir))
		xb_log(XB_WARN, "cannot remove the cgroup %s: %s", g->dir, strerror(errno));
	xb_closep(&g->procs);
	XB_FREE(g->dir, g);
}
