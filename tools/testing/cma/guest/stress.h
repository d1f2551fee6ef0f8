/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The jobs of cma_test=stress. Each is a process that does its round again and
 * again until the time is up, and knows what its memory has to contain.
 */
#ifndef CMA_GUEST_STRESS_H
#define CMA_GUEST_STRESS_H

#include "guest.h"

#define SCRATCH "/scratch"		/* a file system with a journal, if any */

/* What a round returns beside NULL, which is "good", and the text of a fault. */
extern const char *const ABSENT;	/* this kernel cannot do that */
extern const char *const DONE;		/* it has been done often enough */

typedef const char *(*stress_round)(unsigned long n);

/* stress.c */
struct stress_job {
	const char *name;
	stress_round round;
};

/* stress_span.c: anonymous memory in which each page has contents of its own */
struct span {
	unsigned char *addr;
	unsigned long pages;
	uint64_t seed;
};

unsigned int stress_random(unsigned int below);
struct span span_map(unsigned long bytes);
void span_unmap(struct span *s);
void span_fill(struct span *s, uint64_t seed);
void span_fill_page(struct span *s, unsigned long page, uint64_t seed);
bool span_page_is(const struct span *s, unsigned long page, uint64_t seed);
bool span_page_is_zero(const struct span *s, unsigned long page);
bool span_good(const struct span *s);
unsigned char *span_page(const struct span *s, unsigned long page);

/* stress_hold.c: who holds pages where they are, or lets them go */
const char *stress_register(unsigned long n);
const char *stress_splice(unsigned long n);
const char *stress_mlock(unsigned long n);
const char *stress_fork(unsigned long n);

/* stress_change.c: the kernel takes pages, merges them, or moves them */
const char *stress_lazyfree(unsigned long n);
const char *stress_split(unsigned long n);
const char *stress_merge(unsigned long n);
const char *stress_swap(unsigned long n);
const char *stress_migrate(unsigned long n);

/* stress_fault.c: page faults that a program serves, and memory that fails */
const char *stress_userfault(unsigned long n);
const char *stress_offline(unsigned long n);
const char *stress_poison(unsigned long n);

/* stress_file.c: files */
const char *stress_truncate(unsigned long n);
const char *stress_journal(unsigned long n);
const char *stress_direct_read(unsigned long n);
const char *stress_direct_write(unsigned long n);
const char *stress_cache(unsigned long n);

#endif /* CMA_GUEST_STRESS_H */
