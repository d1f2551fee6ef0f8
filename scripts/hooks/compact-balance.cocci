// SPDX-License-Identifier: GPL-2.0
// file: mm/compaction.c
// near: compaction_suit_allocation_order\(cc->zone
// optional: huge pages are compacted for in vain; vm.compact_unevictable_allowed is not heeded
// adds: 1 if (ret == COMPACT_CONTINUE && !cma_balance_may_compact(cc))
// adds: 1 "cma/lend.h"
// adds: -1 static int sysctl_compact_unevictable_allowed
//
// Compaction counts what is free in areas, as a place to move to. Who cannot use areas
// needs a large page elsewhere, and there may be nothing to make it of. And locked memory
// is to be left alone where compaction leaves it alone.

@include@
@@
 #include "internal.h"
+#include "cma/lend.h"

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

@sysctl@
@@
-static
 int sysctl_compact_unevictable_allowed = ...;
