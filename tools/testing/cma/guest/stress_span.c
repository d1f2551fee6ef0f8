// SPDX-License-Identifier: GPL-2.0
/* Anonymous memory in which each word tells where it belongs. */
#include <string.h>
#include <sys/mman.h>

#include "stress.h"

static uint64_t word(uint64_t seed, unsigned long page, unsigned long at)
{
	return (seed << 40 ^ (uint64_t)page << 16 ^ at) * 0x9e3779b97f4a7c15ull;
}

static unsigned long words(void)
{
	return page_size() / sizeof(uint64_t);
}

unsigned int stress_random(unsigned int below)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x >> 32) % below;
}

struct span span_map(unsigned long bytes)
{
	struct span s = { .pages = bytes / page_size() };

	s.addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s.addr == MAP_FAILED)
		die("cannot map %lu bytes: %m", bytes);
	return s;
}

void span_unmap(struct span *s)
{
	munmap(s->addr, s->pages * page_size());
	s->addr = NULL;
}

unsigned char *span_page(const struct span *s, unsigned long page)
{
	return s->addr + page * page_size();
}

void span_fill_page(struct span *s, unsigned long page, uint64_t seed)
{
	uint64_t *at = (uint64_t *)span_page(s, page);
	unsigned long i, n = words();

	for (i = 0; i < n; i++)
		at[i] = word(seed, page, i);
}

void span_fill(struct span *s, uint64_t seed)
{
	unsigned long page;

	s->seed = seed;
	for (page = 0; page < s->pages; page++)
		span_fill_page(s, page, seed);
}

bool span_page_is(const struct span *s, unsigned long page, uint64_t seed)
{
	const uint64_t *at = (const uint64_t *)span_page(s, page);
	unsigned long i, wrong = 0, n = words();

	for (i = 0; i < n; i++)
		wrong += at[i] != word(seed, page, i);
	return !wrong;
}

bool span_page_is_zero(const struct span *s, unsigned long page)
{
	const unsigned char *at = span_page(s, page);

	return !at[0] && !memcmp(at, at + 1, page_size() - 1);
}

bool span_good(const struct span *s)
{
	unsigned long page, wrong = 0;

	for (page = 0; page < s->pages; page++)
		wrong += !span_page_is(s, page, s->seed);
	return !wrong;
}
