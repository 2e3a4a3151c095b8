/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks in children of their own: what they give, and that none outlives its deadline. */
#include "os/task.h"
#include "tap.h"

#include "util/alloc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct xb_err *fine(const void *data, bool *attention)
{
	*attention = data != NULL;
	return NULL;
}

static struct xb_err *fails(const void *data, bool *attention)
{
	(void)attention;
	return xb_err_new(XB_E_CONFIG, "no %s", (const char *)data);
}

static struct xb_err *crashes(const void *data, bool *attention)
{
	(void)data;
	(void)attention;
	raise(SIGKILL);
	return NULL;
}

/* Writes its child's id to the pipe *DATA; both ignore SIGTERM and stay. */
static struct xb_err *stays(const void *data, bool *attention)
{
	pid_t pid;

	(void)attention;
	signal(SIGTERM, SIG_IGN);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	if (write(*(const int *)data, &pid, sizeof pid) != sizeof pid)
		return xb_err_new(XB_E_IO, "pipe");
	for (;;)
		pause();
}

static struct xb_err *run(struct xb_err *(*work)(const void *, bool *), const void *data, unsigned seconds,
			  bool *attention)
{
	struct xb_task c = {.name = xb_strdup("task x"), .kind = "task", .seconds = seconds, .work = work};
	struct xb_child *j;
	struct xb_err *err;

	*attention = false;
	memcpy(&c.data, &data, sizeof data); /* not owned: free_data is not set */
	err = xb_child_start(&c, -1, &j);
	xb_task_release(&c);
	return err ? err : xb_child_end(j, attention);
}

static void test_results(void)
{
	bool attention;
	struct xb_err *err = run(fine, NULL, 10, &attention);

	ok(!err && !attention, "a task that is done");
	xb_err_free(err);
	err = run(fine, "x", 10, &attention);
	ok(!err && attention, "a task that is done, and a person should look");
	xb_err_free(err);
	err = run(fails, "key", 10, &attention);
	ok(err && err->code == XB_E_CONFIG, "an error keeps its code");
	is_text(err ? err->msg : NULL, "task x: no key", "an error keeps its text");
	xb_err_free(err);
	err = run(crashes, NULL, 10, &attention);
	ok(err && err->code == XB_E_TEMP && strstr(err->msg, "without a result"),
	   "a crash is a temporary failure");
	xb_err_free(err);
}

static void test_deadline(void)
{
	bool attention;
	int fd[2];
	pid_t pid = 0;
	struct xb_err *err;

	if (pipe(fd)) {
		ok(false, "a pipe");
		return;
	}
	err = run(stays, &fd[1], 1, &attention);
	ok(err && err->code == XB_E_TEMP && strstr(err->msg, "took too long"),
	   "a task past its deadline is ended");
	xb_err_free(err);
	close(fd[1]);
	/* The pipe ends when nobody who could write is left. */
	ok(read(fd[0], &pid, sizeof pid) == sizeof pid && !read(fd[0], &pid, sizeof pid),
	   "so is what it had started");
	close(fd[0]);
}

int main(void)
{
	test_results();
	test_deadline();
	return done();
}
