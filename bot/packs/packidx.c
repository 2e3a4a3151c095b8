/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packidx.h"

#include "sha1.h"
#include "util/alloc.h"

#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 8
#define FANOUT ((size_t)256 * 4)
#define TRAILER 40 /* the checksums of the pack and of the index */
#define LARGE ((uint32_t)1 << 31)

struct xb_packidx {
	const unsigned char *map;
	size_t size;
	uint32_t n;
	const unsigned char *ids, *offsets, *large; /* inside the map */
	size_t n_large;
};

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* How many objects have ids whose first byte is at most BYTE. */
static uint32_t fanout(const struct xb_packidx *x, unsigned byte)
{
	uint32_t n = get32(x->map + HEAD + (size_t)byte * 4);

	return n < x->n ? n : x->n; /* never beyond the table, whatever the file says */
}

static bool look(struct xb_packidx *x)
{
	size_t need = HEAD + FANOUT + TRAILER;

	if (x->size < need || memcmp(x->map, "\377tOc\0\0\0\2", HEAD) != 0)
		return false;
	x->n = get32(x->map + HEAD + FANOUT - 4);
	need += (size_t)x->n * (GIT_OID_RAWSZ + 4 + 4);
	if (x->size < need)
		return false;
	x->ids = x->map + HEAD + FANOUT;
	x->offsets = x->ids + (size_t)x->n * (GIT_OID_RAWSZ + 4);
	x->large = x->offsets + (size_t)x->n * 4;
	x->n_large = (x->size - need) / 8;
	return true;
}

struct xb_packidx *xb_packidx_open(const char *path)
{
	struct xb_packidx *x = xb_calloc(1, sizeof *x);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED) {
		free(x);
		return NULL;
	}
	x->map = map;
	x->size = (size_t)st.st_size;
	if (look(x))
		return x;
	xb_packidx_free(x);
	return NULL;
}

void xb_packidx_free(struct xb_packidx *x)
{
	if (!x)
		return;
	munmap((void *)(size_t)x->map, x->size);
	free(x);
}

uint32_t xb_packidx_count(const struct xb_packidx *x)
{
	return x->n;
}

static bool offset_of(const struct xb_packidx *x, uint32_t i, uint64_t *out)
{
	uint32_t v = get32(x->offsets + (size_t)i * 4);
	const unsigned char *p;

	*out = v;
	if (v < LARGE)
		return true;
	v -= LARGE;
	if (v >= x->n_large)
		return false;
	p = x->large + (size_t)v * 8;
	*out = (uint64_t)get32(p) << 32 | get32(p + 4);
	return true;
}

static const unsigned char *id_at(const struct xb_packidx *x, uint32_t i)
{
	return x->ids + (size_t)i * GIT_OID_RAWSZ;
}

/*
 * Ids are spread evenly: what the next four bytes say is rarely off by more
 * than NEAR entries, and close ones share what the processor has at hand. Where
 * that is wrong the range stays as it is.
 */
#define NEAR 64
static void narrow(const struct xb_packidx *x, const git_oid *oid, uint32_t *lo, uint32_t *hi)
{
	uint32_t n = *hi - *lo, guess = *lo + (uint32_t)((uint64_t)get32(oid->id + 1) * n >> 32);

	if (n <= 4 * NEAR)
		return;
	if (guess - *lo > NEAR && memcmp(oid->id, id_at(x, guess - NEAR), GIT_OID_RAWSZ) >= 0)
		*lo = guess - NEAR;
	if (*hi - guess > NEAR && memcmp(oid->id, id_at(x, guess + NEAR), GIT_OID_RAWSZ) < 0)
		*hi = guess + NEAR;
}

bool xb_packidx_find(const struct xb_packidx *x, const git_oid *oid, uint64_t *offset)
{
	unsigned byte = oid->id[0];
	uint32_t lo = byte ? fanout(x, byte - 1) : 0, hi = fanout(x, byte);

	if (lo < hi)
		narrow(x, oid, &lo, &hi);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = memcmp(oid->id, id_at(x, mid), GIT_OID_RAWSZ);

		if (!c)
			return offset_of(x, mid, offset);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

static int by_entry(const void *a, const void *b)
{
	return git_oid_cmp(&((const struct xb_packidx_entry *)a)->oid,
			   &((const struct xb_packidx_entry *)b)->oid);
}

static void add32(struct xb_buf *b, uint32_t v)
{
	const uint32_t be = htobe32(v);

	xb_buf_add(b, &be, sizeof be);
}

static void add_fanout(const struct xb_packidx_entry *e, size_t n, struct xb_buf *out)
{
	size_t at = 0;

	for (unsigned first = 0; first < 256; first++) {
		while (at < n && e[at].oid.id[0] <= first)
			at++;
		add32(out, (uint32_t)at);
	}
}

static void add_offsets(const struct xb_packidx_entry *e, size_t n, uint64_t large_from, struct xb_buf *out)
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

void xb_packidx_make(struct xb_packidx_entry *entries, size_t n, const unsigned char *pack_sum,
		     uint64_t large_from, struct xb_buf *out)
{
	struct xb_sha1 sha;
	unsigned char sum[SHA_DIGEST_LENGTH];

	qsort(entries, n, sizeof *entries, by_entry);
	xb_buf_add(out, "\377tOc\0\0\0\2", 8);
	add_fanout(entries, n, out);
	for (size_t i = 0; i < n; i++)
		xb_buf_add(out, entries[i].oid.id, GIT_OID_RAWSZ);
	for (size_t i = 0; i < n; i++)
		add32(out, entries[i].crc);
	add_offsets(entries, n, large_from, out);
	xb_buf_add(out, pack_sum, SHA_DIGEST_LENGTH);
	xb_sha1_init(&sha);
	xb_sha1_add(&sha, out->p, out->n);
	xb_sha1_end(&sha, sum);
	xb_buf_add(out, sum, sizeof sum);
}
