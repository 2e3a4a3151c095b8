/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bot at work: it looks at the refs, publishes the targets that need it, and
 * runs the tasks of all modules in children, step by step. `run` takes steps
 * until nothing is due now, `watch` for as long as it lives: both do the same.
 * Publishing is short and happens one target after the other; whatever can be
 * slow is a task, so that no target waits for another's.
 *
 * Order of calls: xb_loop_new; then xb_loop_step, poll what xb_loop_poll names
 * until xb_loop_due, and again. xb_loop_wake says that refs may have changed.
 */
#ifndef XB_LOOP_H
#define XB_LOOP_H

#include "classify/rules.h"
#include "config/config.h"
#include "children.h"
#include "lines/lines.h"
#include "target/target.h"

#include <poll.h>

struct xb_loop;

struct xb_loop_options {
	const struct xb_config *config; /* borrowed, until xb_loop_use gives another */
	const struct xb_rules *rules;
	git_repository *repo; /* borrowed; NULL: opened for each look, for a process that stays */
	bool resident;        /* retries, and logs what fails; else the first failure is the result */
	char *const *names;   /* only these lines or releases, whatever the spool has; borrowed */
	size_t n_names;
	bool beside; /* may work beside a bot, for what is asked for here, and then tells that bot */
	bool adopt;
	struct xb_publish_options publish; /* its `now` is set here */
	/* A target was published; NEWS: it differs from what was told last. */
	void (*tell)(void *data, const struct xb_target *t, const struct xb_publish_result *r, bool news);
	bool (*ending)(void *data); /* stop after the target that is being published; may be NULL */
	void (*alive)(void *data);  /* work is going on, and a watchdog should know; may be NULL */
	void *data;
};

/* XB_E_TEMP, with its process id, when another bot works on the repository. *OUT is the caller's. */
struct xb_err *xb_loop_new(const struct xb_loop_options *o, struct xb_loop **out) XB_MUST_CHECK;
/* Ends all children. */
void xb_loop_free(struct xb_loop *w);
XB_HANDLE(xb_loop)
/* From now on with these, which are borrowed; everything is looked at again. */
void xb_loop_use(struct xb_loop *w, const struct xb_config *config, const struct xb_rules *rules);
/* The configuration in force is not the one of the file, for the reason WHY; NULL: it is. */
void xb_loop_misconfigured(struct xb_loop *w, const char *why);
/* Refs may have changed: look at them in the next step. */
void xb_loop_wake(struct xb_loop *w);
/* Does what is due. */
void xb_loop_step(struct xb_loop *w);
/* When the next step is due, if nothing else happens: milliseconds of CLOCK_MONOTONIC, or XB_NEVER. */
int64_t xb_loop_due(const struct xb_loop *w);
/* Fills P, with room for XB_LOOP_FDS, with what ends the wait. */
enum { XB_LOOP_FDS = XB_CHILDREN_MAX + 8 };
size_t xb_loop_poll(const struct xb_loop *w, struct pollfd *p);
/* How the branches stand, in a few words; owned. */
char *xb_loop_words(const struct xb_loop *w);
/* Steps until nothing runs and nothing is due now. Gives the worst failure; *ATTENTION: a person should look.
 */
struct xb_err *xb_loop_finish(struct xb_loop *w, bool *attention) XB_MUST_CHECK;

#endif
