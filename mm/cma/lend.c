// SPDX-License-Identifier: GPL-2.0
/*
 * The sysctl vm.cma_lend_percent: how early movable allocations use the areas, see
 * lend.h.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/math.h>
#include <linux/sysctl.h>

#include "lend.h"

#define CMA_LEND_PERCENT	100
#define CMA_LEND_MOST		400

/* How much of regular memory to keep free, see CMA_LEND_SHIFT. */
unsigned int cma_lend_scale __read_mostly = 1U << CMA_LEND_SHIFT;

static unsigned int cma_lend_percent = CMA_LEND_PERCENT;
static const unsigned int cma_lend_most = CMA_LEND_MOST;

static int cma_lend_write(const struct ctl_table *table, int write,
			  void *buffer, size_t *lenp, loff_t *ppos)
{
	int err = proc_douintvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		WRITE_ONCE(cma_lend_scale,
			   DIV_ROUND_UP(cma_lend_percent << CMA_LEND_SHIFT,
					100));
	return err;
}

static struct ctl_table cma_lend_table[] = {
	{
		.procname = "cma_lend_percent",
		.data = &cma_lend_percent,
		.maxlen = sizeof(cma_lend_percent),
		.mode = 0644,
		.proc_handler = cma_lend_write,
		.extra2 = (void *)&cma_lend_most,
	},
};

static int __init cma_lend_init(void)
{
	register_sysctl_init("vm", cma_lend_table);
	return 0;
}
late_initcall(cma_lend_init);
