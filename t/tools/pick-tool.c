/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Picks of the engine alone against git's own merges:
 *
 *	pick-tool gen SEED COUNT REPO	generated ones, each of its seed and number alone
 *	pick-tool pairs REPO		"BASE OURS THEIRS", ids of trees of REPO, lines of standard input
 *
 * Prints a line for each difference, and a table: by kind, how many both merge to
 * one tree, both leave to a person, and how many the engine leaves to git, with
 * the time that each took. Status 1: they differ somewhere.
 */
#include "chance.h"
#include "pick/pick.h"

#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FILES = 12, LINES = 40, BATCH = 64 };

/* ---- trees to merge ---- */

static const char *const kinds[] = {"edits",      "renames", "directories", "modes, links, submodules",
				    "attributes", "bytes",   "copies",      "large",
				    "everything"};
enum { EDITS, RENAMES, DIRECTORIES, MODES, ATTRIBUTES, BYTES, COPIES, LARGE, EVERYTHING, KINDS };

struct file {
	bool there;
	char path[48];
	uint32_t mode;
	uint32_t id; /* of the text that it began as */
	uint16_t line[LINES];
	unsigned n;
	bool crlf, cut, binary, latin;
};

struct side {
	struct file f[FILES];
	const char *attributes; /* NULL: none */
};

static void new_path(char *path, bool deep)
{
	static const char *const dirs[] = {"", "", "d/", "d/e/", "src/", "lib/x/", "a/", "q/"};
	static const char *const names[] = {"a", "b", "f.c", "g.c", "x", "Makefile", "n.h", "d"};

	snprintf(path, sizeof((struct file){0}).path, "%s%s", dirs[roll(deep ? 8 : 3)], names[roll(8)]);
}

/* A file may not be a directory of another. */
static bool is_free(const struct side *s, const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < FILES; i++) {
		const struct file *f = &s->f[i];
		size_t m = strlen(f->path);

		if (!f->there)
			continue;
		if (!strcmp(f->path, path) || (n < m && !strncmp(path, f->path, n) && f->path[n] == '/') ||
		    (m < n && !strncmp(path, f->path, m) && path[m] == '/'))
			return false;
	}
	return true;
}

static struct file *empty_slot(struct side *s)
{
	for (size_t i = 0; i < FILES; i++)
		if (!s->f[i].there)
			return &s->f[i];
	return NULL;
}

static struct file *any_file(struct side *s)
{
	for (unsigned tries = 0; tries < 20; tries++) {
		struct file *f = &s->f[roll(FILES)];

		if (f->there)
			return f;
	}
	return NULL;
}

static void fill(struct file *f, unsigned kind)
{
	f->id = roll(chance(3) ? 2 : 6); /* few, so that files are alike */
	f->n = kind == BYTES && chance(6) ? 0 : 3 + roll(LINES - 3);
	for (unsigned i = 0; i < f->n; i++)
		f->line[i] = (uint16_t)(chance(8) ? roll(5) : i + 10);
	if (kind == BYTES || kind == EVERYTHING) {
		f->crlf = chance(3);
		f->cut = chance(3);
		f->binary = chance(8);
		f->latin = chance(4);
	}
	f->mode = XB_MODE_FILE;
	if (kind == MODES && chance(3))
		f->mode = (const uint32_t[]){XB_MODE_EXEC, XB_MODE_LINK, XB_MODE_GITLINK}[roll(3)];
}

static void add(struct side *s, unsigned kind)
{
	struct file *f = empty_slot(s);
	char path[sizeof f->path];

	new_path(path, kind != EDITS);
	if (!f || !is_free(s, path))
		return;
	*f = (struct file){0};
	memcpy(f->path, path, sizeof f->path);
	fill(f, kind);
	f->there = true;
}

static void edit(struct file *f)
{
	unsigned at = f->n ? roll(f->n) : 0, n;

	switch (roll(5)) {
	case 0: /* a line goes */
		if (f->n)
			memmove(f->line + at, f->line + at + 1, (f->n-- - at - 1) * sizeof *f->line);
		break;
	case 1: /* one comes */
		if (f->n == LINES)
			break;
		memmove(f->line + at + 1, f->line + at, (f->n++ - at) * sizeof *f->line);
		f->line[at] = (uint16_t)(1000 + roll(6));
		break;
	case 2: /* many change */
		for (n = roll(f->n + 1); n--;)
			f->line[roll(f->n)] = (uint16_t)(2000 + roll(50));
		break;
	default:
		if (f->n)
			f->line[at] = (uint16_t)(1000 + roll(6));
	}
}

static void move(struct side *s, struct file *f, bool keep)
{
	char path[sizeof f->path];
	struct file *to = keep ? empty_slot(s) : f;

	new_path(path, true);
	f->there = keep;
	if (!to || !is_free(s, path)) {
		f->there = true;
		return;
	}
	*to = *f;
	to->there = true;
	memcpy(to->path, path, sizeof path);
}

/* All below one directory go to another. */
static void move_dir(struct side *s)
{
	static const char *const from[] = {"d/", "src/", "a/", "lib/"}, *const to[] = {"e/", "d/", "src/",
										       "q/"};
	const char *a = from[roll(4)], *b = to[roll(4)];

	for (size_t i = 0; i < FILES; i++) {
		struct file *f = &s->f[i];
		char path[sizeof f->path];

		if (!f->there || strncmp(f->path, a, strlen(a)) != 0 || chance(5))
			continue;
		snprintf(path, sizeof path, "%.8s%.38s", b, f->path + strlen(a));
		f->there = false;
		if (is_free(s, path))
			memcpy(f->path, path, sizeof path);
		f->there = true;
	}
}

static void change_mode(struct file *f)
{
	f->mode = (const uint32_t[]){XB_MODE_FILE, XB_MODE_EXEC, XB_MODE_LINK, XB_MODE_GITLINK}[roll(4)];
}

static void change_bytes(struct file *f)
{
	switch (roll(4)) {
	case 0:
		f->crlf = !f->crlf;
		break;
	case 1:
		f->cut = !f->cut;
		break;
	case 2:
		f->binary = !f->binary;
		break;
	default:
		f->n = chance(2) ? 0 : f->n;
	}
}

static void change(struct side *s, unsigned kind)
{
	struct file *f = any_file(s);
	unsigned what = roll(10);

	if (kind == EVERYTHING)
		kind = roll(EVERYTHING);
	if (!f || what == 0)
		add(s, kind);
	else if (what == 1)
		f->there = false;
	else if (what < 6)
		edit(f);
	else if (kind == RENAMES)
		move(s, f, false);
	else if (kind == COPIES)
		move(s, f, !chance(3));
	else if (kind == DIRECTORIES)
		chance(3) ? move(s, f, false) : move_dir(s);
	else if (kind == MODES)
		change_mode(f);
	else if (kind == BYTES)
		change_bytes(f);
	else
		edit(f);
}

static void change_some(struct side *s, unsigned kind)
{
	for (unsigned n = 1 + roll(4); n--;)
		change(s, kind);
}

static const char *some_attributes(void)
{
	static const char *const texts[] = {"a merge=union\n",
					    "*.c -merge\n",
					    "d/* merge=text\n",
					    "/d/e/a binary\n",
					    "\357\273\277* merge=union\n",
					    "[attr]m -merge\nf.c m\n",
					    "* binary\n*.c merge\n",
					    "src/** merge=ours\n",
					    "x conflict-marker-size=20\n",
					    "\"a\" merge=union\n",
					    "d/ -merge\n",
					    "[abx] -text\n"};

	return texts[roll(sizeof texts / sizeof *texts)];
}

static void write_text(const struct file *f, bool large, struct xb_buf *b)
{
	if (f->binary)
		xb_buf_addc(b, '\0');
	for (unsigned i = 0; i < f->n; i++) {
		xb_buf_addf(b, "%sline %u of text %u%s", f->latin ? "\351 " : "", f->line[i], f->id,
			    i + 1 == f->n && f->cut ? ""
			    : f->crlf               ? "\r\n"
						    : "\n");
		for (unsigned k = 0; large && k < 200; k++)
			xb_buf_addf(b, "and %u more of it, %u\n", k, f->line[i]);
	}
}

static void put(struct xb_err *err)
{
	if (!err)
		return;
	fprintf(stderr, "pick-tool: %s\n", err->msg);
	exit(99);
}

static void write_tree(struct xb_store *s, const struct side *side, bool large, git_oid *out)
{
	git_oid tree = {{0}}, next;

	for (size_t i = 0; i < FILES + 1; i++) {
		const struct file *f = i < FILES ? &side->f[i] : NULL;
		XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
		struct xb_entry e = {.mode = f ? f->mode : XB_MODE_FILE};

		if (f ? !f->there : !side->attributes)
			continue;
		if (f)
			write_text(f, large, &b);
		else
			xb_buf_adds(&b, side->attributes);
		put(xb_store_put(s, GIT_OBJECT_BLOB, b.n ? b.p : "", b.n, NULL, &e.oid));
		put(xb_tree_set_path(s, &tree, f ? f->path : ".gitattributes", &e, &next));
		tree = next;
	}
	if (git_oid_is_zero(&tree))
		put(xb_tree_write(s, "", 0, NULL, NULL, &tree));
	*out = tree;
}

static unsigned generate(struct xb_store *s, uint64_t first, unsigned long i, struct xb_gitmerge_question *q)
{
	struct side base = {0}, ours, theirs;
	unsigned kind = (unsigned)(i % KINDS);
	bool large = kind == LARGE && chance(4);

	seed = first * 1000003u + i;
	for (unsigned n = 2 + roll(7); n--;)
		add(&base, kind);
	if (kind == ATTRIBUTES || (kind == EVERYTHING && chance(3)))
		base.attributes = some_attributes();
	ours = theirs = base;
	change_some(&ours, kind);
	change_some(&theirs, kind);
	if (base.attributes && chance(4))
		ours.attributes = chance(2) ? NULL : some_attributes();
	if (chance(60)) /* nothing is left */
		memset(&theirs, 0, sizeof theirs);
	write_tree(s, &base, large, &q->base);
	write_tree(s, &ours, large, &q->ours);
	write_tree(s, &theirs, large, &q->theirs);
	return kind;
}

/* ---- compared ---- */

struct tally {
	unsigned long clean, conflict, left, left_clean, differ, crashed;
};

struct compare {
	struct xb_store *s;
	struct xb_picker *p;
	struct xb_gitmerge *git;
	struct xb_gitmerge_question q[BATCH];
	struct xb_pick verdict[BATCH];
	unsigned kind[BATCH];
	size_t n;
	unsigned long at; /* number of the first */
	struct tally tally[KINDS];
	double ours, theirs;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void judge(struct compare *c, size_t i, const struct xb_gitmerge_answer *a)
{
	const struct xb_pick *v = &c->verdict[i];
	struct tally *t = &c->tally[c->kind[i]];
	bool clean = v->verdict == XB_PICK_CLEAN || v->verdict == XB_PICK_EMPTY;
	struct xb_hex ours = xb_hex(&v->tree), theirs = xb_hex(&a->tree), base = xb_hex(&c->q[i].base),
		      tip = xb_hex(&c->q[i].ours), commit = xb_hex(&c->q[i].theirs);

	if (a->crashed) {
		t->crashed++;
		printf("git fails at case %lu (%s): %s %s %s\n", c->at + i, kinds[c->kind[i]], base.s, tip.s,
		       commit.s);
	} else if (v->verdict == XB_PICK_UNDECIDABLE) {
		t->left++;
		t->left_clean += a->clean;
	} else if (clean != a->clean || (clean && !git_oid_equal(&v->tree, &a->tree))) {
		t->differ++;
		printf("DIFFER case %lu (%s): %s %s %s: engine %s %s, git %s %s\n", c->at + i,
		       kinds[c->kind[i]], base.s, tip.s, commit.s, clean ? "clean" : "conflict", ours.s,
		       a->clean ? "clean" : "conflict", theirs.s);
	} else if (clean)
		t->clean++;
	else
		t->conflict++;
}

static void flush(struct compare *c)
{
	struct xb_gitmerge_answer a[BATCH];
	const char *why = NULL;
	double start = seconds();

	memset(a, 0, sizeof a);
	put(xb_gitmerge_ask(c->git, c->q, c->n, a, &why));
	c->theirs += seconds() - start;
	if (why) {
		printf("1..0 # SKIP %s\n", why);
		exit(77);
	}
	for (size_t i = 0; i < c->n; i++) {
		judge(c, i, &a[i]);
		xb_gitmerge_answer_release(&a[i]);
		xb_pick_release(&c->verdict[i]);
	}
	c->at += c->n;
	c->n = 0;
	xb_picker_rollback(c->p, 0);
	xb_picker_trim(c->p);
}

/* The question that was put at the end of the batch. */
static void pick_one(struct compare *c)
{
	struct xb_gitmerge_question *q = &c->q[c->n];
	double start = seconds();

	q->only_tell = true;
	put(xb_pick(c->p, &q->ours, &q->base, &q->theirs, &c->verdict[c->n]));
	c->ours += seconds() - start;
	if (++c->n == BATCH)
		flush(c);
}

static void from_input(struct compare *c)
{
	char b[64], o[64], t[64];

	while (scanf("%63s %63s %63s", b, o, t) == 3) {
		struct xb_gitmerge_question *q = &c->q[c->n];

		if (git_oid_fromstr(&q->base, b) || git_oid_fromstr(&q->ours, o) ||
		    git_oid_fromstr(&q->theirs, t))
			exit(64);
		c->kind[c->n] = EVERYTHING;
		pick_one(c);
	}
}

static int report(const struct compare *c)
{
	struct tally all = {0};

	printf("%-26s %9s %9s %9s %9s %9s %9s\n", "kind", "one tree", "conflict", "to git", "(clean)",
	       "git fails", "differ");
	for (unsigned k = 0; k <= KINDS; k++) {
		const struct tally *t = k < KINDS ? &c->tally[k] : &all;

		if (k < KINDS && !(t->clean + t->conflict + t->left + t->crashed + t->differ))
			continue;
		printf("%-26s %9lu %9lu %9lu %9lu %9lu %9lu\n", k < KINDS ? kinds[k] : "all", t->clean,
		       t->conflict, t->left, t->left_clean, t->crashed, t->differ);
		all.clean += t->clean;
		all.conflict += t->conflict;
		all.left += t->left;
		all.left_clean += t->left_clean;
		all.crashed += t->crashed;
		all.differ += t->differ;
	}
	printf("%lu picks: the engine took %.3f s, git %.3f s\n", c->at, c->ours, c->theirs);
	return all.differ ? 1 : 0;
}

int main(int argc, char **argv)
{
	XB_AUTOGIT(git_repository) *repo = NULL;
	static struct compare c;
	XB_AUTOFREE char *objects = NULL;
	bool gen = argc == 5 && !strcmp(argv[1], "gen");

	if (!gen && (argc != 3 || strcmp(argv[1], "pairs") != 0))
		return 64;
	put(xb_git_init());
	put(xb_git_open(argv[argc - 1], XB_GIT_ANY_OWNER, &repo));
	put(xb_store_open(repo, NULL, &c.s));
	objects = xb_asprintf("%sobjects", git_repository_commondir(repo));
	c.p = xb_picker_new(c.s);
	c.git = xb_gitmerge_new(c.s, objects);
	if (gen)
		for (unsigned long i = 0, n = strtoul(argv[3], NULL, 10); i < n; i++) {
			c.kind[c.n] = generate(c.s, strtoull(argv[2], NULL, 10), i, &c.q[c.n]);
			pick_one(&c);
		}
	else
		from_input(&c);
	if (c.n)
		flush(&c);
	xb_gitmerge_free(c.git);
	xb_picker_free(c.p);
	xb_store_free(c.s);
	return report(&c);
}
