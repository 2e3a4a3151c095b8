/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdicts.h"

#include "odb/oidmap.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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
