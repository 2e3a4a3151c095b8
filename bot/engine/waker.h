/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What wakes a process that stays: a signal, a file that appears in a directory,
 * one of its own descriptors, or the time; between these it sleeps. It tells the
 * service manager how it is by the protocol of sd_notify(3), where that asks for
 * it by NOTIFY_SOCKET.
 *
 * SIGTERM and SIGINT end it. Should its work take longer then than
 * XB_WAKER_END_S seconds, the process ends where it is: that must be safe.
 */
#ifndef XB_WAKER_H
#define XB_WAKER_H

#include "util/err.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum { XB_WAKER_END_S = 8 };

/* Why it woke up; several at once. */
enum {
	XB_WOKEN_FILE = 1,
	XB_WOKEN_RELOAD = 2, /* SIGHUP; once for each */
	XB_WOKEN_END = 4,
};

struct xb_waker;

/* Sets the signal handlers: once a process. *OUT is the caller's. */
struct xb_err *xb_waker_new(struct xb_waker **out) XB_MUST_CHECK;
void xb_waker_free(struct xb_waker *w);
XB_HANDLE(xb_waker)
/* Watches the directory DIR for new files, in the place of another. */
struct xb_err *xb_waker_watch(struct xb_waker *w, const char *dir) XB_MUST_CHECK;
/* The directory DIR is watched; false: it was moved or removed, or it is another one that is. */
bool xb_waker_watches(const struct xb_waker *w, const char *dir);
/*
 * Sleeps until one of the N descriptors of P, at most XB_WAKER_FDS, has its
 * event, or DUE (milliseconds of CLOCK_MONOTONIC, INT64_MAX for never) has come,
 * or something else happens. Gives what of the above did.
 */
enum { XB_WAKER_FDS = 32 };
unsigned xb_waker_wait(struct xb_waker *w, const struct pollfd *p, size_t n, int64_t due);
/* SIGTERM or SIGINT has come. */
bool xb_waker_ending(void);

/* Tells the service manager that all is well, where it is time to; for work that lasts between two sleeps. */
void xb_waker_feed(struct xb_waker *w);
/* Sends TEXT, such as "READY=1", to the service manager. */
void xb_waker_tell(const char *text);

#endif
