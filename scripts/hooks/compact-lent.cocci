// SPDX-License-Identifier: GPL-2.0
// file: mm/compaction.c
// near: compaction_suit_allocation_order\(cc->zone
// optional: large pages for those who cannot use areas are compacted for in vain
// adds: 1 if (ret == COMPACT_CONTINUE && !cma_balance_may_compact(cc))
// adds: 1 "cma/balance.h"
//
// Compaction counts what is free in areas, as a place to move to. Who cannot use areas
// needs a large page elsewhere, and there may be nothing to make it of.

@include@
@@
 #include "internal.h"
+#include "cma/balance.h"

@lent@
symbol cc, ret;
@@
compact_zone(...)
{
	<...
	ret = compaction_suit_allocation_order(...);
+	if (ret == COMPACT_CONTINUE && !cma_balance_may_compact(cc))
+		ret = COMPACT_SKIPPED;
	...>
}
