// SPDX-License-Identifier: GPL-2.0
/*
 * Where a measured part begins and ends, for a profiler outside of the guest:
 * it looks for the addresses of these two, see cmatest/bench/profile.py.
 */
#include "guest.h"

/* Were they merged, being equal, or inlined, nobody could tell them apart. */
#define __apart __attribute__((noipa))

__apart void mark_begin(void)
{
	asm volatile("" : : : "memory");
}

__apart void mark_end(void)
{
	asm volatile("" : : : "memory");
}
