/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For LD_PRELOAD: in a child that the program forked, reading the ref that PRELOAD_REF names goes wrong as
 * PRELOAD_HOW says: it hangs, eats memory (1 GiB at most), or crashes. The program itself is left alone.
 */
#include <dlfcn.h>
#include <git2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pid_t program;

__attribute__((constructor)) static void remember(void)
{
	program = getpid();
}

static void eat(void)
{
	for (int i = 0; i < 1024; i++) {
		char *p = malloc(1 << 20);

		if (!p)
			abort();
		memset(p, i, 1 << 20);
	}
}

static void go_wrong(const char *how)
{
	if (!strcmp(how, "crash"))
		raise(SIGSEGV);
	if (!strcmp(how, "eat"))
		eat();
	while (!strcmp(how, "hang"))
		pause();
}

int git_reference_name_to_id(git_oid *out, git_repository *repo, const char *name)
{
	int (*real)(git_oid *, git_repository *, const char *);
	const char *ref = getenv("PRELOAD_REF"), *how = getenv("PRELOAD_HOW");

	*(void **)&real = dlsym(RTLD_NEXT, "git_reference_name_to_id");
	if (ref && how && getpid() != program && !strcmp(ref, name))
		go_wrong(how);
	return real(out, repo, name);
}
