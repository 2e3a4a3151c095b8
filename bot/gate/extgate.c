/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extgate.h"

#include "verdicts.h"
#include "odb/trailers.h"
#include "os/file.h"
#include "refs/ownrefs.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NOTE_MAX (64u << 10)

void xb_extgate_free(struct xb_extgate *g)
{
	if (!g)
		return;
	xb_verdicts_free(g->verdicts);
	XB_FREE(g->candidate_ref, g->tested_ref, g);
}

/* What the note on COMMIT says of a failure: owned, or NULL. */
static struct xb_err *read_note(git_repository *repo, const git_oid *commit, char **out)
{
	struct xb_trailers t = {0};
	git_note *note = NULL;
	int rc = git_note_read(&note, repo, xb_ref_role(XB_REF_TESTED_NOTES)->name, commit);
	const char *text;
	size_t n;

	if (rc == GIT_ENOTFOUND)
		return NULL;
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read the note on %s", xb_hex(commit).s);
	text = git_note_message(note);
	n = strlen(text);
	xb_trailers_parse(text, n < NOTE_MAX ? n : NOTE_MAX, &t);
	for (size_t i = 0; i < t.n && !*out; i++)
		if (!strcasecmp(t.v[i].key, "Gate-Failed"))
			*out = xb_strdup(t.v[i].value);
	xb_trailers_release(&t);
	git_note_free(note);
	return NULL;
}

/* The answer to the candidate, if there is one now. */
static struct xb_err *look(const struct xb_extgate *g, enum xb_test *out)
{
	XB_AUTOFREE char *failure = NULL;
	git_oid tested;

	*out = XB_TEST_UNKNOWN;
	if (git_oid_is_zero(&g->candidate))
		return NULL;
	XB_TRY(xb_ref_value(g->repo, g->tested_ref, &tested));
	XB_TRY(read_note(g->repo, &g->candidate, &failure));
	if (git_oid_equal(&tested, &g->candidate))
		*out = XB_TEST_PASS;
	else if (failure)
		*out = XB_TEST_FAIL;
	return NULL;
}

static struct xb_err *remember(struct xb_extgate *g, enum xb_test answer, const char *path, bool dry)
{
	const struct xb_verdict_known *k;
	struct xb_mentions none = {0};
	struct stat st;

	if (answer != XB_TEST_UNKNOWN && !dry) {
		XB_AUTOFREE char *dir = xb_dirname(path);

		XB_TRY(xb_mkdirs(dir, 0700));
	} else if (stat(path, &st)) {
		return errno == ENOENT ? NULL : xb_err_sys(XB_E_IO, errno, "cannot look at %s", path);
	}
	XB_TRY(xb_verdicts_open(path, &g->verdicts));
	k = xb_verdicts_find(g->verdicts, &g->candidate, &g->test);
	/* A failure that is remembered does not undo a pass; its note may just be older. */
	if (dry || answer == XB_TEST_UNKNOWN || (k && (k->verdict == answer || k->verdict == XB_TEST_PASS)))
		return NULL;
	return xb_verdicts_add(g->verdicts, &g->candidate, &g->test, answer, &none);
}

static struct xb_err *load(struct xb_extgate *g, const struct xb_config *config, bool dry)
{
	static const char name[] = "the answer of a test system";
	XB_AUTOFREE char *path = xb_asprintf("%s/gate/verdicts", config->state_dir);
	int rc = git_odb_hash(&g->test, name, sizeof name - 1, GIT_OBJECT_BLOB);
	enum xb_test answer;

	if (rc)
		return xb_err_git(XB_E_INTERNAL, rc, "cannot hash the gate");
	XB_TRY(xb_ref_value(g->repo, g->candidate_ref, &g->candidate));
	XB_TRY(look(g, &answer));
	return remember(g, answer, path, dry);
}

struct xb_err *xb_extgate_open(git_repository *repo, const struct xb_config *config,
			       const struct xb_target *target, bool dry, struct xb_extgate **out)
{
	XB_AUTOPTR(xb_extgate) *g = NULL;

	*out = NULL;
	if (!target->conf->external)
		return NULL;
	g = xb_calloc(1, sizeof *g);
	g->repo = repo;
	g->candidate_ref = xb_ref_of(XB_REF_CANDIDATES, target->name);
	g->tested_ref = xb_ref_of(XB_REF_TESTED, target->name);
	XB_TRY(load(g, config, dry));
	*out = XB_STEAL(g);
	return NULL;
}

enum xb_test xb_extgate_find(const struct xb_extgate *g, const git_oid *commit)
{
	const struct xb_verdict_known *k =
	    g->verdicts ? xb_verdicts_find(g->verdicts, commit, &g->test) : NULL;

	return k ? k->verdict : XB_TEST_UNKNOWN;
}

char *xb_extgate_failure(const struct xb_extgate *g, const git_oid *commit)
{
	char *text = NULL;

	/* That it failed is known; this is only for people. */
	xb_err_free(read_note(g->repo, commit, &text));
	return text;
}
