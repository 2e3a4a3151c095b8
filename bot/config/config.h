/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: an INI file, checked whole before anything is done. Every
 * mistake is reported at once as "FILE:LINE: what, and what is allowed". The
 * built-in defaults are Xen's, so that a file with [repository] path, or none
 * at all, is a working configuration. A loaded configuration never changes.
 */
#ifndef XB_CONFIG_H
#define XB_CONFIG_H

#include "util/buf.h"
#include "util/err.h"
#include "util/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xb_on_block { XB_HOLD, XB_SKIP };
enum xb_history { XB_STITCH, XB_REWRITE };

/* When what is ready is published. */
enum xb_publish_when { XB_PUBLISH_NOW, XB_PUBLISH_QUIET, XB_PUBLISH_AT };
struct xb_publish_rule {
	enum xb_publish_when when;
	unsigned quiet;     /* seconds without a change */
	unsigned quiet_max; /* seconds from the first change on, after which it waits for no quiet */
	unsigned weekday;   /* 0: Sunday */
	unsigned minute;    /* of the day, UTC */
};

/* A command that needs a sandbox where none can be made: does not run, or runs without, or always does. */
enum xb_sandbox_use { XB_SANDBOX_REQUIRE, XB_SANDBOX_TRY, XB_SANDBOX_NO };

/* [gate], but for what may differ from line to line. */
struct xb_gate_conf {
	unsigned timeout;      /* seconds */
	unsigned retry;        /* seconds until the second try when it can't tell; doubled each time */
	unsigned jobs;         /* at a time */
	uint64_t memory;       /* bytes of each process; 0: no limit */
	uint64_t memory_total; /* bytes of all together; 0: no limit */
	uint64_t output;       /* bytes that are kept */
	bool network;
	enum xb_sandbox_use sandbox;
	struct xb_strv writable, hidden; /* absolute paths */
};

/* What may differ from line to line: the keys of [lines] and [policy], and the gate. All strings are owned,
 * never NULL. */
struct xb_line_conf {
	char *staging;         /* ref pattern with {line}; in a [line NAME] section perhaps without */
	char *release;         /* ref pattern with {line} and {n} */
	bool letters;          /* its numbers may have letters in them */
	char *derived;         /* ref pattern with {line} */
	char *derived_release; /* ref pattern with {line} and {n} */
	char *chain;           /* ref pattern with {line}, or "" for none; in a [line NAME] section, all
				* these may have the line's name written out in the place of {line} */
	unsigned releases;     /* how many releases of the line get a derived ref; 1 = newest, 0 = all */
	enum xb_on_block on_block;
	enum xb_history history;
	bool cross_check; /* git computes each new pick again before a ref moves */
	struct xb_publish_rule publish;
	char *gate;             /* a command line; "" for none */
	bool external;          /* a test system must pass it, too */
	struct xb_strv mail_to; /* addresses beside those of [mail] to; mostly empty */
};

struct xb_line_override {
	char *name;               /* of [line NAME] */
	struct xb_line_conf conf; /* complete: [lines], [policy] and defaults where the section is silent */
};

/* One line of [picks]: an annotation by the configuration. */
struct xb_pick_conf {
	char *commit; /* 7 to 64 lower-case hex digits */
	char *word;   /* "Security", "Prerequisite-of", "Follow-up-to", "Exclude", "Withdrawn",
		       "Replaced-by" */
	char *value;
	unsigned line; /* in the file, for messages */
};

/* [mail]. All strings are owned, never NULL, "" where there is none. */
struct xb_mail_conf {
	bool on;                           /* the section is there, and not closed */
	bool is_private;                   /* what is private goes there, too */
	bool closed;                       /* what is private goes to nobody: the section is not marked so */
	char *from_name, *from, *contact;  /* from and contact: addresses */
	struct xb_strv to, announce;       /* addresses */
	bool maintainers;                  /* those of the tree's MAINTAINERS, too */
	struct xb_strv maintainer_domains; /* lower case */
	char *list_id;                     /* "xsabot.example.org" */
	char *transport;                   /* smtp://HOST[:PORT], smtps://HOST[:PORT], or a program's path */
	bool tls_required;                 /* also where the host is this one */
	char *ca;                          /* a file of certificates */
	char *user, *secret;               /* secret: a file's path, or "credential:NAME" */
	unsigned timeout;                  /* seconds for one message */
	unsigned remind;                   /* seconds; 0: never */
	unsigned cap;                      /* messages an hour */
	unsigned failing;                  /* seconds */
	char *templates;                   /* a directory */
};

/* Another repository: a mirror, or the upstream. Strings are owned, "" where not given. */
struct xb_remote_conf {
	char *name;        /* of [mirror NAME]; "upstream" */
	char *url;         /* see url.h */
	char *key;         /* ssh: a private key's file; https: a file with USER:PASSWORD */
	char *known_hosts; /* ssh: a file as in ssh(1) */
	char *ca;          /* https: a file with the certificates to trust, in place of the system's */
	unsigned timeout;  /* seconds that the other side may be silent */
	bool is_private;   /* may have what is private */
};

/* [relay]: the bot's host, for events that a hook leaves elsewhere. Strings are owned, "" where not given. */
struct xb_relay_conf {
	char *host; /* "": there is no such section */
	unsigned port;
	char *user, *key, *known_hosts; /* the last two are absolute paths */
	unsigned timeout;               /* seconds for each step */
};

/* [pages]. Strings are owned, "" where not given. */
struct xb_pages_conf {
	char *url;       /* where the pages will be, with a last slash */
	char *clone;     /* where the repository can be cloned from */
	char *directory; /* that the bot keeps; a path */
};

struct xb_config {
	char *file; /* as named by -c, or NULL for the built-in defaults */

	char *repository;              /* [repository] path: absolute; NULL when only -C names it */
	char *state_dir;               /* [repository] state: default PATH.xsabot; NULL with repository */
	char *spool;                   /* [repository] spool: default STATE/spool; NULL with state_dir */
	bool state_given, spool_given; /* by the file */
	/* Who may push to the bot's refs, from another host: a user's name or number, and NAME=value of an
	 * environment; "": nobody. */
	char *account, *account_environment;
	enum xb_sandbox_use sandbox; /* of the process that makes a plan first */
	unsigned limit;              /* [repository] limit: seconds that the plan of one line may take */
	unsigned rescan;             /* [repository] rescan: seconds between looks that no event asked for */

	bool is_private; /* [repository] private: nothing of it goes to a place that is not marked so, too */
	struct xb_remote_conf *upstream; /* [repository] upstream: where the repository is; NULL: here */
	unsigned poll;                   /* seconds between two looks at the upstream */
	struct {
		struct xb_remote_conf *v;
		size_t n, cap;
	} mirrors; /* in the order of the file */

	bool all_lines;       /* lines = * */
	char *lines_from;     /* lines = 4.4- : "4.4"; NULL otherwise */
	struct xb_strv lines; /* lines = a b c */
	struct xb_line_conf line_default;
	struct {
		struct xb_line_override *v;
		size_t n, cap;
	} overrides;

	unsigned rules_version;      /* 0: not set */
	struct xb_strv security;     /* PCRE2 patterns; a match makes a commit security */
	struct xb_strv not_security; /* PCRE2 patterns; see rules.h */
	char *advisory;              /* "XSA-{n}" */
	struct xb_strv bookkeeping;  /* patterns of paths in which every commit writes */
	struct xb_strv changelog;    /* patterns of files that tell of fixes; informs only */
	struct xb_strv alias;        /* other names of advisories, "CVE-{n}"; may be empty */
	bool follow_ups, trailers;
	char *notes; /* full ref name, or "" for none */

	struct {
		struct xb_pick_conf *v;
		size_t n, cap;
	} picks;

	char *committer_name, *committer_email;

	struct xb_relay_conf relay;
	struct xb_pages_conf pages;

	struct xb_gate_conf gate;
	struct xb_mail_conf mail;

	char *metadata;     /* [rules] metadata: directory of xsaN.meta files; "" for none */
	char *metadata_url; /* where its files come from, with a last slash; "": it is someone else's */
};

/* Xen's patterns for [rules] security and not-security; NULL ends the lists. */
extern const char *const xb_xen_security[];
extern const char *const xb_xen_not_security[];

/*
 * Reads FILE; with FILE NULL, the built-in defaults. All mistakes are in one
 * error of code XB_E_CONFIG, one a line. *OUT is owned by the caller.
 */
struct xb_err *xb_config_load(const char *file, struct xb_config **out) XB_MUST_CHECK;
/* The same for N bytes of TEXT; FILE is their name in messages, and c->file. */
struct xb_err *xb_config_parse(const char *file, const char *text, size_t n,
			       struct xb_config **out) XB_MUST_CHECK;
/* -C REPO: sets repository, and state_dir and spool unless the file named them. */
void xb_config_set_repository(struct xb_config *c, const char *path);
void xb_config_free(struct xb_config *c);
XB_HANDLE(xb_config)
/* The settings in force for the line NAME: its override or the default. Borrowed. */
const struct xb_line_conf *xb_config_line(const struct xb_config *c, const char *name);
/* Has any line a test system elsewhere? */
bool xb_config_has_external(const struct xb_config *c);
/* Is PATH one of those in which every commit writes? */
bool xb_config_is_bookkeeping(const struct xb_config *c, const char *path);
/* Is NAME a line that the bot looks after: on the list, of the first or higher, or with a section? */
bool xb_config_selects(const struct xb_config *c, const char *name);
/*
 * Appends the rules in force for the line LINE, that is all that can change its
 * plan, as a configuration that can be read again: the same settings give the
 * same bytes, whatever their order in the file. Not the refs, which say what a
 * plan is made of and where it goes. Recorded with what is published and hashed
 * as the rules' id. VERSION is that of the rules, which the settings may leave open.
 */
void xb_config_dump(const struct xb_config *c, const char *line, unsigned version, struct xb_buf *out);
/* Appends all keys: the name, the default, what it is for and what is allowed; by sections. */
void xb_config_keys(struct xb_buf *out);
/*
 * Appends what all may know, and need to make the same plans, as a configuration: which lines, which refs
 * make them, and the rules. No place of this host, no address, no command.
 */
void xb_config_dump_public(const struct xb_config *c, struct xb_buf *out);

#endif
