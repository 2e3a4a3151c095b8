/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory that a web server shows, replaced as a whole: the new one is made
 * beside it, and both change places in one step. A reader never sees half of it;
 * what is killed on the way leaves the old one, and a leftover that the next goes
 * on from. Only a directory that is empty, missing, or made by this, is replaced.
 */
#ifndef XB_PAGES_SITE_H
#define XB_PAGES_SITE_H

#include "util/buf.h"
#include "util/err.h"

struct xb_site;

/* For DIR. XB_E_USAGE: it is somebody else's; XB_E_TEMP: another process makes it just now. */
struct xb_err *xb_site_open(const char *dir, struct xb_site **out) XB_MUST_CHECK;
/* Adds a file by its path, of names that xb_file_name gives and slashes. */
struct xb_err *xb_site_add(struct xb_site *s, const char *path, const struct xb_buf *text) XB_MUST_CHECK;
/* Puts it in the place of DIR. */
struct xb_err *xb_site_show(struct xb_site *s) XB_MUST_CHECK;
/* Without xb_site_show before, nothing has changed. */
void xb_site_free(struct xb_site *s);
XB_HANDLE(xb_site)

#endif
