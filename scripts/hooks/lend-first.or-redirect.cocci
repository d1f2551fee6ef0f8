// SPDX-License-Identifier: GPL-2.0
// file: mm/page_alloc.c
// form: cma_redirect_restricted
// adds: 1 if (!cma_redirect_restricted() && alloc_flags & ALLOC_CMA && cma_lends_first(zone))
// adds: 1 "cma/lend.h"
// adds: -1 NR_FREE_CMA_PAGES) >
// says: the restriction of cma_redirect stays; vm.cma_lend_percent acts only where it is lifted
//
// Android keeps pages without __GFP_CMA out of the areas.

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
-		if (!cma_redirect_restricted() && alloc_flags & ALLOC_CMA &&
-		    zone_page_state(zone, NR_FREE_CMA_PAGES) >
-		    zone_page_state(zone, NR_FREE_PAGES) / 2)
-			S
-	}
+	if (!cma_redirect_restricted() && alloc_flags & ALLOC_CMA && cma_lends_first(zone))
+		S
	...
}
