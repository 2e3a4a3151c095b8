/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets what, and the letters of it: of one thing that there is to tell, or of
 * all for one recipient, where it is about several lines.
 */
#ifndef XB_MAIL_LETTERS_H
#define XB_MAIL_LETTERS_H

#include "known.h"
#include "odb/store.h"
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
struct xb_letters_one {
	char *to;
	char *reason; /* why they get it */
	char *digest; /* Message-ID of the digest; "": it is none */
	size_t *v;    /* indices of the notices */
	size_t n, cap;
};

struct xb_letters {
	struct xb_letters_one *v;
	size_t n, cap;
};

/* Who gets which: each recipient's notices, as one digest when they are about several lines. */
void xb_letters_make(const struct xb_config *c, const struct xb_notices *notices, struct xb_letters *out);
void xb_letters_release(struct xb_letters *p);
/* The letter P (outbox/letter.h), footer and all, in an entry of the outbox. */
struct xb_err *xb_letters_entry(const struct xb_config *c, const struct xb_notices *notices,
				const struct xb_letters_one *p, int64_t now,
				struct xb_outbox_entry *out) XB_MUST_CHECK;

/*
 * Who looks after a file, by the MAINTAINERS file of the tree itself (the format
 * of Linux and Xen: sections with M:, F: and X: lines). The file is untrusted:
 * only well-formed addresses in the domains that the configuration allows come
 * out of it, and only a few. Adds to OUT the people of PATHS in the tree ROOT;
 * without the file: nobody.
 */
struct xb_err *xb_letters_people(struct xb_store *s, const git_oid *root, const struct xb_strv *paths,
				 const struct xb_strv *domains, struct xb_strv *out) XB_MUST_CHECK;
/* The same from the N bytes at TEXT. */
void xb_letters_match(const char *text, size_t n, const struct xb_strv *paths, const struct xb_strv *domains,
		      struct xb_strv *out);

#endif
