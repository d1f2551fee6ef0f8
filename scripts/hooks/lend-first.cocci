// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// adds: 1 cma_lends_first(zone)
// adds: 1 "cma/lend.h"
// adds: -1 NR_FREE_CMA_PAGES) >
//
// When movable pages go to the areas first is a rule of ours.

@include@
@@
 #include "page_reporting.h"
+#include "cma/lend.h"

@lend@
symbol page, zone, order, alloc_flags;
@@
__rmqueue(...)
{
	...
-	if (IS_ENABLED(CONFIG_CMA)) {
-		...
-	}
+	if (alloc_flags & ALLOC_CMA && cma_lends_first(zone)) {
+		page = __rmqueue_cma_fallback(zone, order);
+		if (page)
+			return page;
+	}
	...
}
