/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include "picks.h"
#include "refs/refname.h"
#include "refs/refpat.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

#define S(name) XB_S_##name
#define REMOTE (S(REPOSITORY) | S(MIRROR))
#define LINES (S(LINES) | S(LINE))
#define POLICY (S(POLICY) | S(LINE))
#define C(field) .owner = XB_OF_CONFIG, .at = offsetof(struct xb_config, field)
#define L(field) .owner = XB_OF_LINE, .at = offsetof(struct xb_line_conf, field)
#define R(field) .owner = XB_OF_REMOTE, .at = offsetof(struct xb_remote_conf, field)
#define YES_NO .rule.choices = "no yes"

static const struct xb_key keys[] = {
    /* clang-format off */
    {S(REPOSITORY), "path", NULL, &xb_kind_place, C(repository), "the repository that the bot looks after"},
    {S(REPOSITORY), "state", NULL, &xb_kind_place, C(state_dir), "where the bot keeps what is its own: PATH.xsabot"},
    {S(REPOSITORY), "spool", NULL, &xb_kind_place, C(spool), "where the hook leaves its events: spool in state"},
    {S(REPOSITORY), "account", "", &xb_kind_word, C(account), "a user who may push to the bot's refs, from another host"},
    {S(REPOSITORY), "account-environment", "", &xb_kind_word, C(account_environment), "what tells that user, where ssh sets it: NAME=value"},
    {S(REPOSITORY), "rescan", "15m", &xb_kind_period, C(rescan), "how often watch looks at all refs though no push said so"},
    {S(REPOSITORY), "limit", "15s", &xb_kind_period, C(limit), "how long the plan of one line may take"},
    {S(REPOSITORY), "sandbox", "try", &xb_kind_choice, C(sandbox), "whether the process that makes a plan first must be kept from writing", {.choices = "require try no"}},
    {REMOTE, "private", "no", &xb_kind_yes, R(is_private), "nothing of a private repository goes where this is not said, too", YES_NO},
    {S(REPOSITORY), "upstream", "", &xb_kind_url, R(url), "where the repository is, if not here", {.optional = true}},
    {S(MIRROR), "url", "", &xb_kind_url, R(url), "where the mirror is; needed"},
    {REMOTE, "key", "", &xb_kind_path, R(key), "the file of a private ssh key, or for https of USER:PASSWORD"},
    {REMOTE, "known-hosts", "", &xb_kind_path, R(known_hosts), "a file of ssh host keys"},
    {REMOTE, "ca", "", &xb_kind_path, R(ca), "for https: a file of certificates to trust, in place of the system's"},
    {REMOTE, "timeout", "1m", &xb_kind_period, R(timeout), "how long the other side may be silent"},
    {S(REPOSITORY), "poll", "5m", &xb_kind_period, C(poll), "the time between two looks at the upstream"},
    {LINES, "staging", "refs/heads/staging-{line}", &xb_kind_refpat, L(staging), "the branch where maintainers push", {.needs = XB_REFPAT_LINE, .spelled = true}},
    {LINES, "release", "refs/tags/RELEASE-{line}.{n}", &xb_kind_refpat, L(release), "the tags of releases", {.needs = XB_REFPAT_LINE | XB_REFPAT_N, .spelled = true}},
    {LINES, "derived", "refs/heads/xsa-{line}", &xb_kind_refpat, L(derived), "the branch that the bot writes", {.needs = XB_REFPAT_LINE}},
    {LINES, "derived-release", NULL, &xb_kind_refpat, L(derived_release), "the same on releases that are kept: derived with .{n} at its end", {.needs = XB_REFPAT_LINE | XB_REFPAT_N}},
    {LINES, "chain", "none", &xb_kind_refpat, L(chain), "a ref for the commits without the merges that keep derived pullable", {.needs = XB_REFPAT_LINE, .optional = true}},
    {LINES, "releases", "newest", &xb_kind_releases, L(releases), "how many releases of a line get a derived-release", {.max = XB_RELEASES_MAX}},
    {S(LINES), "lines", "*", &xb_kind_lines, C(lines), "which lines there are", .repeats = true},
    {POLICY, "on-block", "hold", &xb_kind_choice, L(on_block), "a fix that does not apply holds the line, or is set aside", {.choices = "hold skip"}},
    {POLICY, "history", "stitch", &xb_kind_choice, L(history), "when history must change: a merge that can be pulled, or not", {.choices = "stitch rewrite"}},
    {POLICY, "cross-check", "yes", &xb_kind_yes, L(cross_check), "git computes each new pick again before a ref moves", YES_NO},
    {POLICY, "publish", "now", &xb_kind_publish, L(publish), "when what is ready is published"},
    {S(RULES), "version", "", &xb_kind_version, C(rules_version), "of the rules; without it, a line's next release brings the newest", {.max = XB_RULES_VERSION_MAX}},
    {S(RULES), "security", NULL, &xb_kind_regexes, C(security), "a message that this matches makes its commit a fix; Xen's patterns", .repeats = true},
    {S(RULES), "not-security", NULL, &xb_kind_regexes, C(not_security), "unless this matches, too; Xen's patterns, with Xen's security", .repeats = true},
    {S(RULES), "advisory", "XSA-{n}", &xb_kind_form, C(advisory), "the form of advisories' names"},
    {S(RULES), "alias", NULL, &xb_kind_forms, C(alias), "forms of their other names; CVE-{n}, with Xen's security", .repeats = true},
    {S(RULES), "bookkeeping", "", &xb_kind_files, C(bookkeeping), "files in which every commit writes", .repeats = true},
    {S(RULES), "changelog", "", &xb_kind_files, C(changelog), "files that tell of fixes; it informs only", .repeats = true},
    {S(RULES), "follow-ups", "yes", &xb_kind_yes, C(follow_ups), "repairs of fixes are picked", YES_NO},
    {S(RULES), "trailers", "yes", &xb_kind_yes, C(trailers), "annotations in messages count", YES_NO},
    {S(RULES), "notes", "refs/notes/xsa", &xb_kind_notes, C(notes), "the ref of annotations"},
    {S(RULES), "metadata", "", &xb_kind_metadata, C(metadata_url), "advisories' metadata, a directory or an address; it informs only"},
    {S(COMMITTER), "name", "xsabot", &xb_kind_name, C(committer_name), "the committer of derived commits"},
    {S(COMMITTER), "email", "xsabot@invalid", &xb_kind_email, C(committer_email), "the committer's address"},
    {S(GATE), "command", "none", &xb_kind_command, L(gate), "what a candidate must pass: 0 passes, 125 can't tell, others fail"},
    {S(GATE), "external", "no", &xb_kind_yes, L(external), "a test system must pass it, by a push", YES_NO},
    {S(LINE), "gate", NULL, &xb_kind_command, L(gate), "the command of this line; that of [gate]"},
    {S(LINE), "gate-external", NULL, &xb_kind_yes, L(external), "whether a test system is asked for this line; as [gate] says", YES_NO},
    {S(GATE), "timeout", "2h", &xb_kind_period, C(gate.timeout), "a command that runs longer fails"},
    {S(GATE), "retry", "10m", &xb_kind_period, C(gate.retry), "the time until the second try when it can't tell; doubled each time"},
    {S(GATE), "jobs", "4", &xb_kind_number, C(gate.jobs), "how many commands run at a time", {.max = 16}},
    {S(GATE), "memory", "4G", &xb_kind_size, C(gate.memory), "of each process", {.optional = true}},
    {S(GATE), "memory-total", "8G", &xb_kind_size, C(gate.memory_total), "of all of them together", {.optional = true}},
    {S(GATE), "output", "1M", &xb_kind_size, C(gate.output), "how much of a command's output is kept"},
    {S(GATE), "network", "no", &xb_kind_yes, C(gate.network), "whether commands may use the network", YES_NO},
    {S(GATE), "sandbox", "require", &xb_kind_choice, C(gate.sandbox), "whether commands must run in a sandbox", {.choices = "require try no"}},
    {S(GATE), "writable", NULL, &xb_kind_path_list, C(gate.writable), "a directory where commands may write", .repeats = true},
    {S(GATE), "hide", NULL, &xb_kind_path_list, C(gate.hidden), "a directory that commands must not see", .repeats = true},
    {S(MAIL), "from", NULL, &xb_kind_mailbox, C(mail.from_name), "the address that mail comes from; needed"},
    {S(MAIL), "contact", NULL, &xb_kind_address, C(mail.contact), "whom a mail names for questions; from"},
    {S(MAIL), "to", NULL, &xb_kind_addresses, C(mail.to), "who gets what a person must act on", .repeats = true},
    {S(MAIL), "announce", NULL, &xb_kind_addresses, C(mail.announce), "who gets news of branches", .repeats = true},
    {S(MAIL), "maintainers", "no", &xb_kind_yes, C(mail.maintainers), "those whom the tree's MAINTAINERS names, too", YES_NO},
    {S(MAIL), "maintainers-domains", NULL, &xb_kind_domains, C(mail.maintainer_domains), "the domains of addresses that count there", .repeats = true},
    {S(MAIL), "list-id", NULL, &xb_kind_domain, C(mail.list_id), "of the List-Id header: xsabot. and from's domain"},
    {S(MAIL), "transport", "smtp://localhost", &xb_kind_transport, C(mail.transport), "the way out"},
    {S(MAIL), "tls", "auto", &xb_kind_yes, C(mail.tls_required), "required: also where the server is this host", {.choices = "auto required"}},
    {S(MAIL), "ca", "", &xb_kind_path_or_none, C(mail.ca), "a file of certificates to trust, in place of the system's"},
    {S(MAIL), "user", "", &xb_kind_word, C(mail.user), "of a login; with secret"},
    {S(MAIL), "secret", "", &xb_kind_secret, C(mail.secret), "the place of its password"},
    {S(MAIL), "timeout", "2m", &xb_kind_period, C(mail.timeout), "for one message", {.max = 240}},
    {S(MAIL), "remind", "never", &xb_kind_period, C(mail.remind), "when what stays so is told again", {.optional = true}},
    {S(MAIL), "cap", "100", &xb_kind_number, C(mail.cap), "messages an hour", {.max = 100000}},
    {S(MAIL), "failing", "6h", &xb_kind_period, C(mail.failing), "how long a fault of the bot's own lasts before it is told"},
    {S(MAIL), "templates", "", &xb_kind_path_or_none, C(mail.templates), "a directory of texts to use in place of the built-in ones"},
    {S(MAIL), "private", "no", &xb_kind_yes, C(mail.is_private), "mail of a private repository goes to these addresses", YES_NO},
    {S(LINE), "mail-to", NULL, &xb_kind_addresses, L(mail_to), "who gets mail about this line as well", .repeats = true},
    {S(RELAY), "host", "", &xb_kind_host, C(relay.host), "the bot's host"},
    {S(RELAY), "port", "22", &xb_kind_number, C(relay.port), "of its sshd", {.max = 65535}},
    {S(RELAY), "user", "xsabot", &xb_kind_user, C(relay.user), "the account there"},
    {S(RELAY), "key", "", &xb_kind_path, C(relay.key), "the file of a private ssh key"},
    {S(RELAY), "known-hosts", "", &xb_kind_path, C(relay.known_hosts), "a file of ssh host keys"},
    {S(RELAY), "timeout", "1m", &xb_kind_period, C(relay.timeout), "for each step"},
    {S(PAGES), "url", "", &xb_kind_site, C(pages.url), "where the pages will be"},
    {S(PAGES), "clone", "", &xb_kind_web, C(pages.clone), "where the repository can be cloned from"},
    {S(PAGES), "directory", "", &xb_kind_path_or_none, C(pages.directory), "that the bot keeps up to date"},
    /* clang-format on */
};

enum { N_KEYS = sizeof keys / sizeof *keys };
_Static_assert(N_KEYS <= XB_KEYS_MAX, "struct xb_scope has a place for each row");
_Static_assert(offsetof(struct xb_mail_conf, from) ==
		   offsetof(struct xb_mail_conf, from_name) + sizeof(char *),
	       "a mailbox is stored as two texts");

static const struct {
	const char *name;
	enum xb_section section;
} sections[] = {
    {"repository", S(REPOSITORY)}, {"lines", S(LINES)}, {"line NAME", S(LINE)},
    {"rules", S(RULES)},           {"picks", S(PICKS)}, {"policy", S(POLICY)},
    {"committer", S(COMMITTER)},   {"gate", S(GATE)},   {"mail", S(MAIL)},
    {"mirror NAME", S(MIRROR)},    {"relay", S(RELAY)}, {"pages", S(PAGES)},
};

enum { N_SECTIONS = sizeof sections / sizeof *sections };

/* ---- fields ---- */

static void *field(void *of, const struct xb_key *k)
{
	return (char *)of + k->at;
}

/* Each without a text of the file; a list or a text that follows from others is left alone. */
static void set_defaults(void *of, enum xb_owner owner)
{
	for (const struct xb_key *k = keys; k < keys + N_KEYS; k++) {
		struct xb_value_text t = {.text = k->def, .rule = &k->rule};

		if (k->owner != owner || !k->def)
			continue;
		if (*k->def)
			free(xb_value_take(k->kind, &t, field(of, k))); /* none is wrong: a test reads each */
		else if (k->kind->form == XB_VALUE_TEXT)
			xb_text_keep(field(of, k), "");
	}
}

static void release_all(void *of, enum xb_owner owner)
{
	for (const struct xb_key *k = keys; k < keys + N_KEYS; k++)
		if (k->owner == owner)
			xb_value_release(k->kind->form, field(of, k));
}

void xb_remote_conf_release(struct xb_remote_conf *m)
{
	free(m->name);
	release_all(m, XB_OF_REMOTE);
}

void xb_keys_release(struct xb_config *c)
{
	release_all(c, XB_OF_CONFIG);
	release_all(&c->line_default, XB_OF_LINE);
	for (size_t i = 0; i < c->overrides.n; i++) {
		free(c->overrides.v[i].name);
		release_all(&c->overrides.v[i].conf, XB_OF_LINE);
	}
	for (size_t i = 0; i < c->mirrors.n; i++)
		xb_remote_conf_release(&c->mirrors.v[i]);
	if (c->upstream)
		xb_remote_conf_release(c->upstream);
	XB_FREE(c->overrides.v, c->mirrors.v, c->upstream);
}

void xb_keys_inherit(struct xb_config_reader *r)
{
	for (size_t i = 0; i < r->lines.n; i++) {
		struct xb_line_conf *own = &r->c->overrides.v[i].conf;
		bool has[sizeof *own] = {false}; /* by offset: two keys can give one field */

		for (size_t k = 0; k < N_KEYS; k++)
			if (keys[k].owner == XB_OF_LINE && r->lines.v[i].set[k] && !r->lines.v[i].bad[k])
				has[keys[k].at] = true;
		for (const struct xb_key *k = keys; k < keys + N_KEYS; k++) {
			if (k->owner != XB_OF_LINE || has[k->at])
				continue;
			has[k->at] = true;
			xb_value_release(k->kind->form, field(own, k));
			xb_value_copy(k->kind->form, field(own, k), field(&r->c->line_default, k));
		}
	}
}

static void scopes_release(struct xb_scopes *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].name);
	free(s->v);
}

void xb_config_reader_release(struct xb_config_reader *r)
{
	scopes_release(&r->lines);
	scopes_release(&r->mirrors);
	free(r->heading);
	xb_mistakes_release(&r->m);
}

unsigned xb_key_line(const struct xb_scope *s, enum xb_section section, const char *name)
{
	for (size_t k = 0; k < N_KEYS; k++)
		if ((keys[k].sections & section) && !strcmp(keys[k].name, name))
			return s->set[k];
	return 0;
}

unsigned xb_key_good(const struct xb_scope *s, enum xb_section section, const char *name)
{
	for (size_t k = 0; k < N_KEYS; k++)
		if ((keys[k].sections & section) && !strcmp(keys[k].name, name))
			return s->bad[k] ? 0 : s->set[k];
	return 0;
}

/* ---- sections ---- */

/* "[repository], [lines], ..." of those among WHICH. */
static void add_sections(struct xb_buf *b, unsigned which, const char *between)
{
	size_t n = b->n;

	for (size_t i = 0; i < N_SECTIONS; i++)
		if (sections[i].section & which)
			xb_buf_addf(b, "%s[%s]", b->n > n ? between : "", sections[i].name);
}

static char *all_sections(void)
{
	struct xb_buf b = XB_BUF_INIT;

	add_sections(&b, ~0u, ", ");
	return xb_buf_detach(&b);
}

/* A new member of those of its kind, with its defaults. */
static void add_named(struct xb_config_reader *r, const char *name)
{
	struct xb_config *c = r->c;

	if (r->section == S(LINE)) {
		*XB_PUSH(&c->overrides, v, n, cap) = (struct xb_line_override){.name = xb_strdup(name)};
		return;
	}
	*XB_PUSH(&c->mirrors, v, n, cap) = (struct xb_remote_conf){.name = xb_strdup(name)};
	set_defaults(&c->mirrors.v[c->mirrors.n - 1], XB_OF_REMOTE);
}

/* The section of that name, of which there may be a part before; NULL: there is a mistake in it. */
static struct xb_scope *named_scope(struct xb_config_reader *r, struct xb_scopes *all, const char *name,
				    unsigned line)
{
	struct xb_scope *s;

	if (!xb_line_name_ok(name)) {
		xb_mistake(&r->m, line,
			   "[%s]: no name of a %s; allowed: letters, digits and ._+-, no other at the ends",
			   r->heading, r->section == S(LINE) ? "line" : "mirror");
		return NULL;
	}
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].name, name))
			return &all->v[i];
	if (all->n == XB_LINES_MAX) {
		xb_mistake(&r->m, line, "[%s]: one section of its kind too many; allowed: %d", r->heading,
			   XB_LINES_MAX);
		return NULL;
	}
	s = XB_PUSH(all, v, n, cap); /* moves the others: r->now is set anew */
	s->name = xb_strdup(name);
	s->line = line;
	add_named(r, name);
	return s;
}

static void on_section(void *ctx, const char *name, unsigned line)
{
	struct xb_config_reader *r = ctx;
	XB_AUTOFREE char *allowed = NULL;

	free(r->heading);
	r->heading = xb_strdup(name);
	r->now = &r->common;
	r->section = 0;
	for (size_t i = 0; i < N_SECTIONS; i++) {
		const char *known = sections[i].name;
		size_t n = strcspn(known, " ");

		if (known[n] ? !strncmp(name, known, n + 1) : !strcmp(name, known)) {
			r->section = sections[i].section;
			if (known[n])
				r->now = named_scope(r, r->section == S(LINE) ? &r->lines : &r->mirrors,
						     name + n + 1, line);
			if (!r->now)
				r->section = 0;
			if (r->section == S(MAIL) && !r->mail_line)
				r->mail_line = line;
			return;
		}
	}
	allowed = all_sections();
	xb_mistake(&r->m, line, "[%s]: unknown section; allowed: %s", name, allowed);
}

/* ---- keys ---- */

static void unknown_key(struct xb_config_reader *r, const char *name, unsigned line)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT, elsewhere = XB_BUF_INIT;

	for (const struct xb_key *k = keys; k < keys + N_KEYS; k++)
		if (k->sections & r->section)
			xb_buf_addf(&b, "%s%s", b.n ? ", " : "", k->name);
		else if (!strcmp(k->name, name)) {
			xb_buf_adds(&elsewhere, elsewhere.n ? " or " : "");
			add_sections(&elsewhere, k->sections, " or ");
		}
	if (elsewhere.n)
		xb_buf_addf(&b, " (%s belongs in %s)", name, elsewhere.p);
	xb_mistake(&r->m, line, "[%s] %s: unknown key; allowed: %s", r->heading, name, b.p);
}

/* What K fills, in the section that is being read. */
static void *target_of(struct xb_config_reader *r, const struct xb_key *k)
{
	struct xb_config *c = r->c;

	switch (k->owner) {
	case XB_OF_LINE:
		return field(
		    r->section == S(LINE) ? &c->overrides.v[r->now - r->lines.v].conf : &c->line_default, k);
	case XB_OF_REMOTE:
		return field(r->section == S(MIRROR) ? &c->mirrors.v[r->now - r->mirrors.v] : c->upstream, k);
	default:
		return field(c, k);
	}
}

static void read_key(struct xb_config_reader *r, const struct xb_key *k, const char *value, unsigned line)
{
	unsigned *first = &r->now->set[k - keys];
	struct xb_value_text t = {
	    .text = value, .rule = &k->rule, .again = *first, .one_line = r->section == S(LINE)};
	void *to = target_of(r, k);
	XB_AUTOFREE char *why = NULL;

	if (!*first && k->repeats)
		xb_value_release(k->kind->form, to); /* the default */
	if (*first && !k->repeats)
		why = xb_asprintf("set in line %u already; allowed: once", *first);
	else
		why = xb_value_take(k->kind, &t, to);
	*first = *first ? *first : line;
	if (!why)
		return;
	r->now->bad[k - keys] = true;
	r->bad_refs = r->bad_refs || k->kind == &xb_kind_refpat || k->kind == &xb_kind_notes;
	xb_mistake(&r->m, line, "[%s] %s: %s", r->heading, k->name, why);
}

static void on_entry(void *ctx, const char *name, const char *value, unsigned line)
{
	struct xb_config_reader *r = ctx;
	XB_AUTOFREE char *allowed = NULL;

	if (!r->heading) {
		allowed = all_sections();
		xb_mistake(&r->m, line, "%s: a key before any section; allowed: %s", name, allowed);
	}
	if (!r->section)
		return;
	if (r->section == S(PICKS)) {
		xb_config_pick_read(r, name, value, line);
		return;
	}
	for (const struct xb_key *k = keys; k < keys + N_KEYS; k++)
		if ((k->sections & r->section) && !strcmp(k->name, name)) {
			read_key(r, k, value, line);
			return;
		}
	unknown_key(r, name, line);
}

void xb_keys_read(struct xb_config_reader *r, const char *text, size_t n)
{
	set_defaults(r->c, XB_OF_CONFIG);
	set_defaults(&r->c->line_default, XB_OF_LINE);
	r->c->upstream = xb_calloc(1, sizeof *r->c->upstream);
	set_defaults(r->c->upstream, XB_OF_REMOTE);
	r->now = &r->common;
	xb_ini_read(text, n, &(struct xb_ini_reader){on_section, on_entry, r}, &r->m);
}

void xb_config_keys(struct xb_buf *out)
{
	for (size_t i = 0; i < N_SECTIONS; i++) {
		unsigned section = sections[i].section;

		if (section == S(PICKS))
			continue;
		xb_buf_addf(out, "[%s]\n", sections[i].name);
		for (const struct xb_key *k = keys; k < keys + N_KEYS; k++) {
			XB_AUTOFREE char *allowed = xb_value_allowed(k->kind, &k->rule);

			if (k->sections & section)
				xb_buf_addf(out, "%s%s%s\n    %s; allowed: %s%s\n", k->name,
					    k->def && *k->def ? " = " : "", k->def ? k->def : "", k->help,
					    allowed, k->repeats ? "; may repeat" : "");
		}
	}
}
