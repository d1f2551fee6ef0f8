// SPDX-License-Identifier: GPL-2.0
/* Buffers for programs: /dev/dma_heap/<area>. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>

#include "cma_test.h"
#include "kselftest_harness.h"

#define HEAP_DIR	"/dev/dma_heap"
/* The default area has a heap of this name beside the one of its own. */
#define DEFAULT_HEAP	"default_cma_region"
#define MAX_HEAPS	64
#define SMALLEST	(4ul << 10)
#define LARGEST		(64ul << 20)
#define BUFFER		(256ul << 10)
#define TRIES		50

struct heap {
	char name[256];
	int fd;
	const struct cma_area *area;	/* NULL for the default area under its other name */
};

FIXTURE(heap)
{
	struct cma_areas areas;
	struct heap heaps[MAX_HEAPS];
	unsigned int count;
	long long used;			/* by all areas */
};

/* A heap of another kind, such as "system", is none of ours. */
static bool open_heap(struct heap *heap, const char *name, const struct cma_areas *areas)
{
	char path[sizeof(heap->name) + sizeof(HEAP_DIR)];
	unsigned int i;

	heap->area = NULL;
	for (i = 0; i < areas->count; i++)
		if (!strcmp(areas->at[i].name, name))
			heap->area = &areas->at[i];
	if (!heap->area && strcmp(name, DEFAULT_HEAP))
		return false;
	snprintf(heap->name, sizeof(heap->name), "%s", name);
	snprintf(path, sizeof(path), HEAP_DIR "/%s", heap->name);
	heap->fd = open(path, O_RDONLY | O_CLOEXEC);
	return heap->fd >= 0;
}

FIXTURE_SETUP(heap)
{
	const char *why = cma_find(&self->areas);
	DIR *dir = opendir(HEAP_DIR);
	struct dirent *entry;

	if (why)
		SKIP(return, "%s", why);
	if (!dir)
		SKIP(return, "no " HEAP_DIR " (CONFIG_DMABUF_HEAPS)");
	while ((entry = readdir(dir)) && self->count < MAX_HEAPS)
		self->count += open_heap(&self->heaps[self->count], entry->d_name, &self->areas);
	closedir(dir);
	if (!self->count)
		SKIP(return, "no area has a heap (CONFIG_DMABUF_HEAPS_CMA)");
	self->used = cma_used_by_all(&self->areas);
}

FIXTURE_TEARDOWN(heap)
{
}

/* The descriptor of a buffer, or a negative errno. */
static int allocate(const struct heap *heap, size_t len)
{
	struct dma_heap_allocation_data data = { .len = len, .fd_flags = O_RDWR | O_CLOEXEC };

	return ioctl(heap->fd, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : (int)data.fd;
}

static unsigned char *map(int buffer, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);

	return at == MAP_FAILED ? NULL : at;
}

static bool is_all(const unsigned char *at, unsigned char value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (at[i] != value)
			return false;
	return true;
}

static unsigned long pages_for(size_t len)
{
	return (len + cma_page_size() - 1) / cma_page_size();
}

/* Who maps a buffer, and how it is freed, decides when: that may take a moment. */
static bool is_back(const struct cma_areas *areas, long long used)
{
	unsigned int tries = TRIES;

	while (cma_used_by_all(areas) != used && tries--)
		usleep(10000);
	return cma_used_by_all(areas) == used;
}

/* The largest buffer to ask for: half of the longest gap. */
static size_t limit(const struct cma_areas *areas, const struct heap *heap)
{
	unsigned long long most = 0;
	unsigned int i;

	for (i = 0; i < areas->count; i++) {
		long long gap = cma_debugfs(&areas->at[i], "maxchunk");

		/* Which area is the default one is not known: as much as all can give. */
		if (heap->area == &areas->at[i] || (!heap->area && (!most || gap < most)))
			most = gap;
	}
	most = most * cma_page_size() / 2;
	return most < LARGEST ? most : LARGEST;
}

TEST_F_TIMEOUT(heap, buffers_of_all_sizes_come_and_go, 120)
{
	unsigned int i;
	size_t len;

	for (i = 0; i < self->count; i++) {
		const struct heap *heap = &self->heaps[i];

		ASSERT_LE(SMALLEST, limit(&self->areas, heap));
		for (len = SMALLEST; len <= limit(&self->areas, heap); len *= 4) {
			int buffer = allocate(heap, len);

			ASSERT_LE(0, buffer) {
				TH_LOG("%s: %zu bytes", heap->name, len);
			}
			EXPECT_EQ(self->used + pages_for(len), cma_used_by_all(&self->areas));
			close(buffer);
			EXPECT_TRUE(is_back(&self->areas, self->used));
		}
	}
}

TEST_F(heap, a_buffer_is_whole_pages)
{
	unsigned int i;

	for (i = 0; i < self->count; i++) {
		size_t len = 2 * cma_page_size() + 1;
		int buffer = allocate(&self->heaps[i], len);
		long long more = cma_used_by_all(&self->areas) - self->used;

		ASSERT_LE(0, buffer);
		EXPECT_EQ(pages_for(len), more);
		EXPECT_EQ(pages_for(len) * cma_page_size(), lseek(buffer, 0, SEEK_END));
		close(buffer);
		EXPECT_TRUE(is_back(&self->areas, self->used));
	}
}

/* Also when the pages were in use just before. */
TEST_F(heap, a_buffer_is_zero)
{
	unsigned int i, round;

	for (i = 0; i < self->count; i++) {
		for (round = 0; round < 4; round++) {
			int buffer = allocate(&self->heaps[i], BUFFER);
			unsigned char *at;

			ASSERT_LE(0, buffer);
			at = map(buffer, BUFFER);
			ASSERT_TRUE(!!at);
			EXPECT_TRUE(is_all(at, 0, BUFFER));
			memset(at, 0xa5, BUFFER);
			munmap(at, BUFFER);
			close(buffer);
		}
		EXPECT_TRUE(is_back(&self->areas, self->used));
	}
}

/* Reads what the parent wrote, and answers. */
static void __attribute__((noreturn)) answer(int buffer)
{
	unsigned char *at = map(buffer, BUFFER);

	if (!at || !is_all(at, 0x11, BUFFER))
		_exit(1);
	memset(at, 0x22, BUFFER);
	_exit(0);
}

TEST_F(heap, a_child_shares_the_buffer)
{
	unsigned int i;

	for (i = 0; i < self->count; i++) {
		int buffer = allocate(&self->heaps[i], BUFFER), status = -1;
		unsigned char *at;
		pid_t child;

		ASSERT_LE(0, buffer);
		at = map(buffer, BUFFER);
		ASSERT_TRUE(!!at);
		memset(at, 0x11, BUFFER);
		child = fork();
		if (!child)
			answer(buffer);
		EXPECT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_TRUE(is_all(at, 0x22, BUFFER));
		munmap(at, BUFFER);
		close(buffer);
		EXPECT_TRUE(is_back(&self->areas, self->used));
	}
}

TEST_F(heap, a_mapping_keeps_the_buffer)
{
	unsigned int i;

	for (i = 0; i < self->count; i++) {
		int buffer = allocate(&self->heaps[i], BUFFER);
		unsigned char *at;

		ASSERT_LE(0, buffer);
		at = map(buffer, BUFFER);
		ASSERT_TRUE(!!at);
		close(buffer);
		memset(at, 0x33, BUFFER);
		EXPECT_EQ(self->used + pages_for(BUFFER), cma_used_by_all(&self->areas));
		EXPECT_TRUE(is_all(at, 0x33, BUFFER));
		munmap(at, BUFFER);
		EXPECT_TRUE(is_back(&self->areas, self->used));
	}
}

TEST_F(heap, what_a_killed_program_had_comes_back)
{
	unsigned int i;
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	for (i = 0; i < self->count; i++) {
		int status, got = -1;
		pid_t child = fork();

		if (!child) {
			got = allocate(&self->heaps[i], BUFFER);
			write(pipes[1], &got, sizeof(got));
			pause();
		}
		ASSERT_EQ(sizeof(got), read(pipes[0], &got, sizeof(got)));
		EXPECT_LE(0, got);
		EXPECT_EQ(self->used + pages_for(BUFFER), cma_used_by_all(&self->areas));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		EXPECT_TRUE(is_back(&self->areas, self->used));
	}
}

TEST_F(heap, more_than_the_area_is_refused)
{
	unsigned int i, k;

	for (i = 0; i < self->count; i++) {
		unsigned long most = 0;

		for (k = 0; k < self->areas.count; k++)
			if (self->areas.at[k].count > most)
				most = self->areas.at[k].count;
		if (most >= SIZE_MAX / cma_page_size() - 1)
			continue;
		EXPECT_EQ(-ENOMEM, allocate(&self->heaps[i], (most + 1) * cma_page_size()));
		EXPECT_EQ(self->used, cma_used_by_all(&self->areas));
	}
}

TEST_F(heap, senseless_requests_are_refused)
{
	struct dma_heap_allocation_data odd = { .len = BUFFER, .fd_flags = O_APPEND };
	struct dma_heap_allocation_data flags = {
		.len = BUFFER, .fd_flags = O_RDWR, .heap_flags = 1ull << 63,
	};
	unsigned int i;

	for (i = 0; i < self->count; i++) {
		EXPECT_EQ(-EINVAL, allocate(&self->heaps[i], 0));
		EXPECT_EQ(-1, ioctl(self->heaps[i].fd, DMA_HEAP_IOCTL_ALLOC, &odd));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, ioctl(self->heaps[i].fd, DMA_HEAP_IOCTL_ALLOC, &flags));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(self->used, cma_used_by_all(&self->areas));
}

TEST_HARNESS_MAIN
