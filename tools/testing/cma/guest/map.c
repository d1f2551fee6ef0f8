// SPDX-License-Identifier: GPL-2.0
/*
 * The picture of an area, one character for a pageblock or for several.
 * Read from the same files that anybody can read: the bitmap of debugfs says
 * what is held, /proc/kpageflags tells a free page from a lent one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define COLUMNS 64
#define ROWS_MAX 4

struct cells {
	unsigned long pages;	/* that one character stands for */
	unsigned long count;
	unsigned long row;	/* characters in one row */
};

unsigned long pageblock_pages(void)
{
	char *text = slurp("/proc/pagetypeinfo");
	char *at = text ? strstr(text, "Pages per block:") : NULL;
	unsigned long pages = at ? strtoul(strchr(at, ':') + 1, NULL, 10) : 0;

	free(text);
	return pages ? pages : 512;
}

static struct cells layout(const struct area *a)
{
	unsigned long block = pageblock_pages();
	unsigned long blocks = (a->count + block - 1) / block;
	unsigned long per_cell, rows;
	struct cells c;

	per_cell = (blocks + COLUMNS * ROWS_MAX - 1) / (COLUMNS * ROWS_MAX);
	c.pages = per_cell * block;
	c.count = (blocks + per_cell - 1) / per_cell;
	rows = (c.count + COLUMNS - 1) / COLUMNS;
	c.row = (c.count + rows - 1) / rows;
	return c;
}

static char cell(const unsigned char *owners, struct range r)
{
	unsigned long held = count_owner(owners, r, PAGE_HELD);
	unsigned long lent = count_owner(owners, r, PAGE_LENT);

	if (held)
		return held == r.end - r.first ? '#' : '+';
	if (!lent)
		return ':';
	return lent * 2 >= r.end - r.first ? '.' : ',';
}

static void print_row(const struct area *a, const unsigned char *owners,
		      const struct cells *c, unsigned long from)
{
	unsigned long long phys = a->base + from * c->pages;
	char row[COLUMNS + 1];
	struct range r;
	unsigned long i;

	for (i = 0; i < c->row && from + i < c->count; i++) {
		r.first = (from + i) * c->pages;
		r.end = r.first + c->pages;
		if (r.end > a->count)
			r.end = a->count;
		row[i] = cell(owners, r);
	}
	row[i] = '\0';
	say("    0x%09llx |%s|", phys * page_size(), row);
}

void map_print(const struct area *a, const char *title)
{
	unsigned char *owners = area_owners(a);
	struct range all = { 0, a->count };
	double mib = (double)page_size() / MIB;
	struct cells c = layout(a);
	unsigned long from;

	say("  %s: held %.1f MiB, lent %.1f MiB, free %.1f MiB", title,
	    count_owner(owners, all, PAGE_HELD) * mib,
	    count_owner(owners, all, PAGE_LENT) * mib,
	    count_owner(owners, all, PAGE_FREE) * mib);
	for (from = 0; from < c.count; from += c.row)
		print_row(a, owners, &c, from);
	free(owners);
}

void map_legend(const struct area *a)
{
	struct cells c = layout(a);

	say("    one character: %lu MiB  '#' held by a driver  '+' in part",
	    c.pages * page_size() / MIB);
	say("    '.' lent to movable pages  ',' less than half  ':' free");
}
