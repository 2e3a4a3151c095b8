/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attempts.h"

#include "os/clock.h"
#include "os/file.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

#define FILE_MAX (1u << 20)
#define FORGET (INT64_C(30) * 86400)
#define LONGEST 86400u

void xb_attempts_release(struct xb_attempts *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].why);
	free(r->v);
	*r = (struct xb_attempts){0};
}

static bool read_line(const char *line, struct xb_test_attempt *out)
{
	char tree[GIT_OID_HEXSZ + 1], test[GIT_OID_HEXSZ + 1];
	long long time;
	int end = 0;

	*out = (struct xb_test_attempt){0};
	if (sscanf(line, "%40s %40s %9u %18lld%n", tree, test, &out->tries, &time, &end) != 4 ||
	    (line[end] && line[end] != ' ') || git_oid_fromstr(&out->tree, tree) ||
	    git_oid_fromstr(&out->test, test) || !out->tries)
		return false;
	out->time = time;
	out->why = line[end] ? xb_strdup(line + end + 1) : NULL;
	return true;
}

struct xb_err *xb_attempts_read(const char *path, struct xb_attempts *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, FILE_MAX, &b);
	struct xb_test_attempt r;
	char *rest = NULL;

	*out = (struct xb_attempts){0};
	if (err)
		return xb_err_allow(err, XB_E_NOTFOUND);
	for (char *line = b.p ? strtok_r(b.p, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
		if (read_line(line, &r))
			*XB_PUSH(out, v, n, cap) = r;
	return NULL;
}

const struct xb_test_attempt *xb_attempts_find(const struct xb_attempts *r, const git_oid *tree,
					       const git_oid *test)
{
	for (size_t i = 0; i < r->n; i++)
		if (git_oid_equal(&r->v[i].tree, tree) && git_oid_equal(&r->v[i].test, test))
			return &r->v[i];
	return NULL;
}

/* Writes all but that of TREE and TEST and those older than OLDEST, and then MORE (NULL: no more). */
static struct xb_err *rewrite(const char *path, const struct xb_attempts *r, const git_oid *tree,
			      const git_oid *test, int64_t oldest, const struct xb_test_attempt *more)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i <= r->n; i++) {
		const struct xb_test_attempt *k = i < r->n ? &r->v[i] : more;

		if (!k || (i < r->n && (k->time < oldest ||
					(git_oid_equal(&k->tree, tree) && git_oid_equal(&k->test, test)))))
			continue;
		xb_buf_addf(&b, "%s %s %u %lld%s%s\n", xb_hex(&k->tree).s, xb_hex(&k->test).s, k->tries,
			    (long long)k->time, k->why ? " " : "", k->why ? k->why : "");
	}
	return b.n ? xb_file_write(path, b.p, b.n, 0600) : xb_file_remove(path);
}

struct xb_err *xb_attempts_begin(const char *path, const git_oid *tree, const git_oid *test, int64_t now)
{
	struct xb_test_attempt more = {.tree = *tree, .test = *test, .tries = 1, .time = now};
	const struct xb_test_attempt *old;
	XB_AUTO(xb_attempts_release) struct xb_attempts r = {0};

	XB_TRY(xb_attempts_read(path, &r));
	old = xb_attempts_find(&r, tree, test);
	if (old)
		more.tries += old->tries;
	return rewrite(path, &r, tree, test, now - FORGET, &more);
}

struct xb_err *xb_attempts_explain(const char *path, const git_oid *tree, const git_oid *test,
				   const char *why)
{
	XB_AUTOFREE char *text = xb_strdup(why);
	const struct xb_test_attempt *old;
	XB_AUTO(xb_attempts_release) struct xb_attempts r = {0};
	struct xb_test_attempt more;

	XB_TRY(xb_attempts_read(path, &r));
	old = xb_attempts_find(&r, tree, test);
	if (old) {
		more = *old;
		more.why = text;
		XB_TRY(rewrite(path, &r, tree, test, INT64_MIN, &more));
	}
	return NULL;
}

struct xb_err *xb_attempts_end(const char *path, const git_oid *tree, const git_oid *test)
{
	XB_AUTO(xb_attempts_release) struct xb_attempts r = {0};

	XB_TRY(xb_attempts_read(path, &r));
	return rewrite(path, &r, tree, test, INT64_MIN, NULL);
}

int64_t xb_test_attempt_due(const struct xb_test_attempt *r, unsigned period)
{
	int64_t most = period < LONGEST ? LONGEST : period;

	return r->time + xb_backoff(period, most, r->tries, 0);
}
