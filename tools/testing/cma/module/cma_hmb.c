// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver does for a device that works in the memory of the host, such as an NVMe
 * drive without its own: it takes many pieces that only the device looks at, large ones as
 * long as there are any, then ever smaller ones. cma_test=hmb loads it.
 *
 *   /sys/module/cma_hmb/parameters/first   how large the first pieces are, in KiB
 *   /sys/module/cma_hmb/parameters/want    write how much to take, in KiB; what was
 *					    taken before is released
 *   /sys/module/cma_hmb/parameters/got     read how much came, and in how many pieces
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#define LEAST (2 * PAGE_SIZE)

struct hmb_piece {
	struct list_head list;
	void *cookie;
	dma_addr_t dma;
	size_t size;
};

static unsigned long first = SZ_4M / SZ_1K;
module_param(first, ulong, 0600);

static struct platform_device *device;
static LIST_HEAD(pieces);

static void release_all(void)
{
	struct hmb_piece *piece, *next;

	list_for_each_entry_safe(piece, next, &pieces, list) {
		dma_free_attrs(&device->dev, piece->size, piece->cookie, piece->dma,
			       DMA_ATTR_NO_KERNEL_MAPPING);
		list_del(&piece->list);
		kfree(piece);
	}
}

static bool take_one(size_t size)
{
	struct hmb_piece *piece = kmalloc(sizeof(*piece), GFP_KERNEL);

	if (!piece)
		return false;
	piece->size = size;
	piece->cookie = dma_alloc_attrs(&device->dev, size, &piece->dma,
					GFP_KERNEL | __GFP_NOWARN, DMA_ATTR_NO_KERNEL_MAPPING);
	if (!piece->cookie) {
		kfree(piece);
		return false;
	}
	list_add_tail(&piece->list, &pieces);
	return true;
}

static int want_set(const char *text, const struct kernel_param *param)
{
	size_t size = max(first * SZ_1K, LEAST), left;
	unsigned long kib;
	int err = kstrtoul(text, 0, &kib);

	if (err)
		return err;
	release_all();
	for (left = kib * SZ_1K; left && size >= LEAST;)
		if (take_one(min(size, left)))
			left -= min(size, left);
		else
			size /= 2;
	return 0;
}

static const struct kernel_param_ops want_ops = { .set = want_set };

module_param_cb(want, &want_ops, NULL, 0200);

static int got_get(char *buffer, const struct kernel_param *param)
{
	size_t total = 0, least = SIZE_MAX, most = 0;
	struct hmb_piece *piece;
	unsigned int count = 0;

	list_for_each_entry(piece, &pieces, list) {
		total += piece->size;
		least = min(least, piece->size);
		most = max(most, piece->size);
		count++;
	}
	return sysfs_emit(buffer, "%zu %u %zu %zu\n", total / SZ_1K, count,
			  count ? least / SZ_1K : 0, most / SZ_1K);
}

static const struct kernel_param_ops got_ops = { .get = got_get };

module_param_cb(got, &got_ops, NULL, 0400);

static int __init hmb_init(void)
{
	device = platform_device_register_simple("cma-hmb", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	return dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));
}
module_init(hmb_init);

MODULE_DESCRIPTION("Takes memory for a device in many pieces, as large as there are any");
MODULE_LICENSE("GPL");
