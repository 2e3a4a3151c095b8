/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool/spool.h"

#include "hooks/event.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/file.h"

#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define M "xsabot-event 1\n"
#define REF(r) "ref " A " " B " " r "\n"

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

static void put_event(const char *name, const char *text)
{
	put("new", name, text, strlen(text));
}

static bool exists(const char *sub, const char *name)
{
	XB_AUTOFREE char *path = in_spool(sub, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

/* ---- one event ---- */

enum { BROKEN, LIST, RESCAN };

static const struct {
	const char *what, *text;
	int want;
	size_t refs;
} events[] = {
    {"one ref", M REF("refs/heads/x") "end 1 0\n", LIST, 1},
    {"two refs", M REF("refs/heads/x") REF("refs/heads/y") "end 2 0\n", LIST, 2},
    {"a ref of odd bytes", M REF("refs/heads/$(id)\xff\"") "end 1 0\n", LIST, 1},
    {"skipped lines", M REF("refs/heads/x") "end 1 3\n", RESCAN, 1},
    {"a rescan", M "rescan\nend 0 0\n", RESCAN, 0},
    {"a rescan with a list", M "rescan\n" REF("refs/heads/x") "end 1 0\n", RESCAN, 1},
    {"no refs", M "end 0 0\n", RESCAN, 0},
    {"an unknown word", M "pusher someone\n" REF("refs/heads/x") "end 1 0\n", LIST, 1},
    {"a higher version", "xsabot-event 2\nwhatever\n", RESCAN, 0},
    {"a version of two digits", "xsabot-event 10\n", RESCAN, 0},
    {"nothing", "", BROKEN, 0},
    {"the first line alone", M, BROKEN, 0},
    {"no first line", REF("refs/heads/x") "end 1 0\n", BROKEN, 0},
    {"version 0", "xsabot-event 0\nend 0 0\n", BROKEN, 0},
    {"a higher version, cut off", "xsabot-event 2\nwhat", BROKEN, 0},
    {"no end", M REF("refs/heads/x"), BROKEN, 0},
    {"an end without LF", M REF("refs/heads/x") "end 1 0", BROKEN, 0},
    {"an end that counts too few", M REF("refs/heads/x") "end 0 0\n", BROKEN, 0},
    {"an end that counts too many", M REF("refs/heads/x") "end 2 0\n", BROKEN, 0},
    {"an end with one number", M "end 0\n", BROKEN, 0},
    {"an end with a word", M "end 0 x\n", BROKEN, 0},
    {"an end with three numbers", M "end 0 0 0\n", BROKEN, 0},
    {"an end with a sign", M "end 0 -1\n", BROKEN, 0},
    {"an end with a huge number", M "end 0 99999999999999999999999\n", BROKEN, 0},
    {"something after the end", M REF("refs/heads/x") "end 1 0\nx\n", BROKEN, 0},
    {"two ends", M "end 0 0\nend 0 0\n", BROKEN, 0},
    {"a ref line without ref", M "ref " A " " B "\nend 1 0\n", BROKEN, 0},
    {"a ref line with a short id", M "ref abc " B " refs/heads/x\nend 1 0\n", BROKEN, 0},
    {"a ref with an escape", M REF("refs/heads/\033[m") "end 1 0\n", BROKEN, 0},
    {"a ref outside refs/", M REF("HEAD") "end 1 0\n", BROKEN, 0},
};

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		XB_AUTOBATCH struct xb_spool_batch b = {0};
		bool good = xb_spool_parse(events[i].text, strlen(events[i].text), &b);
		int got = !good ? BROKEN : b.rescan ? RESCAN : LIST;

		ok(got == events[i].want && (!good || b.refs.n == events[i].refs), "parse: %s",
		   events[i].what);
	}
}

/* Every cut of a good event is broken; this is what a torn write would look like. */
static void test_parse_cut(void)
{
	static const char text[] = M REF("refs/heads/x") REF("refs/tags/y") "end 2 0\n";
	size_t taken = 0;

	for (size_t n = 0; n < sizeof text - 1; n++) {
		XB_AUTOBATCH struct xb_spool_batch b = {0};

		taken += xb_spool_parse(text, n, &b);
	}
	ok(taken == 0, "parse: no part of an event passes for one");
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
	ok(exists("tmp", ".") && exists("new", ".") && exists("cur", ".") && exists("bad", "."),
	   "open: all four directories are made");
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
	ok(!b.rescan && !b.refs.n && !b.events, "drain: an empty spool asks for nothing");
	put_event("1", M REF("refs/heads/x") REF("refs/heads/a") "end 2 0\n");
	put_event("2", M REF("refs/heads/x") "end 1 0\n");
	must(xb_spool_drain(s, &b));
	ok(!b.rescan && b.events == 2 && b.bad == 0, "drain: two events");
	ok(b.refs.n == 2 && strcmp(b.refs.v[0], "refs/heads/a") == 0 &&
	       strcmp(b.refs.v[1], "refs/heads/x") == 0,
	   "drain: each ref once, sorted");
	ok(!exists("new", "1") && exists("cur", "1") && exists("cur", "2"), "drain: taken, not removed");
	put_event("3", M REF("refs/heads/late") "end 1 0\n");
	must(xb_spool_done(s, &b));
	ok(!exists("cur", "1") && !exists("cur", "2") && exists("new", "3"),
	   "done: removes what was drained and nothing that came since");
	xb_spool_free(s);
}

static void test_crash(void)
{
	XB_AUTOBATCH struct xb_spool_batch first = {0}, again = {0}, last = {0};
	struct xb_spool *s = fresh();

	put_event("1", M REF("refs/heads/x") "end 1 0\n");
	must(xb_spool_drain(s, &first));
	xb_spool_free(s); /* the run ends without xb_spool_done */
	put_event("2", M REF("refs/heads/y") "end 1 0\n");
	must(xb_spool_open(spool_path, false, &s));
	must(xb_spool_drain(s, &again));
	ok(again.refs.n == 2 && again.events == 2, "drain: gives again what a crashed run had taken");
	must(xb_spool_done(s, &again));
	must(xb_spool_done(s, &again));
	must(xb_spool_drain(s, &last));
	ok(!last.events && !last.refs.n && !last.rescan,
	   "done: twice does no harm, and then nothing is left");
	xb_spool_free(s);
}

/* The file with a fixed name that a hook replaces while the bot is at work. */
static void test_fixed_name(void)
{
	XB_AUTOBATCH struct xb_spool_batch first = {0}, next = {0};
	struct xb_spool *s = fresh();

	put_event("rescan.0", M "rescan\nend 0 0\n");
	must(xb_spool_drain(s, &first));
	put_event("rescan.0", M "rescan\nend 0 0\n");
	must(xb_spool_done(s, &first));
	must(xb_spool_drain(s, &next));
	ok(first.rescan && next.rescan && next.events == 1, "done: a newer rescan of the same name stays");
	xb_spool_free(s);
}

/* Puts into new/ what no hook makes; gives how many things. */
static size_t plant(void)
{
	XB_AUTOFREE char *link_path = in_spool("new", "link"), *fifo = in_spool("new", "fifo");
	XB_AUTOFREE char *sub = in_spool("new", "dir"), *hard = in_spool("new", "hard");
	XB_AUTOFREE char *target = xb_asprintf("%s/outside", dir);
	static char big[XB_EVENT_MAX_SIZE + 1];

	must(xb_file_write(target, M "end 0 0\n", strlen(M "end 0 0\n"), 0600));
	must_sys(!symlink(target, link_path) && !link(target, hard), "link");
	must_sys(!mkfifo(fifo, 0600) && !mkdir(sub, 0700), "mkfifo, mkdir");
	memset(big, 'x', sizeof big);
	memcpy(big, M, sizeof M - 1);
	put("new", "big", big, sizeof big);
	put_event("garbage", "\033[31mgarbage\n");
	put_event("empty", "");
	return 7;
}

static void test_planted(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0}, next = {0};
	XB_AUTOFREE char *target = xb_asprintf("%s/outside", dir);
	struct xb_spool *s = fresh();
	struct stat st;
	size_t n = plant();

	put_event("good", M REF("refs/heads/x") "end 1 0\n");
	must(xb_spool_drain(s, &b));
	ok(b.bad == n && b.events == 1 && b.rescan,
	   "drain: what no hook makes is set aside (%zu) and means rescan", b.bad);
	ok(b.refs.n == 1 && strcmp(b.refs.v[0], "refs/heads/x") == 0,
	   "drain: the good event beside it counts");
	ok(exists("bad", "garbage") && exists("bad", "link") && exists("bad", "fifo") && exists("bad", "dir"),
	   "drain: kept in bad/ for a person");
	ok(stat(target, &st) == 0 && S_ISREG(st.st_mode), "drain: what a link points to is untouched");
	must(xb_spool_done(s, &b));
	must(xb_spool_drain(s, &next));
	ok(!next.rescan && !next.bad && !next.events, "drain: and reported once only");
	xb_spool_free(s);
}

static void test_bad_cap(void)
{
	XB_AUTOBATCH struct xb_spool_batch b = {0};
	struct xb_spool *s = fresh();
	size_t kept = 0, left = 0;

	for (int i = 0; i < XB_SPOOL_KEEP_BAD + 20; i++) {
		XB_AUTOFREE char *name = xb_asprintf("b%d", i);

		put_event(name, "garbage\n");
	}
	must(xb_spool_drain(s, &b));
	for (int i = 0; i < XB_SPOOL_KEEP_BAD + 20; i++) {
		XB_AUTOFREE char *name = xb_asprintf("b%d", i);

		kept += exists("bad", name);
		left += exists("cur", name) || exists("new", name);
	}
	ok(b.bad == XB_SPOOL_KEEP_BAD + 20 && kept == XB_SPOOL_KEEP_BAD && !left,
	   "drain: bad/ keeps %d and the others go", XB_SPOOL_KEEP_BAD);
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
	ok(!b.rescan && !b.events, "drain: and they are no events");
	xb_spool_free(s);
}

/* An event of N refs that all differ from those of other FIRSTs. */
static void put_many(const char *name, int first, int n)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_adds(&b, M);
	for (int i = first; i < first + n; i++)
		xb_buf_addf(&b, REF("refs/heads/%d"), i);
	xb_buf_addf(&b, "end %d 0\n", n);
	put("new", name, b.p, b.n);
}

static void test_limits(void)
{
	XB_AUTOBATCH struct xb_spool_batch same = {0}, many = {0};
	struct xb_spool *s = fresh();

	for (int i = 0; i < 6; i++) {
		XB_AUTOFREE char *name = xb_asprintf("s%d", i);

		put_many(name, 0, 20000);
	}
	must(xb_spool_drain(s, &same));
	ok(!same.rescan && same.refs.n == 20000, "drain: the same refs over and over do not add up");
	must(xb_spool_done(s, &same));
	for (int i = 0; i < 6; i++) {
		XB_AUTOFREE char *name = xb_asprintf("m%d", i);

		put_many(name, 20000 * i, 20000);
	}
	must(xb_spool_drain(s, &many));
	ok(many.rescan && many.refs.n <= XB_SPOOL_MAX_REFS && many.events == 6,
	   "drain: too many different ones become a rescan");
	must(xb_spool_done(s, &many));
	ok(!exists("cur", "m5"), "done: and are removed like others");
	xb_spool_free(s);
}

int main(void)
{
	dir = xb_strdup("/tmp/xsabot-unit-spool.XXXXXX");
	must_sys(mkdtemp(dir) != NULL, "mkdtemp");
	atexit(clean_up);
	umask(022);
	test_parse();
	test_parse_cut();
	test_open();
	test_drain();
	test_crash();
	test_fixed_name();
	test_planted();
	test_bad_cap();
	test_sweep();
	test_limits();
	return done();
}
