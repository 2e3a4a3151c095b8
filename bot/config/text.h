/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration file says, key by key, before it becomes a struct
 * xb_config: texts, each checked by itself where it stands. Which of them is in
 * force for a line (its section's, that of [lines] or [policy], or the default)
 * is asked once all was read, so that the order of sections does not matter.
 */
#ifndef XB_CONFIG_TEXT_H
#define XB_CONFIG_TEXT_H

#include "config.h"
#include "util/ini.h"

/* Lines that a file names, and items of other lists: every pair of lines is compared. */
#define XB_LINES_MAX 200

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

enum xb_key {
	XB_K_PATH,
	XB_K_STATE,
	XB_K_SPOOL,
	XB_K_ACCOUNT,
	XB_K_ACCOUNT_ENVIRONMENT,
	XB_K_RESCAN,
	XB_K_LIMIT,
	XB_K_SANDBOX,
	XB_K_PRIVATE,
	XB_K_UPSTREAM,
	XB_K_URL,
	XB_K_KEY,
	XB_K_KNOWN_HOSTS,
	XB_K_CA,
	XB_K_TIMEOUT,
	XB_K_POLL,
	XB_K_STAGING,
	XB_K_RELEASE,
	XB_K_DERIVED,
	XB_K_DERIVED_RELEASE,
	XB_K_CHAIN,
	XB_K_RELEASES,
	XB_K_LINES,
	XB_K_ON_BLOCK,
	XB_K_HISTORY,
	XB_K_CROSS_CHECK,
	XB_K_PUBLISH,
	XB_K_VERSION,
	XB_K_SECURITY,
	XB_K_NOT_SECURITY,
	XB_K_ADVISORY,
	XB_K_ALIAS,
	XB_K_BOOKKEEPING,
	XB_K_CHANGELOG,
	XB_K_FOLLOW_UPS,
	XB_K_TRAILERS,
	XB_K_NOTES,
	XB_K_METADATA,
	XB_K_NAME,
	XB_K_EMAIL,
	XB_K_COMMAND,
	XB_K_EXTERNAL,
	XB_K_LINE_GATE,     /* of one line; where it is not given, XB_K_COMMAND */
	XB_K_LINE_EXTERNAL, /* of one line; where it is not given, XB_K_EXTERNAL */
	XB_K_GATE_TIMEOUT,
	XB_K_GATE_RETRY,
	XB_K_GATE_JOBS,
	XB_K_GATE_MEMORY,
	XB_K_GATE_MEMORY_TOTAL,
	XB_K_GATE_OUTPUT,
	XB_K_GATE_NETWORK,
	XB_K_GATE_SANDBOX,
	XB_K_GATE_WRITABLE,
	XB_K_GATE_HIDE,
	XB_K_MAIL_FROM,
	XB_K_MAIL_CONTACT,
	XB_K_MAIL_TO,
	XB_K_MAIL_ANNOUNCE,
	XB_K_MAIL_MAINTAINERS,
	XB_K_MAIL_DOMAINS,
	XB_K_MAIL_LIST_ID,
	XB_K_MAIL_TRANSPORT,
	XB_K_MAIL_TLS,
	XB_K_MAIL_CA,
	XB_K_MAIL_USER,
	XB_K_MAIL_SECRET,
	XB_K_MAIL_TIMEOUT,
	XB_K_MAIL_REMIND,
	XB_K_MAIL_CAP,
	XB_K_MAIL_FAILING,
	XB_K_MAIL_TEMPLATES,
	XB_K_MAIL_PRIVATE,
	XB_K_LINE_MAIL_TO,
	XB_K_RELAY_HOST,
	XB_K_RELAY_PORT,
	XB_K_RELAY_USER,
	XB_K_RELAY_KEY,
	XB_K_RELAY_KNOWN_HOSTS,
	XB_K_RELAY_TIMEOUT,
	XB_K_PAGES_URL,
	XB_K_PAGES_CLONE,
	XB_K_PAGES_DIRECTORY,
	XB_K_COUNT,
};

struct xb_setting {
	struct xb_strv texts; /* several only where the key repeats */
	unsigned *line;       /* of each text; grows with texts.cap */
	bool bad;             /* given, but with a mistake */
};

/* All sections but [line NAME] and [mirror NAME] share one scope: their keys differ. */
struct xb_scope {
	char *name; /* of [line NAME], [mirror NAME]; NULL */
	unsigned line;
	struct xb_setting set[XB_K_COUNT];
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
	struct xb_scopes lines, mirrors;
	unsigned mail_line; /* where [mail] begins; 0: nowhere */
	bool bad_refs; /* a ref pattern has a mistake: comparing them would tell of more that aren't there */
};

/* Reads the N bytes at TEXT: mistakes go to r->m, [picks] to r->c, the rest to the scopes. */
void xb_config_text_read(struct xb_config_reader *r, const char *text, size_t n);
void xb_config_reader_release(struct xb_config_reader *r);

const char *xb_key_name(enum xb_key key);
/* NULL: no text says the default. */
const char *xb_key_default(enum xb_key key);
/* The setting of KEY that counts for SCOPE, without mistakes; NULL: the default does. */
const struct xb_setting *xb_setting_given(const struct xb_config_reader *r, const struct xb_scope *scope,
					  enum xb_key key);
/* Its text, or the default's. */
const char *xb_setting_text(const struct xb_config_reader *r, const struct xb_scope *scope, enum xb_key key);
/* The same of SCOPE alone: what another section says does not count. */
const char *xb_setting_own(const struct xb_scope *scope, enum xb_key key);
/* The number of its word among the key's choices. */
int xb_setting_choice(const struct xb_config_reader *r, const struct xb_scope *scope, enum xb_key key);

#endif
