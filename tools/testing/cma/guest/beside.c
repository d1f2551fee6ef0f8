// SPDX-License-Identifier: GPL-2.0
/*
 * Who lives beside a demand for memory, and wants nothing of it:
 *   starve_camera=  a driver that has a buffer of that many MiB twice a second
 *   starve_probe=1  a real-time task that sleeps a millisecond at a time, as
 *                   cyclictest does, and a program that touches a new page after
 *                   each nap: how late is the one, how long waits the other?
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "starve.h"

#define HALF_US 250000
#define NAP_NS 1000000
#define PRIORITY 80
#define SLOTS 32		/* the last one has all that is longer */

/* How often something took less than 2^n microseconds. */
struct times {
	unsigned long slots[SLOTS];
	uint64_t longest_ns;
};

static struct beside {
	bool on;
	unsigned long starts, failed;
	struct times camera, late, fault;
} *shared;

static pid_t camera, sleeper, toucher;

static void note(struct times *t, uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned int slot = 0;

	while (slot < SLOTS - 1 && us >> slot)
		slot++;
	t->slots[slot]++;
	if (ns > t->longest_ns)
		t->longest_ns = ns;
}

/* In microseconds; the border that 99 of 100 stay below. */
static unsigned long p99_us(const struct times *t)
{
	unsigned long sum = 0, seen = 0;
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++)
		sum += t->slots[slot];
	for (slot = 0; slot < SLOTS; slot++) {
		seen += t->slots[slot];
		if (seen * 100 >= sum * 99)
			break;
	}
	return 1UL << slot;
}

static void __noreturn film(const struct area *a, unsigned long pages)
{
	for (;;) {
		uint64_t start = bench_ns();
		int ret = area_put(a, "alloc", pages);

		note(&shared->camera, bench_ns() - start);
		shared->starts++;
		shared->failed += !!ret;
		usleep(HALF_US);
		if (!ret)
			area_put(a, "free", pages);
		usleep(HALF_US);
	}
}

static void __noreturn sleep_on(void)
{
	struct sched_param prio = { .sched_priority = PRIORITY };
	struct timespec nap = { 0, NAP_NS };

	if (mlockall(MCL_CURRENT) || sched_setscheduler(0, SCHED_FIFO, &prio))
		die("no real-time task: %m");
	for (;;) {
		uint64_t start = bench_ns(), ns;

		nanosleep(&nap, NULL);
		ns = bench_ns() - start;
		note(&shared->late, ns > NAP_NS ? ns - NAP_NS : 0);
	}
}

static void __noreturn touch_on(void)
{
	struct timespec nap = { 0, NAP_NS };
	size_t len = page_size();
	char *page;

	page = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		die("no page to touch: %m");
	for (;;) {
		uint64_t start;

		madvise(page, len, MADV_DONTNEED);
		nanosleep(&nap, NULL);
		start = bench_ns();
		__atomic_store_n(page, 1, __ATOMIC_RELAXED);
		note(&shared->fault, bench_ns() - start);
	}
}

/* They share no memory that is to be moved, so they come first, and wait here. */
static void await_demand(void)
{
	while (!__atomic_load_n(&shared->on, __ATOMIC_RELAXED))
		usleep(NAP_NS / 1000);
}

/* Nobody of them is killed for the memory that others want. */
static pid_t start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("nobody can be started beside the demand: %m");
	if (!pid) {
		put("/proc/self/oom_score_adj", "-1000");
		await_demand();
	}
	return pid;
}

void beside_start(const struct area *a)
{
	unsigned long pages = bench_option("starve_camera", 0) * MIB / page_size();

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("no memory for what is beside the demand: %m");
	if (pages) {
		camera = start();
		if (!camera)
			film(a, pages);
	}
	if (!bench_option("starve_probe", 0))
		return;
	sleeper = start();
	if (!sleeper)
		sleep_on();
	toucher = start();
	if (!toucher)
		touch_on();
}

void beside_begin(void)
{
	shared->on = true;
	if (camera)
		usleep(HALF_US / 2);
}

static void end(pid_t pid)
{
	if (!pid)
		return;
	check(!waitpid(pid, NULL, WNOHANG), "%d ended before the demand", pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void tell(const char *key, const struct times *t)
{
	fact(key, "p99_us=%lu longest_us=%llu", p99_us(t),
	     (unsigned long long)t->longest_ns / 1000);
}

void beside_end(const struct area *a)
{
	end(camera);
	end(sleeper);
	end(toucher);
	if (camera) {
		fact("starve.camera", "starts=%lu failed=%lu", shared->starts, shared->failed);
		tell("starve.camera_time", &shared->camera);
		/* It may have had its buffer when it ended. */
		area_put(a, "free", bench_option("starve_camera", 0) * MIB / page_size());
	}
	if (sleeper) {
		tell("starve.late", &shared->late);
		tell("starve.fault", &shared->fault);
	}
	munmap(shared, sizeof(*shared));
}
