/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Areas out of the device tree: nodes of /reserved-memory that are compatible
 * with "shared-dma-pool". Boot only.
 */
#ifndef __KERNEL_DMA_CONTIGUOUS_OF_H
#define __KERNEL_DMA_CONTIGUOUS_OF_H

struct cma_dt_default;

#ifdef CONFIG_OF_RESERVED_MEM
const struct cma_dt_default *dma_contiguous_of_default(void);
#else
static inline const struct cma_dt_default *dma_contiguous_of_default(void)
{
	return NULL;
}
#endif

#endif /* __KERNEL_DMA_CONTIGUOUS_OF_H */
