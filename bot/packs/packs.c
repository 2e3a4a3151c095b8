/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packs.h"

#include "packdelta.h"
#include "packidx.h"
#include "repo/odb.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ 8192 /* bytes: most objects are smaller in a pack, and neighbours are read together */
#define MAX_CHAIN 4096  /* deltas on deltas; git makes at most 4095 */
#define MAX_PACKS 64    /* each is an open file; the others are left to libgit2 */
#define MAX_HEADER 32   /* of an object: type, size, base */
#define MAX_OBJECT ((size_t)256 << 20)

/* Bases of deltas that were made are kept: the next object is often a neighbour. */
#define CACHE_SLOTS 1024
#define CACHE_BYTES ((size_t)4 << 20)

enum { OFS_DELTA = 6, REF_DELTA = 7 };

struct pack {
	int fd;
	uint64_t size; /* without the checksum at its end */
	struct xb_packidx *index;
};

struct cached {
	const struct pack *pack;
	uint64_t offset;
	struct xb_packed *object;
};

/* An object's place and what its header says. */
struct place {
	uint64_t offset, data, base; /* DATA: where the deflated bytes begin; BASE: of a delta, its base */
	unsigned type;
	size_t len; /* inflated */
};

struct buffer {
	unsigned char *p;
	size_t n, cap;
};

struct xb_packs {
	unsigned users;
	struct {
		struct pack **v;
		size_t n, cap;
	} packs;
	size_t last; /* the pack that had the last object */
	struct libdeflate_decompressor *inflater;
	struct {
		const struct pack *pack;
		uint64_t at;
		struct buffer b;
	} in;                /* the bytes of a pack that were read last */
	struct buffer delta; /* inflated */
	struct {
		struct place *v;
		size_t n, cap;
	} chain;    /* the deltas of the object at hand, the object's own first */
	size_t max; /* bytes of it */
	bool too_large;
	struct cached cache[CACHE_SLOTS];
	size_t cache_bytes, hand;
};

static struct xb_packed *new_object(size_t len)
{
	struct xb_packed *o = xb_malloc(sizeof *o + len + 1);

	*o = (struct xb_packed){.refs = 1, .len = len};
	o->data[len] = '\0';
	return o;
}

void xb_packed_unref(struct xb_packed *o)
{
	if (o && !--o->refs)
		free(o);
}

static struct xb_packed *share(struct xb_packed *o)
{
	o->refs++;
	return o;
}

static void drop(struct xb_packs *p, struct cached *c)
{
	if (!c->object)
		return;
	p->cache_bytes -= c->object->len;
	xb_packed_unref(c->object);
	c->object = NULL;
}

static struct cached *slot(struct xb_packs *p, const struct pack *pack, uint64_t offset)
{
	uint64_t h = (offset ^ (uint64_t)(size_t)pack) * 0x9e3779b97f4a7c15u;

	return &p->cache[(h >> 40) % CACHE_SLOTS];
}

static struct xb_packed *recall(struct xb_packs *p, const struct pack *pack, uint64_t offset)
{
	struct cached *c = slot(p, pack, offset);

	return c->object && c->pack == pack && c->offset == offset ? share(c->object) : NULL;
}

static void remember(struct xb_packs *p, const struct pack *pack, uint64_t offset, struct xb_packed *o)
{
	struct cached *c = slot(p, pack, offset);

	if (o->type == GIT_OBJECT_COMMIT || o->len > CACHE_BYTES / 8)
		return;
	drop(p, c);
	*c = (struct cached){pack, offset, share(o)};
	p->cache_bytes += o->len;
	for (; p->cache_bytes > CACHE_BYTES; p->hand = (p->hand + 1) % CACHE_SLOTS)
		if (&p->cache[p->hand] != c)
			drop(p, &p->cache[p->hand]);
}

static unsigned char *reserve(struct buffer *b, size_t n)
{
	xb_grow(&b->p, &b->cap, n ? n : 1, 1);
	return b->p;
}

/* At least WANT bytes of the pack, or what it has from there; *N says how many. Valid until the next call. */
static const unsigned char *bytes_at(struct xb_packs *p, const struct pack *pack, uint64_t offset,
				     size_t want, size_t *n)
{
	uint64_t left = offset < pack->size ? pack->size - offset : 0;
	ssize_t got;

	want = want < left ? want : (size_t)left;
	if (p->in.pack != pack || offset < p->in.at || offset - p->in.at > p->in.b.n ||
	    p->in.b.n - (size_t)(offset - p->in.at) < want) {
		size_t len = want < FIRST_READ ? FIRST_READ : want;

		len = len < left ? len : (size_t)left;
		got = pread(pack->fd, reserve(&p->in.b, len), len, (off_t)offset);
		p->in.pack = pack;
		p->in.at = offset;
		p->in.b.n = got > 0 ? (size_t)got : 0;
	}
	*n = p->in.b.n - (size_t)(offset - p->in.at);
	return p->in.b.p + (offset - p->in.at);
}

/* Type and size: four bits, then seven a byte. False where they end too early. */
static bool parse_size(const unsigned char *h, size_t n, size_t *used, struct place *out)
{
	unsigned shift = 4;

	*used = 0;
	if (!n)
		return false;
	out->type = *h >> 4 & 7;
	out->len = *h & 15;
	while (h[(*used)++] & 0x80) {
		if (*used == n || shift > 56)
			return false;
		out->len |= (size_t)(h[*used] & 0x7f) << shift;
		shift += 7;
	}
	return true;
}

/* How far back the base is: seven bits a byte, the highest first, each further byte adding one. */
static bool parse_back(const unsigned char *h, size_t n, size_t *used, uint64_t *back)
{
	*back = 0;
	for (;; ++*back) {
		if (*used == n || *back >> 56)
			return false;
		*back = *back << 7 | (h[*used] & 0x7f);
		if (!(h[(*used)++] & 0x80))
			return true;
	}
}

static bool find_base(const struct pack *pack, const unsigned char *h, size_t n, size_t *used,
		      struct place *out)
{
	uint64_t back;
	git_oid base;

	if (out->type == OFS_DELTA) {
		if (!parse_back(h, n, used, &back) || !back || back > out->offset)
			return false;
		out->base = out->offset - back;
	} else if (out->type == REF_DELTA) {
		if (n - *used < GIT_OID_RAWSZ)
			return false;
		git_oid_fromraw(&base, h + *used);
		*used += GIT_OID_RAWSZ;
		return xb_packidx_find(pack->index, &base, &out->base);
	}
	return true;
}

static bool look_at(struct xb_packs *p, const struct pack *pack, uint64_t offset, struct place *out)
{
	size_t n, used;
	const unsigned char *h = bytes_at(p, pack, offset, MAX_HEADER, &n);

	*out = (struct place){.offset = offset};
	if (!parse_size(h, n, &used, out) || out->len > MAX_OBJECT || !find_base(pack, h, n, &used, out))
		return false;
	out->data = offset + used;
	return true;
}

static bool is_delta(const struct place *at)
{
	return at->type == OFS_DELTA || at->type == REF_DELTA;
}

/* Inflates what is at the place, all AT->len bytes of it. */
static bool inflate_to(struct xb_packs *p, const struct pack *pack, const struct place *at,
		       unsigned char *out)
{
	/* What doesn't compress grows by 5 bytes a block; a stream that is odder still is left to others. */
	size_t n, most = at->len + at->len / 1024 + 64;
	const unsigned char *in = bytes_at(p, pack, at->data, most, &n);

	return !libdeflate_zlib_decompress(p->inflater, in, n, out, at->len, NULL);
}

/* May what is made next have LEN bytes? It is the object itself when no deltas are left to apply. */
static bool fits(struct xb_packs *p, size_t len)
{
	p->too_large = !p->chain.n && len > p->max;
	return len <= MAX_OBJECT && !p->too_large;
}

static struct xb_packed *read_whole(struct xb_packs *p, const struct pack *pack, const struct place *at)
{
	struct xb_packed *o;

	if (at->type < GIT_OBJECT_COMMIT || at->type > GIT_OBJECT_TAG || !fits(p, at->len))
		return NULL;
	o = new_object(at->len);
	o->type = (git_object_t)at->type;
	if (inflate_to(p, pack, at, o->data))
		return o;
	xb_packed_unref(o);
	return NULL;
}

/* The object that the delta at the place makes of BASE. */
static struct xb_packed *apply(struct xb_packs *p, const struct pack *pack, const struct place *at,
			       const struct xb_packed *base)
{
	unsigned char *delta = reserve(&p->delta, at->len);
	struct xb_packed *o;
	size_t base_len, len;

	if (!inflate_to(p, pack, at, delta) || !xb_packdelta_sizes(delta, at->len, &base_len, &len) ||
	    !fits(p, len))
		return NULL;
	o = new_object(len);
	o->type = base->type;
	if (xb_packdelta_apply(delta, at->len, base->data, base->len, o->data, len))
		return o;
	xb_packed_unref(o);
	return NULL;
}

/* Goes from delta to base until something is whole or was kept; the deltas passed are in the chain. */
static struct xb_packed *find_whole(struct xb_packs *p, const struct pack *pack, uint64_t offset)
{
	p->chain.n = 0;
	for (;;) {
		struct xb_packed *o = recall(p, pack, offset);
		struct place at;

		if (o)
			return o;
		if (p->chain.n == MAX_CHAIN || !look_at(p, pack, offset, &at))
			return NULL;
		if (!is_delta(&at)) {
			o = read_whole(p, pack, &at);
			if (o)
				remember(p, pack, offset, o);
			return o;
		}
		*XB_PUSH(&p->chain, v, n, cap) = at;
		offset = at.base;
	}
}

static struct xb_packed *read_at(struct xb_packs *p, const struct pack *pack, uint64_t offset)
{
	struct xb_packed *o = find_whole(p, pack, offset);

	while (o && p->chain.n) {
		struct place at = p->chain.v[--p->chain.n];
		struct xb_packed *next = apply(p, pack, &at, o);

		xb_packed_unref(o);
		o = next;
		if (o)
			remember(p, pack, at.offset, o);
	}
	if (o && o->len > p->max) { /* it was kept */
		p->too_large = true;
		xb_packed_unref(o);
		o = NULL;
	}
	return o;
}

enum xb_packs_result xb_packs_read(struct xb_packs *p, const git_oid *oid, size_t max, struct xb_packed **out)
{
	uint64_t offset;

	*out = NULL;
	p->max = max < MAX_OBJECT ? max : MAX_OBJECT;
	p->too_large = false;
	for (size_t i = 0; i < p->packs.n; i++) {
		size_t k = (p->last + i) % p->packs.n;
		const struct pack *pack = p->packs.v[k];

		if (!xb_packidx_find(pack->index, oid, &offset))
			continue;
		p->last = k;
		*out = read_at(p, pack, offset);
		if (*out)
			return XB_PACKS_FOUND;
		return p->too_large ? XB_PACKS_TOO_LARGE : XB_PACKS_NONE;
	}
	return XB_PACKS_NONE;
}

static void free_pack(struct pack *pack)
{
	if (pack->fd >= 0)
		close(pack->fd);
	xb_packidx_free(pack->index);
	free(pack);
}

/* The pack says what it is, and that it has as many objects as its index. */
static bool check_pack(struct pack *pack)
{
	unsigned char h[12];
	struct stat st;

	if (pack->fd < 0 || !pack->index || fstat(pack->fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size < (off_t)sizeof h + GIT_OID_RAWSZ || pread(pack->fd, h, sizeof h, 0) != sizeof h)
		return false;
	pack->size = (uint64_t)st.st_size - GIT_OID_RAWSZ;
	return !memcmp(h, "PACK\0\0\0\2", 8) &&
	       ((uint32_t)h[8] << 24 | (uint32_t)h[9] << 16 | (uint32_t)h[10] << 8 | h[11]) ==
		   xb_packidx_count(pack->index);
}

/* DIR/BASE.idx and its pack. */
static void open_pack(struct xb_packs *p, const char *dir, const char *base, size_t n)
{
	XB_AUTOFREE char *idx = xb_asprintf("%s/%.*s.idx", dir, (int)n, base);
	XB_AUTOFREE char *path = xb_asprintf("%s/%.*s.pack", dir, (int)n, base);
	struct pack *pack = xb_calloc(1, sizeof *pack);

	pack->index = xb_packidx_open(idx);
	pack->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (check_pack(pack))
		*XB_PUSH(&p->packs, v, n, cap) = pack;
	else
		free_pack(pack);
}

static void open_packs(struct xb_packs *p, const char *objects)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/pack", objects);
	DIR *dir = opendir(path);
	const struct dirent *e;

	while (dir && (e = readdir(dir)) && p->packs.n < MAX_PACKS) {
		size_t n = strlen(e->d_name);

		if (n > 4 && !strcmp(e->d_name + n - 4, ".idx"))
			open_pack(p, path, e->d_name, n - 4);
	}
	if (dir)
		closedir(dir);
}

struct xb_packs *xb_packs_open(const char *dir)
{
	struct xb_packs *p = xb_calloc(1, sizeof *p);
	XB_AUTOSTRV struct xb_strv dirs = {0};

	p->users = 1;
	p->inflater = libdeflate_alloc_decompressor();
	xb_odb_dirs(dir, &dirs);
	for (size_t i = 0; p->inflater && i < dirs.n; i++)
		open_packs(p, dirs.v[i]);
	return p;
}

struct xb_packs *xb_packs_of(git_repository *repo)
{
	git_buf objects = {0};
	struct xb_packs *p = NULL;

	if (!git_repository_item_path(&objects, repo, GIT_REPOSITORY_ITEM_OBJECTS))
		p = xb_packs_open(objects.ptr);
	git_buf_dispose(&objects);
	return p;
}

struct xb_packs *xb_packs_share(struct xb_packs *p)
{
	p->users++;
	return p;
}

void xb_packs_free(struct xb_packs *p)
{
	if (!p || --p->users)
		return;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		drop(p, &p->cache[i]);
	for (size_t i = 0; i < p->packs.n; i++)
		free_pack(p->packs.v[i]);
	XB_FREE(p->packs.v, p->chain.v, p->in.b.p, p->delta.p);
	libdeflate_free_decompressor(p->inflater);
	free(p);
}
