/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include "util/alloc.h"
#include "util/buf.h"

static const struct check {
	const char *area;
	bool cheap;
	void (*look)(struct xb_doctor *d);
} checks[] = {
    {"account", true, xb_doctor_account},    {"state", true, xb_doctor_state},
    {"owners", false, xb_doctor_owners},     {"sharing", true, xb_doctor_shared},
    {"modes", false, xb_doctor_modes},       {"spool", true, xb_doctor_spool},
    {"hook", true, xb_doctor_hook},          {"protection", true, xb_doctor_protection},
    {"disk", true, xb_doctor_disk},          {"clock", true, xb_doctor_clock},
    {"network", true, xb_doctor_network},    {"service", false, xb_doctor_service},
    {"mail", false, xb_doctor_mail},         {"remotes", false, xb_doctor_remotes},
    {"gate", false, xb_doctor_gate},         {"objects", false, xb_doctor_objects},
    {"settings", false, xb_doctor_settings}, {"versions", false, xb_doctor_versions},
};

void xb_doctor_found(struct xb_doctor *d, enum xb_finding what, char *remedy, const char *fmt, ...)
{
	struct xb_found *f = XB_PUSH(&d->found, v, n, cap);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	*f = (struct xb_found){
	    .what = what, .area = xb_strdup(d->area), .text = xb_buf_detach(&text), .remedy = remedy};
}

void xb_doctor_look(struct xb_doctor *d, bool cheap)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (cheap && !checks[i].cheap)
			continue;
		d->area = checks[i].area;
		checks[i].look(d);
	}
}

void xb_doctor_release(struct xb_doctor *d)
{
	for (size_t i = 0; i < d->found.n; i++) {
		XB_FREE(d->found.v[i].area, d->found.v[i].text, d->found.v[i].remedy);
	}
	free(d->found.v);
	d->found.v = NULL;
	d->found.n = d->found.cap = 0;
}
