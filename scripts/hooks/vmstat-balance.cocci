// SPDX-License-Identifier: GPL-2.0
// file: mm/vmstat.c
// near: cma_alloc
// adds: 1 "cma_balance_moved"
// adds: 1 "cma_balance_refused_quiet"
//
// The names of the counters that are added to enum vm_event_item, a header that
// spatch cannot read: see scripts/overlay/join.py.

@names@
@@
-"cma_alloc_fail"
+"cma_alloc_fail",
+"cma_balance_moved",
+"cma_balance_stuck",
+"cma_balance_refused_room",
+"cma_balance_refused_source",
+"cma_balance_refused_quiet"
