/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The value of the option cma_keep=: "[<area>:]<size>". Pure. A name may have
 * any character in it, so it is the last colon that ends it.
 */
#ifndef __MM_CMA_KEEP_TEXT_H
#define __MM_CMA_KEEP_TEXT_H

#include <linux/types.h>

#include "request.h"

/**
 * struct cma_keep_request - what a value says
 * @name_len: length of the name that it begins with, in bytes; 0 when there is
 *	      none, which stands for the default area
 * @bytes: the size; 0 for nothing at all
 */
struct cma_keep_request {
	unsigned int name_len;
	u64 bytes;
};

int cma_parse_keep(const char *text, struct cma_keep_request *keep,
		   struct cma_parse_error *err);

#endif /* __MM_CMA_KEEP_TEXT_H */
