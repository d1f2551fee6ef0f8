// SPDX-License-Identifier: GPL-2.0
/*
 * The only printer at run time.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/seq_buf.h>

#include "cma.h"
#include "hold.h"
#include "report.h"

/* Room for the list of gaps; what does not fit still counts in the sum. */
#define CMA_REPORT_LINE 384

/**
 * cma_report_start() - an allocation begins, for dynamic debug
 * @cma: the area
 * @demand: what is asked for
 *
 * Context: any.
 */
void cma_report_start(const struct cma *cma, const struct cma_demand *demand)
{
	pr_debug("__cma_alloc(cma %p, name: %s, count %lu, align %u)\n", cma,
		 cma->name, demand->nr_pages, demand->align);
}

/**
 * cma_report_retry() - a window was blocked, for dynamic debug
 * @pfn: start of the window
 *
 * Context: any.
 */
void cma_report_retry(unsigned long pfn)
{
	pr_debug("__cma_alloc(): memory range at pfn 0x%lx %p is busy, retrying\n",
		 pfn, pfn_to_page(pfn));
}

/**
 * cma_report_finish() - an allocation ends, for dynamic debug
 * @page: the first page, NULL after a failure
 *
 * Context: any.
 */
void cma_report_finish(const struct page *page)
{
	pr_debug("__cma_alloc(): returned %p\n", page);
}

/**
 * cma_report_release() - pages come back, for dynamic debug
 * @pages: the first page
 * @nr_pages: how many
 *
 * Context: any.
 */
void cma_report_release(const struct page *pages, unsigned long nr_pages)
{
	pr_debug("cma_release(page %p, count %lu)\n", pages, nr_pages);
}

static void cma_report_add_gap(struct seq_buf *line, const struct cma *cma,
			       struct cma_range gap)
{
	unsigned long slot = (gap.start - cma->range.start) >> cma->slots.order;
	size_t used = line->len;

	seq_buf_printf(line, "%s%lu@%lu", used ? "+" : "", cma_range_len(gap),
		       slot);
	if (seq_buf_has_overflowed(line))
		line->len = used;
}

/* Pages and slot of every gap between what drivers hold. */
static void cma_report_gaps(struct cma *cma)
{
	unsigned long next = 0, available = 0;
	char text[CMA_REPORT_LINE];
	struct cma_range gap;
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	while (cma_hold_next_gap(cma, &next, &gap)) {
		available += cma_range_len(gap);
		cma_report_add_gap(&line, cma, gap);
	}
	pr_info("number of available pages: %s=> %lu free of %lu total pages\n",
		seq_buf_str(&line), available, cma_range_len(cma->range));
}

static bool cma_report_has_room(struct cma *cma,
				const struct cma_demand *demand)
{
	struct cma_window window;

	return !cma_window_init(&window, &cma->slots, demand->nr_pages,
				demand->align) &&
	       cma_hold_find(cma, &window);
}

/**
 * cma_report_failure() - log an allocation that failed
 * @cma: the area
 * @demand: what was asked for
 * @err: errno that tells why not
 *
 * Context: process context; takes cma->lock for moments.
 */
void cma_report_failure(struct cma *cma, const struct cma_demand *demand,
			int err)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	/* Why an area is dead stands in the boot log. */
	if (!cma_area_is_active(cma) || !__ratelimit(&limit))
		return;
	pr_err("cma_alloc: %s: alloc failed, req-size: %lu pages, ret: %d\n",
	       cma->name, demand->nr_pages, err);
	cma_report_gaps(cma);
	/* The other meaning of -ENOMEM can be read off the gaps. */
	if (err == -ENOMEM && cma_report_has_room(cma, demand))
		pr_info("cma_alloc: %s: no memory elsewhere to move borrowed pages to\n",
			cma->name);
}

/**
 * cma_report_bad_release() - log a release that was refused
 * @cma: the area
 * @pfn: first page that was to be released; inside the area
 * @nr_pages: how many pages were to be released
 *
 * Context: any.
 */
void cma_report_bad_release(const struct cma *cma, unsigned long pfn,
			    unsigned long nr_pages)
{
	pr_err_ratelimited("cma_release: %s: refused, %lu pages at pfn %#lx are not held as a whole; nothing freed\n",
			   cma->name, nr_pages, pfn);
}
