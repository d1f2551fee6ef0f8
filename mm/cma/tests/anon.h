/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Anonymous memory of a process, in the pages that the test wants it to be in:
 * it is filled elsewhere first and then migrated.
 */
#ifndef __MM_CMA_TESTS_ANON_H
#define __MM_CMA_TESTS_ANON_H

#include "model.h"

struct page;

/**
 * struct cma_anon - memory of a process
 * @model: the area under test
 * @mm: of the process
 * @addr: where the memory begins
 * @pages: how many there are
 * @next: target of the next page while they are migrated
 * @step: from one target to the next
 * @buffer: of one page, to compare with
 */
struct cma_anon {
	struct cma_model *model;
	struct mm_struct *mm;
	unsigned long addr;
	unsigned long pages;
	unsigned long next;
	unsigned long step;
	u64 *buffer;
};

struct cma_anon *cma_anon_open(struct cma_model *model, unsigned long pages,
			       unsigned long flags);
struct page *cma_anon_page(struct cma_anon *anon, unsigned long index);
void cma_anon_write(struct cma_anon *anon, unsigned long index);
void cma_anon_put_in(struct cma_anon *anon, unsigned long first,
		     unsigned long step);
unsigned long cma_anon_inside(struct cma_anon *anon, struct cma_range range);
unsigned long cma_anon_inside_any_area(struct cma_anon *anon);
bool cma_anon_is_intact(struct cma_anon *anon);

#endif /* __MM_CMA_TESTS_ANON_H */
