// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// adds: 1 cma_of_place_node(node, &base, &size);
// adds: 1 if (ret != -ENODEV) {
//
// Pools with "size" are placed by us: with their alignment, in whole page
// blocks, and on one side of the boundary of high memory.

@place@
identifier prop;
symbol node, uname, base, size, len, ret;
@@
+ret = cma_of_place_node(node, &base, &size);
+if (ret != -ENODEV) {
+	if (!ret)
+		fdt_reserved_mem_save_node(node, uname, base, size);
+	return ret;
+}
prop = of_get_flat_dt_prop(node, "size", &len);
