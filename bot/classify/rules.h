/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that find security statements in text, compiled once from the
 * configuration and never changed. A `security` pattern makes a commit
 * security where it matches, unless a `not-security` match touches the same
 * sentence. The advisories are those named inside the matched text (inside
 * group 1 where the pattern has one), not others that the message mentions.
 * Patterns are PCRE2 on bytes, multi-line, with step limits: reaching one is an
 * error, never "no match".
 */
#ifndef XB_RULES_H
#define XB_RULES_H

#include "spellings.h"
#include "config/config.h"
#include "text/regex.h"
#include "util/err.h"

#include <stddef.h>

/* Defaults for Xen of [rules] security and not-security; each ends with NULL. */
extern const char *const xb_xen_security[];
extern const char *const xb_xen_not_security[];

#define XB_FACTS_MAX 1024 /* of one kind in one message; more is XB_E_HOSTILE */

struct xb_rules;

/* One statement "this commit is (part of) the fix of IDS". */
struct xb_tag {
	struct xb_strv
	    ids; /* units, spelled as the pattern: XSA-N, or CVE-N where no XSA is named; may be empty */
	struct xb_strv aliases; /* the CVEs that stand with an XSA */
	char *text;             /* what matched, untrusted, cut after 400 bytes */
	size_t start, end;      /* bytes of the message that matched */
	unsigned line;          /* of the message, from 1 */
	unsigned pattern;       /* index in [rules] security */
};

struct xb_tags {
	struct xb_tag *v; /* in the order of the text */
	size_t n, cap;
};

/* Compiles the rules; mistakes in patterns are XB_E_CONFIG. *OUT is owned by the caller; CONF is not kept. */
struct xb_err *xb_rules_compile(const struct xb_config *conf, struct xb_rules **out) XB_MUST_CHECK;
void xb_rules_free(struct xb_rules *r);
XB_HANDLE(xb_rules)
/* The statements in TEXT, which has no NUL. OUT is zeroed or released before, and released on error. */
struct xb_err *xb_rules_tags(const struct xb_rules *r, const char *text, size_t n,
			     struct xb_tags *out) XB_MUST_CHECK;
void xb_tags_release(struct xb_tags *t);

/*
 * Appends the advisories named anywhere in TEXT to IDS and the aliases to
 * ALIASES, each once, spelled as in the configuration. With no advisory in it,
 * the aliases are the IDS. ALIASES NULL: aliases go where ids go.
 */
struct xb_err *xb_rules_ids(const struct xb_rules *r, const char *text, size_t n, struct xb_strv *ids,
			    struct xb_strv *aliases) XB_MUST_CHECK;
/* Appends those that a fix would name in this way, each once: not in prose, a quotation or a denial. */
struct xb_err *xb_rules_named(const struct xb_rules *r, const char *text, size_t n,
			      struct xb_strv *out) XB_MUST_CHECK;
/* The advisory or alias that S as a whole is, in the configured spelling, owned; NULL when it is none. */
char *xb_rules_advisory(const struct xb_rules *r, const char *s);

/* The compiled form of a fixed spelling; borrowed. */
const struct xb_regex *xb_rules_fact(const struct xb_rules *r, enum xb_fact fact);
/* The error for a message with more facts of one kind than XB_FACTS_MAX. */
struct xb_err *xb_too_many(const char *what) XB_MUST_CHECK;

#endif
