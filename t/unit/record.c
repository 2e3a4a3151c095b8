/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of another repository, and how long a failure makes us wait. */
#include "tap.h"
#include "os/file.h"
#include "os/log.h"
#include "remote/remote-record.h"
#include "util/alloc.h"

#include <unistd.h>

static char dir[] = "/tmp/xsabot-record.XXXXXX";
static char *path;

static git_oid id(unsigned n)
{
	char hex[GIT_OID_HEXSZ + 1];
	git_oid out;

	snprintf(hex, sizeof hex, "%040x", n);
	git_oid_fromstr(&out, hex);
	return out;
}

static void fine(struct xb_err *err, const char *what)
{
	ok(!err, "%s", what);
	if (err)
		printf("# %s\n", err->msg);
	xb_err_free(err);
}

static void put(const char *text)
{
	xb_err_free(xb_file_write(path, text, strlen(text), 0600));
}

static void test_roundtrip(void)
{
	struct xb_record r = {0}, again;
	struct xb_record_ref *ref;
	git_oid at = id(1), next = id(2);

	fine(xb_record_read(path, "/u", &r), "no file: an empty record");
	ok(!r.refs.n && !r.failures && !strcmp(r.url, "/u"), "  of that URL");
	ref = xb_record_ref(&r, "refs/heads/x");
	ref->at = at;
	ref->trouble = xb_strdup("\"quoted\"\nand more");
	xb_record_sending(ref, &next);
	r.since = 7;
	xb_record_begin(&r, 1000);
	fine(xb_record_write(path, &r), "it is written");
	fine(xb_record_read(path, "/u", &again), "and read");
	ref = xb_record_find(&again, "refs/heads/x");
	ok(ref && git_oid_equal(&ref->at, &at) && git_oid_is_zero(&ref->tried) && ref->n_sent == 1,
	   "the ref");
	is_text(ref->trouble, "\"quoted\"\nand more", "its trouble");
	ok(again.since == 7 && again.failures == 1 && again.retry == r.retry && again.error,
	   "a visit that began and never ended is one that failed");
	xb_record_release(&again);
	fine(xb_record_read(path, "/other", &again), "for another URL");
	ok(!again.refs.n && !again.failures && !again.retry, "nothing of it counts");
	xb_record_release(&again);
	xb_record_release(&r);
}

static void test_broken(void)
{
	static const char *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "{\"version\": 2}",
	    "null",
	    ("{\"version\": 1, \"url\": \"/u\", \"began\": 0, \"since\": 0, \"looked\": 0, \"retry\": 0, "
	     "\"failures\": 0, \"error\": null, \"attention\": false, \"refs\": [{\"ref\": \"refs/x\", "
	     "\"at\": \"zz\"}]}"),
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct xb_record r;

		put(texts[i]);
		fine(xb_record_read(path, "/u", &r), "a broken file is no failure");
		ok(!r.refs.n && !strcmp(r.url, "/u"), "  and nothing in it counts");
		xb_record_release(&r);
	}
}

static void test_ours(void)
{
	struct xb_record r = {0};
	struct xb_record_ref *ref = xb_record_ref(&r, "refs/heads/x");
	git_oid none = {0}, one = id(1), oid;

	ok(xb_record_is_ours(ref, &none), "never there: that it is not there is ours");
	ok(!xb_record_is_ours(ref, &one), "  and anything else is not");
	ref->at = one;
	ok(xb_record_is_ours(ref, &one) && !xb_record_is_ours(ref, &none),
	   "left there: that, and its absence not");
	for (unsigned i = 10; i < 10 + XB_SENT_MAX + 1; i++) {
		oid = id(i);
		xb_record_sending(ref, &oid);
		xb_record_sending(ref, &oid);
	}
	ok(ref->n_sent == XB_SENT_MAX, "so many that were sent are remembered, each once");
	ok(xb_record_is_ours(ref, &oid) && xb_record_is_ours(ref, &one), "the last of them is ours");
	oid = id(10);
	ok(!xb_record_is_ours(ref, &oid), "the oldest is forgotten");
	xb_record_release(&r);
}

static void test_waits(void)
{
	struct xb_record r = {0};
	XB_AUTOERR struct xb_err *temp = xb_err_new(XB_E_TEMP, "later"),
				 *person = xb_err_new(XB_E_CONFIG, "no");
	bool within = true;
	int64_t mean = 60;

	for (int i = 0; i < 2000; i++) {
		xb_record_begin(&r, 0);
		within = within && r.retry >= mean * 3 / 4 && r.retry <= mean * 5 / 4;
		mean = mean * 2 > 3600 ? 3600 : mean * 2;
	}
	ok(within, "a minute, twice as long each time, an hour, a quarter more or less");
	xb_record_failed(&r, temp);
	ok(!r.attention && !strcmp(r.error, "later"), "a passing failure");
	xb_record_failed(&r, person);
	ok(r.attention && !strcmp(r.error, "no"), "one for a person");
	xb_record_well(&r, 5);
	ok(!r.failures && !r.retry && !r.error && !r.attention && r.looked == 5, "all is well again");
	xb_record_release(&r);
}

int main(void)
{
	git_libgit2_init();
	xb_log_level(XB_QUIET);
	if (!mkdtemp(dir))
		return 1;
	path = xb_asprintf("%s/record.json", dir);
	test_roundtrip();
	test_broken();
	test_ours();
	test_waits();
	unlink(path);
	rmdir(dir);
	free(path);
	git_libgit2_shutdown();
	return done();
}
