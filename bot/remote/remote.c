/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote.h"

#include "remote-impl.h"
#include "silence.h"
#include "trust.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- errors ---- */

static char *words_said(struct xb_remote *r)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	char more[XB_SAID_MAX];
	ssize_t n = r->local.said >= 0 ? pread(r->local.said, more, sizeof more, 0) : 0;

	if (n > 0 && !r->said.n)
		xb_buf_add(&r->said, more, (size_t)n);
	while (r->said.n && strchr("\n\r ", r->said.p[r->said.n - 1]))
		r->said.n--;
	for (size_t i = 0; i < r->said.n; i++)
		if (r->said.p[i] == '\n' || r->said.p[i] == '\r')
			r->said.p[i] = ' ';
	xb_vis(&text, r->said.p ? r->said.p : "", r->said.n, 0);
	return xb_buf_detach(&text);
}

/* Another place, or a refusal: trying again brings the same. */
static bool is_final_http(const char *text)
{
	return strstr(text, "redirect") || strstr(text, "status code: 4");
}

/* The other side looked at all that was sent, and will not have it; unless it is its disk. */
static bool is_refusal(const char *text, const char *said)
{
	return strstr(text, "unpacking the sent packfile failed") &&
	       !strstr(said, "No space left on device") && !strstr(said, "Disk quota exceeded");
}

static bool is_passing(int rc, int klass, const char *text)
{
	if ((klass == GIT_ERROR_HTTP || klass == GIT_ERROR_NET) && is_final_http(text))
		return false;
	if (rc == GIT_ECERTIFICATE || rc == GIT_EAUTH || rc == GIT_EUSER || rc == GIT_EEOF)
		return false;
	return klass == GIT_ERROR_NET || klass == GIT_ERROR_OS || klass == GIT_ERROR_SSH ||
	       klass == GIT_ERROR_NOMEMORY || klass == GIT_ERROR_SSL || klass == GIT_ERROR_HTTP;
}

static struct xb_err *key_unknown(const struct xb_remote *r)
{
	if (r->url.kind == XB_URL_HTTPS)
		return xb_err_new(XB_E_CONFIG, "its certificate is not good for %s", r->url.host);
	return xb_err_new(
	    XB_E_CONFIG,
	    "the key of host %s, %s, is none of those in %s: its key was changed, or someone else "
	    "answers there; nothing was sent",
	    r->url.host, r->fingerprint ? r->fingerprint : "unknown", r->conf->known_hosts);
}

/* The error of a call that returned RC. */
static struct xb_err *trouble(struct xb_remote *r, int rc)
{
	const git_error *last = git_error_last(); /* NULL or stale is possible in 1.5 */
	int klass = last ? last->klass : GIT_ERROR_NONE;
	const char *why = last && last->message ? last->message : "no reason given";
	XB_AUTOFREE char *line = xb_memdup0(why, strcspn(why, "\r\n")), *text = xb_remote_shown(line);
	XB_AUTOFREE char *said = words_said(r);

	git_error_clear();
	if (xb_silence_was())
		return xb_err_new(XB_E_TEMP, "no answer for %u seconds", r->conf->timeout);
	if (r->why)
		return xb_err_new(r->push ? XB_E_TEMP : XB_E_CONFIG, "%s", r->why);
	if (rc == GIT_ECERTIFICATE)
		return key_unknown(r);
	if (is_refusal(text, said))
		return xb_err_new(XB_E_CONFIG, "it refuses what was sent: %s",
				  *said ? said : "it does not say why");
	if (rc == GIT_EEOF || (*said && !is_passing(rc, klass, text)))
		return xb_err_new(XB_E_CONFIG, "it ended the conversation: %s", *said ? said : text);
	if (strstr(text, "Unable to exchange encryption keys"))
		return xb_err_new(XB_E_CONFIG,
				  "%s: it may not have a host key of the kind that %s has for it (Ed25519 "
				  "before ECDSA)",
				  text, r->conf->known_hosts);
	return xb_err_new(is_passing(rc, klass, text) ? XB_E_TEMP : XB_E_CONFIG, "%s%s%s (libgit2: %d)", text,
			  *said ? "; it says: " : "", said, rc);
}

/* ---- connecting ---- */

static struct xb_err *make_home(const struct xb_remote *r, const char *home)
{
	if (setenv("HOME", home, 1))
		return xb_err_new(XB_E_INTERNAL, "cannot set HOME");
	return xb_trust_set(r->conf, &r->url, home);
}

static struct xb_err *make_remote(struct xb_remote *r)
{
	git_remote_create_options o;
	const char *url = r->url.kind == XB_URL_PATH ? r->url.path : r->conf->url;
	int rc;

	git_remote_create_options_init(&o, GIT_REMOTE_CREATE_OPTIONS_VERSION);
	/* No name, and no rewriting of the URL by the repository's configuration. */
	o.repository = r->repo;
	o.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	rc = git_remote_create_with_opts(&r->remote, url, &o);
	return rc ? trouble(r, rc) : NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct xb_remote_ref *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct xb_err *list(struct xb_remote *r)
{
	const git_remote_head **heads;
	size_t n;
	int rc = git_remote_ls(&heads, &n, r->remote);

	if (rc)
		return trouble(r, rc);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(heads[i]->name);

		/* HEAD, .have of borrowed objects, and what annotated tags point to, are no refs. */
		if (strncmp(heads[i]->name, "refs/", 5) != 0 ||
		    (len > 3 && !strcmp(heads[i]->name + len - 3, "^{}")))
			continue;
		*XB_PUSH(&r->refs, v, n, cap) =
		    (struct xb_remote_ref){xb_strdup(heads[i]->name), heads[i]->oid};
	}
	if (r->refs.n)
		qsort(r->refs.v, r->refs.n, sizeof *r->refs.v, by_name);
	return NULL;
}

static struct xb_err *connect_to(struct xb_remote *r, enum xb_remote_for what)
{
	git_remote_connect_options o;
	int rc;

	git_remote_connect_options_init(&o, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
	o.callbacks = r->callbacks;
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	xb_silence_over(r->conf->timeout);
	rc = git_remote_connect_ext(r->remote,
				    what == XB_REMOTE_PUSH ? GIT_DIRECTION_PUSH : GIT_DIRECTION_FETCH, &o);
	xb_silence_rest();
	return rc ? trouble(r, rc) : list(r);
}

/* Packing a whole history reads all packs again and again; objects are not kept, as that helps little and
 * takes 600 MB of xen.git's. */
static void set_limits(void)
{
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)32 << 20);
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)256 << 20);
}

struct xb_err *xb_remote_open(const struct xb_remote_conf *conf, const char *home, git_repository *repo,
			      enum xb_remote_for what, struct xb_remote **out)
{
	XB_AUTOPTR(xb_remote) *r = xb_calloc(1, sizeof *r);

	*out = NULL;
	r->conf = conf;
	r->repo = repo;
	free(xb_url_parse(conf->url, &r->url)); /* the configuration was checked */
	r->local = (struct xb_local){.path = r->url.path, .home = home, .said = -1};
	xb_remote_set_callbacks(r);
	set_limits();
	xb_silence_begin();
	XB_TRY(make_home(r, home));
	XB_TRY(make_remote(r));
	XB_TRY(connect_to(r, what));
	*out = XB_STEAL(r);
	return NULL;
}

void xb_remote_free(struct xb_remote *r)
{
	if (!r)
		return;
	xb_silence_over(r->conf->timeout); /* it says goodbye */
	git_remote_free(r->remote);
	xb_silence_end();
	for (size_t i = 0; i < r->refs.n; i++)
		free(r->refs.v[i].name);
	free(r->refs.v);
	if (r->local.said >= 0)
		close(r->local.said);
	xb_url_release(&r->url);
	xb_buf_release(&r->said);
	XB_FREE(r->why, r->fingerprint, r);
}

const struct xb_remote_ref *xb_remote_refs_find(const struct xb_remote_refs *refs, const char *name)
{
	struct xb_remote_ref key = {.name = (char *)(size_t)name};

	return refs->n ? bsearch(&key, refs->v, refs->n, sizeof key, by_name) : NULL;
}

const struct xb_remote_refs *xb_remote_list(const struct xb_remote *r)
{
	return &r->refs;
}

git_oid xb_remote_value(const struct xb_remote *r, const char *name)
{
	static const git_oid none;
	const struct xb_remote_ref *found = xb_remote_refs_find(&r->refs, name);

	return found ? found->oid : none;
}

/* ---- work ---- */

/* The protocol has no other sign of it than git's words. */
static bool is_race(const char *status)
{
	static const char *const texts[] = {"failed to update ref", "failed to lock", "cannot lock ref",
					    "incorrect old value provided", "reference already exists"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strstr(status, texts[i]))
			return true;
	return false;
}

/* A refusal by a hook is told with the hook's words. */
static void add_words(struct xb_remote *r)
{
	XB_AUTOFREE char *said = words_said(r);

	for (size_t i = 0; i < r->n_push; i++) {
		struct xb_push *p = &r->push[i];
		XB_AUTOFREE char *status = p->refused;

		p->race = !p->done && status && is_race(status);
		if (!p->done && !status)
			p->refused = xb_strdup("it gave no answer for this ref");
		else if (status && *said && strstr(status, "hook"))
			p->refused = xb_asprintf("%s; it says: %s", status, said);
		else
			p->refused = XB_STEAL(status);
	}
}

struct xb_err *xb_remote_push(struct xb_remote *r, struct xb_push *v, size_t n)
{
	git_push_options o;
	XB_AUTOFREE char **specs = xb_calloc(n + 1, sizeof *specs);
	git_strarray all = {specs, n};
	int rc;

	for (size_t i = 0; i < n; i++)
		specs[i] = xb_asprintf("%s%s:%s", v[i].force ? "+" : "", v[i].ref, v[i].ref);
	git_push_options_init(&o, GIT_PUSH_OPTIONS_VERSION);
	r->push = v;
	r->n_push = n;
	o.callbacks = r->callbacks;
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	xb_silence_over(r->conf->timeout);
	/* 0 says only that the conversation went well: what became of a ref is told by on_status. */
	rc = git_remote_upload(r->remote, &all, &o);
	xb_silence_rest();
	for (size_t i = 0; i < n; i++)
		free(specs[i]);
	if (rc)
		return trouble(r, rc);
	add_words(r);
	return NULL;
}

struct xb_err *xb_remote_fetch(struct xb_remote *r, char *const *refs, size_t n)
{
	git_fetch_options o;
	XB_AUTOFREE char **specs = xb_calloc(n + 1, sizeof *specs);
	git_strarray all = {specs, n};
	int rc;

	for (size_t i = 0; i < n; i++)
		specs[i] = refs[i];
	git_fetch_options_init(&o, GIT_FETCH_OPTIONS_VERSION);
	o.callbacks = r->callbacks;
	o.prune = GIT_FETCH_NO_PRUNE;
	o.update_fetchhead = 0;
	o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	xb_silence_over(r->conf->timeout);
	rc = git_remote_download(r->remote, &all, &o);
	xb_silence_rest();
	return rc ? trouble(r, rc) : NULL;
}
