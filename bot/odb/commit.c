/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commit.h"

#include "store.h"
#include "trailers.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* What is left of the header. */
struct reader {
	const char *p;
	size_t n;
};

static struct xb_err *hostile(const char *why)
{
	return xb_err_new(XB_E_HOSTILE, "bad commit object: %s", why);
}

static struct xb_slice line_of(const struct reader *r)
{
	const char *nl = memchr(r->p, '\n', r->n);

	return (struct xb_slice){r->p, nl ? (size_t)(nl - r->p) : r->n};
}

static void skip_line(struct reader *r)
{
	size_t n = line_of(r).n;

	n += n < r->n;
	r->p += n;
	r->n -= n;
}

/* The value of the header KEY when the next line is that header. */
static bool peek(const struct reader *r, const char *key, struct xb_slice *value)
{
	struct xb_slice l = line_of(r);
	size_t k = strlen(key);

	if (l.n <= k || memcmp(l.p, key, k) != 0 || l.p[k] != ' ')
		return false;
	*value = (struct xb_slice){l.p + k + 1, l.n - k - 1};
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* git's isspace */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct xb_slice rtrim(struct xb_slice s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool parse_oid(struct xb_slice s, git_oid *out)
{
	if (s.n != GIT_OID_HEXSZ)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return !git_oid_fromstrn(out, s.p, s.n);
}

/*
 * As git reads dates: the digits that are there. What is none, or lies behind
 * the year 9999, is 1970, so that it never counts as later than anything.
 */
static int64_t time_of(struct xb_slice s)
{
	int64_t t = 0;

	for (size_t i = 0; i < s.n && is_digit(s.p[i]); i++) {
		t = t * 10 + (s.p[i] - '0');
		if (t > TIME_MAX)
			return 0;
	}
	return t;
}

/* "+hhmm", and nothing else: what git fsck takes. */
static bool is_zone(struct xb_slice s)
{
	if (s.n != 5 || (*s.p != '+' && *s.p != '-'))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

/* The next word of *REST goes into *WORD, and off REST. */
static void cut_word(struct xb_slice *rest, struct xb_slice *word)
{
	while (rest->n && is_space(*rest->p))
		rest->p++, rest->n--;
	*word = (struct xb_slice){rest->p, 0};
	while (rest->n && !is_space(*rest->p))
		rest->p++, rest->n--, word->n++;
}

/*
 * A name up to the first "<", an address up to the ">" after it, and after the
 * last ">" the date: each may be missing, as for git.
 */
static void parse_ident(struct xb_slice raw, struct xb_ident *out)
{
	const char *lt = memchr(raw.p, '<', raw.n), *end = raw.p + raw.n, *gt = NULL;
	struct xb_slice rest = {end, 0}, time;

	*out = (struct xb_ident){.raw = raw, .name = raw, .email = {end, 0}, .zone = {end, 0}};
	if (lt)
		gt = memchr(lt, '>', (size_t)(end - lt));
	if (gt) {
		const char *last = memrchr(gt, '>', (size_t)(end - gt));

		out->name.n = (size_t)(lt - raw.p);
		out->email = (struct xb_slice){lt + 1, (size_t)(gt - lt - 1)};
		rest = (struct xb_slice){last + 1, (size_t)(end - last - 1)};
	}
	out->name = rtrim(out->name);
	cut_word(&rest, &time);
	out->time = time_of(time);
	cut_word(&rest, &out->zone);
}

static struct xb_err *take_parents(struct reader *r, struct xb_commit *out)
{
	struct xb_slice v;
	size_t cap = 0;

	while (peek(r, "parent", &v)) {
		xb_grow((void *)&out->parents, &cap, out->n_parents + 1, sizeof *out->parents);
		if (!parse_oid(v, &out->parents[out->n_parents]))
			return hostile("bad parent id");
		out->n_parents++;
		skip_line(r);
	}
	return NULL;
}

/* Of a header that comes more than once the first counts, as for git; parents and the tree come first only.
 */
static void take_other(struct reader *r, struct xb_commit *out)
{
	struct xb_slice v;

	if (!out->author.raw.p && peek(r, "author", &v))
		parse_ident(v, &out->author);
	else if (!out->committer.raw.p && peek(r, "committer", &v))
		parse_ident(v, &out->committer);
	else if (!out->encoding.p && peek(r, "encoding", &v))
		out->encoding = v;
	skip_line(r);
	while (r->n && *r->p == ' ') /* the rest of a gpgsig or mergetag */
		skip_line(r);
}

static struct xb_err *parse(struct reader *r, struct xb_commit *out)
{
	struct xb_slice v;

	if (!peek(r, "tree", &v))
		return hostile("no tree line at its start");
	if (!parse_oid(v, &out->tree))
		return hostile("bad tree id");
	skip_line(r);
	XB_TRY(take_parents(r, out));
	while (r->n && *r->p != '\n')
		take_other(r, out);
	if (r->n)
		skip_line(r);
	out->message = (struct xb_slice){r->p, r->n};
	return NULL;
}

struct xb_err *xb_commit_parse(const void *data, size_t len, struct xb_commit *out)
{
	struct reader r = {data, strnlen(data, len)}; /* for git, too, the text ends at a NUL */
	struct xb_err *err;

	*out = (struct xb_commit)XB_COMMIT_INIT;
	err = parse(&r, out);
	if (err)
		xb_commit_release(out);
	return err;
}

struct xb_err *xb_commit_load(struct xb_store *s, const git_oid *oid, struct xb_commit *out)
{
	struct xb_obj *o;

	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_COMMIT, &o));
	return xb_commit_parse(o->data, o->len, out);
}

void xb_commit_release(struct xb_commit *c)
{
	free(c->parents);
	*c = (struct xb_commit)XB_COMMIT_INIT;
}

/* At the message's first line that is not blank. */
static struct reader message_start(const struct xb_commit *c)
{
	struct reader r = {c->message.p, c->message.n};

	while (r.n && !rtrim(line_of(&r)).n)
		skip_line(&r);
	return r;
}

char *xb_commit_subject(const struct xb_commit *c)
{
	struct reader r = message_start(c);
	struct xb_buf b = XB_BUF_INIT;
	struct xb_slice l;

	for (; r.n && (l = rtrim(line_of(&r))).n; skip_line(&r)) {
		if (b.n)
			xb_buf_addc(&b, ' ');
		xb_buf_add(&b, l.p, l.n);
	}
	return xb_buf_detach(&b);
}

/* `git stripspace`: no blanks at line ends, one blank line where there are more, none first or last. */
static void strip_space(const struct xb_buf *in, struct xb_buf *out)
{
	struct reader r = {in->p, in->n};
	bool blank = false, any = false;

	for (; r.n; skip_line(&r)) {
		struct xb_slice l = rtrim(line_of(&r));

		if (l.n && blank && any)
			xb_buf_addc(out, '\n');
		blank = !l.n;
		if (blank)
			continue;
		any = true;
		xb_buf_add(out, l.p, l.n);
		xb_buf_addc(out, '\n');
	}
}

/* TRAILERS (lines, or NULL) come after the cherry-picked line. */
static void pick_message(const struct xb_commit *source, const git_oid *id, const char *trailers,
			 struct xb_buf *out)
{
	struct reader r = message_start(source);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	char hex[GIT_OID_HEXSZ + 1];
	size_t start, end = 0;

	xb_buf_add(&b, r.p, r.n);
	if (b.n && b.p[b.n - 1] != '\n')
		xb_buf_addc(&b, '\n');
	start = xb_trailers_locate(b.p, b.n, &end);
	if (start == end)
		xb_buf_addc(&b, '\n');
	xb_buf_addf(&b, "(cherry picked from commit %s)\n", git_oid_tostr(hex, sizeof hex, id));
	if (trailers)
		xb_buf_adds(&b, trailers);
	strip_space(&b, out);
}

static struct xb_err *check_value(const char *what, const char *s, const char *bad)
{
	size_t n = strcspn(s, bad);

	if (!*s || s[n])
		return xb_err_new(XB_E_INTERNAL,
				  "%s of a commit to be written is empty or would break it: %s", what, s);
	return NULL;
}

static struct xb_err *add_trailers(struct xb_buf *out, const char *key, const struct xb_strv *values)
{
	for (size_t i = 0; values && i < values->n; i++) {
		XB_TRY(check_value(key, values->v[i], "\n"));
		xb_buf_addf(out, "%s: %s\n", key, values->v[i]);
	}
	return NULL;
}

static struct xb_err *own_trailers(const struct xb_derive_options *o, struct xb_buf *out)
{
	char hex[GIT_OID_HEXSZ + 1];

	XB_TRY(check_value("the role", o->role, "\n"));
	xb_buf_addf(out, "Xsabot-Source: %s\n", git_oid_tostr(hex, sizeof hex, o->source));
	xb_buf_addf(out, "Xsabot-Role: %s\n", o->role);
	XB_TRY(add_trailers(out, "Xsabot-Advisory", o->advisories));
	XB_TRY(add_trailers(out, "Xsabot-For", o->needed_by));
	return add_trailers(out, "Xsabot-Kept", o->kept);
}

static struct xb_err *check_identity(const char *name, const char *email)
{
	XB_TRY(check_value("the committer's name", name, "<>\n"));
	return check_value("the committer's address", email, "<>\n");
}

static void add_id(struct xb_buf *out, const char *key, const git_oid *id)
{
	char hex[GIT_OID_HEXSZ + 1];

	xb_buf_addf(out, "%s %s\n", key, git_oid_tostr(hex, sizeof hex, id));
}

static void add_slice(struct xb_buf *out, const char *key, struct xb_slice s)
{
	xb_buf_adds(out, key);
	xb_buf_addc(out, ' ');
	xb_buf_add(out, s.p, s.n);
	xb_buf_addc(out, '\n');
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A line of the bot's own: whatever the source has, it is one that git fsck takes. */
static void add_own(struct xb_buf *out, const char *key, const struct xb_derive_options *o, int64_t when,
		    struct xb_slice zone)
{
	xb_buf_addf(out, "%s %s <%s> %" PRId64 " ", key, o->name, o->email, when);
	xb_buf_add(out, zone.p, zone.n);
	xb_buf_addc(out, '\n');
}

struct xb_err *xb_commit_derive(const struct xb_commit *source, const struct xb_derive_options *o,
				struct xb_buf *out)
{
	static const struct xb_slice utc = {"+0000", 5};
	int64_t when = later(source->committer.time, o->parent_time);
	struct xb_slice zone = is_zone(source->committer.zone) ? source->committer.zone : utc;
	XB_AUTOBUF struct xb_buf trailers = XB_BUF_INIT;

	XB_TRY(check_identity(o->name, o->email));
	XB_TRY(own_trailers(o, &trailers));
	add_id(out, "tree", o->tree);
	add_id(out, "parent", o->parent);
	if (source->author.raw.p)
		add_slice(out, "author", source->author.raw);
	else
		add_own(out, "author", o, when, zone);
	add_own(out, "committer", o, when, zone);
	if (source->encoding.p)
		add_slice(out, "encoding", source->encoding);
	xb_buf_addc(out, '\n');
	pick_message(source, o->source, trailers.p, out);
	return NULL;
}

static const char stitch_message[] = "Stitch: the same tree on the same picks, with the branch's past\n"
				     "\n"
				     "The first parent is the tip of the picks on their release, and this\n"
				     "commit has its tree. The second parent is what the branch pointed to\n"
				     "before, so that whoever pulls it moves forward. Nothing else changes.\n"
				     "\n"
				     "Xsabot-Stitch: 1\n";

struct xb_err *xb_commit_stitch(const struct xb_stitch_options *o, struct xb_buf *out)
{
	int64_t when = later(o->chain_time, o->old_time);

	XB_TRY(check_identity(o->name, o->email));
	add_id(out, "tree", o->tree);
	add_id(out, "parent", o->chain);
	add_id(out, "parent", o->old);
	xb_buf_addf(out, "author %s <%s> %" PRId64 " +0000\n", o->name, o->email, when);
	xb_buf_addf(out, "committer %s <%s> %" PRId64 " +0000\n\n", o->name, o->email, when);
	xb_buf_adds(out, stitch_message);
	return NULL;
}
