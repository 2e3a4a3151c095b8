/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of the configuration, a row each, and the reader that takes what a file gives them to where the
 * rows say. What a key says together with others is judged once all was read (config.c), so that the order of
 * sections does not matter. A new key is a row here, a field in config.h, and its words in xsabot.conf(5) and
 * xsabot.conf.example, which a test looks for.
 */
#ifndef XB_CONFIG_KEYS_H
#define XB_CONFIG_KEYS_H

#include "config.h"
#include "value.h"
#include "text/ini.h"

enum xb_section {
	XB_S_REPOSITORY = 1,
	XB_S_LINES = 2,
	XB_S_LINE = 4, /* [line NAME] */
	XB_S_RULES = 8,
	XB_S_PICKS = 16,
	XB_S_POLICY = 32,
	XB_S_COMMITTER = 64,
	XB_S_GATE = 128,
	XB_S_MAIL = 256,
	XB_S_MIRROR = 512, /* [mirror NAME] */
	XB_S_RELAY = 1024,
	XB_S_PAGES = 2048,
};

/* Whose field a key is. */
enum xb_owner {
	XB_OF_CONFIG, /* struct xb_config */
	XB_OF_LINE,   /* struct xb_line_conf: that of [line NAME], or the default of all lines */
	XB_OF_REMOTE, /* struct xb_remote_conf: that of [mirror NAME], or in [repository] the upstream */
};

struct xb_key {
	unsigned sections;
	const char *name;
	const char *def; /* as text; NULL: it follows from other keys, as HELP says, or there is none */
	const struct xb_value_kind *kind;
	enum xb_owner owner;
	size_t at;
	const char *help;
	struct xb_value_rule rule;
	bool repeats;
};

#define XB_KEYS_MAX 96

/* What one section gave, or all that are but once: their keys differ. */
struct xb_scope {
	char *name; /* of [line NAME], [mirror NAME]; NULL */
	unsigned line;
	unsigned set[XB_KEYS_MAX]; /* by row: the line of the first text; 0: none */
	bool bad[XB_KEYS_MAX];     /* with a mistake in one of them */
};

struct xb_scopes {
	struct xb_scope *v;
	size_t n, cap;
};

struct xb_config_reader {
	struct xb_mistakes m;
	struct xb_config *c;
	struct xb_scope common, *now;
	enum xb_section section; /* of now; 0: an unknown one */
	char *heading;
	struct xb_scopes lines, mirrors; /* one for each of c->overrides, c->mirrors */
	unsigned mail_line;              /* where [mail] begins; 0: nowhere */
	bool bad_refs; /* a ref pattern has a mistake: comparing them would tell of more that aren't there */
};

/* Reads the N bytes at TEXT into r->c; mistakes go to r->m. Defaults are there before. */
void xb_keys_read(struct xb_config_reader *r, const char *text, size_t n);
/* Lines get what they don't say themselves from the default of all lines. */
void xb_keys_inherit(struct xb_config_reader *r);
void xb_config_reader_release(struct xb_config_reader *r);
void xb_remote_conf_release(struct xb_remote_conf *m);
/* Releases all fields that keys fill. */
void xb_keys_release(struct xb_config *c);

/* The line where S gives the key NAME of SECTION, 0: nowhere; and the same where it is not bad. */
unsigned xb_key_line(const struct xb_scope *s, enum xb_section section, const char *name);
unsigned xb_key_good(const struct xb_scope *s, enum xb_section section, const char *name);

#endif
