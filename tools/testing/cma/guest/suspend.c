// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=suspend: the machine is suspended again and again, as far as a virtual one can
 * be, while drivers have buffers, take some and give some back.
 *   suspend_cycles= how often [100]
 *   suspend_mib=    of programs, beside files [600]
 */
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define STATE "/sys/power/state"
#define TEST "/sys/power/pm_test"
#define HELD_DEV 0
#define CYCLED_DEV 1
#define BUFFER_BYTES (16 * MIB)

static void take(unsigned int dev, unsigned int seed)
{
	struct buffer b;
	int ret = sample_alloc(dev, BUFFER_BYTES, &b);

	check(!ret, "no buffer for device %u in cycle %u: %d", dev, seed, ret);
	check(!sample_fill(dev, seed), "cannot write to the buffer of device %u", dev);
}

/* Devices are suspended one after the other, and the last step is left out. */
static void prepare(void)
{
	sample_need();
	if (put(TEST, "platform"))
		die("this kernel cannot test how to suspend (CONFIG_PM_DEBUG): %m");
}

void run_suspend(void)
{
	unsigned long cycles = bench_option("suspend_cycles", 100), i, failed = 0;
	struct hog programs;

	prepare();
	data_mount();
	programs = hog_take(bench_option("suspend_mib", 600) * MIB, false);
	data_read_all();
	take(HELD_DEV, 1);
	for (i = 0; i < cycles; i++) {
		take(CYCLED_DEV, i);
		failed += !!put(STATE, "freeze");
		sample_verify(HELD_DEV);
		sample_verify(CYCLED_DEV);
		check(!sample_free(CYCLED_DEV), "cannot give back a buffer");
		if (i % 2)
			failed += !!put(STATE, "freeze");
		check(data_skim(i % DATA_FILES), "a file is not all there");
	}
	fact("suspend.cycles", "done=%lu failed=%lu", i, failed);
	check(!sample_free(HELD_DEV), "cannot give back what was held");
	fact("suspend.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
}
