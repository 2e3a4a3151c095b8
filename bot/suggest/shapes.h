/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a repository names its stable branches and its releases, found in the names
 * alone: a shape is what stands around the numbers and between them. Of all pairs of
 * a shape of branches and one of tags, that is taken by which most lines have a release.
 */
#ifndef XB_SHAPES_H
#define XB_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

/* A ref of a shape: refs/tags/OpenSSL_1_0_2u is 1.0.2 and "u". Owned. */
struct xb_numbered {
	char *ref, *numbers, *tail;
};

struct xb_shape {
	char *prefix, *suffix; /* of the ref: "refs/heads/stable/" and "" */
	char sep;              /* between numbers; 0: none was seen with two of them */
	struct {
		struct xb_numbered *v;
		size_t n, cap;
	} names;
};

struct xb_shapes {
	struct xb_shape *v;
	size_t n, cap;
};

/* Adds REF to its shape; one without numbers is passed over, and, with TAG, what only announces a release. */
void xb_shapes_add(struct xb_shapes *s, const char *ref, bool tag);
/* After the last one: a name with one number is of each shape that it fits. */
void xb_shapes_settle(struct xb_shapes *s);
void xb_shapes_release(struct xb_shapes *s);
/* That with most names; NULL: there is none. */
const struct xb_shape *xb_shapes_largest(const struct xb_shapes *s);

struct xb_naming {
	const struct xb_shape *branches, *tags; /* borrowed; NULL: no pair was found */
	size_t lines, series; /* with a release by them; with more than one of its own name */
	const char *newest;   /* borrowed: the highest of the latter; NULL: there is none */
	bool bare;            /* a line's first release has no number more */
	bool letters, joined; /* numbers end in letters; which follow the line directly */
};

struct xb_naming xb_naming_find(const struct xb_shapes *branches, const struct xb_shapes *tags);
/* The keys' values; owned. */
char *xb_naming_staging(const struct xb_naming *n);
char *xb_naming_release(const struct xb_naming *n);
/* What stands for a release's number after the text BEFORE it, for tags like S; owned. */
char *xb_shape_numbers(const struct xb_shape *s, const char *before);

#endif
