/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units of systemd for this configuration: what it needs is left to the service, and nothing else. What each
 * setting does is said in systemd.exec(5). Not there: PrivateUsers=, which makes other owners of the
 * repository look like nobody, and RestrictSUIDSGID=, which forbids the set-group-id directories of a spool
 * that a group shares.
 */
#include "cmd.h"

#include "doctor/doctor.h"
#include "os/file.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/strv.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct units {
	struct xb_env *env;
	const struct xb_config *c;
	char *exe, *file, *user; /* FILE: the configuration's; NULL: there is none */
	struct xb_strv writable; /* what exists, and must be writable */
	struct xb_needs needs;
	bool gate, memory;
};

static void release(struct units *u)
{
	XB_FREE(u->exe, u->file, u->user);
	xb_strv_release(&u->writable);
}

/* ---- what it needs ---- */

/* PATH itself, or the directory in which it will be made. */
static void add_writable(struct units *u, const char *path)
{
	XB_AUTOFREE char *real = realpath(path, NULL), *above = xb_dirname(path);
	const char *use = real ? real : above;

	for (size_t i = 0; i < u->writable.n; i++) {
		size_t n = strlen(u->writable.v[i]);

		if (!strncmp(use, u->writable.v[i], n) && (!use[n] || use[n] == '/'))
			return;
	}
	xb_strv_add(&u->writable, use);
}

static void add_remote(struct units *u, const struct xb_remote_conf *r)
{
	const char *path = strncmp(r->url, "file://", 7) ? r->url : r->url + 7;

	if (*path == '/')
		add_writable(u, path);
}

static char *owner_of(const char *path)
{
	const struct passwd *pw;
	struct stat st;

	if (stat(path, &st))
		st.st_uid = geteuid();
	pw = getpwuid(st.st_uid);
	return pw ? xb_strdup(pw->pw_name) : xb_asprintf("%lu", (unsigned long)st.st_uid);
}

static void look(struct units *u)
{
	const struct xb_config *c = u->c;

	u->exe = realpath("/proc/self/exe", NULL);
	u->file = c->file ? realpath(c->file, NULL) : NULL;
	u->user = owner_of(c->repository);
	xb_doctor_needs(c, &u->needs);
	add_writable(u, c->repository);
	add_writable(u, c->state_dir);
	add_writable(u, c->spool);
	for (size_t i = 0; i < c->mirrors.n; i++)
		add_remote(u, &c->mirrors.v[i]);
	if (c->upstream)
		add_remote(u, c->upstream);
	for (size_t i = 0; i < c->gate.writable.n; i++)
		add_writable(u, c->gate.writable.v[i]);
	u->gate = *c->line_default.gate;
	for (size_t i = 0; i < c->overrides.n; i++)
		u->gate |= *c->overrides.v[i].conf.gate != '\0';
	u->memory = u->gate && c->gate.memory_total;
}

static bool is_below(const char *path, const char *dir)
{
	return !strncmp(path, dir, strlen(dir));
}

/* Does anything of it lie below one of these? */
static bool lies_in(const struct units *u, const char *const *dirs)
{
	bool is = false;

	for (; *dirs; dirs++) {
		for (size_t i = 0; i < u->writable.n; i++)
			is |= is_below(u->writable.v[i], *dirs);
		is |= (u->file && is_below(u->file, *dirs)) || is_below(u->exe, *dirs);
	}
	return is;
}

/* ---- the parts of a unit ---- */

static void add_paths(const struct units *u, struct xb_buf *b)
{
	for (size_t i = 0; i < u->writable.n; i++)
		xb_buf_addf(b, "ReadWritePaths=%s\n", u->writable.v[i]);
	if (u->needs.set_gid) {
		xb_buf_addf(b, "# The group that %s has: the service can't get it by that.\n",
			    u->needs.set_id);
		xb_buf_addf(b, "SupplementaryGroups=%s\n", u->needs.group);
		xb_buf_adds(b, "ReadWritePaths=-/var/spool/postfix\n");
	}
}

static void add_places(const struct units *u, struct xb_buf *b)
{
	static const char *const homes[] = {"/home/", "/root/", "/run/user/", NULL};
	static const char *const temporary[] = {"/tmp/", "/var/tmp/", NULL};

	xb_buf_adds(b, "\n# What it may write.\nProtectSystem=strict\n");
	xb_buf_addf(b, "ProtectHome=%s\n", lies_in(u, homes) ? "no" : "yes");
	xb_buf_addf(b, "PrivateTmp=%s\n", lies_in(u, temporary) ? "no" : "yes");
}

static void add_network(const struct units *u, struct xb_buf *b)
{
	if (!u->needs.who) {
		xb_buf_adds(b, "\n# No network; the socket is the one on which it tells systemd how it is.\n"
			       "PrivateNetwork=yes\nIPAddressDeny=any\nRestrictAddressFamilies=AF_UNIX\n");
		return;
	}
	xb_buf_addf(b, "\n# The network: for %s.\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n",
		    u->needs.who);
	if (!u->needs.beyond)
		xb_buf_adds(b, "IPAddressDeny=any\nIPAddressAllow=localhost\n");
}

/* A program that is set-user-id needs what nearly all other restrictions take from it. */
static bool is_bare(const struct units *u)
{
	return u->needs.set_id && !u->needs.set_gid;
}

static void add_bare(const struct units *u, struct xb_buf *b)
{
	xb_buf_addf(
	    b,
	    "\n# [mail] transport runs %s, which is set-user-id: most restrictions would take that from\n"
	    "# it. With transport = smtp://localhost all of them could be there.\nNoNewPrivileges=no\n",
	    u->needs.set_id);
}

static void add_strict(const struct units *u, struct xb_buf *b)
{
	xb_buf_adds(b,
		    "\n# No privilege and no device.\n"
		    "NoNewPrivileges=yes\nCapabilityBoundingSet=\nAmbientCapabilities=\nPrivateDevices=yes\n"
		    "PrivateMounts=yes\nRestrictRealtime=yes\nLockPersonality=yes\nRemoveIPC=yes\n"
		    "KeyringMode=private\nProtectKernelTunables=yes\nProtectKernelModules=yes\n"
		    "ProtectKernelLogs=yes\nProtectClock=yes\nProtectHostname=yes\n"
		    "SystemCallArchitectures=native\n");
	if (u->gate)
		xb_buf_adds(b,
			    "# The gate's sandbox is made of namespaces and mounts.\nRestrictNamespaces=no\n"
			    "SystemCallFilter=@system-service @mount capset\n");
	else
		xb_buf_adds(b, "RestrictNamespaces=yes\nMemoryDenyWriteExecute=yes\nProtectProc=invisible\n"
			       "ProcSubset=pid\nSystemCallFilter=@system-service\n"
			       "SystemCallFilter=~@privileged @resources\n");
	xb_buf_adds(b, "SystemCallErrorNumber=EPERM\n");
	if (u->memory)
		xb_buf_adds(b, "# The kernel bounds the memory of all that the gate starts (memory-total).\n"
			       "Delegate=memory pids\n");
	else
		xb_buf_adds(b, "ProtectControlGroups=yes\n");
}

static void add_sandbox(const struct units *u, struct xb_buf *b)
{
	add_places(u, b);
	if (is_bare(u)) {
		add_bare(u, b);
		return;
	}
	add_network(u, b);
	add_strict(u, b);
}

static void add_unit(const struct units *u, const char *what, const char *more, struct xb_buf *b)
{
	xb_buf_addf(b, "# Made by xsabot systemd for %s.\n[Unit]\nDescription=xsabot: %s\n",
		    u->file ? u->file : u->c->repository, what);
	xb_buf_adds(b, "Documentation=man:xsabot(1) man:xsabot(7)\n");
	if (u->needs.beyond)
		xb_buf_adds(b, "Wants=network-online.target\nAfter=network-online.target\n");
	xb_buf_adds(b, more);
}

static void add_secret(const struct units *u, struct xb_buf *b)
{
	const char *secret = u->c->mail.secret;

	if (u->c->mail.on && !strncmp(secret, "credential:", strlen("credential:")))
		xb_buf_addf(b,
			    "# The file, which root alone may read, is an "
			    "assumption.\nLoadCredential=%s:/etc/xsabot/%s\n",
			    secret + strlen("credential:"), secret + strlen("credential:"));
}

/* "-c FILE", or "-C REPOSITORY". */
static char *where(const struct units *u)
{
	return u->file ? xb_asprintf("-c %s", u->file) : xb_asprintf("-C %s", u->c->repository);
}

static void add_resident(const struct units *u, const char *options, const char *verb, struct xb_buf *b)
{
	xb_buf_addf(
	    b,
	    "\n[Service]\nType=notify\nUser=%s\nExecStart=%s %s %s\n"
	    "# A configuration that is wrong is said in the journal, and the old one stays in force.\n"
	    "ExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\nRestartSec=10\n"
	    "# Usage and configuration: starting again does not help.\n"
	    "RestartPreventExitStatus=64 78\n"
	    "# It says that it lives; where it hangs, it is started anew. It ends within eight seconds.\n"
	    "WatchdogSec=5min\nTimeoutStopSec=10\nNice=5\n",
	    u->user, u->exe, options, verb);
}

/* ---- units ---- */

static void watch_unit(const struct units *u, struct xb_buf *b)
{
	XB_AUTOFREE char *options = where(u),
			 *mounts = xb_asprintf("RequiresMountsFor=%s\n", u->c->repository);

	add_unit(u, "keep branches of releases and security fixes", mounts, b);
	add_resident(u, options, "watch", b);
	add_secret(u, b);
	add_sandbox(u, b);
	add_paths(u, b);
	xb_buf_adds(b, "\n[Install]\nWantedBy=multi-user.target\n");
}

/* For many repositories, whose configurations are beside this one; what differs is in a drop-in for each. */
static void template_unit(const struct units *u, struct xb_buf *b)
{
	XB_AUTOFREE char *dir = xb_dirname(u->file), *options = xb_asprintf("-c %s/%%i.conf", dir);

	add_unit(u, "keep branches of releases and security fixes of %i", "", b);
	add_resident(u, options, "watch", b);
	add_sandbox(u, b);
	xb_buf_adds(b, "\n[Install]\nWantedBy=multi-user.target\n");
}

static void drop_in(const struct units *u, struct xb_buf *b)
{
	xb_buf_addf(b,
		    "# Made by xsabot systemd for %s.\n[Unit]\nRequiresMountsFor=%s\n\n[Service]\nUser=%s\n",
		    u->file, u->c->repository, u->user);
	add_secret(u, b);
	add_paths(u, b);
}

static void run_unit(const struct units *u, struct xb_buf *b)
{
	XB_AUTOFREE char *options = where(u);
	XB_AUTOFREE char *more =
	    xb_asprintf("RequiresMountsFor=%s\n# However often pushes come: the pause below sets the "
			"pace.\nStartLimitIntervalSec=0\n",
			u->c->repository);

	add_unit(u, "keep branches of releases and security fixes", more, b);
	xb_buf_addf(b,
		    "\n[Service]\nType=oneshot\nUser=%s\n"
		    "# Pushes come in groups, and a mistake in the configuration must not spin.\n"
		    "ExecStartPre=/bin/sleep 2\nExecStart=%s -q %s run\n"
		    "# Something is blocked or held: said in the journal, and no failure of the service.\n"
		    "SuccessExitStatus=1\nTimeoutStartSec=%s\nNice=5\n",
		    u->user, u->exe, options, u->gate ? "6h" : "30min");
	add_secret(u, b);
	add_sandbox(u, b);
	add_paths(u, b);
}

static void timer_unit(const struct units *u, struct xb_buf *b)
{
	xb_buf_addf(b,
		    "# Made by xsabot systemd: rescan = %us.\n[Unit]\nDescription=xsabot: look at all lines "
		    "now and then\n"
		    "Documentation=man:xsabot(1)\n\n[Timer]\nOnBootSec=1min\nOnUnitInactiveSec=%us\n\n"
		    "[Install]\nWantedBy=timers.target\n",
		    u->c->rescan, u->c->rescan);
}

static void path_unit(const struct units *u, struct xb_buf *b)
{
	xb_buf_addf(b,
		    "# Made by xsabot systemd.\n[Unit]\nDescription=xsabot: wait for pushes\n"
		    "Documentation=man:xsabot(1) man:xsabot-post-receive(8)\n\n[Path]\n"
		    "DirectoryNotEmpty=%s/new\n\n[Install]\nWantedBy=paths.target\n",
		    u->c->spool);
}

static void relay_unit(const struct units *u, struct xb_buf *b)
{
	struct units r = *u;
	XB_AUTOFREE char *options = where(u);

	r.needs = (struct xb_needs){.who = "[relay]", .beyond = true};
	r.gate = r.memory = false;
	add_unit(&r, "send the events of pushes to the bot's host", "", b);
	add_resident(&r, options, "relay", b);
	add_sandbox(&r, b);
	add_paths(&r, b);
	xb_buf_adds(b, "\n[Install]\nWantedBy=multi-user.target\n");
}

/* ---- giving them ---- */

static struct xb_err *give(const struct units *u, const char *name,
			   void (*make)(const struct units *, struct xb_buf *))
{
	const char *dir = u->env->o.n_args ? u->env->o.args[0] : NULL;
	XB_AUTOFREE char *path = dir ? xb_asprintf("%s/%s", dir, name) : NULL;
	XB_AUTOFREE char *above = path ? xb_dirname(path) : NULL;
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	make(u, &b);
	if (!dir) {
		printf("# ---- /etc/systemd/system/%s\n%s", name, b.p);
		return NULL;
	}
	XB_TRY(xb_mkdirs(above, 0755));
	XB_TRY(xb_file_write(path, b.p, b.n, 0644));
	puts(path);
	return NULL;
}

static struct xb_err *give_template(const struct units *u)
{
	const char *slash = u->file ? strrchr(u->file, '/') : NULL;
	size_t n = slash ? strlen(slash + 1) : 0;
	XB_AUTOFREE char *name = NULL, *path = NULL;

	if (n <= 5 || strcmp(slash + 1 + n - 5, ".conf") != 0)
		return xb_err_new(XB_E_USAGE, "for a template the configuration is a file NAME.conf (-c)");
	name = xb_memdup0(slash + 1, n - 5);
	path = xb_asprintf("xsabot-watch@%s.service.d/xsabot.conf", name);
	XB_TRY(give(u, "xsabot-watch@.service", template_unit));
	return give(u, path, drop_in);
}

static struct xb_err *give_kind(const struct units *u, const char *kind)
{
	if (!strcmp(kind, "template"))
		return give_template(u);
	if (!strcmp(kind, "relay"))
		return give(u, "xsabot-relay.service", relay_unit);
	if (!strcmp(kind, "watch"))
		return give(u, "xsabot-watch.service", watch_unit);
	if (strcmp(kind, "timer") != 0)
		return xb_err_new(XB_E_USAGE, "--for=%s: it is watch, timer, template or relay", kind);
	XB_TRY(give(u, "xsabot.service", run_unit));
	XB_TRY(give(u, "xsabot.timer", timer_unit));
	return give(u, "xsabot.path", path_unit);
}

struct xb_err *xb_cmd_systemd(struct xb_env *env, bool *attention)
{
	XB_AUTO(release) struct units u = {.env = env, .c = env->config};

	(void)attention;
	if (!env->config->repository)
		return xb_err_new(XB_E_USAGE,
				  "which repository? Give -C REPO, or -c FILE with [repository] path");
	look(&u);
	return give_kind(&u, env->o.kind ? env->o.kind : *env->config->relay.host ? "relay" : "watch");
}
