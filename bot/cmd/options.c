/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include "config/value.h"
#include "util/alloc.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

enum kind { FLAG, TEXT, FORMAT, SECONDS, NUMBER, VERSION };

static const struct row {
	const char *name; /* NULL: there is only the letter */
	char letter;      /* 0: there is only the name */
	enum kind kind;
	size_t at;         /* in struct xb_options: a bool, a const char *, an enum, an unsigned */
	const char *value; /* as the help shows it */
	const char *help;  /* NULL: all commands take it, and the general help has it */
} rows[] = {
#define AT(field) offsetof(struct xb_options, field)
    {"base", 0, TEXT, AT(base), "=REV", "the base, in place of the newest release"},
    {"tip", 0, TEXT, AT(tip), "=REV", "the tip, in place of the staging branch"},
    {"format", 0, FORMAT, AT(format), "=FORMAT", "of what is printed:"},
    {"left-out", 0, FLAG, AT(left_out), "", "list the window's commits that are not in the branch, too"},
    {"no-discover", 0, FLAG, AT(plan.no_discover), "", "declared prerequisites only"},
    {"no-meaning", 0, FLAG, AT(plan.no_meaning), "", "search prerequisites by text only"},
    {"no-follow-ups", 0, FLAG, AT(plan.no_follow_ups), "", "leave out the repairs of security fixes"},
    {"rules-version", 0, VERSION, AT(rules_version), "=N",
     "of the algorithms: 1, or 2, which knows whole fixes"},
    {"line", 0, TEXT, AT(line), "=LINE", "this line alone, or one of its releases"},
    {"reason", 0, TEXT, AT(reason), "=TEXT", "why, in a line, for all who have it"},
    {"dry-run", 0, FLAG, AT(dry_run), "", "print what would be done, and write nothing"},
    {"apply", 0, FLAG, AT(apply), "", "write to the notes that plans are made by, at once"},
    {"now", 0, FLAG, AT(now), "", "publish without waiting for a batch"},
    {"retest", 0, FLAG, AT(retest), "", "forget what the gate's command gave, and test again"},
    {"accept-removal", 0, FLAG, AT(accept_removal), "",
     "accept, this once, that something which was published goes"},
    {"with-git", 0, FLAG, AT(with_git), "", "git computes each pick again, too"},
    {"strict", 0, FLAG, AT(strict), "", "a derived ref that is behind counts as a difference"},
    {"preview", 0, FLAG, AT(preview), "", "print them; nothing is sent or kept"},
    {"since", 0, TEXT, AT(since), "=REV", "only what that commit, of a branch of the line, does not have"},
    {"new-since", 0, TEXT, AT(since), "=REV", "the same: what is new to who packaged that commit"},
    {"names", 0, TEXT, AT(names), "=STYLE", "files are named by advisory, or by origin (the main branch)"},
    {"for", 0, TEXT, AT(kind), "=KIND",
     "of a package (quilt, list, rpm ...), or of units (watch, timer ...); see xsabot(1)"},
    {"skip", 0, TEXT, AT(skip), "=FILE", "leave out what FILE names by the id of its commit"},
    {"revision", 0, TEXT, AT(revision), "=TEXT", "of the package: its revision, or the patch set's"},
    {"start", 0, NUMBER, AT(start), "=N", "the first number for rpm's patches"},
    {"command", 0, TEXT, AT(command), "=CMD",
     "run by /bin/sh on a fresh copy of each tree: 0 passes, 125 can't tell, others fail"},
    {"state", 0, TEXT, AT(state), "=FILE", "remember what each test gave, to go on there when stopped"},
    {"once", 0, FLAG, AT(once), "", "send what is there, and end"},
    {"timeout", 0, SECONDS, AT(timeout), "=SECONDS", "a command that runs longer fails"},
    {"tests", 0, NUMBER, AT(tests), "=N",
     "so many now, 1000 by default; the same command goes on from there"},
    {"protect", 0, FLAG, AT(protect), "", "the update hook, too, which refuses pushes to the bot's refs"},
    {"numbers", 0, FLAG, AT(numbers), "", "a page of report's numbers, too: all windows are planned"},
    {"push", 0, FLAG, AT(push), "", "push now, whatever failed before"},
    {"adopt", 0, FLAG, AT(adopt), "", "push now, over what someone else put there"},
    {"config", 'c', TEXT, AT(config), NULL, NULL},
    {NULL, 'C', TEXT, AT(repo), NULL, NULL},
    {"quiet", 'q', FLAG, AT(quiet), NULL, NULL},
    {"verbose", 'v', FLAG, AT(verbose), NULL, NULL},
    {"help", 'h', FLAG, AT(help), NULL, NULL},
    {"version", 0, FLAG, AT(version), NULL, NULL},
#undef AT
};

enum { N_ROWS = sizeof rows / sizeof *rows, LONG = 256 /* what getopt gives for row 0 */ };
_Static_assert(N_ROWS <= sizeof((struct xb_given *)NULL)->v, "struct xb_given has a place for each row");

static const char letters[] = ":c:C:qvh"; /* those of the rows */

static const char *const formats[] = {"text",  "ids", "json",        "tap",
				      "junit", "csv", "openmetrics", "nagios"}; /* by enum xb_format */

static struct xb_err *take_format(const char *value, enum xb_format *out)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(value, formats[i]) != 0)
			continue;
		*out = (enum xb_format)i;
		return NULL;
	}
	return xb_err_new(XB_E_USAGE, "--format=%s: there is no such format", value);
}

static struct xb_err *take_number(const char *name, const char *value, const char *of, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || !n || n > 10000000)
		return xb_err_new(XB_E_USAGE, "--%s=%s: it is a number%s, 1 to 10000000", name, value, of);
	*out = (unsigned)n;
	return NULL;
}

static struct xb_err *take_version(const char *value, unsigned *out)
{
	struct xb_value_text t = {.text = *value ? value : "none",
				  .rule = &(struct xb_value_rule){.max = XB_RULES_VERSION_MAX}};
	XB_AUTOFREE char *why = xb_value_take(&xb_kind_version, &t, out);

	return why ? xb_err_new(XB_E_USAGE, "--rules-version: %s", why) : NULL;
}

static struct xb_err *take(const struct row *r, const char *value, struct xb_options *o)
{
	void *to = (char *)o + r->at;

	switch (r->kind) {
	case FLAG:
		*(bool *)to = true;
		break;
	case TEXT:
		*(const char **)to = value;
		break;
	case FORMAT:
		return take_format(value, to);
	case VERSION:
		return take_version(value, to);
	case SECONDS:
		return take_number(r->name, value, " of seconds", to);
	case NUMBER:
		return take_number(r->name, value, "", to);
	}
	return NULL;
}

/* WORD is the argument that getopt was at; for one letter among others it may be the one after. */
static struct xb_err *bad_option(int c, const char *word)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > 0 && optopt < LONG && strncmp(word, "--", 2) != 0)
		word = letter;
	if (c == ':')
		return xb_err_new(XB_E_USAGE, "a value is missing after %s; see xsabot -h", word);
	if (optopt && !strncmp(word, "--", 2) && strchr(word, '='))
		return xb_err_new(XB_E_USAGE, "that option takes no value: %s; see xsabot -h", word);
	return xb_err_new(XB_E_USAGE, "unknown or ambiguous option %s; see xsabot -h", word);
}

/* The rows with a name, for getopt; OUT has room for N_ROWS and the end. */
static void list_long(struct option *out)
{
	for (int i = 0; i < N_ROWS; i++)
		if (rows[i].name)
			*out++ = (struct option){rows[i].name,
						 rows[i].kind == FLAG ? no_argument : required_argument, NULL,
						 LONG + i};
	*out = (struct option){NULL, 0, NULL, 0};
}

static size_t row_of(int c)
{
	size_t i = 0;

	if (c >= LONG)
		return (size_t)(c - LONG);
	while (rows[i].letter != c) /* getopt gives no letter that has none */
		i++;
	return i;
}

struct xb_err *xb_options_parse(int argc, char **argv, struct xb_options *out, struct xb_given *given)
{
	struct option names[N_ROWS + 1];
	int c;

	list_long(names);
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		size_t i;

		if (c == '?' || c == ':')
			return bad_option(c, argv[optind - 1]);
		i = row_of(c);
		XB_TRY(take(&rows[i], optarg, out));
		given->v[i] = rows[i].help != NULL;
	}
	out->args = argv + optind;
	out->n_args = (size_t)(argc - optind);
	return NULL;
}

/* Where NAME stands in NAMES, "NAME" or "NAME=VALUE,VALUE"; NULL: nowhere. */
static const char *among(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = names; (p = strstr(p, name)); p += n)
		if ((p == names || p[-1] == ' ') && strchr(" =", p[n]))
			return p;
	return NULL;
}

/* What may be given for the option at AT in such a list, and how long that is. */
static const char *values(const char *at, size_t *n)
{
	at += strcspn(at, " =");
	at += *at == '=';
	*n = strcspn(at, " ");
	return at;
}

struct xb_err *xb_options_check_format(const struct xb_options *o, const char *taken)
{
	const char *at = among(taken, "format"), *all, *word = formats[o->format];
	size_t n = 0, len = strlen(word);

	all = at ? values(at, &n) : "";
	for (const char *p = all; n && p < all + n; p += strcspn(p, ", ") + 1)
		if (!strncmp(p, word, len) && (p[len] == ',' || p + len == all + n))
			return NULL;
	return n ? xb_err_new(XB_E_USAGE, "--format=%s: here it is one of %.*s", word, (int)n, all) : NULL;
}

const char *xb_options_stray(const struct xb_given *given, const char *taken)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (given->v[i] && !among(taken, rows[i].name))
			return rows[i].name;
	return NULL;
}

void xb_options_help(const char *taken)
{
	for (const struct row *r = rows; r < rows + N_ROWS; r++) {
		const char *at = r->help ? among(taken, r->name) : NULL, *of;
		size_t n;

		if (!at)
			continue;
		of = values(at, &n);
		printf("  --%s%-*s %s%s%.*s\n", r->name, 16 - (int)strlen(r->name), r->value, r->help,
		       n ? " " : "", (int)n, of);
	}
}
