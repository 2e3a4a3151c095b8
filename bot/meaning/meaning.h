/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prerequisites by meaning: what a pick's added lines use and the tree lacks,
 * but an earlier commit of the window, not in the branch, brings: an included
 * header, a macro, function, type, field or enumerator, a parameter, a makefile
 * entry. Nothing is compiled. No match does no harm; each hit has a name and a
 * place. A pure function of what staging has up to the pick.
 */
#ifndef XB_MEANING_H
#define XB_MEANING_H

#include "board/bundle.h"

struct xb_meaning;

/* What the provider is to the one that needs it. */
enum xb_meaning_how {
	XB_MEANS_BRINGS,   /* brings the name */
	XB_MEANS_ENDS_USE, /* ended a use of the name, which the one that needs it removes */
	XB_MEANS_READS,    /* the name is a script; it is taught a line that the one that needs it adds */
	XB_MEANS_SERIES,   /* put on the branch together with it, and part of it */
	XB_MEANS_CHANGES,  /* changes what the name means, which the one that needs it newly uses */
	XB_MEANS_MIXED,    /* changes the definition that the one that needs it changes as well */
};

struct xb_meaning_hit {
	size_t provider;  /* window index of the commit that brings it */
	size_t needed_by; /* window index of the member of the bundle that uses it */
	char *path;       /* where it is used */
	size_t line;      /* there, in the commit's version, from 1; for a removal, in the version before */
	char *name;       /* what is used: a symbol, a header */
	enum xb_meaning_how how;
};

struct xb_meaning_hits {
	struct xb_meaning_hit *v;
	size_t n, cap;
};

/*
 * Looks at the members of B, which applies and gives the tree TREE. OUT, zeroed
 * before, gets the providers that may still be taken (xb_bundle_free_to_take),
 * in staging order of the members, then of the providers.
 */
struct xb_err *xb_meaning_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *out) XB_MUST_CHECK;
/*
 * Of the same members, one that uses what only a commit brings that was withdrawn: *USER, and that commit,
 * *PROVIDER; window indices, SIZE_MAX where none does.
 */
struct xb_err *xb_meaning_lacks(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
				size_t *provider, size_t *user) XB_MUST_CHECK;
/*
 * What one need may cost by these rules, in bytes of files looked through, whatever is remembered of them: so
 * it is the same everywhere. Over it nothing more is found; part of the rules, as it changes plans. The
 * largest need of real lines takes a hundredth of it.
 */
#ifndef XB_MEANING_WORK /* a test has another */
#define XB_MEANING_WORK (UINT64_C(256) << 20)
#endif
/* Another need begins. */
void xb_meaning_begin(struct xb_meaning *m);
/* Is it over? */
bool xb_meaning_spent(const struct xb_meaning *m);
/* What is found out while one plan is made. Borrows BOARD. */
struct xb_meaning *xb_meaning_new(struct xb_board *board);
void xb_meaning_free(struct xb_meaning *m);
XB_HANDLE(xb_meaning)
void xb_meaning_hits_release(struct xb_meaning_hits *h);

#endif
