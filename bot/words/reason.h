/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something is as it is, as data: from where it is decided to where it is said.
 * Sentences are made here, one for each audience; nothing reads them back. What a
 * reason is about is told from what only goes with it, so that one can see whether
 * two say the same: xb_reason_key.
 */
#ifndef XB_WORDS_REASON_H
#define XB_WORDS_REASON_H

#include "util/strv.h"

#include <git2.h>
#include <stdint.h>

enum xb_why {
	/* A branch stays as it is until a person looks. */
	XB_WHY_FOREIGN, /* object: a ref that we did not make; detail: what speaks for that, or NULL; command
			 */
	XB_WHY_DELETED, /* object: a ref; was; command */
	XB_WHY_MOVED,   /* object: a ref; was (zero: not there), now; command */
	XB_WHY_NOT_MOVED,  /* object: a ref that can't be moved; detail */
	XB_WHY_OLDER_BASE, /* subjects: the release that it was on, and that it would be on; was, now; command
			    */
	XB_WHY_NO_NOTES,   /* object: the notes ref; was; command */
	XB_WHY_LOSES,      /* subjects: what would be lost; detail: why, or NULL; command */
	XB_WHY_GIT_DIFFERS,  /* subjects, the commit; detail: both trees, and git's version */
	XB_WHY_LOST_STAGING, /* object: a ref that is gone; was: where the last plan saw it; command */
	XB_WHY_LOST_RELEASE, /* object: a ref that contains no release any more */
	XB_WHY_LEFT_OUT, /* object: a ref of ours, of a line that the configuration has no more; command */
	/* There is nothing to publish. */
	XB_WHY_ENDED,      /* until: since when, in fact; detail: why */
	XB_WHY_NO_STAGING, /* object: a ref */
	XB_WHY_NO_RELEASE, /* object: a ref */
	/* A test, or the time, keeps a part back: subjects, the advisories or else the commit of that part.
	 */
	XB_WHY_GATE_FAILS,   /* now: the candidate; log; command */
	XB_WHY_SYSTEM_FAILS, /* now; detail: the test system's word, or NULL */
	XB_WHY_AT_GATE,      /* with tries: detail, log (or NULL), until */
	XB_WHY_AT_SYSTEM,    /* now; object: the ref that is to have it */
	XB_WHY_UNTIL,        /* until */
	XB_WHY_DISCLOSURE,   /* object: the advisory that lacks, detail: with which it was disclosed; until */
	XB_WHY_WHOLE_FAILS,  /* beside one of these; no subjects; log or detail */
	/* The plan is not all that it should be: subjects, the advisory or none. */
	XB_WHY_BLOCKED,   /* now: the commit; detail; command */
	XB_WHY_SET_ASIDE, /* detail */
	/* It was published, and... */
	XB_WHY_UNCHECKED, /* detail: why git could not check the picks */
};

struct xb_reason {
	enum xb_why code;
	struct xb_strv subjects;
	char *object;
	git_oid was, now;
	char *detail;
	char *log; /* a file */
	int64_t until;
	unsigned tries;
	char *command; /* that changes it; see advice.h */
};

/* The first is the reason, others go with it. Zeroed is empty. All texts are owned. */
struct xb_whys {
	struct xb_reason *v;
	size_t n, cap;
};

/* "gate-fails"; these names are kept in files: they stay. */
const char *xb_why_name(enum xb_why code);
/* Adds one; valid until the next. */
struct xb_reason *xb_whys_add(struct xb_whys *r, enum xb_why code);
void xb_whys_release(struct xb_whys *r);

/* ---- as words; all owned ---- */

/* One line, for terminals and reports: with its command. */
char *xb_reason_line(const struct xb_reason *r);
/* All of them, one line; NULL: there is none. */
char *xb_whys_line(const struct xb_whys *r);
/* For a text that shows the command by itself: what comes before it. *AFTER (static): what comes after it. */
char *xb_reason_before(const struct xb_reason *r, const char **after);
/* What a published chain is recorded to have stopped at: stays the same while that does; NULL: at nothing. */
char *xb_reason_record(const struct xb_reason *r);

/* What it is about: equal for reasons that people need not be told apart. */
char *xb_reason_key(const struct xb_reason *r);

#endif
