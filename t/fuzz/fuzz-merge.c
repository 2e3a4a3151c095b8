/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three texts merged: with a side that changed nothing the other is the result, both sides alike are that,
 * and sides that change places give the same verdict. That the result is git's is for the scripts that ask
 * git.
 */
#include "fuzz-lib.h"

#include "diff/merge3.h"

static void merge(const uint8_t *p[3], const size_t n[3], struct xb_merge3_result *r)
{
	struct xb_text t[3];

	for (unsigned i = 0; i < 3; i++)
		xb_text_init(&t[i], (const char *)p[i], n[i]);
	xb_merge3(&t[0], &t[1], &t[2], XB_GIT_2_39, r);
	for (unsigned i = 0; i < 3; i++)
		xb_text_release(&t[i]);
}

static void expect(const struct xb_merge3_result *r, const uint8_t *p, size_t n)
{
	if (r->verdict == XB_MERGE3_BINARY || r->verdict == XB_MERGE3_UNDECIDED)
		return;
	if (r->verdict != XB_MERGE3_CLEAN || r->out.n != n || (n && memcmp(r->out.p, p, n) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p[3];
	size_t n[3];
	struct xb_merge3_result one = {0}, other = {0};

	for (unsigned i = 0; i < 3; i++)
		n[i] = fuzz_part(&data, &size, &p[i]);
	merge((const uint8_t *[]){p[0], p[0], p[2]}, (const size_t[]){n[0], n[0], n[2]}, &one);
	expect(&one, p[2], n[2]);
	xb_merge3_release(&one);
	merge((const uint8_t *[]){p[0], p[1], p[1]}, (const size_t[]){n[0], n[1], n[1]}, &one);
	expect(&one, p[1], n[1]);
	xb_merge3_release(&one);
	merge(p, n, &one);
	merge((const uint8_t *[]){p[0], p[2], p[1]}, (const size_t[]){n[0], n[2], n[1]}, &other);
	if (one.verdict != other.verdict)
		abort();
	if (one.verdict == XB_MERGE3_CLEAN &&
	    (one.out.n != other.out.n || (one.out.n && memcmp(one.out.p, other.out.p, one.out.n) != 0)))
		abort();
	xb_merge3_release(&one);
	xb_merge3_release(&other);
	return 0;
}
