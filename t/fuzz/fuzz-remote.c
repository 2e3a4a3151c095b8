/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer, and for fuzz-replay.c: any bytes as a URL, and as a known_hosts
 * file. What is taken of a URL is safe on a command line; what is kept of a file
 * is lines of the one host, and keeping them again keeps them all.
 */
#include "config/url.h"
#include "remote/known-hosts.h"
#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(const char *text)
{
	struct xb_url u;
	XB_AUTOFREE char *why = xb_url_parse(text, &u);

	if (!why && (!u.path || *u.path != '/' || strpbrk(u.path, "'\"\\ \n$`;|&<>*?") ||
		     (u.kind != XB_URL_PATH && (!u.host || *u.host == '-' || !u.port)) ||
		     (u.user && (*u.user == '-' || !*u.user))))
		abort();
	xb_url_release(&u);
}

static void check_known_hosts(const char *text, size_t n, unsigned port)
{
	struct xb_buf once = XB_BUF_INIT, again = XB_BUF_INIT;
	size_t kept = xb_known_hosts_filter(text, n, "h.example", port, &once), lines = 0;

	for (size_t i = 0; i < once.n; i++)
		lines += once.p[i] == '\n';
	if (lines != kept ||
	    xb_known_hosts_filter(once.p ? once.p : "", once.n, "h.example", port, &again) != kept ||
	    again.n != once.n || (once.n && memcmp(once.p, again.p, once.n) != 0))
		abort();
	xb_buf_release(&once);
	xb_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *text = xb_memdup0(data, size);

	check_url(text);
	check_known_hosts(text, size, 22);
	check_known_hosts(text, size, 2222);
	return 0;
}
