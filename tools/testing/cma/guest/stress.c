// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=stress: for stress_seconds= [20], a driver that wants pieces of the
 * area, another that wants buffers, and beside them all that holds, moves,
 * takes or replaces pages. Everyone looks whether its memory is as it was. At
 * the end no page of the area may be missing, but those that were given up.
 *   stress_spare=  MiB that are free outside the area at first, so that the
 *                  jobs find most of their memory in the area [96]
 *   stress_late=   seconds that a job may take after that for its last round;
 *                  then it is said to hang, with where it waits [60]
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "starve.h"
#include "stress.h"

#define KPF_HWPOISON (1ull << 19)
#define SWAP_BYTES (64 * MIB)
#define SPARE_PAGES 4096
#define FAULTS_TOLD 3			/* of a job */
#define LEFT_TOLD 8
#define END_S 10			/* of a job that was killed */
#define BUFFER_MOST 1024		/* pages */
#define WHOLE_PIECE 1024UL		/* pages */

const char *const ABSENT = "absent";
const char *const DONE = "done";

static const char *drive(unsigned long n);
static const char *use_device(unsigned long n);

static const struct stress_job jobs[] = {
	{ "drive", drive },		{ "device", use_device },
	{ "register", stress_register },	{ "splice", stress_splice },
	{ "mlock", stress_mlock },	{ "fork", stress_fork },
	{ "lazyfree", stress_lazyfree },	{ "split", stress_split },
	{ "merge", stress_merge },	{ "swap", stress_swap },
	{ "migrate", stress_migrate },	{ "userfault", stress_userfault },
	{ "offline", stress_offline },	{ "poison", stress_poison },
	{ "truncate", stress_truncate },	{ "journal", stress_journal },
	{ "direct_read", stress_direct_read },
	{ "direct_write", stress_direct_write },
	{ "cache", stress_cache },
};

/* Shared by all processes; each number has one writer. */
struct tally {
	double end;
	unsigned long allocs, refused, buffers, no_buffer;
	unsigned long rounds[ARRAY_SIZE(jobs)];
	unsigned long faults[ARRAY_SIZE(jobs)];
	bool absent[ARRAY_SIZE(jobs)];
};

static struct stress {
	struct area area;
	struct tally *tally;
	struct hog hog;
	bool sample;
} s;

/* Sizes from a page to a quarter of the area, most of them small. */
static const char *drive(unsigned long n)
{
	unsigned long most = s.area.count / 4 >> n % 6;
	unsigned long pages = 1 + stress_random(most ? most : 1);
	int ret = area_put(&s.area, "alloc", pages);

	if (ret) {
		s.tally->refused++;
		usleep(20000);
		return NULL;
	}
	s.tally->allocs++;
	usleep(10000);
	if (area_put(&s.area, "free", pages))
		return "a piece of the area cannot be released";
	usleep(10000);
	return NULL;
}

/*
 * What is written to a buffer stays there. When the area has none, the page
 * allocator is asked, and warns of more than it ever has.
 */
static const char *use_device(unsigned long n)
{
	unsigned long pages = 2 + stress_random(BUFFER_MOST - 1);
	struct buffer b;
	bool good;

	if (!s.sample)
		return ABSENT;
	if (sample_alloc(0, pages * page_size(), &b)) {
		s.tally->no_buffer++;
		usleep(20000);
		return NULL;
	}
	s.tally->buffers++;
	good = !sample_fill(0, n);
	usleep(10000);
	good = good && sample_verify(0);
	return !sample_free(0) && good ? NULL : "a buffer has other contents";
}

static bool running(void)
{
	return now() < s.tally->end;
}

static void __noreturn work(unsigned int i)
{
	const char *what;
	unsigned long n;

	put("/proc/self/oom_score_adj", "-1000");
	for (n = 0; !n || running(); n++) {
		what = jobs[i].round(n);
		s.tally->absent[i] = what == ABSENT;
		if (what == ABSENT)
			break;
		s.tally->rounds[i]++;
		if (what == DONE)
			break;
		if (what && s.tally->faults[i]++ < FAULTS_TOLD)
			fact("stress.fault", "%s, round %lu: %s", jobs[i].name,
			     n, what);
	}
	_exit(first_failure() ? 1 : 0);
}

/* Where a job is that does not come to its end, as far as this kernel tells. */
static void tell_late(const char *name, pid_t pid)
{
	static const char *const files[] = { "syscall", "wchan", "stack" };
	char path[64], *where, *line;
	unsigned int i;

	check(false, "%s does not end", name);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
		where = slurp(path);
		for (line = where ? strtok(where, "\n") : NULL; line;
		     line = strtok(NULL, "\n"))
			fact("stress.late", "%s %s: %s", name, files[i], line);
		free(where);
	}
	kill(pid, SIGKILL);
}

/* What it holds is given back when it is gone, so it is waited for once more. */
static void end_job(const char *name, pid_t pid, double late)
{
	double end = 0;
	int status = -1;

	while (!waitpid(pid, &status, WNOHANG) && (!end || now() < end)) {
		if (!end && now() > late) {
			tell_late(name, pid);
			end = now() + END_S;
		}
		usleep(10000);
	}
	check(end || !status, "%s ended with status 0x%x", name, status);
}

static void run_jobs(void)
{
	pid_t pids[ARRAY_SIZE(jobs)];
	unsigned int i;
	double late;

	s.tally->end = now() + bench_option("stress_seconds", 20);
	late = s.tally->end + bench_option("stress_late", 60);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		pids[i] = fork();
		if (!pids[i])
			work(i);
	}
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		end_job(jobs[i].name, pids[i], late);
}

static uint64_t flags_of(unsigned long pfn)
{
	off_t at = (off_t)pfn * sizeof(uint64_t);
	uint64_t flags = 0;
	static int fd;

	if (!fd)
		fd = open("/proc/kpageflags", O_RDONLY);
	if (pread(fd, &flags, sizeof(flags), at) != sizeof(flags))
		die("cannot read /proc/kpageflags: %m");
	return flags;
}

/* Pages of the area that were given up: nobody can have them any more. */
static unsigned long poisoned(void)
{
	unsigned long i, n = 0;

	for (i = 0; i < s.area.count; i++)
		n += !!(flags_of(s.area.base + i) & KPF_HWPOISON);
	return n;
}

/* The flags of some pages that are in use though all is over, see kpageflags. */
static void tell_left(void)
{
	unsigned char *owners = area_owners(&s.area);
	unsigned long i, told = 0;
	char key[32];

	for (i = 0; i < s.area.count && told < LEFT_TOLD; i++) {
		if (owners[i] != PAGE_LENT)
			continue;
		snprintf(key, sizeof(key), "stress.left.%lu", told++);
		fact(key, "pfn=0x%lx flags=0x%llx", s.area.base + i,
		     (unsigned long long)flags_of(s.area.base + i));
	}
	free(owners);
}

/* How many pages a driver can have when nobody else wants any. */
static unsigned long take_all(void)
{
	unsigned long piece = WHOLE_PIECE, got = 0, rest;

	rest = s.area.count - area_attr(&s.area, "used");
	while (piece && got < rest) {
		if (piece <= rest - got && !area_put(&s.area, "alloc", piece))
			got += piece;
		else
			piece /= 2;
	}
	if (got && area_put(&s.area, "free", got))
		check(false, "cannot free %lu pages", got);
	return got;
}

/* A file system that is mounted has buffers of its own, which do not move. */
static void leave_files(void)
{
	umount(SCRATCH);
	check(!umount("/data"), "/data is still in use: %m");
}

static void tell_lost(unsigned long long used)
{
	unsigned long gone = poisoned(), want = s.area.count - used - gone, got;
	unsigned int tries;

	for (tries = 0, got = 0; tries < 5 && got < want; tries++) {
		put("/proc/sys/vm/drop_caches", "3");
		usleep(100000);
		got = take_all();
	}
	fact("stress.area", "pages=%lu poisoned=%lu want=%lu got=%lu lost=%ld",
	     s.area.count, gone, want, got, (long)(want - got));
	if (got < want)
		tell_left();
}

static void tell_jobs(void)
{
	char key[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		snprintf(key, sizeof(key), "stress.job.%s", jobs[i].name);
		fact(key, "rounds=%lu faults=%lu absent=%d", s.tally->rounds[i],
		     s.tally->faults[i], s.tally->absent[i]);
	}
	fact("stress.sum",
	     "allocs=%lu refused=%lu buffers=%lu no_buffer=%lu swapped=%llu moved=%llu poisoned_kb=%llu",
	     s.tally->allocs, s.tally->refused, s.tally->buffers,
	     s.tally->no_buffer, field("/proc/vmstat", "pswpout"),
	     field("/proc/vmstat", "pgmigrate_success"),
	     meminfo_kb("HardwareCorrupted:"));
}

/* With large pages, the kernel wants much more to be free, and programs take more. */
static void fill_outside(void)
{
	unsigned long long free_kb = meminfo_kb("MemFree:") - cma_free_kb();
	unsigned long long spare_kb = bench_option("stress_spare", 96) * 1024;

	spare_kb += 2 * number("/proc/sys/vm/min_free_kbytes") +
		    SPARE_PAGES * page_size() / 1024;

	if (free_kb > spare_kb)
		s.hog = hog_take((free_kb - spare_kb) * 1024, true);
}

static void empty_outside(void)
{
	unsigned long bad = hog_bad_pages(s.hog);

	check(!bad, "%lu pages of the program have other contents", bad);
	hog_drop(s.hog);
}

static void begin(void)
{
	s.area = area_default();
	s.tally = mmap(NULL, sizeof(*s.tally), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.tally == MAP_FAILED)
		die("cannot map the tally: %m");
	s.sample = sample_load();
	data_mount();
	mkdir(SCRATCH, 0755);
	mount("/dev/vdb", SCRATCH, "ext4", MS_NOATIME, NULL);
	zram_on(SWAP_BYTES);
	/*
	 * One event of fragmentation puts a pageblock out of reach. With pages of 64K
	 * that is 512 MiB, beside which both kernels end with a panic.
	 */
	if (page_size() > 16384)
		put("/proc/sys/vm/watermark_boost_factor", "0");
	fill_outside();
}

/* What an evacuation works on counts as used, for a moment. */
static unsigned long long used_at_rest(void)
{
	unsigned long long used = area_attr(&s.area, "used"), now;
	unsigned int looks;

	for (looks = 0; looks < 20; looks++) {
		usleep(10000);
		now = area_attr(&s.area, "used");
		if (now < used)
			used = now;
	}
	return used;
}

void run_stress(void)
{
	unsigned long long used;

	begin();
	used = used_at_rest();
	oom_expected(true);
	run_jobs();
	oom_expected(false);
	put("/sys/kernel/mm/ksm/run", "2");
	empty_outside();
	zram_off();
	tell_jobs();
	leave_files();
	tell_lost(used);
	no_complaint();
}
