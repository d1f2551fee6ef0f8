/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel shows of an area. Any file may be missing: then the numbers
 * that need it are NOT_KNOWN. A file that makes no sense counts as missing,
 * after one message.
 */
#ifndef CMA_AREA_H
#define CMA_AREA_H

#include <linux/bits.h>

#include "../../../mm/cma/lib/bitmap.h"
#include "source.h"

/* More pages than any machine has, yet few enough to count their bytes. */
#define AREA_PAGES_MAX BIT_ULL(40)

/**
 * enum area_number - the files that hold one number each
 * @AREA_BASE_PFN: first pfn
 * @AREA_COUNT: pages
 * @AREA_ORDER: a slot is 2^order pages
 * @AREA_USED: pages held
 * @AREA_MAXCHUNK: longest run of pages that are not held
 * @AREA_ALLOCATED: pages given since boot
 * @AREA_REFUSED: pages asked for and not given since boot
 * @AREA_RELEASED: pages given back since boot
 * @AREA_TOTAL: pages
 * @AREA_HELD: pages held
 * @AREA_PEAK: most pages that were ever held
 * @AREA_LARGEST: longest run of pages that are not held
 * @AREA_READY: pages that are free, and ready for who comes next
 * @AREA_FAIL_TOO_BIG: the first of the failed calls by cause
 * @AREA_FAIL_FULL: calls; as in &AREA_FAIL_TOO_BIG
 * @AREA_FAIL_FRAGMENTED: calls
 * @AREA_FAIL_BUSY: calls
 * @AREA_FAIL_NO_MEMORY: calls
 * @AREA_FAIL_INTERRUPTED: calls
 * @AREA_FAIL_OUT_OF_REACH: calls
 * @AREA_FAIL_INVALID: calls; the last of the causes
 * @AREA_NUMBERS: how many files
 */
enum area_number {
	AREA_BASE_PFN,
	AREA_COUNT,
	AREA_ORDER,
	AREA_USED,
	AREA_MAXCHUNK,
	AREA_ALLOCATED,
	AREA_REFUSED,
	AREA_RELEASED,
	AREA_TOTAL,
	AREA_HELD,
	AREA_PEAK,
	AREA_LARGEST,
	AREA_READY,
	AREA_FAIL_TOO_BIG,
	AREA_FAIL_FULL,
	AREA_FAIL_FRAGMENTED,
	AREA_FAIL_BUSY,
	AREA_FAIL_NO_MEMORY,
	AREA_FAIL_INTERRUPTED,
	AREA_FAIL_OUT_OF_REACH,
	AREA_FAIL_INVALID,
	AREA_NUMBERS,
};

/**
 * struct area - one area; pages unless said
 * @name: of its directories, any bytes
 * @label: @name, safe for a terminal
 * @page_size: bytes of a page
 * @number: what the files say
 * @base_pfn: first pfn
 * @pages: how large
 * @held: held now
 * @peak: most that was ever held
 * @largest: longest run that is not held
 * @fail_calls: allocations that failed, in calls
 * @has_slots: is @slots known?
 * @slots: which slots are held
 */
struct area {
	const char *name;
	char *label;
	u64 page_size;
	u64 number[AREA_NUMBERS];
	u64 base_pfn;
	u64 pages;
	u64 held;
	u64 peak;
	u64 largest;
	u64 fail_calls;
	bool has_slots;
	struct cma_bitmap slots;
};

/**
 * struct areas - the areas that a command is about
 * @area: the areas, by name
 * @nr: how many, at least 1
 */
struct areas {
	struct area *area;
	size_t nr;
};

struct areas areas_get(const char *name);
bool areas_explain(const char *lacks);
void area_load(struct area *area, const char *name, u64 page_size);
void area_load_slots(struct area *area);
char *area_file(const struct area *area, const char *file);
int area_read(const struct area *area, const char *file, struct text *text);
char *area_size(const struct area *area, u64 pages);
const char *area_cause(enum area_number number);

#endif /* CMA_AREA_H */
