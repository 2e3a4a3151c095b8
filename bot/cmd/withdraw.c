/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "repo/git.h"
#include "state/notewrite.h"
#include "target/session.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 60000, REASON_MAX = 500 };
#define WORD "Withdrawn"

/* A withdrawal or its end: of these commits of the stable branch. */
struct withdrawal {
	struct xb_env *env;
	const char *what, *line;
	const char *reason; /* NULL: it is taken back */
	char *advisory;     /* NULL: WHAT is a commit */
	git_oid commit;
	struct xb_targets targets;
	struct xb_strv commits; /* full ids */
};

static void release(struct withdrawal *w)
{
	free(w->advisory);
	xb_targets_release(&w->targets);
	xb_strv_release(&w->commits);
}

/* ---- may it be? ---- */

struct xb_err *xb_check_reason(const char *verb, const char *reason)
{
	XB_AUTOFREE char *shown = reason ? xb_vis_dup(reason) : NULL;

	if (!reason || !reason[strspn(reason, " \t")])
		return xb_err_new(XB_E_USAGE, "%s needs --reason=TEXT: all who have the branch will ask why",
				  verb);
	if (strcmp(shown, reason) != 0 || strlen(reason) > REASON_MAX)
		return xb_err_new(XB_E_USAGE, "--reason=%s: it is one line of text, of %d bytes at most",
				  shown, REASON_MAX);
	return NULL;
}

/* What goes into the notes of the repository that is served is for the account that the bot runs as. */
static struct xb_err *check_account(const struct withdrawal *w)
{
	const struct xb_config *c = w->env->config;

	if (!access(c->state_dir, W_OK) || errno == ENOENT)
		return NULL;
	return xb_err_sys(
	    XB_E_USAGE, errno,
	    "%s: this is for the account that runs the bot; who may push to %s can say the same "
	    "with a note",
	    c->state_dir, c->notes);
}

/* A note would say it in vain. */
static struct xb_err *check_picks(const struct withdrawal *w, const char *id)
{
	const struct xb_config *c = w->env->config;

	for (size_t i = 0; i < c->picks.n; i++) {
		const struct xb_pick_conf *p = &c->picks.v[i];

		if (!strncmp(id, p->commit, strlen(p->commit)) && strcmp(p->word, "Replaced-by") != 0 &&
		    strcmp(p->word, "Prerequisite-of") != 0)
			return xb_err_new(XB_E_CONFIG,
					  "[picks] says \"%s = %s: %s\", which beats a note; change it there",
					  p->commit, p->word, p->value);
	}
	return NULL;
}

/* ---- which commits? ---- */

static struct xb_err *resolve(struct withdrawal *w)
{
	git_object *o = NULL, *c = NULL;
	int rc;

	w->advisory = xb_rules_advisory(w->env->rules, w->what);
	if (w->advisory)
		return NULL;
	rc = git_revparse_single(&o, w->env->repo, w->what);
	if (!rc)
		rc = git_object_peel(&c, o, GIT_OBJECT_COMMIT);
	if (!rc)
		w->commit = *git_object_id(c);
	git_object_free(o);
	git_object_free(c);
	return rc ? xb_err_new(XB_E_USAGE, "%s is neither an advisory like %s nor a commit of the repository",
			       w->what, w->env->config->advisory)
		  : NULL;
}

static void find_in(struct withdrawal *w, const struct xb_plan *p)
{
	for (size_t i = 0; w->advisory && i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];

		if (!strcmp(a->id, w->advisory) || xb_strv_has(&a->aliases, w->advisory))
			xb_strv_add_all_new(&w->commits, &a->commits);
	}
	for (size_t i = 0; !w->advisory && i < p->window.n; i++)
		if (git_oid_equal(&p->window.v[i].oid, &w->commit))
			xb_strv_add_new(&w->commits, xb_hex(&w->commit).s);
	/* A commit of the branch stands for the one that it was made of. */
	for (size_t i = 0; !w->advisory && i < p->picks.n; i++)
		if (git_oid_equal(&p->picks.v[i].derived, &w->commit))
			xb_strv_add_new(&w->commits, xb_hex(&p->window.v[p->picks.v[i].window].oid).s);
}

/* ---- what becomes of it? ---- */

static bool has_pick(const struct xb_plan *p, const git_oid *commit)
{
	for (size_t i = 0; i < p->picks.n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, commit))
			return true;
	return false;
}

static bool has_block(const struct xb_plan *p, size_t window)
{
	for (size_t i = 0; i < p->blocked.n; i++)
		if (p->blocked.v[i].window == window)
			return true;
	return false;
}

static void print_change(const struct withdrawal *w, const struct xb_plan *before,
			 const struct xb_plan *after)
{
	const char *name = before->target->name;
	bool stops = false;

	for (size_t i = 0; i < before->picks.n; i++) {
		const struct xb_plan_pick *k = &before->picks.v[i];

		if (has_pick(after, &k->commit))
			continue;
		printf("%s: %s %.12s ", name,
		       xb_strv_has(&w->commits, xb_hex(&before->window.v[k->window].oid).s)
			   ? "takes back"
			   : "without it goes",
		       xb_hex(&k->commit).s);
		xb_vis_print(k->subject);
		putchar('\n');
	}
	for (size_t i = 0; i < after->blocked.n; i++) {
		if (has_block(before, after->blocked.v[i].window))
			continue;
		stops = true;
		printf("%s: blocked then: ", name);
		xb_vis_print(after->blocked.v[i].why);
		putchar('\n');
	}
	if (stops) {
		XB_AUTOFREE char *accept = xb_advice_accept(w->env->config, name);

		printf(
		    "%s: what was published behind that is not let go without a word: settle the block, or "
		    "give\n    %s\n",
		    name, accept);
	}
}

/* As if the configuration said so: nothing need be written for that. */
static struct xb_err *plan_without(struct withdrawal *w, const struct xb_target *t, struct xb_plan **out)
{
	struct xb_config *c = w->env->config;
	XB_AUTOFREE char *reason = xb_strdup(w->reason);
	char word[] = WORD;
	size_t n = c->picks.n;
	struct xb_err *err;

	for (size_t i = 0; i < w->commits.n; i++)
		*XB_PUSH(&c->picks, v, n, cap) = (struct xb_pick_conf){w->commits.v[i], word, reason, 0};
	err = xb_cmd_make_plan(w->env, t, out);
	c->picks.n = n;
	return err;
}

static struct xb_err *look_at(struct withdrawal *w, const struct xb_target *t)
{
	XB_AUTOPTR(xb_plan) *before = NULL, *after = NULL;

	if (t->status != XB_TARGET_OK)
		return NULL;
	XB_TRY(xb_cmd_make_plan(w->env, t, &before));
	find_in(w, before);
	XB_TRY(w->reason && w->commits.n ? plan_without(w, t, &after) : NULL);
	if (after)
		print_change(w, before, after);
	return NULL;
}

static struct xb_err *look(struct withdrawal *w)
{
	char *names[] = {xb_strdup(w->line)};
	struct xb_err *err = xb_targets_find(w->env->repo, w->env->config, names, 1,
					     &(struct xb_target_options){0}, &w->targets);

	free(names[0]);
	for (size_t i = 0; !err && i < w->targets.n; i++)
		err = look_at(w, &w->targets.v[i]);
	for (size_t i = 0; !err && i < w->commits.n; i++)
		err = check_picks(w, w->commits.v[i]);
	if (!err && !w->commits.n)
		err = xb_err_new(
		    XB_E_USAGE,
		    "%s is not among what line %s has since its release; what a release has is not "
		    "taken back from it",
		    w->what, w->line);
	return err;
}

/* ---- the notes ---- */

/* TEXT without the annotation; *ANY: it had it. A line that begins with a blank goes on with the one before.
 */
static void strip(const char *text, struct xb_buf *out, bool *any)
{
	bool ours = false;

	*any = false;
	while (*text) {
		size_t n = strcspn(text, "\n");

		n += text[n] == '\n';
		if (*text != ' ' && *text != '\t')
			ours = !strncasecmp(text, WORD ":", strlen(WORD ":"));
		*any |= ours;
		if (!ours)
			xb_buf_add(out, text, n);
		text += n;
	}
	while (out->n && out->p[out->n - 1] == '\n' && (out->n == 1 || out->p[out->n - 2] == '\n'))
		out->n--;
}

static struct xb_err *write_one(struct withdrawal *w, const char *id, bool *any)
{
	const struct xb_config *c = w->env->config;
	XB_AUTOBUF struct xb_buf old = XB_BUF_INIT, text = XB_BUF_INIT;
	bool had = false;
	git_oid commit;

	if (git_oid_fromstr(&commit, id))
		return xb_err_new(XB_E_INTERNAL, "%s is no id", id);
	XB_TRY(xb_note_text(w->env->repo, c->notes, &commit, &old));
	if (old.n)
		strip(old.p, &text, &had);
	*any |= had;
	if (!w->reason && !had)
		return NULL;
	if (w->reason)
		xb_buf_addf(&text, "%s" WORD ": %s\n", text.n ? "\n" : "", w->reason);
	printf("%s: %.12s: %s \"" WORD "%s%s\"\n", c->notes, id,
	       w->env->o.dry_run ? w->reason ? "would say" : "would not say any more"
	       : w->reason       ? "says"
				 : "does not say any more",
	       w->reason ? ": " : "", w->reason ? w->reason : "");
	return w->env->o.dry_run ? NULL : xb_note_write(w->env->repo, c, c->notes, &commit, &text);
}

static struct xb_err *write_all(struct withdrawal *w)
{
	bool any = false;
	struct xb_err *err = NULL;

	for (size_t i = 0; !err && i < w->commits.n; i++)
		err = write_one(w, w->commits.v[i], &any);
	if (!err && !any && !w->reason)
		err = xb_err_new(XB_E_USAGE, "no note says that %s was withdrawn from %s", w->what, w->line);
	fflush(stdout);
	return err;
}

/* Beside a bot, as its other helpers: not while it looks at the refs. */
static struct xb_err *write_locked(struct withdrawal *w)
{
	XB_AUTO(xb_session_close)
	struct xb_session s = {
	    .repo = w->env->repo, .config = w->env->config, .rules = w->env->rules, .wait_ms = LOCK_WAIT_MS};

	XB_TRY(check_account(w));
	XB_TRY(xb_session_open(&s));
	return write_all(w);
}

/* The notes are the upstream's: a person who may push there says it there. */
static void print_commands(const struct withdrawal *w)
{
	const struct xb_config *c = w->env->config;
	git_oid notes;
	bool have = !git_reference_name_to_id(&notes, w->env->repo, c->notes);
	XB_AUTOFREE char *fetch = xb_advice_fetch_notes(c, have), *push = xb_advice_push_notes(c);

	puts("the notes are the upstream's; in a clone of it:");
	if (fetch)
		printf("    %s\n", fetch);
	for (size_t i = 0; i < w->commits.n; i++) {
		XB_AUTOFREE char *command = NULL;
		git_oid commit;

		if (git_oid_fromstr(&commit, w->commits.v[i]))
			continue;
		command =
		    w->reason ? xb_advice_note(c, WORD, w->reason, &commit) : xb_advice_edit_note(c, &commit);
		printf("    %s\n", command);
	}
	printf("    %s\n", push);
}

static struct xb_err *carry_out(struct withdrawal *w, bool *attention)
{
	struct xb_env *env = w->env;

	if (!xb_advice_has_notes(env->config))
		return xb_err_new(XB_E_CONFIG, "[rules] notes is none: annotations by notes are not read");
	XB_TRY(resolve(w));
	XB_TRY(look(w));
	if (env->config->upstream) {
		print_commands(w);
		*attention = true;
		return NULL;
	}
	if (env->o.dry_run)
		return write_all(w);
	XB_TRY(write_locked(w));
	env->o.args++;
	env->o.n_args--;
	return xb_cmd_publish(env, attention);
}

static struct xb_err *act(struct xb_env *env, const char *reason, bool *attention)
{
	XB_AUTO(release)
	struct withdrawal w = {.env = env, .what = env->o.args[0], .line = env->o.args[1], .reason = reason};

	return carry_out(&w, attention);
}

struct xb_err *xb_cmd_withdraw(struct xb_env *env, bool *attention)
{
	XB_TRY(xb_check_reason("withdraw", env->o.reason));
	return act(env, env->o.reason, attention);
}

struct xb_err *xb_cmd_reinstate(struct xb_env *env, bool *attention)
{
	return act(env, NULL, attention);
}
