/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "import/match.h"
#include "repo/git.h"
#include "state/notewrite.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <stdio.h>

/* Where what was found waits for a person. */
#define IMPORTED "refs/notes/xsabot-import"

/* Notes that are to be written: lines for one commit. */
struct note {
	git_oid commit;
	struct xb_strv lines;
};

struct importing {
	struct xb_env *env;
	struct xb_import_records records;
	struct {
		struct note *v;
		size_t n, cap;
	} notes;
	size_t matched, tagged;
};

static void release(struct importing *im)
{
	for (size_t i = 0; i < im->notes.n; i++)
		xb_strv_release(&im->notes.v[i].lines);
	free(im->notes.v);
	xb_import_records_release(&im->records);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static struct note *note_of(struct importing *im, const git_oid *commit)
{
	for (size_t i = 0; i < im->notes.n; i++)
		if (git_oid_equal(&im->notes.v[i].commit, commit))
			return &im->notes.v[i];
	XB_PUSH(&im->notes, v, n, cap)->commit = *commit;
	return &im->notes.v[im->notes.n - 1];
}

static void take_note(struct importing *im, const struct xb_hist *h, const struct xb_import_match *m)
{
	const struct xb_import_record *r = &im->records.v[m->record];
	struct note *n = note_of(im, &h->oid);
	XB_AUTOFREE char *word = xb_asprintf("%s: %s", xb_import_word_name(m->word), r->advisory);
	XB_AUTOBUF struct xb_buf from = XB_BUF_INIT;

	xb_buf_addf(&from, "Imported-from: ");
	xb_vis(&from, base_name(r->file), strlen(base_name(r->file)), 0);
	xb_buf_addf(&from, ", by %s", xb_import_how_name(m->how));
	xb_strv_add_new(&n->lines, word);
	xb_strv_add_new(&n->lines, from.p);
}

static void print_match(const struct importing *im, const struct xb_target *t, const struct xb_hist *h,
			const struct xb_import_match *m)
{
	const struct xb_import_record *r = &im->records.v[m->record];
	const char *word = xb_import_word_name(m->word);

	printf("%s %.12s %s: %s, by %s of ", t->name, xb_hex(&h->oid).s, word ? word : "tagged", r->advisory,
	       xb_import_how_name(m->how));
	xb_vis_print(base_name(r->file));
	fputs(": ", stdout);
	xb_vis_print(h->msg.subject);
	putchar('\n');
}

static struct xb_err *look_at(struct importing *im, const struct xb_target *t, struct xb_store *s)
{
	struct xb_import_matches m = {0};
	struct xb_window w;
	struct xb_err *err;

	XB_TRY(xb_window_load(im->env->repo, s, im->env->rules, &t->base, &t->tip, &w));
	err = xb_import_find(s, &w, &im->records, &m);
	for (size_t i = 0; i < m.n && !err; i++) {
		print_match(im, t, &w.v[m.v[i].window], &m.v[i]);
		im->matched++;
		if (m.v[i].word == XB_IMPORT_TAGGED)
			im->tagged++;
		else
			take_note(im, &w.v[m.v[i].window], &m.v[i]);
	}
	free(m.v);
	xb_window_release(&w);
	return err;
}

static struct xb_err *look(struct importing *im)
{
	struct xb_target_options to = {.base = im->env->o.base, .tip = im->env->o.tip};
	XB_AUTOFREE char *line = im->env->o.line ? xb_strdup(im->env->o.line) : NULL;
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};
	XB_AUTOPTR(xb_store) *s = NULL;

	XB_TRY(xb_targets_find(im->env->repo, im->env->config, &line, line != NULL, &to, &targets));
	XB_TRY(xb_store_open(im->env->repo, NULL, &s));
	for (size_t i = 0; i < targets.n; i++)
		if (targets.v[i].status == XB_TARGET_OK && !targets.v[i].trouble)
			XB_TRY(look_at(im, &targets.v[i], s));
	return NULL;
}

static void print_rest(const struct importing *im)
{
	size_t unmatched = 0;

	for (size_t i = 0; i < im->records.n; i++) {
		const struct xb_import_record *r = &im->records.v[i];

		if (r->matched)
			continue;
		unmatched++;
		printf("unmatched: ");
		xb_vis_print(r->file);
		printf(" (%s)", r->advisory);
		if (r->title) {
			fputs(": ", stdout);
			xb_vis_print(r->title);
		}
		putchar('\n');
	}
	for (size_t i = 0; i < im->records.ignored.n; i++) {
		fputs("ignored: ", stdout);
		xb_vis_print(im->records.ignored.v[i]);
		putchar('\n');
	}
	printf("%zu records, %zu matches, %zu of them tagged already, %zu commits to be noted, %zu records "
	       "unmatched\n",
	       im->records.n, im->matched, im->tagged, im->notes.n, unmatched);
}

/* What stands in the note already stays; lines that it lacks are added. */
static struct xb_err *write_note(const struct xb_env *env, const char *ref, const struct note *n,
				 bool *changed)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	bool more = false;

	XB_TRY(xb_note_text(env->repo, ref, &n->commit, &text));
	for (size_t i = 0; i < n->lines.n; i++) {
		XB_AUTOFREE char *line = xb_asprintf("%s\n", n->lines.v[i]);

		if (text.p && strstr(text.p, line))
			continue;
		xb_buf_adds(&text, line);
		more = true;
	}
	*changed |= more;
	return more ? xb_note_write(env->repo, env->config, ref, &n->commit, &text) : NULL;
}

static void say_how_to_go_on(const struct xb_config *c)
{
	XB_AUTOFREE char *push = xb_advice_push_notes(c);

	printf("written to " IMPORTED "; to look at it, take it over, and push it:\n"
	       "    git log -p " IMPORTED "\n"
	       "    git notes --ref=%s merge -s cat_sort_uniq " IMPORTED "\n    %s\n",
	       c->notes, push ? push : "");
}

static struct xb_err *write_notes(struct importing *im)
{
	const struct xb_config *c = im->env->config;
	const char *ref = im->env->o.apply ? c->notes : IMPORTED;
	struct xb_err *err = NULL;
	bool changed = false;

	if (!im->notes.n)
		return NULL;
	if (!*c->notes)
		return xb_err_new(XB_E_CONFIG, "[rules] notes is none: annotations by notes are not read");
	for (size_t i = 0; i < im->notes.n && !err; i++)
		err = write_note(im->env, ref, &im->notes.v[i], &changed);
	if (!err && !changed)
		printf("%s has all of it already\n", ref);
	else if (!err && im->env->o.apply)
		printf("written to %s\n", ref);
	else if (!err)
		say_how_to_go_on(c);
	return err;
}

struct xb_err *xb_cmd_import(struct xb_env *env, bool *attention)
{
	XB_AUTO(release) struct importing im = {.env = env};

	(void)attention;
	for (size_t i = 0; i < env->o.n_args; i++)
		XB_TRY(xb_import_read(env->rules, env->o.args[i], &im.records));
	XB_TRY(look(&im));
	print_rest(&im);
	if (!env->o.dry_run)
		XB_TRY(write_notes(&im));
	return NULL;
}
