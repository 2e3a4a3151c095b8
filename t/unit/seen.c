/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which targets a look finds to have work, and which of them were pushed to, and so come first. */
#include "judge/seen.h"
#include "history.h"
#include "tap.h"
#include "util/alloc.h"

static struct history h; /* an empty repository */
static struct xb_refview view;
static struct xb_seen looks;
static bool find;

/* The ref NAME has the value whose bytes are all N; not there for 0. The view stays sorted. */
static void ref(const char *name, unsigned char n)
{
	size_t i = 0;

	while (i < view.n && strcmp(view.v[i].name, name) < 0)
		i++;
	if (i == view.n || strcmp(view.v[i].name, name)) {
		XB_PUSH(&view, v, n, cap);
		memmove(&view.v[i + 1], &view.v[i], (view.n - 1 - i) * sizeof *view.v);
		view.v[i] = (struct xb_refview_one){.name = xb_strdup(name)};
	}
	memset(view.v[i].oid.id, n, sizeof view.v[i].oid.id);
	if (n)
		return;
	free(view.v[i].name);
	memmove(&view.v[i], &view.v[i + 1], (--view.n - i) * sizeof *view.v);
}

static void add_target(struct xb_targets *t, const char *line)
{
	struct xb_target *one = XB_PUSH(t, v, n, cap);

	one->line = xb_strdup(line);
	one->name = xb_strdup(line);
	one->tip_ref = xb_asprintf("refs/heads/staging-%s", line);
	one->derived_ref = xb_asprintf("refs/heads/xsa-%s", line);
	one->state_ref = xb_asprintf("refs/xsabot/state/%s", line);
}

static void look(void)
{
	XB_AUTOERR struct xb_err *err = NULL;

	for (size_t i = 0; i < view.n; i++)
		view.v[i].claimed = false;
	err = xb_seen_compare(&looks, &view, &find);
	history_need(err != NULL);
}

/* All are published, as the refs stand. */
static void publish(void)
{
	for (size_t i = 0; i < looks.n; i++) {
		struct xb_seen_target *l = &looks.v[i];
		struct xb_publish_result r = {.what = XB_PUBLISHED_SAME};
		struct xb_target t;
		XB_AUTOERR struct xb_err *err = NULL;

		if (!l->stale)
			continue;
		xb_target_copy(&t, &l->target);
		t.derived = xb_refview_value(&view, t.derived_ref);
		t.state = xb_refview_value(&view, t.state_ref);
		err = xb_seen_done(l, h.repo, &view, &t, &r, 1);
		history_need(err != NULL);
		xb_target_release(&t);
	}
}

/* Of both targets: s(tale), p(ushed to), - for neither, after a look; and F, the targets may be others. */
static void seen(const char *want, const char *title)
{
	char got[8] = "", *at = got;

	look();
	for (size_t i = 0; i < looks.n; i++)
		*at++ = looks.v[i].pushed ? 'p' : looks.v[i].stale ? 's' : '-';
	if (find)
		*at = 'F';
	is_text(got, want, title);
}

static void begin(void)
{
	struct xb_targets t = {0};
	XB_AUTOERR struct xb_err *err = NULL;

	add_target(&t, "4.17");
	add_target(&t, "4.18");
	for (unsigned char i = 0; i < t.n; i++) {
		ref(t.v[i].tip_ref, 1 + i);
		ref(t.v[i].derived_ref, 11 + i);
		ref(t.v[i].state_ref, 21 + i);
	}
	ref("refs/notes/xsa", 31);
	look();
	ok(find, "the first look finds the targets");
	err = xb_seen_sync(&looks, &t, &view);
	ok(!err && looks.n == 2, "there are two");
	xb_targets_release(&t);
	seen("ss", "what was never published has work, but nobody pushed to it");
	publish();
	seen("--", "what is published has none");
}

static void test_pushed(void)
{
	ref("refs/heads/staging-4.18", 3);
	seen("-p", "a push to one is seen, and concerns no other");
	seen("-p", "... at each look until it is published");
	publish();
	seen("--", "... and not after that");
	ref("refs/notes/xsa", 32);
	seen("ss", "a note concerns all, and was pushed to none");
	ref("refs/heads/staging-4.18", 4);
	seen("sp", "a push beside it is known from it");
	publish();
	ref("refs/heads/staging-4.17", 0);
	seen("p-", "a staging that went counts as pushed to");
	publish();
	ref("refs/heads/staging-4.17", 5);
	seen("s-", "one that is new has work, and waits its turn");
	publish();
}

static void test_stale(void)
{
	ref("refs/heads/xsa-4.17", 6);
	seen("s-", "someone moved a derived branch: its target has work");
	publish();
	ref("refs/xsabot/tested/4.18", 7);
	seen("-s", "a test system answers: that target alone");
	publish();
	ref("refs/heads/elsewhere", 8);
	seen("--F", "a ref that no target has: perhaps there are others");
	seen("--", "... which is looked for once");
	ref("refs/tags/RELEASE-4.17.1", 9);
	look();
	ok(find, "... so for a release");
	publish();
	xb_seen_forget(&looks);
	seen("ssF", "other rules: all is looked at anew");
	publish();
}

/* A failure is retried, and what was pushed isn't first again for it. */
static void test_failed(void)
{
	struct xb_err *err = NULL;

	ref("refs/heads/staging-4.17", 41);
	seen("p-", "a push");
	err = xb_err_new(XB_E_TEMP, "busy");
	xb_seen_failed(&looks.v[0], &view, err, 5);
	xb_err_free(err);
	seen("--", "that failed: no ref says that it has work");
	ok(looks.v[0].retry != XB_NEVER && looks.v[0].failures == 1, "... the time does");
	ref("refs/heads/staging-4.17", 42);
	seen("p-", "the next push is first again");
}

int main(void)
{
	history_begin(&h);
	begin();
	test_pushed();
	test_stale();
	test_failed();
	xb_seen_release(&looks);
	xb_refview_release(&view);
	history_end(&h);
	return done();
}
