/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long the other side of a connection may be silent. */
#include "remote/silence.h"
#include "tap.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* poll() ends early where a signal comes. */
static bool slept(int ms)
{
	return !poll(NULL, 0, ms);
}

int main(void)
{
	int ends[2];
	char c;

	xb_silence_begin();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return 1;
	xb_silence_over(1);
	xb_silence_rest();
	ok(slept(1200) && !xb_silence_was(), "work of our own is no silence of the other side");
	ok(send(ends[0], "x", 1, MSG_NOSIGNAL) == 1 && recv(ends[1], &c, 1, 0) == 1,
	   "... and the connection stands after it");
	xb_silence_over(1);
	ok(recv(ends[1], &c, 1, 0) <= 0 && xb_silence_was(), "one that is silent for too long is cut off");
	xb_silence_rest();
	ok(xb_silence_was(), "... and that is not forgotten");
	xb_silence_end();
	close(ends[0]);
	close(ends[1]);
	return done();
}
