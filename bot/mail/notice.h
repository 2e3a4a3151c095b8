/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thing to tell, ready but for the recipient: what notify.c finds and
 * post.c puts into the outbox.
 */
#ifndef XB_MAIL_NOTICE_H
#define XB_MAIL_NOTICE_H

#include "known.h"
#include "outbox/outbox.h"
#include "util/buf.h"

struct xb_notice {
	char *target;       /* "4.17", "" for the bot itself */
	char *line;         /* whose lists get it; "" */
	bool announce;      /* for [mail] announce instead of to */
	const char *status; /* "HELD" ...: static */
	char *what;         /* advisories or what else it is about */
	char *key;          /* of its matter; "" */
	char *subject, *body;
	char *id;                      /* its Message-ID, without <> */
	char *references;              /* "<ID> <ID>", oldest first, the last is what it answers; "" */
	char *ref, *old_rev, *new_rev; /* the derived ref and what it was and is; "" */
	struct xb_strv people;         /* addresses from MAINTAINERS */
};

struct xb_notices {
	struct xb_notice *v;
	size_t n, cap;
};

void xb_notices_release(struct xb_notices *n);

/* One mail to one recipient: a notice, or several as a digest. */
struct xb_post {
	char *to;
	char *reason; /* why they get it */
	char *digest; /* Message-ID of the digest; "": it is none */
	size_t *v;    /* indices of the notices */
	size_t n, cap;
};

struct xb_posts {
	struct xb_post *v;
	size_t n, cap;
};

/* Who gets which: each recipient's notices, as one digest when they are about several lines. */
void xb_posts_make(const struct xb_config *c, const struct xb_notices *notices, struct xb_posts *out);
void xb_posts_release(struct xb_posts *p);
/* The mail of post P: SUBJECT and BODY appended to, footer and all. */
struct xb_err *xb_post_text(const struct xb_config *c, const struct xb_notices *notices,
			    const struct xb_post *p, struct xb_buf *subject,
			    struct xb_buf *body) XB_MUST_CHECK;
/* The same as a message in an entry of the outbox. */
struct xb_err *xb_post_entry(const struct xb_config *c, const struct xb_notices *notices,
			     const struct xb_post *p, int64_t now, struct xb_outbox_entry *out) XB_MUST_CHECK;

#endif
