/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust.h"
#include "remote-impl.h"
#include "silence.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <openssl/evp.h>
#include <string.h>

/* The other side unpacks and runs its hooks before it answers. */
#define ANSWER_FACTOR 10

static int give_up(struct xb_remote *r, char *why)
{
	free(r->why);
	r->why = why;
	git_error_set_str(GIT_ERROR_CALLBACK, why);
	return GIT_EUSER;
}

/* Called again and again as long as what it gives is refused. */
static int on_login(git_credential **out, const char *url, const char *user, unsigned allowed, void *payload)
{
	struct xb_remote *r = payload;
	XB_AUTOERR struct xb_err *err = NULL;
	bool https = r->url.kind == XB_URL_HTTPS;

	(void)url;
	if (allowed & GIT_CREDENTIAL_USERNAME)
		return git_credential_username_new(out, "git");
	if (r->logins++)
		return give_up(r, xb_asprintf("it refuses the login with %s%s", r->conf->key,
					      https ? "" : " (an Ed25519 key works best; RSA does not)"));
	if (https && !*r->conf->key)
		return give_up(r, xb_strdup("it asks for a login, and no key is configured"));
	if (https && (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)) {
		err = xb_login_password(r->conf->key, out);
		return err ? give_up(r, xb_strdup(err->msg)) : 0;
	}
	if (!https && (allowed & GIT_CREDENTIAL_SSH_KEY))
		return git_credential_ssh_key_new(out, user && *user ? user : "git", NULL, r->conf->key,
						  NULL);
	return give_up(r, xb_strdup("it wants another kind of login than a key"));
}

char *xb_remote_shown(const char *text)
{
	struct xb_buf b = XB_BUF_INIT;
	size_t n = strlen(text);

	xb_vis(&b, text, n < XB_SAID_MAX ? n : XB_SAID_MAX, 0);
	return xb_buf_detach(&b);
}

/* Remembers what was offered, for the message; the library's verdict stands. */
static int on_certificate(git_cert *cert, int valid, const char *host, void *payload)
{
	const git_cert_hostkey *key = (const git_cert_hostkey *)(const void *)cert;
	struct xb_remote *r = payload;
	unsigned char text[64];

	(void)valid;
	(void)host;
	if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2 && (key->type & GIT_CERT_SSH_SHA256)) {
		EVP_EncodeBlock(text, key->hash_sha256, sizeof key->hash_sha256);
		free(r->fingerprint);
		r->fingerprint = xb_asprintf("SHA256:%.43s", (const char *)text); /* as ssh-keygen -l */
	}
	return GIT_PASSTHROUGH;
}

static int on_words(const char *text, int len, void *payload)
{
	struct xb_remote *r = payload;
	size_t n = len > 0 ? (size_t)len : 0;

	xb_silence_over(r->conf->timeout);
	if (r->said.n < XB_SAID_MAX)
		xb_buf_add(&r->said, text, n < XB_SAID_MAX - r->said.n ? n : XB_SAID_MAX - r->said.n);
	return 0;
}

static int on_pack(int stage, uint32_t current, uint32_t total, void *payload)
{
	const struct xb_remote *r = payload;

	(void)stage;
	(void)current;
	(void)total;
	xb_silence_over(r->conf->timeout);
	return 0;
}

static int on_upload(unsigned current, unsigned total, size_t bytes, void *payload)
{
	const struct xb_remote *r = payload;

	(void)bytes;
	xb_silence_over(current < total ? r->conf->timeout : r->conf->timeout * ANSWER_FACTOR);
	return 0;
}

static int on_download(const git_indexer_progress *stats, void *payload)
{
	const struct xb_remote *r = payload;

	(void)stats;
	xb_silence_over(r->conf->timeout);
	return 0;
}

/* The last look before anything is sent: both ends of each move are what was decided on. */
static int on_negotiation(const git_push_update **updates, size_t n, void *payload)
{
	struct xb_remote *r = payload;

	for (size_t i = 0; i < n; i++) {
		const git_push_update *u = updates[i];
		const struct xb_push *p = i < r->n_push ? &r->push[i] : NULL;

		/* src is what the other side has, dst what we have. */
		if (!p || strcmp(u->dst_refname, p->ref) != 0 || !git_oid_equal(&u->src, &p->from) ||
		    !git_oid_equal(&u->dst, &p->to))
			return give_up(r, xb_asprintf("%s moved meanwhile", u->dst_refname));
	}
	return n == r->n_push ? 0 : give_up(r, xb_strdup("a ref moved meanwhile"));
}

static int on_status(const char *ref, const char *status, void *payload)
{
	struct xb_remote *r = payload;

	for (size_t i = 0; i < r->n_push; i++) {
		struct xb_push *p = &r->push[i];

		if (strcmp(p->ref, ref) != 0)
			continue;
		p->done = !status;
		free(p->refused);
		p->refused = status ? xb_remote_shown(status) : NULL;
	}
	return 0;
}

/* libgit2 gives its transport callback the payload of all; what it needs is in there. */
static int on_transport(git_transport **out, git_remote *owner, void *payload)
{
	struct xb_remote *r = payload;

	return xb_local_transport(out, owner, &r->local);
}

void xb_remote_set_callbacks(struct xb_remote *r)
{
	git_remote_callbacks c;

	/* This and its like in remote.c fail for a version that is none only. */
	git_remote_init_callbacks(&c, GIT_REMOTE_CALLBACKS_VERSION);
	c.payload = r;
	c.credentials = on_login;
	c.certificate_check = on_certificate;
	c.sideband_progress = on_words;
	c.transfer_progress = on_download;
	c.pack_progress = on_pack;
	c.push_transfer_progress = on_upload;
	c.push_negotiation = on_negotiation;
	c.push_update_reference = on_status;
	if (r->url.kind == XB_URL_PATH)
		c.transport = on_transport;
	r->callbacks = c;
}
