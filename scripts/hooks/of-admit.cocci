// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// adds: 2 cma_of_check_node(child)
// adds: 1 #include <linux/cma-boot.h>
//
// Both scans of /reserved-memory leave out the pools that we refuse, so that
// their memory is never reserved, mapped in a special way or initialised.

@include@
@@
#include <linux/cma.h>
+#include <linux/cma-boot.h>

@admit@
expression fdt, child;
@@
-!of_fdt_device_is_available(fdt, child)
+!of_fdt_device_is_available(fdt, child) || !cma_of_check_node(child)
