/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ref patterns: a full ref name with the placeholders {line} and {n}, each at
 * most once, such as refs/tags/RELEASE-{line}.{n}. In a match {n} stands for
 * dotted numbers only ([0-9]+(\.[0-9]+)*), so "4.18.0-rc1" never is a release;
 * so does {line}, unless the line's name is known, which may then be any name
 * that xb_line_name_ok accepts. A compiled pattern never changes.
 *
 * Refs that are only read may spell numbers otherwise: {line:-} and {n:_} have
 * "-" and "_" between them, where the names of the line and the release have
 * dots; and [.{n}] may be missing, as in the first release of a line. With {n:a}
 * and {n:_a} a number may end in a letter (1.0.2u, 0.9.8zh) or a patch level (5p2,
 * 3_P2, 5-P1); never in what announces a release, as rc1, beta2 and b3 do.
 */
#ifndef XB_REFPAT_H
#define XB_REFPAT_H

#include "refname.h"
#include "util/err.h"

#include <stdbool.h>

enum {
	XB_REFPAT_LINE = 1,
	XB_REFPAT_N = 2,
	XB_REFPAT_SPELLED = 4, /* to allow: other spellings than {line}, {n} and {n:a}, and [] */
	XB_REFPAT_ANY = 7,
};

struct xb_refpat;

/*
 * Compiles TEXT. REQUIRED and ALLOWED are sets of XB_REFPAT_*; what is required
 * is allowed as well. Refused with XB_E_CONFIG and a reason that quotes TEXT: other
 * braces, a placeholder twice, two that touch, a digit beside one (where the
 * number ends would be a guess; {n:a} may follow one, and is letters alone then),
 * text that makes no ref name. *OUT is owned by the caller, and NULL after an error.
 */
struct xb_err *xb_refpat_compile(const char *text, unsigned required, unsigned allowed,
				 struct xb_refpat **out) XB_MUST_CHECK;
/* PAT with LINE in the place of {line}: a pattern of its own; NULL when that makes no ref name. */
struct xb_refpat *xb_refpat_bind(const struct xb_refpat *pat, const char *line) XB_MUST_CHECK;
void xb_refpat_free(struct xb_refpat *pat);
XB_HANDLE(xb_refpat)
const char *xb_refpat_text(const struct xb_refpat *pat);
/* The set of XB_REFPAT_LINE and XB_REFPAT_N that stand in it. */
unsigned xb_refpat_holds(const struct xb_refpat *pat);
/* What each ref that matches begins with; owned by the caller. */
char *xb_refpat_prefix(const struct xb_refpat *pat) XB_MUST_CHECK;
/* May the values of {n} have letters in them? */
bool xb_refpat_has_letters(const struct xb_refpat *pat);

/*
 * Does REFNAME match? LINE and N get owned strings, or NULL where there is no
 * match or no such placeholder ("" for an {n} that is missing as it may); either may
 * be a null pointer. Where {line}.{n} can be cut in several ways, {line} gets the most (4.1.6.1 is 4.1.6 and
 * 1): to look for the releases of a line that is known, use xb_refpat_match_line.
 */
bool xb_refpat_match(const struct xb_refpat *pat, const char *refname, char **line, char **n);
/* The same with {line} being LINE: 4.1.6.1 of line 4.1 gives 6.1, and 4.10.1 does not match. */
bool xb_refpat_match_line(const struct xb_refpat *pat, const char *refname, const char *line, char **n);
/*
 * The ref name with LINE and N filled in, owned by the caller. NULL when it has a
 * placeholder whose value is a null pointer, LINE or N is no such name, or the result is no ref name.
 */
char *xb_refpat_expand(const struct xb_refpat *pat, const char *line, const char *n) XB_MUST_CHECK;

/* Can one ref name match both? Exact for dotted numbers; bind other names first. */
bool xb_refpat_overlap(const struct xb_refpat *a, const struct xb_refpat *b);
/* Can a name of one be a directory of a name of the other (refs/heads/x, refs/heads/x/y)? Git can't hold
 * both. */
bool xb_refpat_nests(const struct xb_refpat *a, const struct xb_refpat *b);

#endif
