/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of the commits without which a fix may not apply, as few are picked as do. */
#include "planned.h"
#include "tap.h"

static struct planned p;

/* The base: a file of twenty lines, 1 to 20, that each commit changes in some places. */
static char *lines[PLANNED_MAX + 1];
static int words[PLANNED_MAX][20];

static void begin(void)
{
	for (size_t i = 0; i <= PLANNED_MAX; i++) {
		free(lines[i]);
		lines[i] = NULL;
	}
	memset(words, 0, sizeof words);
	memset(p.files, 0, sizeof p.files);
}

static char *text(const int *w)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (int i = 0; i < 20; i++)
		xb_buf_addf(&b, "line %d of the text, version %d\n", i + 1, w[i]);
	return xb_memdup0(b.p, b.n);
}

/* A commit of staging: what becomes of lines of the file, LINE and its version, up to 0; and whether it's a
 * fix. */
struct change {
	bool fix;
	int to[5][2];
};

static void staging(const struct change *v, size_t n)
{
	int now[20] = {0};

	begin();
	lines[PLANNED_MAX] = text(now);
	planned_file(&p, "f", lines[PLANNED_MAX]);
	planned_base(&p);
	for (size_t i = 0; i < n; i++) {
		XB_AUTOFREE char *message =
		    xb_asprintf("x86: change %zu%s", i, v[i].fix ? "\n\nThis is XSA-1." : "");

		for (int k = 0; v[i].to[k][0]; k++)
			now[v[i].to[k][0] - 1] = v[i].to[k][1];
		lines[i] = text(now);
		planned_commit(&p, message, "f", lines[i]);
	}
}

static void plan(const char *want, const char *title)
{
	XB_AUTOFREE char *got = planned_says(&p);

	is_text(got, want, title);
}

#define STAGING(...)                                                                                         \
	staging((const struct change[]){__VA_ARGS__},                                                        \
		sizeof((const struct change[]){__VA_ARGS__}) / sizeof(struct change))

int main(void)
{
	planned_begin(&p);
	p.config->follow_ups = false; /* what else goes with a pick is not looked for */
	STAGING({false, {{10, 1}}}, {true, {{10, 2}}});
	plan("pa sb", "a fix of a line that another commit changed needs that one");
	STAGING({false, {{3, 1}}}, {false, {{10, 1}}}, {true, {{10, 2}}});
	plan("pb sc", "... and none that changed another line");
	STAGING({false, {{8, 1}}}, {false, {{10, 1}}}, {false, {{12, 1}}}, {true, {{10, 2}}});
	plan("pb sd", "... be it near");
	STAGING({false, {{10, 1}}}, {false, {{10, 2}}}, {true, {{10, 3}}});
	plan("pa pb sc", "two that changed it after each other");
	STAGING({false, {{10, 1}}}, {false, {{11, 1}}}, {false, {{11, 0}, {18, 1}}},
		{true, {{10, 2}, {11, 2}}});
	plan("pa sd", "a line that is again as it was needs none of those that changed it");
	STAGING({false, {{10, 1}}}, {false, {{11, 1}, {18, 1}}}, {false, {{11, 0}, {18, 2}}},
		{true, {{10, 2}, {11, 2}}});
	plan("pa sd", "... also where these need each other");
	p.rules_version = 1; /* later ones take what changes a pick with it */
	STAGING({false, {{10, 1}}}, {false, {{10, 2}}}, {false, {{10, 1}, {18, 1}}}, {true, {{10, 3}}});
	plan("pa sd", "of those that end alike, the fewest");
	planned_end(&p);
	begin();
	return done();
}
