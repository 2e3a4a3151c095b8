/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids in JSON: 40 hex digits, and null for the zero id, which stands for "none". */
#ifndef XB_OIDJSON_H
#define XB_OIDJSON_H

#include <git2/oid.h>
#include <jansson.h>
#include <stdbool.h>

/* The caller owns the reference. */
json_t *xb_oid_json(const git_oid *id);
/* Reads one back: null, or NULL where the key is missing, gives the zero id. False when V is no id. */
bool xb_oid_from_json(const json_t *v, git_oid *out);

#endif
