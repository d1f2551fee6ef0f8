// SPDX-License-Identifier: GPL-2.0
/*
 * Goes through the windows of an area as the kernel does, see fit.h.
 */
#include <linux/bits.h>
#include <linux/minmax.h>

#include "detail.h"
#include "fit.h"
#include "memory.h"

/* What the DMA API asks for at most: CONFIG_CMA_ALIGNMENT, unless changed. */
#define DMA_ORDER_MAX 8U

/**
 * struct survey - the pageblocks of an area, to be summed up quickly
 * @blocks: the pageblocks
 * @before: for each, and for the end, all pageblocks before it together
 */
struct survey {
	struct detail blocks;
	struct block *before;
};

static struct survey survey_of(const struct area *area)
{
	struct survey survey = { .blocks = detail_blocks(area) };
	size_t i;
	int kind;

	survey.before = memory_get(survey.blocks.nr + 1,
				   sizeof(*survey.before));
	for (i = 0; i < survey.blocks.nr; i++) {
		survey.before[i + 1] = survey.before[i];
		for (kind = 0; kind < BLOCK_KINDS; kind++)
			survey.before[i + 1].nr[kind] +=
				survey.blocks.block[i].nr[kind];
	}
	return survey;
}

/* The first pageblock that ends behind @pfn. */
static size_t find_block(const struct detail *blocks, u64 pfn)
{
	size_t low = 0, high = blocks->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct block *block = &blocks->block[middle];

		if (block->pfn + block->pages <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A pageblock of which only @inside pages lie in the window. */
static void add_part(struct cost *cost, const struct block *block, u64 inside)
{
	u64 stuck = block->nr[BLOCK_STUCK];
	u64 outside = block->pages - inside;

	cost->stuck_least += stuck > outside ? stuck - outside : 0;
	cost->stuck_most += min(stuck, inside);
	cost->move += min(block->nr[BLOCK_MOVABLE], inside);
	cost->drop += min(block->nr[BLOCK_CLEAN], inside);
}

static void add_whole(struct cost *cost, const struct block *from,
		      const struct block *to)
{
	u64 stuck = to->nr[BLOCK_STUCK] - from->nr[BLOCK_STUCK];

	cost->stuck_least += stuck;
	cost->stuck_most += stuck;
	cost->move += to->nr[BLOCK_MOVABLE] - from->nr[BLOCK_MOVABLE];
	cost->drop += to->nr[BLOCK_CLEAN] - from->nr[BLOCK_CLEAN];
}

static u64 overlap(const struct block *block, struct cma_range window)
{
	u64 start = max(block->pfn, 0ULL + window.start);
	u64 end = min(block->pfn + block->pages, 0ULL + window.end);

	return end > start ? end - start : 0;
}

static struct cost cost_of(const struct survey *survey, struct cma_range window)
{
	const struct block *block = survey->blocks.block;
	size_t from = find_block(&survey->blocks, window.start);
	size_t last = find_block(&survey->blocks, window.end - 1);
	struct cost cost = { .is_known = survey->blocks.nr > 0 };

	if (from == survey->blocks.nr)
		return cost;
	add_part(&cost, &block[from], overlap(&block[from], window));
	if (last > from)
		add_whole(&cost, &survey->before[from + 1],
			  &survey->before[last]);
	if (last > from && last < survey->blocks.nr)
		add_part(&cost, &block[last], overlap(&block[last], window));
	return cost;
}

static bool is_cheaper(const struct cost *a, const struct cost *b)
{
	if (a->stuck_least != b->stuck_least)
		return a->stuck_least < b->stuck_least;
	if (a->stuck_most != b->stuck_most)
		return a->stuck_most < b->stuck_most;
	if (a->move != b->move)
		return a->move < b->move;
	return a->drop < b->drop;
}

/**
 * fit_order() - the smallest order with at least so many pages
 * @pages: how many
 *
 * Context: any.
 * Return: the order, at most 63.
 */
unsigned int fit_order(u64 pages)
{
	unsigned int order = 0;

	while (order < 63 && 1ULL << order < pages)
		order++;
	return order;
}

/**
 * fit_dma_order() - what a buffer from the DMA API is aligned to
 * @pages: how large it is
 *
 * Context: any.
 * Return: the order.
 */
unsigned int fit_dma_order(u64 pages)
{
	return min(fit_order(pages), DMA_ORDER_MAX);
}

/**
 * fit_find() - look where an allocation would fit
 * @area: the area, with its slots
 * @pages: how many, at least 1
 * @align_order: the first pfn is to be a multiple of 2^@align_order
 *
 * Context: any.
 * Return: where; no windows when it does not fit.
 */
struct fit fit_find(const struct area *area, u64 pages,
		    unsigned int align_order)
{
	struct survey survey = survey_of(area);
	struct cma_window window;
	struct fit fit = {};

	if (pages > area->pages || align_order >= BITS_PER_LONG ||
	    cma_window_init(&window, &area->slots, (unsigned long)pages,
			    align_order))
		return fit;
	while (cma_window_next(&window)) {
		struct cost cost = cost_of(&survey, window.range);

		if (!fit.windows++ || is_cheaper(&cost, &fit.cost)) {
			fit.best = window.range;
			fit.cost = cost;
		}
	}
	return fit;
}
