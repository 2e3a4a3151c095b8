/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-gate.h"

#include "util/alloc.h"
#include "util/file.h"
#include "util/vis.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_BYTES = 4096, TAIL_LINES = 15, TAIL_WIDTH = 160 };

/* The last lines of the file PATH, indented; nothing where it can't be read. */
static char *end_of_file(const char *path)
{
	char tail[TAIL_BYTES];
	struct xb_buf b = XB_BUF_INIT;
	XB_AUTOCLOSE int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n = size > 0 ? pread(fd, tail, sizeof tail, size > TAIL_BYTES ? size - TAIL_BYTES : 0) : 0;
	const char *end = tail + (n > 0 ? n : 0), *from = end;

	for (int lines = 0; from > tail; from--)
		if (from < end && from[-1] == '\n' && ++lines == TAIL_LINES)
			break;
	while (from < end) {
		const char *eol = memchr(from, '\n', (size_t)(end - from));
		size_t len = (size_t)((eol ? eol : end) - from);

		xb_buf_adds(&b, "    | ");
		xb_vis(&b, from, len > TAIL_WIDTH ? TAIL_WIDTH : len, XB_VIS_LINES);
		xb_buf_addc(&b, '\n');
		from += len + (eol != NULL);
	}
	return xb_buf_detach(&b);
}

/* The reason; the command that tests again has a line of its own, where no line end can cut it. */
static void set_reason(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_whys *all = &t->result->reasons;
	XB_AUTOBUF struct xb_buf why = XB_BUF_INIT;

	for (size_t i = 0; i < all->n; i++) {
		const struct xb_reason *r = &all->v[i];
		bool again = r->code == XB_WHY_GATE_FAILS;
		XB_AUTOFREE char *words = again ? xb_reason_bare(r) : xb_reason_line(r);

		xb_buf_addf(&why, "%s%s", i ? "; " : "", words);
		if (again)
			xb_field_set(f, "retest", xb_asprintf("    %s", r->command));
	}
	xb_field_set(f, "why", xb_text_safe(why.n ? why.p : "no reason was given"));
}

void xb_text_gate(const struct xb_text_inputs *t, struct xb_fields *f)
{
	const struct xb_plan *p = t->plan;
	size_t k = t->facts->n_published;
	struct xb_strv ids = {0};

	for (size_t i = k; i < p->picks.n && !ids.n; i++)
		for (size_t a = 0; a < p->picks.v[i].advisories.n; a++)
			xb_strv_add_new(&ids, p->picks.v[i].advisories.v[a]);
	if (ids.n || k < p->picks.n)
		xb_field_set(f, "what", xb_text_what(p, &ids, ids.n ? 0 : p->picks.v[k].window));
	else
		xb_field_set(f, "what", xb_strdup("the newest commits"));
	xb_field_set(f, "summary", xb_strdup(t->result->gate_failed ? "test failed" : "test undecided"));
	set_reason(t, f);
	xb_field_set(f, "output", end_of_file(t->result->gate_log));
	xb_strv_release(&ids);
}
