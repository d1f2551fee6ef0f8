// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=container: while a video is shown, a root file system is unpacked
 * into tmpfs. The video ends, and processes start, each with memory of its own,
 * a full pipe and a full socket; all of them live at the same time.
 *   container_tree=     the size of the file system in MiB [220]
 *   container_video=    what a driver holds until the video ends [400]
 *   container_buffer=   what a driver holds all the time [64]
 *   container_members=  how many processes [200]
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container.h"
#include "starve.h"

#define DIR "/tmp/tree"
#define MOST_MEMBERS 1000
#define PATIENCE_MS 20000
#define AFTER_BYTES (64 * MIB)

static struct container {
	struct area area;
	unsigned long buffer_pages;	/* that a driver holds at the end */
	unsigned int members;
	unsigned int alive;
	unsigned int killed;
	unsigned int failed;		/* ended with a status of their own */
	unsigned int good;		/* found their memory unchanged */
	unsigned long long kernel_kb, anon_kb, shmem_kb, left_kb, cma_left_kb;
	int ready[2];
	int go[2];
} t;

static void __noreturn become_member(unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	dup2(t.go[0], STDIN_FILENO);
	dup2(t.ready[1], STDOUT_FILENO);
	close(t.go[1]);
	put("/proc/self/oom_score_adj", "0");
	execl("/init", "member", text, (char *)NULL);
	_exit(1);
}

/* Whoever ends before its time was killed, or did not get what it wanted. */
static bool someone_ended(void)
{
	int status;

	if (waitpid(-1, &status, WNOHANG) <= 0)
		return false;
	if (WIFSIGNALED(status))
		t.killed++;
	else
		t.failed++;
	return true;
}

static bool start_one(void)
{
	struct pollfd ready = { .fd = t.ready[0], .events = POLLIN };
	pid_t child = fork();
	unsigned int waited;
	char byte;

	if (!child)
		become_member(t.alive);
	if (child < 0)
		return false;
	for (waited = 0; waited < PATIENCE_MS; waited += 100) {
		if (poll(&ready, 1, 100) == 1 && read(t.ready[0], &byte, 1) == 1)
			return !someone_ended();
		if (someone_ended())
			return false;
	}
	return false;
}

static void start_all(void)
{
	if (pipe(t.ready) || pipe(t.go))
		die("cannot make a pipe: %m");
	while (t.alive < t.members && start_one())
		t.alive++;
}

/* Where the memory is while all of them are alive. */
static void look(void)
{
	t.kernel_kb = meminfo_kb("Slab:") + meminfo_kb("PageTables:") +
		      meminfo_kb("KernelStack:");
	t.anon_kb = meminfo_kb("AnonPages:");
	t.shmem_kb = meminfo_kb("Shmem:");
	t.left_kb = meminfo_kb("MemFree:");
	t.cma_left_kb = cma_free_kb();
}

static void tell(void)
{
	unsigned long piped = t.alive * (MEMBER_PIPE_BYTES +
					 MEMBER_SOCKET_BYTES) / MIB;

	fact("container.members", "wanted=%u alive=%u killed=%u failed=%u good=%u",
	     t.members, t.alive, t.killed, t.failed, t.good);
	fact("container.memory",
	     "unmovable_mib=%llu anon_mib=%llu shmem_mib=%llu free_mib=%llu cma_free_mib=%llu",
	     t.kernel_kb / 1024 + piped, t.anon_kb / 1024, t.shmem_kb / 1024,
	     t.left_kb / 1024, t.cma_left_kb / 1024);
}

/* They look at their memory once more, and tell by their exit status. */
static unsigned int end_all(void)
{
	unsigned int good = 0;
	int status;

	close(t.go[1]);
	while (wait(&status) > 0)
		good += WIFEXITED(status) && !WEXITSTATUS(status);
	return good;
}

static unsigned long hold(const char *option, unsigned long mib)
{
	unsigned long pages = bench_option(option, mib) * MIB / page_size();

	if (pages)
		check(!area_put(&t.area, "alloc", pages),
		      "the driver gets no buffer of %lu pages", pages);
	return pages;
}

static void release(unsigned long pages)
{
	if (pages)
		check(!area_put(&t.area, "free", pages),
		      "the driver cannot release %lu pages", pages);
}

/* What is held last is released first. */
static void begin(void)
{
	unsigned long video_pages;

	t.members = bench_option("container_members", 200);
	if (t.members > MOST_MEMBERS)
		die("at most %u members", MOST_MEMBERS);
	t.area = area_default();
	t.buffer_pages = hold("container_buffer", 64);
	video_pages = hold("container_video", 400);
	tree_unpack(DIR, bench_option("container_tree", 220) * MIB);
	release(video_pages);
}

/* As soon as the processes are gone, there is memory for a driver again. */
static int after(void)
{
	unsigned long pages = AFTER_BYTES / page_size();
	int ret = area_put(&t.area, "alloc", pages);

	if (!ret)
		release(pages);
	release(t.buffer_pages);
	return ret;
}

void run_container(void)
{
	int ret;

	begin();
	oom_expected(true);
	start_all();
	look();
	t.good = end_all();
	ret = after();
	oom_expected(false);
	tell();
	fact("container.after_ret", "%d", ret);
	fact("container.bad_files", "%lu", tree_bad_files(DIR));
	no_complaint();
}
