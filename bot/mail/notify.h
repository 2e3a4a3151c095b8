/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people are told, once: from the state of each target, compared with what
 * they were told before (known.h). A state that was told is not told again but
 * as a reminder; a change of it is, and its end. So nothing depends on seeing a
 * change when it happens: a run that was cut short is made up for by the next,
 * which finds the same difference and gives the mail the same Message-ID (made
 * from the target, the matter, its state and the mail before it; no clock).
 *
 *	n = xb_notify_new(...)		once a run
 *	xb_notify_begin(n, ...)		for each target, before it is published
 *	xb_notify_target(n, ...)	after it was published or not
 *	xb_notify_health(n, ...)	for what may fail: a mirror, the work on a line
 *	xb_notify_flush(n)		at the run's end: all of it goes into the outbox
 *
 * Until the flush nothing is written, but where a target stood when it was first
 * seen. The flush puts all mails into the outbox and then, at once for all targets,
 * notes that they are known. A crash before that finds the same to tell, and puts
 * the same mails there: the Message-ID of a digest comes from those of what it
 * tells. Where something came to it meanwhile, the digest is another one, and the
 * first goes out as well: twice is better than never. A NULL collector does
 * nothing: no mail.
 */
#ifndef XB_MAIL_NOTIFY_H
#define XB_MAIL_NOTIFY_H

#include "os/task.h"
#include "target/target.h"

struct xb_notify;

/* NULL where the configuration has no [mail]. Takes over what an earlier version left. NOW: since 1970. */
struct xb_notify *xb_notify_new(const struct xb_config *c, const char *state_dir, int64_t now);
void xb_notify_free(struct xb_notify *n);
XB_HANDLE(xb_notify)

/*
 * The first time that T is seen: notes what is published by then, durably, before anything moves. Where
 * that can't be done, nothing may move: what would be news were not known later.
 */
struct xb_err *xb_notify_begin(struct xb_notify *n, const struct xb_target *t) XB_MUST_CHECK;
/* Tells N of publications. */
struct xb_publish_listener xb_notify_listener(struct xb_notify *n);
/* Compares and collects. What goes wrong is the flush's error: the publication stands. Again for one target:
 * instead of before. */
void xb_notify_target(struct xb_notify *n, const struct xb_publish_facts *facts);
/* When a reminder about TARGET, which was compared, is due: it is to be looked at then. XB_NEVER: none is. */
int64_t xb_notify_due(const struct xb_notify *n, const char *target);
/*
 * WHAT ("the mirror kernel.org") fails now, for the reason WHY; or, with WHY
 * NULL, works. It is mailed once it has failed for longer than [mail] failing.
 */
void xb_notify_health(struct xb_notify *n, const char *what, const char *why);
/*
 * Writes what was collected into the outbox, and then what is known. An error: nothing of it counts as
 * told, and whoever published looks at the targets again.
 */
struct xb_err *xb_notify_flush(struct xb_notify *n) XB_MUST_CHECK;

/*
 * For a look ahead: collects as if nothing had been told before (FRESH), or as it
 * was, and appends each mail as people would get it, its body not encoded.
 */
struct xb_err *xb_notify_preview(const struct xb_publish_facts *facts, bool fresh,
				 struct xb_buf *out) XB_MUST_CHECK;
/*
 * Mirrors and the upstream, by what is known of the last visits, the configuration,
 * and the look at the refs: notes what fails, or works. To be called when such a
 * task has ended, and now and then, as what fails must have lasted. MISCONFIGURED:
 * why the configuration in force is not that of the file; NULL: it is. BLIND: why the
 * refs could not be looked at; NULL: they could. What goes wrong is logged. While
 * another process publishes, nothing is done: the next visit comes.
 */
void xb_notify_check_health(const struct xb_task_env *env, const char *misconfigured, const char *blind);

#endif
