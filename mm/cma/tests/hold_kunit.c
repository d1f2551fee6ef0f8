// SPDX-License-Identifier: GPL-2.0
/*
 * hold.c: whose is a page, and which pages may be released together? On areas
 * as they are in use, and against a model.
 */
#include <kunit/static_stub.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "../hold.h"
#include "../engine.h"
#include "model.h"

static struct cma_range hold_alloc(struct cma_model *model,
				   unsigned long pages)
{
	struct page *page = cma_model_alloc(model, pages, 0);

	KUNIT_ASSERT_NOT_NULL(model->test, page);
	return cma_range_of(page_to_pfn(page), pages);
}

/* Where a walk over all that is held begins. */
static struct cma_held_range hold_start(const struct cma_model *model)
{
	return (struct cma_held_range){
		.range.start = model->area.range.start,
	};
}

/* The @number-th piece that is held, from 0 on. */
static struct cma_held_range hold_piece(struct cma_model *model, int number)
{
	struct cma_held_range piece = hold_start(model);

	while (cma_hold_next_held(&model->area, &piece) && number--)
		piece.range.start = piece.range.end;
	KUNIT_EXPECT_EQ(model->test, -1, number);
	return piece;
}

static int hold_pieces(struct cma_model *model)
{
	struct cma_held_range piece = hold_start(model);
	int count = 0;

	for (; cma_hold_next_held(&model->area, &piece); count++)
		piece.range.start = piece.range.end;
	return count;
}

static void hold_expect(struct cma_model *model, int number,
			unsigned long page, unsigned long pages)
{
	struct cma_held_range piece = hold_piece(model, number);

	KUNIT_EXPECT_EQ(model->test, cma_model_pfn(model, page),
			piece.range.start);
	KUNIT_EXPECT_EQ(model->test, pages, cma_range_len(piece.range));
	KUNIT_EXPECT_TRUE(model->test, piece.is_known);
}

static void hold_names_who_asked(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	u64 before = ktime_get_ns();
	struct cma_held_range piece;

	hold_alloc(model, 8);
	piece = hold_piece(model, 0);
	KUNIT_EXPECT_TRUE(test, piece.is_known);
	KUNIT_EXPECT_STREQ(test, "", piece.record.holder.device);
	KUNIT_EXPECT_STREQ(test, current->comm, piece.record.holder.task);
	KUNIT_EXPECT_EQ(test, task_pid_nr(current), piece.record.holder.pid);
	KUNIT_EXPECT_TRUE(test, func_ptr_is_kernel_text((void *)
					piece.record.holder.caller));
	KUNIT_EXPECT_EQ(test, 0U, piece.record.align);
	KUNIT_EXPECT_GE(test, piece.record.since, before);
	KUNIT_EXPECT_LE(test, piece.record.since, ktime_get_ns());
}

/* A name may be longer than the room for it. */
static void hold_names_the_device(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct device dev = {
		.init_name = "1c0e000.video-codec-with-a-long-name",
	};
	const struct cma_demand demand = {
		.nr_pages = 3, .align = 2, .gfp = GFP_KERNEL, .dev = &dev,
	};
	struct page *page = cma_alloc_for(&model->area, &demand);
	struct cma_held_range piece;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_model_give(model, cma_range_of(page_to_pfn(page), 3));
	piece = hold_piece(model, 0);
	KUNIT_EXPECT_STREQ(test, "1c0e000.video-codec-with-a-",
			   piece.record.holder.device);
	KUNIT_EXPECT_EQ(test, 2U, piece.record.align);
}

static void hold_tells_neighbours_apart(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);

	hold_alloc(model, 8);
	hold_alloc(model, 4);
	KUNIT_EXPECT_EQ(test, 2, hold_pieces(model));
	hold_expect(model, 0, 0, 8);
	hold_expect(model, 1, 8, 4);
}

static void hold_refuses_two_at_once(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);

	hold_alloc(model, 8);
	hold_alloc(model, 4);
	cma_model_refuse(model, cma_model_range(model, 0, 12));
	cma_model_refuse(model, cma_model_range(model, 7, 2));
	cma_model_refuse(model, cma_model_range(model, 11, 2));
	KUNIT_EXPECT_EQ(test, 2, hold_pieces(model));
	cma_model_release(model, cma_model_range(model, 0, 8));
	cma_model_refuse(model, cma_model_range(model, 0, 8));
	cma_model_refuse(model, cma_model_range(model, 4, 8));
	cma_model_release(model, cma_model_range(model, 8, 4));
	KUNIT_EXPECT_EQ(test, 0, hold_pieces(model));
	cma_model_check(model);
}

/* What is left on both sides of a part is still of the same holder. */
static void hold_splits(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	u64 serial;

	hold_alloc(model, 16);
	serial = hold_piece(model, 0).record.serial;
	cma_model_release(model, cma_model_range(model, 6, 4));
	KUNIT_EXPECT_EQ(test, 2, hold_pieces(model));
	hold_expect(model, 0, 0, 6);
	hold_expect(model, 1, 10, 6);
	KUNIT_EXPECT_EQ(test, serial, hold_piece(model, 0).record.serial);
	KUNIT_EXPECT_EQ(test, serial, hold_piece(model, 1).record.serial);
	cma_model_refuse(model, cma_model_range(model, 0, 16));
	cma_model_release(model, cma_model_range(model, 0, 6));
	cma_model_release(model, cma_model_range(model, 10, 6));
	KUNIT_EXPECT_NULL(test, model->area.ledger.records.rb_root.rb_node);
}

/* A gap that is given to others makes them neighbours on both sides. */
static void hold_nests(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);

	hold_alloc(model, 16);
	cma_model_release(model, cma_model_range(model, 6, 4));
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 6),
			hold_alloc(model, 3).start);
	KUNIT_EXPECT_EQ(test, 3, hold_pieces(model));
	hold_expect(model, 1, 6, 3);
	cma_model_refuse(model, cma_model_range(model, 5, 2));
	cma_model_refuse(model, cma_model_range(model, 8, 3));
	cma_model_release(model, cma_model_range(model, 0, 6));
	hold_expect(model, 0, 6, 3);
	hold_expect(model, 1, 10, 6);
	cma_model_release(model, cma_model_range(model, 6, 3));
	cma_model_release(model, cma_model_range(model, 10, 6));
	KUNIT_EXPECT_NULL(test, model->area.ledger.records.rb_root.rb_node);
}

/* As without memory for a record. */
static struct cma_range hold_adopt(struct cma_model *model,
				   unsigned long page, unsigned long pages)
{
	struct cma_range range = cma_model_range(model, page, pages);
	unsigned long blocker;

	KUNIT_ASSERT_EQ(model->test, 0, cma_buddy_isolate(range, &blocker));
	cma_buddy_prepare(range, GFP_KERNEL);
	cma_model_adopt(model, range);
	return range;
}

static void hold_does_without_a_record(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_range range;

	hold_alloc(model, 4);
	range = hold_adopt(model, 4, 8);
	KUNIT_EXPECT_EQ(test, 2, hold_pieces(model));
	KUNIT_EXPECT_FALSE(test, hold_piece(model, 1).is_known);
	KUNIT_EXPECT_EQ(test, 8UL,
			cma_range_len(hold_piece(model, 1).range));
	cma_model_refuse(model, cma_model_range(model, 2, 8));
	cma_model_release(model, cma_range_of(range.start + 2, 3));
	cma_model_release(model, cma_range_of(range.start, 2));
	cma_model_release(model, cma_range_of(range.start + 5, 3));
	KUNIT_EXPECT_EQ(test, 1, hold_pieces(model));
}

static struct cma_record *hold_no_record(const struct cma_demand *demand)
{
	return NULL;
}

static struct page *hold_alloc_unknown(struct cma_model *model,
				       unsigned long pages)
{
	struct kunit *test = model->test;
	struct page *page;

	kunit_activate_static_stub(test, cma_hold_new_record, hold_no_record);
	page = cma_model_alloc(model, pages, 0);
	kunit_deactivate_static_stub(test, cma_hold_new_record);
	return page;
}

/* Nothing could tell that the holder does not have the rest of the slot. */
static void hold_of_partial_slot_needs_a_record(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 2 });
	struct cma_stat *stat = &model->area.stat;

	KUNIT_EXPECT_NULL(test, hold_alloc_unknown(model, 3));
	KUNIT_EXPECT_NULL(test, hold_alloc_unknown(model, 9));
	KUNIT_EXPECT_EQ(test, 2,
			atomic64_read(&stat->fails[CMA_FAIL_NO_MEMORY]));
	cma_model_check(model);
	KUNIT_EXPECT_NOT_NULL(test, hold_alloc_unknown(model, 8));
	KUNIT_EXPECT_FALSE(test, hold_piece(model, 0).is_known);
	cma_model_check(model);
	hold_alloc(model, 3);
	cma_model_refuse(model, cma_model_range(model, 0, 3));
	cma_model_refuse(model, cma_model_range(model, 4, 7));
	cma_model_release(model, cma_model_range(model, 4, 4));
	cma_model_release(model, cma_model_range(model, 8, 3));
	cma_model_release(model, cma_model_range(model, 0, 4));
	cma_model_check(model);
}

/* It reached over what was no longer held, and the release was refused. */
static void hold_of_neighbour_ends_before_unknown(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);
	struct cma_range range;

	hold_alloc(model, 50);
	cma_model_release(model, cma_model_range(model, 30, 15));
	cma_model_release(model, cma_model_range(model, 45, 5));
	range = hold_adopt(model, 30, 30);
	hold_expect(model, 0, 0, 30);
	KUNIT_EXPECT_FALSE(test, hold_piece(model, 1).is_known);
	cma_model_refuse(model, cma_model_range(model, 20, 20));
	cma_model_release(model, range);
	cma_model_release(model, cma_model_range(model, 0, 30));
	KUNIT_EXPECT_NULL(test, model->area.ledger.records.rb_root.rb_node);
}

/* Nor is what is unknown taken for a part of what is around it. */
static void hold_knows_what_is_unknown_in_a_gap(struct kunit *test)
{
	struct cma_model *model = cma_model_open_blocks(test, 1);

	hold_alloc(model, 100);
	cma_model_release(model, cma_model_range(model, 40, 20));
	hold_adopt(model, 40, 20);
	KUNIT_EXPECT_EQ(test, 3, hold_pieces(model));
	KUNIT_EXPECT_FALSE(test, hold_piece(model, 1).is_known);
	cma_model_refuse(model, cma_model_range(model, 30, 30));
	cma_model_release(model, cma_model_range(model, 40, 20));
	hold_expect(model, 0, 0, 40);
	hold_expect(model, 1, 60, 40);
	cma_model_release(model, cma_model_range(model, 0, 40));
	cma_model_release(model, cma_model_range(model, 60, 40));
	KUNIT_EXPECT_NULL(test, model->area.ledger.records.rb_root.rb_node);
}

/* Slots of four pages: who asks for a page that is not used is told of the next. */
static void hold_of_partial_slot_ends_with_its_pages(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 2 });
	struct cma_held_range piece = hold_start(model);

	hold_alloc(model, 7);
	hold_alloc(model, 1);
	KUNIT_EXPECT_EQ(test, 2, hold_pieces(model));
	hold_expect(model, 0, 0, 7);
	hold_expect(model, 1, 8, 1);
	piece.range.start += 5;
	KUNIT_EXPECT_TRUE(test, cma_hold_next_held(&model->area, &piece));
	KUNIT_EXPECT_EQ(test, cma_model_pfn(model, 5), piece.range.start);
	KUNIT_EXPECT_EQ(test, 2UL, cma_range_len(piece.range));
	piece.range.start = cma_model_pfn(model, 9);
	KUNIT_EXPECT_FALSE(test, cma_hold_next_held(&model->area, &piece));
}

static bool hold_is_none(struct cma_model *model, unsigned long page,
			 unsigned long pages)
{
	return cma_hold_is_none_held(&model->area,
				     cma_model_range(model, page, pages));
}

static void hold_of_partial_slot_leaves_the_rest(struct kunit *test)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 1, .order = 2 });

	hold_alloc(model, 5);
	hold_alloc(model, 2);
	KUNIT_EXPECT_TRUE(test, hold_is_none(model, 5, 3));
	KUNIT_EXPECT_TRUE(test, hold_is_none(model, 10, 2));
	KUNIT_EXPECT_TRUE(test, hold_is_none(model, 11, 20));
	KUNIT_EXPECT_FALSE(test, hold_is_none(model, 4, 1));
	KUNIT_EXPECT_FALSE(test, hold_is_none(model, 3, 3));
	KUNIT_EXPECT_FALSE(test, hold_is_none(model, 5, 4));
	KUNIT_EXPECT_FALSE(test, hold_is_none(model, 9, 1));
}

#define HOLD_PAGES 64UL
#define HOLD_STEPS 4000
#define HOLD_UNKNOWN UINT_MAX

/**
 * struct hold_model - who holds what, page by page
 * @model: the area
 * @owner: number of the allocation that a page belongs to, 0 for none,
 *	   %HOLD_UNKNOWN for all that have no record
 * @last: number of the last allocation
 * @random: for what to do next
 */
struct hold_model {
	struct cma_model *model;
	unsigned int owner[HOLD_PAGES];
	unsigned int last;
	struct rnd_state random;
};

static void hold_set(struct hold_model *hold, struct cma_range range,
		     unsigned int owner)
{
	unsigned long first = hold->model->area.range.start;

	for (; range.start < range.end; range.start++)
		hold->owner[range.start - first] = owner;
}

/* Now and then without memory for a record. */
static void hold_try_alloc(struct hold_model *hold)
{
	unsigned long pages = 1 + cma_random_below(&hold->random, 12);
	bool is_known = cma_random_below(&hold->random, 4);
	struct cma_model *model = hold->model;
	struct page *page = is_known ? cma_model_alloc(model, pages, 0) :
				       hold_alloc_unknown(model, pages);
	struct cma_range range;

	if (!page)
		return;
	KUNIT_EXPECT_TRUE(model->test, is_known ||
			  IS_ALIGNED(pages, 1UL << model->area.order_per_bit));
	range = cma_range_of(page_to_pfn(page), pages);
	if (range.end > cma_model_pfn(model, HOLD_PAGES))
		cma_model_release(model, range);
	else
		hold_set(hold, range, is_known ? ++hold->last : HOLD_UNKNOWN);
}

/* No slot would stay held in part. */
static bool hold_is_whole(const struct hold_model *hold,
			  struct cma_range pages)
{
	unsigned long slot_pages = 1UL << hold->model->area.order_per_bit;

	return IS_ALIGNED(pages.start, slot_pages) &&
	       (IS_ALIGNED(pages.end, slot_pages) || !hold->owner[pages.end]);
}

/* Any pages, or whole slots without what is not held at their end. */
static struct cma_range hold_choose(struct hold_model *hold)
{
	unsigned long slot_pages = 1UL << hold->model->area.order_per_bit;
	unsigned long page = cma_random_below(&hold->random, HOLD_PAGES);
	unsigned long end = page + 1 + cma_random_below(&hold->random, 6);

	end = min(end, HOLD_PAGES);
	if (cma_random_below(&hold->random, 2))
		return (struct cma_range){ page, end };
	page = ALIGN_DOWN(page, slot_pages);
	end = ALIGN(end, slot_pages);
	while (end > page + 1 && !hold->owner[end - 1])
		end--;
	return (struct cma_range){ page, end };
}

static void hold_try_release(struct hold_model *hold)
{
	struct cma_range pages = hold_choose(hold);
	struct cma_range range = cma_model_range(hold->model, pages.start,
						 cma_range_len(pages));
	unsigned int owner = hold->owner[pages.start];
	bool good = owner && hold_is_whole(hold, pages);
	unsigned long page;

	for (page = pages.start; page < pages.end; page++)
		good &= hold->owner[page] == owner;
	if (!good) {
		cma_model_refuse(hold->model, range);
		return;
	}
	cma_model_release(hold->model, range);
	hold_set(hold, range, 0);
}

static void hold_compare(struct hold_model *hold)
{
	struct cma_model *model = hold->model;
	struct cma_held_range piece = hold_start(model);
	unsigned long page = 0, end;

	for (; cma_hold_next_held(&model->area, &piece); page = end) {
		unsigned int owner;

		while (page < HOLD_PAGES && !hold->owner[page])
			page++;
		KUNIT_ASSERT_LT(model->test, page, HOLD_PAGES);
		owner = hold->owner[page];
		end = page;
		while (end < HOLD_PAGES && hold->owner[end] == owner)
			end++;
		KUNIT_ASSERT_EQ(model->test, cma_model_pfn(model, page),
				piece.range.start);
		KUNIT_ASSERT_EQ(model->test, cma_model_pfn(model, end),
				piece.range.end);
		KUNIT_ASSERT_EQ(model->test, owner != HOLD_UNKNOWN,
				piece.is_known);
		piece.range.start = piece.range.end;
	}
}

static const struct cma_geometry hold_geometries[] = {
	{ .blocks = 1 },
	{ .blocks = 1, .order = 1 },
	{ .blocks = 1, .order = 2 },
	{ .blocks = 1, .order = 3 },
};

KUNIT_ARRAY_PARAM(hold, hold_geometries, cma_geometry_name);

static void hold_is_as_the_model(struct kunit *test)
{
	const struct cma_geometry *geometry = test->param_value;
	struct hold_model *hold = kunit_kzalloc(test, sizeof(*hold),
						GFP_KERNEL);
	int step;

	KUNIT_ASSERT_NOT_NULL(test, hold);
	hold->model = cma_model_open(test, *geometry);
	prandom_seed_state(&hold->random, 6);
	for (step = 0; step < HOLD_STEPS; step++) {
		if (cma_random_below(&hold->random, 3))
			hold_try_release(hold);
		else
			hold_try_alloc(hold);
		hold_compare(hold);
	}
	KUNIT_EXPECT_GT(test, hold->last, 200U);
	cma_model_check(hold->model);
}

static struct kunit_case hold_tests[] = {
	KUNIT_CASE(hold_names_who_asked),
	KUNIT_CASE(hold_names_the_device),
	KUNIT_CASE(hold_tells_neighbours_apart),
	KUNIT_CASE(hold_refuses_two_at_once),
	KUNIT_CASE(hold_splits),
	KUNIT_CASE(hold_nests),
	KUNIT_CASE(hold_does_without_a_record),
	KUNIT_CASE(hold_of_partial_slot_needs_a_record),
	KUNIT_CASE(hold_of_neighbour_ends_before_unknown),
	KUNIT_CASE(hold_knows_what_is_unknown_in_a_gap),
	KUNIT_CASE(hold_of_partial_slot_ends_with_its_pages),
	KUNIT_CASE(hold_of_partial_slot_leaves_the_rest),
	KUNIT_CASE_PARAM(hold_is_as_the_model, hold_gen_params),
	{}
};

static struct kunit_suite hold_suite = {
	.name = "cma_hold",
	.test_cases = hold_tests,
};

kunit_test_suite(hold_suite);
