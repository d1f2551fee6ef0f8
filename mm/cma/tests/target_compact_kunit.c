// SPDX-License-Identifier: GPL-2.0
/*
 * target.c: when the page allocator may compact for a large folio.
 */
#include <kunit/test-bug.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/vmstat.h>
/* It includes nothing that it needs. */
#include <linux/compaction.h>

#include "../../internal.h"
#include "../engine.h"
#include "model.h"

/* All is free that was, areas included, but for the first page of each chunk. */
static void target_compact_break_chunks(struct list_head *firsts)
{
	gfp_t gfp = (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | __GFP_NOWARN |
		    __GFP_MEMALLOC;
	struct page *page, *next;
	unsigned long i;

	while ((page = alloc_pages(gfp, MAX_PAGE_ORDER)))
		list_add(&page->lru, firsts);
	list_for_each_entry_safe(page, next, firsts, lru) {
		split_page(page, MAX_PAGE_ORDER);
		for (i = 1; i < MAX_ORDER_NR_PAGES; i++)
			__free_page(page + i);
	}
}

/* Ask for a large folio; returns whether the page allocator compacted for it. */
static bool target_compact_happens_for(struct folio *src, long isolated,
				       enum cma_targets_from from)
{
	struct kunit *test = kunit_get_current_test();
	unsigned long before = cma_levels_events(test)[COMPACTSTALL];
	struct cma_targets targets;
	struct folio *dst;

	mod_node_page_state(folio_pgdat(src), NR_ISOLATED_ANON, isolated);
	cma_levels_fold();
	cma_targets_open(&targets, folio_zone(src), from,
			 GFP_USER | __GFP_MOVABLE | __GFP_RETRY_MAYFAIL);
	dst = cma_target_get(src, (unsigned long)&targets);
	KUNIT_EXPECT_NULL(test, dst);
	if (dst)
		folio_put(dst);
	cma_targets_close(&targets);
	mod_node_page_state(folio_pgdat(src), NR_ISOLATED_ANON, -isolated);
	return cma_levels_events(test)[COMPACTSTALL] > before;
}

/*
 * A request waited for ever where its folio was more than a sixteenth of the LRU, which
 * a huge page of 32 MiB is on a node of 512 MiB. A pin isolates even more.
 */
static void target_compact_not_while_much_is_isolated(struct kunit *test)
{
	static const enum cma_targets_from from[] = {
		CMA_TARGETS_REGULAR, CMA_TARGETS_PINNED,
	};
	long lru = 64 * MAX_ORDER_NR_PAGES;
	struct page *page, *next;
	struct folio *src;
	unsigned int i;
	LIST_HEAD(firsts);

	if (!IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		kunit_skip(test, "nothing tells what compaction did");
	src = folio_alloc(GFP_KERNEL, MAX_PAGE_ORDER);
	KUNIT_ASSERT_NOT_NULL(test, src);
	mod_node_page_state(folio_pgdat(src), NR_INACTIVE_ANON, lru);
	target_compact_break_chunks(&firsts);
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		/* Another suite may have left it deferred. */
		compaction_defer_reset(folio_zone(src), MAX_PAGE_ORDER, true);
		KUNIT_EXPECT_TRUE(test, target_compact_happens_for(src, lru / 64,
								   from[i]));
		/* With a sixteenth and more, the old code would wait for ever. */
		KUNIT_EXPECT_FALSE(test, target_compact_happens_for(src, lru / 24,
								    from[i]));
	}
	list_for_each_entry_safe(page, next, &firsts, lru)
		__free_page(page);
	mod_node_page_state(folio_pgdat(src), NR_INACTIVE_ANON, -lru);
	folio_put(src);
}

static struct kunit_case target_compact_tests[] = {
	KUNIT_CASE(target_compact_not_while_much_is_isolated),
	{}
};

static struct kunit_suite target_compact_suite = {
	.name = "cma_target_compact",
	.test_cases = target_compact_tests,
};

kunit_test_suite(target_compact_suite);
