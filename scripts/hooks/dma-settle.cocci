// SPDX-License-Identifier: GPL-2.0
// file: kernel/dma/direct.c
// near: dma_alloc_contiguous\(
// optional: DMA buffers that an area and the page allocator both fail to serve are not logged
// adds: 1 dma_contiguous_settle(dev, size, gfp, page);
// adds: 1 <linux/cma-boot.h>
//
// Here it is known whether the page allocator served what an area did not.

@include@
@@
+#include <linux/cma-boot.h>
 #include <linux/dma-map-ops.h>

@settle@
identifier page;
symbol dev, size, gfp;
typedef gfp_t;
@@
__dma_direct_alloc_pages(struct device *dev, size_t size, gfp_t gfp, ...)
{
	<...
+	dma_contiguous_settle(dev, size, gfp, page);
	return page;
	...>
}
