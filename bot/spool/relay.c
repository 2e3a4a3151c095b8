/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay.h"

#include "hooks/event.h"
#include "remote/sshcall.h"
#include "places.h"
#include "spool.h"
#include "util/bytes.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* The other host's key file says what runs; this is for its log, and for one that says nothing. */
#define COMMAND "xsabot receive-event"
#define ANSWER "ok\n"

enum { SILENCE_MS = 60 * 1000 };

struct relay {
	const struct xb_config *config;
	struct xb_spool *spool;
	struct xb_ssh *ssh;
};

static struct xb_err *send_event(struct relay *r)
{
	XB_AUTOBUF struct xb_buf answer = XB_BUF_INIT, said = XB_BUF_INIT;
	int status;

	XB_TRY(xb_ssh_open(&r->config->relay, &r->ssh));
	XB_TRY(xb_ssh_call(r->ssh, COMMAND, XB_EVENT, strlen(XB_EVENT), &answer, &said, &status));
	if (!status && answer.n == strlen(ANSWER) && !memcmp(answer.p, ANSWER, answer.n))
		return NULL;
	return xb_err_new(XB_E_TEMP, "%s did not take an event: status %d: %.*s", r->config->relay.host,
			  status, said.n < 200 ? (int)said.n : 200, said.n ? said.p : "");
}

/* However many there are, one that stands for them says the same. */
static struct xb_err *drain_and_send(struct relay *r, size_t *sent)
{
	XB_AUTOBATCH struct xb_spool_batch batch = {0};

	XB_TRY(xb_spool_drain(r->spool, &batch));
	if (!batch.files.n)
		return NULL;
	XB_TRY(send_event(r));
	XB_TRY(xb_spool_done(r->spool, &batch));
	*sent = batch.files.n;
	return NULL;
}

struct xb_err *xb_relay_send(const struct xb_config *c, size_t *sent)
{
	struct relay r = {.config = c};
	struct xb_err *err;

	*sent = 0;
	XB_TRY(xb_places_of(c));
	err = xb_spool_open(c->spool, false, &r.spool);
	if (!err)
		err = drain_and_send(&r, sent);
	xb_ssh_free(r.ssh);
	xb_spool_free(r.spool);
	return err;
}

/* ---- the other end ---- */

static struct xb_err *read_event(int fd, struct xb_buf *out)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char chunk[16384];

	while (out->n <= XB_EVENT_MAX_SIZE) {
		int n = poll(&p, 1, SILENCE_MS);
		ssize_t r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return xb_err_new(XB_E_TEMP, "the event does not come to its end");
		r = read(fd, chunk, sizeof chunk);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return xb_err_sys(XB_E_IO, errno, "cannot read the event");
		if (!r)
			return NULL;
		xb_buf_add(out, chunk, (size_t)r);
	}
	return xb_err_new(XB_E_HOSTILE, "no event is longer than %d bytes", XB_EVENT_MAX_SIZE);
}

struct xb_err *xb_relay_receive(const struct xb_config *c, int fd)
{
	XB_AUTOBUF struct xb_buf event = XB_BUF_INIT;

	XB_TRY(read_event(fd, &event));
	if (!xb_begins(event.p, event.n, XB_EVENT_WORD) || event.p[event.n - 1] != '\n')
		return xb_err_new(XB_E_HOSTILE, "the %zu bytes of input are no event of a hook", event.n);
	XB_TRY(xb_places_of(c));
	return xb_spool_post(c->spool);
}
