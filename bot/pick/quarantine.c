/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quarantine.h"

#include "odb/oidmap.h"
#include "odb/tree.h"
#include "os/file.h"
#include "packs/sha1.h"
#include "repo/git.h"
#include "repo/loose.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define PREFIX "xsabot-merge."
enum { MAX_DEPTH = 256, MAX_ATTRIBUTES = 10000, MAX_ATTRIBUTES_BYTES = 64 << 20, MAX_OUTPUT = 4096 };

struct xb_quarantine {
	struct xb_store *s;
	char *dir, *git_dir, *work, *objects;
	int lock;      /* on the directory, as long as it is in use */
	git_odb *made; /* what is here and nowhere else */
	struct libdeflate_compressor *deflater;
	struct xb_oidmap written; /* ids that are here */
	size_t bytes;
	/* The attributes that the work tree has. */
	struct xb_oidmap bare; /* trees without any, at any depth */
	struct xb_buf have;    /* "PATH\0ID" of each */
	bool damaged;          /* the work tree is not what `have` says */
};

/*
 * All that could change a merge is as it is by default with cherry-pick; the rest
 * keeps git small and alone.
 */
static const char config[] = "[core]\n"
			     "\trepositoryFormatVersion = 0\n"
			     "\tbare = false\n"
			     "\tattributesFile = /dev/null\n"
			     "\tignoreCase = false\n"
			     "\tprecomposeUnicode = false\n"
			     "\tcommitGraph = false\n"
			     "\tbigFileThreshold = 512m\n"
			     "\tpackedGitWindowSize = 1m\n"
			     "\tpackedGitLimit = 64m\n"
			     "\tdeltaBaseCacheLimit = 16m\n"
			     "\tlooseCompression = 1\n"
			     "\tfsync = none\n"
			     "[merge]\n"
			     "\trenames = true\n"
			     "\tdirectoryRenames = conflict\n"
			     "\trenormalize = false\n"
			     "\tconflictStyle = merge\n"
			     "[diff]\n"
			     "\trenames = true\n"
			     "[gc]\n"
			     "\tauto = 0\n";

static struct xb_err *make_dir(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? xb_err_sys(XB_E_IO, errno, "cannot make %s", path)
						    : NULL;
}

static struct xb_err *write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct xb_err *err = NULL;

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", path);
	if (xb_write_all(fd, p, n))
		err = xb_err_sys(XB_E_IO, errno, "cannot write %s", path);
	if (close(fd) && !err)
		err = xb_err_sys(XB_E_IO, errno, "cannot write %s", path);
	return err;
}

static struct xb_err *write_below(const char *dir, const char *name, const void *p, size_t n)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);

	return write_file(path, p, n);
}

/* git reads a path in quotes as C does. */
static char *quoted(const char *path)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_buf_addc(&b, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			xb_buf_addc(&b, '\\');
		if ((unsigned char)*path < ' ')
			xb_buf_addf(&b, "\\%03o", (unsigned)*path);
		else
			xb_buf_addc(&b, *path);
	}
	xb_buf_adds(&b, "\"\n");
	return xb_buf_detach(&b);
}

static struct xb_err *lay_out(struct xb_quarantine *q, const char *objects)
{
	static const char *const dirs[] = {"objects", "objects/info", "refs"};
	XB_AUTOFREE char *real = realpath(objects, NULL);
	XB_AUTOFREE char *alternates = NULL;

	if (!real)
		return xb_err_sys(XB_E_IO, errno, "cannot find %s", objects);
	XB_TRY(make_dir(q->git_dir));
	XB_TRY(make_dir(q->work));
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		XB_AUTOFREE char *dir = xb_asprintf("%s/%s", q->git_dir, dirs[i]);

		XB_TRY(make_dir(dir));
	}
	alternates = quoted(real);
	XB_TRY(write_below(q->git_dir, "objects/info/alternates", alternates, strlen(alternates)));
	XB_TRY(write_below(q->git_dir, "config", config, strlen(config)));
	return write_below(q->git_dir, "HEAD", "ref: refs/heads/none\n", 21);
}

static struct xb_err *open_objects(struct xb_quarantine *q)
{
	int rc = git_odb_new(&q->made);

	if (!rc)
		rc = git_odb_add_backend(q->made, xb_loose_backend(q->objects), 1);
	return rc ? xb_err_git(XB_E_IO, rc, "cannot open %s", q->objects) : NULL;
}

struct xb_err *xb_quarantine_open(struct xb_store *s, const char *objects, struct xb_quarantine **out)
{
	const char *set = getenv("TMPDIR"), *tmp = set && *set == '/' ? set : "/tmp";
	XB_AUTOFREE char *dir = xb_asprintf("%s/" PREFIX "XXXXXX", tmp);
	XB_AUTOPTR(xb_quarantine) *q = NULL;

	*out = NULL;
	xb_tempdir_sweep(tmp, PREFIX);
	if (!mkdtemp(dir))
		return xb_err_sys(XB_E_IO, errno, "cannot make a directory like %s", dir);
	q = xb_calloc(1, sizeof *q);
	q->s = s;
	q->dir = XB_STEAL(dir);
	q->lock = open(q->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (q->lock >= 0)
		flock(q->lock, LOCK_SH); /* best effort: it is young */
	q->git_dir = xb_asprintf("%s/git", q->dir);
	q->work = xb_asprintf("%s/work", q->dir);
	q->objects = xb_asprintf("%s/objects", q->git_dir);
	q->deflater = libdeflate_alloc_compressor(1);
	XB_TRY(lay_out(q, objects));
	XB_TRY(open_objects(q));
	*out = XB_STEAL(q);
	return NULL;
}

void xb_quarantine_free(struct xb_quarantine *q)
{
	if (!q)
		return;
	git_odb_free(q->made);
	libdeflate_free_compressor(q->deflater);
	xb_oidmap_clear(&q->written, NULL);
	xb_oidmap_clear(&q->bare, NULL);
	xb_buf_release(&q->have);
	xb_tempdir_remove(q->dir);
	if (q->lock >= 0)
		close(q->lock);
	XB_FREE(q->dir, q->git_dir, q->work, q->objects, q);
}

const char *xb_quarantine_git_dir(const struct xb_quarantine *q)
{
	return q->git_dir;
}

const char *xb_quarantine_work_tree(const struct xb_quarantine *q)
{
	return q->work;
}

int xb_quarantine_stderr(const struct xb_quarantine *q)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/said", q->dir);

	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

char *xb_quarantine_said(const struct xb_quarantine *q)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/said", q->dir);
	char *text = xb_calloc(1, MAX_OUTPUT);
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, MAX_OUTPUT - 1);

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ';';
	return text;
}

size_t xb_quarantine_bytes(const struct xb_quarantine *q)
{
	return q->bytes;
}

/* A loose object is its header and its bytes, deflated. No one reads it before it is whole. */
static struct xb_err *write_loose(struct xb_quarantine *q, const git_oid *id, git_object_t type,
				  const void *data, size_t len)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/%.2s", q->objects, xb_hex(id).s);
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, xb_hex(id).s + 2);
	XB_AUTOFREE unsigned char *out = NULL;
	XB_AUTOBUF struct xb_buf whole = XB_BUF_INIT;
	size_t most, n;

	xb_buf_addf(&whole, "%s %zu", git_object_type2string(type), len);
	xb_buf_addc(&whole, '\0');
	xb_buf_add(&whole, data, len);
	most = libdeflate_zlib_compress_bound(q->deflater, whole.n);
	out = xb_malloc(most);
	n = libdeflate_zlib_compress(q->deflater, whole.p, whole.n, out, most);
	XB_TRY(make_dir(dir));
	q->bytes += n;
	XB_TRY(write_file(path, out, n));
	xb_oidmap_set(&q->written, id, q);
	return NULL;
}

static struct xb_err *take(struct xb_quarantine *q, const git_oid *id, unsigned depth)
{
	const struct xb_obj *o = xb_store_made(q->s, id);
	struct xb_tree_iter it;
	struct xb_entry e;

	if (!o || xb_oidmap_get(&q->written, id))
		return NULL;
	if (depth > MAX_DEPTH)
		return xb_err_new(XB_E_HOSTILE, "directories nested deeper than %d", MAX_DEPTH);
	if (o->type == GIT_OBJECT_TREE) {
		XB_TRY(xb_tree_open(q->s, id, &it));
		while (xb_tree_next(&it, &e))
			XB_TRY(take(q, &e.oid, depth + 1));
	}
	return write_loose(q, id, o->type, o->data, o->len);
}

struct xb_err *xb_quarantine_take(struct xb_quarantine *q, const git_oid *tree)
{
	return take(q, tree, 0); /* git knows the empty tree by itself */
}

struct xb_err *xb_quarantine_commit(struct xb_quarantine *q, const git_oid *tree, const git_oid *parent,
				    git_oid *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_addf(&b, "tree %s\n",
		    git_oid_is_zero(tree) ? "4b825dc642cb6eb9a060e54bf8d69288fbee4904" : xb_hex(tree).s);
	if (parent)
		xb_buf_addf(&b, "parent %s\n", xb_hex(parent).s);
	xb_buf_adds(&b, "author x <x> 0 +0000\ncommitter x <x> 0 +0000\n\n");
	xb_object_id(GIT_OBJECT_COMMIT, b.p, b.n, out);
	return xb_oidmap_get(&q->written, out) ? NULL : write_loose(q, out, GIT_OBJECT_COMMIT, b.p, b.n);
}

/* The attributes of a tree, gathered. */
struct gather {
	struct xb_quarantine *q;
	struct xb_buf path, list;
	size_t n;
	unsigned depth;
};

/* *ANY: there are some in the tree ID. */
static struct xb_err *gather(struct gather *g, const git_oid *id, bool *any)
{
	size_t n = g->path.n;
	struct xb_tree_iter it;
	struct xb_entry e;

	*any = false;
	if (xb_oidmap_get(&g->q->bare, id))
		return NULL;
	if (++g->depth > MAX_DEPTH)
		return xb_err_new(XB_E_HOSTILE, "directories nested deeper than %d", MAX_DEPTH);
	XB_TRY(xb_tree_open(g->q->s, id, &it));
	while (xb_tree_next(&it, &e)) {
		bool below = false;

		if (xb_entry_is_file(&e) && e.len == 14 && !memcmp(e.name, ".gitattributes", 14)) {
			below = true;
			g->n++;
			xb_buf_add(&g->list, g->path.p, g->path.n);
			xb_buf_addc(&g->list, '\0');
			xb_buf_adds(&g->list, xb_hex(&e.oid).s);
		} else if (xb_entry_is_tree(&e)) {
			xb_buf_add(&g->path, e.name, e.len);
			xb_buf_addc(&g->path, '/');
			XB_TRY(gather(g, &e.oid, &below));
			xb_buf_setlen(&g->path, n);
		}
		*any |= below;
	}
	g->depth--;
	if (!*any)
		xb_oidmap_set(&g->q->bare, id, g->q);
	return NULL;
}

/* One file, with the directories on the way to it. */
static struct xb_err *put_attributes(struct xb_quarantine *q, const char *dir, const char *hex, size_t *total)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s.gitattributes", q->work, dir);
	struct xb_obj *o;
	git_oid oid;

	git_oid_fromstrn(&oid, hex, GIT_OID_HEXSZ);
	XB_TRY(xb_store_get(q->s, &oid, GIT_OBJECT_BLOB, &o));
	*total += o->len;
	if (*total > MAX_ATTRIBUTES_BYTES)
		return NULL;
	for (char *slash = path + strlen(q->work) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		XB_TRY(make_dir(path));
		*slash = '/';
	}
	return write_file(path, o->data, o->len);
}

static struct xb_err *put_all(struct xb_quarantine *q, const struct gather *g, const char **why)
{
	size_t total = 0;

	if (g->n > MAX_ATTRIBUTES)
		*why = "too many .gitattributes files";
	q->damaged = true;
	xb_tempdir_remove(q->work);
	XB_TRY(make_dir(q->work));
	for (size_t at = 0; at < g->list.n && !*why;) {
		const char *dir = g->list.p + at, *hex = dir + strlen(dir) + 1;

		XB_TRY(put_attributes(q, dir, hex, &total));
		if (total > MAX_ATTRIBUTES_BYTES)
			*why = "too large .gitattributes files";
		at = (size_t)(hex - g->list.p) + GIT_OID_HEXSZ;
	}
	q->damaged = *why != NULL;
	return NULL;
}

static bool has(const struct xb_quarantine *q, const struct xb_buf *list)
{
	return !q->damaged && list->n == q->have.n && (!list->n || !memcmp(list->p, q->have.p, list->n));
}

/* G is zeroed before, and the caller's in each case. */
static struct xb_err *gather_all(struct xb_quarantine *q, const git_oid *tree, struct gather *g)
{
	bool any;

	g->q = q;
	return git_oid_is_zero(tree) ? NULL : gather(g, tree, &any);
}

static void release_gather(struct gather *g)
{
	xb_buf_release(&g->path);
	xb_buf_release(&g->list);
}

struct xb_err *xb_quarantine_differs(struct xb_quarantine *q, const git_oid *tree, bool *out)
{
	struct gather g = {0};
	struct xb_err *err = gather_all(q, tree, &g);

	*out = !err && !has(q, &g.list);
	release_gather(&g);
	return err;
}

struct xb_err *xb_quarantine_attributes(struct xb_quarantine *q, const git_oid *tree, const char **why)
{
	struct gather g = {0};
	struct xb_err *err = gather_all(q, tree, &g);

	*why = NULL;
	if (!err && !has(q, &g.list)) {
		err = put_all(q, &g, why);
		xb_buf_setlen(&q->have, 0);
		xb_buf_add(&q->have, g.list.p, g.list.n);
	}
	release_gather(&g);
	return err;
}

static struct xb_err *give(struct xb_quarantine *q, const git_oid *id, git_object_t type, const git_oid *like,
			   unsigned depth);

/* The entries of a tree before the tree itself. */
static struct xb_err *give_entries(struct xb_quarantine *q, const unsigned char *p, size_t n,
				   const git_oid *like, unsigned depth)
{
	struct xb_tree_iter it = {p, p + n}, old;
	struct xb_entry e, was;

	XB_TRY(xb_tree_open(q->s, like, &old));
	while (xb_tree_next(&it, &e)) {
		if (e.mode == XB_MODE_GITLINK)
			continue;
		xb_tree_lookup(old, e.name, e.len, &was);
		if (xb_entry_same(&e, &was))
			continue;
		if (xb_entry_is_tree(&e) != xb_entry_is_tree(&was))
			was = (struct xb_entry){0};
		XB_TRY(give(q, &e.oid, xb_entry_is_tree(&e) ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB,
			    was.mode ? &was.oid : NULL, depth + 1));
	}
	return NULL;
}

static struct xb_err *give(struct xb_quarantine *q, const git_oid *id, git_object_t type, const git_oid *like,
			   unsigned depth)
{
	static const git_oid none;
	XB_AUTOGIT(git_odb_object) *o = NULL;
	struct xb_obj *known;
	git_oid made;
	int rc;

	if (depth > MAX_DEPTH)
		return xb_err_new(XB_E_HOSTILE, "directories nested deeper than %d", MAX_DEPTH);
	rc = git_odb_read(&o, q->made, id);
	if (rc == GIT_ENOTFOUND) /* then it was there before */
		return xb_store_get(q->s, id, type, &known);
	if (rc || git_odb_object_type(o) != type)
		return xb_err_git(XB_E_IO, rc, "cannot read %s, which git made", xb_hex(id).s);
	if (type == GIT_OBJECT_BLOB)
		return xb_store_put(q->s, type, git_odb_object_data(o), git_odb_object_size(o), like, &made);
	XB_TRY(xb_tree_check(git_odb_object_data(o), git_odb_object_size(o)));
	XB_TRY(give_entries(q, git_odb_object_data(o), git_odb_object_size(o), like ? like : &none, depth));
	return xb_tree_write(q->s, git_odb_object_data(o), git_odb_object_size(o), NULL, like, &made);
}

struct xb_err *xb_quarantine_give(struct xb_quarantine *q, const git_oid *tree, const git_oid *like)
{
	return give(q, tree, GIT_OBJECT_TREE, git_oid_is_zero(like) ? NULL : like, 0);
}
