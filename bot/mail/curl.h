/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcurl, loaded when mail is to be sent by SMTP and not when the program
 * starts: with the thirty libraries that it brings, loading it costs more than
 * a short run of the bot. After xb_curl_load its functions have their usual names.
 */
#ifndef XB_MAIL_CURL_H
#define XB_MAIL_CURL_H

#define CURL_DISABLE_TYPECHECK
#include "util/err.h"

#include <curl/curl.h>

/* What is used of it: each the name of a function, after curl_. */
#define XB_CURL_FUNCTIONS(X)                                                                                 \
	X(easy_cleanup)                                                                                      \
	X(easy_getinfo)                                                                                      \
	X(easy_init)                                                                                         \
	X(easy_perform)                                                                                      \
	X(easy_setopt)                                                                                       \
	X(easy_strerror)                                                                                     \
	X(global_init)                                                                                       \
	X(slist_append)                                                                                      \
	X(slist_free_all)

struct xb_curl {
#define X(f) __typeof__(curl_##f) *f;
	XB_CURL_FUNCTIONS(X)
#undef X
};

/* Loads it, once a process; XB_E_CONFIG where it is not installed. */
struct xb_err *xb_curl_load(void) XB_MUST_CHECK;
const struct xb_curl *xb_curl(void);

#undef curl_easy_setopt
#undef curl_easy_getinfo
#define curl_easy_cleanup xb_curl()->easy_cleanup
#define curl_easy_getinfo xb_curl()->easy_getinfo
#define curl_easy_init xb_curl()->easy_init
#define curl_easy_perform xb_curl()->easy_perform
#define curl_easy_setopt xb_curl()->easy_setopt
#define curl_easy_strerror xb_curl()->easy_strerror
#define curl_global_init xb_curl()->global_init
#define curl_slist_append xb_curl()->slist_append
#define curl_slist_free_all xb_curl()->slist_free_all

#endif
