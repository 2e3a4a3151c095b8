/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One visit to a mirror: look, decide ref by ref, push, look again. */
#ifndef XB_MIRROR_PUSH_H
#define XB_MIRROR_PUSH_H

#include "config/config.h"
#include "remote/remote-record.h"

struct xb_mirror_visit {
	const struct xb_config *config;
	const struct xb_remote_conf *mirror;
	const char *repository; /* its path */
	bool adopt;
};

/*
 * In a task's child. XB_E_TEMP: later; what a person should look at was logged
 * and is *ATTENTION. All of it is in the record as well.
 */
struct xb_err *xb_mirror_visit(const struct xb_mirror_visit *v, bool *attention) XB_MUST_CHECK;

/* Where the record of the mirror or upstream NAME is; owned. */
char *xb_mirror_record_path(const struct xb_config *config, const char *name);

#endif
