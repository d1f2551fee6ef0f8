// SPDX-License-Identifier: GPL-2.0
// file: fs/proc/meminfo.c
// near: NR_FREE_CMA_PAGES
// optional: CmaFree lacks what is ready for drivers
// adds: 1 global_zone_page_state(NR_FREE_CMA_PAGES) + cma_keep_ready_pages(NULL)
//
// What is ready for drivers is free: whoever is short of memory gets it.

@free@
@@
meminfo_proc_show(...)
{
	<...
-	global_zone_page_state(NR_FREE_CMA_PAGES)
+	global_zone_page_state(NR_FREE_CMA_PAGES) + cma_keep_ready_pages(NULL)
	...>
}
