/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derived refs that are no longer kept, as their records tell of them. */
#include "verify.h"

#include "lines/linenames.h"
#include "refs/ownrefs.h"
#include "repo/git.h"
#include "state/stateref.h"
#include "util/alloc.h"

#include <string.h>

/* A branch, or in a clone that of the origin. */
static struct xb_err *read_branch(git_repository *repo, const char *ref, git_oid *out)
{
	int rc = git_reference_name_to_id(out, repo, ref);

	if (rc == GIT_ENOTFOUND && !strncmp(ref, XB_HEADS, strlen(XB_HEADS))) {
		XB_AUTOFREE char *there = xb_asprintf("%s%s", XB_ORIGIN, ref + strlen(XB_HEADS));

		rc = git_reference_name_to_id(out, repo, there);
	}
	if (rc)
		*out = (git_oid){{0}};
	return rc && rc != GIT_ENOTFOUND ? xb_err_git(XB_E_IO, rc, "cannot read %s", ref) : NULL;
}

/* One that can't be read is judged by who reads it next. */
static struct xb_err *add(git_repository *repo, const struct xb_config *config, struct xb_store *store,
			  const char *name, struct xb_targets *out)
{
	struct xb_target *t = XB_PUSH(out, v, n, cap);
	struct xb_state s = {0};
	struct xb_err *err;

	*t = (struct xb_target){.line = xb_strdup(name),
				.name = xb_strdup(name),
				.conf = xb_config_line(config, name),
				.status = XB_TARGET_NO_STAGING,
				.state_ref = xb_ref_of(XB_REF_STATES, name)};
	if (git_reference_name_to_id(&t->state, repo, t->state_ref))
		return NULL;
	err = xb_state_read(store, &t->state, &s);
	if (err && err->code == XB_E_HOSTILE) {
		xb_err_free(err);
		err = NULL;
	}
	t->derived_ref = xb_strdup(s.derived_ref ? s.derived_ref : t->state_ref);
	t->base = s.base;
	t->tip = s.tip;
	if (!err && s.derived_ref)
		err = read_branch(repo, s.derived_ref, &t->derived);
	xb_state_release(&s);
	return err;
}

static struct xb_err *names_of(git_repository *repo, const char *name, struct xb_strv *out)
{
	XB_AUTOGIT(git_reference_iterator) *it = NULL;
	XB_AUTOFREE char *glob = xb_ref_of(XB_REF_STATES, name ? name : "*");
	int rc = git_reference_iterator_glob_new(&it, repo, glob);
	const char *ref;

	while (!rc && !(rc = git_reference_next_name(&ref, it)))
		xb_strv_add(out, ref + strlen(xb_ref_role(XB_REF_STATES)->name));
	return rc == GIT_ITEROVER ? NULL : xb_err_git(XB_E_IO, rc, "cannot list the refs");
}

struct xb_err *xb_verify_frozen(git_repository *repo, const struct xb_config *config, const char *name,
				struct xb_targets *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOPTR(xb_store) *store = NULL;

	XB_TRY(names_of(repo, name, &names));
	xb_strv_sort(&names);
	XB_TRY(xb_store_open(repo, NULL, &store));
	for (size_t i = 0; i < names.n; i++)
		if (!xb_targets_named(out, names.v[i]) && (!name || !strcmp(name, names.v[i])))
			XB_TRY(add(repo, config, store, names.v[i], out));
	return NULL;
}
