// SPDX-License-Identifier: GPL-2.0
/*
 * From an amount to bytes. Of two terms the larger or smaller one wins before
 * anything is rounded; the kind of the winner says which way to round it.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "amount.h"

struct share {
	u64 bytes;
	bool is_percent;
};

/* Quotient and remainder are weighed apart: the product could overflow. */
static struct share share_of(const struct cma_amount_term *term, u64 ram_bytes)
{
	u32 rest;
	u64 hundredth;

	if (!term->is_percent)
		return (struct share){ term->value, false };
	hundredth = div_u64_rem(ram_bytes, 100, &rest);
	return (struct share){
		hundredth * term->value + div_u64(rest * term->value, 100), true
	};
}

/* In a tie the term in bytes wins, so that the order of the terms is moot. */
static struct share winner(const struct cma_amount *amount, u64 ram_bytes)
{
	struct share a = share_of(&amount->term[0], ram_bytes);
	struct share b;

	if (amount->op == CMA_AMOUNT_SINGLE)
		return a;
	b = share_of(&amount->term[1], ram_bytes);
	if (a.bytes == b.bytes)
		return a.is_percent ? b : a;
	return (a.bytes > b.bytes) == (amount->op == CMA_AMOUNT_MAX) ? a : b;
}

/**
 * cma_amount_resolve() - turn an amount into bytes on this machine
 * @amount: an amount out of a parsed request
 * @ram_bytes: size of RAM that percentages refer to
 * @granule: bytes, a power of two; the result is a multiple of it
 * @bytes: the result; 0 only when zero bytes were asked for
 *
 * A share of RAM is rounded down, bytes are rounded up; of two terms the one
 * that wins decides, and the comparison sees both unrounded.
 *
 * Context: any.
 * Return: 0; -ERANGE when a percentage is less than @granule; -EOVERFLOW when
 * rounding up leaves 64 bit. @bytes is only written on success.
 */
int cma_amount_resolve(const struct cma_amount *amount, u64 ram_bytes,
		       u64 granule, u64 *bytes)
{
	struct share share = winner(amount, ram_bytes);
	u64 padded = share.bytes;

	if (share.is_percent && share.bytes < granule)
		return -ERANGE;
	if (!share.is_percent &&
	    check_add_overflow(share.bytes, granule - 1, &padded))
		return -EOVERFLOW;
	*bytes = ALIGN_DOWN(padded, granule);
	return 0;
}

/**
 * cma_amount_is_zero() - was zero asked for, which means "no area"?
 * @amount: an amount out of a parsed request
 *
 * Context: any.
 * Return: true for a single term of zero bytes.
 */
bool cma_amount_is_zero(const struct cma_amount *amount)
{
	return amount->op == CMA_AMOUNT_SINGLE &&
	       !amount->term[0].is_percent && !amount->term[0].value;
}

/* The bytes that a term stands for on any machine, however little RAM. */
static u64 term_least(const struct cma_amount_term *term)
{
	return term->is_percent ? 0 : term->value;
}

/**
 * cma_amount_least() - bytes that an amount is not below on any machine
 * @amount: an amount out of a parsed request
 *
 * Lets a range be refused that is too small before the size of RAM is known.
 *
 * Context: any.
 * Return: bytes, not rounded; 0 when only RAM decides.
 */
u64 cma_amount_least(const struct cma_amount *amount)
{
	u64 a = term_least(&amount->term[0]);
	u64 b = term_least(&amount->term[1]);

	switch (amount->op) {
	case CMA_AMOUNT_MAX:
		return max(a, b);
	case CMA_AMOUNT_MIN:
		return min(a, b);
	default:
		return a;
	}
}
