// SPDX-License-Identifier: GPL-2.0
/*
 * The views, see view.h. Each file's private data is the area.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>

#include "cma.h"
#include "failure.h"
#include "hold.h"
#include "engine.h"
#include "view.h"

/* What would end a column is told by its number. */
#define CMA_VIEW_ESCAPED " \t\n\\"

/**
 * struct cma_reader - somebody reading a view line by line
 * @cma: the area
 * @piece: what the line is about; its range is all that the map uses of it
 */
struct cma_reader {
	struct cma *cma;
	struct cma_held_range piece;
};

/* Positions count pages; 0 is the header. */
static void cma_debugfs_seek(struct cma_reader *reader, loff_t pos)
{
	reader->piece.range.start = reader->cma->range.start + pos - 1;
}

static void *cma_debugfs_hold(struct cma_reader *reader, loff_t *pos)
{
	struct cma *cma = reader->cma;

	if (*pos > cma_range_len(cma->range))
		return NULL;
	cma_debugfs_seek(reader, *pos);
	if (!cma_hold_next_held(cma, &reader->piece))
		return NULL;
	*pos = reader->piece.range.start - cma->range.start + 1;
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
	       1 : reader->piece.range.end - reader->cma->range.start + 1;
	return cma_debugfs_hold(reader, pos);
}

static void cma_debugfs_stop(struct seq_file *seq, void *entry)
{
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
		seq_printf(seq, "%ps", (void *)holder->caller);
}

static int cma_debugfs_holders_show(struct seq_file *seq, void *entry)
{
	struct cma_reader *reader = seq->private;
	const struct cma_held_range *piece = &reader->piece;

	if (entry == SEQ_START_TOKEN) {
		seq_puts(seq, "pfn           pages  align   age_ms     pid task             holder\n");
		return 0;
	}
	seq_printf(seq, "%#-11lx %7lu", piece->range.start,
		   cma_range_len(piece->range));
	if (piece->is_known)
		cma_debugfs_record(seq, &piece->record);
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
	reader->cma = inode->i_private;
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
	struct cma_range *range = &reader->piece.range;

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
	struct cma_range block = reader->piece.range;
	struct cma_pageblock_state sight;

	if (entry == SEQ_START_TOKEN) {
		seq_puts(seq, "pfn           pages    held    free    idle   clean movable   stuck\n");
		return 0;
	}
	sight = cma_scan_pageblock(reader->cma, block);
	seq_printf(seq, "%#-11lx %7lu %7lu %7lu %7lu %7lu %7lu %7lu\n",
		   block.start, cma_range_len(block), sight.held, sight.free,
		   sight.idle, sight.clean, sight.movable, sight.unmovable);
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

/* Each begins in the first column. */
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
	struct cma *cma = seq->private;
	struct cma_failure failure;
	unsigned int number = 0;

	while (cma_failure_get(cma, number++, &failure))
		cma_debugfs_failure(seq, cma, &failure);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cma_debugfs_failures);

static int cma_debugfs_latency_show(struct seq_file *seq, void *unused)
{
	const struct cma_stat *stat = &((struct cma *)seq->private)->stat;
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
 * struct cma_debugfs_view - a file
 * @name: its name
 * @fops: how it is read
 */
struct cma_debugfs_view {
	const char *name;
	const struct file_operations *fops;
};

static const struct cma_debugfs_view cma_views[] __initconst = {
	{ "holders", &cma_debugfs_holders_fops },
	{ "map", &cma_debugfs_map_fops },
	{ "failures", &cma_debugfs_failures_fops },
	{ "latency", &cma_debugfs_latency_fops },
};

/**
 * cma_debugfs_add_views() - show an area
 * @cma: an active area
 * @dir: its directory in debugfs
 *
 * Context: boot.
 */
void __init cma_debugfs_add_views(struct cma *cma, struct dentry *dir)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(cma_views); i++)
		debugfs_create_file(cma_views[i].name, 0444, dir, cma,
				    cma_views[i].fops);
}
