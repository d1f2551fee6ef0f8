/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lends memory of the area under test, or whatever the test has taken, to a
 * file, page by page. The file is filled elsewhere first and then migrated in,
 * so no other memory has to be scarce for its pages to be where the test wants
 * them.
 */
#ifndef __MM_CMA_TESTS_BORROW_H
#define __MM_CMA_TESTS_BORROW_H

#include "model.h"

/**
 * struct cma_borrower - a file with pages in the area
 * @model: the area
 * @range: what the pages of the file were put in, in their order
 * @next: target of the next page while they are migrated in
 * @file: the file, in shared memory; each word of it can be told from others
 * @ballast: pageblocks' worth of memory taken away from everybody
 * @rest: pageblocks taken away from the lender
 */
struct cma_borrower {
	struct cma_model *model;
	struct cma_range range;
	unsigned long next;
	struct file *file;
	struct list_head ballast;
	struct list_head rest;
};

struct cma_borrower *cma_borrow_open(struct cma_model *model,
				     struct cma_range range);
struct cma_borrower *cma_borrow_open_in(struct cma_model *model,
					struct cma_range range);
struct page *cma_borrow_page(struct cma_borrower *borrower,
			     unsigned long index);
unsigned long cma_borrow_inside(struct cma_borrower *borrower);
bool cma_borrow_is_intact(struct cma_borrower *borrower);

void cma_borrow_starve(struct cma_borrower *borrower);
void cma_borrow_feed(struct cma_borrower *borrower);

#endif /* __MM_CMA_TESTS_BORROW_H */
