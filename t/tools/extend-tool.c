/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extend-tool REPO LINE BASE TIP EVERY: plans with the tip at every EVERYth
 * commit of BASE..TIP's first parents, each time from the start and by going on
 * from the plan before. Writes the chains' objects into REPO, so that they can
 * be gone on from. Prints "STEPS DIFFERENT TRIALS-FROM-THE-START TRIALS-GOING-ON",
 * and what differs to stderr.
 */
#include "os/log.h"
#include "plan/plan-json.h"
#include "publish/objects.h"
#include "repo/git.h"
#include "target/target.h"
#include "util/alloc.h"

#include <jansson.h>
#include <stdio.h>

struct steps {
	git_repository *repo;
	char *path, *line, *base;
	struct xb_config *config;
	struct xb_rules *rules;
	struct xb_plan *before;
	unsigned long n, different, scratch, extended;
};

static char *as_text(const struct xb_plan *p)
{
	json_t *o = xb_plan_json(p);
	char *s = json_dumps(o, JSON_INDENT(1) | JSON_SORT_KEYS);

	json_decref(o);
	return s;
}

static struct xb_err *write_chain(const struct steps *s, const struct xb_plan *p)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/objects/pack", s->path);
	struct xb_objects objects = {0};
	struct xb_pack_written pack = {0};
	static const git_oid none;
	struct xb_err *err = xb_objects_of_chain(p, p->picks.n, &none, &objects);

	if (!err && objects.n)
		err = xb_pack_write(dir, objects.v, objects.n, &pack);
	xb_pack_written_release(&pack);
	free(objects.v);
	return err;
}

static void compare(struct steps *s, const char *tip, const struct xb_plan *a, const struct xb_plan *b)
{
	XB_AUTOFREE char *x = as_text(a), *y = as_text(b);

	s->n++;
	s->scratch += a->trials;
	s->extended += b->trials;
	if (!strcmp(x, y))
		return;
	s->different++;
	fprintf(stderr, "--- %s from the start\n%s\n--- going on\n%s\n", tip, x, y);
}

static struct xb_err *step(struct steps *s, const char *tip)
{
	struct xb_target_options to = {.base = s->base, .tip = tip};
	struct xb_targets targets = {0};
	struct xb_plan *a = NULL, *b = NULL;
	struct xb_plan_inputs in = {.repo = s->repo, .config = s->config, .rules = s->rules};
	struct xb_err *err = xb_targets_find(s->repo, s->config, &s->line, 1, &to, &targets);

	in.target = targets.v;
	if (!err)
		err = xb_plan_make(&in, &a);
	if (!err)
		err = xb_plan_extend(&in, XB_STEAL(s->before), &b);
	if (!err) {
		compare(s, tip, a, b);
		err = write_chain(s, a);
		if (xb_plan_fold(b))
			s->before = XB_STEAL(b);
	}
	xb_plan_free(a);
	xb_plan_free(b);
	xb_targets_release(&targets);
	return err;
}

static struct xb_err *walk_on(struct steps *s, git_revwalk *walk, unsigned long every)
{
	unsigned long i = 0;
	git_oid oid, last;

	while (!git_revwalk_next(&oid, walk)) {
		last = oid;
		if (++i % every == 0)
			XB_TRY(step(s, xb_hex(&oid).s));
	}
	return i % every ? step(s, xb_hex(&last).s) : NULL;
}

static struct xb_err *walk(struct steps *s, const char *tip, unsigned long every)
{
	XB_AUTOFREE char *range = xb_asprintf("%s..%s", s->base, tip);
	git_revwalk *walk = NULL;
	struct xb_err *err = NULL;
	int rc = git_revwalk_new(&walk, s->repo);

	if (!rc)
		rc = git_revwalk_push_range(walk, range);
	if (!rc)
		rc = git_revwalk_simplify_first_parent(walk);
	if (!rc)
		rc = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
	err = rc ? xb_err_git(XB_E_IO, rc, "cannot walk %s", range) : walk_on(s, walk, every);
	git_revwalk_free(walk);
	return err;
}

static struct xb_err *run(struct steps *s, const char *tip, unsigned long every)
{
	XB_TRY(xb_git_open(s->path, XB_GIT_AGAIN, &s->repo));
	XB_TRY(xb_config_load(NULL, &s->config));
	xb_config_set_repository(s->config, s->path);
	XB_TRY(xb_rules_compile(s->config, &s->rules));
	return walk(s, tip, every);
}

int main(int argc, char **argv)
{
	struct steps s = {0};
	struct xb_err *err;

	if (argc != 6)
		return 64;
	s.path = argv[1];
	s.line = argv[2];
	s.base = argv[3];
	err = xb_git_init();
	if (!err)
		err = run(&s, argv[4], strtoul(argv[5], NULL, 10));
	if (err)
		fprintf(stderr, "extend-tool: %s\n", err->msg);
	else
		printf("%lu %lu %lu %lu\n", s.n, s.different, s.scratch, s.extended);
	xb_plan_free(s.before);
	xb_rules_free(s.rules);
	xb_config_free(s.config);
	git_repository_free(s.repo);
	return err ? 1 : 0;
}
