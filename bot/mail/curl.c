/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "curl.h"

#include "library.h"

#define LIBRARY "libcurl.so.4" /* the name of its binary interface since 2006 */

static struct xb_curl curl;

const struct xb_curl *xb_curl(void)
{
	return &curl;
}

struct xb_err *xb_curl_load(void)
{
	static const struct xb_symbol symbols[] = {
#define X(f) {"curl_" #f, &curl.f},
	    XB_CURL_FUNCTIONS(X)
#undef X
	};

	if (curl.global_init)
		return NULL;
	return xb_library_load(LIBRARY, "mail by SMTP, or what is fetched from the web,", symbols, sizeof symbols / sizeof *symbols);
}
