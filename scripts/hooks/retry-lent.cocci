// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// near: zone_reclaimable_pages\(zone\)
// optional: beside a reader of files, an allocation that cannot use areas can reclaim for ever
// adds: 1 available = reclaimable = cma_balance_gain(zone, alloc_flags);
//
// Page cache in an area is no help to an allocation that cannot use areas. If it
// counted, that allocation could reclaim for ever, and the OOM killer never run.

@retry@
symbol available, reclaimable, zone, alloc_flags;
@@
should_reclaim_retry(...)
{
	<...
-	available = reclaimable = zone_reclaimable_pages(zone);
+	available = reclaimable = cma_balance_gain(zone, alloc_flags);
	...>
}
