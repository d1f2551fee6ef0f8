// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: 6.12.13 and later
// near: of_fdt_device_is_available|__reserved_mem_alloc_size
// adds: 2 cma_of_check_node(child)
// adds: 1 #include <linux/cma-boot.h>
// adds: 1 cma_of_place_node(node, &base, &size);
// adds: 1 if (ret != -ENODEV) {
//
// Both scans of /reserved-memory leave out the pools that we refuse, so that
// their memory is never reserved, mapped in a special way or initialised. Pools
// with "size" are placed by us: with their alignment, in whole pageblocks, and
// on one side of the boundary of high memory.

@include@
@@
#include <linux/cma.h>
+#include <linux/cma-boot.h>

@admit@
expression fdt, child;
@@
-!of_fdt_device_is_available(fdt, child)
+!of_fdt_device_is_available(fdt, child) || !cma_of_check_node(child)

@place@
identifier prop;
symbol node, uname, base, size, len, ret;
@@
__reserved_mem_alloc_size(unsigned long node, const char *uname)
{
	...
+	ret = cma_of_place_node(node, &base, &size);
+	if (ret != -ENODEV) {
+		if (!ret)
+			fdt_reserved_mem_save_node(node, uname, base, size);
+		return ret;
+	}
	prop = of_get_flat_dt_prop(node, "size", &len);
	...
}
