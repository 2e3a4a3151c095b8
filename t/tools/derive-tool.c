/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * derive-tool SOURCE: reads a raw commit of that id, writes the commit derived
 * from it, in the shape of `git cherry-pick -x` on the same tree and parent.
 * derive-tool --message SEED: writes a made-up commit message.
 */
#include "odb/commit.h"

#include "os/file.h"
#include "util/alloc.h"

#include <stdint.h>
#include <stdio.h>

static const char *const lines[] = {
    "",
    "\n",
    "\n\n",
    " \n",
    "\t \n",
    "# a comment\n",
    "#\n",
    "prose\n",
    "prose with blanks  \t\n",
    "prose: with a colon\n",
    "  indented\n",
    "\tConflicts in tabs\n",
    "Conflicts:\n",
    "# Conflicts:\n",
    "#\tfile\n",
    "Signed-off-by: A <a@b>\n",
    "Signed-off-by:A <a@b>\n",
    "signed-off-by: A <a@b>\n",
    "Acked-by: B <b@c>\r\n",
    "Key : value\n",
    "Fixes: 1234567 (\"c\")\n",
    "master commit: 1234567\n",
    "(cherry picked from commit 1234567890123456789012345678901234567890)\n",
    "(cherry picked from commit 7654321)\n",
    "[a: changed]\n",
    "---\n",
    "https://example.org/x\n",
    "# ------------------------ >8 ------------------------\n",
    "This is XSA-901.\n",
    "\xc3\xa9: caf\xc3\xa9\n",
};

static uint32_t draw(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static void made_up(uint32_t seed, struct xb_buf *out)
{
	uint32_t state = seed * 2654435761u + 1, paragraphs = 1 + draw(&state, 4);

	while (paragraphs-- > 0) {
		for (uint32_t n = draw(&state, 5); n-- > 0;)
			xb_buf_adds(out, lines[draw(&state, sizeof lines / sizeof *lines)]);
		if (paragraphs)
			xb_buf_addc(out, '\n');
	}
	if (out->n && !draw(&state, 4))
		xb_buf_setlen(out, out->n - 1); /* no line end */
}

static void read_all(struct xb_buf *out)
{
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0)
		xb_buf_add(out, chunk, n);
}

static struct xb_err *derive(const char *hex, const struct xb_buf *raw, struct xb_buf *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_derive_options o = {.name = "Bot", .email = "bot@example.org", .role = "security"};
	git_oid id;

	git_oid_fromstr(&id, hex);
	XB_TRY(xb_commit_parse(raw->p, raw->n, &c));
	o.source = &id;
	o.tree = &c.tree;
	o.parent = &id;
	return xb_commit_derive(&c, &o, out);
}

int main(int argc, char **argv)
{
	XB_AUTOBUF struct xb_buf in = XB_BUF_INIT, out = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = NULL;

	if (argc == 3) {
		made_up((uint32_t)strtoul(argv[2], NULL, 10), &out);
	} else if (argc == 2) {
		read_all(&in);
		err = derive(argv[1], &in, &out);
	}
	if (err)
		fprintf(stderr, "%s\n", err->msg);
	return argc < 2 || err || (out.n && fwrite(out.p, 1, out.n, stdout) != out.n);
}
