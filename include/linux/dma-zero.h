/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which DMA buffers have to be cleared. Memory from the page allocator and from
 * contiguous areas is clear already if the kernel initialises it
 * (init_on_alloc, init_on_free), so the DMA layer need not clear it a second
 * time.
 */
#ifndef _LINUX_DMA_ZERO_H
#define _LINUX_DMA_ZERO_H

#include <linux/dma-direct.h>
#include <linux/mm.h>
#include <linux/swiotlb.h>

/**
 * dma_fresh_pages_are_zero() - are pages that were just allocated clear?
 *
 * Return: true with init_on_alloc or init_on_free.
 */
static inline bool dma_fresh_pages_are_zero(void)
{
	return want_init_on_free() || want_init_on_alloc(GFP_KERNEL);
}

/**
 * dma_needs_zeroing() - must a buffer be cleared before a driver gets it?
 * @dev: the device
 *
 * Pages of a restricted pool were used before. Pages that are decrypted after
 * they were cleared do not read as zero.
 *
 * Return: false when it is clear already.
 */
static inline bool dma_needs_zeroing(struct device *dev)
{
	return !dma_fresh_pages_are_zero() || is_swiotlb_for_alloc(dev) ||
	       force_dma_unencrypted(dev);
}

#endif /* _LINUX_DMA_ZERO_H */
