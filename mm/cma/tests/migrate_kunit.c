// SPDX-License-Identifier: GPL-2.0
/*
 * evacuate.c again, with pages in the area that somebody uses: a file in
 * shared memory.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "../evacuate.h"
#include "lend.h"
#include "model.h"

static struct cma_loan *migrate_open(struct kunit *test)
{
	return cma_loan_open(cma_model_open(test, (struct cma_geometry){
					    .blocks = 4 }));
}

static void migrate_keeps_content(struct kunit *test)
{
	struct cma_loan *loan = migrate_open(test);
	struct cma_model *model = loan->model;
	unsigned long pages = cma_model_pages(model);

	cma_loan_drop_ballast(loan);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, pages / 2, 0));
	cma_model_check(model);
	KUNIT_EXPECT_NOT_NULL(test, cma_model_alloc(model, pages / 2, 0));
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, 0UL, cma_loan_count(loan));
	KUNIT_EXPECT_TRUE(test, cma_loan_is_intact(loan));
}

static void migrate_of_pinned_page_is_busy(struct kunit *test)
{
	struct cma_loan *loan = migrate_open(test);
	struct cma_model *model = loan->model;
	struct page *pinned = cma_loan_page(loan);
	struct cma_evacuation evac = {
		.range = model->area.range,
		.gfp = GFP_KERNEL,
	};

	cma_loan_drop_ballast(loan);
	KUNIT_EXPECT_EQ(test, -EBUSY, cma_evacuate(&evac));
	KUNIT_EXPECT_EQ(test, page_to_pfn(pinned), evac.blocker);
	cma_model_check(model);
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, cma_model_pages(model),
						0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_loan_is_intact(loan));

	put_page(pinned);
	KUNIT_EXPECT_NOT_NULL(test,
			      cma_model_alloc(model, cma_model_pages(model),
					      0));
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_loan_is_intact(loan));
}

static void migrate_without_target_is_enomem(struct kunit *test)
{
	struct cma_loan *loan = migrate_open(test);
	struct cma_model *model = loan->model;
	struct cma_evacuation evac = {
		.range = model->area.range,
		.gfp = __GFP_IO | __GFP_FS | __GFP_NOWARN,
	};

	cma_loan_take_ballast(loan, 0);
	KUNIT_EXPECT_EQ(test, -ENOMEM, cma_evacuate(&evac));
	cma_loan_drop_ballast(loan);
	cma_model_check(model);
	KUNIT_EXPECT_TRUE(test, cma_loan_is_intact(loan));
}

static void migrate_g5_leaves_files_alone_inside_a_file_system(struct kunit *test)
{
	struct cma_loan *loan = migrate_open(test);
	struct cma_model *model = loan->model;
	unsigned long inside = cma_loan_count(loan);
	unsigned int flags;

	cma_loan_drop_ballast(loan);
	flags = memalloc_nofs_save();
	KUNIT_EXPECT_NULL(test, cma_model_alloc(model, cma_model_pages(model),
						0));
	memalloc_nofs_restore(flags);
	KUNIT_EXPECT_EQ(test, inside, cma_loan_count(loan));
	cma_model_check(model);
}

/* What a process that is being killed looks like. */
static void migrate_set_killed(bool killed)
{
	spin_lock_irq(&current->sighand->siglock);
	if (killed) {
		sigaddset(&current->pending.signal, SIGKILL);
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	} else {
		sigdelset(&current->pending.signal, SIGKILL);
		clear_tsk_thread_flag(current, TIF_SIGPENDING);
	}
	spin_unlock_irq(&current->sighand->siglock);
}

static void migrate_ends_at_fatal_signal(struct kunit *test)
{
	struct cma_loan *loan = migrate_open(test);
	struct cma_model *model = loan->model;
	unsigned long inside = cma_loan_count(loan);
	struct cma_evacuation evac = {
		.range = model->area.range,
		.gfp = GFP_KERNEL,
	};
	int err;

	cma_loan_drop_ballast(loan);
	migrate_set_killed(true);
	err = cma_evacuate(&evac);
	migrate_set_killed(false);

	KUNIT_EXPECT_EQ(test, -EINTR, err);
	cma_model_check(model);
	KUNIT_EXPECT_EQ(test, inside, cma_loan_count(loan));
	KUNIT_EXPECT_TRUE(test, cma_loan_is_intact(loan));
}

static struct kunit_case migrate_tests[] = {
	KUNIT_CASE(migrate_keeps_content),
	KUNIT_CASE(migrate_of_pinned_page_is_busy),
	KUNIT_CASE(migrate_without_target_is_enomem),
	KUNIT_CASE(migrate_g5_leaves_files_alone_inside_a_file_system),
	KUNIT_CASE(migrate_ends_at_fatal_signal),
	{}
};

static struct kunit_suite migrate_suite = {
	.name = "cma_migrate",
	.test_cases = migrate_tests,
};

kunit_test_suite(migrate_suite);
