// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// near: try_to_free_pages\(
// optional: allocations that cannot use areas evict, and then kill, beside free areas
// adds: 1 cma_balance_reclaim(gfp_mask, ac)
//
// What can be moved to an area need not be reclaimed. Without it, an allocation that
// cannot use areas evicts page cache while there is room in them, and then kills.

@reclaim@
symbol gfp_mask, ac;
identifier progress;
expression list args;
@@
__perform_reclaim(...)
{
	...
-	progress = try_to_free_pages(args);
+	progress = cma_balance_reclaim(gfp_mask, ac) ?: try_to_free_pages(args);
	...
}
