// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=spin: a real-time task has pages of the area in a batch of its CPU,
 * and nobody else gets to run there. Requests must go round the pages, give up in
 * time, and end when they are killed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define SPIN_CPU 3
/* How many pages it touches at most, and how many of the last ones matter. */
#define SPIN_PAGES 20000UL
#define SPIN_LAST 10UL
#define KPF_LRU (1ULL << 5)
#define RT_RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
/* They last for so many seconds. */
#define GUARDS 20
#define GUARD_NS 1000000000ULL
/* The first one is in the middle of a wait for the CPU then. */
#define KILL_EARLY_MS 50
#define KILL_LATE_MS 3000

/* As in linux/sched/types.h, which does not go together with sched.h. */
struct deadline_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

static struct {
	struct area area;
	int go[2];
	int ready[2];
	pid_t task;
	pid_t guard[GUARDS];
} s;

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot run on CPU %d: %m", cpu);
}

static bool is_batched(uint64_t pfn)
{
	uint64_t flags = 0;
	int fd;

	if (pfn < s.area.base || pfn >= s.area.base + s.area.count)
		return false;
	fd = open("/proc/kpageflags", O_RDONLY);
	if (fd < 0 || pread(fd, &flags, sizeof(flags), pfn * sizeof(flags)) !=
		      sizeof(flags))
		die("/proc/kpageflags: %m");
	close(fd);
	return !(flags & KPF_LRU);
}

/* How many of the pages are in the area, and on no LRU list yet. */
static unsigned long count_batched(const void *addr)
{
	uint64_t *pfn = pfns_of(addr, SPIN_LAST);
	unsigned long i, batched = 0;

	for (i = 0; i < SPIN_LAST; i++)
		batched += is_batched(pfn[i]);
	free(pfn);
	return batched;
}

/* Touches pages until the last ones are in the area, and in a batch. */
static unsigned long fill_batch(char *addr)
{
	unsigned long batched = 0, i;

	for (i = 0; i < SPIN_PAGES && batched < SPIN_LAST; i += SPIN_LAST) {
		memset(addr + i * page_size(), 1, SPIN_LAST * page_size());
		batched = count_batched(addr + i * page_size());
	}
	return batched;
}

/* Begins when the area is lent. */
static void __noreturn spin(void)
{
	struct sched_param param = { .sched_priority = 99 };
	unsigned long batched;
	char *addr, c;

	run_on(SPIN_CPU);
	addr = mmap(NULL, SPIN_PAGES * page_size(), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (addr == MAP_FAILED || read(s.go[0], &c, 1) != 1)
		die("cannot begin to spin: %m");
	/* Large folios are in no batch. */
	madvise(addr, SPIN_PAGES * page_size(), MADV_NOHUGEPAGE);
	batched = fill_batch(addr);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("cannot become a real-time task: %m");
	if (write(s.ready[1], &batched, sizeof(batched)) != sizeof(batched))
		die("cannot tell: %m");
	for (;;)
		asm volatile("" ::: "memory");
}

/* It wants all of the CPU for a second, and so do the others of its kind. */
static void __noreturn guard(void)
{
	struct deadline_attr attr = {
		.size = sizeof(attr),
		.policy = SCHED_DEADLINE,
		.runtime = GUARD_NS,
		.deadline = GUARD_NS,
		.period = GUARD_NS,
	};

	if (syscall(SYS_sched_setattr, 0, &attr, 0))
		die("cannot have a deadline: %m");
	run_on(SPIN_CPU);
	for (;;)
		asm volatile("" ::: "memory");
}

/*
 * From each real-time task, the kernel takes 50 ms of each second for all others,
 * as the last thing before the second ends. Tasks whose deadline is long over are
 * before that, and each of these is late until it had its second.
 */
static void keep_others_off(void)
{
	unsigned int i;

	if (put(RT_RUNTIME, "-1"))
		die(RT_RUNTIME ": %m");
	for (i = 0; i < GUARDS; i++) {
		s.guard[i] = fork();
		if (!s.guard[i])
			guard();
	}
	usleep(GUARD_NS / 1000);
}

static void begin_to_spin(void)
{
	unsigned long batched = 0;
	struct hog hog;

	if (pipe(s.go) || pipe(s.ready))
		die("pipe: %m");
	s.task = fork();
	if (!s.task)
		spin();
	run_on(0);
	hog = hog_lend_early();
	if (write(s.go[1], "g", 1) != 1 ||
	    read(s.ready[0], &batched, sizeof(batched)) != sizeof(batched))
		die("the task does not spin: %m");
	hog_drop(hog);
	fact("spin.batched", "%lu", batched);
	keep_others_off();
}

static void end_to_spin(void)
{
	unsigned int i;
	int status;

	kill(s.task, SIGKILL);
	for (i = 0; i < GUARDS; i++)
		kill(s.guard[i], SIGKILL);
	for (i = 0; i < GUARDS; i++)
		check(waitpid(s.guard[i], &status, 0) == s.guard[i] &&
		      WIFSIGNALED(status), "a guard did not spin to the end");
	check(waitpid(s.task, &status, 0) == s.task && WIFSIGNALED(status),
	      "the task did not spin to the end");
}

void run_spin(void)
{
	unsigned long long before = cma_free_kb();
	unsigned long all;

	s.area = area_default();
	all = s.area.count - area_attr(&s.area, "used");
	begin_to_spin();
	request_run(&s.area, "spin.part", 1024, KILL_LATE_MS);
	request_run(&s.area, "spin.killed", all, KILL_EARLY_MS);
	request_why(&s.area, "killed");
	request_run(&s.area, "spin.all", all, KILL_LATE_MS);
	request_why(&s.area, "all");
	end_to_spin();
	request_end(&s.area);
	request_settle(&s.area, before);
}
