/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a confined process can do: read all, write where it may, talk to nobody. */
#include "tap.h"

#include "os/confine.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/xsabot-confine-XXXXXX";

static bool can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The bits of what goes, in a child that is confined to DIR/in; -1: it can't be. */
static int in_child(void)
{
	XB_AUTOFREE char *in = xb_asprintf("%s/in", dir), *inside = xb_asprintf("%s/in/a", dir);
	XB_AUTOFREE char *outside = xb_asprintf("%s/a", dir), *there = xb_asprintf("%s/there", dir);
	XB_AUTOFREE char *gone = xb_asprintf("%s/not-there", dir);
	XB_AUTOSTRV struct xb_strv writable = {0};
	const char *why;
	int status, out = 0;
	pid_t pid = fork();

	if (pid) {
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			return -2;
		return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
	}
	xb_strv_add(&writable, in);
	xb_strv_add(&writable, gone);
	if (!xb_confine(&writable, &why))
		_exit(255);
	out |= can_write(inside) ? 1 : 0;
	out |= can_write(outside) ? 2 : 0;
	out |= socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 4 : 0;
	out |= access(there, R_OK) || open(there, O_RDONLY | O_CLOEXEC) < 0 ? 8 : 0;
	out |= !rename(there, inside) || !unlink(there) ? 16 : 0;
	out |= can_write("/dev/null") ? 32 : 0;
	out |= system("echo >\"$HOME\"/xsabot-confine 2>/dev/null") ? 0 : 64;
	_exit(out);
}

int main(void)
{
	XB_AUTOFREE char *command = NULL, *in = NULL, *there = NULL;
	int got;

	if (!mkdtemp(dir))
		return 1;
	in = xb_asprintf("%s/in", dir);
	there = xb_asprintf("%s/there", dir);
	mkdir(in, 0700);
	can_write(there);
	setenv("HOME", dir, 1);
	got = in_child();
	if (got == -1) {
		ok(true, "confined # SKIP this kernel can't");
	} else {
		ok(got >= 0 && (got & 1), "it writes where it may");
		ok(got >= 0 && (got & 32), "and to nowhere");
		ok(got >= 0 && !(got & 2), "it makes no file elsewhere");
		ok(got >= 0 && !(got & 16), "it takes none away");
		ok(got >= 0 && !(got & 64), "nor does what it starts");
		ok(got >= 0 && !(got & 4), "it opens no socket");
		ok(got >= 0 && !(got & 8), "it reads");
	}
	command = xb_asprintf("rm -rf %s", dir);
	if (system(command))
		return 1;
	return done();
}
