/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keep.h"

#include "os/file.h"
#include "repo/git.h"
#include "repo/modes.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <git2/sys/odb_backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[] = {"keep", "pack", "idx"}; /* in the order in which they are placed */
enum { SUFFIXES = 3, MARKER_MAX = 1 << 13 };

static char *in_public(const struct xb_vault *v, const char *name, const char *suffix)
{
	return xb_asprintf("%s/%s.%s", v->public_pack, name, suffix);
}

/* The beginning of the `.keep` files of this state directory, and of what places them. */
static char *marker(const struct xb_vault *v)
{
	return xb_asprintf("xsabot: %s from %s\n", v->what, v->state_dir);
}

/* Names of temporary files in objects/pack. Not "tmp_…": git prune deletes those. */
static struct xb_err *temp_prefix(const struct xb_vault *v, char **out)
{
	struct stat st;

	if (stat(v->state_dir, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot look at %s", v->state_dir);
	*out = xb_asprintf("xsabot-%s%llx-", strcmp(v->what, XB_VAULT_PUBLICATION) ? v->what : "",
			   (unsigned long long)st.st_ino);
	return NULL;
}

static bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static bool name_taken(const struct xb_vault *v, const char *name)
{
	for (size_t i = 0; i < SUFFIXES; i++) {
		XB_AUTOFREE char *path = in_public(v, name, suffixes[i]);

		if (exists(path))
			return true;
	}
	return false;
}

static struct xb_err *choose_name(const struct xb_vault *v, const char *wanted, char **out)
{
	git_oid other;

	*out = xb_strdup(wanted);
	while (name_taken(v, *out)) {
		if (getrandom(other.id, sizeof other.id, 0) != (ssize_t)sizeof other.id)
			return xb_err_sys(XB_E_IO, errno, "cannot get random bytes");
		free(*out);
		*out = xb_asprintf("pack-%s", xb_hex(&other).s);
	}
	return NULL;
}

static struct xb_err *copy_bytes(int from, int to, const char *path)
{
	char chunk[1 << 16];
	ssize_t n;

	while ((n = read(from, chunk, sizeof chunk)))
		if ((n < 0 && errno != EINTR) || (n > 0 && xb_write_all(to, chunk, (size_t)n)))
			return xb_err_sys(XB_E_IO, errno, "cannot copy to %s", path);
	if (fsync(to))
		return xb_err_sys(XB_E_IO, errno, "cannot fsync %s", path);
	return NULL;
}

/* TMP, a template, becomes a durable copy of SRC. */
static struct xb_err *copy_file(const char *src, char *tmp)
{
	XB_AUTOCLOSE int from = open(src, O_RDONLY | O_CLOEXEC);
	XB_AUTOCLOSE int to = -1;
	struct xb_err *err;

	if (from < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open %s", src);
	to = mkostemp(tmp, O_CLOEXEC);
	if (to < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot create %s", tmp);
	err = copy_bytes(from, to, tmp);
	if (err)
		unlink(tmp);
	return err;
}

/* Another file system: a copy beside the goal, then the same rename. */
static struct xb_err *place_copy(const struct xb_vault *v, const char *src, const char *dst,
				 const struct xb_modes *modes)
{
	XB_AUTOFREE char *prefix = NULL;
	XB_AUTOFREE char *tmp = NULL;
	struct xb_err *err;

	XB_TRY(temp_prefix(v, &prefix));
	tmp = xb_asprintf("%s/%sXXXXXX", v->public_pack, prefix);
	XB_TRY(copy_file(src, tmp));
	err = xb_modes_give(modes, tmp);
	if (!err && rename(tmp, dst))
		err = xb_err_sys(XB_E_IO, errno, "cannot rename to %s", dst);
	if (err)
		unlink(tmp);
	else
		unlink(src); /* swept later if this fails */
	return err;
}

static struct xb_err *place(const struct xb_vault *v, const char *src, const char *dst,
			    const struct xb_modes *modes)
{
	XB_TRY(xb_modes_give(modes, src));
	if (!rename(src, dst))
		return NULL;
	if (errno == EXDEV)
		return place_copy(v, src, dst, modes);
	return xb_err_sys(XB_E_IO, errno, "cannot rename %s to %s", src, dst);
}

static struct xb_err *place_all(const struct xb_vault *v, const struct xb_pack_written *w, const char *name,
				size_t *placed)
{
	struct xb_modes modes;

	XB_TRY(xb_modes_of(v->public_repo, "objects/pack", &modes));
	for (; *placed < SUFFIXES; ++*placed) {
		XB_AUTOFREE char *src = xb_asprintf("%s/%s.%s", w->dir, w->name, suffixes[*placed]);
		XB_AUTOFREE char *dst = in_public(v, name, suffixes[*placed]);

		XB_TRY(place(v, src, dst, &modes));
	}
	return xb_fsync_dir(v->public_pack);
}

static struct xb_err *write_marker(const struct xb_vault *v, const struct xb_pack_written *w, const char *id)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s.keep", w->dir, w->name);
	XB_AUTOFREE char *begin = marker(v);
	XB_AUTOFREE char *text = xb_asprintf("%sid: %s\n", begin, id);

	return xb_file_write(path, text, strlen(text), 0444);
}

struct xb_err *xb_keep_install(const struct xb_vault *v, const struct xb_pack_written *w, const char *id,
			       char **name)
{
	XB_AUTOFREE char *chosen = NULL;
	size_t placed = 0;
	struct xb_err *err;

	XB_TRY(choose_name(v, w->name, &chosen));
	err = write_marker(v, w, id);
	if (!err)
		err = place_all(v, w, chosen, &placed);
	/* Only what this call placed, and the index first: then nobody has the pack in use. */
	while (err && placed--) {
		XB_AUTOFREE char *path = in_public(v, chosen, suffixes[placed]);

		unlink(path);
	}
	if (err)
		return xb_err_wrap(err, "cannot place a pack in the public repository");
	*name = XB_STEAL(chosen);
	return NULL;
}

struct xb_err *xb_keep_release(const struct xb_vault *v, const char *name)
{
	XB_AUTOFREE char *path = in_public(v, name, "keep");

	return xb_file_remove(path);
}

/* The pack's name, when FILE is a `.keep` of this state directory; else NULL. */
static char *our_keep(const struct xb_vault *v, const char *file)
{
	size_t n = strlen(file);
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", v->public_pack, file);
	XB_AUTOFREE char *ours = marker(v);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *unreadable = NULL;

	if (n < 10 || strncmp(file, "pack-", 5) != 0 || strcmp(file + n - 5, ".keep") != 0)
		return NULL;
	unreadable = xb_file_read(path, MARKER_MAX, &text); /* then it is no file of ours */
	if (unreadable || text.n < strlen(ours) || memcmp(text.p, ours, strlen(ours)) != 0)
		return NULL;
	return xb_memdup0(file, n - 5);
}

static bool is_spared(const char *name, char *const *spared, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, spared[i]))
			return true;
	return false;
}

/* A pack without an index was never seen by anybody. */
static struct xb_err *sweep_keep(const struct xb_vault *v, const char *name, size_t *removed)
{
	XB_AUTOFREE char *idx = in_public(v, name, "idx");
	XB_AUTOFREE char *pack = in_public(v, name, "pack");

	if (!exists(idx) && !unlink(pack))
		++*removed;
	XB_TRY(xb_keep_release(v, name));
	++*removed;
	return NULL;
}

static struct xb_err *sweep_temp(const struct xb_vault *v, const char *file, size_t *removed)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", v->public_pack, file);

	XB_TRY(xb_file_remove(path));
	++*removed;
	return NULL;
}

struct xb_err *xb_keep_sweep(const struct xb_vault *v, char *const *spared, size_t n, size_t *removed)
{
	XB_AUTOSTRV struct xb_strv files = {0};
	XB_AUTOFREE char *prefix = NULL;
	size_t len;

	*removed = 0;
	XB_TRY(temp_prefix(v, &prefix));
	len = prefix ? strlen(prefix) : 0;
	XB_TRY(xb_dir_list(v->public_pack, &files));
	for (size_t i = 0; i < files.n; i++) {
		XB_AUTOFREE char *name = our_keep(v, files.v[i]);

		if (len && !strncmp(files.v[i], prefix, len))
			XB_TRY(sweep_temp(v, files.v[i], removed));
		else if (name && !is_spared(name, spared, n))
			XB_TRY(sweep_keep(v, name, removed));
	}
	return NULL;
}

/* One look at a pack. */
struct check {
	git_odb *all;  /* the public objects */
	git_odb *pack; /* the pack alone */
	bool hash;
	struct xb_err *err;
};

static struct xb_err *need(const struct check *c, const git_oid *id, const git_oid *by)
{
	if (git_odb_exists(c->all, id))
		return NULL;
	return xb_err_new(XB_E_NOTFOUND, "object %s, which the new %s needs, is not in the public repository",
			  xb_hex(id).s, xb_hex(by).s);
}

static struct xb_err *damaged(const git_oid *id, const char *what)
{
	return xb_err_new(XB_E_INTERNAL, "the new object %s %s", xb_hex(id).s, what);
}

/* "tree ID", then any "parent ID" lines. */
static struct xb_err *check_commit(const struct check *c, const git_oid *id, const char *p, size_t n)
{
	static const char *const words[] = {"tree ", "parent "};
	bool tree = false;

	for (;;) {
		size_t w = strlen(words[tree]);
		git_oid other;

		if (n < w + GIT_OID_HEXSZ + 1 || memcmp(p, words[tree], w) != 0)
			return tree ? NULL : damaged(id, "is a commit without a tree");
		if (git_oid_fromstrn(&other, p + w, GIT_OID_HEXSZ))
			return damaged(id, "is a malformed commit");
		XB_TRY(need(c, &other, id));
		p += w + GIT_OID_HEXSZ + 1;
		n -= w + GIT_OID_HEXSZ + 1;
		tree = true;
	}
}

static struct xb_err *check_tree(const struct check *c, const git_oid *id, const char *p, size_t n)
{
	while (n) {
		const char *nul = memchr(p, '\0', n);
		size_t used = nul ? (size_t)(nul - p) + 1 + GIT_OID_RAWSZ : 0;
		bool submodule = n > 7 && !memcmp(p, "160000 ", 7);
		git_oid other;

		if (!used || used > n)
			return damaged(id, "is a malformed tree");
		git_oid_fromraw(&other, (const unsigned char *)nul + 1);
		if (!submodule)
			XB_TRY(need(c, &other, id));
		p += used;
		n -= used;
	}
	return NULL;
}

static struct xb_err *check_links(const struct check *c, const git_oid *id, git_odb_object *o)
{
	const char *p = git_odb_object_data(o);
	size_t n = git_odb_object_size(o);

	switch (git_odb_object_type(o)) {
	case GIT_OBJECT_COMMIT:
		return check_commit(c, id, p, n);
	case GIT_OBJECT_TREE:
		return check_tree(c, id, p, n);
	case GIT_OBJECT_BLOB:
		return NULL;
	default:
		return damaged(id, "is neither commit nor tree nor blob");
	}
}

static struct xb_err *check_object(const struct check *c, const git_oid *id)
{
	XB_AUTOGIT(git_odb_object) *o = NULL;
	git_oid real;
	int rc = git_odb_read(&o, c->pack, id);

	if (!rc && c->hash)
		rc = git_odb_hash(&real, git_odb_object_data(o), git_odb_object_size(o),
				  git_odb_object_type(o));
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read the new object %s", xb_hex(id).s);
	if (c->hash && git_oid_cmp(&real, id))
		return damaged(id, "has other contents than its name says");
	XB_TRY(need(c, id, id));
	return check_links(c, id, o);
}

static int check_each(const git_oid *id, void *data)
{
	struct check *c = data;

	c->err = check_object(c, id);
	return c->err ? GIT_EUSER : 0;
}

static struct xb_err *open_pack(const char *idx, git_odb **out)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	git_odb_backend *one = NULL;
	int rc = git_odb_new(&odb);

	if (!rc)
		rc = git_odb_backend_one_pack(&one, idx);
	if (!rc) {
		rc = git_odb_add_backend(odb, one, 1);
		if (rc)
			one->free(one);
	}
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the pack %s", idx);
	*out = XB_STEAL(odb);
	return NULL;
}

struct xb_err *xb_keep_check(const struct xb_vault *v, const char *name, bool hash)
{
	XB_AUTOFREE char *idx = xb_asprintf("%s/%s.idx", v->public_pack, name);
	XB_AUTOGIT(git_odb) *all = NULL;
	XB_AUTOGIT(git_odb) *pack = NULL;
	struct check c = {NULL, NULL, hash, NULL};
	int rc;

	XB_TRY(xb_vault_public_odb(v, &all));
	XB_TRY(open_pack(idx, &pack));
	c.all = all;
	c.pack = pack;
	rc = git_odb_foreach(pack, check_each, &c);
	if (rc && !c.err)
		return xb_err_git(XB_E_IO, rc, "cannot list the pack %s", idx);
	return c.err;
}
