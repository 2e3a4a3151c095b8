/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reason.h"

#include "os/clock.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/buf.h"

enum { SHORT = 12, NAMED_MAX = 5 };

const char *xb_why_name(enum xb_why code)
{
	static const char *const names[] = {
	    [XB_WHY_FOREIGN] = "foreign",
	    [XB_WHY_DELETED] = "deleted",
	    [XB_WHY_MOVED] = "moved",
	    [XB_WHY_NOT_MOVED] = "not-moved",
	    [XB_WHY_OLDER_BASE] = "older-base",
	    [XB_WHY_NO_NOTES] = "no-notes",
	    [XB_WHY_LOSES] = "loses",
	    [XB_WHY_GIT_DIFFERS] = "git-differs",
	    [XB_WHY_LOST_STAGING] = "lost-staging",
	    [XB_WHY_LOST_RELEASE] = "lost-release",
	    [XB_WHY_LEFT_OUT] = "left-out",
	    [XB_WHY_ENDED] = "ended",
	    [XB_WHY_NO_STAGING] = "no-staging",
	    [XB_WHY_NO_RELEASE] = "no-release",
	    [XB_WHY_GATE_FAILS] = "gate-fails",
	    [XB_WHY_SYSTEM_FAILS] = "test-system-fails",
	    [XB_WHY_AT_GATE] = "at-gate",
	    [XB_WHY_AT_SYSTEM] = "at-test-system",
	    [XB_WHY_UNTIL] = "until",
	    [XB_WHY_DISCLOSURE] = "disclosure",
	    [XB_WHY_WHOLE_FAILS] = "whole-fails",
	    [XB_WHY_BLOCKED] = "blocked",
	    [XB_WHY_SET_ASIDE] = "set-aside",
	    [XB_WHY_UNCHECKED] = "unchecked",
	};

	return names[code];
}

struct xb_reason *xb_whys_add(struct xb_whys *r, enum xb_why code)
{
	struct xb_reason *one = XB_PUSH(r, v, n, cap);

	*one = (struct xb_reason){.code = code};
	return one;
}

void xb_whys_release(struct xb_whys *r)
{
	for (size_t i = 0; i < r->n; i++) {
		xb_strv_release(&r->v[i].subjects);
		XB_FREE(r->v[i].object, r->v[i].detail, r->v[i].log, r->v[i].command);
	}
	free(r->v);
	*r = (struct xb_whys){0};
}

/* ---- words ---- */

static void add_names(const struct xb_reason *r, struct xb_buf *b)
{
	size_t max = r->code == XB_WHY_LOSES ? r->subjects.n : NAMED_MAX;

	for (size_t i = 0; i < r->subjects.n && i < max; i++)
		xb_buf_addf(b, "%s%s", i ? ", " : "", r->subjects.v[i]);
	if (r->subjects.n > max)
		xb_buf_addf(b, " and %zu more", r->subjects.n - max);
}

static const char *name(const struct xb_reason *r, size_t i)
{
	return i < r->subjects.n && *r->subjects.v[i] ? r->subjects.v[i] : "a commit";
}

static void say_held(const struct xb_reason *r, struct xb_buf *b)
{
	const struct xb_hex was = xb_hex(&r->was), now = xb_hex(&r->now);

	switch (r->code) {
	case XB_WHY_FOREIGN:
		if (r->detail)
			xb_buf_addf(b, "%s and its state are there, and it is not known to be xsabot's: %s;",
				    r->object, r->detail);
		else
			xb_buf_addf(b, "%s exists, and xsabot did not make it;", r->object);
		break;
	case XB_WHY_DELETED:
		xb_buf_addf(b, "someone deleted %s, which was at %.*s; restore it, or accept that with",
			    r->object, SHORT, was.s);
		break;
	case XB_WHY_MOVED:
		if (git_oid_is_zero(&r->was))
			xb_buf_addf(b, "someone made %s, at %.*s; delete it, or accept that with", r->object,
				    SHORT, now.s);
		else
			xb_buf_addf(
			    b, "someone moved %s to %.*s; it was at %.*s; put it back, or accept that with",
			    r->object, SHORT, now.s, SHORT, was.s);
		break;
	case XB_WHY_OLDER_BASE:
		xb_buf_addf(b,
			    "held: the release that it is built on was %s (%.*s) and would be %s (%.*s), "
			    "which does not contain it; if that is right:",
			    name(r, 0), SHORT, was.s, name(r, 1), SHORT, now.s);
		break;
	case XB_WHY_NO_NOTES:
		xb_buf_addf(b, "held: the notes ref %s is gone; it was at %.*s; if that is right:", r->object,
			    SHORT, was.s);
		break;
	case XB_WHY_LOSES:
		xb_buf_adds(b, "held: it would lose ");
		add_names(r, b);
		xb_buf_addf(b, "%s%s; if that is right:", r->detail ? "; " : "", r->detail ? r->detail : "");
		break;
	default:
		break;
	}
}

static void say_place(const char *before, const struct xb_reason *r, struct xb_buf *b)
{
	if (r->log || r->detail)
		xb_buf_addf(b, "%s%s%s", before, r->log ? "see " : "", r->log ? r->log : r->detail);
}

static void say_at_gate(const struct xb_reason *r, struct xb_buf *b)
{
	XB_AUTOFREE char *until = r->tries ? xb_time_text(r->until) : NULL;

	xb_buf_adds(b, "waits for the gate, with ");
	add_names(r, b);
	if (r->tries)
		xb_buf_addf(b, ": %s (%u %s%s%s); next try %s", r->detail, r->tries,
			    r->tries == 1 ? "try" : "tries", r->log ? "; see " : "", r->log ? r->log : "",
			    until);
}

static void say_waiting(const struct xb_reason *r, struct xb_buf *b)
{
	const struct xb_hex now = xb_hex(&r->now);
	XB_AUTOFREE char *until =
	    r->code == XB_WHY_UNTIL || r->code == XB_WHY_DISCLOSURE ? xb_time_text(r->until) : NULL;

	switch (r->code) {
	case XB_WHY_GATE_FAILS:
	case XB_WHY_SYSTEM_FAILS:
		xb_buf_adds(b,
			    r->code == XB_WHY_GATE_FAILS ? "the gate fails with " : "the test system fails ");
		add_names(r, b);
		xb_buf_addf(b, " (%.*s)", SHORT, now.s);
		say_place(": ", r, b);
		return;
	case XB_WHY_AT_GATE:
		say_at_gate(r, b);
		return;
	case XB_WHY_AT_SYSTEM:
		xb_buf_addf(b, "waits for the test system, %s to be at %.*s", r->object, SHORT, now.s);
		break;
	case XB_WHY_UNTIL:
		xb_buf_addf(b, "waits until %s", until);
		break;
	case XB_WHY_DISCLOSURE:
		xb_buf_addf(b, "waits for %s, which was disclosed together with %s, or until %s", r->object,
			    r->detail, until);
		break;
	default:
		return;
	}
	xb_buf_adds(b, ", with ");
	add_names(r, b);
}

static void say_ended(const struct xb_reason *r, struct xb_buf *b)
{
	XB_AUTOFREE char *since = xb_time_text(r->until);

	xb_buf_addf(b, "ended at %s: %s", since, r->detail);
}

static void say(const struct xb_reason *r, struct xb_buf *b)
{
	switch (r->code) {
	case XB_WHY_NOT_MOVED:
		xb_buf_addf(b, "%s %s", r->object, r->detail);
		break;
	case XB_WHY_GIT_DIFFERS:
		xb_buf_addf(b, "held: xsabot and git differ about %s: %s", name(r, 0), r->detail);
		break;
	case XB_WHY_UNCHECKED:
		xb_buf_addf(b, "git could not check the new picks: %s", r->detail);
		break;
	case XB_WHY_LOST_STAGING:
		xb_buf_addf(b, "held: %s is not there any more%s", r->object,
			    r->command ? "; bring it back, or end the line with" : "");
		break;
	case XB_WHY_LEFT_OUT:
		xb_buf_addf(b,
			    "nothing moves %s any more: [lines] lines does not name its line; name it again, "
			    "or end the line with",
			    r->object);
		break;
	case XB_WHY_ENDED:
		say_ended(r, b);
		break;
	case XB_WHY_LOST_RELEASE:
		xb_buf_addf(b, "held: %s contains no release of the line any more", r->object);
		break;
	case XB_WHY_NO_STAGING:
		xb_buf_addf(b, "%s is not there", r->object);
		break;
	case XB_WHY_NO_RELEASE:
		xb_buf_addf(b, "%s contains no release of the line", r->object);
		break;
	case XB_WHY_WHOLE_FAILS:
		xb_buf_adds(b, "all of it fails");
		say_place(": ", r, b);
		break;
	case XB_WHY_BLOCKED:
		xb_buf_addf(b, "%s does not apply: %s", name(r, 0), r->detail);
		break;
	case XB_WHY_SET_ASIDE:
		xb_buf_addf(b, "%s is set aside: %s", name(r, 0), r->detail);
		break;
	default:
		say_held(r, b);
		say_waiting(r, b);
	}
}

/* Between the words and the command, and after that. */
static const char *hinge(const struct xb_reason *r, const char **after)
{
	*after = "";
	switch (r->code) {
	case XB_WHY_FOREIGN:
		*after = "\" takes it over";
		return " \"";
	case XB_WHY_DELETED:
	case XB_WHY_MOVED:
		*after = "\"";
		return " \"";
	case XB_WHY_GATE_FAILS:
		return "; if the test is at fault: ";
	case XB_WHY_BLOCKED:
		return "; see ";
	default:
		return " ";
	}
}

static char *bare(const struct xb_reason *r)
{
	struct xb_buf b = XB_BUF_INIT;

	say(r, &b);
	return xb_buf_detach(&b);
}

char *xb_reason_line(const struct xb_reason *r)
{
	struct xb_buf b = XB_BUF_INIT;
	const char *after, *before = hinge(r, &after);

	say(r, &b);
	if (r->command)
		xb_buf_addf(&b, "%s%s%s", before, r->command, after);
	return xb_buf_detach(&b);
}

char *xb_reason_before(const struct xb_reason *r, const char **after)
{
	hinge(r, after);
	*after += strspn(*after, "\" ");
	return bare(r);
}

char *xb_whys_line(const struct xb_whys *r)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < r->n; i++) {
		XB_AUTOFREE char *one = xb_reason_line(&r->v[i]);

		xb_buf_addf(&b, "%s%s", i ? "; " : "", one);
	}
	return r->n ? xb_buf_detach(&b) : NULL;
}

char *xb_reason_record(const struct xb_reason *r)
{
	struct xb_buf b = XB_BUF_INIT;

	switch (r->code) {
	case XB_WHY_GATE_FAILS:
	case XB_WHY_SYSTEM_FAILS:
		xb_buf_adds(&b, "the gate fails with ");
		add_names(r, &b);
		return xb_buf_detach(&b);
	case XB_WHY_AT_SYSTEM:
		return xb_strdup("it waits for a test system");
	case XB_WHY_AT_GATE:
		return xb_strdup("it waits for the gate");
	case XB_WHY_UNTIL:
	case XB_WHY_DISCLOSURE:
		return xb_strdup("it waits to be published together with others");
	case XB_WHY_BLOCKED:
		return xb_asprintf("blocked: %s", r->detail);
	default:
		return NULL;
	}
}

/* Not the words of others, nor logs and times: these change while nothing is new. */
char *xb_reason_key(const struct xb_reason *r)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_buf_addf(&b, "%s\n%s\n%s\n%s\n", xb_why_name(r->code), r->object ? r->object : "",
		    xb_hex(&r->was).s, xb_hex(&r->now).s);
	for (size_t i = 0; i < r->subjects.n; i++)
		xb_buf_addf(&b, "%s\n", r->subjects.v[i]);
	return xb_buf_detach(&b);
}
