/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote-record.h"

#include "odb/oidjson.h"
#include "os/file.h"
#include "os/log.h"
#include "text/json.h"
#include "util/alloc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_SIZE = 1 << 26, WAIT_FIRST = 60, WAIT_MAX = 3600 };

/* ---- in memory ---- */

void xb_record_release(struct xb_record *r)
{
	for (size_t i = 0; i < r->refs.n; i++) {
		XB_FREE(r->refs.v[i].name, r->refs.v[i].trouble);
	}
	XB_FREE(r->refs.v, r->url, r->error);
	*r = (struct xb_record){0};
}

/* Where NAME is among those sorted by name, or belongs. */
static size_t place_of(const struct xb_record *r, const char *name)
{
	size_t lo = 0, hi = r->refs.n;

	/* Mostly they come in order. */
	if (hi && strcmp(r->refs.v[hi - 1].name, name) < 0)
		return hi;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(r->refs.v[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct xb_record_ref *xb_record_find(const struct xb_record *r, const char *name)
{
	size_t i = place_of(r, name);

	return i < r->refs.n && !strcmp(r->refs.v[i].name, name) ? &r->refs.v[i] : NULL;
}

struct xb_record_ref *xb_record_ref(struct xb_record *r, const char *name)
{
	size_t i = place_of(r, name), last = r->refs.n;

	if (i < last && !strcmp(r->refs.v[i].name, name))
		return &r->refs.v[i];
	(void)XB_PUSH(&r->refs, v, n, cap);
	memmove(&r->refs.v[i + 1], &r->refs.v[i], (last - i) * sizeof *r->refs.v);
	r->refs.v[i] = (struct xb_record_ref){.name = xb_strdup(name)};
	return &r->refs.v[i];
}

void xb_record_sending(struct xb_record_ref *ref, const git_oid *oid)
{
	for (size_t i = 0; i < ref->n_sent; i++)
		if (git_oid_equal(&ref->sent[i], oid))
			return;
	if (ref->n_sent == XB_SENT_MAX)
		memmove(&ref->sent[0], &ref->sent[1], --ref->n_sent * sizeof *ref->sent);
	ref->sent[ref->n_sent++] = *oid;
}

bool xb_record_is_ours(const struct xb_record_ref *ref, const git_oid *oid)
{
	bool ours = git_oid_equal(&ref->at, oid);

	for (size_t i = 0; i < ref->n_sent; i++)
		ours = ours || git_oid_equal(&ref->sent[i], oid);
	return ours;
}

void xb_record_begin(struct xb_record *r, int64_t now)
{
	if (r->failures < 1000)
		r->failures++;
	r->began_ms = xb_now_wall_ms();
	r->retry = now + xb_backoff(WAIT_FIRST, WAIT_MAX, r->failures, xb_backoff_seed(NULL));
	r->attention = false;
	xb_set_text(&r->error, "a visit is under way, or was cut short");
}

void xb_record_failed(struct xb_record *r, const struct xb_err *err)
{
	r->attention = err->code != XB_E_TEMP && err->code != XB_E_MOVED;
	xb_set_text(&r->error, err->msg);
}

void xb_record_well(struct xb_record *r, int64_t now)
{
	r->failures = 0;
	r->retry = 0;
	r->looked = now;
	r->attention = false;
	xb_set_text(&r->error, NULL);
}

/* ---- on the disk ---- */

static json_t *text(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *ref_to_json(const struct xb_record_ref *ref)
{
	json_t *sent = json_array();

	for (size_t i = 0; i < ref->n_sent; i++)
		json_array_append_new(sent, xb_oid_json(&ref->sent[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "ref", ref->name, "at", xb_oid_json(&ref->at), "tried",
			 xb_oid_json(&ref->tried), "sent", sent, "trouble", text(ref->trouble));
}

struct xb_err *xb_record_write(const char *path, const struct xb_record *r)
{
	json_t *refs = json_array();
	json_t *all =
	    json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:i, s:o, s:b, s:o}", "version", 1, "url", r->url,
		      "began", (json_int_t)r->began_ms, "since", (json_int_t)r->since, "looked",
		      (json_int_t)r->looked, "retry", (json_int_t)r->retry, "failures", (int)r->failures,
		      "error", text(r->error), "attention", (int)r->attention, "refs", refs);
	XB_AUTOFREE char *dump = NULL;

	for (size_t i = 0; i < r->refs.n; i++)
		json_array_append_new(refs, ref_to_json(&r->refs.v[i]));
	dump = xb_json_dump(all, JSON_INDENT(1));
	json_decref(all);
	if (!dump)
		return xb_err_new(XB_E_INTERNAL, "cannot write %s: a text in it is not UTF-8", path);
	return xb_file_write(path, dump, strlen(dump), 0640);
}

static bool ref_from_json(const json_t *j, struct xb_record *r)
{
	const json_t *sent = json_object_get(j, "sent");
	const char *name = xb_json_str(j, "ref");
	struct xb_record_ref *ref;

	if (!name)
		return false;
	ref = xb_record_ref(r, name);
	xb_set_text(&ref->trouble, xb_json_str(j, "trouble"));
	for (size_t i = 0; i < json_array_size(sent) && ref->n_sent < XB_SENT_MAX; i++)
		if (!xb_oid_from_json(json_array_get(sent, i), &ref->sent[ref->n_sent++]))
			return false;
	return xb_oid_from_json(json_object_get(j, "at"), &ref->at) &&
	       xb_oid_from_json(json_object_get(j, "tried"), &ref->tried);
}

static void from_json(const json_t *j, struct xb_record *r, struct xb_json_must *m)
{
	const json_t *refs = xb_json_must_list(m, j, "refs");

	if (xb_json_must_num(m, j, "version") != 1)
		xb_json_wrong(m, "version", "not 1");
	xb_set_text(&r->url, xb_json_must_str(m, j, "url"));
	xb_set_text(&r->error, xb_json_str(j, "error"));
	r->began_ms = xb_json_must_num(m, j, "began");
	r->since = xb_json_must_num(m, j, "since");
	r->looked = xb_json_must_num(m, j, "looked");
	r->retry = xb_json_must_num(m, j, "retry");
	r->failures = (unsigned)xb_json_must_num(m, j, "failures");
	r->attention = xb_json_must_yes(m, j, "attention");
	for (size_t i = 0; i < json_array_size(refs); i++)
		if (!ref_from_json(json_array_get(refs, i), r))
			xb_json_wrong(m, "refs", "no list of refs");
}

struct xb_err *xb_record_read(const char *path, const char *url, struct xb_record *out)
{
	XB_AUTOJSON json_t *j = NULL;
	XB_AUTO(xb_json_must_release) struct xb_json_must m = {0};

	*out = (struct xb_record){0};
	XB_TRY(xb_json_read(path, FILE_MAX_SIZE, XB_JSON_TOLD, &j));
	if (j)
		from_json(j, out, &m);
	if (m.wrong)
		xb_log(XB_WARN, "%s can't be understood: %s: made anew", path, m.wrong);
	if (!j || m.wrong || !xb_same_text(out->url, url)) {
		xb_record_release(out);
		out->url = xb_strdup(url);
	}
	return NULL;
}
