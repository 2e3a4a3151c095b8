/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/curl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define LIBRARY "libcurl.so.4" /* the name of its binary interface since 2006 */

static struct xb_curl curl;

const struct xb_curl *xb_curl(void)
{
	return &curl;
}

static bool find(void *library, const char *name, void *out)
{
	void *symbol = dlsym(library, name);

	memcpy(out, &symbol, sizeof symbol);
	return symbol != NULL;
}

struct xb_err *xb_curl_load(void)
{
	void *library;
	bool found = true;

	if (curl.global_init)
		return NULL;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return xb_err_new(XB_E_CONFIG, "mail by SMTP needs libcurl: %s", dlerror());
#define X(f) found &= find(library, "curl_" #f, &curl.f);
	XB_CURL_FUNCTIONS(X)
#undef X
	if (found)
		return NULL;
	curl = (struct xb_curl){0};
	dlclose(library);
	return xb_err_new(XB_E_CONFIG, "mail by SMTP needs libcurl: %s lacks functions", LIBRARY);
}
