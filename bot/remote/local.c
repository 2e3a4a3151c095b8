/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "local.h"

#include "os/file.h"
#include "os/spawn.h"
#include "repo/modes.h"
#include "util/alloc.h"

#include <errno.h>
#include <git2/sys/transport.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct local {
	git_smart_subtransport parent;
	struct stream *stream; /* the one conversation; the smart transport frees it */
	struct xb_local *conf;
};

struct stream {
	git_smart_subtransport_stream parent;
	int fd;
	pid_t pid;
};

/* A struct is the first member's too: libgit2 hands back the address of that. */
static struct stream *stream_of(git_smart_subtransport_stream *s)
{
	return (struct stream *)s;
}

static struct local *local_of(git_smart_subtransport *t)
{
	return (struct local *)t;
}

static int on_read(git_smart_subtransport_stream *s, char *buffer, size_t size, size_t *n)
{
	ssize_t got;

	do
		got = recv(stream_of(s)->fd, buffer, size, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		git_error_set_str(GIT_ERROR_OS, "cannot read from git");
		return -1;
	}
	*n = (size_t)got;
	return 0;
}

static int on_write(git_smart_subtransport_stream *s, const char *buffer, size_t len)
{
	/* One that ends while it is sent to has said why: what it said is read next. */
	if (!xb_write_all(stream_of(s)->fd, buffer, len) || errno == EPIPE || errno == ECONNRESET)
		return 0;
	git_error_set_str(GIT_ERROR_OS, "git ended early");
	return -1;
}

static void on_free_stream(git_smart_subtransport_stream *s)
{
	struct stream *st = stream_of(s);

	local_of(s->subtransport)->stream = NULL;
	close(st->fd); /* a conversation that was over, or is given up */
	xb_spawn_wait(st->pid);
	free(st);
}

/* What git makes there is for whoever is served from there, whatever our own umask says. */
static void set_umask(const void *data)
{
	const char *path = data;
	XB_AUTOFREE char *bare = xb_asprintf("%s/refs", path), *inner = xb_asprintf("%s/.git/refs", path);
	struct xb_modes modes;

	if (xb_modes_like(bare, &modes) || xb_modes_like(inner, &modes))
		xb_modes_enter(&modes);
}

/* As behind ssh it outlives us: killed with our group in the middle, it would leave locks there. */
static struct xb_err *run_git(const struct local *t, const char *service, int fd, pid_t *pid)
{
	const char *path = getenv("PATH");
	XB_AUTOFREE char *path_env = xb_asprintf("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin");
	XB_AUTOFREE char *home_env = xb_asprintf("HOME=%s", t->conf->home);
	char lang[] = "LC_ALL=C", git[] = "git";
	XB_AUTOFREE char *verb = xb_strdup(service), *dir = xb_strdup(t->conf->path);
	char *argv[] = {git, verb, dir, NULL}, *env[] = {path_env, home_env, lang, NULL};

	return xb_spawn(&(struct xb_spawn){.argv = argv,
					   .env = env,
					   .in = fd,
					   .out = fd,
					   .err = t->conf->said,
					   .session = true,
					   .last = set_umask,
					   .data = t->conf->path},
			pid);
}

static int start(struct local *t, const char *service)
{
	XB_AUTOERR struct xb_err *err = NULL;
	int fds[2];
	pid_t pid;

	if (t->conf->said < 0)
		t->conf->said = memfd_create("xsabot-git-stderr", MFD_CLOEXEC);
	if (t->conf->said < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		git_error_set_str(GIT_ERROR_OS, "cannot make a socket");
		return -1;
	}
	err = run_git(t, service, fds[1], &pid);
	close(fds[1]);
	if (err) {
		close(fds[0]);
		git_error_set_str(GIT_ERROR_OS, "cannot make a process");
		return -1;
	}
	t->stream = xb_calloc(1, sizeof *t->stream);
	*t->stream = (struct stream){
	    .parent = {&t->parent, on_read, on_write, on_free_stream}, .fd = fds[0], .pid = pid};
	return 0;
}

static int on_action(git_smart_subtransport_stream **out, git_smart_subtransport *sub, const char *url,
		     git_smart_service_t action)
{
	struct local *t = local_of(sub);
	bool receive = action == GIT_SERVICE_RECEIVEPACK_LS || action == GIT_SERVICE_RECEIVEPACK;

	(void)url; /* the path was taken from it */
	if (!t->stream && start(t, receive ? "receive-pack" : "upload-pack"))
		return -1;
	*out = &t->stream->parent;
	return 0;
}

static int on_close(git_smart_subtransport *sub)
{
	(void)sub;
	return 0;
}

static void on_free(git_smart_subtransport *sub)
{
	free(local_of(sub));
}

static int make(git_smart_subtransport **out, git_transport *owner, void *param)
{
	struct local *t = xb_calloc(1, sizeof *t);

	(void)owner;
	*t = (struct local){.parent = {on_action, on_close, on_free}, .conf = param};
	*out = &t->parent;
	return 0;
}

int xb_local_transport(git_transport **out, git_remote *owner, void *payload)
{
	git_smart_subtransport_definition definition = {make, 0, payload};

	return git_transport_smart(out, owner, &definition);
}
