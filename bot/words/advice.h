/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that people are told to give: each is made here, for all who say it
 * (messages, explain, search, mails), so that one that is right is right everywhere.
 * What it names is quoted for a shell where need be. A command is one line
 * without indentation, and the caller's to free.
 */
#ifndef XB_WORDS_ADVICE_H
#define XB_WORDS_ADVICE_H

#include "config/config.h"
#include "util/buf.h"

#include <git2.h>

enum { XB_SHORT = 12 }; /* digits of an id, in commands and in texts */

/* WORD as a shell reads it back: as it is, or in quotes; owned. */
char *xb_advice_quoted(const char *word);
/* How to name the configuration, or the repository without one: "-c FILE"; owned. */
char *xb_advice_options(const struct xb_config *c);

/* ---- on the bot's host ---- */

/* Takes over a branch as it stands; lets what was published be lost; tests again. */
char *xb_advice_adopt(const struct xb_config *c, const char *target);
char *xb_advice_accept(const struct xb_config *c, const char *target);
char *xb_advice_retest(const struct xb_config *c, const char *target);
char *xb_advice_explain(const struct xb_config *c, const git_oid *commit);
/* Takes WHAT (an advisory, or a commit's id), which was published, back; from NAME. */
char *xb_advice_withdraw(const struct xb_config *c, const char *what, const char *name);
/* Ends a line. */
char *xb_advice_retire(const struct xb_config *c, const char *line);
char *xb_advice_adopt_mirror(const struct xb_config *c, const char *mirror);
/* Puts REF back to WAS, from NOW (zero: it is gone). NULL: the repository's place is not known. */
char *xb_advice_restore(const struct xb_config *c, const char *ref, const git_oid *was, const git_oid *now);

/* ---- in a clone ---- */

/* Are there annotations by notes at all? Without, those below must not be asked for. */
bool xb_advice_has_notes(const struct xb_config *c);
/* Brings the notes that are there, HAVE: some are; else there is nothing to bring: NULL. */
char *xb_advice_fetch_notes(const struct xb_config *c, bool have);
/* Brings the branch REF, a full name. */
char *xb_advice_fetch_branch(const char *ref);
/* Brings what verify needs: what the bot recorded, what it was made of, and all notes. */
char *xb_advice_fetch_records(void);
char *xb_advice_push_notes(const struct xb_config *c);
/* Adds "WORD: VALUE" to the note of COMMIT. */
char *xb_advice_note(const struct xb_config *c, const char *word, const char *value, const git_oid *commit);
/* Opens the note of COMMIT in an editor. */
char *xb_advice_edit_note(const struct xb_config *c, const git_oid *commit);
/* Publishes the commit that HEAD is, as one that stands for COMMIT on TARGET; and says so. */
char *xb_advice_push_fixup(const char *target, const git_oid *commit);
char *xb_advice_replace(const struct xb_config *c, const git_oid *commit);

struct xb_advice_pick {
	git_oid commit;
	bool merge; /* with -m 1 */
};
/* Picks of V in their order onto what is checked out, in as few commands as can be: appends them, MARK before
 * each. */
void xb_advice_cherry_pick(const struct xb_advice_pick *v, size_t n, const char *mark, struct xb_buf *out);

#endif
