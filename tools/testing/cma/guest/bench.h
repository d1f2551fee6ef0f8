/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of cma_test=bench: what occupies the area, and what is counted.
 * Memory of the bench itself is static, so that it does not move about while
 * a state is made.
 */
#ifndef CMA_GUEST_BENCH_H
#define CMA_GUEST_BENCH_H

#include "guest.h"

#define BENCH_AREA_PAGES 65536UL	/* the largest area that is measured */

/* bench_fill.c: memory outside the area is taken, then the area is filled */
struct stretch {
	char *addr;
	unsigned long pages;
};

/* The page of ours at each pfn of the area, or NULL. */
extern char *bench_inside[BENCH_AREA_PAGES];

bool bench_in_area(const struct area *a, uint64_t pfn);
void bench_pfns(const void *addr, unsigned long pages, uint64_t *pfn);
unsigned long bench_free_kb(void);
void bench_tune(bool filling);
void bench_take_outside(const struct area *a);
void bench_drop_outside(void);
unsigned long bench_note_inside(const struct area *a, struct stretch s);
void bench_fill_anon(const struct area *a);
void bench_drop_anon(void);
void bench_level(unsigned int cpu);

/* bench_file.c: page cache, clean, mapped or dirty */
void bench_fill_cache(const struct area *a);
void bench_map_cache(void);
void bench_drop_cache(void);
void bench_fill_dirty(const struct area *a);
void bench_drop_dirty(void);

/* bench_pin.c: pages that cannot be moved */
void bench_pin(const struct area *a, unsigned int pins, unsigned long window);
void bench_unpin(void);

/* bench_mixed.c: an area in pieces */
void bench_fragment(const struct area *a);
void bench_defragment(void);
void bench_lives(unsigned int percent);

/* bench_cost.c: what everybody pays, without any request for the area */
void bench_cost(void);

/* bench_two.c: two tasks at once, by wall clock */
void bench_two(void);

/* bench_trace.c: what only tracing tells */
enum bench_look { LOOK_COST, LOOK_WINDOWS, LOOK_DEPTH };

struct sights {
	unsigned long windows;
	unsigned long irqs_off_us;
	unsigned long page_drains;
	unsigned long lru_drains;
};

void bench_look_start(enum bench_look look);
struct sights bench_look_stop(enum bench_look look);

/* bench_stat.c: what is counted around a request */
struct occupants {
	unsigned long free;
	unsigned long held;
	unsigned long anon;
	unsigned long file;
	unsigned long dirty;
	unsigned long mapped;
	unsigned long longest_free;
};

struct counters {
	unsigned long long moved;
	unsigned long long unmoved;	/* attempts to move that failed */
	unsigned long long file_pages;
	unsigned long long background_ns;	/* run time of other tasks */
};

struct occupants bench_occupants(const struct area *a);
struct counters bench_counters(void);
uint64_t bench_ns(void);
uint64_t bench_own_ns(void);
void bench_run_on(unsigned int cpu);
uint64_t bench_random(void);
void bench_seed(uint64_t seed);
uint64_t bench_option(const char *name, uint64_t otherwise);

/* bounds.c: a control group */
void group_protect(void);

#endif /* CMA_GUEST_BENCH_H */
