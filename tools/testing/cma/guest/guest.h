/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest of the boot tests: one static program that is init.
 *
 * It talks through the kernel log (/dev/kmsg), because each write there is one
 * whole line: a line of ours can never be mixed with one of the kernel.
 *   "> text"      for people; the story prints it as it stands
 *   "@key=value"  for the tests
 * Page ranges are half-open, in pfns.
 */
#ifndef CMA_GUEST_H
#define CMA_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn __attribute__((noreturn))
#define MIB 1048576UL

/* say.c: output, and the verdict that it adds up to */
void say_open(void);
void say_loud(bool loud);
void say(const char *fmt, ...) __printf(1, 2);
void fact(const char *key, const char *fmt, ...) __printf(2, 3);
bool check(bool good, const char *fmt, ...) __printf(2, 3);
const char *first_failure(void);
void __noreturn die(const char *fmt, ...) __printf(1, 2);

/* kfile.c: files of /proc, /sys and debugfs */
char *slurp(const char *path);
int put(const char *path, const char *fmt, ...) __printf(2, 3);
unsigned long long number(const char *path);
unsigned long long field(const char *path, const char *key);
unsigned long long meminfo_kb(const char *key);
unsigned long page_size(void);
double now(void);

/* area.c: the areas of this kernel, and who has which page */
struct range {
	unsigned long first;
	unsigned long end;
};

/* Areas that share a name have their number appended. */
#define AREA_NAME 96

struct area {
	char name[AREA_NAME];
	unsigned long base;
	unsigned long count;
	unsigned int order_per_bit;
};

enum owner { PAGE_FREE, PAGE_LENT, PAGE_HELD };

#define MAX_AREAS 32
#define AREA_DIR "/sys/kernel/debug/cma/"

unsigned int areas_read(struct area *areas);
struct area area_default(void);
unsigned char *area_held(const struct area *a);
unsigned char *area_owners(const struct area *a);
unsigned long long area_attr(const struct area *a, const char *file);
int area_put(const struct area *a, const char *file, unsigned long pages);
unsigned long count_owner(const unsigned char *owners, struct range r,
			  enum owner who);
uint64_t *pfns_of(const void *addr, unsigned long pages);

/* groups.c: what a board's user space has made before the work begins */
void groups_make(void);

/* view.c: what is shown of an area, as text */
#define SYSFS_DIR "/sys/kernel/mm/cma/"

void view_facts(const struct area *a, const char *file, const char *when);
unsigned int views_read(const struct area *a);
void view_ready(const struct area *a, const char *when);

/* settle.c: bring free pages back to where they can be counted */
unsigned long long cma_free_kb(void);
unsigned long long pcp_kb(void);
bool settle(const struct area *a, unsigned long long free_kb);
unsigned long area_take_rest(const struct area *a);
bool whole_area_free(const struct area *a);

/* sample.c: the sample driver, samples/cma */
struct buffer {
	unsigned long size;
	unsigned long long dma;
	unsigned long long phys;
	struct range pfn;
	bool contiguous;
	bool translated;
};

int sample_insert(const char *options);
int sample_remove(void);
bool sample_is_there(void);
bool sample_load(void);
void sample_need(void);
int sample_alloc(unsigned int dev, unsigned long size, struct buffer *b);
int sample_free(unsigned int dev);
int sample_fill(unsigned int dev, unsigned int seed);
bool sample_verify(unsigned int dev);

/* data.c: the file system with known contents; see data.h */
void data_mount(void);
bool data_read(unsigned int file);
bool data_skim(unsigned int file);
pid_t data_reader_start(unsigned long mbs);
void data_reader_stop(pid_t reader);
unsigned long data_read_all(void);

/* hog.c: anonymous memory with known contents */
struct hog {
	uint64_t *addr;
	unsigned long pages;
};

void hog_idle(unsigned long bytes);
struct hog hog_take(unsigned long bytes, bool huge);
struct hog hog_lend_early(void);
void hog_repeat(bool repeat);
bool hog_page_is_bad(struct hog h, unsigned long i);
unsigned long hog_bad_pages(struct hog h);
void hog_drop(struct hog h);

/* request.c: a request in a process of its own, which can be killed */
void request_run(const struct area *a, const char *key, unsigned long pages,
		 int kill_ms);
void request_why(const struct area *a, const char *when);
void request_end(const struct area *a);
void request_settle(const struct area *a, unsigned long long free_kb);

/* trace.c: the tracepoints of CMA */
void trace_start(void);
char *trace_stop(void);

/* map.c: the picture of an area */
unsigned long pageblock_pages(void);
void map_print(const struct area *a, const char *title);
void map_legend(const struct area *a);

/* mark.c: the part that a profiler outside of the guest looks at */
void mark_begin(void);
void mark_end(void);

/* what init can be asked to do, with cma_test= on the kernel command line */
void run_story(void);
void run_facts(void);
void run_views(void);
void run_ledger(void);
void run_cause(void);
void run_elsewhere(void);
void run_tool(void);
void run_heaps(void);
void run_reach(void);
void run_huge(void);
void run_gigantic(void);
void run_buffers(void);
void run_merge(void);
void run_missing(void);
void run_hmb(void);
void run_blocks(void);
void run_dump(void);
void run_slow(void);
void run_journal(void);
void run_pool(void);
void run_churn(void);
void run_anon(void);
void run_locked(void);
void run_pin(void);
void run_fuse(void);
void run_spin(void);
void run_pair(void);
void run_overlap(void);
void run_bench(void);
void run_starve(void);
void run_rest(void);
void run_camera(void);
void run_video(void);
void run_suspend(void);
void run_module(void);
void run_display(void);
void run_soc(void);
void run_fault(void);
void run_rounds(void);
void run_container(void);
void run_soak(void);
void run_stress(void);
void run_selftests(void);
void run_shell(void);

/* member.c: what this program is when it is not init */
void __noreturn run_member(const char *number);

#endif /* CMA_GUEST_H */
