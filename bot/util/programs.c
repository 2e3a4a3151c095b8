/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs.h"

#include "alloc.h"
#include "libexec-dir.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *xb_program_path(const char *name)
{
	static const char *const places[] = {XSABOT_LIBEXEC, "libexec", "../hooks"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *from = *places[i] == '/' ? "" : self;
		XB_AUTOFREE char *path = xb_asprintf("%s%s%s/%s", from, *from ? "/" : "", places[i], name);
		char *real = access(path, X_OK) ? NULL : realpath(path, NULL);

		if (real)
			return real;
	}
	return NULL;
}

struct xb_err *xb_program_find(const char *name, char **out)
{
	*out = xb_program_path(name);
	return *out ? NULL
		    : xb_err_new(XB_E_CONFIG, "the program %s is not installed beside xsabot (%s/%s)", name,
				 XSABOT_LIBEXEC, name);
}

static void add_ours(const char *name, struct xb_strv *env)
{
	const char *value = getenv(name);
	XB_AUTOFREE char *set = value ? xb_asprintf("%s=%s", name, value) : NULL;

	if (set)
		xb_strv_add(env, set);
}

void xb_program_env(const char *const *names, struct xb_strv *env)
{
	xb_strv_add(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	xb_strv_add(env, "LC_ALL=C");
	for (; *names; names++)
		add_ours(*names, env);
	add_ours("ASAN_OPTIONS", env); /* of tests */
	*XB_PUSH(env, v, n, cap) = NULL;
}
