// SPDX-License-Identifier: GPL-2.0
/*
 * The cheapest window, see survey.h.
 *
 * Windows smaller than a pageblock are looked at side by side, larger ones
 * from each pageblock on: what a pageblock costs is then found out once, and
 * added up for each window that contains it. A window with a page that looks
 * stuck is left out, along with all others that contain this page. What is
 * missed like that, an exhaustive search finds.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "cma.h"
#include "hold.h"
#include "engine.h"
#include "survey.h"

/* What it costs, in looks, to begin moving pages at all. */
#define CMA_SEARCH_START 1000UL
/* What it is worth not to leave a gap on both sides of what is allocated. */
#define CMA_SEARCH_SPLIT 1000UL
/* What it costs to find the next window, and to begin looking at it. */
#define CMA_SEARCH_STEP	10UL
/* Looking may take this fraction of what the best window so far would. */
#define CMA_SEARCH_SHARE 32UL

/**
 * struct cma_search_cost - what is known of one pageblock
 * @cost: of emptying it as a whole
 * @unmovable: first pfn that looks stuck; ULONG_MAX for none
 * @seen: the rest is valid
 */
struct cma_search_cost {
	unsigned long cost;
	unsigned long unmovable;
	bool seen;
};

static struct cma_search_cost cma_search_scan_part(struct cma_survey *survey,
						   struct cma_range part)
{
	struct cma_scan scan;

	cma_scan_range(&scan, part);
	survey->looked += scan.looked;
	return (struct cma_search_cost){
		.cost = cma_scan_cost(&scan),
		.unmovable = cma_scan_has_unmovable(&scan) ? scan.unmovable_end - 1 :
						    ULONG_MAX,
		.seen = true,
	};
}

static void cma_search_alloc_costs(struct cma_survey *survey)
{
	unsigned long count = cma_range_len(survey->cma->range) >>
			      pageblock_order;

	if (!survey->blocks)
		survey->blocks = kvcalloc(count, sizeof(*survey->blocks),
					  survey->gfp | __GFP_NOWARN |
					  __GFP_NORETRY);
}

/* @part: a pageblock, or as much of one as the window has. */
static struct cma_search_cost cma_search_part_cost(struct cma_survey *survey,
						   struct cma_range part)
{
	unsigned long number = (part.start - survey->cma->range.start) >>
			       pageblock_order;
	struct cma_search_cost *known;

	if (cma_range_len(part) < pageblock_nr_pages || !survey->blocks)
		return cma_search_scan_part(survey, part);
	known = &survey->blocks[number];
	if (!known->seen)
		*known = cma_search_scan_part(survey, part);
	return *known;
}

/*
 * Cost of the window in hand, ULONG_MAX when it is stuck. Backwards, because
 * the last page that is stuck says how far the search can jump.
 */
static unsigned long cma_search_window_cost(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long cost = survey->window.splits ? CMA_SEARCH_SPLIT : 0;

	survey->looked += CMA_SEARCH_STEP;
	while (range.end > range.start) {
		struct cma_range part = range;
		struct cma_search_cost seen;

		part.start = max(range.start,
				 pageblock_start_pfn(range.end - 1));
		seen = cma_search_part_cost(survey, part);
		if (seen.unmovable != ULONG_MAX) {
			cma_window_skip_past(&survey->window, seen.unmovable);
			return ULONG_MAX;
		}
		cost += seen.cost;
		range.end = part.start;
	}
	return cost;
}

static void cma_search_step(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long behind = range.end;

	if (cma_range_len(range) >= pageblock_nr_pages)
		behind = pageblock_end_pfn(range.start);
	cma_window_skip_past(&survey->window, behind - 1);
}

/* Is it worth it to go on looking for a better one? */
static bool cma_search_is_worthwhile(const struct cma_survey *survey,
				     unsigned long best)
{
	return best == ULONG_MAX ||
	       survey->looked < (best + CMA_SEARCH_START) / CMA_SEARCH_SHARE;
}

/**
 * cma_search_next_cheapest() - find the cheapest window
 * @survey: the search; nothing is claimed
 * @range: receives the window
 *
 * Context: process context; sleeps.
 * Return: true when there is a window in which nothing looks stuck.
 */
bool cma_search_next_cheapest(struct cma_survey *survey, struct cma_range *range)
{
	unsigned long begin = survey->window.next;
	unsigned long best = ULONG_MAX;

	survey->looked = 0;
	while (best && cma_search_is_worthwhile(survey, best) &&
	       cma_hold_next_window(survey->cma, &survey->window)) {
		unsigned long cost = cma_search_window_cost(survey);

		if (cost < best) {
			best = cost;
			*range = survey->window.range;
		}
		if (cost && cost != ULONG_MAX)
			cma_search_step(survey);
		if (survey->window.nr_pages > pageblock_nr_pages)
			cma_search_alloc_costs(survey);
		cond_resched();
	}
	survey->window.next = begin;
	return best != ULONG_MAX;
}

/**
 * cma_search_free_costs() - forget what was seen
 * @survey: the search
 *
 * Context: process context.
 */
void cma_search_free_costs(struct cma_survey *survey)
{
	kvfree(survey->blocks);
	survey->blocks = NULL;
}
