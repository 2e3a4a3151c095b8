/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mirrors: other repositories that get the derived refs and what is needed to
 * verify them (mirror-refs.h); the upstream, where there is one, is a mirror that
 * gets the bot's own refs alone.
 *
 * A ref is moved forward only (history = rewrite apart), only from the value that we
 * left there, and none is ever deleted. One that someone else moved is left alone and
 * reported until a person takes it over (`xsabot mirror NAME --adopt`). What is known
 * of a mirror is in STATE/mirror/NAME/record.json (remote-record.h); pushes run as
 * tasks, each with its own result for each ref, and a second connection then
 * looks whether it is so.
 */
#ifndef XB_MIRROR_H
#define XB_MIRROR_H

#include "config/config.h"
#include "os/task.h"

/*
 * Appends a task for each mirror: due now or later, as something is missing there, or
 * nobody looked for an hour.
 */
struct xb_err *xb_mirror_tasks(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;

struct xb_mirror_options {
	char *const *names; /* these mirrors; all when there are none */
	size_t n_names;
	bool adopt; /* go on from what is there, whoever put it there */
};

/* The same, due now, whatever was done before. A name that is no mirror: XB_E_USAGE. */
struct xb_err *xb_mirror_tasks_now(const struct xb_task_env *env, const struct xb_mirror_options *o,
				   struct xb_tasks *out) XB_MUST_CHECK;

enum xb_mirror_state {
	XB_MIRROR_GOOD,    /* it has everything */
	XB_MIRROR_BEHIND,  /* something is to be pushed, or could not be so far */
	XB_MIRROR_TROUBLE, /* a person should look at `why` */
	XB_MIRROR_CLOSED,  /* it gets nothing: the repository is private and it is not */
};

struct xb_mirror_status {
	char *name, *url;
	enum xb_mirror_state state;
	size_t refs;       /* that it should have */
	size_t missing;    /* of these, those that are not as they should be there */
	size_t not_judged; /* others, of lines that are held: what should be there is not known */
	char *left;        /* these, and where we left them; NULL: there is none */
	size_t commits;    /* of derived refs that it lacks */
	int64_t since;     /* since when something is missing; 0: not known, or nothing is */
	int64_t began_ms;  /* when the last visit began, in milliseconds; 0: never */
	int64_t looked;    /* when it was last seen; 0: never */
	int64_t retry;     /* not before; 0: at the next occasion */
	char *why;         /* NULL: nothing to say; safe to print */
};

struct xb_mirror_statuses {
	struct xb_mirror_status *v;
	size_t n, cap;
};

/* How the mirrors stand, as far as is known here: none is asked. The names are as in xb_mirror_options. */
struct xb_err *xb_mirror_summary(const struct xb_task_env *env, char *const *names, size_t n_names,
				 struct xb_mirror_statuses *out) XB_MUST_CHECK;
void xb_mirror_statuses_release(struct xb_mirror_statuses *s);
/* One line for people, without a line end; owned. */
char *xb_mirror_line(const struct xb_mirror_status *s, int64_t now);

#endif
