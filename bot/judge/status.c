/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include "os/file.h"
#include "os/log.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "status.json"
enum { MAX_FILE = 16 << 20 };

static json_t *oid(const git_oid *id)
{
	return git_oid_is_zero(id) ? json_null() : json_string(xb_hex(id).s);
}

static const char *state_of(const struct xb_seen_report *r)
{
	if (r->error)
		return "failed";
	switch (r->r.what) {
	case XB_PUBLISHED_HELD:
		return "held";
	case XB_PUBLISHED_NOTHING:
		return "nothing";
	case XB_PUBLISHED_ENDED:
		return "ended";
	case XB_PUBLISHED_WAITING:
		return "waiting";
	case XB_PUBLISHED_SAME:
	case XB_PUBLISHED_MOVED:
		break;
	}
	if (r->r.blocked)
		return "blocked";
	return r->r.wait == XB_WAIT_NONE ? "up-to-date" : "waiting";
}

static const char *wait_of(const struct xb_publish_result *r)
{
	switch (r->wait) {
	case XB_WAIT_GATE:
		return "gate";
	case XB_WAIT_TESTED:
		return "tested";
	case XB_WAIT_BATCH:
		return "batch";
	case XB_WAIT_NONE:
		break;
	}
	return NULL;
}

static json_t *target(const struct xb_seen_target *l)
{
	static const git_oid none;
	const struct xb_seen_report *r = &l->report;
	json_t *o = json_object(), *base = json_object();
	bool published = !r->error && r->r.base_tag; /* it is not on the release of now */

	xb_json_text(o, "name", l->target.name);
	xb_json_text(o, "line", l->target.line);
	xb_json_text(o, "release", l->target.release);
	xb_json_text(base, "tag", published ? r->r.base_tag : l->target.base_tag);
	json_object_set_new(base, "commit", oid(published ? &r->r.base : &l->target.base));
	json_object_set_new(o, "base", base);
	xb_json_text(o, "tip_ref", l->target.tip_ref);
	json_object_set_new(o, "tip", oid(&l->seen[XB_SEEN_TIP]));
	xb_json_text(o, "derived_ref", l->target.derived_ref);
	json_object_set_new(o, "derived", oid(&l->seen[XB_SEEN_DERIVED]));
	json_object_set_new(o, "published",
			    oid(r->error    ? &none
				: published ? &r->r.published
					    : &r->r.new_id));
	json_object_set_new(o, "picks", r->error ? json_null() : json_integer((json_int_t)r->r.n_chain));
	xb_json_text(o, "state", state_of(r));
	xb_json_text(o, "wait", r->error ? NULL : wait_of(&r->r));
	json_object_set_new(o, "until",
			    r->error || r->r.until == XB_NEVER ? json_null() : json_integer(r->r.until));
	json_object_set_new(o, "gate_failed", json_boolean(!r->error && r->r.gate_failed));
	xb_json_text(o, "gate_log", r->error ? NULL : r->r.gate_log);
	xb_json_text(o, "why", r->error ? r->error : r->r.why);
	if (!r->error)
		json_object_set_new(o, "notices", xb_json_texts(&r->r.notices));
	json_object_set_new(o, "since", json_integer(r->since));
	return o;
}

static bool replace(json_t *lines, json_t *with)
{
	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!strcmp(xb_json_str_or(json_array_get(lines, i), "name", ""),
			    xb_json_str_or(with, "name", "")))
			return !json_array_set_new(lines, i, with);
	return !json_array_append_new(lines, with);
}

/* "since" lasts over processes, as long as nothing else changes. */
static void keep_since(json_t *now, const json_t *old_lines)
{
	size_t i;
	json_t *old;

	json_array_foreach(old_lines, i, old)
	{
		json_t *since = json_object_get(old, "since");
		XB_AUTOJSON json_t *as_now = json_copy(old);

		if (strcmp(xb_json_str_or(old, "name", ""), xb_json_str_or(now, "name", "")) != 0 ||
		    !json_is_integer(since))
			continue;
		json_object_set(as_now, "since", json_object_get(now, "since"));
		if (json_equal(as_now, now))
			json_object_set(now, "since", since);
	}
}

static struct xb_err *write_file(const char *path, const char *text)
{
	XB_AUTOFREE char *tmp = xb_asprintf("%s.tmp-%ld", path, (long)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool good;

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", tmp);
	good = !fchmod(fd, 0644) && !xb_write_all(fd, text, strlen(text));
	good = !close(fd) && good;
	if (!good || rename(tmp, path)) {
		struct xb_err *err = xb_err_sys(XB_E_IO, errno, "cannot write %s", path);

		unlink(tmp);
		return err;
	}
	return NULL;
}

struct xb_err *xb_report_write(const char *state_dir, const char *name, const json_t *report)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", state_dir, name);
	XB_AUTOFREE char *text = xb_json_dump(report, JSON_INDENT(1) | JSON_PRESERVE_ORDER);

	return text ? write_file(path, text) : xb_err_new(XB_E_INTERNAL, "cannot make %s", path);
}

struct xb_err *xb_report_read(const char *state_dir, const char *name, json_t **out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", state_dir, name);

	return xb_json_read(path, MAX_FILE, XB_JSON_SILENT, out); /* the next one is whole */
}

struct xb_err *xb_status_read(const char *state_dir, json_t **out)
{
	return xb_report_read(state_dir, FILE_NAME, out);
}

void xb_status_write(const char *state_dir, const struct xb_seen *seen, bool merge)
{
	XB_AUTOJSON json_t *was = NULL, *now = json_object();
	XB_AUTOERR struct xb_err *err = xb_status_read(state_dir, &was);
	const json_t *old = json_object_get(was, "lines");
	json_t *lines = merge && json_is_array(old) ? json_deep_copy(old) : json_array();

	json_object_set_new(now, "version", json_integer(1));
	json_object_set_new(now, "lines", lines);
	for (size_t i = 0; i < seen->n; i++) {
		json_t *one = seen->v[i].report.known ? target(&seen->v[i]) : NULL;

		if (!one)
			continue;
		keep_since(one, old);
		replace(lines, one);
	}
	if (json_is_array(old) && json_equal(lines, old))
		return;
	json_object_set_new(now, "updated", json_integer((json_int_t)xb_now_s()));
	xb_err_free(err);
	err = xb_report_write(state_dir, FILE_NAME, now);
	if (err)
		xb_log(XB_WARN, "%s", err->msg);
}
