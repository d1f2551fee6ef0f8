// SPDX-License-Identifier: GPL-2.0
/*
 * What a device that reaches 4 GiB makes its driver want: single pages below that,
 * which nobody can move. The demand "dma32" of cma_test=starve loads it.
 *
 *   /sys/module/cma_dma32/parameters/take   write how many pages to take; they stay
 *					     until reboot
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int take_set(const char *text, const struct kernel_param *param)
{
	unsigned long count;
	int err = kstrtoul(text, 0, &count);

	for (; !err && count; count--)
		if (!alloc_page(GFP_KERNEL | GFP_DMA32))
			err = -ENOMEM;
	return err;
}

static const struct kernel_param_ops take_ops = { .set = take_set };

module_param_cb(take, &take_ops, NULL, 0200);

MODULE_DESCRIPTION("Takes memory below 4 GiB and keeps it");
MODULE_LICENSE("GPL");
