/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: an area of their own and a model of who has which of
 * its pages.
 *
 * The memory comes out of the area that cma= made, the lender. Its bitmap
 * keeps saying that the memory is held, so it never looks there, but the pages
 * are free in pageblocks of type MIGRATE_CMA: just what a second area wants.
 * Thus each test chooses size, slots and place.
 *
 * The model is compared with bitmap, page allocator and counters after each
 * step, see cma_model_check(). The names of tests use the words of the rules in
 * Documentation/mm/cma-rules.rst.
 */
#ifndef __MM_CMA_TESTS_MODEL_H
#define __MM_CMA_TESTS_MODEL_H

#include <kunit/test.h>

#include "../cma.h"

/* Pages of a pageblock. */
#define BLOCK pageblock_nr_pages

/**
 * enum cma_model_owner - who has a page, as far as the test knows
 * @CMA_MODEL_FREE: the page allocator
 * @CMA_MODEL_BLOCKER: somebody who does not let go of it
 * @CMA_MODEL_HOLDER: this and all above: one allocation each
 */
enum cma_model_owner {
	CMA_MODEL_FREE,
	CMA_MODEL_BLOCKER,
	CMA_MODEL_HOLDER,
};

/**
 * struct cma_levels - numbers that come back to where they were
 * @free_cma: NR_FREE_CMA_PAGES of the zone
 * @cma: pages in areas of the zone
 * @managed: pages that the zone manages
 * @total: totalcma_pages
 * @complaints: warnings and bad pages that the kernel has complained about
 */
struct cma_levels {
	unsigned long free_cma;
	unsigned long cma;
	unsigned long managed;
	unsigned long total;
	unsigned long complaints;
};

/**
 * struct cma_geometry - the area that a test wants
 * @blocks: pageblocks
 * @order: size of a slot, as page order
 * @odd: the number of the first pageblock is odd
 */
struct cma_geometry {
	unsigned int blocks;
	unsigned int order;
	bool odd;
};

/**
 * struct cma_model - an area and what the test knows about it
 * @test: the test it belongs to
 * @lender: area that the memory comes from
 * @lent: what the lender gave; more than @area for an odd start
 * @area: the area under test; not in the table of areas
 * @zone: where it lies
 * @owner: by page: an enum cma_model_owner
 * @last: owner that was made up last
 * @held: pages with a holder
 * @blockers: pages with a blocker
 * @borrowed: somebody uses pages of the area that @owner calls free
 * @before: levels when the model was opened
 */
struct cma_model {
	struct kunit *test;
	struct cma *lender;
	struct cma_range lent;
	struct cma area;
	struct zone *zone;
	unsigned int *owner;
	unsigned int last;
	unsigned long held;
	unsigned long blockers;
	bool borrowed;
	struct cma_levels before;
};

struct cma_evacuation;
struct rnd_state;

struct cma *cma_model_lender(struct kunit *test);
struct cma_model *cma_model_open(struct kunit *test, struct cma_geometry want);
struct cma_model *cma_model_open_blocks(struct kunit *test,
					unsigned int blocks);
void cma_model_need_single_blocks(struct kunit *test);
void cma_model_clear(struct cma_model *model);
unsigned long cma_model_pages(const struct cma_model *model);
unsigned long cma_model_pfn(const struct cma_model *model, unsigned long page);
struct cma_range cma_model_range(const struct cma_model *model,
				 unsigned long first, unsigned long count);

struct page *cma_model_try(struct cma *cma, unsigned long count,
			   unsigned int align);
struct page *cma_model_alloc(struct cma_model *model, unsigned long count,
			     unsigned int align);
void cma_model_give(struct cma_model *model, struct cma_range range);
void cma_model_adopt(struct cma_model *model, struct cma_range range);
void cma_model_release(struct cma_model *model, struct cma_range range);
void cma_model_refuse(struct cma_model *model, struct cma_range range);
int cma_model_evacuate(struct cma_model *model, struct cma_evacuation *evac);
void cma_model_set_killed(bool killed);
void cma_model_block(struct cma_model *model, unsigned long pfn);
void cma_model_unblock(struct cma_model *model, unsigned long pfn);
void cma_model_keep(struct cma_model *model, unsigned long pfn);

void cma_geometry_name(const struct cma_geometry *geometry, char *text);
u32 cma_random_below(struct rnd_state *random, u32 end);

/* model_check.c */
void cma_levels_read(struct zone *zone, struct cma_levels *levels);
long cma_levels_node(struct pglist_data *node, enum node_stat_item item);
void cma_levels_fold(void);
unsigned long *cma_levels_events(struct kunit *test);
void cma_model_check(struct cma_model *model);

#endif /* __MM_CMA_TESTS_MODEL_H */
