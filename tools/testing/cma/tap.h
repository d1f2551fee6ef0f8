/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test program in one header, as 64-bit and 32-bit code:
 * CASE(name) { CHECK(condition, "what", ...); }. Prints TAP.
 * A case that checks nothing fails.
 */
#ifndef CMA_TAP_H
#define CMA_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/compiler.h>

#define TAP_MAX_CASES 64
#define TAP_MAX_REPORTS 5

struct tap_case {
	const char *name;
	void (*run)(void);
};

static struct tap_case tap_cases[TAP_MAX_CASES];
static unsigned int tap_nr_cases;
static unsigned long tap_checks, tap_failures;

static inline void tap_register(const char *name, void (*run)(void))
{
	if (tap_nr_cases == TAP_MAX_CASES)
		abort();
	tap_cases[tap_nr_cases++] = (struct tap_case){ name, run };
}

#define CASE(name)							\
	static void name(void);						\
	__attribute__((constructor)) static void tap_register_##name(void) \
	{								\
		tap_register(#name, name);				\
	}								\
	static void name(void)

/* Only the first few failures of a case are told, all are counted. */
__printf(3, 4)
static inline void tap_fail(int line, const char *condition,
			    const char *format, ...)
{
	va_list args;

	if (tap_failures++ >= TAP_MAX_REPORTS)
		return;
	printf("# line %d: not true: %s; ", line, condition);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

#define CHECK(condition, ...)						\
	do {								\
		tap_checks++;						\
		if (!(condition))					\
			tap_fail(__LINE__, #condition, __VA_ARGS__);	\
	} while (0)

/* xorshift64*: the same numbers on every machine; a seed repeats a run. */
static unsigned long long tap_state;

static inline unsigned long long tap_random(void)
{
	tap_state ^= tap_state >> 12;
	tap_state ^= tap_state << 25;
	tap_state ^= tap_state >> 27;
	return tap_state * 2685821657736338717ULL;
}

static inline unsigned long tap_below(unsigned long bound)
{
	return (unsigned long)(tap_random() >> 16) % bound;
}

static inline void tap_seed(void)
{
	const char *seed = getenv("CMA_TEST_SEED");

	tap_state = seed ? strtoull(seed, NULL, 0) : 0x20c4a;
	tap_state |= 1;
}

int main(void)
{
	unsigned int i;
	bool good = true;

	printf("1..%u\n", tap_nr_cases);
	for (i = 0; i < tap_nr_cases; i++) {
		tap_checks = 0;
		tap_failures = 0;
		tap_seed();
		tap_cases[i].run();
		if (!tap_checks)
			printf("# checked nothing\n");
		good &= tap_checks && !tap_failures;
		printf("%sok %u - %s # %lu checks, %lu failures\n",
		       tap_checks && !tap_failures ? "" : "not ", i + 1,
		       tap_cases[i].name, tap_checks, tap_failures);
		fflush(stdout);
	}
	return good ? 0 : 1;
}

#endif /* CMA_TAP_H */
