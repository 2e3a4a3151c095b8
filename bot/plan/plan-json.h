/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan as data: the JSON of `plan --format=json` and of the state ref. Text
 * that is not UTF-8 has U+FFFD and a twin key NAME_bytes with the bytes in hex.
 */
#ifndef XB_PLAN_JSON_H
#define XB_PLAN_JSON_H

#include "plan.h"

#include <jansson.h>

/* One element of "lines". The caller owns the reference. */
json_t *xb_plan_json(const struct xb_plan *p);
/* A target without a plan: no staging, no release. */
json_t *xb_target_json(const struct xb_target *t);
/* Sets KEY to the text S (NULL: null), which may be any bytes. */
void xb_json_text(json_t *object, const char *key, const char *s);
/* The texts as an array. */
json_t *xb_json_texts(const struct xb_strv *v);
/* {"version": 1, "lines": LINES} as text with a last LF, owned by the caller; takes the reference to LINES.
 */
char *xb_plan_json_dump(json_t *lines);

#endif
