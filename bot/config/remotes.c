/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remotes.h"

#include "url.h"
#include "util/alloc.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* The name under which the upstream keeps its files, beside those of mirrors. */
#define UPSTREAM "upstream"

static unsigned seconds_of(const struct xb_scope *s, enum xb_key key)
{
	return xb_period_of(xb_setting_own(s, key));
}

static bool yes(const struct xb_scope *s, enum xb_key key)
{
	return !strcmp(xb_setting_own(s, key), "yes");
}

static struct xb_remote_conf remote_conf(const struct xb_scope *s, const char *name, enum xb_key url)
{
	return (struct xb_remote_conf){
	    .name = xb_strdup(name),
	    .url = xb_strdup(xb_setting_own(s, url)),
	    .key = xb_strdup(xb_setting_own(s, XB_K_KEY)),
	    .known_hosts = xb_strdup(xb_setting_own(s, XB_K_KNOWN_HOSTS)),
	    .ca = xb_strdup(xb_setting_own(s, XB_K_CA)),
	    .timeout = seconds_of(s, XB_K_TIMEOUT),
	    .is_private = yes(s, XB_K_PRIVATE),
	};
}

static bool given(const struct xb_scope *s, enum xb_key key)
{
	return s->set[key].texts.n;
}

/* The line of the file where KEY was set in S, or that of its heading. */
static unsigned line_of(const struct xb_scope *s, enum xb_key key)
{
	return given(s, key) ? s->set[key].line[0] : s->line;
}

static void refuse(struct xb_config_reader *r, const struct xb_scope *s, const char *heading, enum xb_key key,
		   enum xb_url_kind kind)
{
	static const char *const names[] = {"a path", "ssh", "https"};

	if (given(s, key))
		xb_mistake(&r->m, line_of(s, key), "[%s] %s: has no use with %s; allowed: with %s", heading,
			   xb_key_name(key), names[kind], key == XB_K_CA ? "https" : "ssh");
}

/* What the URL's kind asks for. */
static void check_kind(struct xb_config_reader *r, const struct xb_scope *s, const char *heading,
		       enum xb_key url)
{
	struct xb_url u = {0};

	free(xb_url_parse(xb_setting_own(s, url), &u)); /* checked where it stands */
	if (u.kind == XB_URL_SSH && (!given(s, XB_K_KEY) || !given(s, XB_K_KNOWN_HOSTS)))
		xb_mistake(&r->m, line_of(s, url),
			   "[%s] %s: ssh needs 'key' and 'known-hosts' as well; allowed: with both", heading,
			   xb_key_name(url));
	if (u.kind != XB_URL_SSH)
		refuse(r, s, heading, XB_K_KNOWN_HOSTS, u.kind);
	if (u.kind != XB_URL_HTTPS)
		refuse(r, s, heading, XB_K_CA, u.kind);
	if (u.kind == XB_URL_PATH)
		refuse(r, s, heading, XB_K_KEY, u.kind);
	xb_url_release(&u);
}

static void resolve_mirror(struct xb_config_reader *r, const struct xb_scope *s)
{
	XB_AUTOFREE char *heading = xb_asprintf("mirror %s", s->name);

	if (!strcmp(s->name, UPSTREAM))
		xb_mistake(&r->m, s->line, "[%s]: that is the name of [repository] upstream; allowed: others",
			   heading);
	if (!given(s, XB_K_URL))
		xb_mistake(&r->m, s->line, "[%s] url: is missing; allowed: /PATH, ssh://..., https://...",
			   heading);
	else if (!s->set[XB_K_URL].bad)
		check_kind(r, s, heading, XB_K_URL);
	*XB_PUSH(&r->c->mirrors, v, n, cap) = remote_conf(s, s->name, XB_K_URL);
}

static void resolve_upstream(struct xb_config_reader *r)
{
	static const enum xb_key with[] = {XB_K_KEY, XB_K_KNOWN_HOSTS, XB_K_CA, XB_K_TIMEOUT, XB_K_POLL};
	const struct xb_scope *s = &r->common;

	r->c->poll = seconds_of(s, XB_K_POLL);
	if (!xb_is_none(xb_setting_own(s, XB_K_UPSTREAM))) {
		check_kind(r, s, "repository", XB_K_UPSTREAM);
		r->c->upstream = xb_calloc(1, sizeof *r->c->upstream);
		*r->c->upstream = remote_conf(s, UPSTREAM, XB_K_UPSTREAM);
		return;
	}
	for (size_t i = 0; !s->set[XB_K_UPSTREAM].bad && i < sizeof with / sizeof *with; i++)
		if (given(s, with[i]))
			xb_mistake(&r->m, line_of(s, with[i]),
				   "[repository] %s: has no use without 'upstream'; allowed: with it",
				   xb_key_name(with[i]));
}

void xb_config_remotes_resolve(struct xb_config_reader *r)
{
	r->c->is_private = yes(&r->common, XB_K_PRIVATE);
	resolve_upstream(r);
	for (size_t i = 0; i < r->mirrors.n; i++)
		resolve_mirror(r, &r->mirrors.v[i]);
}

static void remote_release(struct xb_remote_conf *m)
{
	free(m->name);
	free(m->url);
	free(m->key);
	free(m->known_hosts);
	free(m->ca);
}

void xb_config_remotes_release(struct xb_config *c)
{
	for (size_t i = 0; i < c->mirrors.n; i++)
		remote_release(&c->mirrors.v[i]);
	free(c->mirrors.v);
	if (c->upstream)
		remote_release(c->upstream);
	free(c->upstream);
}
