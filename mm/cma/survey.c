// SPDX-License-Identifier: GPL-2.0
/*
 * The cheapest window, see survey.h.
 *
 * Windows smaller than a page block are looked at side by side, larger ones
 * from each page block on: what a page block costs is then found out once, and
 * added up for each window that contains it. A window with a page that looks
 * stuck is left out, along with all others that contain this page. What is
 * missed like that, an exhaustive search finds.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "cma.h"
#include "hold.h"
#include "scan.h"
#include "survey.h"

/* What it costs, in looks, to begin moving pages at all. */
#define CMA_SURVEY_START 1000UL
/* What it is worth not to leave a gap on both sides of what is allocated. */
#define CMA_SURVEY_SPLIT 1000UL
/* What it costs to find the next window, and to begin looking at it. */
#define CMA_SURVEY_STEP	10UL
/* Looking may take this fraction of what the best window so far would. */
#define CMA_SURVEY_SHARE 32UL

/**
 * struct cma_survey_block - what is known of one page block
 * @cost: of emptying it as a whole
 * @stuck: first pfn that looks stuck; ULONG_MAX for none
 * @seen: the rest is valid
 */
struct cma_survey_block {
	unsigned long cost;
	unsigned long stuck;
	bool seen;
};

static struct cma_survey_block cma_survey_look(struct cma_survey *survey,
					       struct cma_range part)
{
	struct cma_scan scan;

	cma_scan(&scan, part);
	survey->looked += scan.looked;
	return (struct cma_survey_block){
		.cost = cma_scan_cost(&scan),
		.stuck = cma_scan_is_stuck(&scan) ? scan.stuck_end - 1 :
						    ULONG_MAX,
		.seen = true,
	};
}

static void cma_survey_remember(struct cma_survey *survey)
{
	unsigned long count = cma_range_len(survey->cma->range) >>
			      pageblock_order;

	if (!survey->blocks)
		survey->blocks = kvcalloc(count, sizeof(*survey->blocks),
					  survey->gfp | __GFP_NOWARN |
					  __GFP_NORETRY);
}

/* @part: a page block, or as much of one as the window has. */
static struct cma_survey_block cma_survey_part(struct cma_survey *survey,
					       struct cma_range part)
{
	unsigned long number = (part.start - survey->cma->range.start) >>
			       pageblock_order;
	struct cma_survey_block *known;

	if (cma_range_len(part) < pageblock_nr_pages || !survey->blocks)
		return cma_survey_look(survey, part);
	known = &survey->blocks[number];
	if (!known->seen)
		*known = cma_survey_look(survey, part);
	return *known;
}

/*
 * Cost of the window in hand, ULONG_MAX when it is stuck. Backwards, because
 * the last page that is stuck says how far the search can jump.
 */
static unsigned long cma_survey_window(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long cost = survey->window.splits ? CMA_SURVEY_SPLIT : 0;

	survey->looked += CMA_SURVEY_STEP;
	while (range.end > range.start) {
		struct cma_range part = range;
		struct cma_survey_block seen;

		part.start = max(range.start,
				 pageblock_start_pfn(range.end - 1));
		seen = cma_survey_part(survey, part);
		if (seen.stuck != ULONG_MAX) {
			cma_window_skip_past(&survey->window, seen.stuck);
			return ULONG_MAX;
		}
		cost += seen.cost;
		range.end = part.start;
	}
	return cost;
}

static void cma_survey_step(struct cma_survey *survey)
{
	struct cma_range range = survey->window.range;
	unsigned long behind = range.end;

	if (cma_range_len(range) >= pageblock_nr_pages)
		behind = pageblock_end_pfn(range.start);
	cma_window_skip_past(&survey->window, behind - 1);
}

/* Is it worth it to go on looking for a better one? */
static bool cma_survey_pays(const struct cma_survey *survey,
			    unsigned long best)
{
	return best == ULONG_MAX ||
	       survey->looked < (best + CMA_SURVEY_START) / CMA_SURVEY_SHARE;
}

/**
 * cma_survey_next() - find the cheapest window
 * @survey: the search; nothing is claimed
 * @range: receives the window
 *
 * Context: process context; sleeps.
 * Return: true when there is a window in which nothing looks stuck.
 */
bool cma_survey_next(struct cma_survey *survey, struct cma_range *range)
{
	unsigned long begin = survey->window.next;
	unsigned long best = ULONG_MAX;

	survey->looked = 0;
	while (best && cma_survey_pays(survey, best) &&
	       cma_hold_find(survey->cma, &survey->window)) {
		unsigned long cost = cma_survey_window(survey);

		if (cost < best) {
			best = cost;
			*range = survey->window.range;
		}
		if (cost && cost != ULONG_MAX)
			cma_survey_step(survey);
		if (survey->window.nr_pages > pageblock_nr_pages)
			cma_survey_remember(survey);
		cond_resched();
	}
	survey->window.next = begin;
	return best != ULONG_MAX;
}

/**
 * cma_survey_close() - forget what was seen
 * @survey: the search
 *
 * Context: process context.
 */
void cma_survey_close(struct cma_survey *survey)
{
	kvfree(survey->blocks);
	survey->blocks = NULL;
}
