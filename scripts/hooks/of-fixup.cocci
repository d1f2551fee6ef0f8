// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: 6.12.45 and later
// near: static int __init __reserved_mem_reserve_reg
// leaves: 1 dma_contiguous_early_fixup(base, size);
//
// Once a pool has its last place, we tell the architecture ourselves: of what
// becomes an area and of nothing else, so that the table of arm, which has as
// many entries as there can be areas, cannot overflow. Only the path that we
// never take still tells.

@fixup@
symbol node, base, size;
@@
__reserved_mem_reserve_reg(...)
{
	<...
-	if (of_flat_dt_is_compatible(node, "shared-dma-pool") &&
-	    of_get_flat_dt_prop(node, "reusable", NULL))
-		dma_contiguous_early_fixup(base, size);
	...>
}
