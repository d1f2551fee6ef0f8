// SPDX-License-Identifier: GPL-2.0
/*
 * cma_test=hmb: a driver takes memory that only its device looks at, in pieces, while
 * programs and files fill memory (module/cma_hmb.c).
 *   hmb_rounds=    how often [10]
 *   hmb_mib=       how much at once [64]
 *   hmb_first=     how large the first pieces are, in KiB [4096, as an NVMe drive's are]
 *   hmb_programs=  MiB of programs [600]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "data.h"

#define MODULE "/cma_hmb.ko"
#define DIR "/sys/module/cma_hmb/parameters/"

struct got {
	unsigned long kib;
	unsigned int pieces;
	unsigned long least, most;	/* of the pieces, in KiB */
};

static struct hmb {
	unsigned int less;		/* rounds with less than was wanted */
	unsigned long least_kib;
	unsigned int most_pieces;
	unsigned long smallest;		/* piece that ever came, in KiB */
	unsigned long long kib, pieces;
	double longest_ms, ms;
} h = { .least_kib = -1UL, .smallest = -1UL };

static void load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die("cannot load " MODULE ": %m");
	close(fd);
	put(DIR "first", "%lu", (unsigned long)bench_option("hmb_first", 4096));
}

static struct got got(void)
{
	char *text = slurp(DIR "got");
	struct got g;

	if (!text || sscanf(text, "%lu %u %lu %lu", &g.kib, &g.pieces, &g.least, &g.most) != 4)
		die("what the driver got cannot be read: %m");
	free(text);
	return g;
}

static void one_round(unsigned long kib)
{
	double begin = now(), ms;
	struct got g;

	if (put(DIR "want", "%lu", kib))
		die("the driver cannot be asked: %m");
	ms = (now() - begin) * 1000;
	g = got();
	h.less += g.kib < kib;
	h.least_kib = g.kib < h.least_kib ? g.kib : h.least_kib;
	h.most_pieces = g.pieces > h.most_pieces ? g.pieces : h.most_pieces;
	h.smallest = g.least < h.smallest ? g.least : h.smallest;
	h.kib += g.kib;
	h.pieces += g.pieces;
	h.longest_ms = ms > h.longest_ms ? ms : h.longest_ms;
	h.ms += ms;
	put(DIR "want", "0");
}

static void tell(unsigned int rounds)
{
	fact("hmb", "rounds=%u less=%u least_kib=%lu most_pieces=%u smallest_kib=%lu", rounds,
	     h.less, h.least_kib, h.most_pieces, h.smallest);
	fact("hmb.mean", "kib=%llu pieces=%llu ms=%.1f longest_ms=%.1f", h.kib / rounds,
	     h.pieces / rounds, h.ms / rounds, h.longest_ms);
}

void run_hmb(void)
{
	unsigned int rounds = bench_option("hmb_rounds", 10), i;
	struct area a = area_default();
	unsigned long long free_kb = cma_free_kb();
	struct hog programs;

	load();
	data_mount();
	programs = hog_take(bench_option("hmb_programs", 600) * MIB, false);
	for (i = 0; i < DATA_FILES; i++)
		check(data_skim(i), "a file is not all there");
	for (i = 0; i < rounds; i++) {
		one_round(bench_option("hmb_mib", 64) * 1024);
		check(data_skim(i % DATA_FILES), "a file is not all there");
	}
	tell(rounds);
	fact("hmb.bad_pages", "%lu", hog_bad_pages(programs));
	hog_drop(programs);
	settle(&a, free_kb);
	whole_area_free(&a);
}
