/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explains failures at run time. Rate limited, because a driver may ask again
 * and again; nothing is printed with a lock held.
 */
#ifndef __MM_CMA_REPORT_H
#define __MM_CMA_REPORT_H

#include "lib/range.h"

struct cma;
struct cma_demand;
struct cma_failure;
struct cma_search_result;

void cma_failure_report(struct cma *cma, const struct cma_demand *demand,
			struct cma_failure *failure,
			const struct cma_search_result *result);
void cma_failure_report_release(struct cma *cma, struct cma_range range, int err,
				unsigned long caller);

#endif /* __MM_CMA_REPORT_H */
