/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of cma_test=starve: memory in use beforehand, and a demand for
 * memory that cannot be moved. Sizes are in bytes unless the name says more.
 */
#ifndef CMA_GUEST_STARVE_H
#define CMA_GUEST_STARVE_H

#include <sys/types.h>

#include "bench.h"

/* load.c: what the memory of the machine is used for beforehand */
struct load {
	const char *name;
	void (*take)(unsigned long bytes);
	unsigned long (*bad_pages)(void);	/* with other contents now */
	void (*drop)(void);
};

const struct load *load_named(const char *name);

/*
 * demand.c: a process that wants ever more of one kind of memory. It counts in
 * memory that it shares with its parent, and so its death loses nothing.
 */
struct demand {
	const char *name;
	void (*begin)(void);
	/* Adds some, and sets how much it is in all; false with errno. */
	bool (*step)(unsigned long long *bytes);
};

struct limits {
	unsigned long long most;	/* that much, and no more */
	unsigned long long mark;	/* note when there is so much */
	const char *group;		/* the directory of a cgroup, or NULL */
	unsigned long nodes;		/* memory of these only, a mask; 0: of all */
	unsigned int seconds;		/* it has to end by then; 0: whenever */
	unsigned int mbs;		/* MiB a second at most; 0: as fast as it goes */
};

struct note {
	unsigned long long bytes;	/* what was had at most */
	uint64_t start_ns;
	uint64_t last_ns;		/* when the last of it came */
	uint64_t mark_ns;
	uint64_t end_ns;		/* when the process was gone */
	uint64_t own_ns;		/* that the process ran, all its life */
	unsigned long long cma_free_kb;	/* shortly before the end */
	unsigned long missed;		/* how often nothing came at once */
	int error;			/* that ended it, if it was not killed */
	bool killed;
};

struct note demand_run(const struct demand *d, const struct limits *l);
void demand_missed(void);

/* demands.c: the kinds that there are */
const struct demand *demand_named(const char *name);
unsigned long long quick_meminfo_kb(const char *key);

/* bounds.c: swap space in compressed memory, and a group with a limit */
void zram_on(unsigned long bytes);
void zram_off(void);
const char *group_make(unsigned long bytes);

/* beside.c: who lives beside the demand, and how that is for them */
void beside_start(const struct area *a);
void beside_begin(void);
void beside_end(const struct area *a);

/* complaint.c: the kernel may tell of a lack of memory, and of nothing else */
void oom_expected(bool expected);
bool no_complaint(void);

#endif /* CMA_GUEST_STARVE_H */
