/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STATE/pulse.json: that the bot lives, when it last looked at everything, and what
 * keeps it from that. Written after each look of all lines, and by a bot that stays
 * every XB_PULSE_S seconds as well. It proves nothing by what it says: judge.h, which
 * looks from outside, goes by how old it is.
 */
#ifndef XB_PULSE_H
#define XB_PULSE_H

#include "util/err.h"

#include <git2.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { XB_PULSE_S = 20 };

struct xb_pulse {
	bool resident, ended;      /* it stays; it was told to end */
	bool looked;               /* everything, just now */
	const git_oid *common;     /* with that: of the refs that concern every line */
	unsigned rescan;           /* seconds between looks at everything */
	const char *error;         /* why a look failed; NULL: none did */
	int64_t retry;             /* of that: seconds since 1970 of the next try; 0: at the next run */
	const char *misconfigured; /* why the configuration in force is not that of the file; NULL: it is */
	json_t *mirrors, *mail;    /* for who can't read the bot's files; borrowed; NULL: as they were */
};

/* Failing is logged: it must not stop work, and is seen by the file's age. */
void xb_pulse_write(const char *state_dir, const struct xb_pulse *p);
/* *OUT: the file, the caller's; NULL: there is none, or none that can be read. */
struct xb_err *xb_pulse_read(const char *state_dir, json_t **out) XB_MUST_CHECK;

#endif
