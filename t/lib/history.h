/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small histories for unit tests: a repository of its own, of commits whose files lie in one directory. What
 * can't be made ends the test.
 */
#ifndef XB_T_HISTORY_H
#define XB_T_HISTORY_H

#include "repo/git.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct history {
	char dir[32];
	git_repository *repo;
	git_odb *odb;
	int64_t time; /* of the last commit; each is a minute later */
};

/* A file; a list of them ends with a NULL name. */
struct history_file {
	const char *name, *text;
};

static inline void history_need(int rc)
{
	if (rc) {
		printf("Bail out! libgit2: %s\n", git_error_last() ? git_error_last()->message : "?");
		exit(1);
	}
}

static inline int history_remove(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static inline void history_begin(struct history *h)
{
	struct xb_err *err = xb_git_init();

	*h = (struct history){.dir = "/tmp/xsabot-unit-XXXXXX", .time = 1500000000};
	history_need(err || !mkdtemp(h->dir));
	history_need(git_repository_init(&h->repo, h->dir, 1));
	history_need(git_repository_odb(&h->odb, h->repo));
}

static inline void history_end(struct history *h)
{
	git_odb_free(h->odb);
	git_repository_free(h->repo);
	nftw(h->dir, history_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline git_oid history_tree(struct history *h, const struct history_file *files)
{
	git_treebuilder *b;
	git_oid tree, blob;

	history_need(git_treebuilder_new(&b, h->repo, NULL));
	for (; files && files->name; files++) {
		history_need(git_odb_write(&blob, h->odb, files->text, strlen(files->text), GIT_OBJECT_BLOB));
		history_need(git_treebuilder_insert(NULL, b, files->name, &blob, GIT_FILEMODE_BLOB));
	}
	history_need(git_treebuilder_write(&tree, b));
	git_treebuilder_free(b);
	return tree;
}

/* A commit on PARENT, or without one (NULL), that has just these files. */
static inline git_oid history_commit(struct history *h, const git_oid *parent, const char *message,
				     const struct history_file *files)
{
	git_oid tree = history_tree(h, files), out;
	char *text = NULL, line[64] = "";
	int n;

	if (parent)
		snprintf(line, sizeof line, "parent %s\n", xb_hex(parent).s);
	h->time += 60;
	n = asprintf(&text,
		     "tree %s\n%sauthor A <a@example.org> %lld +0000\ncommitter A <a@example.org> %lld "
		     "+0000\n\n%s\n",
		     xb_hex(&tree).s, line, (long long)h->time, (long long)h->time, message);
	history_need(n < 0);
	history_need(git_odb_write(&out, h->odb, text, (size_t)n, GIT_OBJECT_COMMIT));
	free(text);
	return out;
}

#endif
