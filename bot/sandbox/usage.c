/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usage.h"

#include "os/file.h"
#include "util/alloc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20)
#define PIDS_MAX 100000u /* a tree that grows while it is walked has an end */

struct pids {
	long *v;
	size_t n, cap;
};

/* The children that one thread started: a list in the kernel's file, or none. */
static void add_children(const char *path, struct pids *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *gone = xb_file_read(path, FILE_MAX, &b);
	char *p = gone ? NULL : b.p;

	for (long pid; p && out->n < PIDS_MAX && (pid = strtol(p, &p, 10)) > 0;)
		*XB_PUSH(out, v, n, cap) = pid;
}

static void add_below(long pid, struct pids *out)
{
	XB_AUTOFREE char *tasks = xb_asprintf("/proc/%ld/task", pid);
	DIR *d = opendir(tasks);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s/children", tasks, e->d_name);

		if (e->d_name[0] != '.')
			add_children(path, out);
	}
	if (d)
		closedir(d);
}

/* Its second number, see proc(5), is in pages. */
static uint64_t resident(long pid)
{
	XB_AUTOFREE char *path = xb_asprintf("/proc/%ld/statm", pid);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *gone = xb_file_read(path, FILE_MAX, &b);
	unsigned long long pages = 0;

	if (gone || !b.n || sscanf(b.p, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Its part of what it shares; costs more to find out. */
static uint64_t proportional(long pid)
{
	XB_AUTOFREE char *path = xb_asprintf("/proc/%ld/smaps_rollup", pid);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *gone = xb_file_read(path, FILE_MAX, &b);
	const char *at = gone || !b.n ? NULL : strstr(b.p, "\nPss:");

	return at ? strtoull(at + strlen("\nPss:"), NULL, 10) * 1024 : resident(pid);
}

uint64_t xb_usage_below(pid_t pid, uint64_t enough)
{
	struct pids all = {0};
	uint64_t sum = 0;

	add_below(pid, &all);
	for (size_t i = 0; i < all.n; i++) {
		sum += resident(all.v[i]);
		add_below(all.v[i], &all);
	}
	if (sum > enough) {
		sum = 0;
		for (size_t i = 0; i < all.n; i++)
			sum += proportional(all.v[i]);
	}
	free(all.v);
	return sum;
}
