/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loose.h"

#include "git.h"
#include "os/file.h"
#include "util/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
	HEAD_MAX = 32,    /* bytes of "TYPE SIZE" and the NUL */
	BEST_RATIO = 1032 /* deflate can't do better: a header that says so lies */
};

struct loose {
	git_odb_backend parent;
	char *objects;
};

/* A file at hand. */
struct file {
	char *path;
	unsigned char *map; /* NULL: there is none */
	size_t map_len;
	z_stream z;
	bool inflating;
	unsigned char head[HEAD_MAX];
	size_t head_len, body_at; /* of what was inflated for the header; where the object begins in it */
	git_object_t type;
	size_t len;
};

static const struct loose *loose_of(const git_odb_backend *b)
{
	return (const struct loose *)b;
}

static void file_release(struct file *f)
{
	if (f->inflating)
		inflateEnd(&f->z);
	if (f->map)
		munmap(f->map, f->map_len);
	free(f->path);
}
#define AUTOFILE __attribute__((cleanup(file_release)))

static char *path_of(const char *objects, const git_oid *oid)
{
	struct xb_hex hex = xb_hex(oid);

	return xb_asprintf("%s/%.2s/%s", objects, hex.s, hex.s + 2);
}

static int damaged(const struct file *f, const git_oid *oid, const char *what)
{
	XB_AUTOFREE char *text =
	    xb_asprintf("object %s is damaged: %s: %s; DAMAGE in xsabot-promises(7) says how it is mended",
			xb_hex(oid).s, f->path, what);

	git_error_set_str(GIT_ERROR_ODB, text);
	return -1;
}

static bool is_gone(int e)
{
	return e == ENOENT || e == ENOTDIR;
}

/* 0: mapped; GIT_ENOTFOUND; -1: it is there and can't be read. */
static int map_file(struct file *f, const git_oid *oid)
{
	XB_AUTOCLOSE int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	void *p;

	if (fd < 0 && is_gone(errno))
		return GIT_ENOTFOUND;
	if (fd < 0 || fstat(fd, &st))
		return damaged(f, oid, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return damaged(f, oid, "it is no file");
	if (!st.st_size)
		return damaged(f, oid, "it is empty");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return damaged(f, oid, strerror(errno));
	f->map = p;
	f->map_len = (size_t)st.st_size;
	return 0;
}

/* "blob 123" and the NUL. */
static bool parse_head(struct file *f)
{
	const unsigned char *nul = memchr(f->head, 0, f->head_len);
	const char *blank = nul ? strchr((char *)f->head, ' ') : NULL;
	XB_AUTOFREE char *type = blank ? xb_memdup0(f->head, (size_t)(blank - (char *)f->head)) : NULL;
	char *end;

	if (!blank || blank[1] < '0' || blank[1] > '9')
		return false;
	errno = 0;
	f->len = strtoul(blank + 1, &end, 10);
	f->type = git_object_string2type(type);
	f->body_at = (size_t)(nul - f->head) + 1;
	return !errno && end == (const char *)nul && f->type >= GIT_OBJECT_COMMIT &&
	       f->type <= GIT_OBJECT_TAG && f->len / BEST_RATIO <= f->map_len;
}

/* Type and length, and the first bytes. */
static int open_file(const struct loose *l, const git_oid *oid, struct file *f)
{
	int rc;

	*f = (struct file){.path = path_of(l->objects, oid)};
	rc = map_file(f, oid);
	if (rc)
		return rc;
	if (f->map_len > UINT32_MAX || inflateInit(&f->z) != Z_OK)
		return damaged(f, oid, "it is too large");
	f->inflating = true;
	f->z.next_in = f->map;
	f->z.avail_in = (uInt)f->map_len;
	f->z.next_out = f->head;
	f->z.avail_out = sizeof f->head;
	rc = inflate(&f->z, Z_NO_FLUSH);
	f->head_len = sizeof f->head - f->z.avail_out;
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return damaged(f, oid, "it can't be inflated");
	return parse_head(f) ? 0 : damaged(f, oid, "it does not begin as an object does");
}

/* The whole object to OUT, which has room for F->len bytes: one call, that ends with the stream or in damage.
 */
static int read_body(struct file *f, const git_oid *oid, unsigned char *out)
{
	size_t have = f->head_len - f->body_at, n = have < f->len ? have : f->len;
	unsigned char over;
	int rc;

	memcpy(out, f->head + f->body_at, n);
	if (have > f->len || f->len > UINT32_MAX)
		return damaged(f, oid, "it has another length than it says");
	f->z.next_out = n < f->len ? out + n : &over;
	f->z.avail_out = n < f->len ? (uInt)(f->len - n) : 0;
	rc = inflate(&f->z, Z_FINISH);
	if (rc == Z_BUF_ERROR && !f->z.avail_out) { /* the stream's end may be all that is left */
		f->z.next_out = &over;
		f->z.avail_out = 1;
		rc = inflate(&f->z, Z_FINISH);
		if (!f->z.avail_out)
			return damaged(f, oid, "it has another length than it says");
	}
	if (rc != Z_STREAM_END)
		return damaged(f, oid, rc == Z_BUF_ERROR ? "it is cut off" : "it can't be inflated");
	return f->z.avail_out && f->z.next_out != &over ? damaged(f, oid, "it is cut off") : 0;
}

static int on_read(void **out, size_t *len, git_object_t *type, git_odb_backend *b, const git_oid *oid)
{
	AUTOFILE struct file f = {0};
	int rc = open_file(loose_of(b), oid, &f);
	unsigned char *data;

	if (rc)
		return rc;
	data = git_odb_backend_data_alloc(b, f.len + 1);
	if (!data)
		return -1;
	rc = read_body(&f, oid, data);
	if (rc) {
		git_odb_backend_data_free(b, data);
		return rc;
	}
	data[f.len] = '\0';
	*out = data;
	*len = f.len;
	*type = f.type;
	return 0;
}

static int on_read_header(size_t *len, git_object_t *type, git_odb_backend *b, const git_oid *oid)
{
	AUTOFILE struct file f = {0};
	int rc = open_file(loose_of(b), oid, &f);

	*len = f.len;
	*type = f.type;
	return rc;
}

/* One that is there and can't be read is there. */
static int on_exists(git_odb_backend *b, const git_oid *oid)
{
	XB_AUTOFREE char *path = path_of(loose_of(b)->objects, oid);
	struct stat st;

	return !lstat(path, &st) || !is_gone(errno);
}

/* Calls CB for each object in the directory XX, until it gives something else than 0. */
static int each_in(const struct loose *l, unsigned xx, git_odb_foreach_cb cb, void *payload)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%02x", l->objects, xx);
	DIR *d = opendir(path);
	const struct dirent *e;
	int rc = 0;

	while (d && !rc && (e = readdir(d))) {
		XB_AUTOFREE char *hex = xb_asprintf("%02x%s", xx, e->d_name);
		git_oid oid;

		if (strlen(hex) == GIT_OID_HEXSZ && !git_oid_fromstr(&oid, hex))
			rc = cb(&oid, payload);
	}
	if (d)
		closedir(d);
	return rc;
}

static int on_foreach(git_odb_backend *b, git_odb_foreach_cb cb, void *payload)
{
	int rc = 0;

	for (unsigned xx = 0; !rc && xx < 256; xx++)
		rc = each_in(loose_of(b), xx, cb, payload);
	return rc;
}

struct prefix {
	git_oid wanted, found;
	size_t len, n;
};

static int match_prefix(const git_oid *oid, void *payload)
{
	struct prefix *p = payload;

	if (git_oid_ncmp(oid, &p->wanted, p->len))
		return 0;
	p->found = *oid;
	p->n++;
	return 0;
}

/* LEN: of hex digits; libgit2 gives at least four. */
static int on_exists_prefix(git_oid *out, git_odb_backend *b, const git_oid *oid, size_t len)
{
	struct prefix p = {.wanted = *oid, .len = len};

	each_in(loose_of(b), oid->id[0], match_prefix, &p);
	*out = p.found;
	return p.n == 1 ? 0 : p.n ? GIT_EAMBIGUOUS : GIT_ENOTFOUND;
}

static int on_read_prefix(git_oid *found, void **out, size_t *len, git_object_t *type, git_odb_backend *b,
			  const git_oid *oid, size_t n)
{
	int rc = n >= GIT_OID_HEXSZ ? 0 : on_exists_prefix(found, b, oid, n);

	if (n >= GIT_OID_HEXSZ)
		*found = *oid;
	return rc ? rc : on_read(out, len, type, b, found);
}

static void on_free(git_odb_backend *b)
{
	struct loose *l = (struct loose *)b;

	XB_FREE(l->objects, l);
}

git_odb_backend *xb_loose_backend(const char *objects)
{
	struct loose *l = xb_calloc(1, sizeof *l);

	l->objects = xb_strdup(objects);
	l->parent = (git_odb_backend){.version = GIT_ODB_BACKEND_VERSION,
				      .read = on_read,
				      .read_prefix = on_read_prefix,
				      .read_header = on_read_header,
				      .exists = on_exists,
				      .exists_prefix = on_exists_prefix,
				      .foreach = on_foreach,
				      .free = on_free};
	return &l->parent;
}
