/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands. main.c reads the options that all share and those of the
 * command, opens what it needs, calls it, and turns the result into the exit
 * status. A command parses no option itself; it prints its result on stdout.
 */
#ifndef XB_CMD_H
#define XB_CMD_H

#include "classify/rules.h"
#include "config/config.h"
#include "plan/plan.h"
#include "target/target.h"

#include <git2.h>

enum xb_format {
	XB_FORMAT_TEXT,
	XB_FORMAT_IDS,
	XB_FORMAT_JSON,
	XB_FORMAT_TAP,
	XB_FORMAT_JUNIT,
	XB_FORMAT_CSV,
	XB_FORMAT_OPENMETRICS,
	XB_FORMAT_NAGIOS
};

struct xb_options {
	const char *config, *repo;
	bool quiet, verbose, help, version;
	const char *base, *tip;
	const char *command, *state, *reason;
	const char *since, *names, *kind, *skip, *revision;
	unsigned start;   /* 0: not given */
	unsigned timeout; /* seconds; 0: none */
	unsigned tests;   /* 0: not given */
	enum xb_format format;
	unsigned rules_version; /* 0: not given */
	const char *line;
	bool dry_run, apply, unretire; /* the last: of the command of that name */
	bool left_out, now, retest, accept_removal, strict, with_git, preview, once, numbers;
	bool push, adopt, protect;
	struct xb_plan_options plan;
	char **args; /* what follows the verb; borrowed */
	size_t n_args;
};

/* What commands work on, opened by main. */
struct xb_env {
	struct xb_options o;
	struct xb_config *config;
	struct xb_rules *rules;
	git_repository *repo;
	struct xb_metadata *metadata; /* once it was asked for: xb_env_metadata */
};

/*
 * A command. *ATTENTION becomes true when it did its work and a person should
 * look (exit status 1).
 */
typedef struct xb_err *(*xb_cmd)(struct xb_env *env, bool *attention);

/* Makes the plan of T as the options and, where there is a configuration, what is recorded ask for. */
struct xb_err *xb_cmd_make_plan(struct xb_env *env, const struct xb_target *t,
				struct xb_plan **out) XB_MUST_CHECK;
/* Prints what publishing T gave, as `run` does. */
void xb_print_result(const struct xb_env *env, const struct xb_target *t, const struct xb_publish_result *r);

/* Of withdraw and retire (VERB): is REASON there, and a line of text? */
struct xb_err *xb_check_reason(const char *verb, const char *reason) XB_MUST_CHECK;
/*
 * The checks of doctor that are cheap: logs what is wrong, with what to do, and gives how much that is.
 * Before the repository is let go.
 */
size_t xb_cheap_checks(const struct xb_env *env);
/*
 * Tells of the mirrors and the upstream that something is wrong with and that were not visited since
 * SINCE_MS, so that nobody told of them.
 */
struct xb_err *xb_tell_remotes(const struct xb_env *env, int64_t since_ms, bool *attention) XB_MUST_CHECK;

struct xb_err *xb_cmd_run(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_watch(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_status(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_plan(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_advisories(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_export(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_check(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_import(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_check_advisory(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_report(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_pages(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_build(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_publish(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_explain(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_verify(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_search(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_suggest_config(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_check_config(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_config_keys(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_systemd(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_doctor(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_install_hook(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_relay(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_receive_event(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_adopt(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_withdraw(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_reinstate(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_retire(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_unretire(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_outbox(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_mail(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_mirror(struct xb_env *env, bool *attention) XB_MUST_CHECK;
struct xb_err *xb_cmd_fetch(struct xb_env *env, bool *attention) XB_MUST_CHECK;

#endif
