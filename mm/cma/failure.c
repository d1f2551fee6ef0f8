// SPDX-License-Identifier: GPL-2.0
/*
 * Failures: find out why an allocation failed or a release was refused, store
 * it for debugfs, and log it in words. At run time no other file prints.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/page_owner.h>
#include <linux/pagemap.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmstat.h>

#include "cma.h"
#include "engine.h"
#include "failure.h"
#include "hold.h"

/* How long the caller of an open failure may be in the page allocator. */
#define CMA_FAILURE_PENDING_NS (30 * (u64)NSEC_PER_SEC)
/* How many holders are told apart at one time. */
#define CMA_FAILURE_SUMS 8

/**
 * struct cma_failure_sum - what one of the holders has
 * @holder: the holder, when @weight is not 0
 * @weight: pages of it, less those of holders that have no sum
 * @pages: pages of it
 */
struct cma_failure_sum {
	struct cma_holder holder;
	unsigned long weight;
	unsigned long pages;
};

static const char * const cma_blocker_kinds[] = {
	[CMA_PAGE_GONE] = "gone meanwhile",
	[CMA_PAGE_ANON] = "anonymous",
	[CMA_PAGE_FILE] = "file",
	[CMA_PAGE_DEVICE] = "cache of a block device",
	[CMA_PAGE_METADATA] = "buffers of a mounted file system",
	[CMA_PAGE_SHMEM] = "shared memory",
	[CMA_PAGE_HUGETLB] = "huge page",
	[CMA_PAGE_SLAB] = "slab",
	[CMA_PAGE_TABLE] = "page table",
	[CMA_PAGE_RESERVED] = "reserved",
	[CMA_PAGE_MOVABLE] = "movable page of a driver",
	[CMA_PAGE_ISOLATED] = "page block that could not be isolated",
	[CMA_PAGE_OTHER] = "in use by the kernel",
};

/* All block devices share one file system, so that does not tell which one. */
static void cma_blocker_examine_inode(struct cma_blocker *blocker,
				      const struct inode *inode)
{
	if (S_ISBLK(inode->i_mode)) {
		blocker->kind = CMA_PAGE_DEVICE;
		blocker->dev = inode->i_rdev;
	} else {
		blocker->ino = inode->i_ino;
		blocker->dev = inode->i_sb->s_dev;
	}
}

/* The file of a folio stays in place only while the folio is locked. */
static void cma_blocker_examine_file(struct cma_blocker *blocker,
				     struct folio *folio)
{
	struct address_space *mapping;

	if (!folio_trylock(folio))
		return;
	mapping = folio_mapping(folio);
	if (mapping && mapping->host)
		cma_blocker_examine_inode(blocker, mapping->host);
	folio_unlock(folio);
}

static enum cma_page_kind cma_blocker_kind(struct folio *folio)
{
	if (folio_test_hugetlb(folio))
		return CMA_PAGE_HUGETLB;
	if (folio_test_anon(folio))
		return CMA_PAGE_ANON;
	if (__folio_test_movable(folio))
		return CMA_PAGE_MOVABLE;
	if (READ_ONCE(folio->mapping))
		return folio_test_swapbacked(folio) ? CMA_PAGE_SHMEM :
						      CMA_PAGE_FILE;
	return CMA_PAGE_OTHER;
}

static void cma_blocker_examine_folio(struct cma_blocker *blocker,
				      struct folio *folio)
{
	blocker->flags = folio->flags;
	blocker->refs = folio_ref_count(folio) - 1;
	blocker->maps = folio_mapcount(folio);
	blocker->is_pinned = folio_maybe_dma_pinned(folio);
	blocker->kind = cma_blocker_kind(folio);
	if (blocker->kind == CMA_PAGE_FILE || blocker->kind == CMA_PAGE_SHMEM)
		cma_blocker_examine_file(blocker, folio);
}

/* Kinds of which no reference can be had, or where references tell nothing. */
static bool cma_blocker_is_plain(struct cma_blocker *blocker, struct page *page)
{
	blocker->flags = READ_ONCE(page->flags);
	blocker->refs = page_count(page);
	if (PageReserved(page))
		blocker->kind = CMA_PAGE_RESERVED;
	else if (PageSlab(page))
		blocker->kind = CMA_PAGE_SLAB;
	else if (PageTable(page))
		blocker->kind = CMA_PAGE_TABLE;
	else
		return false;
	return true;
}

VISIBLE_IF_KUNIT void cma_blocker_examine(struct cma_blocker *blocker,
					  unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio;
	struct cma_scan scan;

	*blocker = (struct cma_blocker){ .pfn = pfn };
	cma_scan_range(&scan, cma_range_of(pfn, 1), true);
	if (cma_blocker_is_plain(blocker, page))
		return;
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return;
	if (page_folio(page) == folio)
		cma_blocker_examine_folio(blocker, folio);
	folio_put(folio);
	if (blocker->kind == CMA_PAGE_DEVICE && scan.has_metadata)
		blocker->kind = CMA_PAGE_METADATA;
}

VISIBLE_IF_KUNIT void cma_blocker_print(const struct cma_blocker *blocker,
					struct seq_buf *line)
{
	seq_buf_printf(line, "blocker: pfn %#lx, %s", blocker->pfn,
		       cma_blocker_kinds[blocker->kind]);
	if (blocker->dev)
		seq_buf_printf(line, " (device %u:%u", MAJOR(blocker->dev),
			       MINOR(blocker->dev));
	if (blocker->ino)
		seq_buf_printf(line, ", inode %lu", blocker->ino);
	if (blocker->dev)
		seq_buf_putc(line, ')');
	if (blocker->kind == CMA_PAGE_GONE ||
	    blocker->kind == CMA_PAGE_ISOLATED)
		return;
	seq_buf_printf(line, ", refs %d, mapped %d, %sflags %pGp",
		       blocker->refs, blocker->maps,
		       blocker->is_pinned ? "pinned, " : "", &blocker->flags);
}

/* Without memory for them, the failures of an area are not stored. */
VISIBLE_IF_KUNIT struct cma_failures *cma_failures_new(void)
{
	struct cma_failures *failures = kzalloc(sizeof(*failures), GFP_KERNEL);

	if (failures)
		spin_lock_init(&failures->lock);
	return failures;
}

/* Why no window was found, whatever slots others had locked. */
static enum cma_fail_cause cma_failure_no_room(struct cma *cma,
					       const struct cma_demand *demand)
{
	u64 pages = cma_range_len(cma->range);
	u64 available = pages - min(pages, cma_stat_held(&cma->stat));
	struct cma_window window;

	if (cma_window_init(&window, &cma->taken, demand->nr_pages,
			    demand->align) || demand->nr_pages > pages)
		return CMA_FAIL_TOO_BIG;
	return available < demand->nr_pages ? CMA_FAIL_FULL : CMA_FAIL_FRAGMENTED;
}

VISIBLE_IF_KUNIT enum cma_fail_cause
cma_failure_cause(struct cma *cma, const struct cma_demand *demand, int err,
		  const struct cma_search_result *result)
{
	if (err == -EBUSY)
		return CMA_FAIL_BUSY;
	if (err == -EINTR)
		return CMA_FAIL_INTERRUPTED;
	if (err == -ERANGE)
		return CMA_FAIL_OUT_OF_REACH;
	if (err != -ENOMEM)
		return CMA_FAIL_INVALID;
	return result->starved ? CMA_FAIL_NO_MEMORY :
				  cma_failure_no_room(cma, demand);
}

VISIBLE_IF_KUNIT void cma_failure_count(struct cma_stat *stat,
					unsigned long nr_pages,
					enum cma_fail_cause cause)
{
	count_vm_event(CMA_ALLOC_FAIL);
	atomic64_inc(&stat->fails[cause]);
	atomic64_add(nr_pages, &stat->failed);
}

static bool cma_failure_has_blocker(const struct cma_failure *failure)
{
	return failure->cause == CMA_FAIL_BUSY && !failure->locked_out;
}

static void cma_failure_find_blocker(struct cma_failure *failure,
				     const struct cma_search_result *result)
{
	if (result->isolation_failed)
		failure->blocker = (struct cma_blocker){
			.pfn = result->blocker,
			.kind = CMA_PAGE_ISOLATED,
		};
	else
		cma_blocker_examine(&failure->blocker, result->blocker);
}

VISIBLE_IF_KUNIT void
cma_failure_fill(struct cma_failure *failure, struct cma *cma,
		 const struct cma_demand *demand,
		 const struct cma_search_result *result)
{
	failure->at = local_clock();
	failure->nr_pages = demand->nr_pages;
	failure->align = demand->align;
	failure->reach = demand->reach;
	failure->effort = result->effort;
	failure->locked_out = result->locked_out;
	failure->held = cma_stat_held(&cma->stat);
	failure->is_examined = false;
	cma_holder_set(&failure->asker, demand);
	if (failure->cause != CMA_FAIL_OUT_OF_REACH)
		failure->gap = cma_hold_largest_gap(cma);
	if (cma_failure_has_blocker(failure))
		cma_failure_find_blocker(failure, result);
}

static void cma_failure_add_holder(struct cma_failure *failure,
				   const struct cma_held_range *held)
{
	if (held->is_known)
		failure->holders[failure->nr_holders++] =
			held->record.holder;
}

/* Of a device, whoever asked for it; else of a function of a process. */
static bool cma_failure_is_same(const struct cma_holder *a,
				const struct cma_holder *b)
{
	if (a->device[0] || b->device[0])
		return !strcmp(a->device, b->device);
	return a->pid == b->pid && a->caller == b->caller;
}

/* The sum of a holder, or else one that is not in use, or NULL. */
static struct cma_failure_sum *
cma_failure_find_sum(struct cma_failure_sum *sums,
		     const struct cma_holder *holder)
{
	struct cma_failure_sum *unused = NULL;
	int i;

	for (i = 0; i < CMA_FAILURE_SUMS; i++) {
		if (!sums[i].weight)
			unused = &sums[i];
		else if (cma_failure_is_same(&sums[i].holder, holder))
			return &sums[i];
	}
	return unused;
}

/*
 * Without a sum for it, a piece takes as much from each sum as it has itself, so
 * the small ones go. Whoever holds more than a part in CMA_FAILURE_SUMS + 1 is
 * left in the end.
 */
static void cma_failure_weigh(struct cma_failure_sum *sums,
			      const struct cma_holder *holder,
			      unsigned long pages)
{
	struct cma_failure_sum *sum = cma_failure_find_sum(sums, holder);
	unsigned long less = pages;
	int i;

	if (!sum) {
		for (i = 0; i < CMA_FAILURE_SUMS; i++)
			less = min(less, sums[i].weight);
		for (i = 0; i < CMA_FAILURE_SUMS; i++)
			sums[i].weight -= less;
		pages -= less;
		sum = pages ? cma_failure_find_sum(sums, holder) : NULL;
	}
	if (sum) {
		sum->holder = *holder;
		sum->weight += pages;
	}
}

static void cma_failure_count_pages(struct cma_failure_sum *sums,
				    const struct cma_holder *holder,
				    unsigned long pages)
{
	struct cma_failure_sum *sum = cma_failure_find_sum(sums, holder);

	if (sum && sum->weight)
		sum->pages += pages;
}

typedef void cma_failure_add_t(struct cma_failure_sum *sums,
			       const struct cma_holder *holder,
			       unsigned long pages);

static void cma_failure_add_pieces(struct cma *cma,
				   struct cma_failure_sum *sums,
				   cma_failure_add_t *add)
{
	struct cma_held_range held = { .range.start = cma->range.start };

	for (; cma_hold_next_held(cma, &held);
	     held.range.start = held.range.end) {
		if (held.is_known)
			add(sums, &held.record.holder,
			    cma_range_len(held.range));
		cond_resched();
	}
}

/* All that it holds, in however many pieces; each piece is seen twice. */
static void cma_failure_find_most(struct cma_failure *failure, struct cma *cma)
{
	struct cma_failure_sum sums[CMA_FAILURE_SUMS] = {};
	const struct cma_failure_sum *most = &sums[0];
	int i;

	cma_failure_add_pieces(cma, sums, cma_failure_weigh);
	cma_failure_add_pieces(cma, sums, cma_failure_count_pages);
	for (i = 1; i < CMA_FAILURE_SUMS; i++)
		if (sums[i].pages > most->pages)
			most = &sums[i];
	failure->most = most->pages;
	if (most->pages)
		failure->holders[failure->nr_holders++] = most->holder;
}

/* The last slot before the gap may be held in part only. */
static void cma_failure_find_left(struct cma_failure *failure,
				  struct cma *cma)
{
	unsigned long slot_pages = 1UL << cma->taken.order;
	struct cma_held_range held = {
		.range.start = failure->gap.start - slot_pages,
	};
	struct cma_held_range left = {};

	while (cma_hold_next_held(cma, &held) &&
	       held.range.start < failure->gap.start) {
		left = held;
		held.range.start = held.range.end;
	}
	cma_failure_add_holder(failure, &left);
}

/* The holders on both sides of the gap that was not large enough. */
static void cma_failure_find_neighbours(struct cma_failure *failure,
					struct cma *cma)
{
	struct cma_held_range right = { .range.start = failure->gap.end };

	if (!cma_range_len(failure->gap))
		return;
	if (failure->gap.start > cma->range.start)
		cma_failure_find_left(failure, cma);
	if (failure->gap.end < cma->range.end &&
	    cma_hold_next_held(cma, &right))
		cma_failure_add_holder(failure, &right);
}

static unsigned long cma_failure_free_pages(struct cma *cma)
{
	struct cma_range block = cma->range;
	unsigned long nr_free = 0;

	while (block.start < cma->range.end) {
		block.end = block.start + pageblock_nr_pages;
		nr_free += cma_scan_pageblock(cma, block).free;
		block.start = block.end;
		cond_resched();
	}
	return nr_free;
}

VISIBLE_IF_KUNIT void
cma_failure_examine(struct cma_failure *failure, struct cma *cma)
{
	failure->nr_holders = 0;
	if (failure->cause == CMA_FAIL_FULL)
		cma_failure_find_most(failure, cma);
	else if (failure->cause == CMA_FAIL_FRAGMENTED)
		cma_failure_find_neighbours(failure, cma);
	failure->free = cma_failure_free_pages(cma);
	failure->is_examined = true;
}

/* Its caller is in the page allocator, and will soon tell what became of it. */
static bool cma_failure_is_pending(const struct cma_failure *failure)
{
	return failure->fate == CMA_FATE_OPEN &&
	       local_clock() - failure->at < CMA_FAILURE_PENDING_NS;
}

/* The next one takes the place of the oldest, but for those that are pending. */
static void cma_failures_make_room(struct cma_failures *failures)
	__must_hold(&failures->lock)
{
	struct cma_failure *oldest =
		&failures->last[failures->count % CMA_FAILURES];
	unsigned long number;

	if (!cma_failure_is_pending(oldest))
		return;
	for (number = 1; number < CMA_FAILURES; number++) {
		struct cma_failure *other =
			&failures->last[(failures->count + number) %
					CMA_FAILURES];

		if (!cma_failure_is_pending(other)) {
			*other = *oldest;
			return;
		}
	}
}

VISIBLE_IF_KUNIT void cma_failure_store(struct cma *cma,
					const struct cma_failure *failure)
{
	struct cma_failures *failures = READ_ONCE(cma->failures);

	if (!failures)
		return;
	spin_lock(&failures->lock);
	cma_failures_make_room(failures);
	failures->last[failures->count++ % CMA_FAILURES] = *failure;
	spin_unlock(&failures->lock);
}

/**
 * cma_failure_get() - copy one of the last failures
 * @cma: the area
 * @number: 0 for the oldest that is stored
 * @failure: receives the copy
 *
 * Context: interrupts are on.
 * Return: true; false when fewer are stored.
 */
bool cma_failure_get(struct cma *cma, unsigned int number,
		     struct cma_failure *failure)
{
	struct cma_failures *failures = READ_ONCE(cma->failures);
	unsigned long first = 0;
	bool found;

	if (!failures)
		return false;
	spin_lock(&failures->lock);
	if (failures->count > CMA_FAILURES)
		first = failures->count - CMA_FAILURES;
	found = first + number < failures->count;
	if (found)
		*failure = failures->last[(first + number) % CMA_FAILURES];
	spin_unlock(&failures->lock);
	return found;
}

static const char * const cma_failure_causes[CMA_NR_FAIL_CAUSES] = {
	[CMA_FAIL_TOO_BIG] = "too big",
	[CMA_FAIL_FULL] = "full",
	[CMA_FAIL_FRAGMENTED] = "fragmented",
	[CMA_FAIL_BUSY] = "busy",
	[CMA_FAIL_NO_MEMORY] = "no memory",
	[CMA_FAIL_INTERRUPTED] = "interrupted",
	[CMA_FAIL_OUT_OF_REACH] = "out of reach",
	[CMA_FAIL_INVALID] = "invalid",
};

/* Once its module is gone, "%ps" would print the address itself. */
static const void *cma_failure_function(const struct cma_holder *holder)
{
	return __kernel_text_address(holder->caller) ?
	       (const void *)holder->caller : NULL;
}

VISIBLE_IF_KUNIT void cma_failure_print_holder(const struct cma_holder *holder,
					       struct seq_buf *line)
{
	if (holder->device[0])
		seq_buf_puts(line, holder->device);
	else
		seq_buf_printf(line, "%ps", cma_failure_function(holder));
	seq_buf_printf(line, " (task %*pE, pid %d)", (int)strlen(holder->task),
		       holder->task, holder->pid);
}

static void cma_failure_print_request(const struct cma_failure *failure,
				      struct seq_buf *line)
{
	seq_buf_printf(line, "%lu pages, align %u, ret %d: %s",
		       failure->nr_pages, failure->align, failure->err,
		       cma_failure_causes[failure->cause]);
}

static void cma_failure_print_asker(const struct cma_failure *failure,
				    struct seq_buf *line)
{
	seq_buf_puts(line, "for ");
	cma_failure_print_holder(&failure->asker, line);
	if (failure->fate == CMA_FATE_SERVED)
		seq_buf_puts(line, ", served elsewhere");
	else if (failure->fate == CMA_FATE_OPEN)
		seq_buf_puts(line, ", maybe served elsewhere");
}

static void cma_failure_print_area(const struct cma *cma,
				   const struct cma_failure *failure,
			      struct seq_buf *line)
{
	unsigned long pages = cma_range_len(cma->range);

	seq_buf_printf(line, "held %lu", failure->held);
	if (failure->is_examined)
		seq_buf_printf(line, ", lent %ld, free %lu",
			       (long)(pages - failure->held - failure->free),
			       failure->free);
	seq_buf_printf(line, " of %lu pages", pages);
	if (failure->cause == CMA_FAIL_OUT_OF_REACH)
		return;
	seq_buf_printf(line, "; largest window %lu pages",
		       cma_range_len(failure->gap));
	if (cma_range_len(failure->gap))
		seq_buf_printf(line, " at pfn %#lx", failure->gap.start);
}

static void cma_failure_print_effort(const struct cma_failure *failure,
				     struct seq_buf *line)
{
	const struct cma_effort *effort = &failure->effort;

	seq_buf_printf(line, "%lu windows tried, %lu of them busy, %lu waits",
		       effort->windows, effort->busy, effort->waits);
	seq_buf_printf(line, ", %lu pages moved, %lu dropped", effort->moved,
		       effort->reclaimed);
}

/* In MiB, because bytes could overflow. */
static u64 cma_failure_size_mib(const struct cma_failure *failure)
{
	unsigned int order = max_t(unsigned int, failure->align,
				   pageblock_order);
	unsigned int order_mib = ilog2(SZ_1M) - PAGE_SHIFT;
	u64 mib = (failure->nr_pages >> order_mib) + 1;

	if (IS_ALIGNED(failure->nr_pages, 1UL << order_mib))
		mib--;
	if (order > order_mib)
		mib = round_up(mib, 1ULL << min(order - order_mib, 63U));
	return mib;
}

static void cma_failure_advise_size(const struct cma_failure *failure,
				    struct seq_buf *line)
{
	seq_buf_puts(line, "advice: not even an empty area of this size would do");
	seq_buf_printf(line, ": %llu MiB or more, or a smaller alignment",
		       cma_failure_size_mib(failure));
}

static void cma_failure_advise_full(const struct cma_failure *failure,
				    struct seq_buf *line)
{
	seq_buf_puts(line, "advice: too much is held: a larger area, or fewer buffers");
	if (!failure->nr_holders)
		return;
	seq_buf_printf(line, "; %lu pages are held by ", failure->most);
	cma_failure_print_holder(&failure->holders[0], line);
}

static void cma_failure_advise_fragmented(const struct cma_failure *failure,
					  struct seq_buf *line)
{
	const char *why = cma_range_len(failure->gap) >= failure->nr_pages ?
		"the largest free range is long enough, but not aligned as requested" :
		"enough pages are not held by drivers, but they are not contiguous";
	unsigned int i;

	seq_buf_printf(line, "advice: %s", why);
	for (i = 0; i < failure->nr_holders; i++) {
		seq_buf_puts(line, i ? " and " : "; fragmented by ");
		cma_failure_print_holder(&failure->holders[i], line);
	}
}

static void cma_failure_advise_busy(const struct cma_failure *failure,
				    struct seq_buf *line)
{
	const struct cma_blocker *blocker = &failure->blocker;

	seq_buf_puts(line, "advice: ");
	if (failure->locked_out)
		seq_buf_puts(line, "locked by another allocation or release, not held");
	else if (blocker->is_pinned)
		seq_buf_puts(line, "pinned, by I/O in flight or for a device");
	else if (blocker->kind == CMA_PAGE_METADATA)
		seq_buf_printf(line, "held by a mounted file system, device %u:%u, until unmounted",
			       MAJOR(blocker->dev), MINOR(blocker->dev));
	else
		seq_buf_puts(line, "blocked by references that should not last");
	seq_buf_printf(line, "; tried again %lu times", failure->effort.waits);
}

static void cma_failure_advise_reach(const struct cma *cma,
				     const struct cma_failure *failure,
				     struct seq_buf *line)
{
	phys_addr_t base = cma_get_base(cma);

	seq_buf_printf(line, "advice: the device reaches addresses up to %#llx, ",
		       failure->reach);
	seq_buf_printf(line, "the area begins at %pa; it needs one below", &base);
}

static void cma_failure_print_advice(const struct cma *cma,
				     const struct cma_failure *failure,
				     struct seq_buf *line)
{
	switch (failure->cause) {
	case CMA_FAIL_TOO_BIG:
		cma_failure_advise_size(failure, line);
		break;
	case CMA_FAIL_FULL:
		cma_failure_advise_full(failure, line);
		break;
	case CMA_FAIL_FRAGMENTED:
		cma_failure_advise_fragmented(failure, line);
		break;
	case CMA_FAIL_BUSY:
		cma_failure_advise_busy(failure, line);
		break;
	case CMA_FAIL_NO_MEMORY:
		seq_buf_puts(line, "advice: no memory elsewhere to move borrowed pages to");
		break;
	case CMA_FAIL_INTERRUPTED:
		seq_buf_puts(line, "advice: the task was killed; nothing is wrong with the area");
		break;
	case CMA_FAIL_OUT_OF_REACH:
		cma_failure_advise_reach(cma, failure, line);
		break;
	default:
		seq_buf_puts(line, "advice: no pages, or odd flags: a bug of the caller");
		break;
	}
}

/**
 * cma_failure_line() - print one line of text about a failure
 * @cma: the area
 * @failure: what is known of it
 * @number: which line, from 0 on
 * @line: receives it, without a newline; empty when there is nothing to say
 *
 * Return: true; false when there are fewer lines.
 */
bool cma_failure_line(const struct cma *cma, const struct cma_failure *failure,
		      unsigned int number, struct seq_buf *line)
{
	switch (number) {
	case 0:
		cma_failure_print_request(failure, line);
		break;
	case 1:
		cma_failure_print_asker(failure, line);
		break;
	case 2:
		cma_failure_print_area(cma, failure, line);
		break;
	case 3:
		if (failure->effort.windows)
			cma_failure_print_effort(failure, line);
		break;
	case 4:
		if (failure->blocker.pfn && cma_failure_has_blocker(failure))
			cma_blocker_print(&failure->blocker, line);
		break;
	case 5:
		cma_failure_print_advice(cma, failure, line);
		break;
	default:
		return false;
	}
	return true;
}

/* Size of the list of gaps; those that do not fit still count in the sum. */
#define CMA_REPORT_LINE 384

static void cma_failure_print_add_gap(struct seq_buf *line, const struct cma *cma,
				      struct cma_range gap)
{
	unsigned long slot = (gap.start - cma->range.start) >> cma->taken.order;
	size_t used = line->len;

	seq_buf_printf(line, "%s%lu@%lu", used ? "+" : "", cma_range_len(gap),
		       slot);
	if (seq_buf_has_overflowed(line))
		line->len = used;
}

/* Pages and first slot of each gap between taken slots. */
static void cma_failure_print_gaps(struct cma *cma)
{
	struct cma_range rest = cma->range, gap;
	char text[CMA_REPORT_LINE];
	unsigned long available = 0;
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	while (cma_hold_next_gap(cma, &rest, &gap)) {
		available += cma_range_len(gap);
		cma_failure_print_add_gap(&line, cma, gap);
		cond_resched();
	}
	pr_info("number of available pages: %s=> %lu free of %lu total pages\n",
		seq_buf_str(&line), available, cma_range_len(cma->range));
}

static void cma_failure_print_lines(const struct cma *cma,
				    const struct cma_failure *failure)
{
	char text[CMA_FAILURE_LINE];
	struct seq_buf line;
	unsigned int number;

	seq_buf_init(&line, text, sizeof(text));
	for (number = 0; cma_failure_line(cma, failure, number, &line);
	     number++) {
		if (seq_buf_used(&line))
			pr_info("cma_alloc: %s: %s\n", cma->name,
				seq_buf_str(&line));
		seq_buf_clear(&line);
	}
	if (cma_failure_has_blocker(failure) &&
	    failure->blocker.kind != CMA_PAGE_ISOLATED)
		dump_page_owner(pfn_to_page(failure->blocker.pfn));
}

static void cma_failure_print(struct cma *cma,
			      const struct cma_failure *failure)
{
	pr_err("cma_alloc: %s: alloc failed, req-size: %lu pages, ret: %d\n",
	       cma->name, failure->nr_pages, failure->err);
	cma_failure_print_gaps(cma);
	cma_failure_print_lines(cma, failure);
}

static bool cma_failure_may_log(struct cma *cma,
				const struct cma_demand *demand)
{
	return !(demand->gfp & __GFP_NOWARN) && __ratelimit(&cma->fail_limit);
}

/*
 * A device that does not reach its area never will, and mostly the page allocator
 * serves it. So the log tells once.
 */
static bool cma_failure_is_news(const struct cma *cma, enum cma_fail_cause cause)
{
	return cause != CMA_FAIL_OUT_OF_REACH ||
	       atomic64_read(&cma->stat.fails[cause]) == 1;
}

/**
 * cma_failure_note() - count, store and log an allocation that failed
 * @cma: the area
 * @demand: what the current task asked for
 * @err: errno that cma_search_pages() returned
 * @result: what it told besides
 *
 * With __GFP_NOWARN a failure is stored, but not logged. So it is when the caller
 * has another way to get pages, until cma_failure_settle(). That a device does not
 * reach the area is logged once. All of the area is
 * scanned only for failures that are logged, so the rate limit of the area
 * limits that, too. The boot log tells why an area is not active.
 *
 * Context: process context; sleeps.
 */
void cma_failure_note(struct cma *cma, const struct cma_demand *demand,
		      int err, const struct cma_search_result *result)
{
	struct cma_failure failure = {
		.err = err,
		.cause = cma_failure_cause(cma, demand, err, result),
		.fate = demand->has_fallback ? CMA_FATE_OPEN : CMA_FATE_FAILED,
	};
	bool log;

	cma_failure_count(&cma->stat, demand->nr_pages, failure.cause);
	if (!cma_area_is_active(cma))
		return;
	cma_failure_fill(&failure, cma, demand, result);
	log = failure.fate == CMA_FATE_FAILED &&
	      cma_failure_is_news(cma, failure.cause) &&
	      cma_failure_may_log(cma, demand);
	if (log)
		cma_failure_examine(&failure, cma);
	cma_failure_store(cma, &failure);
	if (log)
		cma_failure_print(cma, &failure);
}

/* The newest one of the current task that is open, or NULL. */
static struct cma_failure *cma_failures_find(struct cma_failures *failures,
					     const struct cma_failure *like)
	__must_hold(&failures->lock)
{
	unsigned long number;

	for (number = 1; number <= min(failures->count, CMA_FAILURES + 0UL);
	     number++) {
		struct cma_failure *failure =
			&failures->last[(failures->count - number) %
					CMA_FAILURES];

		if (failure->fate == CMA_FATE_OPEN &&
		    failure->nr_pages == like->nr_pages &&
		    failure->asker.pid == like->asker.pid &&
		    !strcmp(failure->asker.device, like->asker.device))
			return failure;
	}
	return NULL;
}

/* Copies an open failure to @failure, which is like it, and sets its fate. */
static bool cma_failure_close(struct cma *cma, struct cma_failure *failure,
			      enum cma_failure_fate fate)
{
	struct cma_failures *failures = READ_ONCE(cma->failures);
	struct cma_failure *found;

	if (!failures)
		return false;
	spin_lock(&failures->lock);
	found = cma_failures_find(failures, failure);
	if (found) {
		found->fate = fate;
		*failure = *found;
	}
	spin_unlock(&failures->lock);
	return found;
}

/* The same again, with what was found out since. */
static void cma_failure_update(struct cma *cma,
			       const struct cma_failure *failure)
{
	struct cma_failures *failures = cma->failures;
	int i;

	spin_lock(&failures->lock);
	for (i = 0; i < CMA_FAILURES; i++)
		if (failures->last[i].at == failure->at &&
		    failures->last[i].asker.pid == failure->asker.pid)
			failures->last[i] = *failure;
	spin_unlock(&failures->lock);
}

/* Nothing is wrong, so it is one line a minute, for all areas. */
static struct ratelimit_state cma_failure_served_limit =
	RATELIMIT_STATE_INIT_FLAGS(cma_failure_served_limit, 60 * HZ, 1,
				   RATELIMIT_MSG_ON_RELEASE);

static void cma_failure_note_served(struct cma *cma,
				    const struct cma_failure *failure,
				    gfp_t gfp)
{
	s64 served = atomic64_inc_return(&cma->stat.elsewhere);
	char text[CMA_FAILURE_LINE];
	struct seq_buf line;

	if (gfp & __GFP_NOWARN || !__ratelimit(&cma_failure_served_limit))
		return;
	seq_buf_init(&line, text, sizeof(text));
	cma_failure_print_holder(&failure->asker, &line);
	pr_info("%s: %s: %lu pages for %s came from elsewhere; %lld such requests since boot\n",
		cma->name, cma_failure_causes[failure->cause],
		failure->nr_pages, seq_buf_str(&line), served);
}

/**
 * cma_failure_settle() - tell what became of a request after all
 * @cma: an area that may have failed to serve it, or NULL
 * @demand: number of pages, device and gfp flags as in cma_alloc_for()
 * @served: the current task got its pages elsewhere
 *
 * A request that was served elsewhere is counted, and mentioned at most once a
 * minute. Otherwise its failure is logged now. Does nothing when the area was not
 * asked.
 *
 * Context: process context; sleeps.
 */
void cma_failure_settle(struct cma *cma, const struct cma_demand *demand,
			bool served)
{
	struct cma_failure failure = { .nr_pages = demand->nr_pages };

	if (!cma)
		return;
	cma_holder_set(&failure.asker, demand);
	if (!cma_failure_close(cma, &failure,
			       served ? CMA_FATE_SERVED : CMA_FATE_FAILED))
		return;
	if (served) {
		cma_failure_note_served(cma, &failure, demand->gfp);
	} else if (cma_failure_may_log(cma, demand)) {
		cma_failure_examine(&failure, cma);
		cma_failure_update(cma, &failure);
		cma_failure_print(cma, &failure);
	}
}

static const char * const cma_failure_refusals[] = {
	[CMA_REFUSAL_NONE] = "are released",
	[CMA_REFUSAL_OUTSIDE] = "are not all in the area",
	[CMA_REFUSAL_NOT_HELD] = "are not held as a whole",
	[CMA_REFUSAL_PART_OF_SLOT] = "are not whole slots",
	[CMA_REFUSAL_PART_OF_FOLIO] = "are not one folio as a whole",
	[CMA_REFUSAL_SEVERAL] = "are of several allocations",
};

static void cma_failure_print_piece(struct seq_buf *line,
				    const struct cma_held_range *held)
{
	seq_buf_printf(line, "; pfn %#lx is held by ", held->range.start);
	if (held->is_known)
		cma_failure_print_holder(&held->record.holder, line);
	else
		seq_buf_puts(line, "unknown");
}

/* The task that asked, and the first two holders of pages in the range. */
static void cma_failure_print_sides(struct cma *cma, struct cma_range range,
				    unsigned long caller)
{
	struct cma_held_range held = { .range.start = range.start };
	char text[CMA_REPORT_LINE];
	struct seq_buf line;
	int found = 0;

	seq_buf_init(&line, text, sizeof(text));
	seq_buf_printf(&line, "asked by %ps (task %*pE, pid %d)",
		       (void *)caller, (int)strlen(current->comm),
		       current->comm, task_pid_nr(current));
	while (found < 2 && cma_hold_next_held(cma, &held) &&
	       held.range.start - range.start < cma_range_len(range)) {
		cma_failure_print_piece(&line, &held);
		held.range.start = held.range.end;
		found++;
	}
	if (!found)
		seq_buf_puts(&line, "; nobody holds any of them");
	pr_err("cma_release: %s: %s\n", cma->name, seq_buf_str(&line));
}

/**
 * cma_failure_note_refusal() - count and log a release that was refused
 * @cma: the area
 * @range: pages that were to be released; begins inside the area
 * @refusal: why they were not
 * @caller: address in the function that asked
 *
 * Context: any; acquires cma->lock.
 */
void cma_failure_note_refusal(struct cma *cma, struct cma_range range,
			      enum cma_refusal refusal, unsigned long caller)
{
	atomic64_inc(&cma->stat.refused);
	if (!__ratelimit(&cma->refusal_limit))
		return;
	pr_err("cma_release: %s: refused, %lu pages at pfn %#lx %s; nothing freed\n",
	       cma->name, cma_range_len(range), range.start,
	       cma_failure_refusals[refusal]);
	cma_failure_print_sides(cma, range, caller);
}

static int __init cma_failures_add(struct cma *cma, void *unused)
{
	if (cma_area_is_active(cma))
		WRITE_ONCE(cma->failures, cma_failures_new());
	return 0;
}

static int __init cma_failures_init(void)
{
	return cma_for_each_area(cma_failures_add, NULL);
}
core_initcall_sync(cma_failures_init);
