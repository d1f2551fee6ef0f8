// SPDX-License-Identifier: GPL-2.0
// file: mm/show_mem.c
// near: global_zone_page_state\(NR_FREE_PAGES\)
// optional: MemFree and MemAvailable lack what is ready for drivers
// adds: 2 global_zone_page_state(NR_FREE_PAGES) + cma_keep_ready_pages(NULL)
//
// What is ready for drivers is free: whoever is short of memory gets it.

@free@
identifier fn = {si_mem_available, si_meminfo};
@@
fn(...)
{
	<...
-	global_zone_page_state(NR_FREE_PAGES)
+	global_zone_page_state(NR_FREE_PAGES) + cma_keep_ready_pages(NULL)
	...>
}
