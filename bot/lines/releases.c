/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "releases.h"

#include "os/log.h"
#include "util/alloc.h"

static int cmp_releases(const void *a, const void *b)
{
	const struct xb_release *x = a, *y = b;

	return xb_version_cmp(x->n, y->n);
}

/* The names of the refs that may match PAT. */
static struct xb_err *release_refs(const struct xb_refnames *refs, const struct xb_refpat *pat,
				   struct xb_strv *out)
{
	XB_AUTOFREE char *prefix = xb_refpat_prefix(pat);

	return xb_refnames_find(refs, prefix, out);
}

static struct xb_err *add_release(const struct xb_refnames *refs, const struct xb_refpat *pat,
				  const char *ref, struct xb_releases *out)
{
	XB_AUTOFREE char *n = NULL;
	char *trouble = NULL;
	struct xb_err *err;
	git_oid commit;

	if (!xb_refpat_match(pat, ref, NULL, &n))
		return NULL;
	err = xb_refnames_peel(refs, ref, &commit);
	if (err && err->code == XB_E_TEMP)
		return err;
	if (err) {
		trouble = xb_strdup(err->msg);
		xb_err_free(err);
	} else if (git_oid_is_zero(&commit)) {
		xb_log(XB_WARN, "%s has the name of a release, and is no commit's: ignored", ref);
		return NULL;
	}
	*XB_PUSH(out, v, n, cap) =
	    (struct xb_release){xb_strdup(ref), n ? XB_STEAL(n) : xb_strdup(""), commit, trouble};
	return NULL;
}

struct xb_err *xb_releases_find(const struct xb_refnames *refs, const struct xb_refpat *pat, const char *line,
				struct xb_releases *out)
{
	XB_AUTOPTR(xb_refpat) *bound = xb_refpat_bind(pat, line);
	XB_AUTOSTRV struct xb_strv names = {0};

	if (!bound)
		return NULL;
	XB_TRY(release_refs(refs, bound, &names));
	for (size_t i = 0; i < names.n; i++)
		XB_TRY(add_release(refs, bound, names.v[i], out));
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, cmp_releases);
	return NULL;
}

void xb_releases_release(struct xb_releases *r)
{
	for (size_t i = 0; i < r->n; i++) {
		XB_FREE(r->v[i].ref, r->v[i].n, r->v[i].trouble);
	}
	free(r->v);
	*r = (struct xb_releases){0};
}

struct xb_err *xb_releases_highest(const struct xb_releases *r, struct xb_ancestry *tip,
				   const struct xb_release **out)
{
	*out = NULL;
	for (size_t i = r->n; i-- > 0;) {
		bool in = true;

		if (r->v[i].trouble) /* it may be the one */
			return xb_err_new(XB_E_NOTFOUND, "%s", r->v[i].trouble);
		XB_TRY(xb_ancestry_has(tip, &r->v[i].commit, &in));
		if (!in)
			continue;
		*out = &r->v[i];
		return NULL;
	}
	return NULL;
}
