// SPDX-License-Identifier: GPL-2.0
/*
 * From amounts to bytes: examples by hand, then random amounts against an
 * arithmetic of its own, which multiplies by adding in pieces of one percent.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "lib/parse.h"
#include "tap.h"

#define M(n) ((u64)(n) << 20)
#define G(n) ((u64)(n) << 30)
#define B(b) { b, false }
#define P(p) { p, true }
#define ONE CMA_AMOUNT_SINGLE
#define MAX CMA_AMOUNT_MAX
#define MIN CMA_AMOUNT_MIN
#define BLOCK M(2)

static const struct row {
	struct cma_amount amount;
	u64 ram, granule;
	int ret;
	u64 bytes;
} rows[] = {
	{ { ONE, { B(M(64)) } }, G(1), BLOCK, 0, M(64) },
	/* bytes are rounded up: cma=1, 64K and 3M */
	{ { ONE, { B(1) } }, G(1), BLOCK, 0, M(2) },
	{ { ONE, { B(0x10000) } }, G(1), BLOCK, 0, M(2) },
	{ { ONE, { B(M(3)) } }, G(1), BLOCK, 0, M(4) },
	{ { ONE, { B(M(3)) } }, G(1), 1, 0, M(3) },
	/* percent down: 10% of 1 GiB is 102.4 MiB */
	{ { ONE, { P(10) } }, G(1), BLOCK, 0, M(102) },
	{ { ONE, { P(25) } }, G(1), BLOCK, 0, M(256) },
	{ { ONE, { P(90) } }, U64_MAX, 1, 0, 0xe666666666666665 },
	{ { ONE, { P(1) } }, 199, 1, 0, 1 },
	{ { ONE, { P(1) } }, M(199), BLOCK, -ERANGE, 0 },
	{ { ONE, { P(1) } }, M(200), BLOCK, 0, M(2) },
	{ { ONE, { P(90) } }, 0, BLOCK, -ERANGE, 0 },
	{ { MAX, { B(M(256)), P(25) } }, G(2), BLOCK, 0, M(512) },
	{ { MAX, { B(M(256)), P(25) } }, M(512), BLOCK, 0, M(256) },
	{ { MIN, { B(M(1376)), P(25) } }, G(4), BLOCK, 0, M(1024) },
	{ { MIN, { B(M(1376)), P(25) } }, G(8), BLOCK, 0, M(1376) },
	/* the winner rounds: 3M against 1% of 1 GiB, 10.24M */
	{ { MIN, { B(M(3)), P(1) } }, G(1), BLOCK, 0, M(4) },
	{ { MAX, { B(M(3)), P(1) } }, G(1), BLOCK, 0, M(10) },
	/* a tie at 3 MiB, either way round */
	{ { MAX, { B(M(3)), P(1) } }, M(300), BLOCK, 0, M(4) },
	{ { MAX, { P(1), B(M(3)) } }, M(300), BLOCK, 0, M(4) },
	{ { MIN, { P(1), B(M(3)) } }, M(300), BLOCK, 0, M(4) },
	{ { MIN, { P(1), B(M(3)) } }, M(100), BLOCK, -ERANGE, 0 },
	{ { MAX, { P(10), P(25) } }, G(1), BLOCK, 0, M(256) },
	{ { MIN, { B(0), P(25) } }, G(1), BLOCK, 0, 0 },
	{ { ONE, { B(0) } }, G(1), BLOCK, 0, 0 },
	/* rounding up leaves 64 bit */
	{ { ONE, { B(0xfffffffffffff000) } }, G(1), BLOCK, -EOVERFLOW, 0 },
	{ { ONE, { B(0xffffffffffe00000) } }, G(1), BLOCK, 0,
	  0xffffffffffe00000 },
	/* no 32 bit in between */
	{ { ONE, { B(4294967295) } }, G(1), BLOCK, 0, G(4) },
};

CASE(examples)
{
	size_t i;
	u64 bytes;
	int ret;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bytes = 0;
		ret = cma_amount_resolve(&rows[i].amount, rows[i].ram,
					 rows[i].granule, &bytes);
		CHECK(ret == rows[i].ret && bytes == rows[i].bytes,
		      "row %zu: %d, %#llx", i, ret, bytes);
	}
}

/* Adds up the share, keeping the hundredths; never more than 64 bit. */
static u64 naive_percent(u64 ram, u64 percent)
{
	u64 sum = 0, hundredths = 0;

	for (; percent; percent--) {
		sum += ram / 100;
		hundredths += ram % 100;
		sum += hundredths / 100;
		hundredths %= 100;
	}
	return sum;
}

static struct cma_amount_term random_term(void)
{
	if (tap_below(2))
		return (struct cma_amount_term){ 1 + tap_below(CMA_PERCENT_MAX), true };
	return (struct cma_amount_term){ tap_random() >> tap_below(64), false };
}

static u64 naive_bytes(const struct cma_amount_term *term, u64 ram)
{
	return term->is_percent ? naive_percent(ram, term->value) : term->value;
}

/* Which of the terms wins; the one in bytes when they are equal. */
static unsigned int naive_winner(const struct cma_amount *amount, u64 ram)
{
	u64 a = naive_bytes(&amount->term[0], ram);
	u64 b = naive_bytes(&amount->term[1], ram);

	if (amount->op == ONE)
		return 0;
	if (a == b)
		return amount->term[0].is_percent ? 1 : 0;
	if (amount->op == MAX)
		return b > a;
	return b < a;
}

static int naive_resolve(const struct cma_amount *amount, u64 ram, u64 granule,
			 u64 *bytes)
{
	const struct cma_amount_term *term = &amount->term[naive_winner(amount, ram)];
	u64 exact = naive_bytes(term, ram);
	u64 blocks = exact / granule;

	if (term->is_percent && !blocks)
		return -ERANGE;
	if (!term->is_percent && exact % granule) {
		blocks++;
		if (blocks > U64_MAX / granule)
			return -EOVERFLOW;
	}
	*bytes = blocks * granule;
	return 0;
}

static struct cma_amount random_amount(u64 ram)
{
	struct cma_amount amount = {
		.op = (enum cma_amount_op)tap_below(3),
		.term = { random_term(), random_term() },
	};

	if (!tap_below(4) && !amount.term[0].is_percent)
		amount.term[0].value = naive_bytes(&amount.term[1], ram);
	return amount;
}

CASE(agrees_with_naive_arithmetic)
{
	unsigned long round;

	for (round = 0; round < 200000; round++) {
		u64 ram = tap_random() >> tap_below(64);
		u64 granule = 1ULL << tap_below(40);
		struct cma_amount amount = random_amount(ram);
		u64 got = 1, want = 1;
		int ret = cma_amount_resolve(&amount, ram, granule, &got);

		CHECK(ret == naive_resolve(&amount, ram, granule, &want) &&
		      got == want,
		      "op %d, %llu%s, %llu%s, RAM %#llx, granule %#llx: %d, %#llx",
		      (int)amount.op, amount.term[0].value,
		      amount.term[0].is_percent ? "%" : "",
		      amount.term[1].value,
		      amount.term[1].is_percent ? "%" : "", ram, granule, ret,
		      got);
	}
}

/* Whatever the RAM, what is wanted is never below the least. */
CASE(least_is_a_lower_bound)
{
	unsigned long round;

	for (round = 0; round < 50000; round++) {
		u64 ram = tap_random() >> tap_below(64);
		struct cma_amount amount = random_amount(ram);
		unsigned int term = naive_winner(&amount, ram);
		u64 least = cma_amount_least(&amount);

		CHECK(least <= naive_bytes(&amount.term[term], ram), "%#llx",
		      least);
		term = naive_winner(&amount, 0);
		CHECK(least == naive_bytes(&amount.term[term], 0), "%#llx",
		      least);
	}
}

CASE(zero_is_a_single_term_of_no_bytes)
{
	const struct cma_amount zero = { ONE, { B(0) } };
	const struct cma_amount one = { ONE, { B(1) } };
	const struct cma_amount share = { ONE, { P(1) } };
	const struct cma_amount pair = { MAX, { B(0), B(0) } };
	const struct cma_amount first = { MAX, { B(0), P(25) } };

	CHECK(cma_amount_is_zero(&zero), "0");
	CHECK(!cma_amount_is_zero(&one), "1");
	CHECK(!cma_amount_is_zero(&share), "1%%");
	CHECK(!cma_amount_is_zero(&pair), "max(0,0)");
	CHECK(!cma_amount_is_zero(&first), "max(0,25%%)");
}
