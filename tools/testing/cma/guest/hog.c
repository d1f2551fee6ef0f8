// SPDX-License-Identifier: GPL-2.0
/*
 * Anonymous memory with known contents: a program that uses memory. Each page
 * starts with its number and goes on with its own part of one random sequence,
 * so that no two pages are equal.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "data.h"
#include "guest.h"

#define SEQUENCE_WORDS 131072UL
#define STRIDE_WORDS 61
#define REPEAT_WORDS 128

static uint64_t sequence[SEQUENCE_WORDS];
static unsigned long period = SEQUENCE_WORDS;

/* What belongs behind the number in page @i. */
static const uint64_t *contents(unsigned long i)
{
	unsigned long words = page_size() / sizeof(*sequence);
	unsigned long at = i * STRIDE_WORDS % (SEQUENCE_WORDS - words);

	return sequence + at;
}

static uint64_t *page(struct hog h, unsigned long i)
{
	return h.addr + i * (page_size() / sizeof(*h.addr));
}

/* For the next to be taken: pages that can be compressed, though all differ. */
void hog_repeat(bool repeat)
{
	period = repeat ? REPEAT_WORDS : SEQUENCE_WORDS;
}

/* Memory of a program that never looks at it again. */
void hog_idle(unsigned long bytes)
{
	if (bytes && mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
		die("cannot map %lu bytes: %m", bytes);
}

/* @huge saves most of the page faults, where the size of pages is no matter. */
struct hog hog_take(unsigned long bytes, bool huge)
{
	struct hog h = { .pages = bytes / page_size() };
	unsigned long i;

	for (i = 0; i < SEQUENCE_WORDS; i++)
		sequence[i] = data_word(DATA_FILES, i % period);
	h.addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h.addr == MAP_FAILED)
		die("cannot map %lu bytes: %m", bytes);
	if (huge)
		madvise(h.addr, bytes, MADV_HUGEPAGE);
	for (i = 0; i < h.pages; i++) {
		memcpy(page(h, i), contents(i), page_size());
		*page(h, i) = i;
	}
	return h;
}

/*
 * What is allocated next is in the areas. The sysctl says so; stock has none, and
 * lends what is free in areas once less than that is free elsewhere.
 */
struct hog hog_lend_early(void)
{
	unsigned long long free_kb = meminfo_kb("MemFree:");
	unsigned long long area_kb = cma_free_kb();

	if (!put("/proc/sys/vm/cma_lend_percent", "400"))
		return (struct hog){ NULL, 0 };
	return hog_take((free_kb - area_kb / 2) * 1024, false);
}

bool hog_page_is_bad(struct hog h, unsigned long i)
{
	return *page(h, i) != i ||
	       memcmp(page(h, i) + 1, contents(i) + 1,
		      page_size() - sizeof(*h.addr));
}

unsigned long hog_bad_pages(struct hog h)
{
	unsigned long i, bad = 0;

	for (i = 0; i < h.pages; i++)
		bad += hog_page_is_bad(h, i);
	return bad;
}

void hog_drop(struct hog h)
{
	if (h.addr)
		munmap(h.addr, h.pages * page_size());
}
