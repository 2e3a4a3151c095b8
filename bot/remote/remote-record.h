/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we know of another repository from one visit to the next, in a file of
 * its own: where each ref was when we left, what we were about to send, when and
 * why a visit failed. What is to be sent is written before it is sent: a
 * crash in between then leaves a value that we recognise. A record that is lost costs
 * nothing but that knowledge.
 */
#ifndef XB_REMOTE_RECORD_H
#define XB_REMOTE_RECORD_H

#include "os/clock.h"
#include "util/err.h"

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

/* Values that may have been sent and were never confirmed. */
enum { XB_SENT_MAX = 8 };

enum xb_trouble {
	XB_TROUBLE_LEFT,    /* it is left alone: what is there is not ours */
	XB_TROUBLE_REFUSED, /* the other side did not take it */
	XB_TROUBLE_RACE,    /* nor that, but another time it may */
};

struct xb_record_ref {
	char *name;
	git_oid at;    /* where it was there when we left it; zero: never */
	git_oid tried; /* what we last wanted it to be */
	git_oid sent[XB_SENT_MAX];
	size_t n_sent;
	char *trouble;        /* why it is not there, for people; NULL: it is */
	enum xb_trouble kind; /* of the trouble of this visit; not kept */
};

struct xb_record {
	char *url; /* of whom all this is true */
	struct {
		struct xb_record_ref *v;
		size_t n, cap;
	} refs;            /* sorted by name */
	int64_t since;     /* since when something is missing there; 0: nothing is */
	int64_t began_ms;  /* when the last visit began, in milliseconds; 0: never */
	int64_t looked;    /* when the last visit ended well; 0: never */
	int64_t retry;     /* not again before; 0: at any time */
	unsigned failures; /* in a row */
	char *error;       /* of the last visit; NULL: none */
	bool attention;    /* a person should look at `error` */
};

/*
 * Reads PATH. A file that is not there, or is that of another URL, gives an empty
 * record of URL; so does one that can't be understood, with a warning. OUT is the
 * caller's.
 */
struct xb_err *xb_record_read(const char *path, const char *url, struct xb_record *out) XB_MUST_CHECK;
struct xb_err *xb_record_write(const char *path, const struct xb_record *r) XB_MUST_CHECK;
void xb_record_release(struct xb_record *r);

/* The ref NAME, or NULL. */
struct xb_record_ref *xb_record_find(const struct xb_record *r, const char *name);
/* The same, made if it is not there. */
struct xb_record_ref *xb_record_ref(struct xb_record *r, const char *name);
/* Notes that OID is about to be sent; the oldest of too many is forgotten. */
void xb_record_sending(struct xb_record_ref *ref, const git_oid *oid);
/* Is OID a value that we left there, or may have? */
bool xb_record_is_ours(const struct xb_record_ref *ref, const git_oid *oid);

/*
 * A visit begins at NOW: should it not come to its end, that is a failure, and
 * the next is later. One that ends well sets this back by xb_record_well.
 */
void xb_record_begin(struct xb_record *r, int64_t now);
/* It ended in ERR; a person should look where its code is not XB_E_TEMP. */
void xb_record_failed(struct xb_record *r, const struct xb_err *err);
void xb_record_well(struct xb_record *r, int64_t now);

#endif
