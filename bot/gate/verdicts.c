/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdicts.h"

#include "odb/oidmap.h"
#include "os/file.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- what a log says of commits ---- */

#define NAME_MAX_LEN 200
#define LINE_MAX_LEN 4000
#define QUOTE_MAX_LEN 120
#define MIN_SYMBOL 3

/* Words that say that a line is about an error. */
static const char *const signs[] = {
    "error",   "undefined", "undeclared", "not found", "no such", "no rule",  "cannot",      "can't",
    "missing", "unknown",   "implicit",   "failed",    "fatal",   "expected", "not defined", "not declared",
};

/* Words that are part of what compilers say, or of each language. */
static const char *const common[] = {
    "struct",   "union",     "enum",      "const",      "static", "void",      "char",    "unsigned",
    "signed",   "long",      "short",     "extern",     "inline", "error",     "Error",   "from",
    "function", "reference", "undefined", "such",       "file",   "directory", "make",    "line",
    "command",  "found",     "Error",     "warning",    "note",   "this",      "type",    "declaration",
    "implicit", "fatal",     "expected",  "missing",    "cannot", "return",    "include", "the",
    "not",      "int",       "for",       "rule",       "target", "needed",    "Stop",    "recipe",
    "failed",   "unknown",   "each",      "identifier", "here",   NULL,
};

void xb_mentions_release(struct xb_mentions *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].name);
	free(m->v);
	*m = (struct xb_mentions){0};
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_path(char c)
{
	return is_word(c) || c == '.' || c == '/' || c == '+' || c == '-';
}

static bool name_ok(const char *s, size_t n, bool file)
{
	if (n < (file ? 2 : MIN_SYMBOL) || n > NAME_MAX_LEN ||
	    (!file && (isdigit((unsigned char)*s) || xb_is_among(s, n, common))))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(file ? is_path(s[i]) : is_word(s[i])))
			return false;
	return true;
}

void xb_mentions_add(struct xb_mentions *m, const char *name, size_t n, enum xb_mention_rank rank, bool file)
{
	size_t same = 0;
	struct xb_mention *one;

	if (!name_ok(name, n, file))
		return;
	for (size_t i = 0; i < m->n; i++) {
		one = &m->v[i];
		same += one->rank == rank;
		if (one->file != file || strlen(one->name) != n || memcmp(one->name, name, n) != 0)
			continue;
		if (rank < one->rank)
			one->rank = rank;
		return;
	}
	if (same >= XB_MENTIONS_MAX)
		return;
	one = XB_PUSH(m, v, n, cap);
	*one = (struct xb_mention){.name = xb_memdup0(name, n), .rank = rank, .file = file};
}

/* Not in "-Werror" or "lib/error.o", which are no errors. */
static bool says(const char *p, size_t n, const char *word)
{
	size_t len = strlen(word), from = 0;

	for (size_t i = 0; i + len <= n; i++) {
		if (isblank((unsigned char)p[i]))
			from = i + 1;
		if (!strncasecmp(p + i, word, len) && (from > i || p[from] != '-') && !(i && p[i - 1] == '/'))
			return true;
	}
	return false;
}

static bool about_error(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (says(p, n, signs[i]))
			return true;
	return false;
}

/* Are these N bytes no symbols with dots between, but a path, an option, or a file's name? */
static bool is_all_path(const char *p, size_t n)
{
	size_t dots = 0;

	for (size_t i = 0; i < n; i++) {
		dots += p[i] == '.';
		if (p[i] == '/' || (p[i] == '-' && (!i || i + 1 < n)))
			return true;
	}
	return dots == 1 && n > 3 && (p[n - 2] == '.' || p[n - 3] == '.');
}

/* The paths and symbols in a piece of text: a path has a dot or a slash within. */
static void add_all(struct xb_mentions *m, const char *p, size_t n, enum xb_mention_rank rank)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;

		while (i < n && is_path(p[i]))
			i++;
		if (memchr(p + from, '/', i - from) ||
		    (i > from + 1 && memchr(p + from + 1, '.', i - from - 1)))
			xb_mentions_add(m, p + from, i - from, rank, true);
		for (size_t k = from, end; k < i && !is_all_path(p + from, i - from); k = end + 1) {
			for (end = k; end < i && is_word(p[end]); end++)
				;
			xb_mentions_add(m, p + k, end - k, rank, false);
		}
		i += i == from;
	}
}

/* How long a quotation mark is at P: ' " ` or the UTF-8 ones; 0: none. */
static size_t mark_at(const char *p, size_t n)
{
	if (n && (*p == '\'' || *p == '"' || *p == '`'))
		return 1;
	if (n >= 3 && !memcmp(p, "\xe2\x80", 2) &&
	    (p[2] == '\x98' || p[2] == '\x99' || p[2] == '\x9c' || p[2] == '\x9d'))
		return 3;
	return 0;
}

/* An apostrophe within a word opens nothing. */
static void add_quoted(struct xb_mentions *m, const char *p, size_t n, enum xb_mention_rank rank)
{
	for (size_t i = 0; i < n;) {
		size_t len = mark_at(p + i, n - i), end;

		if (!len || (i && is_word(p[i - 1]))) {
			i += len ? len : 1;
			continue;
		}
		i += len;
		for (end = i; end < n && !mark_at(p + end, n - end); end++)
			;
		if (end == n)
			return;
		if (end - i <= QUOTE_MAX_LEN)
			add_all(m, p + i, end - i, rank);
		i = end + mark_at(p + end, n - end);
	}
}

/* "NAME: No such file", "NAME: command not found", "NAME: not found". */
static void add_missing(struct xb_mentions *m, const char *p, size_t n)
{
	static const char *const after[] = {": No such file", ": command not found", ": not found",
					    ": Not found"};

	for (size_t k = 0; k < sizeof after / sizeof *after; k++) {
		const char *at = memmem(p, n, after[k], strlen(after[k]));
		const char *from = at;

		while (from && from > p && is_path(from[-1]))
			from--;
		if (at)
			add_all(m, from, (size_t)(at - from), XB_MENTION_MISSING);
		if (at && from < at) /* a file may have neither dot nor slash */
			xb_mentions_add(m, from, (size_t)(at - from), XB_MENTION_MISSING, true);
	}
}

/* "FILE:LINE". */
static void add_places(struct xb_mentions *m, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i;

		while (i < n && is_path(p[i]))
			i++;
		if (i > from && i + 1 < n && p[i] == ':' && isdigit((unsigned char)p[i + 1]))
			xb_mentions_add(m, p + from, i - from, XB_MENTION_PLACE, true);
	}
}

static void mention_line(struct xb_mentions *m, const char *p, size_t n)
{
	bool error = about_error(p, n);

	if (n > LINE_MAX_LEN || says(p, n, "warning:"))
		return;
	add_quoted(m, p, n, error ? XB_MENTION_MISSING : XB_MENTION_QUOTED);
	add_missing(m, p, n);
	if (error)
		add_all(m, p, n, XB_MENTION_WORD);
	add_places(m, p, n);
}

void xb_mentions_read(struct xb_mentions *m, const char *p, size_t n)
{
	const char *end = p + n;

	while (p && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		mention_line(m, p, len);
		p += len + 1;
	}
}

#define FILE_MAX (64u << 20)

struct xb_verdicts {
	struct xb_oidmap map; /* struct xb_verdict_known by tree and test */
	int fd;               /* to append to; -1: none */
	char *path;
	size_t read;
};

static void free_known(void *value)
{
	struct xb_verdict_known *k = value;

	xb_mentions_release(&k->mentions);
	free(k);
}

void xb_verdicts_free(struct xb_verdicts *v)
{
	if (!v)
		return;
	xb_oidmap_clear(&v->map, free_known);
	xb_closep(&v->fd); /* each line was fsynced */
	XB_FREE(v->path, v);
}

size_t xb_verdicts_read(const struct xb_verdicts *v)
{
	return v->read;
}

const struct xb_verdict_known *xb_verdicts_find(const struct xb_verdicts *v, const git_oid *tree,
						const git_oid *test)
{
	git_oid key[2] = {*tree, *test};

	return xb_oidmap_get(&v->map, key);
}

/* A later verdict replaces an earlier one. */
static struct xb_verdict_known *know(struct xb_verdicts *v, const git_oid key[2])
{
	struct xb_verdict_known *k = xb_oidmap_get(&v->map, key);

	if (!k) {
		k = xb_calloc(1, sizeof *k);
		xb_oidmap_set(&v->map, key, k);
	}
	xb_mentions_release(&k->mentions);
	return k;
}

static bool read_mention(const char *p, size_t n, struct xb_mentions *m)
{
	if (n < 3 || *p < '0' || *p > '0' + XB_MENTION_PLACE || (p[1] != ':' && p[1] != '/'))
		return false;
	xb_mentions_add(m, p + 2, n - 2, (enum xb_mention_rank)(*p - '0'), p[1] == '/');
	return true;
}

static bool read_verdict(const char *p, size_t n, enum xb_test *out)
{
	for (enum xb_test t = XB_TEST_PASS; t <= XB_TEST_UNKNOWN; t++) {
		const char *name = xb_test_name(t);

		if (strlen(name) == n && !memcmp(name, p, n)) {
			*out = t;
			return true;
		}
	}
	return false;
}

static bool read_line(struct xb_verdicts *v, const char *p, size_t n)
{
	const char *end = p + n;
	struct xb_mentions m = {0};
	enum xb_test verdict = XB_TEST_UNKNOWN;
	struct xb_verdict_known *k;
	git_oid key[2];
	bool ok;

	if (n < 2 * GIT_OID_HEXSZ + 4 || p[GIT_OID_HEXSZ] != ' ' || p[2 * GIT_OID_HEXSZ + 1] != ' ' ||
	    git_oid_fromstrn(&key[0], p, GIT_OID_HEXSZ) ||
	    git_oid_fromstrn(&key[1], p + GIT_OID_HEXSZ + 1, GIT_OID_HEXSZ))
		return false;
	p += 2 * GIT_OID_HEXSZ + 2;
	for (size_t word = 0, len; p <= end; p += len + 1, word++) {
		const char *space = memchr(p, ' ', (size_t)(end - p));

		len = (size_t)((space ? space : end) - p);
		ok = word ? read_mention(p, len, &m) : read_verdict(p, len, &verdict);
		if (!ok) {
			xb_mentions_release(&m);
			return false;
		}
	}
	k = know(v, key);
	*k = (struct xb_verdict_known){verdict, m};
	v->read++;
	return true;
}

static void read_lines(struct xb_verdicts *v, const struct xb_buf *b)
{
	size_t bad = 0;

	for (size_t at = 0; at < b->n;) {
		const char *nl = memchr(b->p + at, '\n', b->n - at);
		size_t len;

		if (!nl)
			break; /* cut short by a crash */
		len = (size_t)(nl - (b->p + at));
		if (len && !read_line(v, b->p + at, len))
			bad++;
		at += len + 1;
	}
	if (bad)
		xb_log(XB_WARN, "%s: %zu lines are no verdicts: ignored", v->path, bad);
}

static struct xb_err *append(struct xb_verdicts *v, const char *p, size_t n)
{
	if (xb_write_all(v->fd, p, n) || fsync(v->fd))
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", v->path);
	return NULL;
}

static struct xb_err *open_file(struct xb_verdicts *v)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOFREE char *dir = xb_dirname(v->path);
	struct stat st;

	v->fd = open(v->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (v->fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open %s", v->path);
	if (fstat(v->fd, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot stat %s", v->path);
	if (!S_ISREG(st.st_mode))
		return xb_err_new(XB_E_IO, "%s is not a regular file", v->path);
	XB_TRY(xb_fsync_dir(dir));
	XB_TRY(xb_file_read(v->path, FILE_MAX, &b));
	read_lines(v, &b);
	return b.n && b.p[b.n - 1] != '\n' ? append(v, "\n", 1) : NULL;
}

struct xb_err *xb_verdicts_open(const char *path, struct xb_verdicts **out)
{
	struct xb_verdicts *v = xb_calloc(1, sizeof *v);
	struct xb_err *err = NULL;

	xb_oidmap_init(&v->map, 2);
	v->fd = -1;
	if (path) {
		v->path = xb_strdup(path);
		err = open_file(v);
	}
	*out = v;
	if (err) {
		xb_verdicts_free(v);
		*out = NULL;
	}
	return err;
}

struct xb_err *xb_verdicts_add(struct xb_verdicts *v, const git_oid *tree, const git_oid *test,
			       enum xb_test verdict, struct xb_mentions *mentions)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	git_oid key[2] = {*tree, *test};
	struct xb_verdict_known *k = know(v, key);

	*k = (struct xb_verdict_known){verdict, *mentions};
	*mentions = (struct xb_mentions){0};
	if (v->fd < 0)
		return NULL;
	xb_buf_addf(&b, "%s %s %s", xb_hex(tree).s, xb_hex(test).s, xb_test_name(verdict));
	for (size_t i = 0; i < k->mentions.n; i++)
		xb_buf_addf(&b, " %d%c%s", (int)k->mentions.v[i].rank, k->mentions.v[i].file ? '/' : ':',
			    k->mentions.v[i].name);
	xb_buf_addc(&b, '\n');
	return append(v, b.p, b.n);
}

struct xb_err *xb_verdict_test(const struct xb_command *c, git_oid *out)
{
	XB_AUTOFREE char *text = xb_asprintf("%u %s", c->timeout, c->text);
	int rc = git_odb_hash(out, text, strlen(text), GIT_OBJECT_BLOB);

	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot hash the command") : NULL;
}
