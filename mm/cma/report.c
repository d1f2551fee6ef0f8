// SPDX-License-Identifier: GPL-2.0
/*
 * The only printer at run time.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/mm.h>
#include <linux/page_owner.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/string.h>

#include "cma.h"
#include "failure.h"
#include "hold.h"
#include "report.h"

/* Room for the list of gaps; what does not fit still counts in the sum. */
#define CMA_REPORT_LINE 384

static void cma_failure_report_add_gap(struct seq_buf *line, const struct cma *cma,
				       struct cma_range gap)
{
	unsigned long slot = (gap.start - cma->range.start) >> cma->taken.order;
	size_t used = line->len;

	seq_buf_printf(line, "%s%lu@%lu", used ? "+" : "", cma_range_len(gap),
		       slot);
	if (seq_buf_has_overflowed(line))
		line->len = used;
}

/* Pages and slot of every gap between what drivers hold. */
static void cma_failure_report_gaps(struct cma *cma)
{
	unsigned long next = 0, available = 0;
	char text[CMA_REPORT_LINE];
	struct cma_range gap;
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	while (cma_hold_next_gap(cma, &next, &gap)) {
		available += cma_range_len(gap);
		cma_failure_report_add_gap(&line, cma, gap);
		cond_resched();
	}
	pr_info("number of available pages: %s=> %lu free of %lu total pages\n",
		seq_buf_str(&line), available, cma_range_len(cma->range));
}

static void cma_failure_report_lines(const struct cma *cma,
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
	if (failure->cause == CMA_FAIL_BUSY &&
	    failure->blocker.kind != CMA_PAGE_ISOLATED)
		dump_page_owner(pfn_to_page(failure->blocker.pfn));
}

/**
 * cma_failure_report() - log an allocation that failed, and keep what is known
 * @cma: the area
 * @demand: what was asked for
 * @failure: why it failed; its err and cause are set
 * @result: what was tried
 *
 * What the caller does not want to have logged is kept all the same. A look at all
 * of the area is taken as often as there may be a report.
 *
 * Context: process context; takes cma->lock for moments.
 */
void cma_failure_report(struct cma *cma, const struct cma_demand *demand,
			struct cma_failure *failure,
			const struct cma_search_result *result)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);
	bool warn = !(demand->gfp & __GFP_NOWARN);

	/* Why an area is dead stands in the boot log. */
	if (!cma_area_is_active(cma))
		return;
	cma_failure_fill(failure, cma, demand, result);
	warn = warn && __ratelimit(&limit);
	if (warn)
		cma_failure_examine(failure, cma, result);
	cma_failure_keep(cma, failure);
	if (!warn)
		return;
	pr_err("cma_alloc: %s: alloc failed, req-size: %lu pages, ret: %d\n",
	       cma->name, demand->nr_pages, failure->err);
	cma_failure_report_gaps(cma);
	cma_failure_report_lines(cma, failure);
}

static const char *cma_failure_refusal_text(int err)
{
	switch (err) {
	case -ENOENT:
		return "are not held as a whole";
	case -EXDEV:
		return "are of several allocations";
	case -ERANGE:
		return "are not all in the area";
	case -EMLINK:
		return "are not one folio as a whole";
	default:
		return "are not whole slots";
	}
}

static void cma_failure_report_piece(struct seq_buf *line,
				     const struct cma_held_range *piece)
{
	seq_buf_printf(line, "; pfn %#lx is held by ", piece->range.start);
	if (piece->is_known)
		cma_failure_print_holder(&piece->record.holder, line);
	else
		seq_buf_puts(line, "unknown");
}

/* Who wants it, and who holds what of it: the first two are enough. */
static void cma_failure_report_sides(struct cma *cma, struct cma_range range,
				     unsigned long caller)
{
	struct cma_held_range piece = { .range.start = range.start };
	char text[CMA_REPORT_LINE];
	struct seq_buf line;
	int found = 0;

	seq_buf_init(&line, text, sizeof(text));
	seq_buf_printf(&line, "asked by %ps (task %*pE, pid %d)",
		       (void *)caller, (int)strlen(current->comm),
		       current->comm, task_pid_nr(current));
	while (found < 2 && cma_hold_next_held(cma, &piece) &&
	       piece.range.start - range.start < cma_range_len(range)) {
		cma_failure_report_piece(&line, &piece);
		piece.range.start = piece.range.end;
		found++;
	}
	if (!found)
		seq_buf_puts(&line, "; nobody holds any of them");
	pr_err("cma_release: %s: %s\n", cma->name, seq_buf_str(&line));
}

/**
 * cma_failure_report_release() - log a release that was refused
 * @cma: the area
 * @range: pages that were to be released; begins inside the area
 * @err: why not, see cma_release()
 * @caller: address in the function that wanted it
 *
 * Context: any.
 */
void cma_failure_report_release(struct cma *cma, struct cma_range range, int err,
				unsigned long caller)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	if (!__ratelimit(&limit))
		return;
	pr_err("cma_release: %s: refused, %lu pages at pfn %#lx %s; nothing freed\n",
	       cma->name, cma_range_len(range), range.start,
	       cma_failure_refusal_text(err));
	cma_failure_report_sides(cma, range, caller);
}
