// SPDX-License-Identifier: GPL-2.0
// file: drivers/dma-buf/dma-heap.c
// near: device_create\(
// optional: the name of an area is read as a format where its heap is named
// adds: 1 "%s", heap->name
//
// A heap is named after its area, and that after a device-tree node: any text.

@name@
expression class, devt;
@@
device_create(class, NULL, devt, NULL,
-	heap->name
+	"%s", heap->name
	)
