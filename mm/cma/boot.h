/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Kconfig says about the default area, and which it is. The symbols exist
 * only as far as the choice between them needs them.
 */
#ifndef __MM_CMA_BOOT_H
#define __MM_CMA_BOOT_H

#ifdef CONFIG_CMA_SIZE_MBYTES
#define CMA_DEFAULT_MBYTES	CONFIG_CMA_SIZE_MBYTES
#else
#define CMA_DEFAULT_MBYTES	0
#endif

#ifdef CONFIG_CMA_SIZE_PERCENTAGE
#define CMA_DEFAULT_PERCENT	CONFIG_CMA_SIZE_PERCENTAGE
#else
#define CMA_DEFAULT_PERCENT	0
#endif

#ifdef CONFIG_CMA_KEEP_MBYTES
#define CMA_DEFAULT_KEEP_MBYTES	CONFIG_CMA_KEEP_MBYTES
#else
#define CMA_DEFAULT_KEEP_MBYTES	0
#endif

struct cma;


#endif /* __MM_CMA_BOOT_H */
