/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages of a file that were lent memory of the area under test.
 *
 * Movable pages go into areas only once most of what is free is in areas. So
 * nearly all other memory is taken away while the file is filled, and the rest
 * of the lender as well.
 */
#ifndef __MM_CMA_TESTS_LEND_H
#define __MM_CMA_TESTS_LEND_H

#include "model.h"

/**
 * struct cma_loan - a file with pages in the area
 * @model: the area
 * @ballast: pages taken away from others
 * @rest: page blocks held of the lender
 * @file: the file, in shared memory
 * @nr_pages: its size
 */
struct cma_loan {
	struct cma_model *model;
	struct list_head ballast;
	struct list_head rest;
	struct file *file;
	unsigned long nr_pages;
};

struct cma_loan *cma_loan_open(struct cma_model *model);
void cma_loan_take_ballast(struct cma_loan *loan, unsigned long keep);
void cma_loan_drop_ballast(struct cma_loan *loan);
unsigned long cma_loan_count(struct cma_loan *loan);
struct page *cma_loan_page(struct cma_loan *loan);
bool cma_loan_is_intact(struct cma_loan *loan);

#endif /* __MM_CMA_TESTS_LEND_H */
