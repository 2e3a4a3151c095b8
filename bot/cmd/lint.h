/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the rules find the fixes of this repository? For check-config. */
#ifndef XB_LINT_H
#define XB_LINT_H

#include "cmd.h"

/* Looks through the newest commits of the lines in TARGETS and says what the rules make of them. */
struct xb_err *xb_lint_history(struct xb_env *env, const struct xb_targets *targets,
			       bool *attention) XB_MUST_CHECK;

#endif
