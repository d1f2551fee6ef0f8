/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel that is older or newer than the one that we develop on lacks.
 *
 * scripts/stage asks the tree, not its version, because vendors backport: a
 * block below "tree: NAME in FILES" is staged only if NAME stands in none of
 * these files. If no block is left, nobody includes this header.
 */
#ifndef MM_CMA_COMPAT_H
#define MM_CMA_COMPAT_H

/* tree: mapping_set_update in mm/internal.h include/linux/pagemap.h */
#include <linux/dax.h>
#include <linux/shmem_fs.h>
#include <linux/xarray.h>

#include "../internal.h"

/* Keep account of the nodes of a file that may come to hold shadow entries. */
static inline void mapping_set_update(struct xa_state *xas,
				      struct address_space *mapping)
{
	bool has_shadows = !shmem_mapping(mapping) && !dax_mapping(mapping);

	if (has_shadows) {
		xas_set_lru(xas, &shadow_nodes);
		xas_set_update(xas, workingset_update_node);
	}
}

/* tree: wait_for_freed_hugetlb_folios in include/linux/hugetlb.h */
/* A folio whose vmemmap is restored later is met again in the next pass. */
static inline void wait_for_freed_hugetlb_folios(void)
{
}

/* tree: gfp_flags in include/linux/page-isolation.h */
#include <linux/page-isolation.h>

/* Here it allocates nothing, and takes no gfp flags. */
#define start_isolate_page_range(start, end, type, flags, ...) \
	start_isolate_page_range(start, end, type, flags)

/* tree: end */
#endif
