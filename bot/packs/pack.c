/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

#include "packdelta.h"
#include "packidx.h"
#include "sha1.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_DEPTH = 50,  /* git's own limit for packs it writes */
	CHUNK = 1 << 16, /* bytes between two writes */
	OFS_DELTA = 6,   /* object type in a pack */
};

/* A file being written: hashed as it goes. The first errno or library fault sticks. */
struct out {
	char *tmp;
	int fd;
	struct xb_sha1 sha;
	struct libdeflate_compressor *deflater;
	unsigned char *deflated;
	size_t deflated_cap;
	uint64_t offset;
	uint32_t crc;
	int errnum;
	bool fault;
	size_t n;
	unsigned char buf[CHUNK];
};

static void out_flush(struct out *o)
{
	if (!o->errnum && xb_write_all(o->fd, o->buf, o->n))
		o->errnum = errno;
	o->n = 0;
}

/* Adds bytes that are hashed already, or must not be. */
static void out_raw(struct out *o, const void *p, size_t n)
{
	const unsigned char *s = p;

	o->offset += n;
	while (n) {
		size_t room = CHUNK - o->n, part = n < room ? n : room;

		memcpy(o->buf + o->n, s, part);
		o->n += part;
		s += part;
		n -= part;
		if (o->n == CHUNK)
			out_flush(o);
	}
}

static void out_add(struct out *o, const void *p, size_t n)
{
	o->crc = libdeflate_crc32(o->crc, p, n);
	xb_sha1_add(&o->sha, p, n);
	out_raw(o, p, n);
}

static void out_deflate(struct out *o, const unsigned char *p, size_t n)
{
	size_t most = libdeflate_zlib_compress_bound(o->deflater, n), used;

	xb_grow(&o->deflated, &o->deflated_cap, most, 1);
	used = libdeflate_zlib_compress(o->deflater, p, n, o->deflated, o->deflated_cap);
	o->fault |= !used;
	out_add(o, o->deflated, used);
}

/* Type and size: four bits of the size in the first byte, then seven a byte, lowest first. */
static void out_header(struct out *o, unsigned type, uint64_t size)
{
	unsigned char b[10];
	size_t n = 0;
	unsigned char c = (unsigned char)((type << 4) | (size & 15));

	for (size >>= 4; size; size >>= 7) {
		b[n++] = c | 0x80;
		c = size & 0x7f;
	}
	b[n++] = c;
	out_add(o, b, n);
}

/* How far back the base is: seven bits a byte, highest first, each step less one. */
static void out_distance(struct out *o, uint64_t distance)
{
	unsigned char b[10];
	size_t at = sizeof b - 1;

	b[at] = distance & 0x7f;
	while (distance >>= 7)
		b[--at] = (unsigned char)(0x80 | (--distance & 0x7f));
	out_add(o, b + at, sizeof b - at);
}

/* What is known of each object while the pack is written. */
struct slot {
	struct xb_packidx_entry entry;
	const struct xb_pack_object *object;
	unsigned depth;
	bool done;
};

struct writer {
	struct out out;
	struct slot *slots; /* sorted by id */
	size_t n;
	size_t deltas;
};

static int by_slot(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	int c = git_oid_cmp(&x->entry.oid, &y->entry.oid);

	return c ? c : (x->object > y->object) - (x->object < y->object);
}

static int by_id(const void *key, const void *elem)
{
	return git_oid_cmp(key, &((const struct slot *)elem)->entry.oid);
}

static struct slot *find_slot(const struct writer *w, const git_oid *id)
{
	return bsearch(id, w->slots, w->n, sizeof *w->slots, by_id);
}

static void make_slots(struct writer *w, const struct xb_pack_object *objects, size_t n)
{
	size_t kept = 0;

	w->slots = xb_calloc(n, sizeof *w->slots);
	for (size_t i = 0; i < n; i++) {
		w->slots[i].entry.oid = objects[i].oid;
		w->slots[i].object = &objects[i];
	}
	qsort(w->slots, n, sizeof *w->slots, by_slot);
	for (size_t i = 0; i < n; i++)
		if (!kept || git_oid_cmp(&w->slots[kept - 1].entry.oid, &w->slots[i].entry.oid))
			w->slots[kept++] = w->slots[i];
	w->n = kept;
}

/* The base, when it is written already and good for one delta more. */
static const struct slot *usable_base(const struct writer *w, const struct xb_pack_object *o)
{
	const struct slot *base = o->base ? find_slot(w, o->base) : NULL;

	if (!base || !base->done || base->object->type != o->type || base->depth >= MAX_DEPTH)
		return NULL;
	return base;
}

static void write_whole(struct writer *w, const struct xb_pack_object *o)
{
	out_header(&w->out, (unsigned)o->type, o->len);
	out_deflate(&w->out, o->data, o->len);
}

static void write_delta(struct writer *w, struct slot *s, const struct slot *base, const struct xb_buf *delta)
{
	out_header(&w->out, OFS_DELTA, delta->n);
	out_distance(&w->out, s->entry.offset - base->entry.offset);
	out_deflate(&w->out, (const unsigned char *)delta->p, delta->n);
	s->depth = base->depth + 1;
	w->deltas++;
}

static void write_object(struct writer *w, struct slot *s)
{
	const struct xb_pack_object *o = s->object;
	const struct slot *base = usable_base(w, o);
	XB_AUTOBUF struct xb_buf delta = XB_BUF_INIT;

	s->entry.offset = w->out.offset;
	w->out.crc = 0;
	if (base && xb_packdelta_make(base->object->data, base->object->len, o->data, o->len, &delta))
		write_delta(w, s, base, &delta);
	else
		write_whole(w, o);
	s->entry.crc = w->out.crc;
	s->done = true;
}

static void write_objects(struct writer *w, const struct xb_pack_object *objects, size_t n)
{
	const uint32_t count = htobe32((uint32_t)w->n);

	out_add(&w->out, "PACK\0\0\0\2", 8);
	out_add(&w->out, &count, sizeof count);
	for (size_t i = 0; i < n; i++) {
		struct slot *s = find_slot(w, &objects[i].oid);

		if (s && !s->done)
			write_object(w, s);
	}
}

static struct xb_err *out_open(struct out *o, const char *dir)
{
	o->tmp = xb_asprintf("%s/tmp-pack-XXXXXX", dir);
	o->fd = mkostemp(o->tmp, O_CLOEXEC);
	if (o->fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot create %s", o->tmp);
	xb_sha1_init(&o->sha);
	o->deflater = libdeflate_alloc_compressor(1);
	if (!o->deflater)
		return xb_err_new(XB_E_INTERNAL, "cannot start libdeflate");
	return NULL;
}

/* The checksum, then everything to the disk. */
static struct xb_err *out_finish(struct out *o, unsigned char *sum)
{
	int fd;

	if (o->fault)
		return xb_err_new(XB_E_INTERNAL, "libdeflate failed");
	xb_sha1_end(&o->sha, sum);
	out_raw(o, sum, SHA_DIGEST_LENGTH);
	out_flush(o);
	if (!o->errnum && (fchmod(o->fd, 0444) || fsync(o->fd)))
		o->errnum = errno;
	fd = o->fd;
	o->fd = -1;
	if (close(fd) && !o->errnum)
		o->errnum = errno;
	if (o->errnum)
		return xb_err_sys(XB_E_IO, o->errnum, "cannot write %s", o->tmp);
	return NULL;
}

static void out_release(struct out *o)
{
	if (o->fd >= 0)
		close(o->fd); /* only on an error path: the file goes */
	if (o->tmp)
		unlink(o->tmp); /* fails when it has its name by now, as it should */
	libdeflate_free_compressor(o->deflater);
	XB_FREE(o->deflated, o->tmp);
}

static struct xb_err *write_index(const struct writer *w, const unsigned char *sum, const char *path)
{
	XB_AUTOFREE struct xb_packidx_entry *entries = xb_calloc(w->n, sizeof *entries);
	XB_AUTOBUF struct xb_buf idx = XB_BUF_INIT;

	for (size_t i = 0; i < w->n; i++)
		entries[i] = w->slots[i].entry;
	xb_packidx_make(entries, w->n, sum, 1u << 31, &idx);
	return xb_file_write(path, idx.p, idx.n, 0444);
}

/* The pack gets its name first: an index without its pack would be an error to every reader. */
static struct xb_err *name_files(const struct writer *w, const unsigned char *sum,
				 const struct xb_pack_written *out)
{
	XB_AUTOFREE char *pack = xb_asprintf("%s/%s.pack", out->dir, out->name);
	XB_AUTOFREE char *idx = xb_asprintf("%s/%s.idx", out->dir, out->name);
	struct xb_err *err;

	if (rename(w->out.tmp, pack))
		return xb_err_sys(XB_E_IO, errno, "cannot rename to %s", pack);
	err = write_index(w, sum, idx); /* fsyncs the directory too */
	if (err)
		unlink(pack);
	return err;
}

static struct xb_err *write_all(struct writer *w, const struct xb_pack_object *objects, size_t n,
				struct xb_pack_written *out)
{
	unsigned char sum[SHA_DIGEST_LENGTH];
	git_oid hex;

	XB_TRY(out_open(&w->out, out->dir));
	write_objects(w, objects, n);
	XB_TRY(out_finish(&w->out, sum));
	memcpy(hex.id, sum, sizeof hex.id);
	out->name = xb_asprintf("pack-%s", xb_hex(&hex).s);
	out->objects = w->n;
	out->deltas = w->deltas;
	out->bytes = w->out.offset;
	return name_files(w, sum, out);
}

struct xb_err *xb_pack_write(const char *dir, const struct xb_pack_object *objects, size_t n,
			     struct xb_pack_written *out)
{
	struct writer *w;
	struct xb_err *err;

	memset(out, 0, sizeof *out);
	if (!n || n > UINT32_MAX)
		return xb_err_new(XB_E_INTERNAL, "a pack of %zu objects", n);
	w = xb_calloc(1, sizeof *w);
	w->out.fd = -1;
	out->dir = xb_strdup(dir);
	make_slots(w, objects, n);
	err = write_all(w, objects, n, out);
	out_release(&w->out);
	XB_FREE(w->slots, w);
	if (err)
		xb_pack_written_release(out);
	return err ? xb_err_wrap(err, "cannot write a pack in %s", dir) : NULL;
}

void xb_pack_discard(const struct xb_pack_written *w)
{
	static const char *const suffixes[] = {"idx", "pack", "keep"};

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s.%s", w->dir, w->name, suffixes[i]);

		unlink(path);
	}
}

void xb_pack_written_release(struct xb_pack_written *w)
{
	XB_FREE(w->dir, w->name);
	memset(w, 0, sizeof *w);
}
