// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=module: the sample driver is a module that is inserted and removed, with and
 * without buffers that its devices hold.
 *   module_cycles=  how often [10]
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

#define DEVICES 3
#define BUFFER_BYTES (8 * MIB)
#define FILE_OF_FIRST "/sys/bus/platform/devices/cma-sample.0/buffer"

/* It fits into the area, but not beside the buffers. */
#define LARGE_BYTES (48 * MIB)

static struct module {
	struct area area;
	unsigned long long used;	/* pages, before the first buffer */
} m;

static void expect_used(unsigned int buffers, const char *when)
{
	unsigned long long pages = buffers * (BUFFER_BYTES / page_size());
	unsigned long long used = area_attr(&m.area, "used");

	check(used == m.used + pages, "%s: %llu pages of the area are held, not %llu",
	      when, used, m.used + pages);
}

/* Nothing of the driver is there, neither for one who looks for it nor for its users. */
static void expect_gone(const char *when)
{
	check(access(FILE_OF_FIRST, F_OK) && !sample_is_there(),
	      "%s: the driver is still there", when);
	expect_used(0, when);
}

static void insert(void)
{
	int ret = sample_insert("devices=3");

	if (ret || !sample_is_there())
		die("the module cannot be inserted: %d", ret);
	check(sample_insert("devices=3") == -EEXIST, "it was inserted twice");
}

static void take_all(unsigned int seed)
{
	struct buffer b;
	unsigned int dev;

	for (dev = 0; dev < DEVICES; dev++) {
		check(!sample_alloc(dev, BUFFER_BYTES, &b), "no buffer for device %u", dev);
		check(b.contiguous && b.translated, "device %u: no buffer for a device", dev);
		check(!sample_fill(dev, seed + dev), "cannot write for device %u", dev);
	}
	for (dev = 0; dev < DEVICES; dev++)
		sample_verify(dev);
	expect_used(DEVICES, "buffers of all devices");
}

/* A file that was opened before has nothing to say any more. */
static void remove_under(int fd)
{
	int ret = sample_remove();
	char byte;

	check(!ret, "the module cannot be removed: %d", ret);
	check(read(fd, &byte, 1) < 0 && errno == ENODEV, "an open file can still be read");
	close(fd);
}

static void cycle(unsigned int seed)
{
	int fd;

	insert();
	take_all(seed);
	fd = open(FILE_OF_FIRST, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, "no file of a device");
	if (seed % 2)
		check(!sample_free(1), "a buffer cannot be given back");
	remove_under(fd);
	expect_gone("after it was removed");
}

static void refuse(const char *options)
{
	int ret = sample_insert(options);

	check(ret == -EINVAL, "%s: %d", options, ret);
	expect_gone(options);
}

/* What is told of a request outlives the devices that had to do with it. */
static void fail_and_remove(void)
{
	insert();
	take_all(1);
	check(area_put(&m.area, "alloc", LARGE_BYTES / page_size()), "%lu bytes were there",
	      LARGE_BYTES);
	check(!sample_remove(), "it cannot be removed after a failure");
	expect_gone("after a failure");
	if (!access(SYSFS_DIR "reserved/alloc_fail_full", R_OK))
		view_facts(&m.area, "failures", "removed");
}

void run_module(void)
{
	unsigned long cycles = bench_option("module_cycles", 10), i;
	unsigned long long start = cma_free_kb();

	m.area = area_default();
	m.used = area_attr(&m.area, "used");
	expect_gone("before");
	refuse("devices=17");
	refuse("bits=0");
	for (i = 0; i < cycles && !first_failure(); i++)
		cycle(i);
	fact("module.cycles", "%lu", i);
	fail_and_remove();
	settle(&m.area, start);
	whole_area_free(&m.area);
}
