/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where another repository is: a path on this machine, ssh or https. Few forms
 * and few characters are taken, because a path ends up on a command line at the
 * other side, and a name in files and messages. No secret stands in it.
 */
#ifndef XB_URL_H
#define XB_URL_H

enum xb_url_kind { XB_URL_PATH, XB_URL_SSH, XB_URL_HTTPS };

struct xb_url {
	enum xb_url_kind kind;
	char *user;    /* NULL: not given */
	char *host;    /* NULL for a path */
	unsigned port; /* 0 for a path */
	char *path;    /* begins with a slash */
};

/*
 * Takes TEXT apart: /PATH, file:///PATH, ssh://[USER@]HOST[:PORT]/PATH,
 * https://HOST[:PORT]/PATH. NULL, or an owned text that says what is wrong; OUT
 * is the caller's in each case: xb_url_release.
 */
char *xb_url_parse(const char *text, struct xb_url *out);
void xb_url_release(struct xb_url *u);

#endif
