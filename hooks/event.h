/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hook writes and the bot finds: one file for one push, which says that
 * something was pushed and nothing else, as the refs themselves say what. Its
 * text is always the same; that of earlier versions listed refs after the same
 * first word, and is as good. Nobody reads it but `receive-event`, to tell an event
 * from what is none.
 *
 * The spool is a directory that holds tmp/ (events being written), new/
 * (events, complete and on disk) and cur/ (taken by the bot, work not done yet).
 * Only the bot removes files, but for a temporary one that its own hook could not
 * finish.
 */
#ifndef XB_HOOKS_EVENT_H
#define XB_HOOKS_EVENT_H

#define XB_EVENT_WORD "xsabot-event "
/* Earlier versions understand it, too: "look at everything". */
#define XB_EVENT XB_EVENT_WORD "1\nrescan\nend 0 0\n"

enum {
	XB_EVENT_NAME_SIZE = 128,
	XB_EVENT_MAX_SIZE = 4 << 20, /* bytes of an earlier version's event */
	XB_SPOOL_MAX_EVENTS =
	    10000, /* with more in new/ a hook keeps to one file for each user, rescan.<uid> */
	XB_HOOK_MAX_INPUT = 128 << 20 /* bytes of input that the hook keeps for chained hooks */
};

/*
 * A name that no other event has. The time is for people and for nothing else.
 * No rename replaces an event: should there be no randomness, process id and
 * nanoseconds still differ. BUF has XB_EVENT_NAME_SIZE bytes.
 */
void xb_event_name(char *buf);

#endif
