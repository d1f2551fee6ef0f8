// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: before 6.12.45
// adds: 1 dma_contiguous_early_fixup(base, size);
// adds: 1 #include <linux/dma-map-ops.h>
// leaves: 1 dma_contiguous_early_fixup
//
// Here the file that we replace tells the architecture, on some too late.

@include@
@@
#include <linux/cma.h>
+#include <linux/dma-map-ops.h>

@fixup@
symbol node, base, size, len, t_len;
@@
__reserved_mem_reserve_reg(...)
{
	<...
+	if (size && of_get_flat_dt_prop(node, "reusable", NULL) &&
+	    of_flat_dt_is_compatible(node, "shared-dma-pool"))
+		dma_contiguous_early_fixup(base, size);
	len -= t_len;
	...>
}
