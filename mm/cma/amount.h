/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much memory a request asks for, and what that is in bytes on a machine
 * with so much RAM. Pure: no globals, no printing, no allocation; every number
 * is 64 bit wide on every architecture and every sum is checked for overflow.
 */
#ifndef __MM_CMA_AMOUNT_H
#define __MM_CMA_AMOUNT_H

#include <linux/types.h>

/* Most that a percentage may claim: the rest has to run the machine. */
#define CMA_PERCENT_MAX 90

/**
 * struct cma_amount_term - one elementary amount
 * @value: bytes, or a share of RAM in percent (1 to %CMA_PERCENT_MAX)
 * @is_percent: which of the two @value is
 */
struct cma_amount_term {
	u64 value;
	bool is_percent;
};

/**
 * enum cma_amount_op - how the terms of an amount combine
 * @CMA_AMOUNT_SINGLE: only the first term counts
 * @CMA_AMOUNT_MAX: the larger of both terms
 * @CMA_AMOUNT_MIN: the smaller of both terms
 */
enum cma_amount_op {
	CMA_AMOUNT_SINGLE,
	CMA_AMOUNT_MAX,
	CMA_AMOUNT_MIN,
};

/**
 * struct cma_amount - a size expression that needs the RAM size to resolve
 * @op: how the terms combine
 * @term: the terms; the second one only exists for max and min
 */
struct cma_amount {
	enum cma_amount_op op;
	struct cma_amount_term term[2];
};

int cma_amount_resolve(const struct cma_amount *amount, u64 ram_bytes,
		       u64 granule, u64 *bytes);
bool cma_amount_is_zero(const struct cma_amount *amount);
u64 cma_amount_least(const struct cma_amount *amount);

#endif /* __MM_CMA_AMOUNT_H */
