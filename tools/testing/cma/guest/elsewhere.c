// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=elsewhere: all of the area is held, and drivers get their buffers from
 * the page allocator, until it has no large one left.
 */
#include <sys/klog.h>

#include "guest.h"

#define BUFFERS 200
#define DEVICES 16
/* An argument of klogctl(), and two levels. */
#define CONSOLE_LEVEL 8
#define NOTHING 1
#define DEBUG 8

static unsigned int buffers(unsigned long size)
{
	unsigned int i, good = 0;
	struct buffer buffer;

	for (i = 0; i < BUFFERS; i++)
		good += !sample_alloc(1, size, &buffer);
	return good;
}

/*
 * Returns how many devices got a buffer before the first one that did not. The
 * page allocator complains of that with a call trace, which is not for the console.
 */
static unsigned int large_buffers(void)
{
	struct buffer buffer;
	unsigned int dev = 0;

	klogctl(CONSOLE_LEVEL, NULL, NOTHING);
	while (dev < DEVICES && !sample_alloc(dev, 4 * MIB, &buffer))
		dev++;
	klogctl(CONSOLE_LEVEL, NULL, DEBUG);
	return dev;
}

void run_elsewhere(void)
{
	struct area a = area_default();
	unsigned long rest = a.count - area_attr(&a, "used");
	unsigned int dev;

	sample_need();
	check(!area_put(&a, "alloc", rest), "the area is not free");
	fact("begin", "64K and 16K");
	fact("64K", "%u", buffers(64 * 1024));
	fact("16K", "%u", buffers(16 * 1024));
	fact("end_of", "64K and 16K");
	fact("served", "%llu",
	     number(SYSFS_DIR "reserved/alloc_served_elsewhere"));
	view_facts(&a, "failures", "served");
	dev = large_buffers();
	fact("large", "%u", dev);
	view_facts(&a, "failures", "failed");
	check(dev < DEVICES, "there is no end of large buffers");
	while (dev--)
		check(!sample_free(dev), "buffer %u does not go", dev);
	check(!area_put(&a, "free", rest), "the area is not given back");
}
