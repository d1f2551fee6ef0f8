// SPDX-License-Identifier: GPL-2.0
/*
 * A parser by recursive descent for the grammar in parse.h: each rule is one
 * function. It moves the cursor past what it has read and returns true, or
 * records the error and returns false. So the first error in reading order is
 * the one that is reported.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/types.h>

#include "parse.h"

#define ASCII_LOWER 0x20
#define PERCENT_TEXT "percentage not from 1 to " __stringify(CMA_PERCENT_MAX)

struct cursor {
	const char *text;
	const char *at;
	u64 addr_max;
	struct cma_parse_error *err;
};

struct number {
	const char *start;
	u64 value;
	bool decimal;
};

static bool fail(struct cursor *cur, const char *at, enum cma_parse_cause cause)
{
	cur->err->cause = cause;
	cur->err->at = (unsigned int)(at - cur->text);
	return false;
}

static bool eat(struct cursor *cur, char c)
{
	if (*cur->at != c)
		return false;
	cur->at++;
	return true;
}

static bool eat_word(struct cursor *cur, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(cur->at, word, len))
		return false;
	cur->at += len;
	return true;
}

static bool expect(struct cursor *cur, char c)
{
	if (eat(cur, c))
		return true;
	return fail(cur, cur->at, *cur->at ? CMA_PARSE_UNEXPECTED :
					     CMA_PARSE_CUT_SHORT);
}

/* A value that no radix accepts stands for "not a digit". */
static unsigned int digit_of(char c)
{
	char lower = (char)(c | ASCII_LOWER);

	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (lower >= 'a' && lower <= 'f')
		return (unsigned int)(lower - 'a') + 10;
	return U32_MAX;
}

/* A single 0 counts as decimal, so that "0%" is refused as a percentage. */
static unsigned int parse_radix(struct cursor *cur)
{
	if (cur->at[0] != '0')
		return 10;
	if ((cur->at[1] | ASCII_LOWER) == 'x') {
		cur->at += 2;
		return 16;
	}
	return digit_of(cur->at[1]) < 10 ? 8 : 10;
}

static bool append_digit(u64 *value, u64 radix, u64 digit)
{
	u64 scaled;

	return !check_mul_overflow(*value, radix, &scaled) &&
	       !check_add_overflow(scaled, digit, value);
}

static bool parse_number(struct cursor *cur, struct number *number)
{
	const char *start = cur->at;
	unsigned int radix = parse_radix(cur);
	const char *first = cur->at;
	unsigned int digit;
	u64 value = 0;

	for (; (digit = digit_of(*cur->at)) < radix; cur->at++)
		if (!append_digit(&value, radix, digit))
			return fail(cur, start, CMA_PARSE_OVERFLOW);
	if (cur->at == first)
		return fail(cur, first, *first ? CMA_PARSE_UNEXPECTED :
						 CMA_PARSE_EMPTY);
	*number = (struct number){ start, value, radix == 10 };
	return true;
}

static bool parse_suffix(struct cursor *cur, unsigned int *shift)
{
	static const char letters[] = "kmgtpe";
	const char *letter = strchr(letters, *cur->at | ASCII_LOWER);

	*shift = 0;
	if (!letter)
		return true;
	*shift = 10 * (unsigned int)(letter - letters + 1);
	cur->at++;
	if (eat(cur, 'B') || !eat(cur, 'i'))
		return true;
	return expect(cur, 'B');
}

/* The number is read already; this reads the unit after it. */
static bool parse_unit(struct cursor *cur, struct number number, u64 *bytes)
{
	unsigned int shift;

	if (!parse_suffix(cur, &shift))
		return false;
	if (number.value > cur->addr_max >> shift)
		return fail(cur, number.start, CMA_PARSE_OVERFLOW);
	*bytes = number.value << shift;
	return true;
}

static bool parse_size(struct cursor *cur, u64 *bytes)
{
	struct number number;

	return parse_number(cur, &number) && parse_unit(cur, number, bytes);
}

static bool parse_term(struct cursor *cur, struct cma_amount_term *term)
{
	struct number number;

	if (!parse_number(cur, &number))
		return false;
	term->is_percent = number.decimal && eat(cur, '%');
	if (!term->is_percent)
		return parse_unit(cur, number, &term->value);
	term->value = number.value;
	if (!number.value || number.value > CMA_PERCENT_MAX)
		return fail(cur, number.start, CMA_PARSE_PERCENT);
	return true;
}

static enum cma_amount_op parse_op(struct cursor *cur)
{
	if (eat_word(cur, "max"))
		return CMA_AMOUNT_MAX;
	if (eat_word(cur, "min"))
		return CMA_AMOUNT_MIN;
	return CMA_AMOUNT_SINGLE;
}

static bool parse_amount(struct cursor *cur, struct cma_amount *amount)
{
	amount->op = parse_op(cur);
	if (amount->op == CMA_AMOUNT_SINGLE)
		return parse_term(cur, &amount->term[0]);
	return expect(cur, '(') && parse_term(cur, &amount->term[0]) &&
	       expect(cur, ',') && parse_term(cur, &amount->term[1]) &&
	       expect(cur, ')');
}

static bool parse_addr(struct cursor *cur, enum cma_parse_cause missing,
		       u64 *addr)
{
	if (!*cur->at || *cur->at == '-')
		return fail(cur, cur->at, missing);
	return parse_size(cur, addr);
}

static bool check_fixed(struct cursor *cur, const char *at,
			const struct cma_request *req)
{
	u64 least = cma_amount_least(&req->amount);
	u64 end;

	if (check_add_overflow(req->base, least, &end) ||
	    (least && end - 1 > cur->addr_max))
		return fail(cur, at, CMA_PARSE_WRAPS);
	return true;
}

static bool check_within(struct cursor *cur, const char *at,
			 const struct cma_request *req)
{
	if (req->end < req->base)
		return fail(cur, at, CMA_PARSE_END_BEFORE_BASE);
	if (req->end == req->base ||
	    req->end - req->base < cma_amount_least(&req->amount))
		return fail(cur, at, CMA_PARSE_RANGE_TOO_SMALL);
	return true;
}

static bool parse_end(struct cursor *cur, struct cma_request *req)
{
	const char *at = cur->at;

	req->placement = CMA_PLACE_WITHIN;
	return parse_addr(cur, CMA_PARSE_NO_END, &req->end) &&
	       check_within(cur, at, req);
}

static bool parse_place(struct cursor *cur, struct cma_request *req)
{
	const char *at;

	if (!eat(cur, '@'))
		return true;
	at = cur->at;
	req->placement = CMA_PLACE_FIXED;
	if (!parse_addr(cur, CMA_PARSE_NO_BASE, &req->base))
		return false;
	return eat(cur, '-') ? parse_end(cur, req) : check_fixed(cur, at, req);
}

static bool parse_end_of_text(struct cursor *cur)
{
	return !*cur->at || fail(cur, cur->at, CMA_PARSE_UNEXPECTED);
}

static int cause_errno(enum cma_parse_cause cause)
{
	switch (cause) {
	case CMA_PARSE_OVERFLOW:
	case CMA_PARSE_WRAPS:
		return -EOVERFLOW;
	case CMA_PARSE_PERCENT:
	case CMA_PARSE_END_BEFORE_BASE:
	case CMA_PARSE_RANGE_TOO_SMALL:
		return -ERANGE;
	default:
		return -EINVAL;
	}
}

static struct cursor cursor_over(const char *text, u64 addr_max,
				 struct cma_parse_error *err)
{
	*err = (struct cma_parse_error){ .cause = CMA_PARSE_OK };
	if (!text)
		text = "";
	return (struct cursor){ text, text, addr_max, err };
}

/**
 * cma_parse_request() - read the value of the option cma=
 * @text: value as the user wrote it, without "cma="; NULL counts as empty
 * @addr_max: largest number of bytes and largest byte address to accept, the
 *	      maximum of phys_addr_t
 * @req: the request; only written on success
 * @err: cause and position of the error; %CMA_PARSE_OK on success
 *
 * Only terms in bytes are compared with a range here: percentages can be
 * compared once the size of RAM is known.
 *
 * Return: 0; -EINVAL when the text does not follow the grammar; -EOVERFLOW when
 * a number, or base plus size, is too large; -ERANGE for an impossible
 * percentage or range.
 */
int cma_parse_request(const char *text, u64 addr_max, struct cma_request *req,
		      struct cma_parse_error *err)
{
	struct cursor cur = cursor_over(text, addr_max, err);
	struct cma_request parsed = { .placement = CMA_PLACE_ANYWHERE };

	if (!parse_amount(&cur, &parsed.amount) ||
	    !parse_place(&cur, &parsed) || !parse_end_of_text(&cur))
		return cause_errno(err->cause);
	*req = parsed;
	return 0;
}

/**
 * cma_parse_size() - read one size, such as 64M, at the start of a text
 * @text: text that begins with a size; NULL counts as empty
 * @bytes: receives the size; only written on success
 * @err: cause, and position relative to @text, of the error
 *
 * Return: the text after the size; NULL when there is no size or it does not
 * fit 64 bit.
 */
const char *cma_parse_size(const char *text, u64 *bytes,
			   struct cma_parse_error *err)
{
	struct cursor cur = cursor_over(text, U64_MAX, err);

	return parse_size(&cur, bytes) ? cur.at : NULL;
}

/**
 * cma_parse_cause_text() - a cause in words
 * @cause: out of a struct cma_parse_error
 *
 * Return: a few lower-case words without punctuation; never NULL.
 */
const char *cma_parse_cause_text(enum cma_parse_cause cause)
{
	static const char * const text[] = {
		[CMA_PARSE_OK] = "no error",
		[CMA_PARSE_EMPTY] = "number missing",
		[CMA_PARSE_UNEXPECTED] = "unexpected character",
		[CMA_PARSE_OVERFLOW] = "number too large",
		[CMA_PARSE_PERCENT] = PERCENT_TEXT,
		[CMA_PARSE_NO_BASE] = "base missing",
		[CMA_PARSE_NO_END] = "end missing",
		[CMA_PARSE_END_BEFORE_BASE] = "end before start",
		[CMA_PARSE_RANGE_TOO_SMALL] = "range smaller than the size",
		[CMA_PARSE_WRAPS] = "base plus size wraps past the largest address",
		[CMA_PARSE_CUT_SHORT] = "text ends too early",
	};
	size_t index = (size_t)cause;

	return index < ARRAY_SIZE(text) ? text[index] : "unknown error";
}

/*
 * From an amount to bytes. The terms are compared before anything is rounded.
 * Then bytes are rounded up, and a share of RAM is rounded down.
 */

struct share {
	u64 bytes;
	bool is_percent;
};

/* Quotient and remainder apart, because the whole product could overflow. */
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

/* Of equal terms the one in bytes wins, so that their order does not matter. */
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
 * @bytes: receives the result, 0 only when 0 bytes were asked for; only written
 *	   on success
 *
 * Bytes are rounded up, and a share of RAM is rounded down. Of two terms only
 * the one that wins is rounded.
 *
 * Return: 0; -ERANGE when a share of RAM is less than @granule; -EOVERFLOW when
 * rounding up leaves 64 bit.
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
 * Return: true for a single term of 0 bytes.
 */
bool cma_amount_is_zero(const struct cma_amount *amount)
{
	return amount->op == CMA_AMOUNT_SINGLE &&
	       !amount->term[0].is_percent && !amount->term[0].value;
}

/* The least that a term can be, however little RAM there is. */
static u64 term_least(const struct cma_amount_term *term)
{
	return term->is_percent ? 0 : term->value;
}

/**
 * cma_amount_least() - the least that an amount can be on any machine
 * @amount: an amount out of a parsed request
 *
 * With this, a range that is too small is refused before the size of RAM is
 * known.
 *
 * Return: bytes, not rounded; 0 when it depends on RAM alone.
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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a node number; returns the text after it, NULL if it is too large. */
static const char *read_nid(const char *text, unsigned int nr_nodes,
			    unsigned int *nid)
{
	for (*nid = 0; is_digit(*text); text++) {
		*nid = *nid * 10 + (unsigned int)(*text - '0');
		if (*nid >= nr_nodes)
			return NULL;
	}
	return text;
}

static const char *fail_node(struct cma_parse_error *err, unsigned int at,
			     enum cma_parse_cause cause)
{
	err->cause = cause;
	err->at = at;
	return NULL;
}

/**
 * cma_parse_next_node() - read one element of a list
 * @text: begins with the element
 * @nr_nodes: node numbers are below this, 1 to 65536
 * @part: receives the element
 * @err: cause, and position relative to @text, of the error
 *
 * Return: the text after the element and its comma; after the last element, the
 * end of the text; NULL when the element is malformed, or when the text ends
 * with a comma.
 */
const char *cma_parse_next_node(const char *text, unsigned int nr_nodes,
				struct cma_parse_node *part,
				struct cma_parse_error *err)
{
	const char *colon = read_nid(text, nr_nodes, &part->nid);
	unsigned int at;
	const char *end;

	if (!colon)
		return fail_node(err, 0, CMA_PARSE_OVERFLOW);
	at = (unsigned int)(colon - text);
	if (!at && !*text)
		return fail_node(err, 0, CMA_PARSE_EMPTY);
	if (!at || (*colon && *colon != ':'))
		return fail_node(err, at, CMA_PARSE_UNEXPECTED);
	if (!*colon)
		return fail_node(err, at, CMA_PARSE_CUT_SHORT);

	end = cma_parse_size(colon + 1, &part->bytes, err);
	if (!end)
		return fail_node(err, at + 1 + err->at, err->cause);
	at = (unsigned int)(end - text);
	if (!*end)
		return end;
	if (*end != ',')
		return fail_node(err, at, CMA_PARSE_UNEXPECTED);
	return end[1] ? end + 1 : fail_node(err, at + 1, CMA_PARSE_CUT_SHORT);
}

/**
 * cma_parse_check_nodes() - is a list well formed as a whole?
 * @list: the list; NULL counts as empty
 * @nr_nodes: node numbers are below this, 1 to 65536
 * @err: cause and position of the error
 *
 * Return: true when each element can be read with cma_parse_next_node().
 */
bool cma_parse_check_nodes(const char *list, unsigned int nr_nodes,
			   struct cma_parse_error *err)
{
	struct cma_parse_node part;
	const char *at = list ? list : "";
	const char *next;

	do {
		next = cma_parse_next_node(at, nr_nodes, &part, err);
		if (!next) {
			err->at += (unsigned int)(list ? at - list : 0);
			return false;
		}
		at = next;
	} while (*at);
	err->cause = CMA_PARSE_OK;
	return true;
}

static int fail_keep(struct cma_parse_error *err, const char *text, const char *at)
{
	err->cause = CMA_PARSE_UNEXPECTED;
	err->at = (unsigned int)(at - text);
	return -EINVAL;
}

/**
 * cma_parse_keep() - read the value of the option cma_keep=
 * @text: value as the user wrote it; NULL counts as empty
 * @keep: what it says; only written on success
 * @err: cause and position of the error; %CMA_PARSE_OK on success
 *
 * Return: 0; -EINVAL when the name before the colon is empty, or the rest is
 * not exactly one size that fits 64 bit.
 */
int cma_parse_keep(const char *text, struct cma_keep_request *keep,
		   struct cma_parse_error *err)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	const char *size = colon ? colon + 1 : text;
	const char *end;
	u64 bytes;

	if (colon && colon == text)
		return fail_keep(err, text, colon);
	end = cma_parse_size(size, &bytes, err);
	if (!end) {
		err->at += (unsigned int)(size - text);
		return -EINVAL;
	}
	if (*end)
		return fail_keep(err, text, end);
	keep->name_len = colon ? (unsigned int)(colon - text) : 0;
	keep->bytes = bytes;
	return 0;
}
