// SPDX-License-Identifier: GPL-2.0
// file: drivers/dma-buf/heaps/cma_heap.c
// near: cma_get_name\(
// optional: the heap default_cma_region, and heaps of the device tree's areas
// adds: 1 dma_contiguous_add_heaps(
// adds: 1 = data ? data : cma_get_name(
// adds: 1 <linux/cma-boot.h>
//
// The default area has a heap whose name does not change, and each other area
// of the device tree has one, too.

@include@
@@
+#include <linux/cma-boot.h>
 #include <linux/cma.h>

@heap@
identifier maker, area, data, info;
@@
maker(struct cma *area, void *data)
{
	...
-	info.name = cma_get_name(area);
+	info.name = data ? data : cma_get_name(area);
	...
}

@areas@
identifier heap.maker;
identifier entry, area, ret;
@@
entry(void)
{
	...
	struct cma *area = dev_get_cma_area(NULL);
	...
+	dma_contiguous_add_heaps(maker);
	return ret;
}
