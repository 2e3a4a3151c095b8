/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory. Running out of it ends the process at once with a message (abort):
 * every durable step of the bot is safe against a sudden end, and code that
 * limps on with half a plan is not. All sizes are in bytes or, where there is
 * a count, in elements; the products are checked.
 */
#ifndef XB_UTIL_ALLOC_H
#define XB_UTIL_ALLOC_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *xb_malloc(size_t n) __attribute__((malloc, returns_nonnull, alloc_size(1)));
/* Zeroed memory for COUNT elements of SIZE bytes. */
void *xb_calloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));
char *xb_strdup(const char *s) __attribute__((malloc, returns_nonnull));
/* A NUL-terminated copy of N bytes, which may contain NUL. */
char *xb_memdup0(const void *p, size_t n) __attribute__((malloc, returns_nonnull));
char *xb_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), malloc, returns_nonnull));

/* Makes room for NEED elements in the array *P of *CAP elements of SIZE bytes. */
void xb_grow(void *p, size_t *cap, size_t need, size_t size);

/*
 * Appends a zeroed element to a growing array that is kept in three fields
 * (v, n, cap) of one struct; gives the element's address.
 */
#define XB_PUSH(s, v, n, cap)                                                                                \
	(xb_grow((void *)&(s)->v, &(s)->cap, (s)->n + 1, sizeof *(s)->v),                                    \
	 memset(&(s)->v[(s)->n], 0, sizeof *(s)->v), &(s)->v[(s)->n++])

/* Frees each of these pointers. */
#define XB_FREE(...) xb_free_all((void *[]){__VA_ARGS__}, sizeof((void *[]){__VA_ARGS__}) / sizeof(void *))
static inline void xb_free_all(void **v, size_t n)
{
	while (n)
		free(v[--n]);
}

/* For __attribute__((cleanup)): frees a plain malloc'ed pointer. */
static inline void xb_freep(void *p)
{
	free(*(void **)p);
}
#define XB_AUTOFREE __attribute__((cleanup(xb_freep)))

/* Hands an owned pointer over: gives its value and leaves NULL. */
#define XB_STEAL(p)                                                                                          \
	__extension__({                                                                                      \
		__typeof__(p) xb_stolen_ = (p);                                                              \
		(p) = NULL;                                                                                  \
		xb_stolen_;                                                                                  \
	})

#endif
