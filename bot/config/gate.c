/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of the gate and of batches: periods, sizes, times of the week. */
#include "gate.h"

#include "config.h"
#include "util/alloc.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PERIOD_MAX (UINT64_C(365) * 86400)
#define SIZE_LEAST (64u << 10)

static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
				       "Thursday", "Friday", "Saturday"};

/* "NUMBER UNIT" without a blank, UNIT one of UNITS, each worth what FACTORS says; 0: it is none. */
static uint64_t scaled(const char *text, const char *units, const uint64_t *factors, uint64_t max)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = digits && text[digits] ? strchr(units, text[digits]) : NULL;
	uint64_t n, factor;

	if (!unit || text[digits + 1] || digits > 9)
		return 0;
	n = strtoul(text, NULL, 10);
	factor = factors[unit - units];
	return n <= max / factor ? n * factor : 0;
}

unsigned xb_period_of(const char *text)
{
	static const uint64_t factors[] = {1, 60, 3600, 86400};

	return (unsigned)scaled(text, "smhd", factors, PERIOD_MAX);
}

char *xb_value_period(const char *text, const struct xb_value_spec *spec)
{
	unsigned period = xb_period_of(text);

	if ((spec->optional && !strcmp(text, "never")) || (period && (!spec->max || period <= spec->max)))
		return NULL;
	return xb_asprintf("'%s' is no period; allowed: a number and s, m, h or d, up to %u%s%s", text,
			   spec->max ? spec->max : 365, spec->max ? "s" : "d, such as 90m",
			   spec->optional ? ", or never" : "");
}

uint64_t xb_size_of(const char *text)
{
	static const uint64_t factors[] = {1u << 10, 1u << 20, 1u << 30};

	return xb_is_none(text) ? 0 : scaled(text, "KMG", factors, (uint64_t)1 << 50);
}

char *xb_value_size(const char *text, const struct xb_value_spec *spec)
{
	if ((spec->optional && xb_is_none(text)) || xb_size_of(text) >= SIZE_LEAST)
		return NULL;
	return xb_asprintf("'%s' is no size; allowed: a number and K, M or G, at least 64K%s", text,
			   spec->optional ? ", or none" : "");
}

char *xb_value_number(const char *text, const struct xb_value_spec *spec)
{
	unsigned long n =
	    strspn(text, "0123456789") == strlen(text) && strlen(text) < 9 ? strtoul(text, NULL, 10) : 0;

	if (n && n <= spec->max)
		return NULL;
	return xb_asprintf("'%s' is no such number; allowed: 1 to %u", text, spec->max);
}

char *xb_value_command(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	return *text ? NULL : xb_strdup("nothing; allowed: a command for /bin/sh, or none");
}

/* "Tuesday", "tue" */
static bool weekday_of(const char *p, size_t n, unsigned *out)
{
	for (unsigned d = 0; d < 7; d++)
		if ((n == 3 || n == strlen(weekdays[d])) && !strncasecmp(p, weekdays[d], n)) {
			*out = d;
			return true;
		}
	return false;
}

static bool minute_of(const char *p, size_t n, unsigned *out)
{
	unsigned h, m;

	if (n != 5 || p[2] != ':' || strspn(p, "0123456789") != 2 || strspn(p + 3, "0123456789") < 2)
		return false;
	h = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
	m = (unsigned)(p[3] - '0') * 10 + (unsigned)(p[4] - '0');
	*out = h * 60 + m;
	return h < 24 && m < 60;
}

static unsigned period_of(const char *p, size_t n)
{
	XB_AUTOFREE char *text = xb_memdup0(p, n);

	return xb_period_of(text);
}

#define DAY 86400u

/* PERIOD [max PERIOD], as K words. */
static bool quiet_of(const char **w, const size_t *n, size_t k, struct xb_publish_rule *out)
{
	out->when = XB_PUBLISH_QUIET;
	out->quiet = period_of(w[0], n[0]);
	out->quiet_max = out->quiet > DAY / 2 ? 2 * out->quiet : DAY;
	if (k == 1)
		return out->quiet > 0;
	if (k != 3 || n[1] != 3 || memcmp(w[1], "max", 3) != 0)
		return false;
	out->quiet_max = period_of(w[2], n[2]);
	return out->quiet > 0 && out->quiet_max >= out->quiet;
}

bool xb_publish_rule_of(const char *text, struct xb_publish_rule *out)
{
	const char *w[5];
	size_t n[5], k = 0;

	*out = (struct xb_publish_rule){.when = XB_PUBLISH_NOW};
	while (k < 5 && (n[k] = xb_next_word(&text, &w[k])))
		k++;
	if (k == 1)
		return n[0] == 3 && !memcmp(w[0], "now", 3);
	if (k >= 2 && n[0] == 5 && !memcmp(w[0], "quiet", 5))
		return quiet_of(w + 1, n + 1, k - 1, out);
	if (k == 4 && n[0] == 2 && !memcmp(w[0], "at", 2) && n[3] == 3 && !memcmp(w[3], "UTC", 3)) {
		out->when = XB_PUBLISH_AT;
		return weekday_of(w[1], n[1], &out->weekday) && minute_of(w[2], n[2], &out->minute);
	}
	return false;
}

char *xb_value_publish(const char *text, const struct xb_value_spec *spec)
{
	struct xb_publish_rule rule;

	(void)spec;
	if (xb_publish_rule_of(text, &rule))
		return NULL;
	return xb_asprintf("'%s' is no time to publish; allowed: now, quiet PERIOD (such as quiet 2h), quiet "
			   "PERIOD max PERIOD (the second no shorter), or at WEEKDAY HH:MM UTC",
			   text);
}

/* ---- from texts to fields ---- */

static void add_paths(const struct xb_config_reader *r, enum xb_key key, struct xb_strv *to)
{
	const struct xb_setting *s = xb_setting_given(r, &r->common, key);

	for (size_t i = 0; s && i < s->texts.n; i++)
		xb_strv_add(to, s->texts.v[i]);
}

void xb_config_gate(struct xb_config_reader *r)
{
	const struct xb_scope *s = &r->common;
	struct xb_gate_conf *g = &r->c->gate;

	g->timeout = xb_period_of(xb_setting_text(r, s, XB_K_GATE_TIMEOUT));
	g->retry = xb_period_of(xb_setting_text(r, s, XB_K_GATE_RETRY));
	g->jobs = (unsigned)strtoul(xb_setting_text(r, s, XB_K_GATE_JOBS), NULL, 10);
	g->memory = xb_size_of(xb_setting_text(r, s, XB_K_GATE_MEMORY));
	g->memory_total = xb_size_of(xb_setting_text(r, s, XB_K_GATE_MEMORY_TOTAL));
	g->output = xb_size_of(xb_setting_text(r, s, XB_K_GATE_OUTPUT));
	g->network = xb_setting_choice(r, s, XB_K_GATE_NETWORK);
	g->sandbox = (enum xb_sandbox_use)xb_setting_choice(r, s, XB_K_GATE_SANDBOX);
	add_paths(r, XB_K_GATE_WRITABLE, &g->writable);
	add_paths(r, XB_K_GATE_HIDE, &g->hidden);
}
