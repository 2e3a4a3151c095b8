/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tell.h"

#include "odb/git.h"
#include "util/address.h"
#include "util/alloc.h"

#include <string.h>

char *xb_tell_hash(const char *text)
{
	git_oid oid = {{0}};

	git_odb_hash(&oid, text, strlen(text), GIT_OBJECT_BLOB);
	return xb_strdup(xb_hex(&oid).s);
}

/*
 * By the matter, its state and the mail before it: a run that is repeated gives
 * the same, and what comes back later is another mail.
 */
static char *make_id(const struct xb_teller *w, const char *key, const char *fingerprint)
{
	XB_AUTOFREE char *text = xb_asprintf("%s\n%s\n%s\n%s", w->k->target, key, fingerprint, w->last);
	XB_AUTOFREE char *h = xb_tell_hash(text);

	return xb_asprintf("xsabot.%s.%.24s@%s", *w->k->target ? w->k->target : "bot", h,
			   xb_address_domain(w->c->mail.from));
}

/*
 * Each is there for those who lack the ones before it: the thread's first mail
 * may have gone to the other list, or be in a digest. Clients that know all of them
 * show the same thread.
 */
static char *references(const struct xb_known *k, const struct xb_telling *how)
{
	const struct xb_known_matter *m = how->matter;
	const char *const ids[] = {k->thread, how->announce ? k->announce_root : k->to_root,
				   m ? m->first : "", m ? m->digest : ""};
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (*ids[i] && (!b.n || !strstr(b.p, ids[i])))
			xb_buf_addf(&b, "%s<%s>", b.n ? " " : "", ids[i]);
	return xb_buf_detach(&b);
}

/* What later mails refer to. */
static void note_id(struct xb_teller *w, const struct xb_telling *how, const char *id)
{
	char **root = how->announce ? &w->k->announce_root : &w->k->to_root;

	if (!*w->k->thread && *w->k->target)
		xb_text_set(&w->k->thread, id);
	if (!**root && *w->k->target)
		xb_text_set(root, id);
	xb_text_set(&w->k->last, id);
	if (!how->matter)
		return;
	if (!*how->matter->first)
		xb_text_set(&how->matter->first, id);
	how->matter->mailed = w->now;
}

struct xb_err *xb_tell(struct xb_teller *w, const struct xb_telling *how, const struct xb_fields *f,
		       struct xb_notice **out)
{
	XB_AUTOFREE char *text = NULL;
	struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;
	struct xb_notice *n;

	XB_TRY(xb_template_load(w->c->mail.templates, how->template, &text));
	xb_template_fill(text, f, &subject, &body);
	n = XB_PUSH(w->out, v, n, cap);
	*n = (struct xb_notice){.target = xb_strdup(w->k->target),
				.line = xb_strdup(w->facts ? w->facts->in->target->line : ""),
				.announce = how->announce,
				.status = how->status,
				.key = xb_strdup(how->key),
				.subject = xb_buf_detach(&subject),
				.body = xb_buf_detach(&body),
				.id = make_id(w, how->key, how->fingerprint),
				.references = references(w->k, how),
				.what = xb_strdup(how->matter ? how->matter->what : ""),
				.ref = xb_strdup(w->facts ? w->facts->in->target->derived_ref : ""),
				.old_rev = xb_strdup(""),
				.new_rev = xb_strdup("")};
	note_id(w, how, n->id);
	if (out)
		*out = n;
	return NULL;
}

void xb_tell_since(struct xb_fields *f, const struct xb_known_matter *m)
{
	xb_field_set(f, "since", xb_time_text(m->since));
}

struct xb_known_matter *xb_tell_worth(struct xb_teller *w, const char *key, const char *fingerprint,
				      const char *before, bool *reminder)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);

	*reminder = false;
	xb_strv_add_new(&w->held, key);
	if (!m) {
		m = xb_known_add(w->k, key);
		m->since = w->now;
	} else if (!strcmp(m->fingerprint, fingerprint) || (before && !strcmp(m->fingerprint, before))) {
		xb_text_set(&m->fingerprint, fingerprint);
		*reminder = w->c->mail.remind && w->now - m->mailed >= (int64_t)w->c->mail.remind;
		m->reminders += *reminder;
		return *reminder ? m : NULL;
	}
	m->reminders = 0;
	xb_text_set(&m->fingerprint, fingerprint);
	return m;
}

/* The state that a mail is about: a reminder is another mail than the first. */
char *xb_tell_state(const struct xb_known_matter *m)
{
	return m->reminders ? xb_asprintf("%s reminder %u", m->fingerprint, m->reminders)
			    : xb_strdup(m->fingerprint);
}
