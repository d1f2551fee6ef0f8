// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=soc: a system on a chip at work. Its network controller has rings in memory of
 * an area, its card reader moves files to where programs are in the way, and a driver takes
 * what they lie in.
 *   soc_net_mib=   sent to a server that returns all of it; 0: no network [2]
 *   soc_idle=      MiB of a program that never looks at them [0]
 *   soc_mib=       of programs, after that [64]
 *   soc_take_mib=  of the area that a driver takes beside them [16]
 * The card has a file system with two files, and at its end room for what is written.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"
#include "net.h"

#define CARDS 4
#define WAIT_S 10
#define WRITE_AT (192 * MIB)	/* after the file system, see cmatest/hardware.py */
#define WRITE_BYTES (4 * MIB)

static struct soc {
	struct area area;
	char card[16];
	struct hog programs;
} s;

/* Cards are found while other drivers begin, in the order of their readers. */
static void find_card(void)
{
	unsigned int i;

	for (i = 0; i < WAIT_S * 10 * CARDS; i++) {
		snprintf(s.card, sizeof(s.card), "/dev/mmcblk%u", i % CARDS);
		if (!access(s.card, R_OK | W_OK))
			return;
		if (i % CARDS == CARDS - 1)
			usleep(100000);
	}
	die("no card in %u s", WAIT_S);
}

static void card_read(void)
{
	if (mount(s.card, "/data", "ext4", MS_RDONLY, NULL))
		die("cannot mount %s: %m", s.card);
	check(data_read(0), "the file of the card is not as it was");
}

/* The host compares what is there in the end. */
static void card_write(void)
{
	uint64_t *words = aligned_alloc(page_size(), WRITE_BYTES);
	int fd = open(s.card, O_WRONLY | O_DIRECT | O_SYNC);
	unsigned long i;

	for (i = 0; words && i < WRITE_BYTES / sizeof(*words); i++)
		words[i] = data_word(1, i);
	if (!words || fd < 0 ||
	    pwrite(fd, words, WRITE_BYTES, WRITE_AT) != (ssize_t)WRITE_BYTES)
		die("cannot write to %s: %m", s.card);
	close(fd);
	free(words);
}

/* Stock does not know who holds what. */
static void tell(const char *when)
{
	unsigned char *owners = area_owners(&s.area);
	struct range all = { 0, s.area.count };
	char path[192];

	fact(when, "area=%s base=%lu count=%lu held=%lu lent=%lu", s.area.name,
	     s.area.base, s.area.count, count_owner(owners, all, PAGE_HELD),
	     count_owner(owners, all, PAGE_LENT));
	snprintf(path, sizeof(path), AREA_DIR "%s/holders", s.area.name);
	if (!access(path, R_OK))
		view_facts(&s.area, "holders", when);
	free(owners);
}

static void network(void)
{
	unsigned long mib = bench_option("soc_net_mib", 2);
	struct traffic t;
	char name[16];

	if (!mib)
		return;
	net_up(name, sizeof(name));
	t = net_echo(name, mib * MIB);
	fact("soc.net", "name=%s good=%lu sent=%llu received=%llu", name, t.good,
	     t.sent, t.received);
}

/* A driver that comes late. */
static void take_beside(void)
{
	unsigned long pages = bench_option("soc_take_mib", 16) * MIB / page_size();
	double begin = now();
	int ret = area_put(&s.area, "alloc", pages);

	fact("soc.request", "ret=%d pages=%lu ms=%.1f", ret, pages,
	     (now() - begin) * 1000);
	tell("soc.taken");
	if (!ret)
		check(!area_put(&s.area, "free", pages), "cannot give it back");
}

void run_soc(void)
{
	s.area = area_default();
	find_card();
	network();
	tell("soc.start");
	hog_idle(bench_option("soc_idle", 0) * MIB);
	s.programs = hog_take(bench_option("soc_mib", 64) * MIB, false);
	card_write();
	card_read();
	tell("soc.full");
	take_beside();
	network();
	put("/proc/sys/vm/drop_caches", "1");
	check(data_read(0), "the file of the card is not as it was");
	check(!umount("/data"), "cannot unmount the card");
	fact("soc.bad_pages", "%lu", hog_bad_pages(s.programs));
	hog_drop(s.programs);
}
