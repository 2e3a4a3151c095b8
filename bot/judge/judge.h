/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the bot and its lines stand, judged from outside: by the bot's reports, their
 * age, the lock, the spool and the refs themselves. Takes no lock, writes nothing, asks
 * no other host. What the account that asks may not read is named, and is no trouble
 * by itself. xsabot(1), STATUS, says what is in the result.
 */
#ifndef XB_JUDGE_H
#define XB_JUDGE_H

#include "os/task.h"

#include <jansson.h>

enum {
	XB_JUDGE_LATE_S = 60, /* what a bot that stays has not done by then, it doesn't do */
	XB_JUDGE_GONE_S = 10, /* a service is started anew in this time */
};

struct xb_judge {
	struct xb_task_env env;
	git_repository *repo;
	json_t *report; /* filled here */
	const json_t *pulse;
	bool resident;
	int64_t grace; /* seconds that something may wait for the bot */
};

/* *OUT: the report, the caller's. Neither run nor watch has ever worked there: XB_E_NOTFOUND. */
struct xb_err *xb_judge(const struct xb_task_env *env, git_repository *repo, json_t **out) XB_MUST_CHECK;

/* The mirrors as a list, and the outbox as an object, NULL without [mail]; the caller's. */
struct xb_err *xb_judge_mirrors(const struct xb_task_env *env, json_t **out) XB_MUST_CHECK;
struct xb_err *xb_judge_mail(const struct xb_config *c, json_t **out) XB_MUST_CHECK;

/* ---- for the parts of it ---- */

/* SUBJECT: a line, a ref, a mirror, or NULL. SINCE: seconds since 1970; 0: not known. */
void xb_judge_trouble(struct xb_judge *j, const char *kind, const char *subject, int64_t since,
		      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void xb_judge_unknown(struct xb_judge *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Mirrors and mail, into the report. */
void xb_judge_queues(struct xb_judge *j);
/* Refs that are elsewhere than where they were looked at last. */
struct xb_err *xb_judge_refs(struct xb_judge *j) XB_MUST_CHECK;

#endif
