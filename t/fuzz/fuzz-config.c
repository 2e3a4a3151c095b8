/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer, and for fuzz-replay.c: any bytes as a configuration. They give a
 * configuration or an error, never both; what loads has all its texts.
 */
#include "config/config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xb_config *c = NULL;
	XB_AUTOERR struct xb_err *err = xb_config_parse("fuzz", (const char *)data, size, &c);
	struct xb_buf b = XB_BUF_INIT;

	if (!err != !!c || (err && err->code != XB_E_CONFIG))
		abort();
	if (!c)
		return 0;
	xb_config_dump(c, "4.17", 1, &b);
	if (!b.n || !*c->advisory || !*xb_config_line(c, "4.17")->staging)
		abort();
	xb_buf_release(&b);
	xb_config_free(c);
	return 0;
}
