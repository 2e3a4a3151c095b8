/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories for a while. Who uses one holds a flock on it, so that what a killed
 * process left can be told from it.
 */
#ifndef XB_UTIL_TEMPDIR_H
#define XB_UTIL_TEMPDIR_H

/* Removes DIR and all in it, as far as it goes; follows no link. */
void xb_tempdir_remove(const char *dir);
/* Removes those in DIR whose names begin with PREFIX, that are ours, old, and held by no one. */
void xb_tempdir_sweep(const char *dir, const char *prefix);

#endif
