/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb.h"

#include "git.h"
#include "loose.h"
#include "util/alloc.h"

#include <git2/sys/repository.h>
#include <stdio.h>
#include <string.h>

#define MAX_ALTERNATES 5 /* as deep as git follows them */

enum { LOOSE_FIRST = 1, PACKED_FIRST = 2 }; /* the higher is asked first */

static bool is_listed(const struct xb_strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], s))
			return true;
	return false;
}

/* objects/info/alternates: a directory a line, relative ones to OBJECTS. */
static void add_dirs(const char *objects, unsigned depth, struct xb_strv *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/info/alternates", objects);
	XB_AUTOFREE char *line = NULL;
	size_t cap = 0;
	FILE *f;

	if (is_listed(out, objects))
		return;
	xb_strv_add(out, objects);
	f = depth < MAX_ALTERNATES ? fopen(path, "re") : NULL;
	for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0;) {
		XB_AUTOFREE char *other = NULL;

		line[n - (line[n - 1] == '\n')] = '\0';
		if (!*line || *line == '#')
			continue;
		other = *line == '/' ? xb_strdup(line) : xb_asprintf("%s/%s", objects, line);
		add_dirs(other, depth + 1, out);
	}
	if (f)
		fclose(f);
}

void xb_odb_dirs(const char *objects, struct xb_strv *out)
{
	add_dirs(objects, 0, out);
}

/* B goes to ODB, or away. */
static int add(git_odb *odb, git_odb_backend *b, int priority, bool own)
{
	int rc = own ? git_odb_add_backend(odb, b, priority) : git_odb_add_alternate(odb, b, priority);

	if (rc)
		b->free(b);
	return rc;
}

static int add_dir(git_odb *odb, const char *dir, bool own)
{
	git_odb_backend *packs = NULL;
	int rc = git_odb_backend_pack(&packs, dir);

	if (!rc)
		rc = add(odb, packs, PACKED_FIRST, own);
	return rc ? rc : add(odb, xb_loose_backend(dir), LOOSE_FIRST, own);
}

/* FIRST: the directory that is written to, before those of OBJECTS; NULL: OBJECTS. */
static struct xb_err *open_odb(const char *first, const char *objects, git_odb **out)
{
	XB_AUTOSTRV struct xb_strv dirs = {0};
	XB_AUTOGIT(git_odb) *odb = NULL;
	int rc = git_odb_new(&odb);

	if (first)
		xb_strv_add(&dirs, first);
	xb_odb_dirs(objects, &dirs);
	for (size_t i = 0; !rc && i < dirs.n; i++)
		rc = add_dir(odb, dirs.v[i], !i);
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the objects in %s", objects);
	*out = XB_STEAL(odb);
	return NULL;
}

struct xb_err *xb_odb_open(const char *objects, git_odb **out)
{
	return open_odb(NULL, objects, out);
}

static struct xb_err *give(git_repository *repo, const char *first, const char *objects)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	int rc;

	XB_TRY(open_odb(first, objects, &odb));
	rc = git_repository_set_odb(repo, odb);
	return rc ? xb_err_git(XB_E_IO, rc, "cannot open the objects of %s", git_repository_path(repo))
		  : NULL;
}

struct xb_err *xb_odb_divert(git_repository *repo, const char *to)
{
	git_buf objects = {0};
	struct xb_err *err;
	int rc = git_repository_item_path(&objects, repo, GIT_REPOSITORY_ITEM_OBJECTS);

	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot find the objects of %s", git_repository_path(repo));
	if (objects.size > 1 && objects.ptr[objects.size - 1] == '/')
		objects.ptr[--objects.size] = '\0';
	err = give(repo, to, objects.ptr);
	git_buf_dispose(&objects);
	return err;
}

struct xb_err *xb_odb_give(git_repository *repo)
{
	return xb_odb_divert(repo, NULL);
}
