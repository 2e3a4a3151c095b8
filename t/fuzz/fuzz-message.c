/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer, and for fuzz-replay.c: any bytes as a raw commit. They give
 * facts or an error; a commit that can be read can be derived from, and what
 * is derived can be read again with the same author.
 */
#include "classify/message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct xb_rules *rules(void)
{
	static struct xb_rules *r;
	struct xb_config *c = NULL;

	if (r)
		return r;
	if (xb_config_load(NULL, &c) || xb_rules_compile(c, &r))
		abort();
	xb_config_free(c);
	return r;
}

static void check_derived(const struct xb_commit *c)
{
	static const git_oid id = {{1}};
	struct xb_derive_options o = {
	    .source = &id, .tree = &id, .parent = &id, .name = "n", .email = "e", .role = "security"};
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOCOMMIT struct xb_commit again = XB_COMMIT_INIT;

	if (xb_commit_derive(c, &o, &b))
		abort();
	if (xb_commit_parse(b.p, b.n, &again))
		abort();
	if (c->author.raw.p && again.author.time != c->author.time)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOMESSAGE struct xb_message m = {.subject = NULL};
	XB_AUTOERR struct xb_err *err = xb_commit_parse(data, size, &c);

	if (err)
		return 0;
	check_derived(&c);
	err = xb_message_parse(rules(), &c, &m);
	if (!err && (!m.subject || (m.revert_depth && !m.reverted_subject)))
		abort();
	return 0;
}
