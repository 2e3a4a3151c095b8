/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people say about a commit: in the configuration ([picks]), in a note,
 * in a trailer of the commit. The role words (Security, Follow-up-to, Exclude,
 * Withdrawn) of the highest level that has any count, those of lower levels and
 * the tag line do not; so for Replaced-by. Prerequisite-of adds to whatever else is
 * said, on every level. Exclude beats the other words of its level, and Withdrawn,
 * which is Exclude for what was published, beats that.
 */
#ifndef XB_ANNOTATE_H
#define XB_ANNOTATE_H

#include "config/config.h"
#include "history.h"
#include "odb/store.h"

enum xb_source { XB_BY_TAG, XB_BY_TRAILER, XB_BY_NOTE, XB_BY_CONFIG };

/* The notes ref as a whole, read once a line. */
struct xb_notes {
	git_oid commit;        /* that the ref has; zero: no such ref */
	struct xb_oidmap *map; /* by the annotated commit */
};

/*
 * Reads the notes of the commit AT (zero: none) or, with AT NULL, of REF: "" gives
 * none, a ref that isn't there is fine, one that is no tree of notes is an error.
 * A note that can't be understood is one for who asks for the words of its commit.
 */
struct xb_err *xb_notes_load(git_repository *repo, struct xb_store *s, const char *ref, const git_oid *at,
			     struct xb_notes *out) XB_MUST_CHECK;
void xb_notes_release(struct xb_notes *n);

/* The words in force for one commit. All owned: they outlive the notes and the configuration in a plan that
 * is gone on from. */
struct xb_words {
	enum xb_source role_level; /* of security, follow_up_to, exclude, withdrawn; XB_BY_TAG: none said */
	char *exclude;             /* the reason; NULL: neither excluded nor withdrawn */
	bool withdrawn;            /* it is that of Withdrawn */
	struct xb_words_list {
		char **v;
		size_t n, cap;
	} security, follow_up_to, prerequisite_of;
	enum xb_source prerequisite_level; /* the highest that says it */
	char *replaced_by;                 /* hex digits; NULL: not on this base */
	char *doubt; /* why it can't be told what the commit is, which a level above settles; NULL: it can */
};

/*
 * BASE_TAG may be NULL: no replacement that names a base then counts. Words
 * of the configuration that contradict each other are XB_E_CONFIG, naming both.
 * What is wrong in the repository (a contradiction within one level, a note or
 * a message that can't be read) is OUT->doubt, unless a level above says what
 * the commit is.
 */
struct xb_err *xb_words_of(const struct xb_config *config, const struct xb_notes *notes,
			   const struct xb_hist *h, const char *base_tag, struct xb_words *out) XB_MUST_CHECK;
void xb_words_release(struct xb_words *w);
const char *xb_source_name(enum xb_source level);

#endif
