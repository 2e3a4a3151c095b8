/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang.h"

#include "clex.h"
#include "util/bytes.h"

#include <string.h>

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && !strcmp(s + n - m, with);
}

enum xb_lang xb_lang_of(const char *path)
{
	static const struct {
		const char *end;
		enum xb_lang lang;
	} ends_in[] = {{".c", XB_LANG_C},   {".h", XB_LANG_HEADER}, {".S", XB_LANG_ASM},
		       {".s", XB_LANG_ASM}, {".mk", XB_LANG_MAKE},  {".py", XB_LANG_PYTHON}};
	const char *base = xb_base_name(path);

	for (size_t i = 0; i < sizeof ends_in / sizeof *ends_in; i++)
		if (ends(base, ends_in[i].end))
			return ends_in[i].lang;
	return !strncmp(base, "Makefile", 8) || !strncmp(base, "Kbuild", 6) ? XB_LANG_MAKE : XB_LANG_NONE;
}

void xb_lang_defs(enum xb_lang lang, const char *data, size_t len, xb_def_fn fn, void *ctx)
{
	switch (lang) {
	case XB_LANG_C:
	case XB_LANG_HEADER:
		xb_lang_c_defs(data, len, fn, ctx);
		break;
	case XB_LANG_ASM:
		xb_lang_asm_defs(data, len, fn, ctx);
		break;
	case XB_LANG_PYTHON:
		xb_lang_python_defs(data, len, fn, ctx);
		break;
	case XB_LANG_MAKE:
	case XB_LANG_NONE:
		break;
	}
}

void xb_lang_uses(enum xb_lang lang, const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn,
		  void *ctx)
{
	switch (lang) {
	case XB_LANG_C:
	case XB_LANG_HEADER:
	case XB_LANG_ASM:
		xb_lang_c_uses(data, len, on, fn, ctx);
		break;
	case XB_LANG_MAKE:
		xb_lang_make_uses(data, len, on, fn, ctx);
		break;
	case XB_LANG_PYTHON:
		xb_lang_python_uses(data, len, on, fn, ctx);
		break;
	case XB_LANG_NONE:
		break;
	}
}

bool xb_lang_mentions(enum xb_lang lang, const char *data, size_t len, const char *name, size_t n)
{
	if (lang == XB_LANG_NONE || lang == XB_LANG_MAKE)
		return n && len && memmem(data, len, name, n);
	if (lang == XB_LANG_PYTHON)
		return xb_lang_python_mentions(data, len, name, n);
	return xb_clex_mentions(data, len, name, n);
}

bool xb_lang_is_c(enum xb_lang lang)
{
	return lang == XB_LANG_C || lang == XB_LANG_HEADER || lang == XB_LANG_ASM;
}

void xb_lang_c_words(const char *data, size_t len, struct xb_hashmap *words)
{
	struct xb_clex lx;
	struct xb_token t, w;

	xb_clex_init(&lx, data, len);
	while (xb_clex_next(&lx, &t)) {
		size_t from = 0;

		if (t.kind == XB_TOK_IDENT)
			*xb_hashmap_at(words, xb_hash_bytes(t.p, t.n)) = 1;
		while (t.kind == XB_TOK_STRING && xb_clex_word(&t, &from, &w))
			*xb_hashmap_at(words, xb_hash_bytes(w.p, w.n)) = 1;
	}
}

bool xb_lang_is_capitals(const char *p, size_t n)
{
	bool letter = false;

	for (size_t i = 0; i < n; i++) {
		if (p[i] >= 'a' && p[i] <= 'z')
			return false;
		letter |= p[i] >= 'A' && p[i] <= 'Z';
	}
	return letter && n > 1;
}

/* The path's part after WORD, which begins a part of it: up to the next slash. */
static const char *part_after(const char *path, const char *word, size_t *n)
{
	size_t len = strlen(word);

	for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
		if (strncmp(p, word, len) != 0 || !strchr(p + len, '/'))
			continue;
		*n = strcspn(p + len, "/");
		return p + len;
	}
	*n = 0;
	return path;
}

const char *xb_lang_arch(const char *path, size_t *n)
{
	const char *arch = part_after(path, "arch/", n);

	return *n ? arch : part_after(path, "asm-", n);
}

/* include/asm-generic is of all architectures. */
static bool arch_fits(const char *a, const char *b)
{
	size_t an, bn;
	const char *x = xb_lang_arch(a, &an), *y = xb_lang_arch(b, &bn);

	if (!an || !bn || (an == 7 && !memcmp(x, "generic", 7)))
		return true;
	return an == bn && !memcmp(x, y, an);
}

/* Headers for everyone: of the whole tree, or of a part's interface to others. */
static bool is_public(const char *path)
{
	return !strncmp(path, "include/", 8) || strstr(path, "/include/public/") ||
	       strstr(path, "/include/uapi/");
}

bool xb_lang_in_reach(const char *at, const char *from)
{
	return !strncmp(at, from, strcspn(at, "/") + 1) || is_public(at);
}

bool xb_lang_visible(const char *at, const char *from)
{
	return !strcmp(at, from) || (arch_fits(at, from) && xb_lang_in_reach(at, from));
}

static bool same_dir(const char *path, const char *from, const char *name, size_t n)
{
	size_t dir = (size_t)(xb_base_name(from) - from);

	return strlen(path) == dir + n && !strncmp(path, from, dir) && !memcmp(path + dir, name, n);
}

/* PATH is .../include/NAME. */
static bool under_include(const char *path, const char *name, size_t n)
{
	size_t len = strlen(path);
	const char *at = path + len - n;

	return len >= n + 8 && !memcmp(at, name, n) && !memcmp(at - 8, "include/", 8) &&
	       (len == n + 8 || at[-9] == '/');
}

/* <asm/x.h> is .../asm-ARCH/x.h as well. */
static bool under_asm(const char *path, const char *name, size_t n)
{
	size_t arch;
	const char *at;

	if (n < 5 || memcmp(name, "asm/", 4) != 0)
		return false;
	at = part_after(path, "asm-", &arch);
	return arch && strlen(at + arch + 1) == n - 4 && !memcmp(at + arch + 1, name + 4, n - 4);
}

bool xb_lang_includes(const char *path, const char *from, const char *header, size_t n)
{
	const char *name = header + 1;

	if (n < 3)
		return false;
	n -= 2;
	if (*header == '"' && same_dir(path, from, name, n))
		return true;
	return arch_fits(path, from) && xb_lang_visible(path, from) &&
	       (under_include(path, name, n) || under_asm(path, name, n));
}

bool xb_lang_makes(const char *source, const char *makefile, const char *object, size_t n)
{
	static const char *const from[] = {".c", ".S", NULL};
	size_t dir = (size_t)(xb_base_name(makefile) - makefile);

	if (n < 3 || strncmp(source, makefile, dir) != 0 || strncmp(source + dir, object, n - 2) != 0)
		return false;
	for (size_t i = 0; from[i]; i++)
		if (!strcmp(source + dir + n - 2, from[i]))
			return true;
	return false;
}

bool xb_lang_is_offsets(const char *path)
{
	return !strcmp(xb_base_name(path), "asm-offsets.c");
}
