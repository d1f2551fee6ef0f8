// SPDX-License-Identifier: GPL-2.0
// file: mm/gup.c
// near: alloc_migration_target
// optional: a long-term pin of more memory than fits outside the areas never ends
// adds: 1 cma_balance_pin(
// adds: 1 "cma/balance.h"
// adds: -1 alloc_migration_target
//
// What will be pinned leaves the areas in bulk, and balance must know not to move
// it back before it is pinned.

@include@
@@
 #include "internal.h"
+#include "cma/balance.h"

@pin@
expression folios, control;
@@
-migrate_pages(folios, alloc_migration_target, NULL,
-	      (unsigned long)&control, MIGRATE_SYNC, MR_LONGTERM_PIN, NULL)
+cma_balance_pin(folios, &control)
