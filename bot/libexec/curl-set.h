/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of libcurl, one after the other: after the first that fails none is set. */
#ifndef XB_LIBEXEC_CURL_SET_H
#define XB_LIBEXEC_CURL_SET_H

#include <curl/curl.h>

/* RC is the variable that has the result so far. */
#define XB_CURL_SET(rc, curl, option, value)                                                                 \
	do {                                                                                                 \
		if (!(rc))                                                                                   \
			(rc) = curl_easy_setopt(curl, option, value);                                        \
	} while (0)

#endif
