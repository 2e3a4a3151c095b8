/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "incoming.h"

#include "odb/git.h"
#include "odb/odb.h"
#include "publish/keep.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/file.h"

#include <stdlib.h>
#include <string.h>

static char *pack_dir(const struct xb_incoming *in)
{
	return xb_asprintf("%s/pack", in->objects);
}

/* Of a fetch that did not come to its end. */
static struct xb_err *clear(const struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = pack_dir(in);
	XB_AUTOSTRV struct xb_strv files = {0};

	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, files.v[i]);

		XB_TRY(xb_file_remove(path));
	}
	return NULL;
}

struct xb_err *xb_incoming_begin(const struct xb_config *c, git_repository *repo, struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = NULL;
	size_t removed;

	*in = (struct xb_incoming){.objects = xb_asprintf("%s/upstream/objects", c->state_dir)};
	dir = pack_dir(in);
	XB_TRY(xb_vault_open(c->state_dir, git_repository_path(repo), XB_GIT_AGAIN, &in->vault));
	in->vault->what = "fetch";
	XB_TRY(xb_keep_sweep(in->vault, NULL, 0, &removed));
	XB_TRY(xb_mkdirs(dir, 0700));
	XB_TRY(clear(in));
	return xb_odb_divert(repo, in->objects);
}

struct xb_err *xb_incoming_place(struct xb_incoming *in)
{
	XB_AUTOFREE char *dir = pack_dir(in);
	XB_AUTOSTRV struct xb_strv files = {0};

	XB_TRY(xb_dir_list(dir, &files));
	for (size_t i = 0; i < files.n; i++) {
		size_t n = strlen(files.v[i]);
		XB_AUTOFREE char *name = NULL;
		struct xb_pack_written w = {.dir = dir};
		char *placed;

		if (!xb_ends(files.v[i], n, ".idx"))
			continue;
		name = xb_memdup0(files.v[i], n - strlen(".idx"));
		w.name = name;
		XB_TRY(xb_keep_install(in->vault, &w, "fetch", &placed));
		*XB_PUSH(&in->packs, v, n, cap) = placed;
	}
	return NULL;
}

struct xb_err *xb_incoming_end(struct xb_incoming *in)
{
	for (size_t i = 0; i < in->packs.n; i++)
		XB_TRY(xb_keep_release(in->vault, in->packs.v[i]));
	return NULL;
}

void xb_incoming_release(struct xb_incoming *in)
{
	xb_vault_free(in->vault);
	free(in->objects);
	xb_strv_release(&in->packs);
	*in = (struct xb_incoming){0};
}
