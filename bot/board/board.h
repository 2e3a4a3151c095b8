/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board on which a plan is made: the commits of the window, what is known of
 * each, which are in the branch so far, and the tree of that. It is filled by the
 * walk (plan/) and read by the searches (meaning/, discover/); it knows neither.
 */
#ifndef XB_BOARD_H
#define XB_BOARD_H

#include "evidence.h"
#include "blame/names.h"
#include "blame/owners.h"
#include "blame/past.h"
#include "classify/annotate.h"
#include "lines/lines.h"
#include "pick/pick.h"
#include "util/hashmap.h"

/*
 * Where a commit was seen to conflict: at these paths the tip had these
 * entries. A pick is decided name by name, so that while the tip has one of
 * them the commit conflicts again, whatever else has changed; it need not be
 * tried. Noted are conflicts of the three files of one path alone; what came of
 * missing paths, renames, additions, attributes is tried again each time.
 */

struct xb_clashes {
	struct xb_clash {
		char *path;
		struct xb_entry ours; /* its name is not set */
	} * v;
	size_t n, cap;
};

/* FAILED: how a pick of the commit went. It takes the place of what was noted before. */
void xb_clashes_note(struct xb_clashes *c, const struct xb_pick *failed);
/* Must a pick of the commit onto the tree TIP fail? *OUT false: it must be tried. */
struct xb_err *xb_clashes_stand(const struct xb_clashes *c, struct xb_store *s, const git_oid *tip,
				bool *out) XB_MUST_CHECK;
void xb_clashes_release(struct xb_clashes *c);

enum xb_fate {
	XB_FATE_NONE, /* not in the branch */
	XB_FATE_PICKED,
	XB_FATE_EMPTY, /* was there already */
	XB_FATE_EXCLUDED,
	XB_FATE_PENDING,  /* security or follow-up, set aside because it doesn't apply */
	XB_FATE_REVERTED, /* was pending, and staging reverted it */
};

/* What a commit repairs: a commit of the window, a fix that the base has, or an advisory as a whole. */
struct xb_repairs {
	enum xb_evidence_kind kind;
	size_t window; /* index, or SIZE_MAX */
	git_oid oid;   /* of the commit; zero for an advisory */
	char *advisory;
	struct xb_strv advisories; /* of what is repaired */
	bool reverts;              /* wholly */
	char *words;               /* that say so, for people */
};

/* Window indices. */
struct xb_indices {
	size_t *v;
	size_t n, cap;
};

struct xb_candidate {
	struct xb_words words;
	bool tagged;               /* security by tag or annotation, and not excluded */
	bool excluded;             /* or withdrawn */
	struct xb_strv advisories; /* of a tagged or excluded one */
	struct xb_strv aliases;
	struct {
		struct xb_repairs *v;
		size_t n, cap;
	} repairs;
	size_t undoes; /* the commit of the window that it reverts wholly, by its message; SIZE_MAX: none */
	struct xb_indices declared; /* what its "Cc: stable # line: id" names */
	struct xb_owners owners;    /* see owners.h; whose lines it changes */
	bool owners_known;
	struct xb_base_owners base_owners; /* of one that repairs fixes of the base */
	struct xb_indices changers;        /* those that change lines of it */
	size_t changers_upto;              /* commits before this one were looked at */
	size_t part_of;                    /* the picked fix whose series it goes on with; SIZE_MAX: none */
	bool optional;                     /* wanted by a guess: left out, and told, where it doesn't apply */
	bool alone;                        /* by one that may bring no other commits along */
	enum xb_fate fate;
	size_t pick;               /* its place among the picks, for XB_FATE_PICKED */
	struct xb_clashes clashes; /* of its last pick that failed */
};

struct xb_board {
	/* Of the plan, borrowed while it is made. */
	git_repository *repo;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_target *target;
	struct xb_store *store;
	struct xb_picker *picker;
	const struct xb_window *window;
	struct xb_strv *warnings;
	struct xb_strv *incomplete; /* advisories of which a part that is known could not be picked */

	struct xb_plan_options options;
	unsigned rules_version;
	git_oid base_tree;
	int64_t base_time;

	struct xb_candidate *c; /* owned; one for each commit of the window */
	struct xb_past *past;   /* owned */
	struct xb_indices picked;
	size_t at;     /* the walk's place: commits up to this one may be looked at */
	git_oid tip;   /* tree of the chain so far */
	uint64_t work; /* that searches did, in bytes of files merged; see discover.h */

	/* Made when first asked for. */
	struct xb_blame *blame;
	struct xb_hashmap touched; /* hashes of the paths of the picks before touched_upto */
	size_t touched_upto;
};

/* What only the walk needed; what is left is what a longer walk goes on from. */
void xb_board_rest(struct xb_board *board);
/* Frees all, of a window of N commits. */
void xb_board_release(struct xb_board *board, size_t n);

/* Version 2 of the rules looks for all of a fix: its series, silent repairs, changed definitions. */
static inline bool xb_finds_whole(const struct xb_board *board)
{
	return board->rules_version >= 2;
}

static inline bool xb_in_branch(const struct xb_candidate *c)
{
	return c->fate == XB_FATE_PICKED || c->fate == XB_FATE_EMPTY;
}

/* An annotation names an advisory, or a commit: 7 hex digits or more. */
bool xb_seen_like_id(const char *s);
/*
 * Does VALUE (an advisory or a commit id) name commit I? FIRST: advisories count only before their first
 * pick.
 */
bool xb_board_names(const struct xb_board *board, const char *value, size_t i, bool first);
/* Who touched what in the window. Borrowed. */
struct xb_blame *xb_board_blame(struct xb_board *board);
/* The first path that commits I and J both change and that is no bookkeeping; NULL: none. Borrowed. */
struct xb_err *xb_board_shared_path(struct xb_board *board, size_t i, size_t j,
				    const char **out) XB_MUST_CHECK;
/* TEXT, which is taken over, is to be told with the plan. */
void xb_board_warn(struct xb_board *board, char *text);
/* Frees what R owns. */
void xb_repairs_free(struct xb_repairs *r);

/*
 * Bookkeeping: files in which every commit writes, a changelog, release notes, a
 * version, as [rules] bookkeeping names them. Where such a file conflicts, the
 * branch keeps its own text there, and that is no conflict; so it never makes a
 * prerequisite.
 */

/*
 * Picks the change from the tree FROM to the tree *TO onto TIP. Where bookkeeping
 * conflicts, it is left out of the change: *TO is then the tree without it, and
 * KEPT, which may be NULL, gets the paths.
 */
struct xb_err *xb_bookkeeping_pick(struct xb_board *board, const git_oid *tip, const git_oid *from,
				   git_oid *to, struct xb_pick *out, struct xb_strv *kept) XB_MUST_CHECK;

#endif
