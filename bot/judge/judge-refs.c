/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The refs as they are now, against what the last look saw. */
#include "judge.h"

#include "seen.h"
#include "plan/plan-json.h"
#include "refs/ownrefs.h"
#include "repo/git.h"
#include "state/ledger.h"
#include "state/retire.h"
#include "text/json.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>
#include <sys/stat.h>

/* Since when REF may be as it is: its file says so or, where it has none, that of all others. */
static int64_t moved_at(const struct xb_judge *j, const char *ref)
{
	const char *dir = git_repository_path(j->repo);
	XB_AUTOFREE char *loose = xb_asprintf("%s%s", dir, ref), *packed = xb_asprintf("%spacked-refs", dir);
	XB_AUTOFREE char *above = xb_asprintf("%s%.*s", dir, (int)(strrchr(ref, '/') - ref), ref);
	struct stat st, st2;

	if (!stat(loose, &st) && S_ISREG(st.st_mode))
		return st.st_mtime;
	if (stat(packed, &st))
		st.st_mtime = 0;
	if (!stat(above, &st2) && st2.st_mtime > st.st_mtime)
		return st2.st_mtime;
	return st.st_mtime;
}

/* REF of LINE, which is now at NOW, was not looked at there. */
static void differs(struct xb_judge *j, const char *line, const char *ref, const char *what)
{
	int64_t since = xb_min64(moved_at(j, ref), j->env.now), grace = j->grace;
	json_t *o = json_object();
	XB_AUTOFREE char *at = xb_time_text(since);

	json_object_set_new(o, "line", *line ? json_string(line) : json_null());
	json_object_set_new(o, "ref", json_string(ref));
	json_object_set_new(o, "since", json_integer(since));
	json_array_append_new(json_object_get(j->report, "refs"), o);
	if (j->resident)
		grace += j->env.config->limit; /* a plan of its own may be under way */
	if (j->env.now - since > grace)
		xb_judge_trouble(j, "not-looked-at", *line ? line : ref, since,
				 "%s %s, at %s, and was not looked at", ref, what, at);
}

static const json_t *find(const json_t *lines, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(lines, i, one) if (!strcmp(xb_json_str_or(one, "name", ""), name)) return one;
	return NULL;
}

static bool is_at(const json_t *line, const char *key, const git_oid *oid)
{
	return git_oid_is_zero(oid) ? !*xb_json_str_or(line, key, "")
				    : !strcmp(xb_json_str_or(line, key, ""), xb_hex(oid).s);
}

static void judge_target(struct xb_judge *j, const json_t *lines, const struct xb_target *t)
{
	const json_t *line = find(lines, t->name);
	XB_AUTOFREE char *tag = t->base_tag ? xb_asprintf("refs/tags/%s", t->base_tag) : NULL;

	if (!line) {
		differs(j, t->name, t->tip_ref, "is new");
		return;
	}
	if (!is_at(line, "tip", &t->tip))
		differs(j, t->name, t->tip_ref, git_oid_is_zero(&t->tip) ? "went away" : "moved");
	else if (!is_at(line, "derived", &t->derived))
		differs(j, t->name, t->derived_ref, git_oid_is_zero(&t->derived) ? "went away" : "moved");
	else if (tag && t->release && strcmp(xb_json_str_or(line, "release", ""), t->release) != 0)
		differs(j, t->name, tag, "is new");
}

static bool speaks_to_all(const char *ref)
{
	return !strncmp(ref, "refs/notes/", strlen("refs/notes/")) || xb_ref_is(XB_REF_FIXUPS, ref);
}

/* Notes and replacements, which speak to every line. Which of them moved is not known: the newest is named.
 */
static void common_differs(struct xb_judge *j, const struct xb_refview *view)
{
	const char *newest = *j->env.config->notes ? j->env.config->notes : "refs/notes/xsa";
	int64_t last = 0;

	for (size_t i = 0; i < view->n; i++) {
		int64_t at = speaks_to_all(view->v[i].name) ? moved_at(j, view->v[i].name) : 0;

		if (at <= last)
			continue;
		last = at;
		newest = view->v[i].name;
	}
	differs(j, "", newest, "moved");
}

static struct xb_err *judge_common(struct xb_judge *j)
{
	const char *seen = xb_json_str(j->pulse, "common");
	XB_AUTO(xb_refview_release) struct xb_refview view = {0};
	git_oid now;

	XB_TRY(xb_refview_read(j->repo, &view));
	XB_TRY(xb_refview_common(&view, &now));
	if (seen && strcmp(seen, xb_hex(&now).s) != 0)
		common_differs(j, &view);
	return NULL;
}

/* Where nothing is served, whatever is pushed, or nothing of a line that is named. */
static void judge_served(struct xb_judge *j, const struct xb_targets *targets)
{
	const struct xb_config *c = j->env.config;
	size_t served = 0;

	for (size_t i = 0; i < targets->n; i++) {
		const struct xb_target *t = &targets->v[i];
		bool named = xb_strv_has(&c->lines, t->line) || t->conf != &c->line_default;

		served += t->status == XB_TARGET_OK;
		if (named && t->status == XB_TARGET_NO_RELEASE)
			xb_judge_trouble(j, "no-release", t->name, 0, "%s: no tag like %s can be its release",
					 t->name, t->conf->release);
	}
	if (!targets->n)
		xb_judge_trouble(j, "no-line", NULL, 0, "no line: no ref like %s", c->line_default.staging);
	else if (!served)
		xb_judge_trouble(j, "no-release", NULL, 0, "no line has a release: no tag like %s",
				 c->line_default.release);
}

static void add_ended(struct xb_judge *j, const char *name, const struct xb_state *s)
{
	json_t *o = json_object();

	xb_json_text(o, "name", name);
	xb_json_text(o, "derived_ref", s->derived_ref);
	json_object_set_new(o, "since", json_integer(s->ended_at));
	xb_json_text(o, "why", s->ended);
	json_array_append_new(json_object_get(j->report, "ended"), o);
}

/* What the ledger knows, and is no line of the configuration: it has ended, or else nobody moves it. */
static void judge_past(struct xb_judge *j, const struct xb_targets *targets)
{
	const struct xb_config *c = j->env.config;
	XB_AUTOSTRV struct xb_strv names = {0}, left = {0};
	struct xb_err *err = xb_ledger_list(c->state_dir, &names);

	json_object_set_new(j->report, "ended", json_array());
	if (!err)
		err = xb_ledger_left(c, targets, &left);
	xb_err_free(err); /* the bot's own files: others may not read them */
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTO(xb_state_release) struct xb_state s = {0};

		if (xb_ledger_known(c->state_dir, names.v[i], &s) && s.ended)
			add_ended(j, names.v[i], &s);
	}
	for (size_t i = 0; i < left.n; i++) {
		XB_AUTOFREE char *retire = xb_advice_retire(c, left.v[i]);

		xb_judge_trouble(
		    j, "left-out", left.v[i], 0,
		    "%s was published, and [lines] lines does not name it any more; name it again, or "
		    "end it with: %s",
		    left.v[i], retire);
	}
}

struct xb_err *xb_judge_refs(struct xb_judge *j)
{
	const json_t *lines = json_object_get(j->report, "lines");
	struct xb_targets targets = {0};
	struct xb_err *err = xb_targets_find(j->repo, j->env.config, NULL, 0, NULL, &targets);

	json_object_set_new(j->report, "refs", json_array());
	for (size_t i = 0; !err && i < targets.n; i++)
		if (targets.v[i].tip_ref)
			judge_target(j, lines, &targets.v[i]);
	if (!err) {
		judge_served(j, &targets);
		judge_past(j, &targets);
	}
	xb_targets_release(&targets);
	if (err) {
		xb_judge_trouble(j, "repository", NULL, 0, "%s", err->msg);
		xb_err_free(err);
		return NULL;
	}
	return judge_common(j);
}
