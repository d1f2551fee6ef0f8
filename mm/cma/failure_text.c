// SPDX-License-Identifier: GPL-2.0
/*
 * A failure in words, line by line: for the log and for debugfs.
 */
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cma.h"
#include "failure.h"

static const char * const cma_failure_causes[CMA_NR_FAIL_CAUSES] = {
	[CMA_FAIL_TOO_BIG] = "too big",
	[CMA_FAIL_FULL] = "full",
	[CMA_FAIL_FRAGMENTED] = "fragmented",
	[CMA_FAIL_BUSY] = "busy",
	[CMA_FAIL_NO_MEMORY] = "no memory",
	[CMA_FAIL_INTERRUPTED] = "interrupted",
	[CMA_FAIL_INVALID] = "invalid",
};

/**
 * cma_failure_print_holder() - say who somebody is
 * @holder: who
 * @line: is added to
 *
 * Context: any.
 */
void cma_failure_print_holder(const struct cma_holder *holder,
			      struct seq_buf *line)
{
	if (holder->device[0])
		seq_buf_puts(line, holder->device);
	else
		seq_buf_printf(line, "%ps", (void *)holder->caller);
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
	seq_buf_printf(line, " of %lu pages; largest window %lu pages",
		       pages, cma_range_len(failure->gap));
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

/* In MiB, which do not overflow. */
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
	unsigned int i;

	if (cma_range_len(failure->gap) >= failure->nr_pages)
		seq_buf_puts(line, "advice: what is in one piece is not aligned as asked for");
	else
		seq_buf_puts(line, "advice: enough is not held, but not in one piece");
	for (i = 0; i < failure->nr_holders; i++) {
		seq_buf_puts(line, i ? " and " : "; fragmented by ");
		cma_failure_print_holder(&failure->holders[i], line);
	}
}

static void cma_failure_advise_busy(const struct cma_failure *failure,
				    struct seq_buf *line)
{
	seq_buf_puts(line, "advice: ");
	if (failure->is_examined && failure->blocker.is_pinned)
		seq_buf_puts(line, "pinned, by I/O in flight or for a device");
	else
		seq_buf_puts(line, "blocked by references that should not last");
	seq_buf_printf(line, "; tried again %lu times", failure->effort.waits);
}

static void cma_failure_print_advice(const struct cma_failure *failure,
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
	default:
		seq_buf_puts(line, "advice: no pages, or odd flags: a bug of the caller");
		break;
	}
}

/**
 * cma_failure_line() - say one thing about a failure
 * @cma: the area
 * @failure: what is known of it
 * @number: which line, from 0 on
 * @line: receives it, without a newline; empty when there is nothing to say
 *
 * Context: any.
 * Return: true when there are as many lines.
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
		if (failure->is_examined && failure->cause == CMA_FAIL_BUSY)
			cma_blocker_print(&failure->blocker, line);
		break;
	case 5:
		cma_failure_print_advice(failure, line);
		break;
	default:
		return false;
	}
	return true;
}
