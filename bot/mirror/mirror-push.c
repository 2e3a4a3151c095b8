/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mirror-push.h"

#include "mirror-refs.h"
#include "lines/lines.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "remote/remote.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <stdlib.h>
#include <string.h>

/* What is to become of one ref there. */
enum what { SAME, MOVE, FORCE, LEFT };

enum { LOCK_WAIT_MS = 60000 };

/* Bytes about refs in trouble, after which they are only counted. */
enum { TOLD_MAX = 4000 };

struct visit {
	const struct xb_mirror_visit *in;
	const char *name;
	char *dir, *path, *home; /* of what we keep of it; the record; the connection's HOME */
	git_repository *repo;
	struct xb_mirror_refs refs;
	struct xb_record record;
	struct xb_push *push; /* at most one for each of refs */
	size_t n_push;
};

char *xb_mirror_record_path(const struct xb_config *config, const char *name)
{
	return xb_asprintf("%s/mirror/%s/record.json", config->state_dir, name);
}

static void set_trouble(struct xb_record_ref *ref, enum xb_trouble kind, char *why)
{
	ref->kind = kind;
	free(ref->trouble);
	ref->trouble = why;
}

/* ---- decisions ---- */

/* Both are commits of ours, and OLD is in the history of NEW. */
static struct xb_err *is_forward(const struct visit *v, const git_oid *old, const git_oid *new_oid, bool *out)
{
	XB_AUTOGIT(git_odb) *odb = NULL;
	struct xb_err *err;
	int rc = git_repository_odb(&odb, v->repo);

	*out = false;
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the objects");
	if (!git_odb_exists(odb, old))
		return NULL;
	err = xb_is_ancestor(v->repo, old, new_oid, out);
	if (!err || err->code == XB_E_TEMP)
		return err;
	xb_log_err(XB_WARN, "", err); /* then it is not known to be */
	*out = false;
	return NULL;
}

/* The ref is there, at THERE, and did not come from us. */
static char *not_ours(const struct xb_record_ref *known, const git_oid *there)
{
	if (git_oid_is_zero(there))
		return xb_asprintf("someone deleted it there; we had left it at %.12s", xb_hex(&known->at).s);
	if (known->n_sent || !git_oid_is_zero(&known->at))
		return xb_asprintf("someone moved it there to %.12s; we had left it at %.12s",
				   xb_hex(there).s, xb_hex(&known->at).s);
	return xb_asprintf("it is at %.12s there, and xsabot did not put it there", xb_hex(there).s);
}

static struct xb_err *decide(const struct visit *v, const struct xb_mirror_ref *r,
			     const struct xb_record_ref *known, const git_oid *there, enum what *out,
			     char **why)
{
	bool first = !known->n_sent && git_oid_is_zero(&known->at);
	bool any = v->in->adopt || r->scratch, forward = true;
	bool ours = any || xb_record_is_ours(known, there);

	*out = SAME;
	if (git_oid_equal(there, &r->oid))
		return NULL;
	if (!git_oid_is_zero(there))
		XB_TRY(is_forward(v, there, &r->oid, &forward));
	*out = MOVE;
	if (forward && (ours || first))
		return NULL;
	*out = ours && (r->rewrite || any) ? FORCE : LEFT;
	if (*out == LEFT && !ours)
		*why = not_ours(known, there);
	else if (*out == LEFT)
		*why = xb_asprintf("it is at %.12s there, and %.12s is no fast-forward of that",
				   xb_hex(there).s, xb_hex(&r->oid).s);
	return NULL;
}

static struct xb_err *plan_ref(struct visit *v, const struct xb_remote *remote, const struct xb_mirror_ref *r)
{
	struct xb_record_ref *known = xb_record_ref(&v->record, r->name);
	git_oid there = xb_remote_value(remote, r->name);
	char *why = NULL;
	enum what what;

	XB_TRY(decide(v, r, known, &there, &what, &why));
	set_trouble(known, XB_TROUBLE_LEFT, why);
	if (what == SAME) {
		known->at = r->oid;
		known->n_sent = 0;
	}
	if (what == SAME || what == LEFT)
		return NULL;
	/* A value of ours that was sent and never confirmed is confirmed now, wherever that is. */
	known->at = there;
	xb_record_sending(known, &r->oid);
	v->push[v->n_push++] =
	    (struct xb_push){.ref = r->name, .from = there, .to = r->oid, .force = what == FORCE};
	return NULL;
}

/* ---- what came of it ---- */

static void note_push(struct visit *v, struct xb_push *p)
{
	struct xb_record_ref *known = xb_record_ref(&v->record, p->ref);

	if (p->done) {
		xb_log(XB_INFO, "mirror %s: %s is now %.12s (was %.12s)", v->name, p->ref, xb_hex(&p->to).s,
		       git_oid_is_zero(&p->from) ? "not there" : xb_hex(&p->from).s);
		known->at = p->to;
		known->n_sent = 0;
	} else {
		set_trouble(known, p->race ? XB_TROUBLE_RACE : XB_TROUBLE_REFUSED,
			    xb_asprintf("refused: %s", p->refused));
	}
}

static struct xb_err *push(struct visit *v, struct xb_remote *remote)
{
	struct xb_err *err;

	if (!v->n_push)
		return NULL;
	XB_TRY(xb_record_write(v->path, &v->record)); /* what is to be sent, before it is */
	err = xb_remote_push(remote, v->push, v->n_push);
	if (err)
		return err;
	for (size_t i = 0; i < v->n_push; i++)
		note_push(v, &v->push[i]);
	return xb_record_write(v->path, &v->record);
}

/* Asks again, with a connection of its own, whether what was said to be done is so. */
static struct xb_err *look_again(struct visit *v)
{
	struct xb_remote *remote;

	if (!v->n_push)
		return NULL;
	XB_TRY(xb_remote_open(v->in->mirror, v->home, v->repo, XB_REMOTE_PUSH, &remote));
	for (size_t i = 0; i < v->n_push; i++) {
		const struct xb_push *p = &v->push[i];
		git_oid there = xb_remote_value(remote, p->ref);

		if (p->done && !git_oid_equal(&there, &p->to))
			set_trouble(xb_record_ref(&v->record, p->ref), XB_TROUBLE_LEFT,
				    xb_asprintf("it was pushed, but a moment later it was at %.12s there",
						xb_hex(&there).s));
	}
	xb_remote_free(remote);
	return NULL;
}

/* The troubles of all refs as one error; NULL: none has any. */
static struct xb_err *sum_up(const struct visit *v)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	bool person = false, left = false;
	size_t more = 0;

	for (size_t i = 0; i < v->refs.n; i++) {
		const struct xb_record_ref *known = xb_record_find(&v->record, v->refs.v[i].name);

		if (!known || !known->trouble)
			continue;
		if (text.n < TOLD_MAX)
			xb_buf_addf(&text, "%s%s: %s", text.n ? "; " : "", known->name, known->trouble);
		else
			more++;
		person = person || known->kind != XB_TROUBLE_RACE;
		left = left || known->kind == XB_TROUBLE_LEFT;
	}
	if (more)
		xb_buf_addf(&text, "; and %zu refs more", more);
	if (v->refs.more) {
		xb_buf_addf(&text, "%sonly the first %d refs are mirrored", text.n ? "; " : "",
			    XB_REMOTE_REFS_MAX);
		person = true;
	}
	if (!text.n)
		return NULL;
	if (left) {
		XB_AUTOFREE char *adopt = xb_advice_adopt_mirror(v->in->config, v->name);

		xb_buf_addf(&text, "; to go on from what is there now: %s", adopt);
	}
	return xb_err_new(person ? XB_E_CONFIG : XB_E_TEMP, "%s", text.p);
}

/* ---- the visit ---- */

static struct xb_err *talk(struct visit *v)
{
	struct xb_remote *remote;
	struct xb_err *err = xb_remote_open(v->in->mirror, v->home, v->repo, XB_REMOTE_PUSH, &remote);

	if (err)
		return err;
	v->push = xb_calloc(v->refs.n + 1, sizeof *v->push);
	for (size_t i = 0; !err && i < v->refs.n; i++)
		err = plan_ref(v, remote, &v->refs.v[i]);
	if (!err)
		err = push(v, remote);
	xb_remote_free(remote);
	if (!err)
		err = look_again(v);
	return err ? err : sum_up(v);
}

/* Should this process end at any place from here on, the record tells of a visit that failed. */
static struct xb_err *begin(struct visit *v, int64_t now)
{
	for (size_t i = 0; i < v->refs.n; i++) {
		struct xb_record_ref *known = xb_record_ref(&v->record, v->refs.v[i].name);

		if (!v->record.since && !git_oid_equal(&known->at, &v->refs.v[i].oid))
			v->record.since = now;
		known->tried = v->refs.v[i].oid;
	}
	xb_record_begin(&v->record, now);
	return xb_record_write(v->path, &v->record);
}

static struct xb_err *end(struct visit *v, struct xb_err *err, bool *attention)
{
	struct xb_err *unwritten;

	if (err) {
		xb_record_failed(&v->record, err);
	} else {
		xb_record_well(&v->record, xb_now_s());
		v->record.since = 0;
	}
	unwritten = xb_record_write(v->path, &v->record);
	if (err && !unwritten && v->record.attention) {
		xb_log(XB_ERROR, "mirror %s: %s", v->name, err->msg);
		xb_err_free(err);
		*attention = true;
		return NULL;
	}
	if (!err)
		return unwritten;
	xb_log_err(XB_ERROR, "", unwritten);
	return err;
}

static struct xb_err *run(struct visit *v, bool *attention)
{
	const struct xb_mirror_visit *in = v->in;
	unsigned own = in->mirror == in->config->upstream ? XB_MIRROR_OWN : 0;

	XB_TRY(xb_git_open(in->repository, XB_GIT_AGAIN, &v->repo));
	XB_TRY(xb_mirror_refs_find(v->repo, in->config, own, &v->refs));
	XB_TRY(xb_record_read(v->path, in->mirror->url, &v->record));
	XB_TRY(begin(v, xb_now_s()));
	return end(v, talk(v), attention);
}

struct xb_err *xb_mirror_visit(const struct xb_mirror_visit *in, bool *attention)
{
	struct visit v = {.in = in, .name = in->mirror->name};
	XB_AUTOCLOSE int lock = -1;
	struct xb_err *err;

	v.path = xb_mirror_record_path(in->config, v.name);
	v.dir = xb_dirname(v.path);
	v.home = xb_asprintf("%s/home", v.dir);
	err = xb_lock_take(v.dir, "lock", LOCK_WAIT_MS, &lock); /* one visit at a time, whoever began it */
	if (!err)
		err = run(&v, attention);
	for (size_t i = 0; i < v.n_push; i++)
		free(v.push[i].refused);
	free(v.push);
	xb_record_release(&v.record);
	xb_mirror_refs_release(&v.refs);
	git_repository_free(v.repo);
	XB_FREE(v.path, v.dir, v.home);
	return err;
}
