// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// form: half of the free memory
// near: NR_FREE_CMA_PAGES\) >
// adds: 1 if (alloc_flags & ALLOC_CMA && cma_lends_first(zone))
// adds: 1 "cma/lend.h"
// adds: -1 NR_FREE_CMA_PAGES) >
//
// When movable pages go to the areas first is a rule of ours. It takes the
// place of the stock rule, and of no other.

@include@
@@
 #include "page_reporting.h"
+#include "cma/lend.h"

@lend@
identifier zone, alloc_flags;
statement S;
@@
__rmqueue(...)
{
	...
-	if (IS_ENABLED(CONFIG_CMA)) {
-		if (alloc_flags & ALLOC_CMA &&
-		    zone_page_state(zone, NR_FREE_CMA_PAGES) >
-		    zone_page_state(zone, NR_FREE_PAGES) / 2)
-			S
-	}
+	if (alloc_flags & ALLOC_CMA && cma_lends_first(zone))
+		S
	...
}
