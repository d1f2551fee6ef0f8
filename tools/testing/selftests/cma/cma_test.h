/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the selftests of contiguous memory areas share: which areas there are, what the
 * kernel shows of them, and memory of a program that lies in one.
 *
 * A number that is read is a long long; a negative one is an errno, such as -ENOENT.
 * Pages that somebody else allocated through debugfs may be given back by these tests.
 */
#ifndef CMA_TEST_H
#define CMA_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CMA_MAX_AREAS	64
#define CMA_MAX_NAME	96

#define CMA_DEBUGFS_DIR	"/sys/kernel/debug/cma"
#define CMA_SYSFS_DIR	"/sys/kernel/mm/cma"
#define CMA_TRACE_DIR	"/sys/kernel/tracing"

/* Pages of a program that tests look at, and what one page begins with. */
#define CMA_MEMORY_PAGES	256

struct cma_area {
	char name[CMA_MAX_NAME];	/* of its directories */
	char said[CMA_MAX_NAME];	/* in the log and in trace events */
	unsigned long base;
	unsigned long count;
	unsigned int order;		/* of pages in a slot, that is a bit of the bitmap */
	long long used;			/* when the area was found */
};

struct cma_areas {
	unsigned int count;
	struct cma_area at[CMA_MAX_AREAS];
};

/* Memory of this program: @inside of its CMA_MEMORY_PAGES pages lay in the area. */
struct cma_memory {
	unsigned char *at;
	unsigned int inside;
};

/* What there is. The answer is NULL, or why the test cannot run here. */
const char *cma_find(struct cma_areas *areas);
const char *cma_find_sysfs(struct cma_areas *areas);
bool cma_is_quiet(const struct cma_areas *areas);
const struct cma_area *cma_largest(const struct cma_areas *areas);
void cma_give_back(const struct cma_areas *areas);

/* Files: text, numbers, the sum of the numbers that follow a word. */
char *cma_text(const char *path);
long long cma_number(const char *dir, const char *name, const char *file);
long long cma_field(const char *path, const char *word);
int cma_write(const char *path, const char *text);

/* Files of an area. */
long long cma_debugfs(const struct cma_area *a, const char *file);
long long cma_sysfs(const struct cma_area *a, const char *file);
bool cma_sysfs_has(const struct cma_area *a, const char *file);
int cma_put(const struct cma_area *a, const char *file, unsigned long long pages);
int cma_put_text(const struct cma_area *a, const char *file, const char *text);
int cma_sysfs_put(const struct cma_area *a, const char *file, const char *text);

/* Pages of an area. */
unsigned long cma_slots(const struct cma_area *a);
unsigned long cma_chunk(const struct cma_area *a);
unsigned char *cma_bitmap(const struct cma_area *a);
unsigned long cma_take_all(const struct cma_area *a);
unsigned long cma_make_gaps(const struct cma_area *a, unsigned long gaps);
long long cma_used_by_all(const struct cma_areas *areas);
unsigned long cma_page_size(void);

/* What the kernel says, from a moment on. */
int cma_log_open(void);
char *cma_log_read(int log);
const char *cma_trace_open(void);
char *cma_trace_read(void);
void cma_trace_close(void);
int cma_trace_enable(const char *event);

/* Memory of a program. */
const char *cma_borrow(const struct cma_area *a, struct cma_memory *memory);
unsigned long cma_pfn(const void *at);
bool cma_is_inside(const struct cma_area *a, unsigned long pfn);
unsigned int cma_count_inside(const struct cma_area *a, const void *at);
bool cma_is_intact(const struct cma_memory *memory);

#endif /* CMA_TEST_H */
