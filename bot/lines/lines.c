/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include "beside.h"
#include "linenames.h"
#include "releases.h"
#include "odb/ancestry.h"
#include "refs/ownrefs.h"
#include "repo/git.h"
#include "util/alloc.h"

#define TAGS "refs/tags/"

/* Everything that the search needs, once. */
struct search {
	git_repository *repo;
	struct xb_store *store;
	const struct xb_config *config;
	const struct xb_target_options *opts;
	struct xb_refnames refs;
	const struct xb_linenames *names;
	struct xb_targets *out;
};

struct xb_err *xb_is_ancestor(git_repository *repo, const git_oid *old, const git_oid *new_oid, bool *out)
{
	XB_AUTOPTR(xb_store) *store = NULL;

	XB_TRY(xb_store_open(repo, NULL, &store));
	return xb_ancestor_of(store, old, new_oid, out);
}

/* What a branch is at; in a clone the remote's branch where there is no local one. */
static struct xb_err *read_branch(const struct search *s, const char *ref, git_oid *out)
{
	XB_AUTOFREE char *remote = NULL;

	memset(out, 0, sizeof *out);
	if (!ref)
		return NULL;
	XB_TRY(xb_refnames_peel(&s->refs, ref, out));
	if (!git_oid_is_zero(out) || !s->opts->remote || strncmp(ref, XB_HEADS, strlen(XB_HEADS)) != 0)
		return NULL;
	remote = xb_asprintf("%s%s", XB_ORIGIN, ref + strlen(XB_HEADS));
	return xb_refnames_peel(&s->refs, remote, out);
}

/* ERR is T's, and no other's: its plan says it. What passes by itself is everybody's. */
static struct xb_err *trouble(struct xb_target *t, struct xb_err *err)
{
	if (!err || err->code == XB_E_TEMP)
		return err;
	if (!t->trouble)
		t->trouble = xb_strdup(err->msg);
	xb_err_free(err);
	return NULL;
}

static char *short_tag(const char *ref)
{
	return xb_strdup(strncmp(ref, TAGS, strlen(TAGS)) ? ref : ref + strlen(TAGS));
}

static struct xb_err *compile(const char *text, unsigned allowed, struct xb_refpat **out)
{
	return xb_refpat_compile(text, 0, allowed, out);
}

/* PATTERN with the placeholders filled in; NULL for an empty pattern. */
static struct xb_err *expand(const char *pattern, const char *line, const char *n, char **out)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	*out = NULL;
	if (!*pattern)
		return NULL;
	XB_TRY(compile(pattern, XB_REFPAT_ANY, &pat));
	*out = xb_refpat_expand(pat, line, n);
	if (!*out)
		return xb_err_new(XB_E_CONFIG, "%s makes no ref name for line %s", pattern, line);
	return NULL;
}

/* "4.17" and "2" is 4.17.2, "1.0.2" and "u" is 1.0.2u, and without a number it is the line. */
static char *release_name(const char *line, const char *n)
{
	return xb_asprintf("%s%s%s", line, xb_is_digit(*n) ? "." : "", n);
}

static void set_base(struct xb_target *t, const struct xb_release *r)
{
	t->base = r->commit;
	t->base_tag = short_tag(r->ref);
	t->release = release_name(t->line, r->n);
}

/* What a kept release is known by beside its line: one that has no number, by 0. */
static const char *kept_n(const struct xb_release *r)
{
	return *r->n ? r->n : "0";
}

/* A target without its base; KEPT is the release of a kept one, or NULL. */
static struct xb_err *add_target(struct search *s, const char *line, const struct xb_release *kept,
				 struct xb_target **out)
{
	struct xb_target *t = XB_PUSH(s->out, v, n, cap);

	*out = t;
	t->line = xb_strdup(line);
	t->conf = xb_config_line(s->config, line);
	t->name = release_name(line, kept ? kept_n(kept) : "");
	XB_TRY(expand(t->conf->staging, line, NULL, &t->tip_ref));
	XB_TRY(trouble(t, read_branch(s, t->tip_ref, &t->tip)));
	XB_TRY(expand(kept ? t->conf->derived_release : t->conf->derived, line, kept ? kept_n(kept) : NULL,
		      &t->derived_ref));
	if (!kept)
		XB_TRY(expand(t->conf->chain, line, NULL, &t->chain_ref));
	t->state_ref = xb_ref_of(XB_REF_STATES, t->name);
	XB_TRY(trouble(t, read_branch(s, t->derived_ref, &t->derived)));
	XB_TRY(trouble(t, xb_refnames_value(&s->refs, t->state_ref, &t->state)));
	if (t->chain_ref)
		XB_TRY(trouble(t, xb_refnames_value(&s->refs, t->chain_ref, &t->chain)));
	if (git_oid_is_zero(&t->tip) && !t->trouble)
		t->status = XB_TARGET_NO_STAGING;
	return NULL;
}

struct tips {
	git_oid *v;
	size_t n, cap;
};

/* The staging tips of the other lines. One that can't be read is that line's trouble. */
static struct xb_err *other_tips(struct search *s, const struct xb_target *t, struct tips *out)
{
	XB_AUTOSTRV struct xb_strv lines = {0};

	if (!s->refs.listed)
		XB_TRY(xb_refnames_list(&s->refs));
	XB_TRY(xb_linenames_list(s->names, &lines));
	for (size_t i = 0; i < lines.n; i++) {
		XB_AUTOFREE char *ref = NULL;
		git_oid tip;

		XB_TRY(expand(xb_config_line(s->config, lines.v[i])->staging, lines.v[i], NULL, &ref));
		if (!strcmp(lines.v[i], t->line) || (ref && t->tip_ref && !strcmp(ref, t->tip_ref)))
			continue;
		xb_err_free(read_branch(s, ref, &tip));
		if (!git_oid_is_zero(&tip))
			*XB_PUSH(out, v, n, cap) = tip;
	}
	return NULL;
}

/* A release above *BASE, the highest that the tip contains, which is made beside the branch. */
static struct xb_err *look_beside(struct search *s, struct xb_target *t, const struct xb_releases *r,
				  const struct xb_release **base)
{
	size_t from = *base ? (size_t)(*base - r->v) + 1 : 0;
	struct xb_beside b = {
	    .repo = s->repo, .store = s->store, .tip = &t->tip, .floor = *base ? &(*base)->commit : NULL};
	struct tips tips = {0};
	struct xb_err *err = other_tips(s, t, &tips);

	b.others = tips.v;
	b.n_others = tips.n;
	for (size_t i = r->n; i-- > from && !err;) {
		XB_AUTOFREE char *why = NULL;

		err = xb_beside_check(&b, &r->v[i].commit, &why);
		if (err || !why) {
			*base = err ? *base : &r->v[i];
			break;
		}
		if (t->stray)
			continue;
		t->stray = short_tag(r->v[i].ref);
		t->stray_why = XB_STEAL(why);
	}
	free(tips.v);
	return err;
}

static struct xb_err *choose_base(struct search *s, struct xb_target *t, const struct xb_releases *r)
{
	struct xb_ancestry *tip = xb_ancestry_new(s->store, &t->tip);
	const struct xb_release *base;
	struct xb_err *err = xb_releases_highest(r, tip, &base);

	xb_ancestry_free(tip);
	if (!err && r->n && base != &r->v[r->n - 1])
		err = look_beside(s, t, r, &base);
	if (err)
		return trouble(t, xb_err_wrap(err, "%s", t->tip_ref ? t->tip_ref : t->name));
	if (base)
		set_base(t, base);
	else
		t->status = XB_TARGET_NO_RELEASE;
	return NULL;
}

/* The releases that are kept beside the newest: the last COUNT of those in the tip. */
static struct xb_err *add_kept(struct search *s, const char *line, const struct xb_releases *r,
			       unsigned count)
{
	size_t from = count && r->n > count ? r->n - count : 0;

	for (size_t i = from; i < r->n; i++) {
		struct xb_target *t;
		bool in = false;

		XB_TRY(add_target(s, line, &r->v[i], &t));
		if (r->v[i].trouble && !t->trouble)
			t->trouble = xb_strdup(r->v[i].trouble);
		if (t->status != XB_TARGET_OK || t->trouble)
			continue;
		XB_TRY(trouble(t, xb_ancestor_of(s->store, &r->v[i].commit, &t->tip, &in)));
		if (t->trouble)
			continue;
		if (in)
			set_base(t, &r->v[i]);
		else
			t->status = XB_TARGET_NO_RELEASE;
	}
	return NULL;
}

static struct xb_err *line_releases(const struct search *s, const char *line, struct xb_releases *out)
{
	const struct xb_line_conf *conf = xb_config_line(s->config, line);
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	XB_TRY(compile(conf->release, XB_REFPAT_ANY, &pat));
	return xb_releases_find(&s->refs, pat, line, out);
}

static struct xb_err *add_line(struct search *s, const char *line)
{
	const struct xb_line_conf *conf = xb_config_line(s->config, line);
	XB_AUTORELEASES struct xb_releases r = {0};
	struct xb_target *t;

	XB_TRY(line_releases(s, line, &r));
	XB_TRY(add_target(s, line, NULL, &t));
	if (t->status == XB_TARGET_OK && !t->trouble)
		XB_TRY(choose_base(s, t, &r));
	return conf->releases != 1 && !t->trouble ? add_kept(s, line, &r, conf->releases) : NULL;
}

/* One release of a line, kept or not. */
static struct xb_err *add_release(struct search *s, const char *line, const char *n)
{
	XB_AUTORELEASES struct xb_releases r = {0};
	struct xb_target *t;

	XB_TRY(line_releases(s, line, &r));
	for (size_t i = 0; i < r.n; i++) {
		if (strcmp(kept_n(&r.v[i]), n) != 0)
			continue;
		XB_TRY(add_target(s, line, &r.v[i], &t));
		if (r.v[i].trouble && !t->trouble)
			t->trouble = xb_strdup(r.v[i].trouble);
		set_base(t, &r.v[i]);
		return NULL;
	}
	return xb_err_new(XB_E_USAGE, "%s.%s is no release of line %s", line, n, line);
}

/* NAME: a line, or a line and a release; the longest line that is one. */
static struct xb_err *add_named(struct search *s, const struct xb_linenames *lines, const char *name)
{
	size_t len = strlen(name);
	bool is_line;

	XB_TRY(xb_linenames_has(lines, name, &is_line));
	if (is_line)
		return add_line(s, name);
	for (const char *n; (n = xb_name_cut(name, &len));) {
		XB_AUTOFREE char *line = xb_memdup0(name, len);

		XB_TRY(xb_linenames_has(lines, line, &is_line));
		if (is_line)
			return add_release(s, line, n);
	}
	if (!xb_config_selects(s->config, name))
		return xb_err_new(XB_E_USAGE, "no line %s: [lines] lines does not name it", name);
	return xb_err_new(XB_E_USAGE,
			  "no line %s: no ref like %s, where {line} is dotted numbers, and no [line %s]",
			  name, s->config->line_default.staging, name);
}

static struct xb_err *add_all(struct search *s, const struct xb_linenames *l)
{
	XB_AUTOSTRV struct xb_strv lines = {0};

	XB_TRY(xb_refnames_list(&s->refs));
	XB_TRY(xb_linenames_list(l, &lines));
	for (size_t i = 0; i < lines.n; i++)
		XB_TRY(add_line(s, lines.v[i]));
	return NULL;
}

static struct xb_err *resolve(git_repository *repo, const char *rev, git_oid *out, char **tag, char **branch)
{
	git_object *o = NULL, *c = NULL;
	git_reference *ref = NULL;
	int rc = git_revparse_ext(&o, &ref, repo, rev);

	if (!rc)
		rc = git_object_peel(&c, o, GIT_OBJECT_COMMIT);
	if (!rc) {
		*out = *git_object_id(c);
		if (ref && tag && git_reference_is_tag(ref))
			*tag = short_tag(git_reference_name(ref));
		if (ref && branch && !git_reference_is_tag(ref))
			*branch = xb_strdup(git_reference_name(ref));
	}
	git_object_free(o);
	git_object_free(c);
	git_reference_free(ref);
	if (rc)
		return xb_err_new(XB_E_USAGE, "%s names no commit of the repository", rev);
	return NULL;
}

/* A base that was given by the tag of one of the line's releases is that release. */
static struct xb_err *name_release(struct xb_target *t)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL;
	XB_AUTOFREE char *ref = NULL, *n = NULL;

	if (!t->base_tag)
		return NULL;
	XB_TRY(compile(t->conf->release, XB_REFPAT_ANY, &pat));
	ref = xb_asprintf("%s%s", TAGS, t->base_tag);
	if (xb_refpat_match_line(pat, ref, t->line, &n))
		t->release = release_name(t->line, n ? n : "");
	return NULL;
}

/* --tip, in the place of the staging branch. */
static struct xb_err *override_tip(const struct search *s, struct xb_target *t)
{
	free(XB_STEAL(t->tip_ref));
	XB_TRY(resolve(s->repo, s->opts->tip, &t->tip, NULL, &t->tip_ref));
	if (t->status == XB_TARGET_NO_STAGING)
		t->status = XB_TARGET_NO_RELEASE;
	return NULL;
}

/* --base; without it, what the tip contains. */
static struct xb_err *override_base(struct search *s, struct xb_target *t)
{
	XB_AUTORELEASES struct xb_releases r = {0};

	XB_FREE(XB_STEAL(t->base_tag), XB_STEAL(t->release));
	if (!s->opts->base) {
		t->status = XB_TARGET_OK;
		XB_TRY(line_releases(s, t->line, &r));
		return choose_base(s, t, &r);
	}
	XB_TRY(resolve(s->repo, s->opts->base, &t->base, &t->base_tag, NULL));
	XB_TRY(name_release(t));
	if (t->status == XB_TARGET_NO_RELEASE)
		t->status = XB_TARGET_OK;
	return NULL;
}

/* --base and --tip: the target becomes a window to be looked at. */
static struct xb_err *override_window(struct search *s, struct xb_target *t)
{
	const struct xb_target_options *o = s->opts;
	bool in;

	if (!o->base && !o->tip)
		return NULL;
	t->window = true;
	free(XB_STEAL(t->trouble));
	if (o->tip)
		XB_TRY(override_tip(s, t));
	XB_TRY(override_base(s, t));
	if (t->status != XB_TARGET_OK || t->trouble)
		return NULL;
	XB_TRY(xb_ancestor_of(s->store, &t->base, &t->tip, &in));
	if (!in && !t->release) /* a release may stand beside the branch */
		return xb_err_new(XB_E_USAGE, "%s is not contained in %s", o->base ? o->base : "the base",
				  o->tip ? o->tip : "the staging branch");
	return NULL;
}

static struct xb_err *find(struct search *s, char *const *names, size_t n_names)
{
	struct xb_linenames lines = {.config = s->config, .refs = &s->refs, .remote = s->opts->remote};
	struct xb_err *err;

	s->names = &lines;
	err = n_names ? NULL : add_all(s, &lines);

	for (size_t i = 0; !err && i < n_names; i++)
		err = add_named(s, &lines, names[i]);
	for (size_t i = 0; !err && i < s->out->n; i++)
		err = override_window(s, &s->out->v[i]);
	xb_refnames_release(&s->refs);
	return err;
}

struct xb_err *xb_targets_find(git_repository *repo, const struct xb_config *config, char *const *names,
			       size_t n_names, const struct xb_target_options *opts, struct xb_targets *out)
{
	static const struct xb_target_options none;
	struct search s = {
	    .repo = repo, .config = config, .opts = opts ? opts : &none, .refs = {.repo = repo}, .out = out};
	struct xb_err *err;

	*out = (struct xb_targets){0};
	XB_TRY(xb_store_open(repo, s.opts->packs, &s.store));
	err = find(&s, names, n_names);
	xb_store_free(s.store);
	if (err)
		xb_targets_release(out);
	return err;
}

struct xb_target *xb_targets_named(const struct xb_targets *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].name, name))
			return &t->v[i];
	return NULL;
}

/* The texts that a target owns. */
static char **texts_of(struct xb_target *t, size_t k)
{
	char **const all[] = {&t->line,    &t->name,        &t->release,   &t->base_tag,
			      &t->tip_ref, &t->derived_ref, &t->state_ref, &t->chain_ref,
			      &t->trouble, &t->stray,       &t->stray_why};

	return k < sizeof all / sizeof *all ? all[k] : NULL;
}

void xb_target_copy(struct xb_target *to, const struct xb_target *from)
{
	char **text;

	*to = *from;
	to->conf = NULL;
	for (size_t k = 0; (text = texts_of(to, k)); k++)
		*text = *text ? xb_strdup(*text) : NULL;
}

void xb_target_release(struct xb_target *t)
{
	char **text;

	for (size_t k = 0; (text = texts_of(t, k)); k++)
		free(*text);
	*t = (struct xb_target){0};
}

bool xb_target_same(const struct xb_target *a, const struct xb_target *b)
{
	return a->status == b->status && git_oid_equal(&a->base, &b->base) &&
	       xb_same_text(a->base_tag, b->base_tag) && xb_same_text(a->tip_ref, b->tip_ref) &&
	       xb_same_text(a->derived_ref, b->derived_ref) && xb_same_text(a->chain_ref, b->chain_ref);
}

void xb_targets_release(struct xb_targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		xb_target_release(&t->v[i]);
	free(t->v);
	*t = (struct xb_targets){0};
}
