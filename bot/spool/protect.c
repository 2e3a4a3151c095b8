/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protect.h"

#include "config/ownrefs.h"
#include "hooks/protected.h"
#include "util/alloc.h"
#include "util/file.h"

#include <pwd.h>
#include <string.h>

static struct xb_err *add_account(const struct xb_config *c, struct xb_buf *b)
{
	const char *name = c->account;
	const struct passwd *pw;

	if (*c->account_environment)
		xb_buf_addf(b, "env %s\n", c->account_environment);
	if (!*name)
		return NULL;
	if (strspn(name, "0123456789") == strlen(name)) {
		xb_buf_addf(b, "uid %s\n", name);
		return NULL;
	}
	pw = getpwnam(name);
	if (!pw)
		return xb_err_new(XB_E_CONFIG, "[repository] account: there is no account %s here", name);
	xb_buf_addf(b, "uid %lu\n", (unsigned long)pw->pw_uid);
	return NULL;
}

/* Lines to come, as far as their names are numbers: the pattern up to its first placeholder, which ends it.
 */
static void add_numbers(const char *pattern, const char *end, struct xb_buf *b)
{
	const char *at = strstr(pattern, end);

	if (at && !at[strlen(end)])
		xb_buf_addf(b, "numbers %.*s\n", (int)(at - pattern), pattern);
}

static void add_refs(const struct xb_config *c, const struct xb_targets *targets, struct xb_buf *b)
{
	for (size_t i = 0; i < XB_REF_KINDS; i++) {
		const struct xb_ref_role *r = xb_ref_role((enum xb_ref_kind)i);
		bool many = r->name[strlen(r->name) - 1] == '/';

		if (r->writer == XB_WRITES_BOT)
			xb_buf_addf(b, "%s %s\n", many ? "below" : "ref", r->name);
	}
	add_numbers(c->line_default.derived, "{line}", b);
	add_numbers(c->line_default.derived_release, "{line}.{n}", b);
	for (size_t i = 0; i < targets->n; i++)
		xb_buf_addf(b, "ref %s\n", targets->v[i].derived_ref);
}

struct xb_err *xb_protect_write(const struct xb_config *c, const struct xb_targets *targets)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/protected", c->state_dir);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT, now = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *unreadable = xb_file_read(path, XB_PROTECTED_MAX, &now);

	xb_buf_adds(&text, XB_PROTECTED_MAGIC);
	XB_TRY(add_account(c, &text));
	add_refs(c, targets, &text);
	xb_buf_adds(&text, "end\n");
	if (!unreadable && now.n == text.n && !memcmp(now.p, text.p, text.n))
		return NULL;
	return xb_file_write(path, text.p, text.n, 0444);
}
