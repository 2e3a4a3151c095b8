/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refnames.h"

#include "odb/git.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Takes IT and the result RC of making it. */
static struct xb_err *names_of(git_reference_iterator *it, int rc, struct xb_strv *out)
{
	const char *name;

	while (!rc && !(rc = git_reference_next_name(&name, it)))
		xb_strv_add(out, name);
	git_reference_iterator_free(it);
	return rc == GIT_ITEROVER ? NULL : xb_err_git(XB_E_IO, rc, "cannot list the refs");
}

struct xb_err *xb_refnames_list(struct xb_refnames *r)
{
	git_reference_iterator *it = NULL;
	int rc = git_reference_iterator_new(&it, r->repo);

	XB_TRY(names_of(it, rc, &r->all));
	xb_strv_sort(&r->all);
	r->listed = true;
	return NULL;
}

void xb_refnames_release(struct xb_refnames *r)
{
	xb_strv_release(&r->all);
	*r = (struct xb_refnames){0};
}

/* The first of the names that is not before NAME. */
static size_t lower_bound(const struct xb_strv *v, const char *name)
{
	size_t from = 0, to = v->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(v->v[mid], name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool xb_refnames_has(const struct xb_refnames *r, const char *name)
{
	XB_AUTOGIT(git_reference) *ref = NULL;
	size_t at;
	int rc;

	if (r->listed) {
		at = lower_bound(&r->all, name);
		return at < r->all.n && !strcmp(r->all.v[at], name);
	}
	rc = git_reference_lookup(&ref, r->repo, name);
	return rc != GIT_ENOTFOUND && rc != GIT_EINVALIDSPEC;
}

struct xb_err *xb_refnames_find(const struct xb_refnames *r, const char *prefix, struct xb_strv *out)
{
	git_reference_iterator *it = NULL;
	XB_AUTOFREE char *glob = NULL;
	int rc;

	if (!r->listed) {
		glob = xb_asprintf("%s*", prefix);
		rc = git_reference_iterator_glob_new(&it, r->repo, glob);
		return names_of(it, rc, out);
	}
	for (size_t i = lower_bound(&r->all, prefix); i < r->all.n; i++) {
		if (strncmp(r->all.v[i], prefix, strlen(prefix)) != 0)
			break;
		xb_strv_add(out, r->all.v[i]);
	}
	return NULL;
}

struct xb_err *xb_refnames_peel(const struct xb_refnames *refs, const char *ref, git_oid *out)
{
	XB_AUTOGIT(git_reference) *r = NULL;
	git_object *o = NULL;
	int rc = git_reference_lookup(&r, refs->repo, ref);

	memset(out, 0, sizeof *out);
	if (rc == GIT_ENOTFOUND)
		return NULL;
	if (!rc)
		rc = git_reference_peel(&o, r, GIT_OBJECT_COMMIT);
	if (!rc)
		*out = *git_object_id(o);
	git_object_free(o);
	if (rc && rc != GIT_EPEEL && rc != GIT_EINVALIDSPEC && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read %s", ref);
	return NULL;
}
