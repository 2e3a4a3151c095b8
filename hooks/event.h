/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hook writes and the bot reads: one file for one push, text,
 *
 *	xsabot-event 1
 *	rescan				only where the list below is not all that was pushed
 *	ref <old id> <new id> <ref>	any number of times
 *	end <ref lines> <input lines that were skipped>
 *
 * A file without the last line was cut off. Ref names are bytes: neither NUL,
 * LF nor another control character occurs in them, anything else may. Words
 * that a reader does not know are skipped; a higher version means "rescan".
 *
 * The spool is a directory that holds tmp/ (events being written), new/
 * (events, complete and on disk), cur/ (taken by the bot, work not done yet)
 * and bad/ (unreadable ones, kept for a person to look at). Only the bot
 * removes files, but for a temporary one that its own hook could not finish.
 */
#ifndef XB_HOOKS_EVENT_H
#define XB_HOOKS_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#define XB_EVENT_WORD "xsabot-event "
#define XB_EVENT_MAGIC XB_EVENT_WORD "1\n"

enum {
	XB_EVENT_NAME_SIZE = 128,
	XB_EVENT_MAX_REF = 1024,     /* bytes of a ref name */
	XB_EVENT_MAX_LINES = 100000, /* of input; more make the event a bare "rescan" */
	XB_EVENT_MAX_SIZE = 4 << 20, /* bytes of an event; more make it a bare "rescan" */
	XB_SPOOL_MAX_EVENTS =
	    10000, /* with more in new/ a hook keeps to one file for each user, rescan.<uid> */
	XB_HOOK_MAX_INPUT = 128 << 20 /* bytes of input that the hook keeps for chained hooks */
};

/* A line of a post-receive hook's input; the pointers are into the input. */
struct xb_event_line {
	const char *oids; /* "<old> <new>" */
	size_t oids_len;
	const char *ref;
	size_t ref_len;
};

/*
 * Reads the N bytes at P as one line "<old> <new> <ref>\n" of githooks(5): two
 * ids of 40 or of 64 lower-case hex digits, one space each, a name that begins
 * with refs/, no control character or space in it, LF at the end. True and OUT
 * filled, or false.
 */
bool xb_event_parse_line(const char *p, size_t n, struct xb_event_line *out);

/*
 * A name that no other event has. The time is for people and for nothing else.
 * No rename replaces an event: should there be no randomness, process id and
 * nanoseconds still differ. BUF has XB_EVENT_NAME_SIZE bytes.
 */
void xb_event_name(char *buf);

#endif
