/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mirror.h"

#include "mirror-push.h"
#include "mirror-refs.h"
#include "remote/remote-record.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
	LOOK = 3600,      /* somebody else may have moved something there */
	DEADLINE = 3600,  /* of a whole visit: a first one carries the whole history */
	LATE = 24 * 3600, /* behind for so long is a person's matter, whatever the reason */
	MINUTE = 60,
};

/* One mirror, with what we know of it. */
struct one {
	const struct xb_remote_conf *conf;
	struct xb_mirror_refs refs;
	struct xb_record record;
	bool closed;
};

static void one_release(struct one *m)
{
	xb_mirror_refs_release(&m->refs);
	xb_record_release(&m->record);
}

static struct xb_err *one_load(git_repository *repo, const struct xb_config *c,
			       const struct xb_remote_conf *conf, struct one *out)
{
	XB_AUTOFREE char *path = xb_mirror_record_path(c, conf->name);
	bool up = conf == c->upstream;

	*out = (struct one){.conf = conf, .closed = c->is_private && !conf->is_private && !up};
	XB_TRY(xb_mirror_refs_find(repo, c, up ? XB_MIRROR_OWN : 0, &out->refs));
	return xb_record_read(path, conf->url, &out->record);
}

/* Calls F for each mirror that O names. */
struct each {
	const struct xb_task_env *env;
	const struct xb_mirror_options *o;
	git_repository *repo;
	unsigned flags; /* of xb_git_open */
	bool now;
	void *out;
	struct xb_err *(*f)(const struct each *e, struct one *m);
};

static bool is_named(const struct xb_mirror_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_names; i++)
		if (!strcmp(o->names[i], name))
			return true;
	return !o->n_names;
}

static struct xb_err *do_one(const struct each *e, const struct xb_remote_conf *conf)
{
	XB_AUTO(one_release) struct one m = {0};

	if (!is_named(e->o, conf->name))
		return NULL;
	XB_TRY(one_load(e->repo, e->env->config, conf, &m));
	XB_TRY(e->f(e, &m));
	/* cppcheck-suppress returnDanglingLifetime ; errors own their text */
	return NULL;
}

static struct xb_err *check_names(const struct xb_config *c, const struct xb_mirror_options *o)
{
	for (size_t i = 0; i < o->n_names; i++) {
		bool found = c->upstream && !strcmp(o->names[i], c->upstream->name);

		for (size_t k = 0; !found && k < c->mirrors.n; k++)
			found = !strcmp(o->names[i], c->mirrors.v[k].name);
		if (!found)
			return xb_err_new(XB_E_USAGE, "there is no [mirror %s] in the configuration",
					  o->names[i]);
	}
	return NULL;
}

static struct xb_err *for_each(struct each *e)
{
	const struct xb_config *c = e->env->config;
	XB_AUTOGIT(git_repository) *repo = NULL;

	XB_TRY(check_names(c, e->o));
	if (!c->upstream && !c->mirrors.n)
		return NULL;
	XB_TRY(xb_git_open(e->env->repo_path, e->flags | XB_GIT_AGAIN, &repo));
	e->repo = repo;
	if (c->upstream)
		XB_TRY(do_one(e, c->upstream));
	for (size_t i = 0; i < c->mirrors.n; i++)
		XB_TRY(do_one(e, &c->mirrors.v[i]));
	return NULL;
}

/* It is not, as far as we know, where it should be. */
static bool is_missing(const struct one *m, const struct xb_mirror_ref *r)
{
	const struct xb_record_ref *known = xb_record_find(&m->record, r->name);

	return !known || known->trouble || !git_oid_equal(&known->at, &r->oid);
}

/* ---- tasks ---- */

static bool is_new(const struct one *m, const struct xb_mirror_ref *r)
{
	const struct xb_record_ref *known = xb_record_find(&m->record, r->name);

	return is_missing(m, r) && (!known || !git_oid_equal(&known->tried, &r->oid));
}

static int64_t due_at(const struct one *m, int64_t now)
{
	const struct xb_record *rec = &m->record;

	if (rec->error && !rec->attention)
		return rec->retry;
	for (size_t i = 0; i < m->refs.n; i++)
		if (is_new(m, &m->refs.v[i]))
			return now;
	return rec->error ? rec->retry : rec->looked + LOOK;
}

static struct xb_err *work(const void *data, bool *attention)
{
	return xb_mirror_visit(data, attention);
}

static struct xb_err *add_task(const struct each *e, struct one *m)
{
	struct xb_tasks *out = e->out;
	struct xb_mirror_visit *v;

	if (m->closed || !m->refs.n)
		return NULL;
	v = xb_calloc(1, sizeof *v);
	*v = (struct xb_mirror_visit){.config = e->env->config,
				      .mirror = m->conf,
				      .repository = e->env->repo_path,
				      .adopt = e->o->adopt};
	*XB_PUSH(out, v, n, cap) = (struct xb_task){.name = xb_asprintf("mirror %s", m->conf->name),
						    .kind = "mirror",
						    .after = XB_AFTER_HEALTH,
						    .due = e->now ? e->env->now : due_at(m, e->env->now),
						    .seconds = DEADLINE,
						    .work = work,
						    .data = v,
						    .free_data = free};
	return NULL;
}

static const struct xb_mirror_options all_of_them;

struct xb_err *xb_mirror_tasks(const struct xb_task_env *env, struct xb_tasks *out)
{
	struct each e = {.env = env, .o = &all_of_them, .out = out, .f = add_task};

	return for_each(&e);
}

struct xb_err *xb_mirror_tasks_now(const struct xb_task_env *env, const struct xb_mirror_options *o,
				   struct xb_tasks *out)
{
	struct each e = {.env = env, .o = o, .now = true, .out = out, .f = add_task};

	return for_each(&e);
}

/* ---- how they stand ---- */

/* What lies between, as far as it can be told: what they have may be gone here, or have been another's. */
static void count_commits(const struct each *e, const struct one *m, struct xb_mirror_status *s)
{
	for (size_t i = 0; i < m->refs.n; i++) {
		const struct xb_mirror_ref *r = &m->refs.v[i];
		const struct xb_record_ref *known = xb_record_find(&m->record, r->name);
		size_t ahead = 0, behind = 0;

		if (!is_missing(m, r))
			continue;
		s->missing++;
		if (!r->derived || !known || git_oid_is_zero(&known->at))
			continue;
		if (!git_graph_ahead_behind(&ahead, &behind, e->repo, &r->oid, &known->at))
			s->commits += ahead;
	}
}

/* Nobody can say what should be there: only what is, as we left it. */
static char *left_text(const struct one *m)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < m->refs.left.n; i++) {
		const char *name = m->refs.left.v[i];
		const struct xb_record_ref *known = xb_record_find(&m->record, name);
		bool there = known && !git_oid_is_zero(&known->at);

		xb_buf_addf(&b, "%s%s (%s%.12s)", i ? ", " : "", name, there ? "there at " : "not there",
			    there ? xb_hex(&known->at).s : "");
	}
	return m->refs.left.n ? xb_buf_detach(&b) : NULL;
}

static enum xb_mirror_state state_of(const struct one *m, const struct xb_mirror_status *s, int64_t now)
{
	if (m->closed)
		return XB_MIRROR_CLOSED;
	if (m->record.attention || (s->since && now - s->since > LATE))
		return XB_MIRROR_TROUBLE;
	return s->missing || m->record.error ? XB_MIRROR_BEHIND : XB_MIRROR_GOOD;
}

static struct xb_err *add_status(const struct each *e, struct one *m)
{
	struct xb_mirror_statuses *out = e->out;
	struct xb_mirror_status *s = XB_PUSH(out, v, n, cap);

	*s = (struct xb_mirror_status){.name = xb_strdup(m->conf->name),
				       .url = xb_strdup(m->conf->url),
				       .refs = m->refs.n,
				       .not_judged = m->refs.left.n,
				       .left = left_text(m),
				       .since = m->record.since,
				       .began_ms = m->record.began_ms,
				       .looked = m->record.looked,
				       .retry = m->record.retry,
				       .why = m->record.error ? xb_strdup(m->record.error) : NULL};
	if (!m->closed)
		count_commits(e, m, s);
	s->state = state_of(m, s, e->env->now);
	return NULL;
}

struct xb_err *xb_mirror_summary(const struct xb_task_env *env, char *const *names, size_t n_names,
				 struct xb_mirror_statuses *out)
{
	struct xb_mirror_options o = {.names = names, .n_names = n_names};
	/* Whoever may read the bot's files may be told. */
	struct each e = {.env = env, .o = &o, .flags = XB_GIT_ANY_OWNER, .out = out, .f = add_status};
	struct xb_err *err;

	*out = (struct xb_mirror_statuses){0};
	err = for_each(&e);
	if (err)
		xb_mirror_statuses_release(out);
	return err;
}

void xb_mirror_statuses_release(struct xb_mirror_statuses *s)
{
	for (size_t i = 0; i < s->n; i++) {
		XB_FREE(s->v[i].name, s->v[i].url, s->v[i].why, s->v[i].left);
	}
	free(s->v);
	*s = (struct xb_mirror_statuses){0};
}

static long long minutes(int64_t seconds)
{
	return seconds > 0 ? (long long)(seconds / MINUTE) : 0;
}

static void add_lag(struct xb_buf *b, const struct xb_mirror_status *s, int64_t now)
{
	xb_buf_addf(b, "%s: ", s->name);
	if (!s->missing)
		xb_buf_addf(b, "has all %zu refs", s->refs);
	else
		xb_buf_addf(b, "behind by %zu of %zu refs and %zu commits", s->missing, s->refs, s->commits);
	if (s->left)
		xb_buf_addf(b, ", and %zu can't be judged while held here: %s", s->not_judged, s->left);
	if (s->missing && s->since)
		xb_buf_addf(b, " for %lld min", minutes(now - s->since));
	if (s->looked)
		xb_buf_addf(b, ", seen %lld min ago", minutes(now - s->looked));
}

char *xb_mirror_line(const struct xb_mirror_status *s, int64_t now)
{
	struct xb_buf b = XB_BUF_INIT;

	if (s->state == XB_MIRROR_CLOSED) {
		xb_buf_addf(&b,
			    "%s: gets nothing: the repository is private, and this mirror is not marked so",
			    s->name);
		return xb_buf_detach(&b);
	}
	add_lag(&b, s, now);
	if (s->why)
		xb_buf_addf(&b, ": %s", s->why);
	if (s->why && s->retry > now)
		xb_buf_addf(&b, "; next try in %lld min, or by xsabot mirror --push",
			    minutes(s->retry - now + MINUTE - 1));
	return xb_buf_detach(&b);
}
