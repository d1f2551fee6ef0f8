/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the command line and Kconfig say about the kept parts of areas. Boot
 * only.
 */
#ifndef __MM_CMA_KEEP_OPTION_H
#define __MM_CMA_KEEP_OPTION_H

void cma_keep_option_apply(void);

#endif /* __MM_CMA_KEEP_OPTION_H */
