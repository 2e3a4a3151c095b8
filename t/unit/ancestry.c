/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ancestors in random histories whose dates are as often wrong as right, against a plain search. */
#include "odb/ancestry.h"
#include "tap.h"

#include "repo/git.h"

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <stdlib.h>

#define N 400
#define PARENTS 3

struct history {
	git_oid oid[N];
	long time[N];
	int parents[N][PARENTS], n_parents[N];
	bool reach[N][N]; /* reach[i][j]: j is i or an ancestor of it */
};

static unsigned seed;

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void write_commit(git_odb *odb, struct history *h, int i)
{
	char raw[1024];
	int n = snprintf(raw, sizeof raw, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");

	for (int p = 0; p < h->n_parents[i]; p++)
		n += snprintf(raw + n, sizeof raw - (size_t)n, "parent %s\n",
			      xb_hex(&h->oid[h->parents[i][p]]).s);
	n += snprintf(raw + n, sizeof raw - (size_t)n,
		      "author A <a@example.org> %ld +0000\ncommitter A <a@example.org> %ld +0000\n\n%d\n",
		      h->time[i], h->time[i], i);
	if (git_odb_write(&h->oid[i], odb, raw, (size_t)n, GIT_OBJECT_COMMIT))
		abort();
}

/* Chains beside each other, joined now and then; a commit's parents are among the few before it. */
static void make(git_odb *odb, struct history *h)
{
	memset(h, 0, sizeof *h);
	for (int i = 0; i < N; i++) {
		int want = i ? 1 + (int)roll(10) / 8 + (int)roll(10) / 9 : 0;

		h->time[i] = 1000000 + i + (roll(3) ? 0 : (long)roll(200) - 100);
		h->reach[i][i] = true;
		for (int p = 0; p < want && p < i; p++) {
			int from = i - 1 - (int)roll(i < 6 ? (unsigned)i : 6);

			h->parents[i][h->n_parents[i]++] = from;
			for (int k = 0; k <= from; k++)
				h->reach[i][k] |= h->reach[from][k];
		}
		write_commit(odb, h, i);
	}
}

/* All questions about TIP, from a random one on: early ones get walks of their own, late ones the one over
 * all. */
static int wrong_answers(struct xb_store *s, const struct history *h, int tip)
{
	struct xb_ancestry *a = xb_ancestry_new(s, &h->oid[tip]);
	int wrong = 0;

	for (int k = 0, i = (int)roll(N); k < N; k++, i = (i + 1) % N) {
		bool in = false;
		XB_AUTOERR struct xb_err *err = xb_ancestry_has(a, &h->oid[i], &in);

		wrong += err || in != h->reach[tip][i];
	}
	xb_ancestry_free(a);
	return wrong;
}

struct shown {
	const struct history *h;
	int v[N], n;
};

static struct xb_err *show(void *ctx, const git_oid *oid, const struct xb_commit *c)
{
	struct shown *s = ctx;
	int i = 0;

	while (i < N && !git_oid_equal(&s->h->oid[i], oid))
		i++;
	if (i == N || s->n == N || c->committer.time != s->h->time[i])
		return xb_err_new(XB_E_INTERNAL, "not a commit of this history, or shown twice");
	s->v[s->n++] = i;
	return NULL;
}

/* Each next one is the newest of those whose child was shown. */
static bool is_in_order(const struct history *h, const struct shown *s)
{
	bool waits[N] = {false};

	waits[s->v[0]] = true;
	for (int k = 0; k < s->n; k++) {
		int at = s->v[k];

		for (int i = 0; i < N; i++)
			if (waits[i] &&
			    (h->time[i] > h->time[at] ||
			     (h->time[i] == h->time[at] && git_oid_cmp(&h->oid[i], &h->oid[at]) < 0)))
				return false;
		if (!waits[at])
			return false;
		waits[at] = false;
		for (int p = 0; p < h->n_parents[at]; p++)
			waits[h->parents[at][p]] = true;
		for (int i = 0; i < k; i++)
			waits[s->v[i]] = false;
	}
	return true;
}

static void check(struct xb_store *s, const struct history *h, unsigned of)
{
	struct shown all = {.h = h}, some = {.h = h};
	struct xb_ancestry *a = xb_ancestry_new(s, &h->oid[N - 1]);
	XB_AUTOERR struct xb_err *err = xb_ancestry_newest(a, SIZE_MAX, show, &all);
	int wrong = 0, ancestors = 0;

	for (int i = 0; i < N; i++)
		ancestors += h->reach[N - 1][i];
	ok(!err && all.n == ancestors, "history %u: all %d ancestors are shown, each once", of, ancestors);
	ok(all.n && is_in_order(h, &all), "history %u: newest first", of);
	if (!err)
		err = xb_ancestry_newest(a, 50, show, &some);
	ok(!err && some.n == 50 && !memcmp(some.v, all.v, 50 * sizeof *some.v),
	   "history %u: fewer are the first of them", of);
	xb_ancestry_free(a);
	for (int tip = N - 1; tip > N / 2; tip -= 7)
		wrong += wrong_answers(s, h, tip);
	ok(!wrong, "history %u: who is an ancestor (%d wrong answers)", of, wrong);
}

int main(void)
{
	static struct history h;
	git_odb_backend *memory = NULL;
	git_odb *odb = NULL;

	if (xb_git_init() || git_odb_new(&odb) || git_mempack_new(&memory) ||
	    git_odb_add_backend(odb, memory, 999))
		return 1;
	for (seed = 1; seed < 6; seed++) {
		unsigned of = seed;
		struct xb_store *s = xb_store_new(odb, NULL);

		make(odb, &h);
		check(s, &h, of);
		xb_store_free(s);
		seed = of;
	}
	git_odb_free(odb);
	return done();
}
