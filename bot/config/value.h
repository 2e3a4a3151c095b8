/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of values that keys of the configuration have. One that is good goes where it belongs at once, in
 * its final form; what is wrong with another is said in one sentence, with what is allowed.
 */
#ifndef XB_CONFIG_VALUE_H
#define XB_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#define XB_RULES_VERSION_MAX 2u /* the newest version of the rules */
#define XB_RELEASES_MAX 1000u
/* Lines that a file names, and items of other lists: every pair of lines is compared. */
#define XB_LINES_MAX 200

/* What a key allows of its kind. */
struct xb_value_rule {
	const char *choices; /* of xb_kind_choice, xb_kind_yes: words; their order is their number */
	unsigned max;        /* of numbers; of xb_kind_period in seconds, 0: 365 days */
	unsigned needs;      /* of xb_kind_refpat: XB_REFPAT_* that must stand in it, and that only may */
	bool spelled;        /* of xb_kind_refpat: in any spelling */
	bool optional;       /* "none" or nothing, too; of xb_kind_period: "never", which is 0 */
};

/* A text where it stands. */
struct xb_value_text {
	const char *text;
	const struct xb_value_rule *rule;
	bool again;    /* there was one of this key before */
	bool one_line; /* of one line by name, so that {line} may stand in a pattern or not */
	/* What is wrong with it, where that is not the whole text; and in words of its own, owned, where
	 * those of its kind don't do. */
	const char *wrong;
	size_t wrong_n;
	char *why;
};

enum xb_value_form {
	XB_VALUE_BOOL,
	XB_VALUE_NUMBER, /* an unsigned, or an enum */
	XB_VALUE_SIZE,   /* a uint64_t */
	XB_VALUE_TEXT,   /* a char *, owned, "" for none */
	XB_VALUE_TEXTS,  /* two of these, one after the other */
	XB_VALUE_LIST,   /* a struct xb_strv */
	XB_VALUE_PUBLISH /* a struct xb_publish_rule */
};

struct xb_value_kind {
	enum xb_value_form form;
	bool (*take)(struct xb_value_text *t, void *to); /* false: it is wrong, and nothing was stored */
	const char *is;                                  /* "is no period" */
	const char *allowed;                             /* NULL: it depends on the rule */
};

extern const struct xb_value_kind xb_kind_path;      /* absolute */
extern const struct xb_value_kind xb_kind_place;     /* the same, without a last slash */
extern const struct xb_value_kind xb_kind_path_list; /* one in each text */
extern const struct xb_value_kind xb_kind_path_or_none;
extern const struct xb_value_kind xb_kind_url; /* see url.h */
extern const struct xb_value_kind xb_kind_choice, xb_kind_yes /* a bool, of two choices */;
extern const struct xb_value_kind xb_kind_number, xb_kind_period, xb_kind_size;
extern const struct xb_value_kind xb_kind_version, xb_kind_releases, xb_kind_lines, xb_kind_publish;
extern const struct xb_value_kind xb_kind_refpat /* see refpat.h; nothing of the bot's own but chain/ */,
    xb_kind_notes;
extern const struct xb_value_kind xb_kind_regexes; /* PCRE2, see regex.h; nothing: an empty list */
extern const struct xb_value_kind xb_kind_form, xb_kind_forms; /* of advisories' names */
extern const struct xb_value_kind xb_kind_files;               /* patterns of paths */
extern const struct xb_value_kind xb_kind_name, xb_kind_email; /* of a committer: kept by git as they are */
extern const struct xb_value_kind xb_kind_host, xb_kind_user, xb_kind_command, xb_kind_word;
extern const struct xb_value_kind xb_kind_web, xb_kind_site /* with a last slash */,
    xb_kind_metadata /* a site, or a directory */;
/* Of mail: */
extern const struct xb_value_kind xb_kind_mailbox /* name and address */, xb_kind_address, xb_kind_addresses,
    xb_kind_domain, xb_kind_domains;
extern const struct xb_value_kind xb_kind_transport, xb_kind_secret;

/* What RULE allows of KIND, in words; owned. */
char *xb_value_allowed(const struct xb_value_kind *kind, const struct xb_value_rule *rule);
/* Stores what T says at TO: NULL; or what is wrong, and allowed, owned; TO is as it was then. */
char *xb_value_take(const struct xb_value_kind *kind, struct xb_value_text *t, void *to);
/* Stores at TO, where nothing is, what is at FROM. */
void xb_value_copy(enum xb_value_form form, void *to, const void *from);
void xb_value_release(enum xb_value_form form, void *at);

/* For kinds that are a text: keeps TEXT at TO; true. */
bool xb_text_keep(void *to, const char *text);
/* For kinds that are lists of words: adds those of T, each of which is OK, to TO, which has none of them yet.
 */
bool xb_words_take(struct xb_value_text *t, void *to, bool (*ok)(struct xb_value_text *t, const char *word));
/* TEXT is "" or "none". */
bool xb_is_none(const char *text);
/* ID is FORM ("XSA-{n}") with a number ([0-9]+([.-][0-9]+)*, so that CVE-2023-1234 is one) in the place of
 * {n}; of a form with {id}, such as GHSA-{id}, letters and digits with dashes between them. */
bool xb_form_match(const char *form, const char *id);
/* LEN is 7 to 64, and these bytes are lower-case hex digits. */
bool xb_commit_ok(const char *s, size_t len);
/* Cuts the next word off *S: its length (0: none is left), *WORD where it begins. */
size_t xb_next_word(const char **s, const char **word);

#endif
