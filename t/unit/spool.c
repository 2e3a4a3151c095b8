/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool/spool.h"

#include "hooks/event.h"
#include "os/file.h"
#include "util/alloc.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *dir; /* of the whole program; each test has a spool of its own in it */
static char *spool_path;

static void must(struct xb_err *err)
{
	if (!err)
		return;
	printf("Bail out! %s\n", err->msg);
	exit(1);
}

static void must_sys(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void clean_up(void)
{
	if (dir)
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
	free(spool_path);
}

static struct xb_spool *fresh(void)
{
	static int n;
	struct xb_spool *s;

	free(spool_path);
	spool_path = xb_asprintf("%s/state-%d/spool", dir, ++n);
	must(xb_spool_open(spool_path, true, &s));
	return s;
}

static char *in_spool(const char *sub, const char *name)
{
	return xb_asprintf("%s/%s/%s", spool_path, sub, name);
}

static void put(const char *sub, const char *name, const char *text, size_t n)
{
	XB_AUTOFREE char *path = in_spool(sub, name);

	must(xb_file_write(path, text, n, 0640));
}

static void put_event(const char *name)
{
	put("new", name, XB_EVENT, strlen(XB_EVENT));
}

static bool exists(const char *sub, const char *name)
{
	XB_AUTOFREE char *path = in_spool(sub, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

/* ---- the directory ---- */

static void test_open(void)
{
	XB_AUTOFREE char *none = xb_asprintf("%s/none/spool", dir);
	struct xb_spool *s = NULL;
	struct stat st;
	struct xb_err *err = xb_spool_open(none, false, &s);

	ok(err && err->code == XB_E_NOTFOUND && !s, "open: a spool that is not there is not made unasked");
	xb_err_free(err);
	s = fresh();
	must_sys(stat(spool_path, &st) == 0, "stat");
	ok((st.st_mode & 07777) == 02770, "open: the new spool is for its group, and hands the group on");
	ok(exists("tmp", ".") && exists("new", ".") && exists("cur", "."),
	   "open: all three directories are made");
	xb_spool_free(s);
	must(xb_spool_open(spool_path, true, &s));
	ok(s != NULL, "open: one that is there is opened as it is");
	xb_spool_free(s);
}

static void test_drain(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0};
	struct xb_spool *s = fresh();

	must(xb_spool_drain(s, &b));
	ok(!b.files.n, "drain: an empty spool asks for nothing");
	put_event("1");
	put_event("2");
	must(xb_spool_drain(s, &b));
	ok(b.files.n == 2, "drain: two events");
	ok(!exists("new", "1") && exists("cur", "1") && exists("cur", "2"), "drain: taken, not removed");
	put_event("3");
	must(xb_spool_done(s, &b));
	ok(!exists("cur", "1") && !exists("cur", "2") && exists("new", "3"),
	   "done: removes what was drained and nothing that came since");
	xb_spool_free(s);
}

static void test_crash(void)
{
	XB_AUTOBATCH struct xb_spool_batch first = {0}, again = {0}, last = {0};
	struct xb_spool *s = fresh();

	put_event("1");
	must(xb_spool_drain(s, &first));
	xb_spool_free(s); /* the run ends without xb_spool_done */
	put_event("2");
	must(xb_spool_open(spool_path, false, &s));
	must(xb_spool_drain(s, &again));
	ok(again.files.n == 2, "drain: gives again what a crashed run had taken");
	must(xb_spool_done(s, &again));
	must(xb_spool_done(s, &again));
	must(xb_spool_drain(s, &last));
	ok(!last.files.n, "done: twice does no harm, and then nothing is left");
	xb_spool_free(s);
}

/* The file with a fixed name that a hook replaces while the bot is at work. */
static void test_fixed_name(void)
{
	XB_AUTOBATCH struct xb_spool_batch first = {0}, next = {0};
	struct xb_spool *s = fresh();

	put_event("rescan.0");
	must(xb_spool_drain(s, &first));
	put_event("rescan.0");
	must(xb_spool_done(s, &first));
	must(xb_spool_drain(s, &next));
	ok(first.files.n == 1 && next.files.n == 1, "done: a newer rescan of the same name stays");
	xb_spool_free(s);
}

/* What earlier hooks wrote, and what none did: a file is an event, whatever it says; nothing is opened. */
static void test_planted(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0}, next = {0};
	struct xb_spool *s = fresh();
	XB_AUTOFREE char *link_path = in_spool("new", "link"), *fifo = in_spool("new", "fifo");
	XB_AUTOFREE char *sub = in_spool("new", "dir"), *full = in_spool("new", "full");
	XB_AUTOFREE char *inner = in_spool("new", "full/x"), *target = xb_asprintf("%s/outside", dir);
	struct stat st;

	must(xb_file_write(target, "x", 1, 0600));
	must_sys(!symlink(target, link_path) && !mkfifo(fifo, 0600), "link, mkfifo");
	must_sys(!mkdir(sub, 0700) && !mkdir(full, 0700) && !mkdir(inner, 0700), "mkdir");
	put("new", "old", "xsabot-event 1\nref a b refs/heads/x\nend 1 0\n", 42);
	put("new", "garbage", "\033[31mgarbage\n", 13);
	put("new", "empty", "", 0);
	must(xb_spool_drain(s, &b));
	ok(b.files.n == 5, "drain: each file is an event, a directory is none (%zu)", b.files.n);
	must(xb_spool_done(s, &b));
	ok(!exists("cur", "old") && !exists("cur", "garbage") && !exists("cur", "link") &&
	       !exists("cur", "dir"),
	   "done: all of it goes");
	ok(stat(target, &st) == 0 && S_ISREG(st.st_mode), "done: what a link points to is untouched");
	must(xb_spool_drain(s, &next));
	ok(!next.files.n, "drain: a directory with something in it is no event later, either");
	xb_spool_free(s);
}

static void test_post(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0};
	struct xb_spool *s = fresh();
	bool any = false;

	must(xb_spool_post(spool_path));
	must(xb_spool_any_new(spool_path, &any));
	ok(any, "post: there is an event");
	must(xb_spool_drain(s, &b));
	ok(b.files.n == 1, "post: just one");
	must(xb_spool_any_new(spool_path, &any));
	ok(!any, "drain: none is new");
	must(xb_spool_any(spool_path, &any));
	ok(any, "drain: but one is not done");
	xb_spool_free(s);
}

static void set_age(const char *name, time_t seconds)
{
	XB_AUTOFREE char *path = in_spool("tmp", name);
	time_t when = time(NULL) - seconds;
	struct timespec t[2] = {{.tv_sec = when}, {.tv_sec = when}};

	put("tmp", name, "x", 1);
	must_sys(!utimensat(AT_FDCWD, path, t, 0), "utimensat");
}

static void test_sweep(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0};
	struct xb_spool *s = fresh();

	set_age("old", 7200);
	set_age("young", 1800);
	set_age("to-come", -7200);
	must(xb_spool_drain(s, &b));
	ok(!exists("tmp", "old") && !exists("tmp", "to-come"),
	   "drain: sweeps temporary files older than an hour");
	ok(exists("tmp", "young"), "drain: leaves one that a hook may be writing");
	ok(!b.files.n, "drain: and they are no events");
	xb_spool_free(s);
}

int main(void)
{
	dir = xb_strdup("/tmp/xsabot-unit-spool.XXXXXX");
	must_sys(mkdtemp(dir) != NULL, "mkdtemp");
	atexit(clean_up);
	umask(022);
	test_open();
	test_drain();
	test_crash();
	test_fixed_name();
	test_planted();
	test_post();
	test_sweep();
	return done();
}
