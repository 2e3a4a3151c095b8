/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preview.h"

#include "notice.h"
#include "occasions.h"
#include "outbox/sender.h"

#include <string.h>
#include <time.h>

static struct xb_err *print(const struct xb_config *c, const struct xb_notices *notices,
			    const struct xb_posts *posts, int64_t now, struct xb_buf *out)
{
	for (size_t i = 0; i < posts->n; i++) {
		struct xb_outbox_entry e = {0};
		struct xb_err *err = xb_post_entry(c, notices, &posts->v[i], now, &e);

		if (!err)
			err = xb_sender_show(&e.message, out);
		xb_outbox_entry_release(&e);
		if (err)
			return err;
		xb_buf_addc(out, '\n');
	}
	return NULL;
}

struct xb_err *xb_preview(const struct xb_publish_facts *facts, bool fresh, struct xb_buf *out)
{
	const struct xb_config *c = facts->in->config;
	const int64_t now = xb_now_s();
	struct xb_notices notices = {0};
	struct xb_posts posts = {0};
	struct xb_known_file file = {0};
	struct xb_known k;
	struct xb_err *err = fresh ? NULL : xb_known_open(c->state_dir, &file);

	if (fresh || err)
		xb_known_init(&k, facts->in->target->name);
	else
		xb_known_get(&file, facts->in->target->name, &k);
	xb_known_file_release(&file);
	if (!err)
		err = xb_occasions_look(c, facts, now, &k, &notices);
	if (!err) {
		xb_posts_make(c, &notices, &posts);
		err = print(c, &notices, &posts, now, out);
	}
	xb_posts_release(&posts);
	xb_notices_release(&notices);
	xb_known_release(&k);
	return err;
}
