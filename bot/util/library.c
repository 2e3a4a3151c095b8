/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "library.h"

#include <dlfcn.h>
#include <string.h>

struct xb_err *xb_library_load(const char *name, const char *what, const struct xb_symbol *v, size_t n)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return xb_err_new(XB_E_CONFIG, "%s needs a library: %s", what, dlerror());
	for (size_t i = 0; i < n; i++) {
		if (dlsym(library, v[i].name))
			continue;
		dlclose(library);
		return xb_err_new(XB_E_CONFIG, "%s needs a library: %s lacks %s", what, name, v[i].name);
	}
	for (size_t i = 0; i < n; i++) {
		void *symbol = dlsym(library, v[i].name);

		memcpy(v[i].at, &symbol, sizeof symbol);
	}
	return NULL;
}
