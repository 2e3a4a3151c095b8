/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include "packs/sha1.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <ctype.h>
#include <string.h>

enum { SLUG = 40, SHORT = 12 /* digits of an id */ };

const char *xb_pick_origin(const struct xb_plan *p, const struct xb_plan_pick *k)
{
	const struct xb_message *m = &p->window.v[k->window].msg;

	for (size_t i = 0; i < m->origins.n; i++)
		if (strlen(m->origins.v[i].hex) >= SHORT)
			return m->origins.v[i].hex;
	return NULL;
}

/* "x86/mm: check P" is "x86-mm-check-p"; owned. */
static char *slug(const char *s, size_t max)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (; *s && b.n < max; s++) {
		if (isascii(*s) && isalnum((unsigned char)*s))
			xb_buf_addc(&b, (char)tolower((unsigned char)*s));
		else if (b.n && b.p[b.n - 1] != '-')
			xb_buf_addc(&b, '-');
	}
	while (b.n && b.p[b.n - 1] == '-')
		xb_buf_setlen(&b, b.n - 1);
	return xb_buf_detach(&b);
}

/* "XSA-407" is "xsa407", "CVE-2023-1" is "cve-2023-1"; owned. */
static char *advisory_part(const char *id)
{
	char *out = slug(id, SLUG), *dash = strchr(out, '-');

	if (dash && !strchr(dash + 1, '-') && isdigit((unsigned char)dash[1]))
		memmove(dash, dash + 1, strlen(dash));
	return out;
}

/* A line's name goes into file names as it is, but for what has a meaning there. */
static char *line_part(const char *line)
{
	char *out = xb_strdup(line);

	for (char *p = out; *p; p++)
		if (!isascii(*p) || (!isalnum((unsigned char)*p) && !strchr("._-", *p)))
			*p = '-';
	return out;
}

/* Which of the advisory's commits on the line it is, from 1. */
static size_t part_of(const struct xb_plan *p, const struct xb_plan_pick *k, const char *id)
{
	const struct xb_hex staging = xb_hex(&p->window.v[k->window].oid);

	for (size_t i = 0; i < p->advisories.n; i++)
		for (size_t n = 0; !strcmp(p->advisories.v[i].id, id) && n < p->advisories.v[i].commits.n;
		     n++)
			if (!strcmp(p->advisories.v[i].commits.v[n], staging.s))
				return n + 1;
	return 0;
}

static char *by_advisory(const struct xb_plan *p, const struct xb_plan_pick *k)
{
	XB_AUTOFREE char *line = line_part(p->target->line), *id = NULL;
	XB_AUTOFREE char *words = slug(k->subject ? k->subject : "", SLUG);
	const struct xb_hex staging = xb_hex(&p->window.v[k->window].oid);

	if (!k->advisories.n)
		return xb_asprintf("%s-%.*s-%s", line, SHORT, staging.s, words);
	id = advisory_part(k->advisories.v[0]);
	if (k->role != XB_ROLE_SECURITY)
		return xb_asprintf("%s-%s-%s-%.*s", id, line, k->role == XB_ROLE_PREREQUISITE ? "pre" : "fix",
				   SHORT, staging.s);
	return xb_asprintf("%s-%s-%02zu-%s", id, line, part_of(p, k, k->advisories.v[0]), words);
}

static char *by_origin(const struct xb_plan *p, const struct xb_plan_pick *k)
{
	const char *origin = xb_pick_origin(p, k);

	return xb_asprintf("backport-%.*s", SHORT, origin ? origin : xb_hex(&k->commit).s);
}

void xb_pick_names(const struct xb_plan *p, enum xb_names_style style, struct xb_strv *out)
{
	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];
		XB_AUTOFREE char *stem = style == XB_NAMES_ORIGIN ? by_origin(p, k) : by_advisory(p, k);
		XB_AUTOFREE char *name = xb_asprintf("%s.patch", stem);

		if (xb_strv_has(out, name)) {
			free(name);
			name =
			    xb_asprintf("%s-%.*s.patch", stem, SHORT, xb_hex(&p->window.v[k->window].oid).s);
		}
		xb_strv_add(out, name);
	}
}

/* ---- names of others ---- */

/* A longer one is cut, and its sum tells it apart. */
static char *shortened(char *name)
{
	enum { LONGEST = 120 };
	git_oid sum;
	char *out;

	if (strlen(name) <= LONGEST)
		return name;
	xb_object_id(GIT_OBJECT_BLOB, name, strlen(name), &sum);
	out = xb_asprintf("%.*s_%s", LONGEST - GIT_OID_HEXSZ, name, xb_hex(&sum).s);
	free(name);
	return out;
}

/* Two names never give the same: '_' is always the beginning of a number. */
char *xb_file_name(const char *name)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (const char *p = name; *p; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		    *p == '-' || *p == '+' || (*p == '.' && p > name))
			xb_buf_addc(&b, *p);
		else
			xb_buf_addf(&b, "_%02x", (unsigned char)*p);
	return shortened(xb_buf_detach(&b));
}
