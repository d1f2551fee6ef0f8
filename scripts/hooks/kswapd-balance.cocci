// SPDX-License-Identifier: GPL-2.0
// file: mm/vmscan.c
// near: shrink_node\(pgdat, sc\)
// optional: kswapd evicts page cache of areas for those who cannot have its pages
// adds: 1 if (!cma_balance_kswapd(pgdat, &sc->nr_reclaimed))
// adds: 1 "cma/balance.h"
//
// kswapd moves pages to areas before it evicts any: its watermark does not count what
// is free in areas, so it would evict until all of that is regular memory.

@include@
@@
 #include "swap.h"
+#include "cma/balance.h"

@kswapd@
symbol pgdat, sc;
@@
kswapd_shrink_node(...)
{
	...
+	if (!cma_balance_kswapd(pgdat, &sc->nr_reclaimed))
	shrink_node(pgdat, sc);
	...
}
