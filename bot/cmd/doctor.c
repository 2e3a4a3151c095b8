/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "doctor/doctor.h"
#include "os/log.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>

static const char *const words[] = {[XB_FOUND_GOOD] = "good",
				    [XB_FOUND_ADVICE] = "advice",
				    [XB_FOUND_WRONG] = "WRONG",
				    [XB_FOUND_UNKNOWN] = "unknown"};

static void print(const struct xb_found *f)
{
	XB_AUTOFREE char *text = xb_vis_dup(f->text), *remedy = f->remedy ? xb_vis_dup(f->remedy) : NULL;

	printf("%s: %s: %s%s%s\n", words[f->what], f->area, text, remedy ? "; do: " : "",
	       remedy ? remedy : "");
}

struct xb_err *xb_cmd_doctor(struct xb_env *env, bool *attention)
{
	struct xb_doctor d = {.config = env->config, .rules = env->rules, .repo = env->repo};

	xb_doctor_look(&d, false);
	for (size_t i = 0; i < d.found.n; i++) {
		print(&d.found.v[i]);
		*attention |= d.found.v[i].what == XB_FOUND_WRONG;
	}
	xb_doctor_release(&d);
	return NULL;
}

size_t xb_cheap_checks(const struct xb_env *env)
{
	struct xb_doctor d = {.config = env->config, .rules = env->rules, .repo = env->repo};
	size_t wrong = 0;

	xb_doctor_look(&d, true);
	for (size_t i = 0; i < d.found.n; i++) {
		const struct xb_found *f = &d.found.v[i];

		if (f->what != XB_FOUND_WRONG)
			continue;
		wrong++;
		xb_log(XB_WARN, "%s: %s%s%s", f->area, f->text, f->remedy ? "; do: " : "",
		       f->remedy ? f->remedy : "");
	}
	xb_doctor_release(&d);
	return wrong;
}
