// SPDX-License-Identifier: GPL-2.0
/* cma_test=pool: a device with memory-region uses its pool and no other. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define DRIVER "/sys/bus/platform/drivers/cma-sample/"
#define PAGES 16

static void buffer_fact(const char *device, const char *what, int ret)
{
	char path[384], key[96], *text;

	snprintf(path, sizeof(path), DRIVER "%s/buffer", device);
	snprintf(key, sizeof(key), "%s.%s", device, what);
	text = slurp(path);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	fact(key, "ret=%d %s", ret, text ? text : "unreadable");
	free(text);
}

static void ask(const char *device, const char *what, unsigned long size)
{
	char path[384];

	snprintf(path, sizeof(path), DRIVER "%s/buffer", device);
	buffer_fact(device, what, put(path, "%lu", size));
	put(path, "0");
}

/* All of the pool and a page: what another area could well satisfy. */
static void ask_all(const char *device)
{
	const char *bytes = getenv("pool_bytes");
	unsigned long too_much = bytes ? strtoul(bytes, NULL, 10) : 0;

	ask(device, "small", PAGES * page_size());
	ask(device, "page", page_size());
	ask(device, "toobig", too_much + page_size());
}

/* The first of many, those that the test made, and the one that it names. */
static bool is_wanted(const char *device)
{
	const char *named = getenv("pool_device");

	return strstr(device, "pooldev") || !strcmp(device, "cma-sample.0") ||
	       (named && !strcmp(device, named));
}

void run_pool(void)
{
	struct dirent *entry;
	DIR *dir;

	sample_need();
	dir = opendir(DRIVER);
	while (dir && (entry = readdir(dir)))
		if (is_wanted(entry->d_name))
			ask_all(entry->d_name);
	if (dir)
		closedir(dir);
	run_facts();
}
