/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What little is known about languages: which one a file is in, which names it
 * brings, which names it uses. Each language is one module, lang-X.c; nothing
 * is compiled or expanded. What isn't recognised is left out: a missed name is a
 * prerequisite not found, a wrong one is a prerequisite too many.
 */
#ifndef XB_LANG_H
#define XB_LANG_H

#include "added.h"
#include "util/hashmap.h"

#include <stdbool.h>
#include <stddef.h>

enum xb_lang {
	XB_LANG_NONE,
	XB_LANG_C,
	XB_LANG_HEADER,
	XB_LANG_ASM, /* with the C preprocessor: .S */
	XB_LANG_MAKE,
	XB_LANG_PYTHON,
};

enum xb_lang xb_lang_of(const char *path);

/* What a name stands for where it is brought. */
enum xb_def_kind {
	XB_DEF_MACRO,
	XB_DEF_FUNCTION, /* defined or declared */
	XB_DEF_TYPE,     /* a typedef, or the tag of a struct, union or enum */
	XB_DEF_ENUMERATOR,
	XB_DEF_FIELD,
	XB_DEF_VARIABLE,
	XB_DEF_ASM_MACRO,
	XB_DEF_LABEL,   /* of an assembler file */
	XB_DEF_LISTED,  /* an argument of a macro in capitals, outside functions: LIST_IT(name, ...) */
	XB_DEF_PATTERN, /* a regular expression by which a generator reads other files */
};

#define XB_ARGS_NONE (-1)    /* takes none: not a function nor a macro like one */
#define XB_ARGS_UNKNOWN (-2) /* any number, or not understood */

struct xb_def {
	enum xb_def_kind kind;
	const char *p; /* the name, borrowed from the text */
	size_t n;
	int args;
	size_t line, last; /* where its declaration begins and ends */
};

typedef void (*xb_def_fn)(void *ctx, const struct xb_def *d);

/* How a name is used. */
enum xb_use_kind {
	XB_USE_NAME,
	XB_USE_CALL,     /* followed by arguments: their number is in `args` */
	XB_USE_MEMBER,   /* after . or -> */
	XB_USE_ASM_WORD, /* in a string */
	XB_USE_HEADER,   /* included; with quotes or brackets */
	XB_USE_OBJECT,   /* an object file in a makefile's list */
	XB_USE_DECLARED, /* no use: a local name, parameter or label of that name is made here */
};

struct xb_use {
	enum xb_use_kind kind;
	const char *p;
	size_t n;
	int args;
	size_t line;
};

typedef void (*xb_use_fn)(void *ctx, const struct xb_use *u);

/* All that a text of the language brings, in the order of the text. */
void xb_lang_defs(enum xb_lang lang, const char *data, size_t len, xb_def_fn fn, void *ctx);
/* What its lines in ON use. */
void xb_lang_uses(enum xb_lang lang, const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn,
		  void *ctx);
/* Does the text have the name, outside of comments? */
bool xb_lang_mentions(enum xb_lang lang, const char *data, size_t len, const char *name, size_t n);

/* Adds the hashes (xb_hash_bytes) of all names in C or assembler, words of strings included. */
void xb_lang_c_words(const char *data, size_t len, struct xb_hashmap *words);
/* Is the language C, or does it go through C's preprocessor? */
bool xb_lang_is_c(enum xb_lang lang);

/* The modules. C knows headers and assembler files as well. */
void xb_lang_c_defs(const char *data, size_t len, xb_def_fn fn, void *ctx);
void xb_lang_c_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx);
void xb_lang_asm_defs(const char *data, size_t len, xb_def_fn fn, void *ctx);
void xb_lang_make_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx);
void xb_lang_python_defs(const char *data, size_t len, xb_def_fn fn, void *ctx);
void xb_lang_python_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx);
bool xb_lang_python_mentions(const char *data, size_t len, const char *name, size_t n);

/* A name in capitals, with at least one letter: by custom a macro. */
bool xb_lang_is_capitals(const char *p, size_t n);

/*
 * Paths. A file is of one architecture (arch/x86/..., .../asm-x86/...) or of all;
 * the result is borrowed from the path, *N is 0 for all.
 */
const char *xb_lang_arch(const char *path, size_t *n);
/* Can what the file AT brings be seen in the file FROM, as far as paths tell? */
bool xb_lang_visible(const char *at, const char *from);
/* The same, whatever the architectures: below one first directory, or for everyone. */
bool xb_lang_in_reach(const char *at, const char *from);
/* Is the file PATH what FROM means by #include HEADER (with its quotes or brackets)? */
bool xb_lang_includes(const char *path, const char *from, const char *header, size_t n);
/* Does the file name, by custom, what assembler files know of C's layouts? */
bool xb_lang_is_offsets(const char *path);
/* Is SOURCE made into the object file OBJECT (n bytes) of the makefile MAKEFILE? */
bool xb_lang_makes(const char *source, const char *makefile, const char *object, size_t n);

#endif
