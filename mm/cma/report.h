/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explains failures at run time. Rate limited, because a driver may ask again
 * and again; nothing is printed with a lock held.
 */
#ifndef __MM_CMA_REPORT_H
#define __MM_CMA_REPORT_H

struct cma;
struct cma_demand;
struct page;

void cma_report_failure(struct cma *cma, const struct cma_demand *demand,
			int err);
void cma_report_start(const struct cma *cma, const struct cma_demand *demand);
void cma_report_retry(unsigned long pfn);
void cma_report_finish(const struct page *page);
void cma_report_release(const struct page *pages, unsigned long nr_pages);
void cma_report_bad_release(const struct cma *cma, unsigned long pfn,
			    unsigned long nr_pages);

#endif /* __MM_CMA_REPORT_H */
