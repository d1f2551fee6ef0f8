/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds what, what is in each pageblock, and what failed: the files that
 * have a line for each.
 */
#ifndef CMA_DETAIL_H
#define CMA_DETAIL_H

#include "area.h"

/**
 * enum block_kind - what the pages of a pageblock are
 * @BLOCK_HELD: given to drivers
 * @BLOCK_FREE: on the free lists
 * @BLOCK_IDLE: nearly free
 * @BLOCK_CLEAN: lent to page cache that can be dropped
 * @BLOCK_MOVABLE: lent, and would have to be moved
 * @BLOCK_STUCK: look pinned
 * @BLOCK_KINDS: how many kinds
 */
enum block_kind {
	BLOCK_HELD,
	BLOCK_FREE,
	BLOCK_IDLE,
	BLOCK_CLEAN,
	BLOCK_MOVABLE,
	BLOCK_STUCK,
	BLOCK_KINDS,
};

/**
 * struct block - a pageblock
 * @pfn: its first pfn
 * @pages: how many pages
 * @nr: how many of them are of which kind
 */
struct block {
	u64 pfn;
	u64 pages;
	u64 nr[BLOCK_KINDS];
};

/**
 * struct holder - an allocation that is held
 * @pfn: its first pfn
 * @pages: how many
 * @align: its first pfn was to be a multiple of 2^@align, or NOT_KNOWN
 * @age_ms: since when, or NOT_KNOWN
 * @pid: who asked for it, or NOT_KNOWN
 * @task: the name of who asked, or "-"
 * @name: device or function that it is for, or "unknown"
 */
struct holder {
	u64 pfn;
	u64 pages;
	u64 align;
	u64 age_ms;
	u64 pid;
	const char *task;
	const char *name;
};

/**
 * struct failure - an allocation that failed
 * @text: what the kernel says, some lines
 * @cause: AREA_FAIL_TOO_BIG to AREA_FAIL_INVALID, or AREA_NUMBERS
 * @wanted: pages asked for, or NOT_KNOWN
 * @held: pages held at that time, or NOT_KNOWN
 */
struct failure {
	struct span text;
	enum area_number cause;
	u64 wanted;
	u64 held;
};

/**
 * struct detail - all lines of a file
 * @is_known: was there such a file?
 * @nr: how many of what follows
 * @room: how many fit
 * @block: from "map", by pfn, or
 * @holder: from "holders", by pfn, or
 * @failure: from "failures", oldest first
 */
struct detail {
	bool is_known;
	size_t nr;
	size_t room;
	union {
		struct block *block;
		struct holder *holder;
		struct failure *failure;
	};
};

u64 block_rest(const struct block *block);
struct detail detail_blocks(const struct area *area);
struct detail detail_holders(const struct area *area);
struct detail detail_failures(const struct area *area);

#endif /* CMA_DETAIL_H */
