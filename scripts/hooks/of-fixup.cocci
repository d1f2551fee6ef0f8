// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: 6.12.45 and later, nothing to do
// near: static int __init __reserved_mem_reserve_reg
// leaves: 2 dma_contiguous_early_fixup(base, size);
//
// The architecture is told of the pools with "reg" when their memory is
// reserved, because page tables are made before the second scan.
