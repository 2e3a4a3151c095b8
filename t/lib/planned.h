/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans of small histories: commits one after another on a base, then the plan. Each commit is known by a
 * letter, from a; in messages "%a" is the id of a, in file texts nothing is. After history.h.
 */
#ifndef XB_T_PLANNED_H
#define XB_T_PLANNED_H

#include "history.h"
#include "plan/plan.h"
#include "util/alloc.h"
#include "util/buf.h"

enum { PLANNED_MAX = 26, PLANNED_FILES = 8 };

struct planned {
	struct history h;
	struct xb_config *config;
	struct xb_rules *rules;
	struct history_file files[PLANNED_FILES + 1]; /* as the last commit has them */
	git_oid base, id[PLANNED_MAX], notes;
	size_t n;
	unsigned rules_version; /* 0: the newest */
	struct xb_plan *plan;
};

static inline void planned_begin(struct planned *p)
{
	struct xb_err *err;

	*p = (struct planned){.n = 0};
	history_begin(&p->h);
	err = xb_config_load(NULL, &p->config);
	if (!err) {
		xb_config_set_repository(p->config, p->h.dir);
		err = xb_rules_compile(p->config, &p->rules);
	}
	history_need(err != NULL);
}

/* Texts are borrowed. */
static inline void planned_file(struct planned *p, const char *name, const char *text)
{
	size_t i = 0;

	while (p->files[i].name && strcmp(p->files[i].name, name))
		i++;
	history_need(i == PLANNED_FILES);
	p->files[i] = (struct history_file){name, text};
}

/* A new history: its base has these files; more are added by planned_file before. */
static inline void planned_base(struct planned *p)
{
	p->n = 0;
	p->notes = (git_oid){{0}};
	p->base = history_commit(&p->h, NULL, "release", p->files);
}

/* "%a" in TEXT becomes the id of commit a. */
static inline char *planned_text(const struct planned *p, const char *text)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (; *text; text++) {
		if (*text == '%' && text[1] >= 'a' && (size_t)(text[1] - 'a') < p->n)
			xb_buf_addf(&b, "%s", xb_hex(&p->id[*++text - 'a']).s);
		else
			xb_buf_add(&b, text, 1);
	}
	return xb_memdup0(b.p, b.n);
}

/* The next commit: FILE now has TEXT. */
static inline void planned_commit(struct planned *p, const char *message, const char *file, const char *text)
{
	XB_AUTOFREE char *full = planned_text(p, message);

	planned_file(p, file, text);
	p->id[p->n] = history_commit(&p->h, p->n ? &p->id[p->n - 1] : &p->base, full, p->files);
	p->n++;
}

/* A note on commit WHICH; one alone. */
static inline void planned_note(struct planned *p, char which, const char *text)
{
	XB_AUTOFREE char *full = planned_text(p, text);
	struct xb_hex name = xb_hex(&p->id[which - 'a']);
	const struct history_file files[] = {{name.s, full}, {NULL, NULL}};

	p->notes = history_commit(&p->h, NULL, "notes", files);
}

/*
 * The plan, as text, in its order: "s" security, "f" follow-up, "p" prerequisite and the letter; left out:
 * "-" and the letter; blocked: "!" and the letter. Owned.
 */
static inline char *planned_says(struct planned *p)
{
	char line[] = "4.17";
	const struct xb_target t = {.line = line,
				    .name = line,
				    .conf = xb_config_line(p->config, line),
				    .status = XB_TARGET_OK,
				    .base = p->base,
				    .tip = p->n ? p->id[p->n - 1] : p->base};
	const struct xb_plan_inputs in = {.repo = p->h.repo,
					  .config = p->config,
					  .rules = p->rules,
					  .target = &t,
					  .notes = &p->notes,
					  .rules_version = p->rules_version};
	struct xb_err *err = xb_plan_make(&in, &p->plan);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	char *out;

	if (err) {
		out = xb_strdup(err->msg);
		xb_err_free(err);
		return out;
	}
	for (size_t i = 0; i < p->plan->picks.n; i++)
		xb_buf_addf(&b, "%s%c%c", b.n ? " " : "", *xb_role_name(p->plan->picks.v[i].role),
			    'a' + (int)p->plan->picks.v[i].window);
	for (size_t i = 0; i < p->plan->left_out.n; i++)
		xb_buf_addf(&b, "%s-%c", b.n ? " " : "", 'a' + (int)p->plan->left_out.v[i].window);
	for (size_t i = 0; i < p->plan->blocked.n; i++)
		xb_buf_addf(&b, "%s!%c", b.n ? " " : "", 'a' + (int)p->plan->blocked.v[i].window);
	out = xb_memdup0(b.n ? b.p : "", b.n);
	xb_plan_free(p->plan);
	p->plan = NULL;
	return out;
}

static inline void planned_end(struct planned *p)
{
	xb_rules_free(p->rules);
	xb_config_free(p->config);
	history_end(&p->h);
}

#endif
