// SPDX-License-Identifier: GPL-2.0
/*
 * cma size: how large an area should be, as far as can be told from what
 * happened since boot; or, before there is a board, from its buffers.
 */
#include <stdio.h>

#include <linux/minmax.h>

#include "buffers.h"
#include "command.h"
#include "detail.h"
#include "setting.h"

/**
 * struct demand - what was asked of an area since boot; pages unless said
 * @peak: most that was held
 * @whole: most that was held and wanted at once
 * @for_room: how large it would have to be for each call to find a window, or
 *	      0 when no call failed for want of one
 * @told: calls that failed for want of room, as far as their size is known
 * @lost: the others
 */
struct demand {
	u64 peak;
	u64 whole;
	u64 for_room;
	u64 told;
	u64 lost;
};

static u64 calls(const struct area *area, enum area_number cause)
{
	return area->number[cause] == NOT_KNOWN ? 0 : area->number[cause];
}

static bool is_for_room(enum area_number cause)
{
	return cause == AREA_FAIL_TOO_BIG || cause == AREA_FAIL_FULL ||
	       cause == AREA_FAIL_FRAGMENTED;
}

/*
 * Where there was room but in pieces, only as much more, in one piece at the
 * end, would have been enough for sure.
 */
static void add_failure(struct demand *demand, const struct area *area,
			const struct failure *failure)
{
	u64 wanted = failure->wanted;

	if (wanted == NOT_KNOWN || failure->held == NOT_KNOWN)
		return;
	demand->told += is_for_room(failure->cause);
	demand->whole = max(demand->whole, failure->held + wanted);
	if (failure->cause == AREA_FAIL_FRAGMENTED && area->pages != NOT_KNOWN)
		demand->for_room = max(demand->for_room, area->pages + wanted);
}

static struct demand demand_of(const struct area *area)
{
	struct demand demand = { .peak = area->peak, .whole = area->peak };
	struct detail failures = detail_failures(area);
	u64 all = calls(area, AREA_FAIL_TOO_BIG) + calls(area, AREA_FAIL_FULL) +
		  calls(area, AREA_FAIL_FRAGMENTED);
	size_t i;

	for (i = 0; i < failures.nr; i++)
		add_failure(&demand, area, &failures.failure[i]);
	if (all > demand.told)
		demand.lost = all - demand.told;
	/* What is there now was not enough for them. */
	if (demand.lost && area->pages != NOT_KNOWN)
		demand.for_room = max(demand.for_room, area->pages + 1);
	return demand;
}

static void print_failed(const struct area *area)
{
	u64 refused = area->number[AREA_REFUSED];

	if (refused == NOT_KNOWN)
		return;
	printf("  refused since boot: %s",
	       refused ? area_size(area, refused) : "nothing");
	if (refused && area->fail_calls != NOT_KNOWN)
		printf(" in %llu call%s", area->fail_calls,
		       area->fail_calls == 1 ? "" : "s");
	putchar('\n');
}

/* Where pages would not move, more pages may be no more of a help. */
static void print_stubborn(const struct area *area)
{
	u64 stubborn = calls(area, AREA_FAIL_BUSY) +
		       calls(area, AREA_FAIL_NO_MEMORY);

	if (!stubborn)
		return;
	printf("  of these, %llu failed over pages that did not move;",
	       stubborn);
	puts(" for them, see cma why");
}

/* Returns the advice in bytes. */
static u64 print_advice(const struct area *area, const struct demand *demand)
{
	u64 whole = demand->whole * area->page_size;
	u64 for_room = setting_round(demand->for_room * area->page_size);

	if (setting_with_headroom(whole) >= for_room) {
		setting_print_headroom(whole);
		return setting_with_headroom(whole);
	}
	printf("  advice: %s, in steps of 4M: in %s, calls found no room\n",
	       text_pages(for_room, 1), area_size(area, area->pages));
	return for_room;
}

static void print_limits(const struct area *area, const struct demand *demand)
{
	if (demand->peak)
		printf("  with less than %s, calls that succeeded would have failed\n",
		       area_size(area, demand->peak));
	if (demand->lost)
		printf("  not known: how much %llu of the calls wanted; it may take more\n",
		       demand->lost);
	puts("  not known: load that has not run since boot");
}

/* What was held at some time is all that can be said without the peak. */
static void print_least(const struct area *area)
{
	puts("  no advice: this kernel does not record the peak;");
	puts("    look at HELD in 'cma watch' under full load");
	if (area->held != NOT_KNOWN)
		printf("  less than %s cannot do: that is held now\n",
		       area_size(area, area->held));
	print_failed(area);
	setting_explain(area, NOT_KNOWN);
}

static bool advise(const struct area *area)
{
	struct demand demand = demand_of(area);
	u64 advice;

	printf("%s: %s\n", area->label, area_size(area, area->pages));
	if (area->peak == NOT_KNOWN) {
		print_least(area);
		return false;
	}
	printf("  most ever held: %s\n", area_size(area, demand.peak));
	if (demand.whole > demand.peak)
		printf("  most ever held and wanted at once: %s\n",
		       area_size(area, demand.whole));
	print_failed(area);
	print_stubborn(area);
	if (!demand.whole) {
		puts("  no advice: nothing was asked for since boot");
		return true;
	}
	advice = print_advice(area, &demand);
	print_limits(area, &demand);
	setting_explain(area, advice);
	return true;
}

/**
 * command_size() - advise on the size of areas
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD; EXIT_BAD when there is no advice for some area; ends the
 * program when there is no area.
 */
enum exit_code command_size(const struct options *options)
{
	enum exit_code code = EXIT_GOOD;
	bool some_failed = false;
	struct areas areas;
	size_t i;

	if (options->buffers.nr) {
		buffers_advise(&options->buffers);
		return EXIT_GOOD;
	}
	areas = areas_get(options->argument[0]);
	for (i = 0; i < areas.nr; i++) {
		if (!advise(&areas.area[i]))
			code = EXIT_BAD;
		some_failed |= areas.area[i].number[AREA_REFUSED] > 0;
	}
	if (some_failed)
		areas_explain("sizes of calls that failed");
	return code;
}
