// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that owns one large DMA buffer: how a device without an IOMMU gets
 * physically contiguous memory.
 *
 * Nothing in the allocation below is special to CMA, and that is the point: a
 * driver says what its device can address, calls dma_alloc_coherent(), and
 * the DMA layer decides that the memory comes out of a contiguous area.
 *
 * sysfs, for each device of the driver:
 *   buffer   write a size ("64M") to allocate that much, 0 to free it;
 *            read where the buffer is
 *   pattern  write a seed to fill the buffer; read to compare every word
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/string_choices.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>

#define DRIVER_NAME "cma-sample"
#define MAX_DEVICES 16
/* No hardware, hence no binding that describes it. */
#define COMPATIBLE "cma,sample"

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "Devices that the module creates, 0 to 16 (default 1)");

static unsigned int bits = 64;
module_param(bits, uint, 0444);
MODULE_PARM_DESC(bits, "Bits of the addresses that the devices reach, 1 to 64 (default 64)");

static struct platform_device *created[MAX_DEVICES];

/**
 * struct cma_sample - one device and its buffer
 * @dev: the device, which decides from which area its memory comes
 * @lock: serialises the sysfs files; protects all fields below
 * @vaddr: where the CPU sees the buffer, NULL without one
 * @dma: where the device sees it; goes into the device's registers
 * @size: bytes, as asked for; freeing needs the same number
 * @clear: the buffer was all zeroes when it came
 * @seed: what the buffer was filled with
 * @filled: @seed is valid
 */
struct cma_sample {
	struct device *dev;
	struct mutex lock; /* see @lock */
	void *vaddr;
	dma_addr_t dma;
	size_t size;
	bool clear;
	u32 seed;
	bool filled;
};

static void free_buffer(struct cma_sample *s)
{
	if (!s->vaddr)
		return;
	dma_free_coherent(s->dev, s->size, s->vaddr, s->dma);
	s->vaddr = NULL;
	s->size = 0;
	s->filled = false;
}

/*
 * GFP_KERNEL matters: other users of the area have to be moved out first,
 * which sleeps. With GFP_ATOMIC the request never reaches a contiguous area.
 */
static int alloc_buffer(struct cma_sample *s, size_t size)
{
	s->vaddr = dma_alloc_coherent(s->dev, size, &s->dma, GFP_KERNEL);
	if (!s->vaddr)
		return -ENOMEM;
	s->size = size;
	s->clear = !memchr_inv(s->vaddr, 0, size);
	return 0;
}

/* A device that is not cache coherent sees its buffer through a new mapping. */
static unsigned long buffer_pfn(const struct cma_sample *s, size_t offset)
{
	void *addr = s->vaddr + offset;

	if (is_vmalloc_addr(addr))
		return vmalloc_to_pfn(addr);
	return page_to_pfn(virt_to_page(addr));
}

static bool buffer_is_contiguous(const struct cma_sample *s)
{
	unsigned long first = buffer_pfn(s, 0);
	size_t offset;

	for (offset = 0; offset < s->size; offset += PAGE_SIZE)
		if (buffer_pfn(s, offset) != first + (offset >> PAGE_SHIFT))
			return false;
	return true;
}

/*
 * The translation from physical to bus address is done for the driver, and
 * only this self check looks at it: @dma is all that a driver needs.
 */
static ssize_t buffer_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct cma_sample *s = dev_get_drvdata(dev);
	unsigned long pfn;
	phys_addr_t phys;

	guard(mutex)(&s->lock);
	if (!s->vaddr)
		return sysfs_emit(buf, "size=0\n");

	pfn = buffer_pfn(s, 0);
	phys = PFN_PHYS(pfn);
	return sysfs_emit(buf,
			  "size=%zu dma=%pad phys=%pa pfn=0x%lx-0x%lx contiguous=%s translated=%s clear=%s\n",
			  s->size, &s->dma, &phys, pfn, pfn + PFN_UP(s->size),
			  str_yes_no(buffer_is_contiguous(s)),
			  str_yes_no(s->dma == phys_to_dma(dev, phys)),
			  str_yes_no(s->clear));
}

static ssize_t buffer_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct cma_sample *s = dev_get_drvdata(dev);
	unsigned long long size;
	char *end;
	int ret;

	size = memparse(buf, &end);
	if (end == buf || *skip_spaces(end) || size > SIZE_MAX - PAGE_SIZE)
		return -EINVAL;

	guard(mutex)(&s->lock);
	free_buffer(s);
	ret = size ? alloc_buffer(s, size) : 0;
	return ret ?: count;
}
static DEVICE_ATTR_RW(buffer);

/* Every word differs from its neighbours, so a shifted buffer shows, too. */
static u32 pattern_word(u32 seed, size_t index)
{
	return (seed + (u32)index) * 0x9e3779b1u;
}

static ssize_t pattern_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct cma_sample *s = dev_get_drvdata(dev);
	size_t i;
	u32 *word;
	int ret;

	guard(mutex)(&s->lock);
	if (!s->vaddr)
		return -ENODATA;
	ret = kstrtou32(buf, 0, &s->seed);
	if (ret)
		return ret;

	word = s->vaddr;
	for (i = 0; i < s->size / sizeof(*word); i++) {
		word[i] = pattern_word(s->seed, i);
		if (!(i % SZ_1M))
			cond_resched();
	}
	s->filled = true;
	return count;
}

static ssize_t pattern_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct cma_sample *s = dev_get_drvdata(dev);
	const u32 *word;
	size_t i;

	guard(mutex)(&s->lock);
	if (!s->filled)
		return -ENODATA;

	word = s->vaddr;
	for (i = 0; i < s->size / sizeof(*word); i++) {
		if (word[i] != pattern_word(s->seed, i))
			return sysfs_emit(buf, "bad at offset 0x%zx\n",
					  i * sizeof(*word));
		if (!(i % SZ_1M))
			cond_resched();
	}
	return sysfs_emit(buf, "ok\n");
}
static DEVICE_ATTR_RW(pattern);

static struct attribute *cma_sample_attrs[] = {
	&dev_attr_buffer.attr,
	&dev_attr_pattern.attr,
	NULL
};
ATTRIBUTE_GROUPS(cma_sample);

static void release_buffer(void *data)
{
	free_buffer(data);
}

static void release_pool(void *data)
{
	of_reserved_mem_device_release(data);
}

/* A memory-region property gives the device a pool that nobody shares. */
static int attach_pool(struct device *dev)
{
	int ret;

	if (!dev->of_node)
		return 0;
	ret = of_reserved_mem_device_init(dev);
	if (ret)
		return ret == -ENODEV ? 0 : ret;
	return devm_add_action_or_reset(dev, release_pool, dev);
}

static int cma_sample_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct cma_sample *s;
	int ret;

	s = devm_kzalloc(dev, sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->dev = dev;
	mutex_init(&s->lock);
	platform_set_drvdata(pdev, s);

	/* What the device can address; the default of 32 bits may be too small. */
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(bits));
	if (ret)
		ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (ret)
		return dev_err_probe(dev, ret, "no usable DMA mask\n");

	ret = attach_pool(dev);
	if (ret)
		return dev_err_probe(dev, ret, "memory-region not usable\n");

	/* Undone in reverse order: the buffer goes back before its pool. */
	return devm_add_action_or_reset(dev, release_buffer, s);
}

static const struct of_device_id cma_sample_of_match[] = {
	{ .compatible = COMPATIBLE },
	{ }
};
MODULE_DEVICE_TABLE(of, cma_sample_of_match);

static struct platform_driver cma_sample_driver = {
	.probe = cma_sample_probe,
	.driver = {
		.name = DRIVER_NAME,
		.of_match_table = cma_sample_of_match,
		.dev_groups = cma_sample_groups,
	},
};

static void remove_devices(void)
{
	unsigned int i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (!IS_ERR_OR_NULL(created[i]))
			platform_device_unregister(created[i]);
}

static int __init cma_sample_init(void)
{
	unsigned int i;
	int ret;

	if (devices > MAX_DEVICES) {
		pr_err(DRIVER_NAME ": devices=%u: at most %u\n", devices,
		       MAX_DEVICES);
		return -EINVAL;
	}
	if (!bits || bits > 64) {
		pr_err(DRIVER_NAME ": bits=%u: 1 to 64 make sense\n", bits);
		return -EINVAL;
	}
	ret = platform_driver_register(&cma_sample_driver);
	if (ret)
		return ret;

	for (i = 0; i < devices; i++) {
		created[i] = platform_device_register_simple(DRIVER_NAME, i,
							     NULL, 0);
		if (IS_ERR(created[i])) {
			ret = PTR_ERR(created[i]);
			remove_devices();
			platform_driver_unregister(&cma_sample_driver);
			return ret;
		}
	}
	return 0;
}
module_init(cma_sample_init);

static void __exit cma_sample_exit(void)
{
	remove_devices();
	platform_driver_unregister(&cma_sample_driver);
}
module_exit(cma_sample_exit);

MODULE_DESCRIPTION("Sample driver for contiguous DMA buffers");
MODULE_LICENSE("GPL");
