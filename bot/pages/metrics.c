/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many advisories are in which state on which line, as OpenMetrics; and which a line lacks. */
#include "pages-impl.h"

#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

static void label(struct xb_buf *b, const char *name, const char *value)
{
	XB_AUTOFREE char *seen = xb_vis_dup(value ? value : "");

	xb_buf_addf(b, "%s=\"", name);
	for (const char *p = seen; *p; p++) {
		if (*p == '"' || *p == '\\')
			xb_buf_addc(b, '\\');
		xb_buf_addc(b, *p);
	}
	xb_buf_addc(b, '"');
}

static size_t count(const struct xb_pages_line *l, const char *state)
{
	const json_t *rows = json_object_get(l->table, "advisories"), *row;
	size_t i, n = 0;

	json_array_foreach(rows, i, row)
	{
		const char *is = xb_json_str(row, "state");

		n += is && !strcmp(is, state);
	}
	return n;
}

static void counts(const struct xb_pages *p, struct xb_buf *b)
{
	xb_buf_adds(b, "# TYPE xsabot_advisories gauge\n"
		       "# HELP xsabot_advisories Advisories of a line, by their state.\n");
	for (size_t i = 0; i < p->lines.n; i++)
		for (enum xb_advisory_state s = XB_ADV_APPLIED; s <= XB_ADV_MISSING; s++) {
			xb_buf_adds(b, "xsabot_advisories{");
			label(b, "line", p->lines.v[i].name);
			xb_buf_addc(b, ',');
			label(b, "state", xb_advisory_state_name(s));
			xb_buf_addf(b, "} %zu\n", count(&p->lines.v[i], xb_advisory_state_name(s)));
		}
}

static void picks(const struct xb_pages *p, struct xb_buf *b)
{
	xb_buf_adds(b, "# TYPE xsabot_branch_picks gauge\n"
		       "# HELP xsabot_branch_picks Commits that a branch has on its release.\n");
	for (size_t i = 0; i < p->lines.n; i++) {
		xb_buf_adds(b, "xsabot_branch_picks{");
		label(b, "line", p->lines.v[i].name);
		xb_buf_addf(b, "} %zu\n", json_array_size(json_object_get(p->lines.v[i].table, "picks")));
	}
}

static bool lacks(const char *state)
{
	return state && strncmp(state, "applied", strlen("applied")) != 0;
}

static void lacking(const struct xb_pages *p, struct xb_buf *b)
{
	xb_buf_adds(b, "# TYPE xsabot_advisory_lacking gauge\n"
		       "# HELP xsabot_advisory_lacking An advisory that a line does not have in full.\n");
	for (size_t i = 0; i < p->lines.n; i++) {
		const json_t *rows = json_object_get(p->lines.v[i].table, "advisories"), *row;
		size_t k;

		json_array_foreach(rows, k, row)
		{
			if (!lacks(xb_json_str(row, "state")))
				continue;
			xb_buf_adds(b, "xsabot_advisory_lacking{");
			label(b, "line", p->lines.v[i].name);
			xb_buf_addc(b, ',');
			label(b, "advisory", xb_json_str(row, "id"));
			xb_buf_addc(b, ',');
			label(b, "state", xb_json_str(row, "state"));
			xb_buf_adds(b, "} 1\n");
		}
	}
}

struct xb_err *xb_pages_metrics(const struct xb_pages *p)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	counts(p, &b);
	picks(p, &b);
	lacking(p, &b);
	xb_buf_adds(&b, "# EOF\n");
	return xb_site_add(p->site, "metrics.txt", &b);
}
