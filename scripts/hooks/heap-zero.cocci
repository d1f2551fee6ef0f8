// SPDX-License-Identifier: GPL-2.0
// file: drivers/dma-buf/heaps/cma_heap.c
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
cma_heap_allocate(...)
{
	<...
+	if (!dma_fresh_pages_are_zero())
	memset(memory, 0, size);
	...>
}
