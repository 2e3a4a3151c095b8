/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagemaker.h"

#include "config/config.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/spawn.h"
#include "packs/sha1.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
	PAUSE_S = 60,
	FIRST_RETRY_S = 300,
	LAST_RETRY_S = 6 * 3600,
	ALL_S = 1800,
	MAX_STATUS = 16 << 20,
	MAX_RECORD = 4096,
};

/* ---- what they are made of ---- */

static char *record_path(const struct xb_config *c)
{
	return xb_asprintf("%s/pages.json", c->state_dir);
}

static void add_file(struct xb_buf *b, const char *dir, const char *name, bool contents)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct stat st;

	if (contents) {
		xb_err_free(xb_file_read(path, MAX_STATUS, &text)); /* then it is as if it were empty */
		xb_buf_add(b, text.p ? text.p : "", text.n);
	} else if (!stat(path, &st)) {
		xb_buf_addf(b, "%lld.%09ld %lld\n", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			    (long long)st.st_size);
	}
}

/* The same as long as the pages would be. */
static struct xb_hex fingerprint(const struct xb_config *c)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	git_oid sum;

	xb_buf_addf(&b, "%s\n%s\n%s\n%s\n", XSABOT_VERSION, c->pages.directory, c->pages.url, c->pages.clone);
	add_file(&b, c->state_dir, "status.json", true);
	if (*c->metadata)
		add_file(&b, c->metadata, "xsa.json", false);
	if (*c->metadata_url)
		add_file(&b, c->metadata, "record.json", false);
	xb_object_id(GIT_OBJECT_BLOB, b.p, b.n, &sum);
	return xb_hex(&sum);
}

/* The caller's; NULL: they were not made yet. */
static json_t *read_record(const struct xb_config *c)
{
	XB_AUTOFREE char *path = record_path(c);
	json_t *o;

	xb_err_free(xb_json_read(path, MAX_RECORD, XB_JSON_SILENT, &o));
	return o;
}

static struct xb_err *write_record(const struct xb_config *c, const char *made, int64_t failures,
				   int64_t next)
{
	XB_AUTOFREE char *path = record_path(c);
	XB_AUTOFREE char *text = xb_asprintf("{\"made\": \"%s\", \"failures\": %lld, \"next\": %lld}\n", made,
					     (long long)failures, (long long)next);

	return xb_file_write(path, text, strlen(text), 0644);
}

/* ---- making them ---- */

/* This program, or the one that has taken its place. */
static struct xb_err *own_path(char **out)
{
	static const char gone[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);

	if (n <= 0 || (size_t)n == sizeof path)
		return xb_err_sys(XB_E_IO, n < 0 ? errno : ENAMETOOLONG, "cannot find this program");
	if (xb_ends(path, (size_t)n, gone))
		n -= (ssize_t)strlen(gone);
	*out = xb_memdup0(path, (size_t)n);
	return NULL;
}

static struct xb_err *make(const struct xb_config *c)
{
	const char *search = getenv("PATH");
	XB_AUTOFREE char *self = NULL, *file = xb_strdup(c->file), *dir = xb_strdup(c->pages.directory);
	XB_AUTOFREE char *path = xb_asprintf("PATH=%s", search ? search : "/usr/bin:/bin");
	char option[] = "-c", quiet[] = "-q", verb[] = "pages", locale[] = "LC_ALL=C";
	char *env[] = {path, locale, NULL};
	char *argv[] = {NULL, option, file, quiet, verb, dir, NULL};
	struct xb_spawn s = {.argv = argv, .env = env, .in = -1, .out = -1, .err = 2, .with_us = true};
	pid_t pid;
	int status;

	XB_TRY(own_path(&self));
	argv[0] = self;
	XB_TRY(xb_spawn(&s, &pid));
	status = xb_spawn_wait(pid);
	/* 1: a line has no plan, which is said elsewhere. */
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
		return NULL;
	return WIFEXITED(status) ? xb_err_new(XB_E_TEMP, "pages: status %d", WEXITSTATUS(status))
				 : xb_err_new(XB_E_TEMP, "pages: killed by signal %d", WTERMSIG(status));
}

static struct xb_err *work(const void *data, bool *attention)
{
	const struct xb_config *c = data;
	json_t *record = read_record(c);
	struct xb_hex made = fingerprint(c);
	int64_t now = xb_now_s(), failures = xb_json_num(record, "failures") + 1;
	struct xb_err *err = make(c);

	(void)attention;
	json_decref(record);
	if (!err)
		return write_record(c, made.s, 0, now + PAUSE_S);
	xb_log(XB_WARN, "%s; the old ones stay, and it is tried again", err->msg);
	xb_err_free(err);
	return write_record(c, "", failures,
			    now + xb_backoff(FIRST_RETRY_S, LAST_RETRY_S, (unsigned)failures, 0));
}

struct xb_err *xb_pages_tasks(const struct xb_task_env *env, struct xb_tasks *out)
{
	const struct xb_config *c = env->config;
	json_t *record;
	const char *made;

	if (!*c->pages.directory || !c->file)
		return NULL;
	record = read_record(c);
	made = xb_json_str(record, "made");
	if (!made || strcmp(made, fingerprint(c).s) != 0) {
		struct xb_config *borrowed;

		memcpy(&borrowed, &c, sizeof c);
		*XB_PUSH(out, v, n, cap) = (struct xb_task){.name = xb_strdup("pages"),
							    .kind = "pages",
							    .due = xb_json_num(record, "next"),
							    .seconds = ALL_S,
							    .work = work,
							    .data = borrowed};
	}
	json_decref(record);
	return NULL;
}
