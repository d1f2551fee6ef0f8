// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=starve: how much memory that cannot be moved is there, beside memory
 * that can be? Options on the kernel command line, sizes in MiB:
 *   starve_load= starve_mib=     what is in memory, and how much of it (load.c)
 *   starve_hold=                 a driver holds that much meanwhile, then not
 *   starve_demand= starve_most=  what is wanted (demands.c), at most how much
 *   starve_fixed=                exactly that much is wanted, and is to be had
 *   starve_mark=                 tell when there was that much
 *   starve_nodes=                the nodes that the demand may use, as a mask
 *   starve_seconds=              in what time it has to end, one way or the other
 *   starve_mbs=                  how fast it grows at most, in MiB/s
 *   starve_camera= starve_probe= who lives beside it (beside.c)
 *   starve_zram= starve_memcg=   swap to compressed memory; a limit (bounds.c)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "starve.h"

#define AFTER_BYTES (64 * MIB)
#define MOST_MIB 8192
#define BYSTANDERS 8

static struct starve {
	struct area area;		/* no pages: there is no area */
	unsigned long long free_kb;	/* of the area, before all */
	const struct load *load;
	const struct demand *demand;
	struct limits limits;
	unsigned long load_mib;
	unsigned long hold_mib;
	unsigned long zram_mib;
	bool fixed;
	pid_t bystanders[BYSTANDERS];
} t;

static const struct counter {
	const char *name;
	const char *start;	/* sums all lines that start so, or NULL */
} counters[] = {
	{ "cma_balance_moved", NULL },
	{ "cma_balance_stuck", NULL },
	{ "cma_balance_refused_room", NULL },
	{ "cma_balance_refused_source", NULL },
	{ "cma_balance_refused_quiet", NULL },
	{ "pgmigrate_success", NULL },
	{ "pgmigrate_fail", NULL },
	{ "allocstall", "allocstall_" },
	{ "pgscan_direct", NULL },
	{ "pgscan_kswapd", NULL },
	{ "pgsteal_direct", NULL },
	{ "pgsteal_kswapd", NULL },
	{ "compact_stall", NULL },
	{ "workingset_refault_file", NULL },
	{ "pswpout", NULL },
	{ "thp_split_page", NULL },
	{ "oom_kill", NULL },
};

static void count(unsigned long long *values)
{
	char *text = slurp("/proc/vmstat"), *line, *rest = NULL, name[64];
	unsigned long long n;
	unsigned int i;

	memset(values, 0, ARRAY_SIZE(counters) * sizeof(*values));
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%63s %llu", name, &n) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(counters); i++)
			if (counters[i].start ?
			    !strncmp(name, counters[i].start,
				     strlen(counters[i].start)) :
			    !strcmp(name, counters[i].name))
				values[i] += n;
	}
	free(text);
}

static void tell_counters(const unsigned long long *was)
{
	unsigned long long is[ARRAY_SIZE(counters)];
	char text[800];
	unsigned int i, len = 0;

	count(is);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		len += snprintf(text + len, sizeof(text) - len, "%s=%llu ",
				counters[i].name, is[i] - was[i]);
	fact("starve.counters", "%s", text);
}

static const char *word(const char *name, const char *otherwise)
{
	const char *text = getenv(name);

	return text ? text : otherwise;
}

static void read_options(void)
{
	unsigned long fixed = bench_option("starve_fixed", 0);
	unsigned long memcg = bench_option("starve_memcg", 0);
	struct area areas[MAX_AREAS];

	if (areas_read(areas))
		t.area = area_default();
	t.load = load_named(word("starve_load", "anon"));
	t.load_mib = bench_option("starve_mib", 0);
	t.hold_mib = bench_option("starve_hold", 0);
	t.zram_mib = bench_option("starve_zram", 0);
	t.demand = demand_named(word("starve_demand", "pipe"));
	t.fixed = fixed;
	t.limits.most = fixed ? fixed : bench_option("starve_most", MOST_MIB);
	t.limits.most *= MIB;
	t.limits.mark = bench_option("starve_mark", 0) * MIB;
	t.limits.seconds = bench_option("starve_seconds", 0);
	t.limits.nodes = bench_option("starve_nodes", 0);
	t.limits.mbs = bench_option("starve_mbs", 0);
	if (memcg)
		t.limits.group = group_make(memcg * MIB);
}

/* What a driver holds keeps the area from others, until it is released. */
static void load_beside_driver(void)
{
	unsigned long pages = t.hold_mib * MIB / page_size();
	int ret = pages ? area_put(&t.area, "alloc", pages) : 0;

	check(!ret, "a driver cannot have %lu MiB: %d", t.hold_mib, ret);
	t.load->take(t.load_mib * MIB);
	if (pages && !ret)
		check(!area_put(&t.area, "free", pages),
		      "the driver cannot release what it holds");
}

/*
 * What a killed process had in the kernel is freed last. If the kernel itself is
 * out of memory until then, it has to find somebody to kill, or it panics. They
 * share no memory that is to be moved, so they come first.
 */
static void bystanders_start(void)
{
	int i;

	for (i = 0; i < BYSTANDERS; i++) {
		t.bystanders[i] = fork();
		if (t.bystanders[i] < 0)
			die("cannot start a bystander: %m");
		if (t.bystanders[i])
			continue;
		put("/proc/self/oom_score_adj", "500");
		for (;;)
			pause();
	}
}

static void bystanders_end(void)
{
	int i;

	for (i = 0; i < BYSTANDERS; i++) {
		kill(t.bystanders[i], SIGKILL);
		waitpid(t.bystanders[i], NULL, 0);
	}
}

static double ms(uint64_t from, uint64_t to)
{
	return to > from ? (to - from) / 1e6 : 0;
}

static void tell(const struct note *n, unsigned long long others_ns)
{
	fact("starve.got_mib", "%.2f", n->bytes / (double)MIB);
	fact("starve.cma_free_mib", "%llu", n->cma_free_kb / 1024);
	fact("starve.oom", "%d", n->killed);
	fact("starve.error", "%d", n->error);
	fact("starve.missed", "%lu", n->missed);
	fact("starve.insns_ms", "%.3f", ms(n->start_ns, n->last_ns));
	fact("starve.mark_ms", "%.3f", ms(n->start_ns, n->mark_ns));
	fact("starve.end_ms", "%.3f", ms(n->start_ns, n->end_ns));
	fact("starve.own_ms", "%.3f", n->own_ns / 1e6);
	fact("starve.others_ms", "%.3f", others_ns / 1e6);
	check(!t.fixed || (!n->killed && !n->error),
	      "the demand ended at %.2f MiB", n->bytes / (double)MIB);
}

/*
 * The demand is gone, so there is memory for a driver again, at once. Nobody can
 * count on all of a small area.
 */
static int after(void)
{
	unsigned long pages = AFTER_BYTES / page_size();
	int ret;

	if (pages > t.area.count / 2)
		pages = t.area.count / 2;
	if (!pages)
		return 0;
	ret = area_put(&t.area, "alloc", pages);
	if (!ret)
		check(!area_put(&t.area, "free", pages),
		      "the driver cannot release what it got afterwards");
	return ret;
}

static void drop(void)
{
	t.load->drop();
	if (t.zram_mib)
		zram_off();
	if (!t.area.count)
		return;
	settle(&t.area, t.free_kb);
	whole_area_free(&t.area);
}

void run_starve(void)
{
	unsigned long long was[ARRAY_SIZE(counters)], others_ns;
	struct note n;
	int ret;

	read_options();
	bystanders_start();
	beside_start(&t.area);
	t.free_kb = cma_free_kb();
	fact("starve.start", "regular_mib=%llu cma_free_mib=%llu",
	     (meminfo_kb("MemFree:") - t.free_kb) / 1024, t.free_kb / 1024);
	if (t.zram_mib)
		zram_on(t.zram_mib * MIB);
	load_beside_driver();
	fact("starve.before", "free_mib=%llu cma_free_mib=%llu",
	     meminfo_kb("MemFree:") / 1024, cma_free_kb() / 1024);
	count(was);
	oom_expected(true);
	beside_begin();
	others_ns = bench_counters().background_ns;
	n = demand_run(t.demand, &t.limits);
	others_ns = bench_counters().background_ns - others_ns;
	beside_end(&t.area);
	ret = after();
	oom_expected(false);
	tell(&n, others_ns);
	tell_counters(was);
	fact("starve.after_ret", "%d", ret);
	fact("starve.bad_pages", "%lu", t.load->bad_pages());
	bystanders_end();
	no_complaint();
	drop();
}
