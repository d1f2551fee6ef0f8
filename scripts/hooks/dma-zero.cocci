// SPDX-License-Identifier: GPL-2.0
// file: kernel/dma/direct.c
// near: memset\(
// optional: with init_on_alloc, pages of DMA buffers are cleared twice
// adds: 2 if (dma_needs_zeroing(dev))
// adds: 1 <linux/dma-zero.h>
//
// With init_on_alloc, the same pages are not cleared twice.

@include@
@@
 #include <linux/dma-map-ops.h>
+#include <linux/dma-zero.h>

@zero@
identifier allocate = { dma_direct_alloc, dma_direct_alloc_pages };
identifier dev, memory, size;
@@
allocate(struct device *dev, ...)
{
	<...
-	memset(memory, 0, size);
+	if (dma_needs_zeroing(dev))
+		memset(memory, 0, size);
	...>
}
