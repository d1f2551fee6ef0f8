/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is outside the area under test: pageblocks of regular memory, and all
 * that is free in the other area.
 */
#ifndef __MM_CMA_TESTS_OUTSIDE_H
#define __MM_CMA_TESTS_OUTSIDE_H

#include "model.h"

struct list_head;

struct cma_range cma_outside_take(struct cma_model *model);
void cma_outside_give(struct cma_model *model, struct cma_range range);
unsigned long cma_outside_free_pages(struct cma_range range);
bool cma_outside_is_one_chunk(struct cma_range range);

void cma_outside_take_lender(struct cma_model *model, struct list_head *rest);
void cma_outside_give_lender(struct cma_model *model, struct list_head *rest);
void cma_outside_close_lender(struct cma_model *model);

#endif /* __MM_CMA_TESTS_OUTSIDE_H */
