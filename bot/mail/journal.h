/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run's mails and what is then known, as one step: STATE/mail/batch.json is
 * written first, then the outbox and the files of known.h from it, then it is
 * removed. One that is found at the start is finished first; doing it twice
 * gives the same files.
 */
#ifndef XB_MAIL_JOURNAL_H
#define XB_MAIL_JOURNAL_H

#include "known.h"
#include "outbox.h"

struct xb_journal {
	json_t *mails, *known;
};

void xb_journal_init(struct xb_journal *b);
void xb_journal_release(struct xb_journal *b);
void xb_journal_add_mail(struct xb_journal *b, const struct xb_outbox_entry *e);
void xb_journal_add_known(struct xb_journal *b, const struct xb_known *k);
/* Makes the directories that it needs. */
struct xb_err *xb_journal_make_dirs(const char *state_dir) XB_MUST_CHECK;
/* Does all of it, durably. */
struct xb_err *xb_journal_commit(const char *state_dir, const struct xb_journal *b) XB_MUST_CHECK;
/* Finishes one that was cut short; none: nothing. */
struct xb_err *xb_journal_recover(const char *state_dir) XB_MUST_CHECK;

#endif
