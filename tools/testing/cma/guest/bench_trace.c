// SPDX-License-Identifier: GPL-2.0
/*
 * What tracing can tell about one request. It costs, so it is done in boots in
 * which the cost is not looked at: windows in one, and in another, with a
 * kernel that has the tracer and probes for it, drains and the longest time
 * with interrupts off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define TRACING "/sys/kernel/tracing/"

static const char * const drains[] = { "__drain_all_pages",
				       "__lru_add_drain_all" };

static void need(int ret, const char *what)
{
	if (ret)
		die("cannot trace %s: error %d", what, -ret);
}

static void depth_start(void)
{
	unsigned int i;

	put(TRACING "events/kprobes/enable", "0");
	need(put(TRACING "kprobe_events", " "), "anything");
	for (i = 0; i < ARRAY_SIZE(drains); i++)
		need(put(TRACING "kprobe_events", "p:bench%u %s", i, drains[i]),
		     drains[i]);
	need(put(TRACING "events/kprobes/enable", "1"), "drains");
	need(put(TRACING "current_tracer", "irqsoff"), "irqsoff");
	need(put(TRACING "tracing_max_latency", "0"), "irqsoff");
}

void bench_look_start(enum bench_look look)
{
	if (look == LOOK_WINDOWS)
		trace_start();
	if (look == LOOK_DEPTH)
		depth_start();
}

/* Each window that was given up left a line; one more was tried. */
static void windows_stop(struct sights *s)
{
	char *text = trace_stop(), *at;

	s->windows = 1;
	for (at = text; (at = strstr(at, "cma_alloc_busy_retry:")); at++)
		s->windows++;
	free(text);
	if (field(TRACING "per_cpu/cpu0/stats", "overrun:"))
		die("the trace buffer is too small to count windows");
}

static void depth_stop(struct sights *s)
{
	s->irqs_off_us = number(TRACING "tracing_max_latency");
	put(TRACING "current_tracer", "nop");
	s->page_drains = field(TRACING "kprobe_profile", "bench0");
	s->lru_drains = field(TRACING "kprobe_profile", "bench1");
	put(TRACING "events/kprobes/enable", "0");
}

struct sights bench_look_stop(enum bench_look look)
{
	struct sights s = { 0 };

	if (look == LOOK_WINDOWS)
		windows_stop(&s);
	if (look == LOOK_DEPTH)
		depth_stop(&s);
	return s;
}
