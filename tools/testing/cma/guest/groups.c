// SPDX-License-Identifier: GPL-2.0
/*
 * What systemd and containers leave behind on a board: groups with limits and
 * cpusets, with init's work in one of them, and the settings of memory that its
 * owner chose. A kernel without cpusets is no board's: it stays as it booted.
 *   lru_gen=      0 or 1: what MGLRU is set to, else as it was configured
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define TOP "/sys/fs/cgroup/"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define HOME "user.slice/session.scope"

/* Those that a directory is in come before it. */
static const char * const groups[] = {
	"init.scope", "system.slice", "system.slice/journal.service",
	"system.slice/network.service", "user.slice", HOME,
	"machine.slice", "machine.slice/box", "machine.slice/other",
};

static const struct {
	const char *file;
	const char *value;
} settings[] = {
	{ "system.slice/journal.service/memory.high", "64M" },
	{ "system.slice/network.service/memory.low", "8M" },
	{ "machine.slice/box/memory.max", "256M" },
	{ "machine.slice/box/cpuset.cpus", "0" },
	{ "machine.slice/other/memory.max", "128M" },
	{ "machine.slice/other/cpuset.cpus", "0" },
};

static void path_of(char *path, size_t len, const char *group, const char *file)
{
	snprintf(path, len, TOP "%s/%s", group, file);
}

/* Groups hand on to those in them what they were given. */
static void hand_on(const char *group)
{
	char path[128];

	path_of(path, sizeof(path), group, "cgroup.subtree_control");
	put(path, "+cpuset");
	put(path, "+memory");
}

static void make_groups(void)
{
	char path[128];
	unsigned int i;

	hand_on("");
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		path_of(path, sizeof(path), groups[i], "");
		check(!mkdir(path, 0755), "cannot make the group %s: %m", groups[i]);
		if (!strchr(groups[i], '/'))
			hand_on(groups[i]);
	}
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		path_of(path, sizeof(path), settings[i].file, "");
		path[strlen(path) - 1] = '\0';
		/* Without the memory controller there are none of its files. */
		if (!access(path, F_OK))
			check(!put(path, "%s", settings[i].value),
			      "cannot set %s", settings[i].file);
	}
}

/* All processors and nodes, but by name: that is no longer the root's set. */
static void set_home(const char *file)
{
	char *all, path[128];

	path_of(path, sizeof(path), "", file);
	strcat(path, ".effective");
	all = slurp(path);
	path_of(path, sizeof(path), HOME, file);
	check(all && !put(path, "%s", all), "cannot set %s", file);
	free(all);
}

static void set_memory(void)
{
	const char *lru_gen = getenv("lru_gen");

	put(THP "hugepages-64kB/enabled", "inherit");
	put(THP "hugepages-2048kB/enabled", "inherit");
	if (lru_gen)
		check(!put("/sys/kernel/mm/lru_gen/enabled", "%s", lru_gen),
		      "cannot set MGLRU to %s", lru_gen);
}

void groups_make(void)
{
	char *controllers = slurp(TOP "cgroup.controllers");

	if (controllers && strstr(controllers, "cpuset")) {
		make_groups();
		set_home("cpuset.cpus");
		set_home("cpuset.mems");
		check(!put(TOP HOME "/cgroup.procs", "%d", getpid()),
		      "cannot enter " HOME);
		set_memory();
	}
	free(controllers);
}
