/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a commit message says, as facts; what follows from them is the plan's to
 * decide. All strings are owned, untrusted, and bounded in number. Ids are as
 * the message spells them, in lower case: 7 to 40 hex digits that may name no
 * object here. Lines that begin with "Xsabot-" are never read: the bot's own
 * trailers are not input.
 */
#ifndef XB_MESSAGE_H
#define XB_MESSAGE_H

#include "odb/commit.h"
#include "odb/trailers.h"
#include "rules.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* "This is a followup to XSA-1 and XSA-2." */
struct xb_followup {
	struct xb_strv ids;
	char *text;
	unsigned line;
};

/* Where a backport says it comes from, most trusted first. */
enum xb_origin_kind {
	XB_ORIGIN_MASTER,   /* "master commit: ID" */
	XB_ORIGIN_UPSTREAM, /* "[ Upstream commit ID ]", "commit ID upstream." */
	XB_ORIGIN_PICKED,   /* "(cherry picked from commit ID)", the oldest first */
};

struct xb_origin {
	char *hex;
	enum xb_origin_kind kind;
	unsigned line;
};

/* "Fixes: ID ("subject")", "Amends: …" */
struct xb_fix {
	char *hex;
	char *subject; /* NULL: none given */
	bool amends;
	unsigned line;
};

/* "This reverts commit ID." */
struct xb_revert {
	char *hex;
	bool partial; /* "partially", "mostly", "part of", … */
	unsigned line;
};

enum xb_word {
	XB_WORD_NONE,
	XB_WORD_SECURITY,
	XB_WORD_PREREQUISITE_OF,
	XB_WORD_FOLLOW_UP_TO,
	XB_WORD_EXCLUDE,
	XB_WORD_WITHDRAWN,
	XB_WORD_REPLACED_BY,
};

struct xb_annotation {
	enum xb_word word;
	char *value; /* may be empty; what it means is for the caller */
	unsigned line;
};

struct xb_annotations {
	struct xb_annotation *v;
	size_t n, cap;
	unsigned bad_line; /* first line of the block that is no trailer (matters for notes); 0: none */
};

/* "Cc: stable@… # 4.9.x: a1f84a3: subject": the stable branch needs that commit first. */
struct xb_need {
	char *version; /* "4.9.x"; NULL: none given */
	char *hex;
	char *subject; /* may be empty */
	unsigned line;
};

struct xb_message {
	char *subject; /* as xb_commit_subject */
	struct xb_tags tags;
	struct xb_strv named; /* without a tag, a follow-up statement or a revert: see xb_rules_named */
	struct {
		struct xb_followup *v;
		size_t n, cap;
	} followups;
	struct {
		struct xb_origin *v;
		size_t n, cap;
	} origins;
	struct {
		struct xb_fix *v;
		size_t n, cap;
	} fixes;
	struct {
		struct xb_revert *v;
		size_t n, cap;
	} reverts;
	/*
	 * A subject of the form Revert "…": how often it is nested (odd: a revert,
	 * even: a re-application; Reapply "…" counts two), and the innermost subject.
	 */
	unsigned revert_depth;
	char *reverted_subject;            /* NULL with depth 0 */
	bool revert_partial;               /* the subject says: part of */
	struct xb_annotations annotations; /* of the last paragraph */
	struct {
		struct xb_need *v;
		size_t n, cap;
	} needs;
	/*
	 * Bounds. UNREAD: why it can't be told whether this is a fix, which a person has to say then; NULL:
	 * it can. SKIPPED: what else was not read to its end, and why; mostly empty.
	 */
	char *unread;
	struct xb_strv skipped;
};

/* Facts are read from the first bytes of a message; the trailers are at its end. */
#define XB_MESSAGE_MAX ((size_t)1 << 20)

/* Reads the facts of C into OUT, which is emptied on error. A message, whatever it is, is no error. */
struct xb_err *xb_message_parse(const struct xb_rules *rules, const struct xb_commit *c,
				struct xb_message *out) XB_MUST_CHECK;
void xb_message_release(struct xb_message *m);
#define XB_AUTOMESSAGE __attribute__((cleanup(xb_message_release)))

/* The word of an annotation, in any case; XB_WORD_NONE for other keys. */
enum xb_word xb_word_of(const char *key);
/* The spelling of CONTRACT.md; "" for XB_WORD_NONE. */
const char *xb_word_name(enum xb_word w);
/* Reads a note: the whole text is trailers. OUT is zeroed or released before. */
struct xb_err *xb_annotations_of_note(const char *text, size_t n, struct xb_annotations *out) XB_MUST_CHECK;
void xb_annotations_release(struct xb_annotations *a);

#endif
