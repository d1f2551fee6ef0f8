/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text about an area that is meant to be read, by people first, and by tools as
 * columns. What is printed line by line is consistent line by line, so that no
 * lock is held for longer, however large an area is.
 */
#ifndef __MM_CMA_VIEW_H
#define __MM_CMA_VIEW_H

#include <linux/fs.h>

extern const struct file_operations cma_view_holders_fops;
extern const struct file_operations cma_view_map_fops;
extern const struct file_operations cma_view_failures_fops;
extern const struct file_operations cma_view_latency_fops;

#endif /* __MM_CMA_VIEW_H */
