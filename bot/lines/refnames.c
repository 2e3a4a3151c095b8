/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refnames.h"

#include "repo/git.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <fts.h>
#include <string.h>

enum { MAX_TAGS = 16 }; /* of tags of tags */

/* Takes IT and the result RC of making it. */
static struct xb_err *names_of(git_reference_iterator *it, int rc, struct xb_strv *out)
{
	const char *name;

	while (!rc && !(rc = git_reference_next_name(&name, it)))
		xb_strv_add(out, name);
	git_reference_iterator_free(it);
	return rc == GIT_ITEROVER ? NULL : xb_err_git(XB_E_IO, rc, "cannot list the refs");
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

static bool has(const struct xb_strv *sorted, const char *name)
{
	size_t at = lower_bound(sorted, name);

	return at < sorted->n && !strcmp(sorted->v[at], name);
}

static bool is_name(const char *ref)
{
	int valid = 0;

	return !xb_ends(ref, strlen(ref), ".lock") && !git_reference_name_is_valid(&valid, ref) && valid;
}

/* The files of refs that can't be read, which libgit2 passes over: those of PREFIX, to NAMES, which are
 * sorted. */
static struct xb_err *add_unreadable(const char *git_dir, const char *prefix, struct xb_strv *names)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s%.*s", git_dir, (int)(strrchr(prefix, '/') - prefix), prefix);
	char *paths[] = {dir, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct xb_strv more = {0};
	const FTSENT *e;

	if (!fts)
		return xb_err_sys(XB_E_IO, errno, "cannot list the refs");
	while ((e = fts_read(fts))) {
		const char *ref = e->fts_path + strlen(git_dir);

		if (e->fts_info == FTS_F && !strncmp(ref, prefix, strlen(prefix)) && is_name(ref) &&
		    !has(names, ref))
			xb_strv_add(&more, ref);
	}
	fts_close(fts);
	for (size_t i = 0; i < more.n; i++)
		xb_strv_add(names, more.v[i]);
	if (more.n)
		xb_strv_sort(names);
	xb_strv_release(&more);
	return NULL;
}

/* Takes IT, which gives names of PREFIX, and the result RC of making it. OUT gets them sorted. */
static struct xb_err *all_names_of(git_repository *repo, const char *prefix, git_reference_iterator *it,
				   int rc, struct xb_strv *out)
{
	XB_TRY(names_of(it, rc, out));
	xb_strv_sort(out);
	return add_unreadable(git_repository_commondir(repo), prefix, out);
}

struct xb_err *xb_refnames_list(struct xb_refnames *r)
{
	git_reference_iterator *it = NULL;
	int rc = git_reference_iterator_new(&it, r->repo);

	XB_TRY(all_names_of(r->repo, "refs/", it, rc, &r->all));
	r->listed = true;
	return NULL;
}

void xb_refnames_release(struct xb_refnames *r)
{
	xb_strv_release(&r->all);
	*r = (struct xb_refnames){0};
}

bool xb_refnames_has(const struct xb_refnames *r, const char *name)
{
	XB_AUTOGIT(git_reference) *ref = NULL;
	int rc;

	if (r->listed)
		return has(&r->all, name);
	rc = git_reference_lookup(&ref, r->repo, name);
	return rc != GIT_ENOTFOUND && rc != GIT_EINVALIDSPEC;
}

struct xb_err *xb_refnames_find(const struct xb_refnames *r, const char *prefix, struct xb_strv *out)
{
	git_reference_iterator *it = NULL;
	XB_AUTOSTRV struct xb_strv found = {0};
	XB_AUTOFREE char *glob = NULL;
	int rc;

	if (!r->listed) {
		glob = xb_asprintf("%s*", prefix);
		rc = git_reference_iterator_glob_new(&it, r->repo, glob);
		XB_TRY(all_names_of(r->repo, prefix, it, rc, &found));
		for (size_t i = 0; i < found.n; i++)
			xb_strv_add(out, found.v[i]);
		return NULL;
	}
	for (size_t i = lower_bound(&r->all, prefix); i < r->all.n; i++) {
		if (strncmp(r->all.v[i], prefix, strlen(prefix)) != 0)
			break;
		xb_strv_add(out, r->all.v[i]);
	}
	return NULL;
}

/* The object that the tag object OID names, and its type. */
static struct xb_err *read_tag(git_odb *odb, git_oid *oid)
{
	static const char word[] = "object ";
	XB_AUTOGIT(git_odb_object) *o = NULL;
	int rc = git_odb_read(&o, odb, oid);
	const char *p;

	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read the tag %s", xb_hex(oid).s);
	p = git_odb_object_data(o);
	if (git_odb_object_size(o) < strlen(word) + GIT_OID_HEXSZ + 1 || memcmp(p, word, strlen(word)) != 0 ||
	    git_oid_fromstrn(oid, p + strlen(word), GIT_OID_HEXSZ))
		return xb_err_new(XB_E_HOSTILE, "the tag %s is malformed", xb_hex(oid).s);
	return NULL;
}

/* From a tag to what it names, to a commit; something else: zero. */
static struct xb_err *peel(git_odb *odb, const git_oid *from, git_oid *out)
{
	git_object_t type = GIT_OBJECT_TAG;
	git_oid oid = *from;
	size_t size;

	for (int i = 0; i < MAX_TAGS; i++) {
		int rc = git_odb_read_header(&size, &type, odb, &oid);

		if (rc == GIT_ENOTFOUND)
			return xb_err_new(XB_E_NOTFOUND, "object %s is not in the repository",
					  xb_hex(&oid).s);
		if (rc)
			return xb_err_git(XB_E_IO, rc, "cannot read object %s", xb_hex(&oid).s);
		if (type != GIT_OBJECT_TAG)
			break;
		XB_TRY(read_tag(odb, &oid));
	}
	if (type == GIT_OBJECT_COMMIT)
		*out = oid;
	return NULL;
}

struct xb_err *xb_refnames_value(const struct xb_refnames *refs, const char *ref, git_oid *out)
{
	int rc = git_reference_name_to_id(out, refs->repo, ref);

	if (!rc)
		return NULL;
	memset(out, 0, sizeof *out);
	if (rc == GIT_ENOTFOUND || rc == GIT_EINVALIDSPEC)
		return NULL;
	return xb_err_git(XB_E_IO, rc, "cannot read %s", ref);
}

struct xb_err *xb_refnames_peel(const struct xb_refnames *refs, const char *ref, git_oid *out)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	struct xb_err *err;
	git_oid at;
	int rc;

	memset(out, 0, sizeof *out);
	XB_TRY(xb_refnames_value(refs, ref, &at));
	if (git_oid_is_zero(&at))
		return NULL;
	rc = git_repository_odb(&odb, refs->repo);
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the objects");
	err = peel(odb, &at, out);
	return err ? xb_err_wrap(err, "cannot read %s", ref) : NULL;
}
