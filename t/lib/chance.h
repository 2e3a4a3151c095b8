/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers by chance for programs that make cases: from `seed`, and the same everywhere. */
#ifndef T_CHANCE_H
#define T_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t seed;

/* Below BELOW; 0 where that is 0. */
static inline uint32_t roll(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return below ? (uint32_t)((seed >> 33) % below) : 0;
}

static inline bool chance(uint32_t one_in)
{
	return !roll(one_in);
}

#endif
