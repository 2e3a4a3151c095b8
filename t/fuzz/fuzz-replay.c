/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives each file of the command line to a fuzz target once, as TAP. */
#include "tap.h"

#include "os/file.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
		XB_AUTOERR struct xb_err *err = xb_file_read(argv[i], 1 << 20, &b);

		if (!err)
			LLVMFuzzerTestOneInput((const uint8_t *)(b.p ? b.p : ""), b.n);
		ok(!err, "%s", argv[i]);
	}
	return done();
}
