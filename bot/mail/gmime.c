/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gmime.h"

#include "library.h"

#define LIBRARY "libgmime-3.0.so.0"

static struct xb_gmime gmime;

const struct xb_gmime *xb_gmime(void)
{
	return &gmime;
}

struct xb_err *xb_gmime_load(void)
{
	static const struct xb_symbol symbols[] = {
#define X(f) {#f, &gmime.f},
	    XB_GMIME_FUNCTIONS(X)
#undef X
	};

	if (gmime.g_mime_init)
		return NULL;
	XB_TRY(xb_library_load(LIBRARY, "mail", symbols, sizeof symbols / sizeof *symbols));
	g_mime_init();
	return NULL;
}
