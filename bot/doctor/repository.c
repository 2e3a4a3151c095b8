/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The repository: what it lacks, and how it is set up. */
#include "doctor.h"

#include "lines/lines.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>
#include <unistd.h>

/* ---- objects ---- */

static bool is_file(const struct xb_doctor *d, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s%s", git_repository_commondir(d->repo), name);

	return !access(path, F_OK);
}

/* A commit and its tree. */
static bool is_there(git_repository *repo, const git_oid *id)
{
	git_commit *c = NULL;
	git_tree *t = NULL;
	bool there = git_oid_is_zero(id) || (!git_commit_lookup(&c, repo, id) && !git_commit_tree(&t, c));

	git_tree_free(t);
	git_commit_free(c);
	return there;
}

static bool check_one(struct xb_doctor *d, const char *name, const char *ref, const git_oid *id)
{
	if (is_there(d->repo, id))
		return true;
	xb_doctor_found(d, XB_FOUND_WRONG,
			xb_strdup("bring it from a clone (git push, or git fetch there); git fsck says more"),
			"%s: %s is at %s, which is missing or broken", name, ref, xb_hex(id).s);
	return false;
}

/* By what the refs say: whose object is missing has none in T. */
static bool check_target(struct xb_doctor *d, const struct xb_target *t)
{
	const char *const refs[] = {t->tip_ref, t->derived_ref, t->state_ref};
	bool good = !t->base_tag || check_one(d, t->name, t->base_tag, &t->base);

	for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
		git_oid id;

		if (refs[i] && !git_reference_name_to_id(&id, d->repo, refs[i]))
			good = check_one(d, t->name, refs[i], &id) && good;
	}
	if (good && t->trouble)
		xb_doctor_found(d, XB_FOUND_WRONG, NULL, "%s: %s", t->name, t->trouble);
	return good && !t->trouble;
}

void xb_doctor_objects(struct xb_doctor *d)
{
	struct xb_targets targets = {0};
	struct xb_err *err = xb_targets_find(d->repo, d->config, NULL, 0, NULL, &targets);
	bool good = !err;

	if (err)
		xb_doctor_found(d, XB_FOUND_WRONG, NULL, "%s", err->msg);
	if (is_file(d, "shallow")) {
		good = false;
		xb_doctor_found(d, XB_FOUND_WRONG, xb_strdup("git fetch --unshallow"),
				"the repository is shallow: bases and what plans need may be missing");
	}
	if (is_file(d, "objects/info/alternates"))
		xb_doctor_found(
		    d, XB_FOUND_ADVICE, xb_strdup("git repack -ad; rm objects/info/alternates"),
		    "objects are borrowed from another repository: what is pruned there is gone here");
	for (size_t i = 0; i < targets.n; i++)
		good = check_target(d, &targets.v[i]) && good;
	if (good)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "bases, tips and branches of %zu lines are there",
				targets.n);
	xb_targets_release(&targets);
	xb_err_free(err);
}

/* ---- settings ---- */

static bool has_bool(git_config *cfg, const char *key, int *value)
{
	return !git_config_get_bool(value, cfg, key);
}

static void check_promisor(struct xb_doctor *d, git_config *cfg)
{
	XB_AUTOGIT(git_config_iterator) *it = NULL;
	git_config_entry *e;

	if (git_config_iterator_new(&it, cfg))
		return;
	while (!git_config_next(&e, it))
		if (!strncmp(e->name, "remote.", 7) && strlen(e->name) > 9 &&
		    !strcmp(e->name + strlen(e->name) - 9, ".promisor"))
			xb_doctor_found(d, XB_FOUND_WRONG,
					xb_strdup("git clone --mirror without --filter, in its place"),
					"%s = %s: a partial clone; objects that it lacks are not fetched",
					e->name, e->value ? e->value : "");
}

static void advise(struct xb_doctor *d, const char *key, const char *value, const char *why)
{
	xb_doctor_found(d, XB_FOUND_ADVICE,
			xb_asprintf("git -C %s config %s %s", git_repository_path(d->repo), key, value), "%s",
			why);
}

void xb_doctor_settings(struct xb_doctor *d)
{
	XB_AUTOGIT(git_config) *cfg = NULL;
	size_t before = d->found.n;
	const char *fsync = NULL;
	int on;

	if (git_repository_config_snapshot(&cfg, d->repo))
		return;
	check_promisor(d, cfg);
	if (!(has_bool(cfg, "receive.fsckobjects", &on) && on) &&
	    !(has_bool(cfg, "transfer.fsckobjects", &on) && on))
		advise(d, "receive.fsckObjects", "true", "pushes are not checked for broken objects");
	if (git_config_get_string(&fsync, cfg, "core.fsync") || !fsync ||
	    (strcmp(fsync, "all") != 0 && strcmp(fsync, "committed") != 0))
		advise(d, "core.fsync", "all", "a power cut may lose what was pushed");
	if ((has_bool(cfg, "receive.autogc", &on) && !on))
		advise(d, "receive.autogc", "true", "packs are never put together: looks become slow");
	if (d->found.n == before)
		xb_doctor_found(d, XB_FOUND_GOOD, NULL, "as is advised for a server");
}
