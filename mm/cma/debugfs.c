// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/cma/<area>/: the state of an area, two files to allocate and
 * release pages by hand, and views for people, in columns that tools can read.
 *
 * A view is consistent within a line only, so that no lock is held for long,
 * however large the area is.
 */
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "cma.h"
#include "engine.h"
#include "failure.h"
#include "hold.h"

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

/* Releases the latest first; all of them when @nr_pages is more. */
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

/* Works on a copy, so that the lock is held only to make it. */
static int cma_debugfs_used(void *data, u64 *val)
{
	struct cma_debugfs_area *area = data;
	struct cma_bitmap copy;
	int err = cma_hold_copy(area->cma, &copy);

	if (err)
		return err;
	*val = cma_bitmap_set_pages(&copy);
	kvfree(copy.bits);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cma_debugfs_used_fops, cma_debugfs_used, NULL,
			 "%llu\n");

static int cma_debugfs_maxchunk(void *data, u64 *val)
{
	struct cma_debugfs_area *area = data;

	*val = cma_range_len(cma_hold_largest_gap(area->cma));
	return 0;
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

/* Characters that would end a column are escaped. */
#define CMA_VIEW_ESCAPED " \t\n\\"

/**
 * struct cma_reader - a view that is being read, line by line
 * @cma: the area
 * @held: what the current line tells of; the map uses only its range
 */
struct cma_reader {
	struct cma *cma;
	struct cma_held_range held;
};

/* Positions count pages; 0 is the header. */
static void cma_debugfs_seek(struct cma_reader *reader, loff_t pos)
{
	reader->held.range.start = reader->cma->range.start + pos - 1;
}

static void *cma_debugfs_hold(struct cma_reader *reader, loff_t *pos)
{
	struct cma *cma = reader->cma;

	if (*pos > cma_range_len(cma->range))
		return NULL;
	cma_debugfs_seek(reader, *pos);
	if (!cma_hold_next_held(cma, &reader->held))
		return NULL;
	*pos = reader->held.range.start - cma->range.start + 1;
	return reader;
}

static void *cma_debugfs_holders_start(struct seq_file *seq, loff_t *pos)
{
	return *pos ? cma_debugfs_hold(seq->private, pos) : SEQ_START_TOKEN;
}

static void *cma_debugfs_holders_next(struct seq_file *seq, void *entry,
				      loff_t *pos)
{
	struct cma_reader *reader = seq->private;

	*pos = entry == SEQ_START_TOKEN ?
	       1 : reader->held.range.end - reader->cma->range.start + 1;
	return cma_debugfs_hold(reader, pos);
}

static void cma_debugfs_stop(struct seq_file *seq, void *entry)
{
}

/* Once its module is gone, "%ps" would print the address itself. */
static const void *cma_debugfs_function(const struct cma_holder *holder)
{
	return __kernel_text_address(holder->caller) ?
	       (const void *)holder->caller : NULL;
}

static void cma_debugfs_record(struct seq_file *seq,
			       const struct cma_record *record)
{
	const struct cma_holder *holder = &record->holder;
	u64 age = div_u64(ktime_get_boottime_ns() - record->since,
			  NSEC_PER_MSEC);

	seq_printf(seq, " %6u %8llu %7d ", record->align, age, holder->pid);
	seq_setwidth(seq, TASK_COMM_LEN);
	seq_escape(seq, holder->task[0] ? holder->task : "-",
		   CMA_VIEW_ESCAPED);
	seq_pad(seq, ' ');
	if (holder->device[0])
		seq_escape(seq, holder->device, CMA_VIEW_ESCAPED);
	else
		seq_printf(seq, "%ps", cma_debugfs_function(holder));
}

static int cma_debugfs_holders_show(struct seq_file *seq, void *entry)
{
	struct cma_reader *reader = seq->private;
	const struct cma_held_range *held = &reader->held;

	if (entry == SEQ_START_TOKEN) {
		seq_puts(seq, "pfn           pages  align   age_ms     pid task             holder\n");
		return 0;
	}
	seq_printf(seq, "%#-11lx %7lu", held->range.start,
		   cma_range_len(held->range));
	if (held->is_known)
		cma_debugfs_record(seq, &held->record);
	else
		seq_printf(seq, " %6s %8s %7s %-16s unknown", "-", "-", "-",
			   "-");
	seq_putc(seq, '\n');
	return 0;
}

static const struct seq_operations cma_debugfs_holders = {
	.start = cma_debugfs_holders_start,
	.next = cma_debugfs_holders_next,
	.stop = cma_debugfs_stop,
	.show = cma_debugfs_holders_show,
};

static int cma_debugfs_open(struct inode *inode, struct file *file,
			    const struct seq_operations *ops)
{
	struct cma_reader *reader = __seq_open_private(file, ops,
						       sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->cma = ((struct cma_debugfs_area *)inode->i_private)->cma;
	return 0;
}

static int cma_debugfs_open_holders(struct inode *inode, struct file *file)
{
	return cma_debugfs_open(inode, file, &cma_debugfs_holders);
}

static const struct file_operations cma_debugfs_holders_fops = {
	.owner = THIS_MODULE,
	.open = cma_debugfs_open_holders,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static void *cma_debugfs_block(struct cma_reader *reader, loff_t pos)
{
	struct cma_range *range = &reader->held.range;

	if (pos > cma_range_len(reader->cma->range))
		return NULL;
	cma_debugfs_seek(reader, pos);
	range->end = range->start + pageblock_nr_pages;
	return reader;
}

static void *cma_debugfs_map_start(struct seq_file *seq, loff_t *pos)
{
	return *pos ? cma_debugfs_block(seq->private, *pos) : SEQ_START_TOKEN;
}

static void *cma_debugfs_map_next(struct seq_file *seq, void *entry, loff_t *pos)
{
	*pos += entry == SEQ_START_TOKEN ? 1 : pageblock_nr_pages;
	return cma_debugfs_block(seq->private, *pos);
}

static int cma_debugfs_map_show(struct seq_file *seq, void *entry)
{
	struct cma_reader *reader = seq->private;
	struct cma_range block = reader->held.range;
	struct cma_pageblock_state state;

	if (entry == SEQ_START_TOKEN) {
		seq_puts(seq, "pfn           pages    held    free    idle   clean movable   stuck\n");
		return 0;
	}
	state = cma_scan_pageblock(reader->cma, block);
	seq_printf(seq, "%#-11lx %7lu %7lu %7lu %7lu %7lu %7lu %7lu\n",
		   block.start, cma_range_len(block), state.held, state.free,
		   state.idle, state.clean, state.movable, state.unmovable);
	return 0;
}

static const struct seq_operations cma_debugfs_map = {
	.start = cma_debugfs_map_start,
	.next = cma_debugfs_map_next,
	.stop = cma_debugfs_stop,
	.show = cma_debugfs_map_show,
};

static int cma_debugfs_open_map(struct inode *inode, struct file *file)
{
	return cma_debugfs_open(inode, file, &cma_debugfs_map);
}

static const struct file_operations cma_debugfs_map_fops = {
	.owner = THIS_MODULE,
	.open = cma_debugfs_open_map,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* The first line begins in the first column, the others are indented. */
static void cma_debugfs_failure(struct seq_file *seq, const struct cma *cma,
				const struct cma_failure *failure)
{
	char text[CMA_FAILURE_LINE];
	struct seq_buf line;
	unsigned int number;
	u32 ns;
	u64 s = div_u64_rem(failure->at, NSEC_PER_SEC, &ns);

	seq_printf(seq, "[%5llu.%06u] ", s, ns / (u32)NSEC_PER_USEC);
	seq_buf_init(&line, text, sizeof(text));
	for (number = 0; cma_failure_line(cma, failure, number, &line);
	     number++) {
		if (seq_buf_used(&line))
			seq_printf(seq, "%s%s\n", number ? "  " : "",
				   seq_buf_str(&line));
		seq_buf_clear(&line);
	}
}

static int cma_debugfs_failures_show(struct seq_file *seq, void *unused)
{
	struct cma *cma = ((struct cma_debugfs_area *)seq->private)->cma;
	struct cma_failure failure;
	unsigned int number = 0;

	while (cma_failure_get(cma, number++, &failure))
		cma_debugfs_failure(seq, cma, &failure);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cma_debugfs_failures);

static int cma_debugfs_latency_show(struct seq_file *seq, void *unused)
{
	const struct cma_debugfs_area *area = seq->private;
	const struct cma_stat *stat = &area->cma->stat;
	unsigned int bucket;
	enum cma_phase phase;

	seq_puts(seq, "us           alloc   survey evacuate     wait  release\n");
	for (bucket = 0; bucket < CMA_STAT_BUCKETS; bucket++) {
		if (bucket < CMA_STAT_BUCKETS - 1)
			seq_printf(seq, "%-9lu", 1UL << bucket);
		else
			seq_printf(seq, "%-9s", "inf");
		for (phase = 0; phase < CMA_PHASES; phase++)
			seq_printf(seq, " %8ld",
				   atomic_long_read(&stat->times[phase][bucket]));
		seq_putc(seq, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cma_debugfs_latency);

/**
 * struct cma_file - a file of an area's directory
 * @name: its name
 * @mode: its permissions
 * @fops: its operations
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
	{ "holders", 0444, &cma_debugfs_holders_fops },
	{ "map", 0444, &cma_debugfs_map_fops },
	{ "failures", 0444, &cma_debugfs_failures_fops },
	{ "latency", 0444, &cma_debugfs_latency_fops },
};

/* Where newer kernels have them: one directory for each range of an area. */
static void __init cma_debugfs_add_range(struct dentry *dir)
{
	struct dentry *range = debugfs_create_dir("0", debugfs_create_dir("ranges", dir));

	debugfs_create_symlink("base_pfn", range, "../../base_pfn");
	debugfs_create_symlink("bitmap", range, "../../bitmap");
}

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
	cma_debugfs_add_range(dir);
	return 0;
}

static int __init cma_debugfs_init(void)
{
	return cma_for_each_area(cma_debugfs_add,
				 debugfs_create_dir("cma", NULL));
}
late_initcall(cma_debugfs_init);
