// SPDX-License-Identifier: GPL-2.0
/* Swap space in compressed memory, and a control group with a limit. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

#include "starve.h"

#define ZRAM "/dev/zram0"
#define ZRAM_SIZE "/sys/block/zram0/disksize"
#define SIGNATURE "SWAPSPACE2"
#define GROUPS "/sys/fs/cgroup"
#define GROUP GROUPS "/demand"

/* The first page of swap space, behind what a boot loader may need of it. */
struct swap_info {
	char boot[1024];
	uint32_t version;
	uint32_t last_page;
	uint32_t bad_pages;
};

static void write_header(unsigned long pages)
{
	size_t signature = strlen(SIGNATURE);
	char *page = calloc(1, page_size());
	struct swap_info *info = (struct swap_info *)page;
	int fd = open(ZRAM, O_WRONLY | O_CLOEXEC);

	info->version = 1;
	info->last_page = pages - 1;
	memcpy(page + page_size() - signature, SIGNATURE, signature);
	if (fd < 0 || write(fd, page, page_size()) != (ssize_t)page_size() ||
	    fsync(fd))
		die("cannot write the header of %s: %m", ZRAM);
	close(fd);
	free(page);
}

void zram_on(unsigned long bytes)
{
	if (put(ZRAM_SIZE, "%lu", bytes))
		die("cannot set the size of %s: %m", ZRAM);
	write_header(bytes / page_size());
	if (swapon(ZRAM, 0))
		die("cannot swap to %s: %m", ZRAM);
}

void zram_off(void)
{
	check(!swapoff(ZRAM), "cannot stop swapping");
	check(!put("/sys/block/zram0/reset", "1"), "cannot clear the swap");
}

/* Returns the directory of a group that has at most @bytes. */
const char *group_make(unsigned long bytes)
{
	if (put(GROUPS "/cgroup.subtree_control", "+memory") ||
	    mkdir(GROUP, 0755) || put(GROUP "/memory.max", "%lu", bytes))
		die("cannot make a group with a limit: %m");
	return GROUP;
}

/* From here on, the caller's memory is reclaimed only if there is no other. */
void group_protect(void)
{
	if (put(GROUPS "/cgroup.subtree_control", "+memory") ||
	    mkdir(GROUP, 0755) || put(GROUP "/memory.low", "max") ||
	    put(GROUP "/cgroup.procs", "0"))
		die("cannot make a group that is protected: %m");
}
