// SPDX-License-Identifier: GPL-2.0
/*
 * "make run": what a contiguous area is good for, in five steps. Every line
 * that states something is measured, and checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "data.h"
#include "guest.h"

#define SEED 20240607
/* Regular memory that the system keeps, kB; the more, the less is lent. */
#define SPARE_KB (128 * 1024)
#define SMALL_KB (32 * 1024)

static struct story {
	struct area area;
	unsigned long long free_start;	/* CmaFree at the start, kB */
	unsigned long long free_filled;	/* with page cache in the area */
	struct hog hog;
	struct buffer buffer;
	double alloc_ms;
	unsigned long moved;		/* lent pages that made way */
} st;

static unsigned long long mib(unsigned long long kb)
{
	return kb / 1024;
}

/* Kernel lines start with "<6>[    0.000000] ". */
static void show_log_line(char *line)
{
	char *text = strstr(line, "] ");
	char *reserved;

	if (!text)
		return;
	text += 2;
	reserved = strstr(text, "cma-reserved");
	if (!strncmp(text, "cma: ", 5) || strstr(text, "CMA memory pool")) {
		say("  kernel: %s", text);
	} else if (!strncmp(text, "Memory: ", 8) && reserved) {
		for (reserved -= 2; *reserved != ' '; reserved--)
			;
		say("  kernel: %.*s(...%s", (int)strcspn(text, "("), text,
		    reserved);
		check(strtoull(reserved, NULL, 10) == meminfo_kb("CmaTotal:"),
		      "cma-reserved in the log is not CmaTotal");
	}
}

static void show_log(void)
{
	int size = 1 << 20;
	char *log = malloc(size);
	char *line, *next;
	int got;

	got = log ? klogctl(3, log, size - 1) : -1;
	if (got < 0)
		die("cannot read the kernel log: %m");
	log[got] = '\0';
	for (line = log; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		show_log_line(line);
	}
	free(log);
}

/* What was asked for, rounded up to pageblocks; 0 if the host cannot tell. */
static unsigned long long expected_kb(void)
{
	unsigned long long block_kb = pageblock_pages() * page_size() / 1024;
	const char *text = getenv("cma_expect_kb");
	unsigned long long kb = text ? strtoull(text, NULL, 10) : 0;

	return (kb + block_kb - 1) / block_kb * block_kb;
}

static void show_reserved(void)
{
	unsigned long long expect = expected_kb();
	unsigned long long total = meminfo_kb("CmaTotal:");
	struct area areas[MAX_AREAS];
	unsigned long pages = 0;
	unsigned int n = areas_read(areas), i;

	say("1. At boot, memory was reserved");
	show_log();
	st.free_start = cma_free_kb();
	for (i = 0; i < n; i++)
		pages += areas[i].count;
	say("  meminfo: CmaTotal %llu kB, CmaFree %llu kB; MemTotal %llu kB",
	    total, st.free_start, meminfo_kb("MemTotal:"));
	check(!expect || total == expect,
	      "CmaTotal is %llu kB, asked for was %llu kB", total, expect);
	check(total == pages * page_size() / 1024,
	      "CmaTotal is %llu kB, the areas add up to %lu pages", total,
	      pages);
	st.area = area_default();
	fact("story.cma_total_kb", "%llu", total);
	map_print(&st.area, "the area now");
	map_legend(&st.area);
}

/*
 * The page allocator may well use the area only when regular memory gets
 * scarcer than what is free in the area, so a program takes the difference.
 */
static void use_regular_memory(void)
{
	unsigned long long regular = meminfo_kb("MemFree:") - st.free_start;
	unsigned long long spare = st.free_start + SPARE_KB;

	if (regular <= spare)
		return;
	st.hog = hog_take((regular - spare) * 1024, true);
	say("  a program uses %lu MiB of the regular memory",
	    st.hog.pages * page_size() / MIB);
}

/*
 * A quarter of the area, or of the data if that is less. Into an area as small
 * as the watermarks the page allocator may well put nothing.
 */
static unsigned long long enough_kb(void)
{
	unsigned long long data_kb = DATA_FILES * (DATA_FILE_BYTES / 1024);

	if (st.free_start < SMALL_KB)
		return 0;
	return (st.free_start < data_kb ? st.free_start : data_kb) / 4;
}

static void fill_area(void)
{
	double start;
	unsigned long good;

	say("2. Until a driver needs it, the area is lent: to page cache");
	use_regular_memory();
	start = now();
	good = data_read_all();
	st.free_filled = cma_free_kb();
	say("  read %lu MiB from ext4 in %.1f s: CmaFree %llu -> %llu MiB",
	    good / MIB, now() - start, mib(st.free_start),
	    mib(st.free_filled));
	check(good == DATA_FILES * DATA_FILE_BYTES,
	      "only %lu bytes read from ext4 were right", good);
	check(st.free_start - st.free_filled >= enough_kb(),
	      "the area did not fill: CmaFree still %llu kB", st.free_filled);
	fact("story.free_filled_kb", "%llu", st.free_filled);
	map_print(&st.area, "the area with page cache");
}

static unsigned long buffer_bytes(void)
{
	unsigned long want = 64 * MIB;
	unsigned long most = st.area.count * page_size() / 2;

	while (want > most)
		want /= 2;
	return want;
}

static void check_buffer(const unsigned char *before,
			 const unsigned char *after)
{
	const struct buffer *b = &st.buffer;
	unsigned long base = st.area.base;
	struct range r = { b->pfn.first - base, b->pfn.end - base };

	check(b->contiguous, "the buffer is not physically contiguous");
	check(b->translated, "the DMA address does not match the pages");
	if (!check(b->pfn.first >= base && r.end <= st.area.count,
		   "the buffer is not inside the area"))
		return;
	check(count_owner(after, r, PAGE_HELD) == r.end - r.first,
	      "pages of the buffer are not marked as held");
	check(!count_owner(before, r, PAGE_HELD),
	      "pages of the buffer were held already");
	st.moved = count_owner(before, r, PAGE_LENT);
	say("  %lu of its %lu pages were lent, and were emptied for it",
	    st.moved, r.end - r.first);
}

static void take_buffer(void)
{
	unsigned char *before = area_owners(&st.area), *after;
	unsigned long size = buffer_bytes();
	struct buffer *b = &st.buffer;
	double start = now();
	int ret;

	say("3. A driver calls dma_alloc_coherent() for %lu MiB", size / MIB);
	ret = sample_alloc(0, size, b);
	st.alloc_ms = (now() - start) * 1000;
	if (!check(!ret && b->size == size, "no buffer: error %d", ret))
		return;
	after = area_owners(&st.area);
	say("  %.0f ms: DMA address 0x%llx, pfn 0x%lx-0x%lx, %scontiguous",
	    st.alloc_ms, b->dma, b->pfn.first, b->pfn.end,
	    b->contiguous ? "" : "NOT ");
	check_buffer(before, after);
	ret = sample_fill(0, SEED);
	if (check(!ret, "cannot write the buffer: error %d", ret) &&
	    sample_verify(0))
		say("  wrote a pattern to all of it, and read it back");
	map_print(&st.area, "the area with the driver's buffer");
	free(before);
	free(after);
}

static void check_intact(void)
{
	unsigned long good, bad = 0;

	say("4. Nobody else lost anything");
	good = data_read_all();
	check(good == DATA_FILES * DATA_FILE_BYTES,
	      "a file read again differs: %lu bytes right", good);
	if (st.hog.pages)
		bad = hog_bad_pages(st.hog);
	check(!bad, "%lu pages of the program changed", bad);
	say("  %lu MiB of files read again: right; %lu MiB of program: right",
	    good / MIB, st.hog.pages * page_size() / MIB);
	sample_verify(0);
}

static void release_all(void)
{
	int ret = sample_free(0);

	say("5. The driver frees its buffer, and the caches are dropped");
	check(!ret, "cannot free the buffer: error %d", ret);
	if (st.hog.pages)
		hog_drop(st.hog);
	settle(&st.area, st.free_start);
	say("  CmaFree %llu kB, per-CPU lists %llu kB; at the start %llu kB",
	    cma_free_kb(), pcp_kb(), st.free_start);
	/* Needs room to move what little others have in the area. */
	if (meminfo_kb("CmaTotal:") <= meminfo_kb("MemTotal:") / 2 &&
	    whole_area_free(&st.area))
		say("  and each page of it can be allocated again");
	map_print(&st.area, "the area at the end");
}

void run_story(void)
{
	const char *why;

	data_mount();
	sample_need();
	show_reserved();
	fill_area();
	take_buffer();
	check_intact();
	release_all();
	why = first_failure();
	if (why)
		say("VERDICT: FAILED: %s", why);
	else
		say("VERDICT: OK: %lu MiB in one piece after %.0f ms, %lu lent pages made way",
		    st.buffer.size / MIB, st.alloc_ms, st.moved);
}
