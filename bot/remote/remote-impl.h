/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two parts of a conversation share; only for remote.c, which leads it,
 * and remote-callbacks.c, where libgit2 asks and tells.
 */
#ifndef XB_REMOTE_IMPL_H
#define XB_REMOTE_IMPL_H

#include "config/url.h"
#include "local.h"
#include "remote.h"
#include "util/buf.h"

/* As much as is told to people of what the other side says. */
#define XB_SAID_MAX 400

struct xb_remote {
	const struct xb_remote_conf *conf;
	struct xb_url url;
	struct xb_local local;
	git_repository *repo;
	git_remote *remote;
	git_remote_callbacks callbacks;
	struct xb_remote_refs refs;
	unsigned logins;      /* how often we were asked for one */
	char *why;            /* our own reason for giving up; NULL: none */
	char *fingerprint;    /* of the host key that was offered */
	struct xb_buf said;   /* the other side's words, cut */
	struct xb_push *push; /* what is under way */
	size_t n_push;
};

/* Fills in r->callbacks. R stays where it is. */
void xb_remote_set_callbacks(struct xb_remote *r);
/* TEXT, safe to show, and no longer than people read: a server may say 64 KiB of each ref. Owned. */
char *xb_remote_shown(const char *text);

#endif
