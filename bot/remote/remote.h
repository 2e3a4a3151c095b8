/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A conversation with another repository, through libgit2: over ssh, https, or
 * with a path. libgit2 1.5 waits for ever, so this belongs into a task's child
 * (task.h): a SIGALRM that comes when the other side has been silent for too
 * long cuts the connection, HOME becomes a directory of our own, and no
 * configuration, agent or known_hosts file of a user is ever read.
 *
 * One after the other: xb_remote_open, which reads the refs that are there;
 * xb_remote_push or xb_remote_fetch, once; xb_remote_free. Errors have two
 * codes: XB_E_TEMP, it may work later; XB_E_CONFIG, a person has to look (the
 * host key, the login, the repository). What the other side says is in their
 * texts, made safe.
 */
#ifndef XB_REMOTE_H
#define XB_REMOTE_H

#include "config/config.h"

#include <git2.h>

struct xb_remote;

enum xb_remote_for { XB_REMOTE_PUSH, XB_REMOTE_FETCH };

struct xb_remote_ref {
	char *name;
	git_oid oid;
};

struct xb_remote_refs {
	struct xb_remote_ref *v; /* sorted by name */
	size_t n, cap;
};

/* So many refs with such names are dealt with, more than anyone has. */
enum { XB_REMOTE_REFS_MAX = 20000, XB_REMOTE_NAME_MAX = 512 };

/* The ref NAME, or NULL. */
const struct xb_remote_ref *xb_remote_refs_find(const struct xb_remote_refs *refs, const char *name);

/*
 * Connects. HOME is a directory of ours, made here. REPO and CONF are borrowed
 * until the end.
 */
struct xb_err *xb_remote_open(const struct xb_remote_conf *conf, const char *home, git_repository *repo,
			      enum xb_remote_for what, struct xb_remote **out) XB_MUST_CHECK;
void xb_remote_free(struct xb_remote *r);
XB_HANDLE(xb_remote)

/* What was there when we connected; the remote's. */
const struct xb_remote_refs *xb_remote_list(const struct xb_remote *r);
/* Where NAME was; zero: not there. */
git_oid xb_remote_value(const struct xb_remote *r, const char *name);

/* A ref to move there. */
struct xb_push {
	const char *ref; /* the same name here and there; borrowed */
	git_oid from;    /* where it is there; zero: nowhere. The server checks this */
	git_oid to;      /* where it is here */
	bool force;      /* not only forward */
	bool done;       /* the other side says that it is so */
	char *refused;   /* else what the other side says; owned */
	bool race;       /* ... which means that somebody was quicker, or holds the ref's lock */
};

/*
 * Moves N refs there; each has its own result. An error: any of them may have
 * moved, or none; that of a ref that moved here or there since is XB_E_TEMP.
 */
struct xb_err *xb_remote_push(struct xb_remote *r, struct xb_push *v, size_t n) XB_MUST_CHECK;
/* Brings the objects of the N refs here; moves no ref. */
struct xb_err *xb_remote_fetch(struct xb_remote *r, char *const *refs, size_t n) XB_MUST_CHECK;

#endif
