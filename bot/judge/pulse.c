/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pulse.h"

#include "status.h"
#include "os/clock.h"
#include "os/log.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <string.h>
#include <unistd.h>

#define FILE_NAME "pulse.json"

struct xb_err *xb_pulse_read(const char *state_dir, json_t **out)
{
	return xb_report_read(state_dir, FILE_NAME, out);
}

static json_t *time_or_null(int64_t t)
{
	return t ? json_integer(t) : json_null();
}

/* Keeps what it was before where this pulse knows nothing of it. */
static void keep(json_t *now, const json_t *was, const char *key, json_t *value)
{
	json_t *old = json_object_get(was, key);

	json_object_set(now, key, value ? value : old ? old : json_null());
}

static int64_t error_since(const json_t *was, const char *error, int64_t now)
{
	const json_t *since = json_object_get(was, "since");
	const char *text = xb_json_str(was, "error");

	return text && !strcmp(text, error) && json_is_integer(since) ? json_integer_value(since) : now;
}

static json_t *make(const struct xb_pulse *p, const json_t *was, int64_t now)
{
	json_t *o = json_object();
	json_t *looked = p->looked ? json_integer(now) : NULL;
	json_t *common = p->looked && p->common ? json_string(xb_hex(p->common).s) : NULL;

	json_object_set_new(o, "version", json_integer(1));
	json_object_set_new(o, "pid", json_integer((json_int_t)getpid()));
	json_object_set_new(o, "resident", json_boolean(p->resident));
	json_object_set_new(o, "ended", json_boolean(p->ended));
	json_object_set_new(o, "beat", json_integer(now));
	json_object_set_new(o, "rescan", json_integer((json_int_t)p->rescan));
	keep(o, was, "looked", looked);
	keep(o, was, "common", common);
	xb_json_text(o, "error", p->error);
	json_object_set_new(o, "since", time_or_null(p->error ? error_since(was, p->error, now) : 0));
	json_object_set_new(o, "retry", time_or_null(p->error ? p->retry : 0));
	xb_json_text(o, "misconfigured", p->misconfigured);
	keep(o, was, "mirrors", p->mirrors);
	keep(o, was, "mail", p->mail);
	json_decref(looked);
	json_decref(common);
	return o;
}

void xb_pulse_write(const char *state_dir, const struct xb_pulse *p)
{
	json_t *was = NULL, *now;
	XB_AUTOERR struct xb_err *err = xb_pulse_read(state_dir, &was);

	xb_err_free(XB_STEAL(err)); /* it is written anew */
	now = make(p, was, xb_now_s());
	err = xb_report_write(state_dir, FILE_NAME, now);
	if (err)
		xb_log(XB_DEBUG, "%s", err->msg);
	json_decref(was);
	json_decref(now);
}
