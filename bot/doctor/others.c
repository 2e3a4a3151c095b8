/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only a visit shows: the mail server, mirrors and the upstream, the gate's sandbox. Each in a child, as
 * it may hang. */
#include "doctor.h"

#include "gate/cmdgate.h"
#include "mail/template.h"
#include "os/file.h"
#include "os/task.h"
#include "outbox/sender.h"
#include "remote/remote.h"
#include "remote/trust.h"
#include "repo/git.h"
#include "sandbox/cgroup.h"
#include "util/alloc.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { VISIT_S = 60 };

struct visit {
	const struct xb_doctor *d;
	const struct xb_remote_conf *remote;
};

/* Runs WORK in a child, for VISIT_S at most. */
static struct xb_err *in_child(struct xb_err *(*work)(const void *, bool *), struct visit *v)
{
	struct xb_task c = {.name = (char *)(uintptr_t) "doctor",
			    .kind = "doctor",
			    .seconds = VISIT_S,
			    .work = work,
			    .data = v};
	struct xb_child *child;
	bool attention = false;

	XB_TRY(xb_child_start(&c, -1, &child));
	while (!xb_child_ended(child) && !xb_child_expire(child, xb_now_ms())) {
		struct pollfd p = {.fd = child->pidfd, .events = POLLIN};
		int64_t left = child->deadline - xb_now_ms();

		poll(&p, 1, left > 0 ? (int)left : 0);
	}
	return xb_child_end(child, &attention);
}

static void tell(struct xb_doctor *d, struct xb_err *err, const char *what, char *remedy)
{
	if (err)
		xb_doctor_found(d, XB_FOUND_WRONG, XB_STEAL(remedy), "%s: %s", what, err->msg);
	else
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s", what);
	free(remedy);
	xb_err_free(err);
}

/* ---- mail ---- */

static struct xb_err *visit_server(const void *data, bool *attention)
{
	const struct visit *v = data;

	(void)attention;
	return xb_sender_probe(&v->d->config->mail);
}

static struct xb_err *check_program(const char *path)
{
	return access(path, X_OK) ? xb_err_sys(XB_E_CONFIG, errno, "%s", path) : NULL;
}

void xb_doctor_mail(struct xb_doctor *d)
{
	const struct xb_mail_conf *m = &d->config->mail;
	struct visit v = {.d = d};
	struct xb_err *err;

	if (!m->on) {
		xb_doctor_found(d, m->closed ? XB_FOUND_ADVICE : XB_FOUND_GOOD, NULL, "%s",
				m->closed ? "none: the repository is private, and [mail] is not marked so"
					  : "none is configured");
		return;
	}
	tell(d, xb_templates_check(m->templates), "templates", xb_strdup("mend the template"));
	tell(d, xb_sender_check(m), "the program that sends",
	     xb_strdup("install xsabot as a whole, and let the secret be its user's alone"));
	if (!strncmp(m->secret, "credential:", strlen("credential:")) && !getenv("CREDENTIALS_DIRECTORY")) {
		xb_doctor_found(d, XB_FOUND_UNKNOWN, NULL,
				"the server is not visited: its login is known to the service alone");
		return;
	}
	err = *m->transport == '/' ? check_program(m->transport) : in_child(visit_server, &v);
	tell(d, err, m->transport,
	     xb_strdup(
		 "check the host, the port, its certificate (ca) and the login (user, secret) of [mail]"));
}

/* ---- mirrors and the upstream ---- */

static struct xb_err *visit_remote(const void *data, bool *attention)
{
	const struct visit *v = data;
	XB_AUTOFREE char *home = xb_asprintf("%s/doctor", v->d->config->state_dir);
	XB_AUTOGIT(git_repository) *repo = NULL;
	struct xb_remote *r = NULL;
	struct xb_err *err;

	(void)attention;
	XB_TRY(xb_git_open(git_repository_path(v->d->repo), XB_GIT_AGAIN, &repo));
	err = xb_remote_open(v->remote, home, repo, XB_REMOTE_PUSH, &r);
	xb_remote_free(r);
	xb_tempdir_remove(home);
	return err;
}

static void check_remote(struct xb_doctor *d, const struct xb_remote_conf *r)
{
	bool up = r == d->config->upstream;
	XB_AUTOFREE char *what = xb_asprintf("%s%s at %s", up ? "" : "mirror ", r->name, r->url);
	struct visit v = {.d = d, .remote = r};
	struct xb_err *err;

	if (!up && d->config->is_private && !r->is_private) {
		xb_doctor_found(d, XB_FOUND_ADVICE,
				xb_strdup("private = yes in its section, if it is to have it"),
				"%s gets nothing: the repository is private", what);
		return;
	}
	err = xb_trust_check(r);
	if (!err)
		err = in_child(visit_remote, &v);
	tell(d, err, what, xb_strdup("README, Mirrors, says how a host's key and a login are set up"));
}

void xb_doctor_remotes(struct xb_doctor *d)
{
	const struct xb_config *c = d->config;

	if (c->upstream)
		check_remote(d, c->upstream);
	for (size_t i = 0; i < c->mirrors.n; i++)
		check_remote(d, &c->mirrors.v[i]);
	if (!c->upstream && !c->mirrors.n)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "none is configured");
}

/* ---- the gate ---- */

static void check_command(struct xb_doctor *d, const char *command)
{
	XB_AUTOFREE char *why_not = NULL, *no_sandbox = NULL;
	struct xb_err *err = xb_cmdgate_probe(d->config, d->repo, command, &why_not, &no_sandbox);

	if (err || why_not)
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("see command in xsabot.conf(5)"),
				"%s could not be started: %s", command, err ? err->msg : why_not);
	if (no_sandbox)
		xb_doctor_found(
		    d, d->config->gate.sandbox == XB_SANDBOX_REQUIRE ? XB_FOUND_WRONG : XB_FOUND_ADVICE,
		    xb_strdup("see sandbox in xsabot.conf(5)"), "there can be no sandbox here: %s",
		    no_sandbox);
	if (!err && !why_not && !no_sandbox)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "%s could be started%s", command,
				d->config->gate.sandbox == XB_SANDBOX_NO ? ", without a sandbox"
									 : " in a sandbox");
	xb_err_free(err);
}

static void check_memory(struct xb_doctor *d)
{
	XB_AUTOFREE char *why = NULL;
	struct xb_cgroup *g;

	if (!d->config->gate.memory_total)
		return;
	g = xb_cgroup_make("doctor", d->config->gate.memory_total, 1, &why);
	if (g)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "memory-total is kept by a cgroup");
	else
		xb_doctor_found(d, XB_FOUND_ADVICE,
				xb_strdup("in the service: Delegate=memory pids (xsabot systemd prints it)"),
				"memory-total can't be kept by a cgroup from here: %s", why ? why : "?");
	xb_cgroup_end(g);
}

void xb_doctor_gate(struct xb_doctor *d)
{
	const struct xb_config *c = d->config;
	size_t before = d->found.n;

	if (*c->line_default.gate)
		check_command(d, c->line_default.gate);
	for (size_t i = 0; i < c->overrides.n; i++)
		if (*c->overrides.v[i].conf.gate &&
		    strcmp(c->overrides.v[i].conf.gate, c->line_default.gate) != 0)
			check_command(d, c->overrides.v[i].conf.gate);
	if (d->found.n > before)
		check_memory(d);
	else
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "none is configured");
}
