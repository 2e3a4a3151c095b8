/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loose objects, for libgit2's object databases: in the place of its own reader,
 * which in 1.5 never comes back from an object that was cut off. A file is read
 * once, its header says how long the object is, and just so much is inflated:
 * what isn't there then, or is over, is damage, and is told with the file's name.
 */
#ifndef XB_LOOSE_H
#define XB_LOOSE_H

#include <git2.h>
#include <git2/sys/odb_backend.h>

/* Those below the object directory OBJECTS; only for reading. Owned by the database that it is given to. */
git_odb_backend *xb_loose_backend(const char *objects);

#endif
