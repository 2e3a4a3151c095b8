/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What t/bench starts its children with: small, as the memory of who forks
 * counts as the child's, and in C, as a shell between would cost as much as
 * what is measured.
 *
 *	time FILE COMMAND...     runs it, writes its status, CPU, wall and memory to FILE
 *	each GIT                 git cherry-pick, a process for each commit
 *	list GIT                 git cherry-pick of all
 *	rebase GIT TODO ONTO     git rebase with the commands of the file TODO
 *	replay GIT REF           git replay, a process for each commit
 *	merge-tree GIT           git merge-tree --stdin, one for all windows
 *	latency N INPUT {PROGRAM SYNCDIR}...    each in turn, N times
 *	push SECONDS REPO HOOK [PROGRAM...]     see do_push() below
 *
 * The middle five read commits, one "COMMIT PARENT" a line, from standard input
 * (merge-tree: also "window TREE", where one begins) and skip one that conflicts.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define ID_MAX 64

struct pick {
	char commit[ID_MAX + 1], parent[ID_MAX + 1];
	bool window; /* `parent` is the tree that a window begins with */
};

struct picks {
	struct pick *v;
	size_t n;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of(const struct rusage *r)
{
	return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
	       (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) / 1e6;
}

static struct picks read_picks(void)
{
	struct picks p = {NULL, 0};
	char line[256];

	while (fgets(line, sizeof line, stdin)) {
		struct pick *k;

		p.v = reallocarray(p.v, p.n + 1, sizeof *p.v);
		if (!p.v)
			err(70, "memory");
		k = &p.v[p.n++];
		if (sscanf(line, "%64s %64s", k->commit, k->parent) != 2)
			errx(64, "cannot read: %s", line);
		k->window = !strcmp(k->commit, "window");
	}
	return p;
}

/* Without a shell and, as vfork does it, without a copy of our page tables. IN, OUT: -1 is /dev/null. */
static pid_t start(const char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t fa;
	char *const *args;
	pid_t pid;
	int e;

	memcpy(&args, &argv, sizeof args); /* which are not written to */

	posix_spawn_file_actions_init(&fa);
	if (in < 0)
		posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	if (out < 0) {
		posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
		posix_spawn_file_actions_addopen(&fa, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	} else {
		posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	}
	e = posix_spawnp(&pid, argv[0], &fa, NULL, args, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (e)
		errx(70, "%s: %s", argv[0], strerror(e));
	return pid;
}

static int finish(pid_t pid, struct rusage *usage)
{
	int status;

	while (wait4(pid, &status, 0, usage) < 0)
		if (errno != EINTR)
			err(70, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *const *argv)
{
	struct rusage ignored;

	return finish(start(argv, -1, -1), &ignored);
}

static int do_time(int argc, char **argv)
{
	struct rusage usage;
	double from, wall;
	FILE *f;
	pid_t pid;
	int status;

	if (argc < 2)
		errx(64, "time FILE COMMAND...");
	from = now();
	pid = fork();
	if (pid < 0)
		err(70, "fork");
	if (!pid) {
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	status = finish(pid, &usage);
	wall = now() - from;
	f = fopen(argv[0], "w");
	if (!f)
		err(70, "%s", argv[0]);
	fprintf(f, "{\"status\": %d, \"cpu\": %.6f, \"wall\": %.6f, \"kib\": %ld}\n", status, cpu_of(&usage),
		wall, usage.ru_maxrss);
	if (fclose(f))
		err(70, "%s", argv[0]);
	return 0;
}

/* Goes on after a stop until git has ended; each time without the commit that it stopped at. */
static int skip_on(int status, const char *git, const char *verb)
{
	const char *skip[] = {git, verb, "--skip", NULL};

	for (int i = 0; status && i < 100000; i++) {
		if (access(!strcmp(verb, "rebase") ? ".git/rebase-merge" : ".git/CHERRY_PICK_HEAD", F_OK))
			errx(70, "git %s ended with %d, and not by a conflict", verb, status);
		status = run(skip);
	}
	return status;
}

static int do_each(const char *git)
{
	struct picks p = read_picks();

	for (size_t i = 0; i < p.n; i++) {
		const char *argv[] = {git, "cherry-pick", p.v[i].commit, NULL};

		skip_on(run(argv), git, "cherry-pick");
	}
	return 0;
}

static int do_list(const char *git)
{
	struct picks p = read_picks();
	const char **argv = calloc(p.n + 3, sizeof *argv);

	if (!argv)
		err(70, "memory");
	argv[0] = git;
	argv[1] = "cherry-pick";
	for (size_t i = 0; i < p.n; i++)
		argv[i + 2] = p.v[i].commit;
	skip_on(run(argv), git, "cherry-pick");
	free(argv);
	return 0;
}

static int do_rebase(const char *git, const char *todo, const char *onto)
{
	char *editor;
	const char *argv[] = {git, "rebase", "--interactive", "--no-ff", onto, NULL};

	if (asprintf(&editor, "cp '%s'", todo) < 0 || setenv("GIT_SEQUENCE_EDITOR", editor, 1))
		err(70, "memory");
	free(editor);
	return skip_on(run(argv), git, "rebase");
}

/* What it prints where it does not move the ref itself: "update REF NEW OLD". Its reader is paid for by us.
 */
static void write_ref(const char *ref, const char *id)
{
	char *tmp;
	FILE *f;

	if (asprintf(&tmp, "%s.bench", ref) < 0 || !(f = fopen(tmp, "w")))
		err(70, "%s", ref);
	fprintf(f, "%s\n", id);
	if (fclose(f) || rename(tmp, ref))
		err(70, "%s", ref);
	free(tmp);
}

/* Git before 2.53 does not move the ref: it prints "update REF NEW OLD", and we move it, for nothing. */
static void take_update(FILE *from, const char *ref)
{
	char line[4096], name[1024], id[ID_MAX + 1];

	while (fgets(line, sizeof line, from))
		if (sscanf(line, "update %1023s %64s", name, id) == 2 && !strcmp(name, ref))
			write_ref(ref, id);
}

static int replay_one(const char *const *argv, const char *ref)
{
	struct rusage ignored;
	FILE *out;
	pid_t pid;
	int p[2];

	if (pipe2(p, O_CLOEXEC) || !(out = fdopen(p[0], "r")))
		err(70, "pipe");
	pid = start(argv, -1, p[1]);
	close(p[1]);
	take_update(out, ref);
	fclose(out);
	return finish(pid, &ignored);
}

static int do_replay(const char *git, const char *ref)
{
	struct picks p = read_picks();
	char range[2 * ID_MAX + 3], advance[PATH_MAX];
	const char *argv[] = {git, "replay", advance, range, NULL};

	snprintf(advance, sizeof advance, "--advance=%s", ref);
	for (size_t i = 0; i < p.n; i++) {
		int status;

		snprintf(range, sizeof range, "%s..%s", p.v[i].parent, p.v[i].commit);
		status = replay_one(argv, ref);
		if (status > 1)
			errx(70, "git replay %s ended with %d", range, status);
	}
	return 0;
}

/* Reads up to a NUL; false at the end. */
static bool field(FILE *f, char **buf, size_t *size)
{
	ssize_t n = getdelim(buf, size, '\0', f);

	return n > 0 && (*buf)[n - 1] == '\0';
}

static int do_merge_tree(const char *git)
{
	struct picks p = read_picks();
	const char *argv[] = {git, "merge-tree", "--stdin", "--name-only", "--no-messages", NULL};
	char tip[ID_MAX + 1] = "", *buf = NULL;
	int to[2], from[2], status;
	struct rusage ignored;
	size_t size = 0;
	FILE *in, *out;
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		err(70, "pipe");
	pid = start(argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	out = fdopen(to[1], "w");
	in = fdopen(from[0], "r");
	if (!in || !out)
		err(70, "fdopen");
	for (size_t i = 0; i < p.n; i++) {
		bool clean;

		if (p.v[i].window) {
			if (*tip)
				puts(tip);
			snprintf(tip, sizeof tip, "%s", p.v[i].parent);
			continue;
		}
		fprintf(out, "%s -- %s %s\n", p.v[i].parent, tip, p.v[i].commit);
		if (fflush(out) || !field(in, &buf, &size))
			errx(70, "git merge-tree ended early");
		clean = !strcmp(buf, "1");
		if (!field(in, &buf, &size))
			errx(70, "git merge-tree gave no tree");
		if (clean)
			snprintf(tip, sizeof tip, "%s", buf);
		do /* the paths in conflict, and an empty field */
			if (!field(in, &buf, &size))
				errx(70, "git merge-tree ended early");
		while (*buf);
	}
	if (*tip)
		puts(tip);
	fclose(out);
	fclose(in);
	free(buf);
	status = finish(pid, &ignored);
	return status > 1 ? 70 : 0;
}

/* One small file, durable, by the steps that a careful program takes. */
static void write_durably(int dir, const char *text, size_t n)
{
	int fd = openat(dir, "bench-tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || fsync(fd) || close(fd) ||
	    renameat(dir, "bench-tmp", dir, "bench-file") || fsync(dir))
		err(70, "a durable write");
}

/* Runs PROGRAM with the bytes of INPUT, then a durable write in DIR ("-": without the one, or the other). */
static void latency_one(const char *program, const char *dir, const char *input, size_t n)
{
	const char *argv[] = {program, NULL};
	struct rusage usage = {0};
	int p[2], fd = -1;
	double from;

	if (strcmp(dir, "-") != 0 && (fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		err(70, "%s", dir);
	from = now();
	if (strcmp(program, "-") != 0) {
		pid_t pid;

		if (pipe2(p, O_CLOEXEC) || write(p[1], input, n) != (ssize_t)n)
			err(70, "pipe");
		close(p[1]);
		pid = start(argv, p[0], -1);
		close(p[0]);
		if (finish(pid, &usage))
			errx(70, "%s failed", program);
	}
	if (fd >= 0)
		write_durably(fd, input, n);
	printf("%.6f %.6f\n", now() - from, cpu_of(&usage));
	if (fd >= 0)
		close(fd);
}

static int do_latency(int argc, char **argv)
{
	char input[4096];
	size_t n;
	FILE *f;

	if (argc < 4 || argc % 2)
		errx(64, "latency N INPUT {PROGRAM SYNCDIR}...");
	f = fopen(argv[1], "r");
	if (!f)
		err(70, "%s", argv[1]);
	n = fread(input, 1, sizeof input, f);
	fclose(f);
	for (long i = strtol(argv[0], NULL, 10); i > 0; i--)
		for (int k = 2; k < argc; k += 2)
			latency_one(argv[k], argv[k + 1], input, n);
	return 0;
}

static void read_ref(const char *ref, char id[ID_MAX + 1])
{
	FILE *f = fopen(ref, "r");

	*id = '\0';
	if (f && fscanf(f, "%64s", id) != 1)
		*id = '\0';
	if (f)
		fclose(f);
}

static void run_hook(const char *hook, const char *line)
{
	const char *argv[] = {hook, NULL};
	struct rusage ignored;
	size_t n = strlen(line);
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) || write(p[1], line, n) != (ssize_t)n)
		err(70, "pipe");
	close(p[1]);
	pid = start(argv, p[0], -1);
	close(p[0]);
	if (finish(pid, &ignored))
		errx(70, "%s failed", hook);
}

static void pause_for(double seconds)
{
	struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

	nanosleep(&t, NULL);
}

/* Looks every 50 microseconds until REF is no longer at OLD; false after a minute. */
static bool await_move(const char *ref, const char *old, double from)
{
	char id[ID_MAX + 1];

	while (now() - from < 60) {
		read_ref(ref, id);
		if (*id && strcmp(id, old) != 0)
			return true;
		pause_for(50e-6);
	}
	return false;
}

/*
 * In REPO, for each line "OLD NEW STAGING DERIVED" of standard input: moves
 * STAGING as git has when it runs the hook; then the clock starts, the hook runs,
 * after it PROGRAM (none: something resident does the work), and the clock stops
 * when the file of the ref DERIVED has changed. Prints the seconds of the hook,
 * up to the moved ref, and until PROGRAM had ended. Begins none after SECONDS.
 */
static int do_push(int argc, char **argv)
{
	char old[ID_MAX + 1], new[ID_MAX + 1], staging[1024], derived[1024], line[2048], before[ID_MAX + 1];
	double end;

	if (argc < 3)
		errx(64, "push SECONDS REPO HOOK [PROGRAM...]");
	if (chdir(argv[1]) || setenv("GIT_DIR", ".", 1))
		err(70, "%s", argv[1]);
	end = now() + strtod(argv[0], NULL);
	while (now() < end && scanf("%64s %64s %1023s %1023s", old, new, staging, derived) == 4) {
		struct rusage usage = {0};
		double from, hook, moved;
		pid_t pid = 0;

		write_ref(staging, new);
		read_ref(derived, before);
		snprintf(line, sizeof line, "%s %s %s\n", old, new, staging);
		from = now();
		run_hook(argv[2], line);
		hook = now() - from;
		if (argc > 3)
			pid = start((const char *const *)(argv + 3), -1, -1);
		if (!await_move(derived, before, from))
			errx(75, "%s did not move in a minute", derived);
		moved = now() - from;
		if (pid && finish(pid, &usage) > 1)
			errx(70, "%s failed", argv[3]);
		printf("%.6f %.6f %.6f %.6f\n", hook, moved, now() - from, cpu_of(&usage));
		fflush(stdout);
		if (argc == 3)
			pause_for(0.2 +
				  2 * moved); /* what is resident has come to rest: each push is alone */
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "time"))
		return do_time(argc - 2, argv + 2);
	if (!strcmp(verb, "each") && argc == 3)
		return do_each(argv[2]);
	if (!strcmp(verb, "list") && argc == 3)
		return do_list(argv[2]);
	if (!strcmp(verb, "rebase") && argc == 5)
		return do_rebase(argv[2], argv[3], argv[4]);
	if (!strcmp(verb, "replay") && argc == 4)
		return do_replay(argv[2], argv[3]);
	if (!strcmp(verb, "merge-tree") && argc == 3)
		return do_merge_tree(argv[2]);
	if (!strcmp(verb, "latency"))
		return do_latency(argc - 2, argv + 2);
	if (!strcmp(verb, "push"))
		return do_push(argc - 2, argv + 2);
	errx(64, "see the top of t/bench-run.c");
}
