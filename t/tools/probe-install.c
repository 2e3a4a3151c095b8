/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe-install REPO HOOK [SPOOL]: xb_install_hook for the shell tests; prints what it did, exits as the bot
 * would. */
#include "spool/install.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	XB_AUTOINSTALLED struct xb_installed done = {0};
	XB_AUTOERR struct xb_err *err = NULL;

	if (argc < 3)
		return 64;
	err = xb_install_hook(&(struct xb_install){.repo = argv[1], .spool = argc > 3 ? argv[3] : NULL, .hook = argv[2]}, &done);
	if (err) {
		fprintf(stderr, "xsabot: %s\n", err->msg);
		return xb_err_exit_status(err);
	}
	printf("%s %s%s%s\n", done.git_dir, done.spool, done.receive.new_hook ? " new" : "",
	       done.receive.previous ? " previous" : "");
	return 0;
}
