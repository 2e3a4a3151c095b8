/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include "advisories/metadata.h"
#include "lines/linenames.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "publish/publication.h"
#include "refs/ownrefs.h"
#include "state/ledger.h"
#include "state/rulesref.h"
#include "util/alloc.h"

#include <string.h>

#define LOOKS 5
#define MAX_PATH 65536

static bool is_a_target_ref(const char *ref, void *data)
{
	const struct xb_targets *targets = data;

	if (xb_ref_is(XB_REF_RULES, ref))
		return true;
	for (size_t i = 0; i < targets->n; i++) {
		const struct xb_target *t = &targets->v[i];
		XB_AUTOFREE char *candidate = xb_ref_of(XB_REF_CANDIDATES, t->name);

		if (!strcmp(ref, candidate) || !strcmp(ref, t->derived_ref) || !strcmp(ref, t->state_ref) ||
		    (t->chain_ref && !strcmp(ref, t->chain_ref)))
			return true;
	}
	return false;
}

static bool is_unfinished(const struct xb_session *s, const char *name)
{
	for (size_t i = 0; i < s->unfinished.n; i++)
		if (!strcmp(s->unfinished.v[i], name))
			return true;
	return false;
}

/* The derived ref is the first to move: with it, what the state records is published. */
static struct xb_err *note(const struct xb_session *s, const struct xb_recovered_one *one, size_t n_moved)
{
	XB_AUTOPTR(xb_store) *store = NULL;

	XB_TRY(xb_store_open(s->repo, NULL, &store));
	for (size_t i = 0; n_moved && i < one->intent.n_refs; i++)
		if (xb_ref_is(XB_REF_STATES, one->intent.refs[i].name))
			XB_TRY(xb_ledger_write(s->config->state_dir, one->intent.id, store,
					       &one->intent.refs[i].new_id));
	return NULL;
}

static struct xb_err *settle(struct xb_session *s, const struct xb_recovered *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct xb_recovered_one *one = &r->v[i];

		switch (one->state) {
		case XB_REC_COMPLETE:
			xb_log(XB_INFO, "%s: finished what an earlier run began", one->intent.id);
			XB_TRY(note(s, one, one->intent.n_refs));
			XB_TRY(xb_intent_clear(s->vault->intent_dir, one->intent.id));
			break;
		case XB_REC_STOPPED:
			xb_log(XB_ERROR, "%s: an earlier run moved only some of its refs: %s %s",
			       one->intent.id, one->intent.refs[one->stopped_at].name,
			       xb_move_text(one->why));
			XB_TRY(note(s, one, one->stopped_at));
			XB_TRY(xb_intent_clear(s->vault->intent_dir, one->intent.id));
			break;
		case XB_REC_LOCKED:
			xb_log(XB_WARN, "%s: %s %s; the next run tries again", one->intent.id,
			       one->intent.refs[one->stopped_at].name, xb_move_text(one->why));
			xb_strv_add_new(&s->unfinished, one->intent.id);
			break;
		case XB_REC_ABANDONED:
			break;
		}
	}
	return NULL;
}

/* The refs that recovery may move; where there is nothing to recover, none. */
static struct xb_err *find_targets(const struct xb_session *s, struct xb_targets *out)
{
	XB_AUTOSTRV struct xb_strv ids = {0};

	XB_TRY(xb_intent_list(s->vault->intent_dir, &ids.v, &ids.n));
	if (ids.n)
		XB_TRY(xb_targets_find(s->repo, s->config, NULL, 0, NULL, out));
	return NULL;
}

static struct xb_err *recover(struct xb_session *s)
{
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};
	struct xb_ref_policy policy = {.allowed = is_a_target_ref, .data = &targets};
	XB_AUTO(xb_recovered_release) struct xb_recovered r = {0};

	XB_TRY(find_targets(s, &targets));
	XB_TRY(xb_publication_recover(s->vault, &policy, NULL, &r));
	return settle(s, &r);
}

/*
 * Who once gave a configuration means it: without it, its gates and rules would
 * be passed by. The state directory remembers the file.
 */
static struct xb_err *check_configuration(const struct xb_config *c)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/configuration", c->state_dir);
	XB_AUTOFREE char *file = c->file ? realpath(c->file, NULL) : NULL;
	XB_AUTOBUF struct xb_buf known = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, MAX_PATH, &known);

	if (err && err->code != XB_E_NOTFOUND)
		return err;
	xb_err_free(err);
	xb_buf_adds(&known, "");
	if (!c->file && known.n && !access(known.p, F_OK))
		return xb_err_new(XB_E_USAGE,
				  "this repository is looked after with a configuration: -c %s; "
				  "to do without it from now on, remove %s",
				  known.p, path);
	return !file || !strcmp(file, known.p) ? NULL : xb_file_write(path, file, strlen(file), 0600);
}

struct xb_err *xb_session_open(struct xb_session *s)
{
	const struct xb_config *c = s->config;
	struct xb_err *err;

	s->lock = -1;
	XB_TRY(xb_lock_take(c->state_dir, "lock", s->wait_ms, &s->lock));
	err = xb_vault_open(c->state_dir, git_repository_path(s->repo), XB_GIT_AGAIN, &s->vault);
	if (!err)
		err = check_configuration(c);
	if (!err)
		err = recover(s);
	if (!err)
		s->packs = xb_packs_of(s->repo);
	s->metadata = xb_metadata_open(c);
	if (err)
		xb_session_close(s);
	return err;
}

void xb_session_close(struct xb_session *s)
{
	xb_vault_free(s->vault);
	s->vault = NULL;
	xb_packs_free(s->packs);
	s->packs = NULL;
	xb_metadata_free(s->metadata);
	s->metadata = NULL;
	xb_strv_release(&s->unfinished);
	xb_closep(&s->lock);
	s->lock = -1;
}

void xb_session_target_release(struct xb_session_target *t)
{
	xb_targets_release(&t->found);
	t->target = NULL;
}

static struct xb_err *unfinished(const char *name)
{
	return xb_err_new(XB_E_TEMP,
			  "%s: an earlier run was cut short while it moved its refs, and one of them is "
			  "still locked",
			  name);
}

struct xb_err *xb_session_publish_rules(struct xb_session *s, const struct xb_targets *targets)
{
	const char *name = xb_ref_role(XB_REF_RULES)->name;
	struct xb_err *err;

	if (is_unfinished(s, XB_RULES_REF_ID))
		return unfinished(name);
	err = xb_rules_ref_publish(s->vault, s->config, targets);
	return err ? xb_err_wrap(err, "%s", name) : NULL;
}

static struct xb_err *publish_once(struct xb_session *s, const char *name, const struct xb_publish_options *o,
				   bool adopt, struct xb_plan **memory, struct xb_publish_result *out,
				   struct xb_session_target *at)
{
	struct xb_targets *targets = &at->found;
	char *names[] = {xb_strdup(name)};
	struct xb_target_options here = {.packs = s->packs};
	struct xb_err *err = xb_targets_find(s->repo, s->config, names, 1, &here, targets);
	struct xb_publish_inputs in = {.repo = s->repo,
				       .vault = s->vault,
				       .config = s->config,
				       .rules = s->rules,
				       .options = *o,
				       .listener = s->listener,
				       .packs = s->packs,
				       .metadata = s->metadata,
				       .memory = memory};

	free(names[0]);
	if (err)
		return err;
	/* A line's name gives its kept releases as well; the target is the one of this name. */
	at->target = in.target = xb_targets_named(targets, name);
	if (!in.target)
		return xb_err_new(XB_E_USAGE, "no target %s", name);
	return adopt ? xb_publish_adopt(&in, out) : xb_publish(&in, out);
}

struct xb_err *xb_session_publish(struct xb_session *s, const char *name, const struct xb_publish_options *o,
				  bool adopt, struct xb_plan **memory, struct xb_publish_result *out,
				  struct xb_session_target *at)
{
	struct xb_session_target here = {0};
	struct xb_err *err = NULL;

	*out = (struct xb_publish_result){0};
	if (is_unfinished(s, name)) /* its refs would look as if someone else had moved them */
		return unfinished(name);
	for (int look = 0; look < LOOKS; look++) {
		xb_err_free(err);
		xb_session_target_release(&here);
		xb_publish_result_release(out);
		err = publish_once(s, name, o, adopt, memory, out, &here);
		if (!err || err->code != XB_E_MOVED)
			break;
	}
	if (at)
		*at = here;
	else
		xb_session_target_release(&here);
	return err;
}
