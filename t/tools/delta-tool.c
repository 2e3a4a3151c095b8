/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the oracle test of deltas and packs: writes packs that git is asked about, and reads git's.
 *
 *	delta-tool good SEED COUNT DIR    DIR/good.pack, of COUNT texts as deltas, ours and odd ones; and a
 *pack by the bot's own writer. Prints the ids of all that is in the first. delta-tool bad SEED COUNT DIR
 *packs DIR/N, each of one delta with a fault, perhaps. Prints "N ID" where it is taken, "N bad" where not.
 *	delta-tool read OBJECTS           of the ids on standard input: those that can't be read, or are
 *others
 *
 * What is made depends on the seed alone.
 */
#include "chance.h"
#include "os/file.h"
#include "packs/pack.h"
#include "packs/packdelta.h"
#include "packs/packs.h"
#include "packs/sha1.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOB = 3, REF_DELTA = 7, MAX_BASE = 70000, MAX_TEXT = 300000 };

/* ---- packs ---- */

struct pack {
	struct xb_buf b;
	uint32_t n;
};

static void put32(struct xb_buf *b, size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		b->p[at + i] = (char)(value >> (24 - 8 * i));
}

static void begin(struct pack *k)
{
	xb_buf_add(&k->b, "PACK\0\0\0\2\0\0\0\0", 12);
}

static void add_object(struct pack *k, unsigned type, const git_oid *base, const void *p, size_t n)
{
	uLongf len = compressBound((uLong)n);
	XB_AUTOFREE unsigned char *z = xb_malloc(len);
	size_t left = n >> 4;
	unsigned char c = (unsigned char)(type << 4 | (n & 15));

	for (; left; left >>= 7) {
		xb_buf_addc(&k->b, (char)(c | 0x80));
		c = left & 0x7f;
	}
	xb_buf_addc(&k->b, (char)c);
	if (base)
		xb_buf_add(&k->b, base->id, GIT_OID_RAWSZ);
	if (compress2(z, &len, n ? p : (const void *)"", (uLong)n, 1) != Z_OK)
		abort();
	xb_buf_add(&k->b, z, len);
	k->n++;
}

static void end(struct pack *k, const char *dir, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);
	XB_AUTOERR struct xb_err *err = NULL;
	unsigned char sum[GIT_OID_RAWSZ];
	struct xb_sha1 sha;

	put32(&k->b, 8, k->n);
	xb_sha1_init(&sha);
	xb_sha1_add(&sha, k->b.p, k->b.n);
	xb_sha1_end(&sha, sum);
	xb_buf_add(&k->b, sum, sizeof sum);
	err = xb_file_write(path, k->b.p, k->b.n, 0644);
	if (err)
		abort();
	xb_buf_release(&k->b);
	*k = (struct pack){0};
}

/* ---- texts and deltas ---- */

static void make_base(struct xb_buf *out, uint32_t number)
{
	size_t n = chance(20) ? roll(MAX_BASE) : roll(2000);

	xb_buf_setlen(out, 0);
	xb_buf_addf(out, "base %u %llu\n", number, (unsigned long long)seed);
	while (out->n < n)
		xb_buf_addf(out, "line %u\n", roll(50));
}

/* BASE, changed here and there. */
static void make_text(const struct xb_buf *base, struct xb_buf *out)
{
	size_t at = 0;

	xb_buf_setlen(out, 0);
	while (at < base->n) {
		size_t n = 1 + roll((uint32_t)(chance(3) ? base->n : 200));

		n = n < base->n - at ? n : base->n - at;
		if (!chance(6))
			xb_buf_add(out, base->p + at, n);
		if (chance(4))
			xb_buf_addf(out, "new %u\n", roll(1000000));
		at += n;
	}
}

static void add_size(struct xb_buf *out, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		xb_buf_addc(out, (char)(n | 0x80));
	xb_buf_addc(out, (char)n);
}

/* Bytes that are zero may be left out, and may not. */
static void add_copy(struct xb_buf *out, size_t at, size_t n)
{
	const size_t value[7] = {at & 255, at >> 8 & 255, at >> 16 & 255, at >> 24 & 255,
				 n & 255,  n >> 8 & 255,  n >> 16 & 255};
	unsigned char op = 0x80;
	size_t where = out->n;

	xb_buf_addc(out, 0);
	for (unsigned i = 0; i < 7; i++)
		if (value[i] || chance(8)) {
			op |= (unsigned char)(1u << i);
			xb_buf_addc(out, (char)value[i]);
		}
	out->p[where] = (char)op;
}

/* A delta as no program makes one: copies of any order and length, bytes of its own. */
static void make_odd(const struct xb_buf *base, struct xb_buf *out)
{
	XB_AUTOBUF struct xb_buf ops = XB_BUF_INIT;
	size_t len = 0;

	for (uint32_t left = 1 + roll(30); left-- && len < MAX_TEXT;) {
		if (chance(2)) {
			size_t at = roll((uint32_t)base->n), n = 1 + roll((uint32_t)(base->n - at));

			n = chance(3) && base->n - at >= 0x10000 ? 0x10000 : n;
			add_copy(&ops, at, n == 0x10000 && chance(2) ? 0 + n : n);
			len += n;
		} else {
			size_t n = 1 + roll(127);

			xb_buf_addc(&ops, (char)n);
			for (size_t i = 0; i < n; i++)
				xb_buf_addc(&ops, (char)roll(256));
			len += n;
		}
	}
	xb_buf_setlen(out, 0);
	add_size(out, base->n);
	add_size(out, len);
	xb_buf_add(out, ops.p, ops.n);
}

static void make_delta(const struct xb_buf *base, struct xb_buf *text, struct xb_buf *out)
{
	make_text(base, text);
	xb_buf_setlen(out, 0);
	if (chance(2) || !xb_packdelta_make((const unsigned char *)base->p, base->n,
					    (const unsigned char *)text->p, text->n, out))
		make_odd(base, out);
}

/* What it makes of BASE, in TEXT; false: nothing. */
static bool apply(const struct xb_buf *base, const struct xb_buf *delta, struct xb_buf *text)
{
	size_t base_len, len;

	xb_buf_setlen(text, 0);
	if (!xb_packdelta_sizes((const unsigned char *)delta->p, delta->n, &base_len, &len) ||
	    base_len != base->n || len > 4 * MAX_TEXT)
		return false;
	for (size_t i = 0; i < len; i++)
		xb_buf_addc(text, 0);
	return xb_packdelta_apply((const unsigned char *)delta->p, delta->n, (const unsigned char *)base->p,
				  base->n, (unsigned char *)(text->p ? text->p : (char[1]){0}), len);
}

static git_oid id_of(const struct xb_buf *b)
{
	git_oid id;

	xb_object_id(GIT_OBJECT_BLOB, b->p ? b->p : "", b->n, &id);
	return id;
}

/* ---- commands ---- */

struct kept {
	struct xb_pack_object *v;
	size_t n, cap;
};

static void keep(struct kept *all, const struct xb_buf *b, const git_oid *base)
{
	struct xb_pack_object *o = XB_PUSH(all, v, n, cap);

	*o = (struct xb_pack_object){.oid = id_of(b), .type = GIT_OBJECT_BLOB, .len = b->n};
	o->data = (unsigned char *)xb_memdup0(b->n ? b->p : "", b->n);
	if (base) {
		git_oid *copy = xb_malloc(sizeof *copy);

		*copy = *base;
		o->base = copy;
	}
}

static int write_own(struct kept *all, const char *dir)
{
	struct xb_pack_written w = {0};
	XB_AUTOERR struct xb_err *err = xb_pack_write(dir, all->v, all->n, &w);

	xb_pack_written_release(&w);
	for (size_t i = 0; i < all->n; i++) {
		free((void *)(uintptr_t)all->v[i].data);
		free((void *)(uintptr_t)all->v[i].base);
	}
	free(all->v);
	return err ? 1 : 0;
}

static int good(uint32_t count, const char *dir)
{
	XB_AUTOBUF struct xb_buf base = XB_BUF_INIT, text = XB_BUF_INIT, delta = XB_BUF_INIT;
	struct pack k = {0};
	struct kept all = {0};

	begin(&k);
	for (uint32_t i = 0; i < count;) {
		git_oid id;

		make_base(&base, i);
		make_delta(&base, &text, &delta);
		if (!apply(&base, &delta, &text))
			return 1;
		if (text.n == base.n && !memcmp(text.p, base.p, text.n))
			continue; /* git takes no pack that has an object twice */
		i++;
		id = id_of(&base);
		add_object(&k, BLOB, NULL, base.p, base.n);
		add_object(&k, REF_DELTA, &id, delta.p, delta.n);
		printf("%s\n", xb_hex(&id).s);
		keep(&all, &base, NULL);
		keep(&all, &text, &id);
		id = id_of(&text);
		printf("%s\n", xb_hex(&id).s);
	}
	end(&k, dir, "good.pack");
	return write_own(&all, dir);
}

static void hurt(struct xb_buf *delta)
{
	switch (roll(5)) {
	case 0:
		delta->n = roll((uint32_t)delta->n);
		break;
	case 1:
		xb_buf_addc(delta, (char)roll(256));
		break;
	case 2:
		delta->p[roll((uint32_t)(delta->n < 6 ? delta->n : 6))] = (char)roll(256);
		break;
	default:
		delta->p[roll((uint32_t)delta->n)] = (char)roll(256);
	}
}

static int bad(uint32_t count, const char *dir)
{
	XB_AUTOBUF struct xb_buf base = XB_BUF_INIT, text = XB_BUF_INIT, delta = XB_BUF_INIT;

	for (uint32_t i = 0; i < count; i++) {
		XB_AUTOFREE char *name = xb_asprintf("%u", i);
		struct pack k = {0};
		git_oid id;

		make_base(&base, i);
		make_delta(&base, &text, &delta);
		hurt(&delta);
		id = id_of(&base);
		begin(&k);
		add_object(&k, BLOB, NULL, base.p, base.n);
		add_object(&k, REF_DELTA, &id, delta.p, delta.n);
		end(&k, dir, name);
		if (apply(&base, &delta, &text))
			id = id_of(&text), printf("%u %s\n", i, xb_hex(&id).s);
		else
			printf("%u bad\n", i);
	}
	return 0;
}

static int read_all(const char *objects)
{
	struct xb_packs *packs = xb_packs_open(objects);
	char line[128];
	git_oid id, real;
	int wrong = 0;

	while (fgets(line, sizeof line, stdin)) {
		struct xb_packed *o = NULL;

		line[strcspn(line, "\n")] = '\0';
		if (git_oid_fromstr(&id, line) ||
		    xb_packs_read(packs, &id, 8 * MAX_TEXT, &o) != XB_PACKS_FOUND) {
			printf("not read: %s\n", line);
			wrong = 1;
			continue;
		}
		xb_object_id(o->type, o->data, o->len, &real);
		if (!git_oid_equal(&id, &real)) {
			printf("another: %s\n", line);
			wrong = 1;
		}
		xb_packed_unref(o);
	}
	xb_packs_free(packs);
	return wrong;
}

int main(int argc, char **argv)
{
	if (argc < 3 || xb_git_init())
		return 64;
	if (!strcmp(argv[1], "read"))
		return read_all(argv[2]);
	if (argc < 5)
		return 64;
	seed = strtoull(argv[2], NULL, 10);
	for (unsigned i = 0; i < 8; i++)
		roll(1);
	if (!strcmp(argv[1], "good"))
		return good((uint32_t)strtoul(argv[3], NULL, 10), argv[4]);
	return bad((uint32_t)strtoul(argv[3], NULL, 10), argv[4]);
}
