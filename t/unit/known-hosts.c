/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lines of a known_hosts file are handed on, and how. */
#include "remote/known-hosts.h"
#include "tap.h"
#include "util/buf.h"

#include <string.h>

#define ED "ssh-ed25519 AAAAC3Nz"
#define EC "ecdsa-sha2-nistp256 AAAAE2Vj"
/* What ssh-keygen -H made of "h.example" and of "[h.example]:2222". */
#define HASHED "|1|N7gB9cOb3ghrALQPFgUogBY9gLU=|/V/dJSw2+4sFZqofovzz0oL2l5M="
#define HASHED_2222 "|1|RNR1/agim8qkR3Z7+5x0j9eKCps=|XQ0rQcuiyfFEzUYSsbxf7q0Pq0I="

static void is_kept(const char *text, const char *want, unsigned port, const char *what)
{
	struct xb_buf out = XB_BUF_INIT;
	size_t n = xb_known_hosts_filter(text, strlen(text), "h.example", port, &out), lines = 0;

	for (const char *p = want; *p; p++)
		lines += *p == '\n';
	is_text(out.p ? out.p : "", want, what);
	ok(n == lines, "  and as many");
	xb_buf_release(&out);
}

int main(void)
{
	is_kept("", "", 22, "nothing gives nothing");
	is_kept("h.example " ED, "h.example " ED "\n", 22, "a line, without its end");
	is_kept("# h.example " ED "\n\n  h.example\t" ED " a comment\r\n", "h.example " ED "\n", 22,
		"comments, blanks, CRLF");
	is_kept("h.example " EC "\nh.example " ED "\n", "h.example " ED "\nh.example " EC "\n", 22,
		"Ed25519 before ECDSA");
	is_kept("h.example ssh-rsa AAAA\nh.example ssh-dss AAAA\nh.example sk-ssh-ed25519@openssh.com A\n",
		"", 22, "no other kinds");
	is_kept("a,H.EXAMPLE,b " ED "\n", "h.example " ED "\n", 22, "one of several names, in any case");
	is_kept("h.example.org,xh.example,*.example,h.exampl? " ED "\n", "", 22,
		"no longer name, and no patterns");
	is_kept("h.example " ED "\n", "", 2222, "no line without a port for another port");
	is_kept("[h.example]:2222 " ED "\n", "", 22, "none with a port for the usual one");
	is_kept("[h.example]:2222 " ED "\n", "[h.example]:2222 " ED "\n", 2222, "a line with its port");
	is_kept("@cert-authority h.example " ED "\n", "", 22, "no authority");
	is_kept("h.example " ED "\n@revoked * " ED "\nh.example " EC "\n", "h.example " EC "\n", 22,
		"a key that is revoked, wherever that stands");
	is_kept("h.example\nh.example ssh-ed25519\n" ED "\n", "", 22, "half lines");
	is_kept(HASHED " " ED "\n", "h.example " ED "\n", 22, "a hashed name");
	is_kept(HASHED " " ED "\n", "", 2222, "... of another port");
	is_kept(HASHED_2222 " " ED "\n", "[h.example]:2222 " ED "\n", 2222, "... with its port");
	is_kept("|1|x|y " ED "\n|1| " ED "\n|2|" ED "\n", "", 22, "what is no hash");
	return done();
}
