// SPDX-License-Identifier: GPL-2.0
/*
 * A process that wants memory until it has as much as it was told to take, gets
 * no more, or is killed for it. All others are safe from the OOM killer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "starve.h"

#define LOOK_BYTES (4 * MIB)	/* between two looks at what costs much */
#define MOST_FILES 1048576
#define POLL_US 20000

static struct note *shared;	/* by the demand and its parent */

/* A value of /proc/meminfo, without taking memory to read it. */
unsigned long long quick_meminfo_kb(const char *key)
{
	static char text[8192];
	static int fd = -1;
	unsigned long long kb = 0;
	ssize_t len;
	char *at;

	if (fd < 0)
		fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	len = pread(fd, text, sizeof(text) - 1, 0);
	if (len < 0)
		return 0;
	text[len] = '\0';
	at = strstr(text, key);
	if (at)
		sscanf(at + strlen(key), " %llu", &kb);
	return kb;
}

/* How long a process ran that is still there, if only as a zombie. */
static uint64_t process_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		die("process %d has no clock", pid);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void grow(const struct demand *d, const struct limits *l, struct note *n)
{
	unsigned long long bytes = 0, was = 0, next = 0;

	n->start_ns = bench_ns();
	while (bytes < l->most) {
		if (!d->step(&bytes)) {
			n->error = errno;
			break;
		}
		n->bytes = bytes;
		n->last_ns = bench_ns();
		if (l->mark && bytes >= l->mark && !n->mark_ns)
			n->mark_ns = n->last_ns;
		if (l->mbs)
			usleep((bytes - was) * 1000000 / MIB / l->mbs);
		was = bytes;
		if (bytes < next)
			continue;
		n->cma_free_kb = quick_meminfo_kb("CmaFree:");
		next = bytes + LOOK_BYTES;
	}
	n->cma_free_kb = quick_meminfo_kb("CmaFree:");
}

static void __noreturn want(const struct demand *d, const struct limits *l,
			    struct note *n)
{
	struct rlimit files = { MOST_FILES, MOST_FILES };
	char path[128];

	put("/proc/self/oom_score_adj", "1000");
	if (l->nodes && syscall(__NR_set_mempolicy, MPOL_BIND, &l->nodes,
				sizeof(l->nodes) * 8))
		die("cannot bind to nodes %#lx: %m", l->nodes);
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("cannot have %u files open: %m", MOST_FILES);
	if (l->group) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", l->group);
		if (put(path, "%d", getpid()))
			die("cannot join %s: %m", l->group);
	}
	d->begin();
	grow(d, l, n);
	_exit(0);
}

/* Waits until the process is a zombie. Without that, the test fails in the end. */
static void await(pid_t child, unsigned int seconds)
{
	int flags = WEXITED | WNOWAIT | (seconds ? WNOHANG : 0);
	siginfo_t info = { 0 };
	double end = now() + seconds;

	while (!waitid(P_PID, child, &info, flags) && !info.si_pid) {
		if (now() > end)
			die("the demand did not end in %u s", seconds);
		usleep(POLL_US);
	}
	if (info.si_pid != child)
		die("cannot wait for the demand: %m");
}

/* What the demand wanted did not come at once. */
void demand_missed(void)
{
	shared->missed++;
}

struct note demand_run(const struct demand *d, const struct limits *l)
{
	struct note n;
	int status = 0;
	pid_t child;

	shared = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("cannot map a page: %m");
	child = fork();
	if (!child)
		want(d, l, shared);
	if (child < 0)
		die("cannot run the demand: %m");
	await(child, l->seconds);
	shared->end_ns = bench_ns();
	shared->own_ns = process_ns(child);
	waitpid(child, &status, 0);
	n = *shared;
	n.killed = WIFSIGNALED(status);
	munmap(shared, page_size());
	check(n.killed || !WEXITSTATUS(status), "the demand ended with %d",
	      WEXITSTATUS(status));
	return n;
}
