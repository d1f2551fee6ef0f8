// SPDX-License-Identifier: GPL-2.0
/* Memory of a program that must not move: pinned for long, or for a moment in a pipe. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "cma_test.h"
#include "kselftest_harness.h"

/* Requests that end in the window of the page that does not move. */
#define WINDOW		64
/* How often a request may try a window with the same page in it. */
#define MOST_TRIES	8
#define TRIES		20

FIXTURE(pin)
{
	struct cma_areas areas;
	const struct cma_area *a;
	struct cma_memory memory;
	int pipe[2];
};

FIXTURE_SETUP(pin)
{
	const char *why = cma_find(&self->areas);

	self->a = why ? NULL : cma_largest(&self->areas);
	if (!why && (!self->a || cma_chunk(self->a) < CMA_MEMORY_PAGES))
		why = "no area with slots of one page is free";
	why = why ?: cma_borrow(self->a, &self->memory);
	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, pipe2(self->pipe, O_CLOEXEC | O_NONBLOCK));
}

FIXTURE_TEARDOWN(pin)
{
	cma_trace_close();
	cma_give_back(&self->areas);
}

static int open_ring(void)
{
	struct io_uring_params params = { 0 };

	return syscall(SYS_io_uring_setup, 4, &params);
}

/* As buffers of a ring. Returns 0, or -1 and sets errno. */
static int pin_for_long(int ring, const struct cma_memory *memory)
{
	struct iovec buffer = { memory->at, CMA_MEMORY_PAGES * cma_page_size() };

	return syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1);
}

static unsigned int count_in_areas(const struct cma_areas *areas, const void *at)
{
	unsigned int i, inside = 0;

	for (i = 0; i < areas->count; i++)
		inside += cma_count_inside(&areas->at[i], at);
	return inside;
}

/* A page may be on its way for a moment. */
static unsigned long take_all(const struct cma_area *a, unsigned long pages)
{
	unsigned int tries = TRIES;
	unsigned long got;

	do
		got = cma_take_all(a);
	while (got < pages && tries-- && !usleep(50000));
	return got;
}

TEST_F_TIMEOUT(pin, what_is_pinned_for_long_leaves_the_area, 120)
{
	unsigned long rest = self->a->count - self->a->used;
	int ring = open_ring();

	if (ring < 0)
		SKIP(return, "no io_uring (CONFIG_IO_URING): %s", strerror(errno));
	ASSERT_EQ(0, pin_for_long(ring, &self->memory)) {
		TH_LOG("%s", strerror(errno));
	}
	EXPECT_EQ(0, count_in_areas(&self->areas, self->memory.at));
	EXPECT_TRUE(cma_is_intact(&self->memory));
	EXPECT_EQ(rest, take_all(self->a, rest));
	EXPECT_EQ(0, count_in_areas(&self->areas, self->memory.at));
	EXPECT_TRUE(cma_is_intact(&self->memory));
	close(ring);
}

TEST_F_TIMEOUT(pin, what_a_program_has_moves_for_a_driver, 120)
{
	unsigned long rest = self->a->count - self->a->used;

	EXPECT_EQ(rest, take_all(self->a, rest));
	EXPECT_TRUE(cma_is_intact(&self->memory));
}

/* The one with the lowest number, or NULL: they may have left since. */
static unsigned char *lowest_inside(const struct cma_area *a, const struct cma_memory *memory)
{
	unsigned long pfn, best_pfn = 0;
	unsigned char *best = NULL;
	unsigned int i;

	for (i = 0; i < CMA_MEMORY_PAGES; i++) {
		pfn = cma_pfn(memory->at + i * cma_page_size());
		if (!pfn || !cma_is_inside(a, pfn) || (best && pfn > best_pfn))
			continue;
		best_pfn = pfn;
		best = memory->at + i * cma_page_size();
	}
	return best;
}

/* Into the pipe, where it stays until it is read. Returns its number, 0 if there is none. */
static unsigned long pin_one(const struct cma_area *a, const struct cma_memory *memory,
			     const int pipe[2])
{
	unsigned char *page = lowest_inside(a, memory);
	struct iovec part = { page, cma_page_size() };

	if (!page || vmsplice(pipe[1], &part, 1, 0) != (ssize_t)cma_page_size())
		return 0;
	return cma_is_inside(a, cma_pfn(page)) ? cma_pfn(page) : 0;
}

static bool is_there(const struct cma_memory *memory, unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < CMA_MEMORY_PAGES; i++)
		if (cma_pfn(memory->at + i * cma_page_size()) == pfn)
			return true;
	return false;
}

TEST_F_TIMEOUT(pin, a_page_in_a_pipe_stays, 120)
{
	unsigned long pfn = pin_one(self->a, &self->memory, self->pipe);
	unsigned long rest = self->a->count - self->a->used;

	if (!pfn)
		SKIP(return, "no page of this program is in the area and in a pipe");
	EXPECT_EQ(-ENOMEM, cma_put(self->a, "alloc", rest));
	EXPECT_EQ(self->a->used, cma_debugfs(self->a, "used"));
	EXPECT_TRUE(is_there(&self->memory, pfn));
	EXPECT_TRUE(cma_is_intact(&self->memory));
}

TEST_F_TIMEOUT(pin, once_it_is_read_it_moves, 120)
{
	unsigned long rest = self->a->count - self->a->used;
	char page[65536];

	if (!pin_one(self->a, &self->memory, self->pipe))
		SKIP(return, "no page of this program is in the area and in a pipe");
	EXPECT_GT(rest, cma_take_all(self->a));
	ASSERT_EQ(cma_page_size(), read(self->pipe[0], page, sizeof(page)));
	EXPECT_EQ(rest, take_all(self->a, rest));
	EXPECT_TRUE(cma_is_intact(&self->memory));
}

TEST_F_TIMEOUT(pin, a_request_goes_around_a_page_in_a_pipe, 120)
{
	unsigned long pfn = pin_one(self->a, &self->memory, self->pipe);
	unsigned long pages = cma_chunk(self->a);
	unsigned char *bits;

	if (!pfn)
		SKIP(return, "no page of this program is in the area and in a pipe");
	ASSERT_EQ(0, cma_put(self->a, "alloc", pages));
	bits = cma_bitmap(self->a);
	ASSERT_TRUE(!!bits);
	EXPECT_EQ(0, bits[pfn - self->a->base]);
	EXPECT_TRUE(is_there(&self->memory, pfn));
	EXPECT_EQ(0, cma_put(self->a, "free", pages));
}

/* In how many windows of @pages that were found busy the page was. */
static unsigned int tries_with(char *trace, unsigned long pages, unsigned long pfn)
{
	char *line, *rest = NULL, *at;
	unsigned int tries = 0;

	for (line = strtok_r(trace, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned long start;

		at = strstr(line, "cma_alloc_busy_retry: ") ? strstr(line, " pfn=") : NULL;
		start = at ? strtoul(at + 5, NULL, 0) : pfn + 1;
		tries += start <= pfn && pfn - start < pages;
	}
	return tries;
}

/*
 * What lies before the page is held, so that a search which begins at the start of the
 * area comes to the page soon. Stock then goes on by one page, and meets it again.
 */
TEST_F_TIMEOUT(pin, a_search_goes_on_after_the_page, 120)
{
	unsigned long pfn = pin_one(self->a, &self->memory, self->pipe), before;
	const char *why = pfn ? cma_trace_open() : "no page of this program is in a pipe";
	char *trace;

	if (why)
		SKIP(return, "%s", why);
	before = pfn - self->a->base - self->a->used;
	if (pfn - self->a->base > self->a->used + WINDOW)
		ASSERT_EQ(0, cma_put(self->a, "alloc", before - WINDOW / 2));
	EXPECT_EQ(0, cma_put(self->a, "alloc", WINDOW));
	trace = cma_trace_read();
	ASSERT_TRUE(!!trace);
	ASSERT_TRUE(!!strstr(trace, "cma_alloc_finish: "));
	EXPECT_GT(MOST_TRIES, tries_with(trace, WINDOW, pfn));
}

TEST_HARNESS_MAIN
