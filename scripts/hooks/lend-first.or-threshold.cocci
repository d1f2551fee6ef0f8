// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// form: alloc_in_cma_threshold
// adds: 1 if (alloc_flags & ALLOC_CMA && cma_lends_first(zone))
// adds: 1 "cma/lend.h"
// adds: -1 NR_FREE_CMA_PAGES) >
// says: alloc_in_cma_threshold= has no effect; vm.cma_lend_percent is the answer to what it is for
//
// Raspberry Pi lets a boot option choose the share in sixteenths.

@include@
@@
 #include "page_reporting.h"
+#include "cma/lend.h"

@lend@
identifier zone, alloc_flags;
statement S;
symbol _alloc_in_cma_threshold;
expression most;
@@
__rmqueue(...)
{
	...
-	if (IS_ENABLED(CONFIG_CMA)) {
-		if (alloc_flags & ALLOC_CMA &&
-		    zone_page_state(zone, NR_FREE_CMA_PAGES) >
-		    zone_page_state(zone, NR_FREE_PAGES) / most * _alloc_in_cma_threshold)
-			S
-	}
+	if (alloc_flags & ALLOC_CMA && cma_lends_first(zone))
+		S
	...
}
