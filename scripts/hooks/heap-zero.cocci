// SPDX-License-Identifier: GPL-2.0
// file: drivers/dma-buf/heaps/cma_heap.c
// near: memset\(
// optional: with init_on_alloc, pages of the CMA heap are cleared twice
// adds: 2 if (!dma_fresh_pages_are_zero())
// adds: 1 <linux/dma-zero.h>
//
// With init_on_alloc, the same pages are not cleared twice.

@include@
@@
 #include <linux/dma-map-ops.h>
+#include <linux/dma-zero.h>

@zero@
expression memory, size;
@@
-	memset(memory, 0, size);
+	if (!dma_fresh_pages_are_zero())
+		memset(memory, 0, size);
