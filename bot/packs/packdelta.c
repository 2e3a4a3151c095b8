/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packdelta.h"

#include "util/bytes.h"

#include <stdint.h>
#include <string.h>

enum {
	MAX_COPY = 0xffffff, /* a copy's size has three bytes */
	MAX_INSERT = 0x7f,   /* an insert's size has seven bits */
};

struct input {
	const unsigned char *p, *end;
};

/* Seven bits a byte, the lowest first. */
static bool take_size(struct input *in, size_t *out)
{
	unsigned shift = 0;
	unsigned char c;

	*out = 0;
	do {
		if (in->p == in->end || shift > 56)
			return false;
		c = *in->p++;
		*out |= (size_t)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80);
	return true;
}

bool xb_packdelta_sizes(const unsigned char *delta, size_t n, size_t *base_len, size_t *len)
{
	struct input in = {delta, delta + n};

	return take_size(&in, base_len) && take_size(&in, len);
}

/* The bytes that the bits of FLAGS say are there, the lowest first. */
static bool take_bits(struct input *in, unsigned flags, unsigned bits, size_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < bits; i++) {
		if (!(flags & 1u << i))
			continue;
		if (in->p == in->end)
			return false;
		*out |= (size_t)*in->p++ << 8 * i;
	}
	return true;
}

/* One instruction: where it copies from and how much. */
static bool take_copy(struct input *in, unsigned op, const unsigned char *base, size_t base_len,
		      struct input *from)
{
	size_t at, n;

	if (!take_bits(in, op & 0xf, 4, &at) || !take_bits(in, op >> 4 & 7, 3, &n))
		return false;
	n = n ? n : 0x10000;
	if (at > base_len || n > base_len - at)
		return false;
	*from = (struct input){base + at, base + at + n};
	return true;
}

static bool take_insert(struct input *in, unsigned n, struct input *from)
{
	if (!n || (size_t)(in->end - in->p) < n)
		return false;
	*from = (struct input){in->p, in->p + n};
	in->p += n;
	return true;
}

bool xb_packdelta_apply(const unsigned char *delta, size_t n, const unsigned char *base, size_t base_len,
			unsigned char *out, size_t len)
{
	struct input in = {delta, delta + n}, from;
	size_t want_base, want, done = 0;

	if (!take_size(&in, &want_base) || !take_size(&in, &want) || want_base != base_len || want != len)
		return false;
	while (in.p < in.end) {
		unsigned op = *in.p++;
		size_t part;

		if (!(op & 0x80 ? take_copy(&in, op, base, base_len, &from) : take_insert(&in, op, &from)))
			return false;
		part = (size_t)(from.end - from.p);
		if (part > len - done)
			return false;
		memcpy(out + done, from.p, part);
		done += part;
	}
	return done == len;
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

bool xb_packdelta_make(const unsigned char *base, size_t base_len, const unsigned char *data, size_t len,
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
