// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/cma/<area>/: the state of an area, and two files to allocate and
 * release pages by hand.
 */
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "cma.h"
#include "hold.h"
#include "view.h"

/**
 * struct cma_chunk - pages allocated by hand
 * @node: in the list of its area, latest first
 * @pages: the first page
 * @nr_pages: how many
 */
struct cma_chunk {
	struct list_head node;
	struct page *pages;
	unsigned long nr_pages;
};

/**
 * struct cma_debugfs_area - what debugfs keeps of an area
 * @cma: the area
 * @lock: guards @chunks
 * @chunks: allocated by hand and not released
 */
struct cma_debugfs_area {
	struct cma *cma;
	struct mutex lock;		/* guards the list */
	struct list_head chunks;
};

static int cma_debugfs_alloc(void *data, u64 nr_pages)
{
	struct cma_debugfs_area *area = data;
	struct cma_chunk *chunk;

	if (!nr_pages || nr_pages > ULONG_MAX)
		return -EINVAL;
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	chunk->nr_pages = nr_pages;
	chunk->pages = cma_alloc(area->cma, nr_pages, 0, false);
	if (!chunk->pages) {
		kfree(chunk);
		return -ENOMEM;
	}

	mutex_lock(&area->lock);
	list_add(&chunk->node, &area->chunks);
	mutex_unlock(&area->lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_alloc_fops, NULL, cma_debugfs_alloc,
			 "%llu\n");

static void cma_debugfs_free_whole(struct cma_debugfs_area *area,
				   struct cma_chunk *chunk)
{
	cma_release(area->cma, chunk->pages, chunk->nr_pages);
	list_del(&chunk->node);
	kfree(chunk);
}

static int cma_debugfs_free_part(struct cma_debugfs_area *area, struct cma_chunk *chunk,
				 unsigned long nr_pages)
{
	if (area->cma->taken.order)
		return -EINVAL;
	cma_release(area->cma, chunk->pages, nr_pages);
	chunk->pages = nth_page(chunk->pages, nr_pages);
	chunk->nr_pages -= nr_pages;
	return 0;
}

/* Latest first; more than there is releases all. */
static int cma_debugfs_free(void *data, u64 nr_pages)
{
	struct cma_debugfs_area *area = data;
	struct cma_chunk *chunk, *next;
	int err = 0;

	mutex_lock(&area->lock);
	list_for_each_entry_safe(chunk, next, &area->chunks, node) {
		if (!nr_pages)
			break;
		if (chunk->nr_pages > nr_pages) {
			err = cma_debugfs_free_part(area, chunk, nr_pages);
			break;
		}
		nr_pages -= chunk->nr_pages;
		cma_debugfs_free_whole(area, chunk);
	}
	mutex_unlock(&area->lock);
	return err;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_free_fops, NULL, cma_debugfs_free,
			 "%llu\n");

static int cma_debugfs_base_pfn(void *data, u64 *val)
{
	*val = ((struct cma_debugfs_area *)data)->cma->range.start;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_base_pfn_fops, cma_debugfs_base_pfn, NULL,
			 "%llu\n");

static int cma_debugfs_count(void *data, u64 *val)
{
	*val = cma_range_len(((struct cma_debugfs_area *)data)->cma->range);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_count_fops, cma_debugfs_count, NULL,
			 "%llu\n");

static int cma_debugfs_order(void *data, u64 *val)
{
	*val = ((struct cma_debugfs_area *)data)->cma->taken.order;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_order_fops, cma_debugfs_order, NULL,
			 "%llu\n");

/* On a copy, so that nothing is counted or printed with the lock held. */
static int cma_debugfs_measure(struct cma_debugfs_area *area, u64 *val,
			       unsigned long (*measure)(const struct cma_bitmap *))
{
	struct cma_bitmap copy;
	int err = cma_hold_copy(area->cma, &copy);

	if (err)
		return err;
	*val = measure(&copy);
	kvfree(copy.bits);
	return 0;
}

static int cma_debugfs_used(void *data, u64 *val)
{
	return cma_debugfs_measure(data, val, cma_bitmap_set_pages);
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_used_fops, cma_debugfs_used, NULL,
			 "%llu\n");

static int cma_debugfs_maxchunk(void *data, u64 *val)
{
	return cma_debugfs_measure(data, val, cma_bitmap_largest_clear_run);
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_maxchunk_fops, cma_debugfs_maxchunk, NULL,
			 "%llu\n");

/* The bitmap as 32-bit words in decimal, lowest slots first. */
static int bitmap_show(struct seq_file *seq, void *unused)
{
	struct cma_debugfs_area *area = seq->private;
	struct cma_bitmap copy;
	unsigned long slot;
	int err = cma_hold_copy(area->cma, &copy);

	if (err)
		return err;
	for (slot = 0; slot < copy.count; slot += 32) {
		unsigned long bits = min(copy.count - slot, 32UL);

		seq_printf(seq, "%s%lu", slot ? " " : "",
			   bitmap_read(copy.bits, slot, bits));
	}
	seq_putc(seq, '\n');
	kvfree(copy.bits);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bitmap);

/**
 * struct cma_file - a file of an area's directory
 * @name: its name
 * @mode: who may do what with it
 * @fops: how
 */
struct cma_file {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
};

static const struct cma_file cma_debugfs_files[] __initconst = {
	{ "alloc", 0200, &cma_debugfs_alloc_fops },
	{ "free", 0200, &cma_debugfs_free_fops },
	{ "base_pfn", 0444, &cma_debugfs_base_pfn_fops },
	{ "count", 0444, &cma_debugfs_count_fops },
	{ "order_per_bit", 0444, &cma_debugfs_order_fops },
	{ "used", 0444, &cma_debugfs_used_fops },
	{ "maxchunk", 0444, &cma_debugfs_maxchunk_fops },
	{ "bitmap", 0444, &bitmap_fops },
};

static int __init cma_debugfs_add(struct cma *cma, void *root)
{
	struct cma_debugfs_area *area;
	struct dentry *dir;
	int i;

	if (!cma_area_is_active(cma))
		return 0;
	area = kzalloc(sizeof(*area), GFP_KERNEL);
	if (!area)
		return -ENOMEM;
	area->cma = cma;
	mutex_init(&area->lock);
	INIT_LIST_HEAD(&area->chunks);

	dir = debugfs_create_dir(cma->dir, root);
	for (i = 0; i < ARRAY_SIZE(cma_debugfs_files); i++)
		debugfs_create_file(cma_debugfs_files[i].name,
				    cma_debugfs_files[i].mode, dir, area,
				    cma_debugfs_files[i].fops);
	cma_debugfs_add_views(cma, dir);
	return 0;
}

static int __init cma_debugfs_init(void)
{
	return cma_for_each_area(cma_debugfs_add,
				 debugfs_create_dir("cma", NULL));
}
late_initcall(cma_debugfs_init);
