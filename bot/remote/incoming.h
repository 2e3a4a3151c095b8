/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fetch brings, on its way into the repository: the pack is received in a
 * directory of our own and placed under a `.keep` (publish/keep.h), which goes
 * when the refs have moved. Otherwise a `git gc` in between would take what no ref
 * reaches yet. Order of calls: begin, fetch, place, move the refs, end.
 */
#ifndef XB_INCOMING_H
#define XB_INCOMING_H

#include "config/config.h"
#include "publish/vault.h"
#include "util/strv.h"

struct xb_incoming {
	struct xb_vault *vault;
	char *objects;        /* where packs are received */
	struct xb_strv packs; /* names, once they are placed */
};

/* From here on what is fetched by REPO is received; what an earlier fetch left goes. Release IN in each case.
 */
struct xb_err *xb_incoming_begin(const struct xb_config *c, git_repository *repo,
				 struct xb_incoming *in) XB_MUST_CHECK;
struct xb_err *xb_incoming_place(struct xb_incoming *in) XB_MUST_CHECK;
struct xb_err *xb_incoming_end(struct xb_incoming *in) XB_MUST_CHECK;
void xb_incoming_release(struct xb_incoming *in);

#endif
