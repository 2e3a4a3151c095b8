/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust.h"

#include "known-hosts.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files with secrets ---- */

struct xb_err *xb_login_password(const char *path, git_credential **out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	char *colon;
	int rc;

	XB_TRY(xb_file_secret(path, "the key", &text));
	xb_buf_addc(&text, '\0');
	text.p[strcspn(text.p, "\r\n")] = '\0';
	colon = strchr(text.p, ':');
	if (!colon)
		return xb_err_new(XB_E_CONFIG, "%s does not have USER:PASSWORD in its first line", path);
	*colon = '\0';
	rc = git_credential_userpass_plaintext_new(out, text.p, colon + 1);
	explicit_bzero(text.p, text.n);
	return rc ? xb_err_git(XB_E_CONFIG, rc, "cannot log in") : NULL;
}

/* The lines of the file that are good for U's host. */
static struct xb_err *read_known_hosts(const char *file, const struct xb_url *u, struct xb_buf *out)
{
	enum { MAX = 1 << 20 };
	XB_AUTOBUF struct xb_buf all = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(file, MAX, &all);

	if (err) {
		err->code = XB_E_CONFIG;
		return err;
	}
	if (xb_known_hosts_filter(all.p ? all.p : "", all.n, u->host, u->port, out))
		return NULL;
	return xb_err_new(XB_E_CONFIG,
			  "%s has no Ed25519 or ECDSA key of %s: see ssh-keyscan -t ed25519 -p %u %s, "
			  "and check what it gives",
			  file, u->host, u->port, u->host);
}

static struct xb_err *write_known_hosts(const struct xb_remote_conf *conf, const struct xb_url *u,
					const char *home)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/.ssh/known_hosts", home);
	XB_AUTOBUF struct xb_buf ours = XB_BUF_INIT;

	XB_TRY(read_known_hosts(conf->known_hosts, u, &ours));
	return xb_file_write(path, ours.p, ours.n, 0600);
}

static struct xb_err *set_ca(const char *ca)
{
	int rc = git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, ca, NULL);

	return rc ? xb_err_git(XB_E_CONFIG, rc, "cannot use the certificates of %s", ca) : NULL;
}

struct xb_err *xb_trust_set(const struct xb_remote_conf *conf, const struct xb_url *u, const char *home)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/.ssh", home);

	XB_TRY(xb_mkdirs(dir, 0700));
	if (*conf->key)
		XB_TRY(xb_file_secret(conf->key, "the key", NULL));
	if (*conf->ca)
		return set_ca(conf->ca);
	return u->kind == XB_URL_SSH ? write_known_hosts(conf, u, home) : NULL;
}

struct xb_err *xb_trust_check(const struct xb_remote_conf *conf)
{
	XB_AUTOBUF struct xb_buf hosts = XB_BUF_INIT;
	struct xb_url u;
	struct xb_err *err = *conf->key ? xb_file_secret(conf->key, "the key", NULL) : NULL;

	free(xb_url_parse(conf->url, &u)); /* the configuration was checked */
	if (!err && *conf->ca && access(conf->ca, R_OK))
		err = xb_err_sys(XB_E_CONFIG, errno, "cannot read %s", conf->ca);
	if (!err && u.kind == XB_URL_SSH)
		err = read_known_hosts(conf->known_hosts, &u, &hosts);
	xb_url_release(&u);
	return err ? xb_err_wrap(err, "%s", conf->name) : NULL;
}
