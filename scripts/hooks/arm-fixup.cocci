// SPDX-License-Identifier: GPL-2.0
// file: arch/arm/mm/dma-mapping.c
// near: dma_contiguous_early_fixup\(
// optional: a tree of many ranges can overflow a table of arm
// adds: 1 if (dma_mmu_remap_num >= ARRAY_SIZE(dma_mmu_remap))
//
// The table has as many entries as there can be areas; a node that describes
// several ranges has an entry for each of them.

@fixup@
symbol dma_mmu_remap, dma_mmu_remap_num;
@@
dma_contiguous_early_fixup(...)
{
+	if (dma_mmu_remap_num >= ARRAY_SIZE(dma_mmu_remap))
+		return;
	dma_mmu_remap[dma_mmu_remap_num].base = ...;
	...
}
