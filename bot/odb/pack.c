/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

#include "util/alloc.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/sha1.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_DEPTH = 50,      /* git's own limit for packs it writes */
	MAX_COPY = 0xffffff, /* a copy's size has three bytes */
	MAX_INSERT = 0x7f,   /* an insert's size has seven bits */
	CHUNK = 1 << 16,     /* bytes between two writes */
	OFS_DELTA = 6,       /* object type in a pack */
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

static void put32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
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

static void delta_size(struct xb_buf *d, uint64_t size)
{
	for (; size > 0x7f; size >>= 7)
		xb_buf_addc(d, (char)(unsigned char)((size & 0x7f) | 0x80));
	xb_buf_addc(d, (char)size);
}

/* One copy: a byte that says which bytes of offset and size follow, lowest first. */
static void delta_copy_one(struct xb_buf *d, uint32_t offset, uint32_t size)
{
	unsigned char op[8] = {0x80};
	size_t n = 1;

	for (unsigned i = 0; i < 4; i++)
		if (offset >> (8 * i) & 0xff) {
			op[0] |= (unsigned char)(1u << i);
			op[n++] = (unsigned char)(offset >> (8 * i));
		}
	for (unsigned i = 0; i < 3; i++)
		if (size >> (8 * i) & 0xff) {
			op[0] |= (unsigned char)(0x10u << i);
			op[n++] = (unsigned char)(size >> (8 * i));
		}
	xb_buf_add(d, op, n);
}

static void delta_copy(struct xb_buf *d, size_t offset, size_t size)
{
	while (size) {
		size_t part = size < MAX_COPY ? size : MAX_COPY;

		delta_copy_one(d, (uint32_t)offset, (uint32_t)part);
		offset += part;
		size -= part;
	}
}

static void delta_insert(struct xb_buf *d, const unsigned char *p, size_t n)
{
	while (n) {
		size_t part = n < MAX_INSERT ? n : MAX_INSERT;

		xb_buf_addc(d, (char)part);
		xb_buf_add(d, p, part);
		p += part;
		n -= part;
	}
}

bool xb_pack_delta(const unsigned char *base, size_t base_len, const unsigned char *data, size_t len,
		   struct xb_buf *out)
{
	size_t max = base_len < len ? base_len : len, head, tail;

	if (base_len > UINT32_MAX)
		return false;
	head = xb_common_head(base, data, max);
	tail = xb_common_tail(base + base_len, data + len, max - head);
	if (len - head - tail > len / 2)
		return false;
	delta_size(out, base_len);
	delta_size(out, len);
	delta_copy(out, 0, head);
	delta_insert(out, data + head, len - head - tail);
	delta_copy(out, base_len - tail, tail);
	return out->n <= len / 2;
}

/* What is known of each object while the pack is written. */
struct slot {
	struct xb_pack_entry entry;
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
	if (base && xb_pack_delta(base->object->data, base->object->len, o->data, o->len, &delta))
		write_delta(w, s, base, &delta);
	else
		write_whole(w, o);
	s->entry.crc = w->out.crc;
	s->done = true;
}

static void write_objects(struct writer *w, const struct xb_pack_object *objects, size_t n)
{
	unsigned char header[12] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};

	put32(header + 8, (uint32_t)w->n);
	out_add(&w->out, header, sizeof header);
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
	out_raw(o, sum, XB_PACK_SUM);
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
	free(o->deflated);
	free(o->tmp);
}

static int by_entry(const void *a, const void *b)
{
	return git_oid_cmp(&((const struct xb_pack_entry *)a)->oid, &((const struct xb_pack_entry *)b)->oid);
}

static void add32(struct xb_buf *b, uint32_t v)
{
	unsigned char p[4];

	put32(p, v);
	xb_buf_add(b, p, sizeof p);
}

static void index_fanout(const struct xb_pack_entry *e, size_t n, struct xb_buf *out)
{
	size_t at = 0;

	for (unsigned first = 0; first < 256; first++) {
		while (at < n && e[at].oid.id[0] <= first)
			at++;
		add32(out, (uint32_t)at);
	}
}

static void index_offsets(const struct xb_pack_entry *e, size_t n, uint64_t large_from, struct xb_buf *out)
{
	uint32_t large = 0;

	for (size_t i = 0; i < n; i++)
		add32(out, e[i].offset >= large_from ? 0x80000000u | large++ : (uint32_t)e[i].offset);
	for (size_t i = 0; i < n; i++)
		if (e[i].offset >= large_from) {
			add32(out, (uint32_t)(e[i].offset >> 32));
			add32(out, (uint32_t)e[i].offset);
		}
}

struct xb_err *xb_pack_index(struct xb_pack_entry *entries, size_t n, const unsigned char *pack_sum,
			     uint64_t large_from, struct xb_buf *out)
{
	struct xb_sha1 sha;
	unsigned char sum[XB_PACK_SUM];

	qsort(entries, n, sizeof *entries, by_entry);
	xb_buf_add(out, "\377tOc\0\0\0\2", 8);
	index_fanout(entries, n, out);
	for (size_t i = 0; i < n; i++)
		xb_buf_add(out, entries[i].oid.id, GIT_OID_RAWSZ);
	for (size_t i = 0; i < n; i++)
		add32(out, entries[i].crc);
	index_offsets(entries, n, large_from, out);
	xb_buf_add(out, pack_sum, XB_PACK_SUM);
	xb_sha1_init(&sha);
	xb_sha1_add(&sha, out->p, out->n);
	xb_sha1_end(&sha, sum);
	xb_buf_add(out, sum, sizeof sum);
	return NULL;
}

static struct xb_err *write_index(const struct writer *w, const unsigned char *sum, const char *path)
{
	XB_AUTOFREE struct xb_pack_entry *entries = xb_calloc(w->n, sizeof *entries);
	XB_AUTOBUF struct xb_buf idx = XB_BUF_INIT;

	for (size_t i = 0; i < w->n; i++)
		entries[i] = w->slots[i].entry;
	XB_TRY(xb_pack_index(entries, w->n, sum, 1u << 31, &idx));
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
	unsigned char sum[XB_PACK_SUM];
	git_oid hex;

	XB_TRY(out_open(&w->out, out->dir));
	write_objects(w, objects, n);
	XB_TRY(out_finish(&w->out, sum));
	memcpy(hex.id, sum, sizeof hex.id);
	out->name = xb_asprintf("pack-%s", git_oid_tostr_s(&hex));
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
	free(w->slots);
	free(w);
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
	free(w->dir);
	free(w->name);
	memset(w, 0, sizeof *w);
}
