/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of single values of the configuration. Each gives NULL when TEXT is
 * fine, or an owned text "what is wrong; allowed: ...". SPEC is the key's own
 * part of the rule; see the check for what it reads of it.
 */
#ifndef XB_CONFIG_VALUE_H
#define XB_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The only version of the algorithms so far; a plan made by another can't be repeated. */
#define XB_RULES_VERSION_MAX 2u /* the newest */
#define XB_RELEASES_MAX 1000u

struct xb_value_spec {
	const char *choices; /* xb_value_choice: words, a blank between two; their order is their number */
	const char *hint;    /* xb_value_choice: added to the list of words, or NULL */
	unsigned needs;      /* xb_value_refpat: XB_REFPAT_* that must stand in it, and that only may */
	bool optional; /* xb_value_refpat, _notes, _size, _url: "none" or nothing, too; _period: "never" */
	unsigned max;  /* xb_value_number: the highest; _period: in seconds, 0: 365d */
	bool spelled;  /* xb_value_refpat: in any spelling */
	bool one_line; /* xb_value_refpat: for one line by name, so {line} may stand in it or not */
};

typedef char *xb_value_check(const char *text, const struct xb_value_spec *spec);

xb_value_check xb_value_path;     /* absolute */
xb_value_check xb_value_dir;      /* absolute, or nothing */
xb_value_check xb_value_url;      /* see url.h; with spec->optional "none" or nothing, too */
xb_value_check xb_value_choice;   /* one of spec->choices */
xb_value_check xb_value_version;  /* of the rules */
xb_value_check xb_value_releases; /* newest, all, or a number */
xb_value_check xb_value_lines;    /* "*", "4.4-", or names with blanks between them */
xb_value_check xb_value_refpat;   /* see refpat.h; nothing in the bot's own refs/xsabot/ but chain/ */
xb_value_check xb_value_notes;    /* a ref in refs/notes/ */
xb_value_check
    xb_value_regex; /* PCRE2, see regex.h, that does not match everything; or nothing: an empty list */
xb_value_check xb_value_form;  /* an advisory's name with {n} in it */
xb_value_check xb_value_paths; /* patterns of paths, with blanks between them, or none */
xb_value_check xb_value_forms; /* several, with blanks between them, or none */
xb_value_check xb_value_name;  /* of a committer: kept by git as it is */
xb_value_check xb_value_email;
xb_value_check xb_value_number;  /* 1 to spec->max */
xb_value_check xb_value_period;  /* a number and s, m, h or d; 1 s to 365 d */
xb_value_check xb_value_size;    /* of at least 64 KiB: a number and K, M or G */
xb_value_check xb_value_publish; /* now, quiet PERIOD [max PERIOD], at WEEKDAY HH:MM UTC */
xb_value_check xb_value_host;    /* a host's name or address */
xb_value_check xb_value_user;    /* of a login */
xb_value_check xb_value_metadata; /* a directory, or an address on the web, or nothing */
xb_value_check xb_value_web;     /* of a web page or a public repository: https:// or http://, or nothing */
xb_value_check xb_value_command; /* a command line, or none */

/* What these texts, found good by the checks above, say. */
unsigned xb_period_of(const char *text); /* seconds */
uint64_t xb_size_of(const char *text);   /* bytes; 0: none */
struct xb_publish_rule;
bool xb_publish_rule_of(const char *text, struct xb_publish_rule *out); /* false: it is none */

/* The number of the word TEXT in CHOICES (see above), or -1. */
int xb_choice(const char *choices, const char *text);
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
