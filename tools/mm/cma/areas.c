// SPDX-License-Identifier: GPL-2.0
/*
 * Which areas there are, and why there is nothing to see of them.
 */
#include <errno.h>
#include <string.h>

#include "area.h"
#include "memory.h"
#include "message.h"

static int debug_error;

static bool is_directory(const char *parent, const char *name)
{
	struct names inside = {};

	return !source_list(text_of("%s/%s", parent, name), &inside);
}

static bool has_name(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return false;
}

static int collect(const char *parent, struct names *names)
{
	struct names found = {};
	int err = source_list(parent, &found);
	size_t i;

	for (i = 0; i < found.nr; i++)
		if (!has_name(names, found.name[i]) &&
		    is_directory(parent, found.name[i]))
			names_add(names, found.name[i], strlen(found.name[i]));
	return err;
}

/* In kB, as /proc/meminfo says; NOT_KNOWN on a kernel without CMA. */
static u64 meminfo_total(void)
{
	struct text text = {};
	struct span rest, line, word;
	u64 total;

	if (source_read("proc/meminfo", &text))
		return NOT_KNOWN;
	rest = (struct span){ text.data, text.data + text.len };
	while (span_line(&rest, &line))
		if (span_skip(&line, "CmaTotal:") && span_word(&line, &word) &&
		    span_number(word, &total))
			return total;
	return NOT_KNOWN;
}

static noreturn void exit_without_areas(void)
{
	u64 total = meminfo_total();

	if (total == NOT_KNOWN)
		message_exit(EXIT_BAD,
			     "there is no area, nor CmaTotal in %s: no CONFIG_CMA",
			     source_name("proc/meminfo"));
	if (!total)
		message_exit(EXIT_BAD,
			     "there is no area; to have one, boot with cma=64M");
	areas_explain("names of areas");
	message_exit(EXIT_BAD,
		     "there are areas, of %s, but not in %s (CONFIG_CMA_SYSFS)",
		     text_pages(total, 1024), source_name(SYSFS_AREAS));
}

static void keep_only(struct names *names, const char *name)
{
	struct text all = {};
	size_t i;

	if (has_name(names, name)) {
		names->name[0] = memory_copy(name, strlen(name));
		names->nr = 1;
		return;
	}
	for (i = 0; i < names->nr; i++)
		text_add(&all, "%s'%s'", i ? ", " : "",
			 text_quote(names->name[i], QUOTE_TERMINAL));
	message_exit(EXIT_BAD, "there is no area '%s'; there is %s",
		     text_quote(name, QUOTE_TERMINAL), all.data);
}

/* Where there is but one area, the kernel's total is its size. */
static void guess_size(struct area *area)
{
	u64 total = meminfo_total();

	if (area->pages == NOT_KNOWN && total != NOT_KNOWN &&
	    total <= AREA_PAGES_MAX)
		area->pages = (total << 10) / area->page_size;
}

/**
 * areas_get() - read the areas that a command is about
 * @name: of the only one, or NULL for all
 *
 * Context: after source_open(); ends the program when there is none.
 * Return: the areas.
 */
struct areas areas_get(const char *name)
{
	struct names names = {};
	struct areas areas;
	bool is_only;
	size_t i;

	collect(SYSFS_AREAS, &names);
	debug_error = collect(DEBUGFS_AREAS, &names);
	if (!names.nr)
		exit_without_areas();
	is_only = names.nr == 1;
	if (name)
		keep_only(&names, name);

	areas.nr = names.nr;
	areas.area = memory_get(areas.nr, sizeof(*areas.area));
	for (i = 0; i < areas.nr; i++)
		area_load(&areas.area[i], names.name[i], source_page_size());
	if (is_only)
		guess_size(&areas.area[0]);
	return areas;
}

static bool is_mounted(void)
{
	struct names inside = {};

	return !source_list(DEBUGFS, &inside) && inside.nr;
}

static const char *remedy(void)
{
	if (source_is_record())
		return "record it as root: sudo cma bundle";
	if (debug_error == -EACCES || debug_error == -EPERM)
		return "run it as root: sudo cma";
	if (is_mounted())
		return "the kernel needs CONFIG_CMA_DEBUGFS";
	return "mount it: sudo mount -t debugfs none /sys/kernel/debug";
}

/**
 * areas_explain() - say what is not shown because debugfs is out of reach
 * @lacks: what is not shown, for the user
 *
 * Context: after areas_get().
 * Return: true when debugfs is out of reach, false when it is not and nothing
 * was said.
 */
bool areas_explain(const char *lacks)
{
	if (!debug_error)
		return false;
	message("%s cannot be read (%s), so there are no %s; %s",
		source_name(DEBUGFS_AREAS), strerror(-debug_error), lacks,
		remedy());
	return true;
}
