/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a candidate may end: at whole bundles, whole advisories and whole disclosures. */
#include "gate/cuts.h"
#include "tap.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <unistd.h>

static struct xb_metadata *metadata;

/* A plan of text: a pick a word. "1" is a fix of XSA-1, "1,2" of both, "r1" a
 * repair of one, "+" in front: of the bundle before it. */
static void make(struct xb_plan *plan, const char *text)
{
	char *words = xb_strdup(text), *save = NULL;

	*plan = (struct xb_plan){0};
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		struct xb_plan_pick *k = XB_PUSH(&plan->picks, v, n, cap);
		size_t at = plan->picks.n - 1;
		char *more = NULL;

		XB_PUSH(&plan->window, v, n, cap)->time = 1000 * (int64_t)at;
		k->window = at;
		k->bundle = *w == '+' ? plan->picks.v[at - 1].bundle : at;
		w += *w == '+';
		k->role = *w == 'r' ? XB_ROLE_FOLLOW_UP : XB_ROLE_SECURITY;
		w += *w == 'r';
		for (char *a = strtok_r(w, ",", &more); a; a = strtok_r(NULL, ",", &more)) {
			XB_AUTOFREE char *id = xb_asprintf("XSA-%s", a);

			xb_strv_add(&k->advisories, id);
		}
	}
	free(words);
}

static void cuts(const char *text, size_t from, unsigned quiet, const char *want, const char *title)
{
	struct xb_plan plan;
	struct xb_cuts c;
	char got[64] = "";

	make(&plan, text);
	xb_cuts_find(&(struct xb_cuts_options){&plan, from, plan.picks.n, metadata, quiet}, &c);
	for (size_t i = 0; i < c.n; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%zu", i ? " " : "", c.v[i]);
	is_text(got, want, title);
	xb_cuts_release(&c);
	for (size_t i = 0; i < plan.picks.n; i++)
		xb_strv_release(&plan.picks.v[i].advisories);
	free(plan.picks.v);
	free(plan.window.v);
}

/* XSA-7 and XSA-8 became public at one time, XSA-9 later. */
static const char list[] = "[{\"xsas\": ["
			   "{\"xsa\": 7, \"public_time\": \"2021-01-01 12:00\"},"
			   "{\"xsa\": 8, \"public_time\": \"2021-01-01 12:00\"},"
			   "{\"xsa\": 9, \"public_time\": \"2021-02-01 12:00\"}]}]";

static void make_metadata(struct xb_config *config, const char *dir, const char *file)
{
	FILE *f = fopen(file, "w");

	if (!f || fputs(list, f) < 0 || fclose(f))
		printf("Bail out! cannot write %s\n", file);
	xb_set_text(&config->metadata, dir);
	metadata = xb_metadata_open(config);
}

int main(void)
{
	struct xb_config *config = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_load(NULL, &config);
	char dir[] = "/tmp/xsabot-unit-cuts-XXXXXX";
	XB_AUTOFREE char *file = NULL;

	if (err || !mkdtemp(dir))
		return 1;
	file = xb_asprintf("%s/xsa.json", dir);
	make_metadata(config, dir, file);

	cuts("1 2 3", 0, 0, "1 2 3", "after each fix");
	cuts("1 2 3", 2, 0, "3", "only what is not published yet");
	cuts("1 2 3", 3, 0, "", "all is");
	cuts("1 +2 3", 0, 0, "2 3", "not within a bundle");
	cuts("1 2 1 3", 0, 0, "3 4", "not within an advisory");
	cuts("1 2 1 3", 1, 0, "2 3 4", "... of which no more than its rest is open");
	cuts("1,2 3 2", 0, 0, "3", "nor within one of two of a fix");
	cuts("1 r1 1", 0, 0, "3", "a repair between its parts parts it as little");
	cuts("1 2 r1 3", 0, 0, "1 2 3 4", "a repair that comes later is no part of it");
	cuts("1 2 3", 0, 999, "1 2 3", "committed long after each other: each by itself");
	cuts("1 2 3", 0, 1000, "3", "committed soon after each other: one disclosure");
	cuts("1 r1 2", 0, 1000, "1 2 3", "... and no disclosure at twice that time");
	cuts("1 r1 2", 0, 2000, "3", "... where that is soon, whatever lies between them");
	cuts("7 1 8 9", 0, 0, "3 4", "public at one time: one disclosure");
	cuts("7 8 9", 0, 1000, "2 3", "... and the times of commits don't count where that is known");

	xb_metadata_free(metadata);
	xb_config_free(config);
	unlink(file);
	rmdir(dir);
	return done();
}
