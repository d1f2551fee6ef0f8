/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parser of sizes on the command line: text such as "192MB" or
 * "max(256M,25%)@1G-2G" becomes a struct cma_request. Pure: no globals, no
 * printing, no allocation. Each number is 64 bit wide on every architecture,
 * and each step is checked for overflow. A text is accepted as a whole or not
 * at all.
 *
 *	cma    = "0" | amount [ "@" addr [ "-" addr ] ]
 *	amount = term | ( "max" | "min" ) "(" term "," term ")"
 *	term   = size | percent
 *	size   = number [ letter of KMGTPE [ "B" | "iB" ] ]	addr = size
 *
 * The letter may be small, "B" and "iB" are as written. Numbers are decimal,
 * "0x" hexadecimal or "0" octal, but a percentage is decimal.
 */
#ifndef __MM_CMA_PARSE_H
#define __MM_CMA_PARSE_H

#include <linux/types.h>

/* The largest percentage: the machine needs the rest to run. */
#define CMA_PERCENT_MAX 90

/**
 * struct cma_amount_term - one elementary amount
 * @value: bytes, or a share of RAM in percent (1 to %CMA_PERCENT_MAX)
 * @is_percent: @value is a share of RAM
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
 * struct cma_amount - an expression for a size, which may depend on that of RAM
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

/**
 * enum cma_placement - what a request says about the place
 * @CMA_PLACE_ANYWHERE: nothing
 * @CMA_PLACE_FIXED: exactly at the base
 * @CMA_PLACE_WITHIN: anywhere in [base, end)
 */
enum cma_placement {
	CMA_PLACE_ANYWHERE,
	CMA_PLACE_FIXED,
	CMA_PLACE_WITHIN,
};

/**
 * struct cma_request - what a user asked for
 * @amount: how much
 * @placement: which of @base and @end are valid
 * @base: byte address; the exact place, or the start of the allowed range
 * @end: byte address, one past the end of the allowed range; only for
 *	 %CMA_PLACE_WITHIN
 */
struct cma_request {
	struct cma_amount amount;
	enum cma_placement placement;
	u64 base;
	u64 end;
};

/**
 * enum cma_parse_cause - why a text is not a request
 * @CMA_PARSE_OK: it is one
 * @CMA_PARSE_EMPTY: the text ends where a number should be
 * @CMA_PARSE_UNEXPECTED: a character that does not belong there
 * @CMA_PARSE_OVERFLOW: a number does not fit 64 bit, or the address type
 * @CMA_PARSE_PERCENT: a percentage outside 1 to %CMA_PERCENT_MAX
 * @CMA_PARSE_NO_BASE: '@' without an address
 * @CMA_PARSE_NO_END: '-' without an address
 * @CMA_PARSE_END_BEFORE_BASE: the range ends before it starts
 * @CMA_PARSE_RANGE_TOO_SMALL: the range is smaller than the size in bytes
 * @CMA_PARSE_WRAPS: base plus size passes the largest address
 * @CMA_PARSE_CUT_SHORT: the text ends where more has to follow
 */
enum cma_parse_cause {
	CMA_PARSE_OK,
	CMA_PARSE_EMPTY,
	CMA_PARSE_UNEXPECTED,
	CMA_PARSE_OVERFLOW,
	CMA_PARSE_PERCENT,
	CMA_PARSE_NO_BASE,
	CMA_PARSE_NO_END,
	CMA_PARSE_END_BEFORE_BASE,
	CMA_PARSE_RANGE_TOO_SMALL,
	CMA_PARSE_WRAPS,
	CMA_PARSE_CUT_SHORT,
};

/**
 * struct cma_parse_error - where and why a text was rejected
 * @cause: why
 * @at: offset in bytes, from 0 on, of the first bad character; of the first
 *	character of a number that is bad as a whole; of the end of the text
 *	when something is missing there
 */
struct cma_parse_error {
	enum cma_parse_cause cause;
	unsigned int at;
};

int cma_parse_request(const char *text, u64 addr_max, struct cma_request *req,
		      struct cma_parse_error *err);
const char *cma_parse_size(const char *text, u64 *bytes,
			   struct cma_parse_error *err);
const char *cma_parse_cause_text(enum cma_parse_cause cause);

/*
 * Lists of sizes for NUMA nodes: "<node>:<size>[,<node>:<size>]". Pure.
 */

/**
 * struct cma_parse_node - one element of a list
 * @nid: node number
 * @bytes: size
 */
struct cma_parse_node {
	unsigned int nid;
	u64 bytes;
};

const char *cma_parse_next_node(const char *text, unsigned int nr_nodes,
				struct cma_parse_node *part,
				struct cma_parse_error *err);
bool cma_parse_check_nodes(const char *list, unsigned int nr_nodes,
			   struct cma_parse_error *err);

/*
 * The value of the option cma_keep=: "[<area>:]<size>". Pure. A name may
 * contain any character, so the last colon ends it.
 */

/**
 * struct cma_keep_request - what a value says
 * @name_len: bytes of the name at its start; 0 without a name, which means the
 *	      default area
 * @bytes: the size; 0 keeps nothing
 */
struct cma_keep_request {
	unsigned int name_len;
	u64 bytes;
};

int cma_parse_keep(const char *text, struct cma_keep_request *keep,
		   struct cma_parse_error *err);

#endif /* __MM_CMA_PARSE_H */
