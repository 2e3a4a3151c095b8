/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration for a repository that nobody has described yet: what its names and commits suggest. */
#include "cmd.h"

#include "lines/lines.h"
#include "lines/refnames.h"
#include "odb/ancestry.h"
#include "refs/refname.h"
#include "repo/git.h"
#include "suggest/habits.h"
#include "suggest/shapes.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADS "refs/heads/"
#define TAGS "refs/tags/"
#define XENS HEADS "staging-{line}"

enum { RECENT_S = 2 * 366 * 24 * 3600, SHOWN = 60, FIRM = 4 /* one commit in so many */ };

struct suggesting {
	git_repository *repo;
	struct xb_store *store;
	struct xb_shapes branches, tags;
	struct xb_naming naming;
	char *path, *head; /* of the repository; its default branch, or NULL */
	struct xb_targets targets;
	char *from; /* the first line that is still at work; NULL: all are */
	struct xb_habits habits;
};

/* ---- refs ---- */

static struct xb_err *read_names(struct suggesting *s)
{
	struct xb_refnames refs = {.repo = s->repo};
	XB_AUTOSTRV struct xb_strv heads = {0}, tags = {0}, remote = {0};
	XB_AUTOGIT(git_reference) *head = NULL;

	XB_TRY(xb_refnames_find(&refs, HEADS, &heads));
	XB_TRY(xb_refnames_find(&refs, TAGS, &tags));
	XB_TRY(xb_refnames_find(&refs, "refs/remotes/", &remote));
	for (size_t i = 0; i < heads.n; i++)
		xb_shapes_add(&s->branches, heads.v[i], false);
	for (size_t i = 0; i < tags.n; i++)
		xb_shapes_add(&s->tags, tags.v[i], true);
	if (heads.n <= 1 && remote.n > 1)
		return xb_err_new(XB_E_USAGE,
				  "%s is a clone, in which the stable branches are remote ones; git clone "
				  "--mirror brings them as they are",
				  s->path);
	if (!s->tags.n)
		return xb_err_new(XB_E_USAGE, "%s has no tag with a number in it: nothing can be a release",
				  s->path);
	if (!git_repository_head(&head, s->repo))
		s->head = xb_strdup(git_reference_name(head));
	xb_shapes_settle(&s->branches);
	xb_shapes_settle(&s->tags);
	s->naming = xb_naming_find(&s->branches, &s->tags);
	return NULL;
}

/* ---- lines ---- */

/* The keys of [lines], without remarks; owned. */
static char *lines_text(const struct suggesting *s)
{
	XB_AUTOFREE char *staging = NULL, *release = NULL;

	if (!s->naming.lines) {
		release = xb_shape_numbers(xb_shapes_largest(&s->tags), "");
		return xb_asprintf(
		    "[line main]\nstaging = %s\nrelease = %s\nderived = refs/heads/security/main\n",
		    s->head ? s->head : HEADS "main", release);
	}
	staging = xb_naming_staging(&s->naming);
	release = xb_naming_release(&s->naming);
	return xb_asprintf("[lines]\nstaging = %s\nrelease = %s\nderived = refs/heads/%s{line}\n", staging,
			   release, strcmp(staging, XENS) ? "security/" : "xsa-");
}

static struct xb_err *find_targets(struct suggesting *s)
{
	XB_AUTOFREE char *text = lines_text(s), *all = NULL;
	struct xb_config *c = NULL;
	struct xb_err *err;

	all = s->naming.lines ? xb_strdup(text) : xb_asprintf("[lines]\nlines = main\n%s", text);
	err = xb_config_parse("suggested", all, strlen(all), &c);
	if (!err)
		err = xb_targets_find(s->repo, c, NULL, 0, NULL, &s->targets);
	for (size_t i = 0; i < s->targets.n; i++)
		s->targets.v[i].conf = NULL; /* of a configuration that goes */
	xb_config_free(c);
	return err ? xb_err_wrap(err, "%s", s->path) : NULL;
}

static struct xb_err *time_of(struct suggesting *s, const git_oid *oid, int64_t *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(s->store, oid, &c));
	*out = c.committer.time;
	return NULL;
}

/* Lines before the first one that is at work are left out. */
static struct xb_err *find_first(struct suggesting *s)
{
	int64_t newest = 0;
	XB_AUTOFREE int64_t *times = xb_calloc(s->targets.n + 1, sizeof *times);
	size_t first = 0;

	for (size_t i = 0; i < s->targets.n; i++) {
		if (!git_oid_is_zero(&s->targets.v[i].tip))
			XB_TRY(time_of(s, &s->targets.v[i].tip, &times[i]));
		newest = times[i] > newest ? times[i] : newest;
	}
	while (first < s->targets.n && times[first] < newest - RECENT_S)
		first++;
	if (first && first < s->targets.n && xb_version_ok(s->targets.v[first].line))
		s->from = xb_strdup(s->targets.v[first].line);
	return NULL;
}

static bool is_looked_after(const struct suggesting *s, const struct xb_target *t)
{
	return !s->from || xb_version_cmp(t->line, s->from) >= 0;
}

static bool is_below(const char *numbers, const char *line)
{
	size_t len = strlen(line);

	return !strncmp(numbers, line, len) && numbers[len] == '.';
}

/* Is it above T's base, of the same major number, and of no line that there is? */
static bool may_be_beyond(const struct suggesting *s, const struct xb_target *t, const char *numbers)
{
	XB_AUTOFREE char *major = xb_memdup0(t->line, strcspn(t->line, "."));

	if (!is_below(numbers, major) || xb_version_cmp(numbers, t->release ? t->release : t->line) <= 0)
		return false;
	for (size_t i = 0; i < s->targets.n; i++)
		if (is_below(numbers, s->targets.v[i].line) || !strcmp(numbers, s->targets.v[i].line))
			return false;
	return true;
}

/* The highest release of another name that the line's branch has, beyond its base, if any: "2.11.8" on 2.0.
 */
static struct xb_err *find_beyond(struct suggesting *s, const struct xb_target *t, const char **out)
{
	const struct xb_shape *tags = s->naming.tags;
	XB_AUTOPTR(xb_ancestry) *a = xb_ancestry_new(s->store, &t->tip);
	struct xb_refnames refs = {.repo = s->repo};

	*out = NULL;
	for (size_t i = 0; tags && i < tags->names.n; i++) {
		const struct xb_numbered *n = &tags->names.v[i];
		git_oid commit;
		bool in = false;

		if (!may_be_beyond(s, t, n->numbers) || (*out && xb_version_cmp(n->numbers, *out) <= 0))
			continue;
		XB_TRY(xb_refnames_peel(&refs, n->ref, &commit));
		if (!git_oid_is_zero(&commit))
			XB_TRY(xb_ancestry_has(a, &commit, &in));
		*out = in ? n->numbers : *out;
	}
	return NULL;
}

/* ---- what is printed ---- */

static void print_target(const struct xb_target *t)
{
	XB_AUTOFREE char *tag = xb_vis_dup(t->base_tag ? t->base_tag : "");

	printf("#   %-8s ", t->line);
	if (t->trouble)
		puts("can't be read");
	else if (t->status == XB_TARGET_OK)
		printf("on %s%s\n", tag, t->stray ? ", with a higher tag that is passed over" : "");
	else
		puts("no release");
}

static struct xb_err *print_sections(struct suggesting *s)
{
	for (size_t i = 0; i < s->targets.n; i++) {
		const struct xb_target *t = &s->targets.v[i];
		XB_AUTOFREE char *major =
		    xb_asprintf("%.*s%c", (int)strcspn(t->line, "."), t->line,
				s->naming.tags && s->naming.tags->sep ? s->naming.tags->sep : '.');
		XB_AUTOFREE char *release = s->naming.tags ? xb_shape_numbers(s->naming.tags, major) : NULL;
		const char *beyond;

		if (!s->naming.lines || t->trouble || git_oid_is_zero(&t->tip) || !is_looked_after(s, t))
			continue;
		XB_TRY(find_beyond(s, t, &beyond));
		if (beyond)
			printf(
			    "\n# This branch has %s as well: all releases of its major number are its own.\n"
			    "[line %s]\nrelease = %s\n",
			    beyond, t->line, release);
	}
	return NULL;
}

/* Names of another shape, of which there are many. */
static void print_others(const char *what, const struct xb_shapes *all, const struct xb_shape *taken)
{
	for (size_t i = 0, said = 0; i < all->n && said < 3; i++) {
		const struct xb_shape *one = &all->v[i];
		XB_AUTOFREE char *name = NULL;

		if (one == taken || !one->sep || one->names.n < 3 || one->names.n * FIRM < taken->names.n)
			continue;
		name = xb_vis_dup(one->names.v[one->names.n - 1].ref);
		printf("# Unsure: %zu %s like %s are none of these.\n", one->names.n, what, name);
		said++;
	}
}

static struct xb_err *print_lines(struct suggesting *s)
{
	XB_AUTOFREE char *text = lines_text(s);
	size_t good = 0;

	for (size_t i = 0; i < s->targets.n; i++)
		good += s->targets.v[i].status == XB_TARGET_OK && is_looked_after(s, &s->targets.v[i]);
	fputs(text, stdout);
	if (s->naming.lines)
		printf("lines = %s%s\n", s->from ? s->from : "*", s->from ? "-" : "");
	else
		puts("# Unsure: no branch has the numbers of a release in its name, so there is one line.");
	if (s->from)
		puts("# Left out: lines before, without a commit in the two years before the newest one.");
	printf("# Found:\n");
	for (size_t i = 0; i < s->targets.n && i < SHOWN; i++)
		if (is_looked_after(s, &s->targets.v[i]))
			print_target(&s->targets.v[i]);
	if (s->naming.lines) {
		print_others("branches", &s->branches, s->naming.branches);
		print_others("tags", &s->tags, s->naming.tags);
	}
	if (!good)
		puts("# Unsure: no line has a release that can be its base.");
	return print_sections(s);
}

static void print_scheme(const struct suggesting *s, enum xb_scheme k)
{
	const struct xb_habits *h = &s->habits;

	if (!h->shown[k] && !h->prose[k])
		return;
	printf("# %s: %zu commits name one where fixes do", xb_scheme_form(k), h->shown[k]);
	if (h->prose[k])
		printf(", %zu in prose alone, such as %.12s%s", h->prose[k], xb_hex(&h->example[k]).s,
		       h->prose[k] * FIRM > h->shown[k] ? " (unsure: the pattern takes these, too)" : "");
	puts(".");
}

static void print_patterns(const struct suggesting *s, enum xb_scheme unit)
{
	bool any = false;

	printf("security = %s\n", xb_scheme_pattern(unit));
	for (enum xb_scheme k = 0; k < XB_SCHEMES; k++)
		if (k != unit && s->habits.shown[k])
			printf("security = %s\n", xb_scheme_pattern(k));
	printf("advisory = %s\n", xb_scheme_form(unit));
	for (enum xb_scheme k = 0; k < XB_SCHEMES; k++)
		if (k != unit && (s->habits.shown[k] || s->habits.prose[k])) {
			printf("%s%s", any ? " " : "alias = ", xb_scheme_form(k));
			any = true;
		}
	if (any)
		putchar('\n');
}

/* CVEs are what others look for; a project that gives its fixes names of its own alone has no choice. */
static enum xb_scheme unit_of(const struct xb_habits *h)
{
	if (h->shown[XB_SCHEME_CVE])
		return XB_SCHEME_CVE;
	for (enum xb_scheme k = 0; k < XB_SCHEMES; k++)
		if (h->shown[k])
			return k;
	return XB_SCHEME_CVE;
}

static bool is_book(const char *path)
{
	static const char *const parts[] = {"change",  "news",  "history", "release",
					    "version", "notes", "todo",    "status"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcasestr(path, parts[i]))
			return true;
	return false;
}

/* A file for each release is all of them: "changelog-*.rst". */
static char *pattern_of(const char *path)
{
	const char *name = strrchr(path, '/'), *digit;
	size_t len;

	name = name ? name + 1 : path;
	digit = strpbrk(name, "0123456789");
	if (!digit || digit == name)
		return xb_strdup(path);
	len = strspn(digit, "0123456789._");
	while (len && !xb_is_digit(digit[len - 1]))
		len--;
	return xb_asprintf("%.*s*%s", (int)(digit - path), path, digit + len);
}

static void print_files(const char *key, const struct xb_strv *patterns)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (!strpbrk(patterns->v[i], " \t;#?[\\") && strlen(patterns->v[i]) < 150)
			printf("%s = %s\n", key, patterns->v[i]);
}

static bool is_worth_a_look(const struct suggesting *s, const struct xb_habit_file *f)
{
	return is_book(f->path) || f->n * FIRM >= s->habits.changes;
}

static bool is_firm(const struct suggesting *s, const struct xb_habit_file *f)
{
	return is_book(f->path) && f->n * FIRM >= s->habits.changes;
}

static void print_books(const struct suggesting *s)
{
	const struct xb_habit_files *busy = &s->habits.busy;
	XB_AUTOSTRV struct xb_strv books = {0}, logs = {0};
	size_t n = 0;

	printf(
	    "\n# Files in which many commits write, of %zu that were looked at: they make no prerequisite.\n",
	    s->habits.changes);
	for (size_t i = 0; i < busy->n; i++) {
		XB_AUTOFREE char *path = xb_vis_dup(busy->v[i].path);

		if (!is_worth_a_look(s, &busy->v[i]))
			continue;
		n++;
		if (is_firm(s, &busy->v[i]))
			xb_strv_add(&books, busy->v[i].path);
		printf("#   %s: %zu%s\n", path, busy->v[i].n,
		       is_firm(s, &busy->v[i]) ? "" : " (unsure: perhaps bookkeeping)");
	}
	if (!n)
		puts("#   none");
	print_files("bookkeeping", &books);
	for (size_t i = 0; i < s->habits.logs.n; i++) {
		XB_AUTOFREE char *pattern = pattern_of(s->habits.logs.v[i].path);

		xb_strv_add_new(&logs, pattern);
	}
	if (logs.n)
		puts("# Files that tell of fixes: an entry without a commit is told, and decides nothing.");
	print_files("changelog", &logs);
}

static void print_rules(const struct suggesting *s)
{
	const struct xb_habits *h = &s->habits;

	if (h->shown[XB_SCHEME_XSA] + h->prose[XB_SCHEME_XSA]) {
		puts(
		    "\n[rules]\n# Advisories like XSA-{n} are named: Xen's patterns, which are the default.");
	} else {
		printf("\n[rules]\n# Of %zu commits:\n", h->commits);
		for (enum xb_scheme k = 0; k < XB_SCHEMES; k++)
			print_scheme(s, k);
		if (!h->shown[unit_of(h)])
			puts("# Unsure: none names an advisory where fixes do. Notes tell of fixes, then; "
			     "see ANNOTATIONS in\n"
			     "# xsabot(1).");
		print_patterns(s, unit_of(h));
		puts("notes = refs/notes/security");
	}
	print_books(s);
}

static struct xb_err *print(struct suggesting *s)
{
	XB_AUTOFREE char *path = xb_vis_dup(s->path);

	printf(
	    "# Suggested by xsabot from what is in the repository; see xsabot.conf(5). What a person should\n"
	    "# look at is marked \"unsure\". Then: xsabot -c FILE check-config, and plan.\n\n"
	    "[repository]\npath = %s\n\n",
	    path);
	XB_TRY(print_lines(s));
	print_rules(s);
	return NULL;
}

static struct xb_err *find_habits(struct suggesting *s)
{
	XB_AUTOFREE git_oid *tips = xb_calloc(s->targets.n + 1, sizeof *tips);
	size_t n = 0;

	for (size_t i = s->targets.n; i-- > 0;)
		if (!git_oid_is_zero(&s->targets.v[i].tip) && is_looked_after(s, &s->targets.v[i]))
			tips[n++] = s->targets.v[i].tip;
	return xb_habits_find(s->repo, s->store, tips, n, &s->habits);
}

static struct xb_err *suggest(struct suggesting *s)
{
	XB_TRY(xb_git_init());
	XB_TRY(xb_git_open(s->path, 0, &s->repo));
	XB_TRY(xb_store_open(s->repo, NULL, &s->store));
	XB_TRY(read_names(s));
	XB_TRY(find_targets(s));
	XB_TRY(find_first(s));
	XB_TRY(find_habits(s));
	return print(s);
}

struct xb_err *xb_cmd_suggest_config(struct xb_env *env, bool *attention)
{
	struct suggesting s = {.path = realpath(env->o.args[0], NULL)};
	struct xb_err *err;

	(void)attention;
	if (!s.path)
		return xb_err_new(XB_E_USAGE, "there is no repository %s", env->o.args[0]);
	err = suggest(&s);
	xb_habits_release(&s.habits);
	xb_targets_release(&s.targets);
	xb_shapes_release(&s.branches);
	xb_shapes_release(&s.tags);
	xb_store_free(s.store);
	git_repository_free(s.repo);
	XB_FREE(s.path, s.head, s.from);
	return err;
}
