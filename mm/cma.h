/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For code outside of mm/ that looks into an area: what stands in mm/cma/cma.h
 * may change with any release. Most of it has an accessor in linux/cma.h:
 *
 *	base_pfn, count	cma_get_base(), cma_get_size()
 *	name		cma_get_name()
 *	cma_areas	cma_for_each_area()
 *
 * Who holds which pages stands in debugfs, see Documentation/admin-guide/mm/cma.rst.
 */
#ifndef __MM_CMA_H
#define __MM_CMA_H

#include "cma/cma.h"

#endif /* __MM_CMA_H */
