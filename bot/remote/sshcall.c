/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sshcall.h"

#include "known-hosts.h"
#include "trust.h"
#include "os/file.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_KNOWN_HOSTS = 1 << 20 };

struct xb_ssh {
	const struct xb_relay_conf *conf;
	int fd;
	LIBSSH2_SESSION *session;
};

/* "WHAT: the library's text", copied at once. */
static struct xb_err *err_ssh(enum xb_code code, const struct xb_ssh *s, const char *what)
{
	char *text = NULL;
	int len = 0, rc = libssh2_session_last_error(s->session, &text, &len, 0);

	return xb_err_new(code, "%s, port %u: %s: %.*s (%d)", s->conf->host, s->conf->port, what,
			  text ? len : 7, text ? text : "no text", rc);
}

/* ---- the connection ---- */

static int finish_connect(int fd, unsigned seconds)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0, n;
	socklen_t len = sizeof error;

	do
		n = poll(&p, 1, (int)(seconds * 1000));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? errno : ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? errno : error;
}

/* 0 and *OUT a connected socket that blocks, or an errno. */
static int connect_to(const struct addrinfo *a, unsigned seconds, int *out)
{
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol), error;

	if (fd < 0)
		return errno;
	error = connect(fd, a->ai_addr, a->ai_addrlen) ? errno : 0;
	if (error == EINPROGRESS)
		error = finish_connect(fd, seconds);
	if (!error && fcntl(fd, F_SETFL, 0))
		error = errno;
	if (error)
		close(fd);
	else
		*out = fd;
	return error;
}

static struct xb_err *reach(struct xb_ssh *s)
{
	const struct xb_relay_conf *c = s->conf;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all = NULL;
	XB_AUTOFREE char *port = xb_asprintf("%u", c->port);
	int rc = getaddrinfo(c->host, port, &hints, &all), error = ENOENT;

	if (rc)
		return xb_err_new(XB_E_TEMP, "%s: no address: %s", c->host, gai_strerror(rc));
	for (const struct addrinfo *a = all; a && error; a = a->ai_next)
		error = connect_to(a, c->timeout, &s->fd);
	freeaddrinfo(all);
	return error ? xb_err_sys(XB_E_TEMP, error, "cannot reach %s, port %u", c->host, c->port) : NULL;
}

/* ---- the host's key ---- */

/* The kinds of keys in LINES, best first, in libssh2's form. */
static char *kinds_of(const char *lines)
{
	static const char *const kinds[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
					    "ecdsa-sha2-nistp521"};
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		XB_AUTOFREE char *word = xb_asprintf(" %s ", kinds[i]);

		if (strstr(lines, word))
			xb_buf_addf(&out, "%s%s", out.n ? "," : "", kinds[i]);
	}
	return xb_buf_detach(&out);
}

static struct xb_err *not_known(const struct xb_relay_conf *c, const char *why)
{
	return xb_err_new(XB_E_CONFIG, "%s, port %u: its host key %s %s; nothing was sent", c->host, c->port,
			  why, c->known_hosts);
}

static struct xb_err *read_known(const struct xb_ssh *s, struct xb_buf *lines)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	XB_TRY(xb_file_read(s->conf->known_hosts, MAX_KNOWN_HOSTS, &text));
	if (!xb_known_hosts_filter(text.p ? text.p : "", text.n, s->conf->host, s->conf->port, lines))
		return xb_err_new(XB_E_CONFIG, "%s has no Ed25519 or ECDSA key of %s, port %u",
				  s->conf->known_hosts, s->conf->host, s->conf->port);
	return NULL;
}

/* LINES are those of this host and port alone, each with one plain name: of each the key is compared. */
static struct xb_err *check_key(const struct xb_ssh *s, const struct xb_buf *lines)
{
	size_t len;
	int type, check = LIBSSH2_KNOWNHOST_CHECK_NOTFOUND;
	const char *key = libssh2_session_hostkey(s->session, &len, &type);

	if (!key)
		return err_ssh(XB_E_TEMP, s, "it showed no key");
	for (const char *p = lines->p; *p && check != LIBSSH2_KNOWNHOST_CHECK_MATCH;) {
		LIBSSH2_KNOWNHOSTS *known = libssh2_knownhost_init(s->session);
		size_t n = strcspn(p, "\n");

		n += p[n] == '\n'; /* which libssh2 looks at, whether it is counted or not */
		if (!known)
			return err_ssh(XB_E_TEMP, s, "cannot check its key");
		if (!libssh2_knownhost_readline(known, p, n, LIBSSH2_KNOWNHOST_FILE_OPENSSH))
			check = libssh2_knownhost_checkp(
			    known, s->conf->host, (int)s->conf->port, key, len,
			    LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW, NULL);
		libssh2_knownhost_free(known);
		p += n;
	}
	return check == LIBSSH2_KNOWNHOST_CHECK_MATCH ? NULL : not_known(s->conf, "is not the one in");
}

static struct xb_err *shake_hands(struct xb_ssh *s)
{
	XB_AUTOBUF struct xb_buf known = XB_BUF_INIT;
	XB_AUTOFREE char *kinds = NULL;

	XB_TRY(read_known(s, &known));
	kinds = kinds_of(known.p);
	if (libssh2_session_method_pref(s->session, LIBSSH2_METHOD_HOSTKEY, kinds))
		return err_ssh(XB_E_INTERNAL, s, "cannot choose the kind of its key");
	if (libssh2_session_handshake(s->session, s->fd))
		return err_ssh(XB_E_TEMP, s, "no handshake");
	return check_key(s, &known);
}

/* ---- logging in ---- */

static struct xb_err *log_in(struct xb_ssh *s)
{
	const struct xb_relay_conf *c = s->conf;
	int rc;

	XB_TRY(xb_file_secret(c->key, "the key", NULL));
	rc = libssh2_userauth_publickey_fromfile(s->session, c->user, NULL, c->key, NULL);
	if (!rc)
		return NULL;
	if (rc == LIBSSH2_ERROR_FILE || rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED ||
	    rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED)
		return xb_err_wrap(err_ssh(XB_E_CONFIG, s, "no login"), "the key %s of %s", c->key, c->user);
	return err_ssh(XB_E_TEMP, s, "no login");
}

static struct xb_err *open_session(struct xb_ssh *s)
{
	XB_TRY(reach(s));
	s->session = libssh2_session_init();
	if (!s->session)
		return xb_err_new(XB_E_INTERNAL, "cannot begin an ssh session");
	libssh2_session_set_blocking(s->session, 1);
	libssh2_session_set_timeout(s->session, (long)s->conf->timeout * 1000);
	XB_TRY(shake_hands(s));
	return log_in(s);
}

struct xb_err *xb_ssh_open(const struct xb_relay_conf *conf, struct xb_ssh **out)
{
	XB_AUTOPTR(xb_ssh) *s = xb_calloc(1, sizeof *s);

	*out = NULL;
	s->conf = conf;
	s->fd = -1;
	if (libssh2_init(0))
		return xb_err_new(XB_E_INTERNAL, "cannot start libssh2");
	XB_TRY(open_session(s));
	*out = XB_STEAL(s);
	return NULL;
}

/* Whether the other side hears our goodbye is not waited for: the socket is closed. */
void xb_ssh_free(struct xb_ssh *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RDWR);
	if (s->session)
		libssh2_session_free(s->session);
	xb_closep(&s->fd);
	free(s);
}

/* ---- calling ---- */

static struct xb_err *write_input(struct xb_ssh *s, LIBSSH2_CHANNEL *ch, const char *p, size_t n)
{
	while (n) {
		ssize_t w = libssh2_channel_write(ch, p, n);

		if (w <= 0)
			return err_ssh(XB_E_TEMP, s, "cannot send");
		p += w;
		n -= (size_t)w;
	}
	if (libssh2_channel_send_eof(ch))
		return err_ssh(XB_E_TEMP, s, "cannot send");
	return NULL;
}

static struct xb_err *read_stream(struct xb_ssh *s, LIBSSH2_CHANNEL *ch, int stream, struct xb_buf *out)
{
	char chunk[1024];
	ssize_t r;

	while ((r = libssh2_channel_read_ex(ch, stream, chunk, sizeof chunk)) > 0) {
		size_t room = XB_SSH_MAX_ANSWER - out->n;

		xb_buf_add(out, chunk, (size_t)r < room ? (size_t)r : room);
	}
	return r ? err_ssh(XB_E_TEMP, s, "no answer") : NULL;
}

static struct xb_err *talk(struct xb_ssh *s, LIBSSH2_CHANNEL *ch, const void *p, size_t n, struct xb_buf *out,
			   struct xb_buf *said, int *status)
{
	XB_TRY(write_input(s, ch, p, n));
	XB_TRY(read_stream(s, ch, 0, out));
	XB_TRY(read_stream(s, ch, SSH_EXTENDED_DATA_STDERR, said));
	/* The status comes before the other side closes. */
	if (libssh2_channel_close(ch) || libssh2_channel_wait_closed(ch))
		return err_ssh(XB_E_TEMP, s, "no end");
	*status = libssh2_channel_get_exit_status(ch);
	return NULL;
}

struct xb_err *xb_ssh_call(struct xb_ssh *s, const char *command, const void *p, size_t n, struct xb_buf *out,
			   struct xb_buf *said, int *status)
{
	LIBSSH2_CHANNEL *ch = libssh2_channel_open_session(s->session);
	struct xb_err *err = NULL;

	*status = -1;
	if (!ch)
		return err_ssh(XB_E_TEMP, s, "no channel");
	if (libssh2_channel_exec(ch, command))
		err = err_ssh(XB_E_TEMP, s, "no command");
	if (!err)
		err = talk(s, ch, p, n, out, said, status);
	libssh2_channel_free(ch);
	return err;
}
