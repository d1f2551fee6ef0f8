// SPDX-License-Identifier: GPL-2.0
/*
 * cma_release() of mm/cma.c. After each refusal all is as it was: the check
 * compares bits, references and free lists.
 */
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>

#include "model.h"

/* An area with @count pages held from page @first on. */
static struct cma_model *release_open(struct kunit *test, unsigned int order,
				      unsigned long first, unsigned long count)
{
	struct cma_model *model = cma_model_open(test, (struct cma_geometry){
						 .blocks = 2, .order = order });
	struct page *before = NULL, *page;

	if (first)
		before = cma_model_alloc(model, first, 0);
	page = cma_model_alloc(model, count, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, cma_model_pfn(model, first), page_to_pfn(page));
	if (before)
		cma_model_release(model, cma_range_of(page_to_pfn(before),
						      first));
	cma_model_check(model);
	return model;
}

/**
 * struct release_case - a release that has to be refused
 * @name: for the log
 * @order: size of a slot, as page order
 * @first: first page to be released; pages 64 to 127 are held
 * @count: pages
 */
struct release_case {
	const char *name;
	unsigned int order;
	unsigned long first;
	unsigned long count;
};

static const struct release_case release_cases[] = {
	{ "pages never allocated", 0, 256, 16 },
	{ "one page too many at the end", 0, 64, 65 },
	{ "one page too many at the start", 0, 63, 65 },
	{ "all that is around", 0, 0, 256 },
	{ "no pages", 0, 64, 0 },
	{ "beyond the end of the area", 0, 64, 2 * pageblock_nr_pages },
	{ "count that is 64 when cut to 32 bit", 0, 64,
	  BITS_PER_LONG > 32 ? (unsigned long)((1ULL << 32) + 64) : ~0UL },
	{ "count that wraps", 0, 64, ~0UL },
	{ "start inside a slot", 3, 65, 7 },
	{ "start inside a slot, to the end", 3, 70, 58 },
};

KUNIT_ARRAY_PARAM_DESC(release, release_cases, name);

static void release_is_refused(struct kunit *test)
{
	const struct release_case *this = test->param_value;
	struct cma_model *model = release_open(test, this->order, 64, 64);

	cma_model_refuse(model, cma_model_range(model, this->first,
						this->count));
	cma_model_release(model, cma_model_range(model, 64, 64));
}

static void release_twice_frees_once(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 64, 64);
	struct cma_range range = cma_model_range(model, 64, 64);

	cma_model_release(model, range);
	cma_model_check(model);
	cma_model_refuse(model, range);
}

static void release_twice_spares_neighbour(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 64, 6);

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 64, 0));
	cma_model_release(model, cma_model_range(model, 64, 6));
	cma_model_refuse(model, cma_model_range(model, 64, 6));
	cma_model_refuse(model, cma_model_range(model, 63, 2));
}

static void release_of_lent_page_is_refused(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 64, 64);

	cma_model_block(model, cma_model_pfn(model, 300));
	cma_model_refuse(model, cma_model_range(model, 300, 1));
}

static void release_of_others_is_false(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 64, 64);
	struct page *other = alloc_page(GFP_KERNEL);
	struct page *ours = pfn_to_page(cma_model_pfn(model, 64));
	s64 released = atomic64_read(&model->area.stat.released);

	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_FALSE(test, cma_release(&model->area, other, 1));
	KUNIT_EXPECT_EQ(test, 1, page_ref_count(other));
	__free_page(other);
	KUNIT_EXPECT_FALSE(test, cma_release(NULL, ours, 64));
	KUNIT_EXPECT_FALSE(test, cma_release(&model->area, NULL, 1));
	cma_model_refuse(model, cma_range_of(model->area.range.start - 1, 1));
	cma_model_refuse(model, cma_range_of(model->area.range.end, 1));
	KUNIT_EXPECT_EQ(test, released,
			atomic64_read(&model->area.stat.released));
}

static void release_in_parts(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 0, 100);

	cma_model_release(model, cma_model_range(model, 40, 10));
	cma_model_check(model);
	cma_model_refuse(model, cma_model_range(model, 0, 100));
	cma_model_release(model, cma_model_range(model, 0, 40));
	cma_model_check(model);
	cma_model_release(model, cma_model_range(model, 50, 50));
	cma_model_check(model);
}

static void release_in_whole_slots(struct kunit *test)
{
	struct cma_model *model = release_open(test, 3, 0, 60);

	cma_model_release(model, cma_model_range(model, 8, 16));
	cma_model_check(model);
	cma_model_release(model, cma_model_range(model, 0, 8));
	cma_model_check(model);
	cma_model_release(model, cma_model_range(model, 24, 36));
	cma_model_check(model);
}

/* What is left of the slot would be held by somebody, and yet be lent. */
static void release_of_part_of_a_slot_is_refused(struct kunit *test)
{
	struct cma_model *model = release_open(test, 3, 0, 60);

	cma_model_refuse(model, cma_model_range(model, 0, 4));
	cma_model_refuse(model, cma_model_range(model, 8, 20));
	cma_model_refuse(model, cma_model_range(model, 56, 2));
	cma_model_release(model, cma_model_range(model, 0, 60));
	cma_model_check(model);
}

/* Slots of four pages; three of the only one are held, and the fourth is lent. */
static void release_of_partial_slot_is_of_its_pages(struct kunit *test)
{
	struct cma_model *model = release_open(test, 2, 64, 3);

	cma_model_refuse(model, cma_model_range(model, 64, 2));
	cma_model_refuse(model, cma_model_range(model, 66, 1));
	cma_model_refuse(model, cma_model_range(model, 65, 2));
	cma_model_refuse(model, cma_model_range(model, 64, 4));
	cma_model_refuse(model, cma_model_range(model, 67, 1));
	cma_model_refuse(model, cma_model_range(model, 64, 0));
	cma_model_release(model, cma_model_range(model, 64, 3));
	cma_model_refuse(model, cma_model_range(model, 64, 3));
	cma_model_check(model);
}

static void release_of_partial_slot_alone(struct kunit *test)
{
	struct cma_model *model = release_open(test, 2, 0, 11);

	cma_model_refuse(model, cma_model_range(model, 0, 12));
	cma_model_refuse(model, cma_model_range(model, 8, 4));
	cma_model_release(model, cma_model_range(model, 8, 3));
	cma_model_check(model);
	cma_model_refuse(model, cma_model_range(model, 0, 9));
	cma_model_release(model, cma_model_range(model, 4, 4));
	cma_model_check(model);
	cma_model_release(model, cma_model_range(model, 0, 4));
	cma_model_check(model);
}

/* The slot between is given to somebody who uses a part of it only. */
static void release_of_partial_slot_inside_of_another(struct kunit *test)
{
	struct cma_model *model = release_open(test, 2, 0, 15);

	cma_model_release(model, cma_model_range(model, 4, 4));
	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 2, 0));
	cma_model_check(model);
	cma_model_refuse(model, cma_model_range(model, 0, 6));
	cma_model_refuse(model, cma_model_range(model, 4, 3));
	cma_model_refuse(model, cma_model_range(model, 4, 8));
	cma_model_refuse(model, cma_model_range(model, 4, 1));
	cma_model_release(model, cma_model_range(model, 8, 7));
	cma_model_check(model);
	cma_model_release(model, cma_model_range(model, 0, 4));
	cma_model_release(model, cma_model_range(model, 4, 2));
	cma_model_check(model);
}

static void release_of_two_allocations_at_once_is_refused(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 0, 100);

	KUNIT_ASSERT_NOT_NULL(test, cma_model_alloc(model, 28, 0));
	cma_model_refuse(model, cma_model_range(model, 0, 128));
	cma_model_release(model, cma_model_range(model, 0, 100));
	cma_model_release(model, cma_model_range(model, 100, 28));
	cma_model_check(model);
}

static void release_works_with_interrupts_off(struct kunit *test)
{
	struct cma_model *model = release_open(test, 0, 64, 64);
	unsigned long flags;

	local_irq_save(flags);
	cma_model_release(model, cma_model_range(model, 64, 64));
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_restore(flags);
	cma_model_check(model);
}

static struct kunit_case release_tests[] = {
	KUNIT_CASE_PARAM(release_is_refused, release_gen_params),
	KUNIT_CASE(release_twice_frees_once),
	KUNIT_CASE(release_twice_spares_neighbour),
	KUNIT_CASE(release_of_lent_page_is_refused),
	KUNIT_CASE(release_of_others_is_false),
	KUNIT_CASE(release_in_parts),
	KUNIT_CASE(release_in_whole_slots),
	KUNIT_CASE(release_of_part_of_a_slot_is_refused),
	KUNIT_CASE(release_of_partial_slot_is_of_its_pages),
	KUNIT_CASE(release_of_partial_slot_alone),
	KUNIT_CASE(release_of_partial_slot_inside_of_another),
	KUNIT_CASE(release_of_two_allocations_at_once_is_refused),
	KUNIT_CASE(release_works_with_interrupts_off),
	{}
};

static struct kunit_suite release_suite = {
	.name = "cma_release",
	.test_cases = release_tests,
};

kunit_test_suite(release_suite);
