/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A limit on how long the other side of a connection may be silent, for
 * libraries that have none: SIGALRM shuts down every socket that was opened
 * since xb_silence_begin, so that the call which waits ends with an error; one
 * that still waits ten seconds later ends with the process. For a process that does
 * nothing else (task.h).
 */
#ifndef XB_SILENCE_H
#define XB_SILENCE_H

#include <stdbool.h>

void xb_silence_begin(void);
/* Something was heard, or nothing is to be expected yet: SECONDS from now on. */
void xb_silence_over(unsigned seconds);
/* Nobody is waited for until the next xb_silence_over: what takes long is work of our own. */
void xb_silence_rest(void);
void xb_silence_end(void);
/* It was too long since xb_silence_begin. */
bool xb_silence_was(void);

#endif
