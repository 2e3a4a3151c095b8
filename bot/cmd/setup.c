/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"
#include "classify/history.h"
#include "gate/cmdgate.h"
#include "lines/refnames.h"
#include "mail/template.h"
#include "odb/oidmap.h"
#include "os/file.h"
#include "os/log.h"
#include "os/spawn.h"
#include "outbox/sender.h"
#include "refs/refpat.h"
#include "remote/trust.h"
#include "repo/git.h"
#include "spool/install.h"
#include "util/alloc.h"
#include "util/hashmap.h"
#include "util/vis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Do the rules find the fixes of this repository? For check-config. */

enum {
	MOST = 30000, /* commits: a second */
	SHOWN = 3,
	FEW = 10 /* one in so many that is missed is prose */
};

struct lint {
	struct xb_env *env;
	struct xb_store *store;
	struct xb_notes notes;
	size_t n, tagged;
	bool cut;
	struct xb_hashmap known; /* hashes of the advisories that are named by fixes */
	struct {
		struct missed {
			git_oid oid;
			char *subject;
			struct xb_strv ids;
		} * v;
		size_t n, cap;
	} missed;
};

static uint64_t hash(const char *id)
{
	return xb_hash_bytes(id, strlen(id));
}

static void know(struct lint *l, const struct xb_strv *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		xb_hashmap_at(&l->known, hash(ids->v[i]));
}

static void take(struct lint *l, const struct xb_hist *h)
{
	const struct xb_message *m = &h->msg;
	struct missed *one;

	l->tagged += m->tags.n > 0;
	for (size_t i = 0; i < m->tags.n; i++) {
		know(l, &m->tags.v[i].ids);
		know(l, &m->tags.v[i].aliases);
	}
	if (!m->named.n || (l->notes.map && xb_oidmap_get(l->notes.map, &h->oid)))
		return;
	one = XB_PUSH(&l->missed, v, n, cap);
	*one = (struct missed){.oid = h->oid, .subject = xb_strdup(m->subject ? m->subject : "")};
	xb_strv_add_all_new(&one->ids, &m->named);
}

static struct xb_err *walk(struct lint *l, git_revwalk *walk)
{
	git_oid oid;
	int rc = 0;

	while (l->n < MOST && !(rc = git_revwalk_next(&oid, walk))) {
		struct xb_hist h = {0};
		struct xb_err *err = xb_hist_load(l->store, l->env->rules, &oid, &h);

		if (!err)
			take(l, &h);
		xb_hist_release(&h);
		l->n++;
		if (err)
			return err;
	}
	l->cut = l->n == MOST;
	return rc && rc != GIT_ITEROVER ? xb_err_git(XB_E_IO, rc, "cannot walk the history") : NULL;
}

static struct xb_err *walk_all(struct lint *l, const struct xb_targets *targets)
{
	XB_AUTOGIT(git_revwalk) *w = NULL;
	int rc = git_revwalk_new(&w, l->env->repo);

	git_revwalk_sorting(w, GIT_SORT_TIME);
	for (size_t i = 0; i < targets->n && !rc; i++)
		if (targets->v[i].status == XB_TARGET_OK)
			rc = git_revwalk_push(w, &targets->v[i].tip);
	return rc ? xb_err_git(XB_E_IO, rc, "cannot walk the history") : walk(l, w);
}

/* Those of advisories that a fix names as well are prose, or repairs. */
static void drop_known(struct lint *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->missed.n; i++) {
		struct missed *m = &l->missed.v[i];
		bool all = true;

		for (size_t k = 0; k < m->ids.n; k++)
			all &= xb_hashmap_find(&l->known, hash(m->ids.v[k])) != NULL;
		if (!all) {
			l->missed.v[kept++] = *m;
			continue;
		}
		free(m->subject);
		xb_strv_release(&m->ids);
	}
	l->missed.n = kept;
}

static void report(const struct lint *l, bool *attention)
{
	const struct xb_config *c = l->env->config;
	bool many = l->missed.n * FEW > l->tagged;

	printf(
	    "rules: %zu of the %s%zu commits of these lines are fixes, %zu more name an advisory like %s\n",
	    l->tagged, l->cut ? "newest " : "", l->n, l->missed.n, c->advisory);
	for (size_t i = 0; i < l->missed.n && i < SHOWN && many; i++) {
		XB_AUTOFREE char *subject = xb_vis_dup(l->missed.v[i].subject);

		xb_log(XB_WARN, "%.12s names %s, and security does not match: %s",
		       xb_hex(&l->missed.v[i].oid).s, l->missed.v[i].ids.v[0], subject);
	}
	if (many)
		xb_log(XB_WARN, "%zu commits name an advisory and are no fixes by the patterns of security",
		       l->missed.n);
	if (!l->tagged && c->security.n)
		xb_log(XB_WARN, "no commit of these lines matches security: nothing will be picked");
	*attention |= many || (!l->tagged && c->security.n);
}

static void release(struct lint *l)
{
	for (size_t i = 0; i < l->missed.n; i++) {
		free(l->missed.v[i].subject);
		xb_strv_release(&l->missed.v[i].ids);
	}
	free(l->missed.v);
	xb_hashmap_release(&l->known);
	xb_notes_release(&l->notes);
	xb_store_free(l->store);
}

/* Looks through the newest commits of the lines in TARGETS and says what the rules make of them. */
static struct xb_err *lint_history(struct xb_env *env, const struct xb_targets *targets, bool *attention)
{
	XB_AUTO(release) struct lint l = {.env = env};

	XB_TRY(xb_store_open(env->repo, NULL, &l.store));
	XB_TRY(xb_notes_load(env->repo, l.store, env->config->notes, NULL, &l.notes));
	XB_TRY(walk_all(&l, targets));
	if (l.n) {
		drop_known(&l);
		report(&l, attention);
	}
	return NULL;
}

static void print_target(const struct xb_target *t)
{
	switch (t->status) {
	case XB_TARGET_OK:
		printf("%s: %s on %s -> %s%s\n", t->name, t->tip_ref,
		       t->base_tag ? t->base_tag : xb_hex(&t->base).s, t->derived_ref,
		       git_oid_is_zero(&t->derived) ? ""
		       : git_oid_is_zero(&t->state) ? " (exists, and is not xsabot's)"
						    : " (exists)");
		break;
	case XB_TARGET_NO_STAGING:
		printf("%s: no %s\n", t->name, t->tip_ref);
		break;
	case XB_TARGET_NO_RELEASE:
		printf("%s: %s contains no release%s%s\n", t->name, t->tip_ref,
		       t->stray ? "" : ": no tag like ", t->stray ? "" : t->conf->release);
		break;
	}
	if (t->stray)
		printf("%s: %s, which is higher, is passed over: %s\n", t->name, t->stray, t->stray_why);
}

/* What the file alone doesn't show: the templates, the secret, and what sends. */
static struct xb_err *check_mail(const struct xb_mail_conf *m)
{
	if (m->closed)
		puts("mail: none: the repository is private, and [mail] is not marked so");
	if (!m->on)
		return NULL;
	XB_TRY(xb_templates_check(m->templates));
	XB_TRY(xb_sender_check(m));
	if (*m->transport == '/' && access(m->transport, X_OK))
		return xb_err_sys(XB_E_CONFIG, errno, "[mail] transport: %s", m->transport);
	printf("mail: from %s by %s, %zu address%s, %zu for announcements\n", m->from, m->transport, m->to.n,
	       m->to.n == 1 ? "" : "es", m->announce.n);
	return NULL;
}

static void complain(struct xb_err *err, const char *what, bool *attention)
{
	if (!err)
		return;
	xb_log(XB_WARN, "%s%s", what, err->msg);
	*attention = true;
	xb_err_free(err);
}

/* WHERE: "gate", or that of a line. *ANY: there is one, and so far a sandbox. */
static struct xb_err *check_gate(struct xb_env *env, const char *where, const char *command, bool *any,
				 bool *attention)
{
	XB_AUTOFREE char *why_not = NULL, *no_sandbox = NULL;

	if (!*command)
		return NULL;
	XB_TRY(xb_cmdgate_probe(env->config, env->repo, command, &why_not, &no_sandbox));
	if (why_not)
		xb_log(XB_WARN, "%s: the command could not be started: %s", where, why_not);
	if (no_sandbox && *any)
		xb_log(XB_WARN, "gate: there can be no sandbox here: %s; see sandbox in xsabot.conf(5)",
		       no_sandbox);
	*any = !no_sandbox;
	*attention |= why_not || no_sandbox;
	return NULL;
}

static struct xb_err *check_gates(struct xb_env *env, bool *attention)
{
	const struct xb_config *c = env->config;
	bool any = *c->line_default.gate, sandbox = true;

	XB_TRY(check_gate(env, "gate", c->line_default.gate, &sandbox, attention));
	for (size_t i = 0; i < c->overrides.n; i++) {
		const struct xb_line_override *o = &c->overrides.v[i];
		XB_AUTOFREE char *where = xb_asprintf("gate of line %s", o->name);

		any |= *o->conf.gate != '\0';
		if (strcmp(o->conf.gate, c->line_default.gate) != 0)
			XB_TRY(check_gate(env, where, o->conf.gate, &sandbox, attention));
	}
	if (any && sandbox)
		puts(c->gate.sandbox == XB_SANDBOX_NO ? "gate: without a sandbox" : "gate: in a sandbox");
	return NULL;
}

static struct xb_err *can_read(const char *what, const char *path)
{
	return access(path, R_OK) ? xb_err_sys(XB_E_CONFIG, errno, "%s %s", what, path) : NULL;
}

/* What can be seen without a visit. */
static void check_remote(const struct xb_config *c, const struct xb_remote_conf *r, bool *attention)
{
	const char *path = strncmp(r->url, "file://", 7) ? r->url : r->url + 7;
	const char *what = r == c->upstream ? "" : "mirror ";
	bool closed = *what && c->is_private && !r->is_private;

	printf("%s%s: %s%s\n", what, r->name, r->url, closed ? ": nothing, as it is not marked private" : "");
	if (*path == '/')
		complain(can_read(r->name, path), what, attention);
	complain(xb_trust_check(r), what, attention);
}

/* The files and directories that are needed only once something happens. */
static void check_files(const struct xb_config *c, bool *attention)
{
	if (*c->relay.host) {
		complain(xb_file_secret(c->relay.key, "the key", NULL), "relay: ", attention);
		complain(can_read("known-hosts", c->relay.known_hosts), "relay: ", attention);
	}
	for (size_t i = 0; i < c->gate.writable.n; i++)
		complain(can_read("writable", c->gate.writable.v[i]), "gate: ", attention);
	if (c->metadata && *c->metadata && !*c->metadata_url)
		complain(can_read("metadata", c->metadata), "rules: ", attention);
}

/* Held is what a push there does; better it is refused. */
static void check_protection(const struct xb_env *env)
{
	XB_AUTOFREE char *git_dir = realpath(git_repository_path(env->repo), NULL);

	if (!env->config->upstream && git_dir && !xb_update_hook_is_there(git_dir))
		xb_log(XB_INFO,
		       "nothing refuses pushes to the refs that xsabot writes; \"xsabot install-hook "
		       "--protect %s\" does",
		       env->config->repository);
}

/* A ref that STAGING would match with its numbers spelled with SEP; owned, NULL: there is none. */
static char *respelled(const char *staging, char sep, const struct xb_strv *refs)
{
	const char *at = strstr(staging, "{line}");
	XB_AUTOPTR(xb_refpat) *pat = NULL;
	XB_AUTOFREE char *text =
	    at ? xb_asprintf("%.*s{line:%c}%s", (int)(at - staging), staging, sep, at + strlen("{line}"))
	       : NULL;

	if (text)
		xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_ANY, &pat));
	for (size_t i = 0; pat && i < refs->n; i++)
		if (xb_refpat_match(pat, refs->v[i], NULL, NULL))
			return xb_asprintf("; %s would be one with staging = %s", refs->v[i], text);
	return NULL;
}

static struct xb_err *say_no_line(const struct xb_env *env)
{
	const char *staging = env->config->line_default.staging;
	struct xb_refnames refs = {.repo = env->repo};
	XB_AUTOSTRV struct xb_strv all = {0};
	XB_AUTOFREE char *hint = NULL;

	XB_TRY(xb_refnames_find(&refs, "refs/", &all));
	hint = respelled(staging, '-', &all);
	if (!hint)
		hint = respelled(staging, '_', &all);
	xb_log(XB_WARN, "no line: no ref like %s, where {line} is dotted numbers%s", staging,
	       hint ? hint : "");
	return NULL;
}

struct xb_err *xb_cmd_check_config(struct xb_env *env, bool *attention)
{
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};

	XB_TRY(check_mail(&env->config->mail));
	XB_TRY(check_gates(env, attention));
	check_files(env->config, attention);
	check_protection(env);
	*attention |= xb_cheap_checks(env) != 0;
	XB_TRY(xb_targets_find(env->repo, env->config, NULL, 0, NULL, &targets));
	printf("repository: %s\nstate: %s\nspool: %s\n", env->config->repository, env->config->state_dir,
	       env->config->spool);
	if (env->config->upstream)
		check_remote(env->config, env->config->upstream, attention);
	for (size_t i = 0; i < env->config->mirrors.n; i++)
		check_remote(env->config, &env->config->mirrors.v[i], attention);
	for (size_t i = 0; i < targets.n; i++) {
		print_target(&targets.v[i]);
		/* A line that is named, and not found by its branch, is a mistake. */
		*attention |= targets.v[i].status != XB_TARGET_OK || targets.v[i].stray;
	}
	if (!targets.n)
		XB_TRY(say_no_line(env));
	*attention |= !targets.n;
	return lint_history(env, &targets, attention);
}

static void print_hook(const struct xb_installed *done, const char *name, const struct xb_installed_hook *h)
{
	printf("%s/hooks/%s: %s\n", done->git_dir, name, h->new_hook ? "installed" : "was there already");
	if (h->previous)
		printf("the hook that was there runs after it, as hooks/%s.d/50-previous\n", name);
}

/* By root it is made for who owns the directory, as that is. */
static struct xb_err *give_list(const struct xb_config *c)
{
	XB_AUTOFREE char *list = xb_asprintf("%s/protected", c->state_dir);
	struct stat st;

	if (geteuid() || stat(c->state_dir, &st))
		return NULL;
	return lchown(list, st.st_uid, st.st_gid) ? xb_err_sys(XB_E_IO, errno, "cannot chown %s", list)
						  : NULL;
}

/* What the update hook reads. */
static struct xb_err *write_list(struct xb_env *env)
{
	struct xb_targets targets;
	struct xb_err *err;

	XB_TRY(xb_git_init());
	XB_TRY(xb_git_open(env->o.args[0], XB_GIT_ANY_OWNER, &env->repo));
	XB_TRY(xb_targets_find(env->repo, env->config, NULL, 0, NULL, &targets));
	err = xb_protect_write(env->config, &targets);
	xb_targets_release(&targets);
	return err ? err : give_list(env->config);
}

struct xb_err *xb_cmd_install_hook(struct xb_env *env, bool *attention)
{
	XB_AUTOFREE char *hook = xb_program_path("post-receive");
	XB_AUTOFREE char *update =
	    hook ? xb_asprintf("%.*supdate", (int)(strrchr(hook, '/') + 1 - hook), hook) : NULL;
	XB_AUTO(xb_installed_release) struct xb_installed done = {0};
	struct xb_install in = {.repo = env->o.args[0], .hook = hook};

	(void)attention;
	if (!hook)
		return xb_err_new(
		    XB_E_NOTFOUND,
		    "the hook program is not installed beside xsabot (libexec/xsabot/post-receive)");
	if (!env->config->repository)
		xb_config_set_repository(env->config, env->o.args[0]);
	if (env->o.protect)
		in.update = update;
	if (env->config->spool_given || env->config->state_given)
		in.spool = env->config->spool;
	if (env->config->state_given)
		in.state = env->config->state_dir;
	XB_TRY(xb_install_hook(&in, &done));
	if (env->o.protect)
		XB_TRY(write_list(env));
	print_hook(&done, "post-receive", &done.receive);
	printf("spool: %s\n", done.spool);
	if (env->o.protect)
		print_hook(&done, "update", &done.update);
	return NULL;
}

struct xb_err *xb_cmd_config_keys(struct xb_env *env, bool *attention)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	(void)env;
	(void)attention;
	xb_config_keys(&b);
	fputs(b.p, stdout);
	return NULL;
}
