/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail.h"

#include "util/address.h"
#include "util/alloc.h"

#include <ctype.h>
#include <string.h>

#define BETWEEN " \t,"

/* ---- single values ---- */

static size_t next_item(const char **s, const char **item)
{
	size_t n;

	*item = *s + strspn(*s, BETWEEN);
	n = strcspn(*item, BETWEEN);
	*s = *item + n;
	return n;
}

char *xb_value_mailbox(const char *text, const struct xb_value_spec *spec)
{
	XB_AUTOFREE char *name = NULL;
	XB_AUTOFREE char *address = NULL;

	(void)spec;
	if (xb_mailbox_parse(text, &name, &address))
		return NULL;
	return xb_asprintf("'%s' is no sender; allowed: NAME@DOMAIN, or WORDS <NAME@DOMAIN> without quotes",
			   text);
}

char *xb_value_address(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (xb_address_ok(text, strlen(text)))
		return NULL;
	return xb_asprintf("'%s' is no mail address; allowed: NAME@DOMAIN of plain ASCII", text);
}

static char *each(const char *text, const char *what, bool (*ok)(const char *s, size_t n))
{
	const char *item;
	size_t n, count = 0;

	for (; (n = next_item(&text, &item)); count++)
		if (!ok(item, n))
			return xb_asprintf("'%.*s' is no %s of plain ASCII; allowed: some, with blanks or "
					   "commas between them",
					   (int)n, item, what);
	return count ? NULL : xb_asprintf("there is none; allowed: at least one %s", what);
}

char *xb_value_addresses(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	return each(text, "address NAME@DOMAIN", xb_address_ok);
}

char *xb_value_domain(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	return xb_domain_ok(text, strlen(text))
		   ? NULL
		   : xb_asprintf("'%s' is no name such as xsabot.example.org; allowed: labels of letters, "
				 "digits and dashes",
				 text);
}

char *xb_value_domains(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	return each(text, "domain", xb_domain_ok);
}

static bool port_ok(const char *s)
{
	unsigned long n = 0;

	if (!*s || strlen(s) > 5)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (unsigned long)(*s - '0');
	}
	return n && n < 65536;
}

/* HOST or [ADDRESS], and perhaps :PORT. */
static bool host_port_ok(const char *s)
{
	const char *end;

	if (*s == '[') {
		end = strchr(s, ']');
		if (!end || end == s + 1 ||
		    strspn(s + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - s - 1))
			return false;
		end++;
	} else {
		end = s + strcspn(s, ":");
		if (!xb_domain_ok(s, (size_t)(end - s)))
			return false;
	}
	return !*end || (*end == ':' && port_ok(end + 1));
}

char *xb_value_transport(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if ((*text == '/' && text[1] && !strpbrk(text, " \t")) ||
	    (!strncmp(text, "smtp://", 7) && host_port_ok(text + 7)) ||
	    (!strncmp(text, "smtps://", 8) && host_port_ok(text + 8)))
		return NULL;
	return xb_asprintf("'%s' is no way to send mail; allowed: smtp://HOST[:PORT], smtps://HOST[:PORT], "
			   "or the path of a sendmail program",
			   text);
}

char *xb_value_secret(const char *text, const struct xb_value_spec *spec)
{
	const char *name = strncmp(text, "credential:", 11) ? NULL : text + 11;

	(void)spec;
	if (!*text || (*text == '/' && text[1]))
		return NULL;
	if (name && *name && *name != '.' &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(name))
		return NULL;
	return xb_asprintf("'%s' is no place of a secret; allowed: /FILE, or credential:NAME", text);
}

char *xb_value_word(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	for (const char *s = text; *s; s++)
		if (*s <= ' ' || *s > '~')
			return xb_asprintf("'%s' has a blank or a character that is no plain ASCII; allowed: "
					   "a word of ASCII",
					   text);
	return NULL;
}

/* ---- from texts to fields ---- */

static void add_items(const struct xb_setting *s, bool lower, struct xb_strv *to)
{
	for (size_t i = 0; s && !s->bad && i < s->texts.n; i++) {
		const char *text = s->texts.v[i], *item;
		size_t n;

		while ((n = next_item(&text, &item))) {
			XB_AUTOFREE char *one = xb_memdup0(item, n);

			for (char *c = one; lower && *c; c++)
				*c = (char)tolower((unsigned char)*c);
			if (!xb_strv_has(to, one))
				xb_strv_add(to, one);
		}
	}
}

/* Seconds; "never" is 0. */
static unsigned period_of(const struct xb_config_reader *r, enum xb_key key)
{
	return xb_period_of(xb_setting_text(r, &r->common, key));
}

static char *text_of(const struct xb_config_reader *r, enum xb_key key)
{
	const char *text = xb_setting_text(r, &r->common, key);

	return xb_strdup(text ? text : "");
}

static const struct xb_setting *given(const struct xb_config_reader *r, enum xb_key key)
{
	return r->common.set[key].texts.n ? &r->common.set[key] : NULL;
}

static void resolve_sender(struct xb_config_reader *r, struct xb_mail_conf *m)
{
	const char *from = xb_setting_text(r, &r->common, XB_K_MAIL_FROM);

	if (!from || !xb_mailbox_parse(from, &m->from_name, &m->from)) {
		m->from_name = xb_strdup("");
		m->from = xb_strdup("");
	}
	m->contact = text_of(r, XB_K_MAIL_CONTACT);
	m->list_id = text_of(r, XB_K_MAIL_LIST_ID);
	if (!*m->contact) {
		free(m->contact);
		m->contact = xb_strdup(m->from);
	}
	if (!*m->list_id && *m->from) {
		free(m->list_id);
		m->list_id = xb_asprintf("xsabot.%s", xb_address_domain(m->from));
	}
}

static unsigned line_of(const struct xb_config_reader *r, enum xb_key key)
{
	const struct xb_setting *s = &r->common.set[key];

	return s->texts.n ? s->line[0] : r->mail_line;
}

/* What each of several keys allows alone but not beside the others. */
static void check_together(struct xb_config_reader *r, const struct xb_mail_conf *m)
{
	const struct xb_setting *user = given(r, XB_K_MAIL_USER), *secret = given(r, XB_K_MAIL_SECRET);
	bool any = given(r, XB_K_MAIL_TO) || given(r, XB_K_MAIL_ANNOUNCE);

	for (size_t i = 0; i < r->lines.n; i++)
		any = any || r->lines.v[i].set[XB_K_LINE_MAIL_TO].texts.n;
	if (!given(r, XB_K_MAIL_FROM))
		xb_mistake(&r->m, r->mail_line,
			   "[mail] from: missing; allowed: the address that mail comes from");
	if (!any)
		xb_mistake(&r->m, r->mail_line,
			   "[mail] to: nobody gets mail; allowed: to, announce, or mail-to of a line");
	if (m->maintainers && !given(r, XB_K_MAIL_DOMAINS))
		xb_mistake(&r->m, line_of(r, XB_K_MAIL_MAINTAINERS),
			   "[mail] maintainers: needs maintainers-domains; allowed: yes beside it, or no");
	if (!user != !secret)
		xb_mistake(&r->m, (user ? user : secret)->line[0],
			   "[mail] %s: needs %s as well; allowed: both or none", user ? "user" : "secret",
			   user ? "secret" : "user");
	if (*m->transport == '/' && (user || secret || given(r, XB_K_MAIL_CA) || given(r, XB_K_MAIL_TLS)))
		xb_mistake(
		    &r->m, line_of(r, XB_K_MAIL_TRANSPORT),
		    "[mail] transport: a program takes no user, secret, tls or ca; allowed: these with "
		    "smtp:// or smtps://");
}

static void resolve_line_lists(struct xb_config_reader *r)
{
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct xb_setting *s = &r->lines.v[i].set[XB_K_LINE_MAIL_TO];

		add_items(s, false, &r->c->overrides.v[i].conf.mail_to);
		if (s->texts.n && !r->mail_line)
			xb_mistake(&r->m, s->line[0],
				   "[line %s] mail-to: there is no [mail] section; allowed: beside one",
				   r->lines.v[i].name);
	}
}

void xb_config_mail_resolve(struct xb_config_reader *r)
{
	struct xb_mail_conf *m = &r->c->mail;

	resolve_line_lists(r);
	m->on = r->mail_line != 0;
	m->closed = r->c->is_private && !xb_setting_choice(r, &r->common, XB_K_MAIL_PRIVATE);
	resolve_sender(r, m);
	add_items(given(r, XB_K_MAIL_TO), false, &m->to);
	add_items(given(r, XB_K_MAIL_ANNOUNCE), false, &m->announce);
	add_items(given(r, XB_K_MAIL_DOMAINS), true, &m->maintainer_domains);
	m->maintainers = xb_setting_choice(r, &r->common, XB_K_MAIL_MAINTAINERS);
	m->transport = text_of(r, XB_K_MAIL_TRANSPORT);
	m->tls_required = xb_setting_choice(r, &r->common, XB_K_MAIL_TLS);
	m->ca = text_of(r, XB_K_MAIL_CA);
	m->user = text_of(r, XB_K_MAIL_USER);
	m->secret = text_of(r, XB_K_MAIL_SECRET);
	m->timeout = period_of(r, XB_K_MAIL_TIMEOUT);
	m->remind = period_of(r, XB_K_MAIL_REMIND);
	m->cap = (unsigned)strtoul(xb_setting_text(r, &r->common, XB_K_MAIL_CAP), NULL, 10);
	m->failing = period_of(r, XB_K_MAIL_FAILING);
	m->templates = text_of(r, XB_K_MAIL_TEMPLATES);
	if (m->on)
		check_together(r, m);
	m->on &= !m->closed;
	m->maintainers &= !r->c->is_private; /* whom a tree names was not marked by anyone */
}

void xb_config_mail_release(struct xb_mail_conf *m)
{
	char *const texts[] = {m->from_name, m->from, m->contact, m->list_id,  m->transport,
			       m->ca,        m->user, m->secret,  m->templates};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	xb_strv_release(&m->to);
	xb_strv_release(&m->announce);
	xb_strv_release(&m->maintainer_domains);
}
