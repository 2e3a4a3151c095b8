/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the git directory of a repository is, by what a person names of it. */
#ifndef XB_GITDIR_H
#define XB_GITDIR_H

/*
 * PATH is a git directory, a work tree with a .git directory, or a linked one, or a
 * submodule's, whose .git is a file that says where: the git directory that all of
 * its work trees share, owned by the caller; PATH itself where it is none of these.
 */
char *xb_git_dir_of(const char *path);

#endif
