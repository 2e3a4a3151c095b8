/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice.h"

#include "refs/ownrefs.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>
#include <unistd.h>

#define NOTES "refs/notes/"

char *xb_advice_quoted(const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-+,:=@%";
	struct xb_buf b = XB_BUF_INIT;

	if (*word && !word[strspn(word, plain)])
		return xb_strdup(word);
	xb_buf_addc(&b, '\'');
	for (const char *s = word; *s; s++) {
		if (*s == '\'')
			xb_buf_adds(&b, "'\\'");
		xb_buf_addc(&b, *s);
	}
	xb_buf_addc(&b, '\'');
	return xb_buf_detach(&b);
}

char *xb_advice_options(const struct xb_config *c)
{
	XB_AUTOFREE char *cwd = !c->file || *c->file == '/' ? NULL : getcwd(NULL, 0);
	XB_AUTOFREE char *path =
	    xb_asprintf("%s%s%s", cwd ? cwd : "", cwd ? "/" : "", c->file ? c->file : c->repository);
	XB_AUTOFREE char *quoted = xb_advice_quoted(path);

	return xb_asprintf("%s %s", c->file ? "-c" : "-C", quoted);
}

/* ---- on the bot's host ---- */

/* "xsabot VERB NAME OPTION -c FILE"; OPTION may be "". */
static char *command(const struct xb_config *c, const char *verb, const char *name, const char *option)
{
	XB_AUTOFREE char *options = xb_advice_options(c), *quoted = xb_advice_quoted(name);

	return xb_asprintf("xsabot %s %s%s%s %s", verb, quoted, *option ? " " : "", option, options);
}

char *xb_advice_adopt(const struct xb_config *c, const char *target)
{
	return command(c, "adopt", target, "");
}

char *xb_advice_accept(const struct xb_config *c, const char *target)
{
	return command(c, "publish", target, "--accept-removal");
}

char *xb_advice_retest(const struct xb_config *c, const char *target)
{
	return command(c, "publish", target, "--retest");
}

char *xb_advice_explain(const struct xb_config *c, const git_oid *commit)
{
	XB_AUTOFREE char *id = xb_memdup0(xb_hex(commit).s, XB_SHORT);

	return command(c, "explain", id, "");
}

char *xb_advice_withdraw(const struct xb_config *c, const char *what, const char *name)
{
	XB_AUTOFREE char *quoted = xb_advice_quoted(name);
	XB_AUTOFREE char *rest = xb_asprintf("%s --reason 'WHY'", quoted);

	return command(c, "withdraw", what, rest);
}

char *xb_advice_retire(const struct xb_config *c, const char *line)
{
	return command(c, "retire", line, "--reason 'WHY'");
}

char *xb_advice_adopt_mirror(const struct xb_config *c, const char *mirror)
{
	return command(c, "mirror", mirror, "--adopt");
}

char *xb_advice_restore(const struct xb_config *c, const char *ref, const git_oid *was, const git_oid *now)
{
	XB_AUTOFREE char *path = c->repository ? xb_advice_quoted(c->repository) : NULL;
	XB_AUTOFREE char *name = xb_advice_quoted(ref);

	if (!path)
		return NULL;
	return xb_asprintf("git -C %s update-ref %s %.*s %.*s", path, name, XB_SHORT, xb_hex(was).s,
			   git_oid_is_zero(now) ? GIT_OID_HEXSZ : XB_SHORT, xb_hex(now).s);
}

/* ---- in a clone ---- */

bool xb_advice_has_notes(const struct xb_config *c)
{
	return !strncmp(c->notes, NOTES, strlen(NOTES));
}

char *xb_advice_fetch_notes(const struct xb_config *c, bool have)
{
	XB_AUTOFREE char *both = xb_asprintf("%s:%s", c->notes, c->notes);
	XB_AUTOFREE char *quoted = xb_advice_quoted(both);

	return have ? xb_asprintf("git fetch origin %s", quoted) : NULL;
}

char *xb_advice_fetch_branch(const char *ref)
{
	XB_AUTOFREE char *spec = xb_asprintf("%s:%s", ref, ref), *quoted = xb_advice_quoted(spec);

	return xb_asprintf("git fetch origin %s", quoted);
}

char *xb_advice_fetch_records(void)
{
	return xb_strdup("git fetch origin '+refs/xsabot/*:refs/xsabot/*' 'refs/notes/*:refs/notes/*'");
}

char *xb_advice_push_notes(const struct xb_config *c)
{
	XB_AUTOFREE char *quoted = xb_advice_quoted(c->notes);

	return xb_asprintf("git push origin %s", quoted);
}

/* "git notes --ref=NAME REST COMMIT". */
static char *notes_command(const struct xb_config *c, const char *rest, const git_oid *commit)
{
	XB_AUTOFREE char *name = xb_advice_quoted(c->notes + strlen(NOTES));

	return xb_asprintf("git notes --ref=%s %s %.*s", name, rest, XB_SHORT, xb_hex(commit).s);
}

char *xb_advice_note(const struct xb_config *c, const char *word, const char *value, const git_oid *commit)
{
	XB_AUTOFREE char *line = xb_asprintf("%s: %s", word, value);
	XB_AUTOFREE char *quoted = xb_advice_quoted(line);
	XB_AUTOFREE char *rest = xb_asprintf("append -m %s", quoted);

	return notes_command(c, rest, commit);
}

char *xb_advice_edit_note(const struct xb_config *c, const git_oid *commit)
{
	return notes_command(c, "edit", commit);
}

char *xb_advice_push_fixup(const char *target, const git_oid *commit)
{
	XB_AUTOFREE char *ref = xb_asprintf("HEAD:%s%s-%.*s", xb_ref_role(XB_REF_FIXUPS)->name, target,
					    XB_SHORT, xb_hex(commit).s);
	XB_AUTOFREE char *quoted = xb_advice_quoted(ref);

	return xb_asprintf("git push origin %s", quoted);
}

char *xb_advice_replace(const struct xb_config *c, const git_oid *commit)
{
	return notes_command(c, "append -m \"Replaced-by: $(git rev-parse HEAD)\"", commit);
}

void xb_advice_cherry_pick(const struct xb_advice_pick *v, size_t n, const char *mark, struct xb_buf *out)
{
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		if (!open || v[i].merge)
			xb_buf_addf(out, "%sgit cherry-pick -x%s", mark, v[i].merge ? " -m 1" : "");
		xb_buf_addf(out, " %.*s", XB_SHORT, xb_hex(&v[i].commit).s);
		open = !v[i].merge;
	}
}
