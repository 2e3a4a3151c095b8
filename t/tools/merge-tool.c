/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the oracle tests: runs the merge and the similarity of the bot on three
 * files, or on many generated cases, which it writes as a `git fast-import`
 * stream so that real git can be asked about the same ones. The cases depend
 * on the seed alone.
 */
#include "chance.h"
#include "diff/merge3.h"
#include "pick/rename.h"

#include "os/file.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/err.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_LINES = 80000 };

/* A file as numbers of words; `crlf` and `cut` (no LF at the end) say how it is written. */
struct doc {
	uint32_t line[MAX_LINES];
	size_t n;
	bool crlf, cut;
};

static void add_word(struct xb_buf *out, uint32_t word)
{
	static const char *const words[] = {"a", "{", "}",           "",   "b",  "\tbreak;",
					    "c", " ", "\treturn 0;", "/*", "d\r"};
	if (word < sizeof words / sizeof *words)
		xb_buf_adds(out, words[word]);
	else
		xb_buf_addf(out, "word %u", word);
}

static void render(const struct doc *d, struct xb_buf *out)
{
	xb_buf_setlen(out, 0);
	for (size_t i = 0; i < d->n; i++) {
		add_word(out, d->line[i]);
		if (i + 1 < d->n || !d->cut)
			xb_buf_adds(out, d->crlf ? "\r\n" : "\n");
	}
}

static void insert(struct doc *d, size_t at, const uint32_t *v, size_t n)
{
	if (d->n + n > MAX_LINES)
		return;
	memmove(d->line + at + n, d->line + at, (d->n - at) * sizeof *v);
	memcpy(d->line + at, v, n * sizeof *v);
	d->n += n;
}

static void erase(struct doc *d, size_t at, size_t n)
{
	memmove(d->line + at, d->line + at + n, (d->n - at - n) * sizeof *d->line);
	d->n -= n;
}

/* One edit with blocks of at most BLOCK lines, new lines being of WORDS words; mostly before line EARLY if
 * not 0. */
static void edit(struct doc *d, uint32_t words, uint32_t block, uint32_t early)
{
	uint32_t v[64];
	uint32_t end = early && !chance(8) && early < d->n ? early : (uint32_t)d->n;
	size_t at = roll(end + 1), n = 1 + roll(block < 64 ? block : 63), have = d->n - at;
	bool fresh = chance(3); /* mostly lines that are nowhere else */
	for (size_t i = 0; i < n; i++)
		v[i] = fresh && roll(8) ? 2000 + roll(1000000) : roll(words);
	switch (roll(10)) {
	case 0: /* move a block */
	case 1: /* copy one */
		n = n < have ? n : have;
		memcpy(v, d->line + at, n * sizeof *v);
		if (chance(2))
			erase(d, at, n);
		insert(d, roll((uint32_t)d->n + 1), v, n);
		break;
	case 2:
	case 3:
	case 4:
		erase(d, at, n < have ? n : have);
		break;
	case 5:
	case 6:
		insert(d, at, v, n);
		break;
	case 7:
		if (chance(4))
			d->cut = !d->cut;
		if (chance(40))
			d->crlf = !d->crlf;
		break;
	default: /* replace */
		erase(d, at, n < have ? n : have);
		insert(d, at, v, 1 + roll((uint32_t)n));
	}
}

static void edits(struct doc *d, uint32_t most, uint32_t words, uint32_t block, uint32_t early)
{
	for (uint32_t n = roll(most + 1); n; n--)
		edit(d, words, block, early);
}

struct shape {
	uint32_t lines, words, edits, block;
	uint32_t early; /* most edits are before this line; 0: anywhere */
};

static struct shape pick_shape(void)
{
	if (chance(1500)) /* long enough for Myers to look for interesting paths */
		return (struct shape){.lines = 34000 + roll(16000),
				      .words = 8 + roll(60),
				      .edits = 200 + roll(3000),
				      .block = 1 + roll(6),
				      .early = roll(2) * (1 + roll(2000))};
	static const uint32_t words[] = {2, 3, 5, 8, 12, 40, 1000};
	struct shape s = {.words = words[roll(7)], .edits = 1 + roll(4), .block = 1 + roll(4)};
	uint32_t kind = roll(200);
	if (kind < 120) {
		s.lines = roll(20);
	} else if (kind < 180) {
		s.lines = roll(120);
		s.edits = 1 + roll(10);
	} else if (kind < 199) { /* repeats over 64 */
		s.lines = 150 + roll(1200);
		s.words = words[roll(6)];
		s.edits = 1 + roll(60);
		s.block = 1 + roll(40);
	} else if (chance(2)) { /* costly for Myers */
		s.lines = 2000 + roll(4000);
		s.words = words[roll(5)];
		s.edits = 200 + roll(2500);
		s.block = 1 + roll(60);
	} else { /* the same with long common runs in between */
		s.lines = 4000 + roll(8000);
		s.words = words[3 + roll(3)];
		s.edits = 150 + roll(600);
		s.block = 1 + roll(6);
	}
	return s;
}

static void make_case(struct doc *base, struct doc *ours, struct doc *theirs)
{
	struct shape s = pick_shape();
	base->n = s.lines;
	base->crlf = chance(12);
	base->cut = chance(5);
	for (size_t i = 0; i < base->n; i++)
		base->line[i] = chance(4) ? roll(1 + s.words / 4) : roll(s.words);
	*ours = *base;
	if (chance(3)) /* the same edits on both sides */
		edits(ours, 1 + s.edits / 2, s.words, s.block, s.early);
	*theirs = *ours;
	edits(ours, s.edits, s.words, s.block, s.early);
	edits(theirs, s.edits, s.words, s.block, s.early);
}

static const char *const verdicts[] = {"clean", "conflict", "binary", "undecided"};

static void merge_bufs(const struct xb_buf *b, const struct xb_buf *o, const struct xb_buf *t, unsigned rules,
		       struct xb_merge3_result *r)
{
	struct xb_text base, ours, theirs;
	xb_text_init(&base, b->p, b->n);
	xb_text_init(&ours, o->p, o->n);
	xb_text_init(&theirs, t->p, t->n);
	xb_merge3(&base, &ours, &theirs, rules, r);
	xb_text_release(&base);
	xb_text_release(&ours);
	xb_text_release(&theirs);
}

static void add_file(struct xb_buf *commit, const char *path, const void *p, size_t n)
{
	xb_buf_addf(commit, "M 100644 inline %s\ndata %zu\n", path, n);
	xb_buf_add(commit, p, n);
	xb_buf_addc(commit, '\n');
}

static void begin_commit(struct xb_buf *commit, const char *branch, const char *from)
{
	xb_buf_addf(commit, "commit refs/heads/%s\ncommitter T <t@example.org> 1000000000 +0000\ndata 0\n",
		    branch);
	if (from)
		xb_buf_addf(commit, "from refs/heads/%s\n", from);
}

static void add_case(struct xb_buf commits[4], unsigned rules, unsigned id)
{
	static struct doc doc[3];
	struct xb_buf text[3] = {XB_BUF_INIT, XB_BUF_INIT, XB_BUF_INIT};
	struct xb_merge3_result r = {0};
	char path[32];
	snprintf(path, sizeof path, "d%03u/f%03u", id / 1000 % 1000, id % 1000);
	make_case(&doc[0], &doc[1], &doc[2]);
	for (unsigned i = 0; i < 3; i++) {
		render(&doc[i], &text[i]);
		add_file(&commits[i], path, text[i].p, text[i].n);
	}
	merge_bufs(&text[0], &text[1], &text[2], rules, &r);
	if (r.verdict == XB_MERGE3_CLEAN)
		add_file(&commits[3], path, r.out.p, r.out.n);
	else
		add_file(&commits[3], path, verdicts[r.verdict], strlen(verdicts[r.verdict]));
	xb_merge3_release(&r);
	for (unsigned i = 0; i < 3; i++)
		xb_buf_release(&text[i]);
}

static int flush_commits(struct xb_buf *commits, unsigned n)
{
	int bad = 0;
	for (unsigned i = 0; i < n; i++) {
		bad |= xb_write_all(STDOUT_FILENO, commits[i].p, commits[i].n) < 0;
		xb_buf_release(&commits[i]);
	}
	return bad;
}

/* Branches base, ours, theirs and mine; in mine a file that did not merge holds the verdict's name. */
static int cmd_cases(unsigned rules, unsigned count)
{
	struct xb_buf commits[4] = {XB_BUF_INIT, XB_BUF_INIT, XB_BUF_INIT, XB_BUF_INIT};
	begin_commit(&commits[0], "base", NULL);
	begin_commit(&commits[1], "ours", "base");
	begin_commit(&commits[2], "theirs", "base");
	begin_commit(&commits[3], "mine", "base");
	for (unsigned i = 0; i < count; i++)
		add_case(commits, rules, i);
	return flush_commits(commits, 4);
}

/* Branches src (file a) and dst (file b) with a folder for each pair; the scores go to standard error. */
static int cmd_pairs(unsigned rules, unsigned count)
{
	static struct doc doc[3];
	struct xb_buf commits[2] = {XB_BUF_INIT, XB_BUF_INIT}, text[2] = {XB_BUF_INIT, XB_BUF_INIT};
	begin_commit(&commits[0], "src", NULL);
	begin_commit(&commits[1], "dst", NULL);
	for (unsigned i = 0; i < count; i++) {
		struct xb_spans s[2];
		char path[2][32];
		unsigned score;
		make_case(&doc[0], &doc[1], &doc[2]);
		for (unsigned k = 0; k < 2; k++) {
			render(&doc[k + 1], &text[k]);
			if (chance(30) && text[k].n)
				text[k].p[roll((uint32_t)text[k].n)] = '\0'; /* binary: a CR counts */
			snprintf(path[k], sizeof path[k], "p%06u/%c", i, "ab"[k]);
			add_file(&commits[k], path[k], text[k].p, text[k].n);
			xb_spans_init(&s[k], text[k].p, text[k].n, rules);
		}
		score = xb_similarity(&s[0], &s[1], 600);
		if (score >= 600 && (text[0].n != text[1].n || memcmp(text[0].p, text[1].p, text[0].n) != 0))
			fprintf(stderr, "p%06u %03u\n", i, score * 100 / XB_SIMILARITY_MAX);
		xb_spans_release(&s[0]);
		xb_spans_release(&s[1]);
	}
	xb_buf_release(&text[0]);
	xb_buf_release(&text[1]);
	return flush_commits(commits, 2);
}

static bool read_three(char **paths, struct xb_buf b[3])
{
	for (unsigned i = 0; i < 3; i++) {
		XB_AUTOERR struct xb_err *err = xb_file_read(paths[i], XB_TEXT_MAX, &b[i]);
		if (err) {
			fprintf(stderr, "merge-tool: %s\n", err->msg);
			return false;
		}
	}
	return true;
}

/* Prints the verdict and the merged bytes or the conflicts; with TIMES > 0, the CPU time of so many merges.
 */
static int cmd_merge(char **paths, unsigned rules, unsigned times)
{
	struct xb_buf b[3] = {XB_BUF_INIT, XB_BUF_INIT, XB_BUF_INIT};
	struct xb_merge3_result r = {0};
	int bad = !read_three(paths, b);
	clock_t from = clock();
	for (unsigned i = 0; !bad && i < times; i++) {
		merge_bufs(&b[0], &b[1], &b[2], rules, &r);
		xb_merge3_release(&r);
	}
	if (times)
		printf("%.3f ms\n", (double)(clock() - from) * 1e3 / CLOCKS_PER_SEC / times);
	if (!bad) {
		merge_bufs(&b[0], &b[1], &b[2], rules, &r);
		printf("%s\n", verdicts[r.verdict]);
		for (size_t i = 0; i < r.n; i++)
			printf("base %zu,%zu ours %zu,%zu theirs %zu,%zu\n", r.v[i].base, r.v[i].base_n,
			       r.v[i].ours, r.v[i].ours_n, r.v[i].theirs, r.v[i].theirs_n);
		if (!times && r.verdict == XB_MERGE3_CLEAN)
			fwrite(r.out.p, 1, r.out.n, stdout);
	}
	xb_merge3_release(&r);
	for (unsigned i = 0; i < 3; i++)
		xb_buf_release(&b[i]);
	return bad;
}

/* Plain numbers of our own scripts. */
static unsigned number(const char *s)
{
	return (unsigned)strtoul(s, NULL, 10);
}

int main(int argc, char **argv)
{
	if (argc == 5 && (!strcmp(argv[1], "cases") || !strcmp(argv[1], "pairs"))) {
		seed = number(argv[3]) * 0x9e3779b97f4a7c15u;
		return argv[1][0] == 'c' ? cmd_cases(number(argv[2]), number(argv[4]))
					 : cmd_pairs(number(argv[2]), number(argv[4]));
	}
	if ((argc == 6 || argc == 7) && !strcmp(argv[1], "merge"))
		return cmd_merge(argv + 3, number(argv[2]), argc == 7 ? number(argv[6]) : 0);
	fprintf(stderr, "usage: merge-tool cases|pairs <rules> <seed> <count>\n"
			"       merge-tool merge <rules> <base> <ours> <theirs> [<times>]\n");
	return 64;
}
