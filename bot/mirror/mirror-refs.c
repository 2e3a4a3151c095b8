/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mirror-refs.h"

#include "os/log.h"
#include "refs/ownrefs.h"
#include "refs/refpat.h"
#include "remote/remote.h"
#include "repo/git.h"
#include "state/ledger.h"
#include "state/rulesref.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

struct search {
	git_repository *repo;
	const struct xb_config *config;
	struct xb_store *store;
	struct xb_mirror_refs *out;
};

void xb_mirror_refs_release(struct xb_mirror_refs *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].name);
	free(r->v);
	xb_strv_release(&r->left);
	*r = (struct xb_mirror_refs){0};
}

/* Does REF match PATTERN, with the name LINE (any, when NULL) in it? */
static bool matches(const char *pattern, const char *line, const char *ref)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL, *bound = NULL;

	/* The patterns were checked with the configuration: no error is left to tell. */
	xb_err_free(xb_refpat_compile(pattern, 0, XB_REFPAT_ANY, &pat));
	if (pat && line)
		bound = xb_refpat_bind(pat, line);
	return pat && xb_refpat_match(line ? bound : pat, ref, NULL, NULL);
}

static bool is_derived_of(const struct xb_line_conf *conf, const char *line, const char *ref)
{
	return matches(conf->derived, line, ref) || matches(conf->derived_release, line, ref);
}

/* The settings of the line whose derived ref REF is, newest or kept; NULL: it is none. */
static const struct xb_line_conf *line_of(const struct xb_config *c, const char *ref)
{
	for (size_t i = 0; i < c->overrides.n; i++)
		if (is_derived_of(&c->overrides.v[i].conf, c->overrides.v[i].name, ref))
			return &c->overrides.v[i].conf;
	for (size_t i = 0; i < c->lines.n; i++)
		if (is_derived_of(&c->line_default, c->lines.v[i], ref))
			return &c->line_default;
	return is_derived_of(&c->line_default, NULL, ref) ? &c->line_default : NULL;
}

static struct xb_mirror_ref *add(struct search *s, const char *name, const git_oid *oid)
{
	struct xb_mirror_ref *r = XB_PUSH(s->out, v, n, cap);

	r->name = xb_strdup(name);
	r->oid = *oid;
	return r;
}

/* The commit that REF stands for; zero when it is none, or a symbolic ref, which may lead anywhere. */
static struct xb_err *commit_at(struct search *s, const char *ref, git_oid *out)
{
	XB_AUTOGIT(git_reference) *r = NULL;
	git_object_t type;
	size_t size;
	int rc = git_reference_lookup(&r, s->repo, ref);

	memset(out, 0, sizeof *out);
	if (rc && rc != GIT_ENOTFOUND)
		return xb_err_git(XB_E_IO, rc, "cannot read %s", ref);
	if (!rc && git_reference_type(r) == GIT_REFERENCE_DIRECT &&
	    !git_odb_read_header(&size, &type, xb_store_odb(s->store), git_reference_target(r)) &&
	    type == GIT_OBJECT_COMMIT)
		*out = *git_reference_target(r);
	return NULL;
}

/* Is REF at AT? Else a publication is under way, or it is somebody's push: not ours to spread. */
static struct xb_err *is_at(struct search *s, const char *ref, const git_oid *at, bool *out)
{
	git_oid now;

	XB_TRY(commit_at(s, ref, &now));
	*out = !git_oid_is_zero(at) && git_oid_equal(&now, at);
	return NULL;
}

static struct xb_err *add_derived(struct search *s, const struct xb_state *state)
{
	const struct xb_line_conf *conf = state->derived_ref ? line_of(s->config, state->derived_ref) : NULL;
	struct xb_mirror_ref *r;
	bool ours = false;

	if (conf)
		XB_TRY(is_at(s, state->derived_ref, &state->published, &ours));
	if (!ours && conf)
		xb_strv_add(&s->out->left, state->derived_ref);
	if (!ours)
		return NULL;
	r = add(s, state->derived_ref, &state->published);
	r->derived = true;
	r->rewrite = conf->history == XB_REWRITE;
	return NULL;
}

/* What the ledger says was published, where the refs still say so. */
static struct xb_err *add_published(struct search *s, const char *name)
{
	XB_AUTOFREE char *ref = xb_ref_of(XB_REF_STATES, name);
	struct xb_state state = {0};
	bool known = false, ours = false;
	struct xb_err *err = xb_ledger_read(s->config->state_dir, name, &state, &known);

	if (!err && known)
		err = add_derived(s, &state);
	if (!err && known)
		err = is_at(s, ref, &state.commit, &ours);
	if (!err && ours)
		add(s, ref, &state.commit);
	xb_state_release(&state);
	if (err && err->code == XB_E_HOSTILE) {
		xb_log(XB_WARN, "%s is not mirrored: %s", name, err->msg);
		xb_err_free(err);
		return NULL;
	}
	return err;
}

static struct xb_err *add_all_published(struct search *s)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(xb_ledger_list(s->config->state_dir, &names));
	for (size_t i = 0; i < names.n; i++)
		if (s->out->n + 2 > XB_REMOTE_REFS_MAX)
			s->out->more = true;
		else
			XB_TRY(add_published(s, names.v[i]));
	return NULL;
}

static struct xb_err *add_rules(struct search *s)
{
	const char *ref = xb_ref_role(XB_REF_RULES)->name;
	bool ours = false;
	git_oid at;

	XB_TRY(xb_rules_ref_written(s->config->state_dir, &at));
	XB_TRY(is_at(s, ref, &at, &ours));
	if (ours)
		add(s, ref, &at);
	return NULL;
}

static struct xb_err *add_plain(struct search *s, const char *ref)
{
	git_oid at;

	XB_TRY(commit_at(s, ref, &at));
	if (!git_oid_is_zero(&at))
		add(s, ref, &at);
	return NULL;
}

static struct xb_err *add_candidate(struct search *s, const char *ref)
{
	size_t n = s->out->n;

	XB_TRY(add_plain(s, ref));
	if (s->out->n > n)
		s->out->v[n].scratch = true;
	return NULL;
}

static struct xb_err *each(struct search *s, enum xb_ref_kind kind,
			   struct xb_err *(*f)(struct search *s, const char *ref))
{
	XB_AUTOGIT(git_reference_iterator) *it = NULL;
	XB_AUTOFREE char *glob = xb_ref_of(kind, "*");
	struct xb_err *err = NULL;
	const char *name;
	int rc = git_reference_iterator_glob_new(&it, s->repo, glob);

	while (!rc && !err && !(rc = git_reference_next_name(&name, it)))
		if (s->out->n >= XB_REMOTE_REFS_MAX)
			s->out->more = true;
		else if (xb_refname_ok(name) && strlen(name) <= XB_REMOTE_NAME_MAX &&
			 xb_utf8_valid(name, strlen(name)))
			err = f(s, name);
	if (!err && rc != GIT_ITEROVER)
		err = xb_err_git(XB_E_IO, rc, "cannot list the refs");
	return err;
}

struct xb_err *xb_mirror_refs_find(git_repository *repo, const struct xb_config *config, unsigned flags,
				   struct xb_mirror_refs *out)
{
	struct search s = {.repo = repo, .config = config, .out = out};
	XB_AUTOGIT(git_odb) *odb = NULL;
	struct xb_err *err;
	int rc = git_repository_odb(&odb, repo);

	*out = (struct xb_mirror_refs){0};
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot open the objects");
	s.store = xb_store_new(odb, NULL);
	err = add_all_published(&s);
	if (!err && s.out->n < XB_REMOTE_REFS_MAX)
		err = add_rules(&s);
	if (!err && (flags & XB_MIRROR_OWN) && xb_config_has_external(config))
		err = each(&s, XB_REF_CANDIDATES, add_candidate);
	if (!err && !(flags & XB_MIRROR_OWN) && *config->notes)
		err = add_plain(&s, config->notes);
	if (!err && !(flags & XB_MIRROR_OWN))
		err = each(&s, XB_REF_FIXUPS, add_plain);
	xb_store_free(s.store);
	if (err)
		xb_mirror_refs_release(out);
	return err;
}
