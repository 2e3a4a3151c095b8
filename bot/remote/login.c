/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login.h"

#include "odb/git.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct xb_err *xb_login_check(const char *path)
{
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return xb_err_sys(XB_E_CONFIG, errno, "cannot read the key %s", path);
	if (!S_ISREG(st.st_mode))
		return xb_err_new(XB_E_CONFIG, "the key %s is no file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return xb_err_new(XB_E_CONFIG, "the key %s belongs to another user", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return xb_err_new(XB_E_CONFIG, "others can read the key %s: chmod 600 it", path);
	return NULL;
}

struct xb_err *xb_login_password(const char *path, git_credential **out)
{
	enum { MAX = 4096 };
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	char *colon;
	int rc;

	XB_TRY(xb_file_read(path, MAX, &text));
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
