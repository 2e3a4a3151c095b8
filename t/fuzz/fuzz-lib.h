/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fuzz targets share: objects in memory, files in a directory of their own. */
#ifndef FUZZ_LIB_H
#define FUZZ_LIB_H

#include "odb/store.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <fcntl.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A database of objects that is nowhere on disk. */
struct fuzz_objects {
	git_odb *odb;
	git_repository *repo;
	struct xb_store *store;
};

static inline struct fuzz_objects fuzz_objects(void)
{
	struct fuzz_objects o = {0};
	git_odb_backend *memory;

	if (xb_git_init() || git_odb_new(&o.odb) || git_mempack_new(&memory) ||
	    git_odb_add_backend(o.odb, memory, 1) || git_repository_wrap_odb(&o.repo, o.odb))
		abort();
	o.store = xb_store_new(o.odb, NULL);
	return o;
}

static inline void fuzz_objects_free(struct fuzz_objects *o)
{
	xb_store_free(o->store);
	git_repository_free(o->repo);
	git_odb_free(o->odb);
}

static inline git_oid fuzz_put(struct fuzz_objects *o, git_object_t type, const void *data, size_t size)
{
	git_oid id;

	if (git_odb_write(&id, o->odb, data, size, type))
		abort();
	return id;
}

static inline void fuzz_remove_dir(void)
{
	static char command[128];
	extern char fuzz_dir_name[];

	snprintf(command, sizeof command, "rm -rf %s", fuzz_dir_name);
	if (system(command))
		abort();
}

/* A directory that goes with the process; in memory, where that is possible, as what is written is synced. */
char fuzz_dir_name[64];
static inline const char *fuzz_dir(void)
{
	if (*fuzz_dir_name)
		return fuzz_dir_name;
	snprintf(fuzz_dir_name, sizeof fuzz_dir_name, "%s/xsabot-fuzz-XXXXXX",
		 access("/dev/shm", W_OK | X_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(fuzz_dir_name) || atexit(fuzz_remove_dir))
		abort();
	return fuzz_dir_name;
}

/* The file NAME of it, with these bytes; owned by the caller. */
static inline char *fuzz_file(const char *name, const void *data, size_t size)
{
	char *path = xb_asprintf("%s/%s", fuzz_dir(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
	return path;
}

/* Takes the bytes up to the next FE FF, or the end, off *DATA. */
static inline size_t fuzz_part(const uint8_t **data, size_t *size, const uint8_t **part)
{
	const uint8_t *cut = memmem(*data, *size, "\xfe\xff", 2);
	size_t n = cut ? (size_t)(cut - *data) : *size;

	*part = *data;
	*data += cut ? n + 2 : n;
	*size -= cut ? n + 2 : n;
	return n;
}

#endif
