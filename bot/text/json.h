/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: files, their values by keys, and as text.
 *
 * A file that is there and can't be understood is damaged, or someone else's. Whoever reads it says what
 * becomes of that. What can't be read for want of rights or memory is an error always.
 *
 * In texts, what a reader can't see, or what turns the text around (control, bidirectional and other format
 * characters), is written as \uXXXX, so that whoever looks at the text sees what is there; all else is as it
 * is.
 */
#ifndef XB_TEXT_JSON_H
#define XB_TEXT_JSON_H

#include "util/err.h"
#include "util/strv.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_AUTOJSON __attribute__((cleanup(xb_json_freep)))
void xb_json_freep(json_t **o);

enum xb_json_damage {
	XB_JSON_STOPS,  /* an error: a person must look */
	XB_JSON_TOLD,   /* a warning, and it is as if it were not there */
	XB_JSON_SILENT, /* as if it were not there: what it has only saves work */
};

/* The file PATH, which the bot wrote, of at most MAX bytes. *OUT is the caller's; NULL: it is not there. */
struct xb_err *xb_json_read(const char *path, size_t max, enum xb_json_damage damage,
			    json_t **out) XB_MUST_CHECK;
/* N bytes of TEXT that others wrote, perhaps with a key twice; NULL: they are no JSON; WHERE may be NULL. */
json_t *xb_json_parse(const char *text, size_t n, json_error_t *where);
/* N bytes of TEXT that the bot wrote; NULL: they are no JSON, or have a key twice. */
json_t *xb_json_own(const void *text, size_t n);

/*
 * The value of KEY in O. One that isn't there, one of another kind, and any of an O that is NULL or no object
 * is NULL, 0 or false.
 */
const char *xb_json_str(const json_t *o, const char *key);
const char *xb_json_str_or(const json_t *o, const char *key, const char *other);
int64_t xb_json_num(const json_t *o, const char *key);
bool xb_json_yes(const json_t *o, const char *key);
char *xb_json_dup(const json_t *o, const char *key); /* the caller's */
/* The texts in the list KEY of O, each once. */
void xb_json_list(const json_t *o, const char *key, struct xb_strv *out);
/* A whole number, which others write as one or as a text, as a text; the caller's, NULL: V is neither. */
char *xb_json_number_text(const json_t *v);

/* The same where it must be there: what is wrong is kept, the first thing alone: "refs[2].at is missing". */
struct xb_json_must {
	char *wrong; /* NULL: nothing */
};
void xb_json_must_release(struct xb_json_must *m);
const char *xb_json_must_str(struct xb_json_must *m, const json_t *o,
			     const char *key); /* "" where it is wrong */
int64_t xb_json_must_num(struct xb_json_must *m, const json_t *o, const char *key);
bool xb_json_must_yes(struct xb_json_must *m, const json_t *o, const char *key);
/* A list: its elements are asked by json_array_get. */
const json_t *xb_json_must_list(struct xb_json_must *m, const json_t *o, const char *key);
/* KEY is not what it must be: "KEY is WHAT". */
void xb_json_wrong(struct xb_json_must *m, const char *key, const char *what);

/* VALUE with the FLAGS of json_dumps and a last LF, owned by the caller; NULL where it has no text. */
char *xb_json_dump(const json_t *value, size_t flags);

#endif
