/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crosscheck.h"

#include "odb/oidmap.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* The file begins anew above this many bytes. */
#define MAX_FILE (4u << 20)

struct work {
	const struct xb_crosscheck *c;
	char *path; /* NULL: none */
	struct xb_buf text;
	struct xb_oidmap known; /* the tree, by tip's tree and commit: a place in the text */
	struct {
		size_t *v; /* picks to ask about */
		size_t n, cap;
	} open;
	struct xb_crosschecked *out;
};

/* Lines of three ids and a version. What isn't one is passed over. */
static void parse(struct work *w)
{
	enum { LINE = 3 * (GIT_OID_HEXSZ + 1) };
	git_oid key[2];

	for (char *p = w->text.p, *nl; p && (nl = strchr(p, '\n')); p = nl + 1)
		if (nl - p > LINE && !git_oid_fromstrn(&key[0], p, GIT_OID_HEXSZ) &&
		    !git_oid_fromstrn(&key[1], p + GIT_OID_HEXSZ + 1, GIT_OID_HEXSZ))
			xb_oidmap_set(&w->known, key, p + 2 * ((size_t)GIT_OID_HEXSZ + 1));
}

static struct xb_err *recall(struct work *w)
{
	struct xb_err *err;

	xb_oidmap_init(&w->known, 2);
	if (!w->c->state_dir)
		return NULL;
	w->path = xb_asprintf("%s/cross-check", w->c->state_dir);
	err = xb_file_read(w->path, MAX_FILE, &w->text);
	if (err && (err->code == XB_E_NOTFOUND || err->code == XB_E_IO)) {
		xb_err_free(err);
		xb_buf_setlen(&w->text, 0);
		return NULL;
	}
	if (!err)
		parse(w);
	return err;
}

static bool is_known(const struct work *w, size_t i)
{
	const struct xb_plan_pick *k = &w->c->plan->picks.v[i];
	git_oid key[2] = {*xb_plan_tip_tree(w->c->plan, i), k->commit};
	const char *hex = xb_oidmap_get(&w->known, key);

	return hex && !strncmp(hex, xb_hex(&k->tree).s, GIT_OID_HEXSZ);
}

static void list_open(struct work *w)
{
	const struct xb_crosscheck *c = w->c;
	size_t from = 0;

	if (c->old && !xb_state_is_part(c->old, c->plan, &from))
		from = 0;
	for (size_t i = from; i < c->n; i++)
		if (!c->plan->picks.v[i].by_git && !is_known(w, i))
			*XB_PUSH(&w->open, v, n, cap) = i;
}

/* It need not last: what is lost is asked again. */
static struct xb_err *remember(const struct work *w, const char *version)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	int flags = w->text.n < MAX_FILE / 2 ? O_APPEND : O_TRUNC, fd, rc;

	if (!w->path)
		return NULL;
	for (size_t k = 0; k < w->open.n; k++) {
		const struct xb_plan_pick *p = &w->c->plan->picks.v[w->open.v[k]];
		struct xb_hex tip = xb_hex(xb_plan_tip_tree(w->c->plan, w->open.v[k]));
		struct xb_hex commit = xb_hex(&p->commit), tree = xb_hex(&p->tree);

		xb_buf_addf(&b, "%s %s %s %s\n", tip.s, commit.s, tree.s, version);
	}
	fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", w->path);
	rc = xb_write_all(fd, b.p, b.n);
	if (close(fd) || rc)
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", w->path);
	return NULL;
}

static void compare(struct work *w, const struct xb_gitmerge_answer *answers, const char *version)
{
	for (size_t k = 0; k < w->open.n && w->out->at == SIZE_MAX; k++) {
		size_t i = w->open.v[k];
		const struct xb_plan_pick *p = &w->c->plan->picks.v[i];
		struct xb_hex ours = xb_hex(&p->tree), onto = xb_hex(xb_plan_tip_tree(w->c->plan, i));
		struct xb_hex theirs = xb_hex(&answers[k].tree);

		if (answers[k].clean && git_oid_equal(&answers[k].tree, &p->tree))
			continue;
		w->out->at = i;
		free(w->out->why);
		w->out->why = xb_asprintf("onto the tree %s, xsabot " XSABOT_VERSION
					  " (rules of git 2.39) makes the tree %s, and git %s %s%s",
					  onto.s, ours.s, version, answers[k].clean ? "the tree " : "",
					  answers[k].clean     ? theirs.s
					  : answers[k].crashed ? "fails"
							       : "a conflict");
	}
}

static struct xb_err *ask(struct work *w)
{
	struct xb_gitmerge *git = xb_picker_git(w->c->plan->picker);
	XB_AUTOFREE struct xb_gitmerge_question *q = xb_calloc(w->open.n, sizeof *q);
	XB_AUTOFREE struct xb_gitmerge_answer *a = xb_calloc(w->open.n, sizeof *a);
	const char *version = "", *why = NULL;
	struct xb_err *err;

	for (size_t k = 0; k < w->open.n; k++) {
		const struct xb_plan_pick *p = &w->c->plan->picks.v[w->open.v[k]];

		q[k] = (struct xb_gitmerge_question){.base = p->from,
						     .ours = *xb_plan_tip_tree(w->c->plan, w->open.v[k]),
						     .theirs = p->to,
						     .only_tell = true};
	}
	err = xb_gitmerge_version(git, &version, &why);
	if (!err && !why)
		err = xb_gitmerge_ask(git, q, w->open.n, a, &why);
	if (!err && why)
		w->out->why = xb_strdup(why);
	if (!err && !why) {
		w->out->asked = w->open.n;
		compare(w, a, version);
		if (w->out->at == SIZE_MAX)
			err = remember(w, version);
	}
	for (size_t k = 0; k < w->open.n; k++)
		xb_gitmerge_answer_release(&a[k]);
	return err;
}

struct xb_err *xb_crosscheck(const struct xb_crosscheck *c, struct xb_crosschecked *out)
{
	struct work w = {.c = c, .out = out};
	struct xb_err *err;

	*out = (struct xb_crosschecked){.at = SIZE_MAX};
	err = recall(&w);
	if (!err)
		list_open(&w);
	if (!err && w.open.n)
		err = ask(&w);
	xb_oidmap_clear(&w.known, NULL);
	xb_buf_release(&w.text);
	XB_FREE(w.open.v, w.path);
	if (err) {
		free(out->why);
		*out = (struct xb_crosschecked){.at = SIZE_MAX};
	}
	return err ? xb_err_wrap(err, "the check by git") : NULL;
}
