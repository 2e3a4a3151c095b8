/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the service: disk, clock, network, privileges, the process that is at work, versions. */
#include "doctor.h"

#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/spawn.h"
#include "text/address.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { LOW_MIB = 100, FEW_MIB = 1024, LOW_INODES = 1000, AHEAD_S = 300 };

/* ---- disk ---- */

static void check_disk(struct xb_doctor *d, const char *dir)
{
	unsigned long long mib;
	struct statvfs v;

	if (statvfs(dir, &v))
		return; /* it will be made beside the other */
	mib = (unsigned long long)v.f_bavail * v.f_frsize >> 20;
	if (v.f_flag & ST_RDONLY)
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("mount it for writing"), "%s is read-only", dir);
	else if (mib < LOW_MIB)
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("make room"), "%llu MiB are free below %s", mib,
				dir);
	else if (v.f_files && v.f_favail < LOW_INODES)
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("make room for files"),
				"%llu inodes are free below %s", (unsigned long long)v.f_favail, dir);
	else
		xb_doctor_found(d, mib < FEW_MIB ? XB_FOUND_ADVICE : XB_FOUND_GOOD,
				mib < FEW_MIB ? xb_strdup("make room before it is full") : NULL,
				"%llu MiB are free below %s", mib, dir);
}

void xb_doctor_disk(struct xb_doctor *d)
{
	const char *dir = git_repository_path(d->repo);
	struct stat a, b;

	check_disk(d, dir);
	if (!stat(dir, &a) && !stat(d->config->state_dir, &b) && a.st_dev != b.st_dev)
		check_disk(d, d->config->state_dir);
}

/* ---- clock ---- */

/* Files that we wrote are not of the future. */
void xb_doctor_clock(struct xb_doctor *d)
{
	static const char *const files[] = {"pulse.json", "status.json", "instance"};
	int64_t now = xb_now_s();

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", d->config->state_dir, files[i]);
		XB_AUTOFREE char *at = NULL;
		struct stat st;

		if (stat(path, &st) || st.st_mtime <= now + AHEAD_S)
			continue;
		at = xb_time_text(st.st_mtime);
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("set the clock (timedatectl set-ntp true)"),
				"%s was written at %s, which is still to come", path, at);
		return;
	}
	{
		XB_AUTOFREE char *at = xb_time_text(now);

		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "it is %s", at);
	}
}

/* ---- network and privileges ---- */

static void need_network(const struct xb_config *c, struct xb_needs *out)
{
	if (c->mail.on && *c->mail.transport != '/') {
		out->who = "[mail] transport";
		out->beyond = !xb_url_is_loopback(c->mail.transport);
	}
	for (size_t i = 0; i < c->mirrors.n + 1; i++) {
		const struct xb_remote_conf *r = i < c->mirrors.n ? &c->mirrors.v[i] : c->upstream;

		if (!r || *r->url == '/' || !strncmp(r->url, "file:", 5))
			continue;
		out->who = r->name;
		out->beyond = true;
	}
}

static bool is_set_id(const char *path, struct stat *st)
{
	return !stat(path, st) && (st->st_mode & (S_ISUID | S_ISGID));
}

/* Postfix's program runs postdrop, which has the group. */
static void need_set_id(const struct xb_config *c, struct xb_needs *out)
{
	static const char postdrop[] = "/usr/sbin/postdrop";
	const struct group *g;
	struct stat st;

	if (!c->mail.on || *c->mail.transport != '/')
		return;
	if (is_set_id(c->mail.transport, &st))
		out->set_id = c->mail.transport;
	else if (is_set_id(postdrop, &st))
		out->set_id = postdrop;
	if (!out->set_id)
		return;
	g = getgrgid(st.st_gid);
	out->set_gid = !(st.st_mode & S_ISUID) && g;
	out->group = out->set_gid ? g->gr_name : NULL;
}

void xb_doctor_needs(const struct xb_config *c, struct xb_needs *out)
{
	*out = (struct xb_needs){0};
	need_network(c, out);
	need_set_id(c, out);
}

/* With the group in any case, it does not matter that the program can't get it. */
static bool has_group(const struct xb_needs *n)
{
	const struct group *g = n->set_gid ? getgrnam(n->group) : NULL;

	return g && (getegid() == g->gr_gid || group_member(g->gr_gid));
}

/* Beside the one that leads to itself; what can't be seen is not judged. */
static bool has_interface(void)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = xb_file_read("/proc/self/net/dev", 1 << 20, &text);
	char *rest = NULL, *line;
	size_t n = 0;

	if (err || !text.n)
		return true;
	for (line = strtok_r(text.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++)
		if (n > 1 && strncmp(line + strspn(line, " "), "lo:", 3) != 0) /* after two of headings */
			return true;
	return false;
}

static bool may_have_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error = errno;

	if (fd >= 0)
		close(fd);
	return fd >= 0 || (error != EAFNOSUPPORT && error != EPERM && error != EACCES);
}

/* "1" of the line "NoNewPrivs: 1" of a process. */
static bool has_no_new_privileges(const char *status)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(status, 1 << 20, &text);
	const char *at;

	if (err) {
		xb_err_free(err);
		return false;
	}
	xb_buf_adds(&text, "");
	at = strstr(text.p, "NoNewPrivs:");
	return at && strspn(at + strlen("NoNewPrivs:"), "\t ") && strchr(at, '1') &&
	       strchr(at, '1') < at + strcspn(at, "\n");
}

static char *unit_advice(const struct xb_doctor *d)
{
	return xb_asprintf("units for this configuration: xsabot %s%s%ssystemd", d->config->file ? "-c " : "",
			   d->config->file ? d->config->file : "", d->config->file ? " " : "");
}

/* Of this process: as a service it has what its unit leaves it. */
void xb_doctor_network(struct xb_doctor *d)
{
	struct xb_needs n;
	const char *who;
	bool bad = false;

	xb_doctor_needs(d->config, &n);
	who = n.who;

	if (who && !may_have_socket()) {
		bad = true;
		xb_doctor_found(
		    d, XB_FOUND_WRONG, unit_advice(d),
		    "%s needs the network, and this process may not use it (RestrictAddressFamilies=)", who);
	} else if (n.beyond && !has_interface()) {
		bad = true;
		xb_doctor_found(d, XB_FOUND_WRONG, unit_advice(d),
				"%s is on another host, and this process has no network (PrivateNetwork=)",
				who);
	}
	if (n.set_id && !has_group(&n) && has_no_new_privileges("/proc/self/status")) {
		bad = true;
		xb_doctor_found(d, XB_FOUND_WRONG, unit_advice(d),
				"[mail] transport needs %s, which is set-id, and this process can't use it "
				"(NoNewPrivileges=)",
				n.set_id);
	}
	if (!bad)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL,
				who ? "%s can use it, as far as this process can tell" : "%s",
				who ? who : "not needed");
}

/* ---- the process at work ---- */

static char *link_of(long pid, const char *what)
{
	XB_AUTOFREE char *path = xb_asprintf("/proc/%ld/%s", pid, what);
	char target[4096];
	ssize_t n = readlink(path, target, sizeof target - 1);

	return n < 0 ? NULL : xb_memdup0(target, (size_t)n);
}

/* It may be a service whose unit keeps from it what we have. */
static bool check_process(struct xb_doctor *d, long pid)
{
	XB_AUTOFREE char *net = link_of(pid, "ns/net"), *ours = link_of(getpid(), "ns/net");
	XB_AUTOFREE char *exe = link_of(pid, "exe"), *status = xb_asprintf("/proc/%ld/status", pid);
	struct xb_needs n;
	const char *set_id, *who;
	bool good = true;

	xb_doctor_needs(d->config, &n);
	who = n.who;
	set_id = n.set_gid ? NULL : n.set_id; /* of another process's groups nothing is known */
	if (who && net && ours && strcmp(net, ours) != 0) {
		good = false;
		xb_doctor_found(d, XB_FOUND_WRONG, unit_advice(d),
				"%s needs the network, and process %ld has one of its own (PrivateNetwork=)",
				who, pid);
	}
	if (set_id && has_no_new_privileges(status)) {
		good = false;
		xb_doctor_found(d, XB_FOUND_WRONG, unit_advice(d),
				"[mail] transport needs %s, which is set-id, and process %ld can't use it "
				"(NoNewPrivileges=)",
				set_id, pid);
	}
	if (exe && strstr(exe, " (deleted)")) {
		good = false;
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("restart it (systemctl restart xsabot-watch)"),
				"process %ld is of the version before an upgrade", pid);
	}
	return good;
}

void xb_doctor_service(struct xb_doctor *d)
{
	long pid = xb_lock_holder(d->config->state_dir, XB_LOCK_INSTANCE);

	if (pid < 0)
		xb_doctor_found(d, XB_FOUND_UNKNOWN, NULL, "/proc/locks can't be read");
	else if (!pid)
		xb_doctor_found(d, XB_FOUND_ADVICE, unit_advice(d),
				"no process is at work now; with a timer or cron that is as it should be");
	else if (check_process(d, pid))
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "process %ld is at work", pid);
}

/* ---- versions ---- */

/* The first line of what `git version` says; owned, or NULL. */
static char *git_version(void)
{
	char *const argv[] = {(char *)(uintptr_t) "git", (char *)(uintptr_t) "version", NULL};
	XB_AUTOFREE char *path = xb_asprintf("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	char *env[] = {path, NULL}, text[256];
	int p[2];
	struct xb_spawn s = {.argv = argv, .env = env, .in = -1, .err = -1, .with_us = true, .seconds = 10};
	struct xb_err *err;
	ssize_t n;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC))
		return NULL;
	s.out = p[1];
	err = xb_spawn(&s, &pid);
	close(p[1]);
	n = err ? -1 : read(p[0], text, sizeof text - 1);
	close(p[0]);
	if (!err)
		xb_spawn_wait(pid);
	xb_err_free(err);
	return n > 0 ? xb_memdup0(text, strcspn(text, "\n") < (size_t)n ? strcspn(text, "\n") : (size_t)n)
		     : NULL;
}

static bool is_old(const char *git)
{
	unsigned a = 0, b = 0;

	return sscanf(git, "git version %u.%u", &a, &b) != 2 || a < 2 || (a == 2 && b < 39);
}

void xb_doctor_versions(struct xb_doctor *d)
{
	XB_AUTOFREE char *git = git_version();
	char pcre[64] = "?";
	int v[3];

	git_libgit2_version(&v[0], &v[1], &v[2]);
	pcre2_config(PCRE2_CONFIG_VERSION, pcre);
	if (!git || is_old(git))
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("install git 2.39 or later"), "%s",
				git ? git : "there is no git in PATH");
	xb_doctor_found(d, XB_FOUND_GOOD, NULL, "xsabot %s, libgit2 %d.%d.%d, PCRE2 %s, jansson %s, %s",
			XSABOT_VERSION, v[0], v[1], v[2], pcre, jansson_version_str(), git ? git : "no git");
}
