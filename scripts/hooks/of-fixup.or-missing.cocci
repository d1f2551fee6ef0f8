// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// form: before 6.12.45, nothing to do
// near: static int __init __reserved_mem_reserve_reg
// leaves: 1 static int __init __reserved_mem_reserve_reg
// leaves: 0 dma_contiguous_early_fixup
//
// Here nobody but us tells the architecture.
