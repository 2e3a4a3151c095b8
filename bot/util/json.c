/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include "alloc.h"
#include "vis.h"

#include <string.h>

char *xb_json_dump(const json_t *value, size_t flags)
{
	XB_AUTOFREE char *text = json_dumps(value, flags);
	struct xb_buf b = XB_BUF_INIT;

	if (!text)
		return NULL;
	xb_vis(&b, text, strlen(text), XB_VIS_LINES | XB_VIS_JSON);
	xb_buf_addc(&b, '\n');
	return xb_buf_detach(&b);
}
