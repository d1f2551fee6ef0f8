/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text about an area that is meant to be read, by people first, and by tools as
 * columns. What is printed line by line is consistent line by line, so that no
 * lock is held for longer, however large an area is.
 */
#ifndef __MM_CMA_VIEW_H
#define __MM_CMA_VIEW_H

struct cma;
struct dentry;

void cma_debugfs_add_views(struct cma *cma, struct dentry *dir);

#endif /* __MM_CMA_VIEW_H */
