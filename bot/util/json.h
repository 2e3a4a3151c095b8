/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as text. What a reader can't see, or what turns the text around (control, bidirectional and other
 * format characters), is written as \uXXXX, so that whoever looks at the text sees what is there; all else is
 * as it is.
 */
#ifndef XB_UTIL_JSON_H
#define XB_UTIL_JSON_H

#include <jansson.h>

/* VALUE with the FLAGS of json_dumps and a last LF, owned by the caller; NULL where it has no text. */
char *xb_json_dump(const json_t *value, size_t flags);

#endif
