// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: 6.12.0 to 6.12.12
// adds: 1 cma_of_check_node(child)
// adds: 1 #include <linux/cma-boot.h>
// adds: 1 cma_of_place_node(node, res_base, res_size);
//
// Here the first scan keeps a list of all nodes, and they are set up from this
// list. Pools with "size" get their place there, through two pointers into it.

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
typedef phys_addr_t;
identifier prop;
symbol node, uname, res_base, res_size, len, ret;
@@
__reserved_mem_alloc_size(unsigned long node, const char *uname,
			  phys_addr_t *res_base, phys_addr_t *res_size)
{
	...
+	ret = cma_of_place_node(node, res_base, res_size);
+	if (ret != -ENODEV)
+		return ret;
	prop = of_get_flat_dt_prop(node, "size", &len);
	...
}
