/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the command gate: one test, in the task's child. cmdgate.c makes it;
 * no one else includes this.
 */
#ifndef XB_CMDGATE_RUN_H
#define XB_CMDGATE_RUN_H

#include "config/config.h"
#include "util/err.h"

#include <git2.h>
#include <stdbool.h>

struct xb_cmdgate_run {
	const struct xb_config *config; /* borrowed */
	char *target, *command, *what;
	char *dir; /* STATE/gate */
	char *repo_path;
	git_oid tree, test;
};

/* The task's work and free_data; DATA is a struct xb_cmdgate_run. */
struct xb_err *xb_cmdgate_run(const void *data, bool *attention) XB_MUST_CHECK;
void xb_cmdgate_run_free(void *data);

/* What a gate has no business with: our own files, keys and passwords, and the repository. Release OUT. */
void xb_cmdgate_hidden(const struct xb_config *c, struct xb_strv *out);
char *xb_cmdgate_log_path(const char *dir, const git_oid *tree, const git_oid *test);

#endif
