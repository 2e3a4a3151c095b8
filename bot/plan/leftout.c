/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leftout.h"

#include "blame/names.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <ctype.h>
#include <strings.h>

/* What the authors of advisories write; matched without case, as words or beginnings of words. */
static const char *const words[] = {
    "vulnerab",      "exploit",        "privilege esc",  "denial of service", "out-of-bounds",
    "out of bounds", "use-after-free", "use after free", "buffer overflow",   "information leak",
    "info leak",     "data leak",      "double free",    "security",
};

void xb_leftouts_release(struct xb_leftouts *l)
{
	for (size_t i = 0; i < l->n; i++) {
		XB_FREE(l->v[i].fixes, l->v[i].words, l->v[i].residue);
	}
	free(l->v);
	*l = (struct xb_leftouts){0};
}

static bool in_branch(const struct xb_plan *p, size_t i)
{
	for (size_t k = 0; k < p->picks.n; k++)
		if (p->picks.v[k].window == i)
			return true;
	return false;
}

static const char *find_word(const char *text, size_t n)
{
	for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
		size_t len = strlen(words[w]);

		for (size_t i = 0; i + len <= n; i++)
			if (!strncasecmp(text + i, words[w], len) &&
			    (!i || !isalpha((unsigned char)text[i - 1])))
				return words[w];
	}
	return NULL;
}

/* An advisory that the message mentions, or a word; owned. */
static struct xb_err *suspicious(const struct xb_plan *p, const struct xb_rules *rules, const git_oid *oid,
				 char **out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOSTRV struct xb_strv ids = {0};
	const char *word;

	XB_TRY(xb_commit_load(p->store, oid, &c));
	XB_TRY(xb_rules_ids(rules, c.message.p, c.message.n, &ids, NULL));
	word = ids.n ? NULL : find_word(c.message.p, c.message.n);
	if (ids.n)
		*out = xb_asprintf("names %s", ids.v[0]);
	else if (word)
		*out = xb_asprintf("says \"%s\"", word);
	return NULL;
}

/* "Fixes:" of something that isn't just another commit that is left out. */
static char *fixes_of(const struct xb_plan *p, const struct xb_names *names, const struct xb_message *m)
{
	for (size_t k = 0; k < m->fixes.n; k++) {
		size_t at;

		if (xb_names_find(names, m->fixes.v[k].hex, NULL, &at) == XB_NAME_NONE || in_branch(p, at))
			return xb_asprintf("%s: %s", m->fixes.v[k].amends ? "Amends" : "Fixes",
					   m->fixes.v[k].hex);
	}
	return NULL;
}

/* "pv_emul in xen/a.c (XSA-1), ..." */
static char *residue_of(const struct xb_plan *p, const git_oid *oid)
{
	const struct xb_hex id = xb_hex(oid);
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	for (size_t k = 0; k < p->residue.n; k++) {
		const struct xb_residue_item *r = &p->residue.v[k];
		XB_AUTOFREE char *advisories = xb_strv_join(&r->advisories, ", ");

		if (xb_strv_has(&r->by, id.s))
			xb_buf_addf(&out, "%s%s in %s (%s)", out.n ? ", " : "", r->name, r->path, advisories);
	}
	return out.n ? xb_buf_detach(&out) : NULL;
}

static unsigned rank(const struct xb_leftout *l)
{
	return l->residue ? 0 : l->fixes ? 1 : l->words ? 2 : 3;
}

static int by_rank(const void *x, const void *y)
{
	const struct xb_leftout *a = x, *b = y;

	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	return a->window < b->window ? -1 : a->window > b->window;
}

struct xb_err *xb_leftout_find(const struct xb_plan *p, const struct xb_rules *rules, struct xb_leftouts *out)
{
	XB_AUTOPTR(xb_names) *names = xb_names_new();

	for (size_t i = 0; i < p->window.n; i++) {
		const struct xb_hist *h = &p->window.v[i];
		struct xb_leftout *l;

		xb_names_add(names, h, i);
		if (h->n_parents > 1 || in_branch(p, i))
			continue;
		l = XB_PUSH(out, v, n, cap);
		l->window = i;
		l->fixes = fixes_of(p, names, &h->msg);
		l->residue = residue_of(p, &h->oid);
		XB_TRY(suspicious(p, rules, &h->oid, &l->words));
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_rank);
	return NULL;
}
