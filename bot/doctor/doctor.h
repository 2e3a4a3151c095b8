/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be wrong around the program: owners, modes, hooks, disks, the network, the
 * unit, other hosts. A check looks and changes nothing; each finding has what to do.
 * The cheap ones ask no other host and start nothing: run and watch make them when
 * they begin, and check-config does.
 */
#ifndef XB_DOCTOR_H
#define XB_DOCTOR_H

#include "classify/rules.h"
#include "config/config.h"

#include <git2.h>
#include <stdbool.h>

enum xb_finding {
	XB_FOUND_GOOD,
	XB_FOUND_ADVICE, /* it works, and would be better otherwise */
	XB_FOUND_WRONG,  /* it does not work, or will not */
	XB_FOUND_UNKNOWN /* it could not be looked at */
};

struct xb_doctor {
	const struct xb_config *config; /* borrowed, as are the next two */
	const struct xb_rules *rules;
	git_repository *repo;
	const char *area; /* of the check that is being made */
	struct {
		struct xb_found {
			enum xb_finding what;
			char *area, *text, *remedy; /* owned; the last may be NULL */
		} * v;
		size_t n, cap;
	} found;
};

/* CHEAP: only the checks that are. D has its borrowed fields set; release it. */
void xb_doctor_look(struct xb_doctor *d, bool cheap);
void xb_doctor_release(struct xb_doctor *d);

/* What the configuration needs of a service. Texts are borrowed. */
struct xb_needs {
	const char *who;    /* needs the network; NULL: nobody does */
	bool beyond;        /* of other hosts */
	const char *set_id; /* a program that mail runs, or has run; NULL: none */
	bool set_gid;       /* it is set-group-id alone: who has the group can do without */
	const char *group;  /* that one's name, until the next call; NULL: it has none */
};
void xb_doctor_needs(const struct xb_config *c, struct xb_needs *out);

/* ---- for the checks ---- */

/* REMEDY: what to do; taken; NULL where the text says it, or nothing is to be done. */
void xb_doctor_found(struct xb_doctor *d, enum xb_finding what, char *remedy, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

void xb_doctor_account(struct xb_doctor *d);
void xb_doctor_state(struct xb_doctor *d);
void xb_doctor_owners(struct xb_doctor *d);
void xb_doctor_shared(struct xb_doctor *d);
void xb_doctor_modes(struct xb_doctor *d);
void xb_doctor_spool(struct xb_doctor *d);
void xb_doctor_hook(struct xb_doctor *d);
void xb_doctor_protection(struct xb_doctor *d);
void xb_doctor_disk(struct xb_doctor *d);
void xb_doctor_clock(struct xb_doctor *d);
void xb_doctor_network(struct xb_doctor *d);
void xb_doctor_service(struct xb_doctor *d);
void xb_doctor_mail(struct xb_doctor *d);
void xb_doctor_remotes(struct xb_doctor *d);
void xb_doctor_gate(struct xb_doctor *d);
void xb_doctor_objects(struct xb_doctor *d);
void xb_doctor_settings(struct xb_doctor *d);
void xb_doctor_versions(struct xb_doctor *d);

#endif
