/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory from the page allocator, and from contiguous areas, is clear already
 * if the kernel was told to initialise it: whoever hands it on to a driver
 * need not clear it a second time.
 */
#ifndef _LINUX_DMA_ZERO_H
#define _LINUX_DMA_ZERO_H

#include <linux/dma-direct.h>
#include <linux/mm.h>
#include <linux/swiotlb.h>

/**
 * dma_fresh_pages_are_zero() - are pages that were just allocated clear?
 *
 * Context: any.
 * Return: true with init_on_alloc or init_on_free.
 */
static inline bool dma_fresh_pages_are_zero(void)
{
	return want_init_on_free() || want_init_on_alloc(GFP_KERNEL);
}

/**
 * dma_needs_zeroing() - has a buffer to be cleared before a driver gets it?
 * @dev: the device
 *
 * Pages of a restricted pool have had a user before, and pages that were
 * decrypted after they were cleared show something else.
 *
 * Context: any.
 * Return: false when it is clear already.
 */
static inline bool dma_needs_zeroing(struct device *dev)
{
	return !dma_fresh_pages_are_zero() || is_swiotlb_for_alloc(dev) ||
	       force_dma_unencrypted(dev);
}

#endif /* _LINUX_DMA_ZERO_H */
