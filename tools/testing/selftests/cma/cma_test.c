// SPDX-License-Identifier: GPL-2.0
/* What the selftests of contiguous memory areas share, see cma_test.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cma_test.h"

#define PATH_BYTES	512
#define TRACE_INSTANCE	CMA_TRACE_DIR "/instances/cma_selftest"
/* How long areas are watched before they are called quiet. */
#define QUIET_US	100000
/* What a program that borrows from an area leaves to all others. */
#define LEFT_KB		(48 * 1024)
#define PRESENT		(1ull << 63)
#define PFN		((1ull << 55) - 1)

unsigned long cma_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* The whole file as a string for the caller to free, or NULL with errno. */
char *cma_text(const char *path)
{
	size_t size = 1 << 16, have = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : malloc(size);
	ssize_t got = text ? 1 : -1;

	while (got > 0) {
		got = read(fd, text + have, size - have - 1);
		have += got > 0 ? got : 0;
		if (have == size - 1)
			text = realloc(text, size *= 2);
	}
	if (got < 0) {
		got = errno;
		free(text);
		text = NULL;
		errno = got;
	}
	if (fd >= 0)
		close(fd);
	if (text)
		text[have] = '\0';
	return text;
}

long long cma_number(const char *dir, const char *name, const char *file)
{
	char path[PATH_BYTES], *text, *end;
	long long number;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	text = cma_text(path);
	if (!text)
		return -errno;
	number = strtoll(text, &end, 10);
	if (end == text || strcmp(end, "\n"))
		number = -EILSEQ;
	free(text);
	return number;
}

/* The sum over all lines that begin with @word and a number; -ENOENT if there are none. */
long long cma_field(const char *path, const char *word)
{
	char *text = cma_text(path), *line, *rest = NULL, name[64];
	long long sum = -ENOENT, number;

	if (!text)
		return -errno;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, " %63s %lld", name, &number) == 2 && !strcmp(name, word))
			sum = number + (sum < 0 ? 0 : sum);
	free(text);
	return sum;
}

int cma_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

long long cma_debugfs(const struct cma_area *a, const char *file)
{
	return cma_number(CMA_DEBUGFS_DIR, a->name, file);
}

long long cma_sysfs(const struct cma_area *a, const char *file)
{
	return cma_number(CMA_SYSFS_DIR, a->name, file);
}

bool cma_sysfs_has(const struct cma_area *a, const char *file)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), CMA_SYSFS_DIR "/%s/%s", a->name, file);
	return !access(path, F_OK);
}

/* For "alloc" and "free". Returns 0 or a negative errno. */
int cma_put_text(const struct cma_area *a, const char *file, const char *text)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), CMA_DEBUGFS_DIR "/%s/%s", a->name, file);
	return cma_write(path, text);
}

int cma_put(const struct cma_area *a, const char *file, unsigned long long pages)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", pages);
	return cma_put_text(a, file, text);
}

int cma_sysfs_put(const struct cma_area *a, const char *file, const char *text)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), CMA_SYSFS_DIR "/%s/%s", a->name, file);
	return cma_write(path, text);
}

/* Returns false for what is no area, or one that debugfs does not describe. */
static bool read_area(struct cma_area *a, const char *name)
{
	long long base, count, order;

	snprintf(a->name, sizeof(a->name), "%s", name);
	base = cma_debugfs(a, "base_pfn");
	count = cma_debugfs(a, "count");
	order = cma_debugfs(a, "order_per_bit");
	a->used = cma_debugfs(a, "used");
	a->base = base;
	a->count = count;
	a->order = order;
	return base >= 0 && count > 0 && order >= 0 && a->used >= 0;
}

static const struct cma_area *named(const struct cma_areas *areas, const char *name)
{
	unsigned int i;

	for (i = 0; i < areas->count; i++)
		if (!strcmp(areas->at[i].name, name))
			return &areas->at[i];
	return NULL;
}

/* The directory of an area whose name another one has, too, ends with "-" and a number. */
static void name_as_said(const struct cma_areas *areas, struct cma_area *a)
{
	char *dash;

	memcpy(a->said, a->name, sizeof(a->said));
	dash = strrchr(a->said, '-');
	if (!dash || dash[1 + strspn(dash + 1, "0123456789")])
		return;
	*dash = '\0';
	if (!named(areas, a->said))
		*dash = '-';
}

static void read_areas(struct cma_areas *areas)
{
	DIR *dir = opendir(CMA_DEBUGFS_DIR);
	struct dirent *entry;
	unsigned int i;

	areas->count = 0;
	while (dir && (entry = readdir(dir)) && areas->count < CMA_MAX_AREAS)
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < CMA_MAX_NAME)
			areas->count += read_area(&areas->at[areas->count], entry->d_name);
	if (dir)
		closedir(dir);
	for (i = 0; i < areas->count; i++)
		name_as_said(areas, &areas->at[i]);
}

/* Do drivers leave the areas alone for a moment? */
bool cma_is_quiet(const struct cma_areas *areas)
{
	long long used = cma_used_by_all(areas);
	long long calls = cma_field("/proc/vmstat", "cma_alloc_success");

	usleep(QUIET_US);
	return used == cma_used_by_all(areas) &&
	       calls == cma_field("/proc/vmstat", "cma_alloc_success");
}

const char *cma_find(struct cma_areas *areas)
{
	areas->count = 0;
	if (geteuid())
		return "only root sees the areas";
	if (access(CMA_DEBUGFS_DIR, R_OK))
		return "no " CMA_DEBUGFS_DIR " (CONFIG_CMA_DEBUGFS)";
	read_areas(areas);
	if (!areas->count)
		return "no area (cma= on the command line, or CONFIG_CMA_SIZE_MBYTES)";
	if (!cma_is_quiet(areas))
		return "drivers use the areas at the moment";
	return NULL;
}

const char *cma_find_sysfs(struct cma_areas *areas)
{
	const char *why = cma_find(areas);

	if (!why && access(CMA_SYSFS_DIR, R_OK))
		why = "no " CMA_SYSFS_DIR " (CONFIG_CMA_SYSFS)";
	return why;
}

/* The one with most room, and slots of one page, if there is one. */
const struct cma_area *cma_largest(const struct cma_areas *areas)
{
	const struct cma_area *best = NULL;
	unsigned int i;

	for (i = 0; i < areas->count; i++) {
		const struct cma_area *a = &areas->at[i];

		if (!a->order && (!best || a->count - a->used > best->count - best->used))
			best = a;
	}
	return best;
}

/* What tests allocated through debugfs and did not free. */
void cma_give_back(const struct cma_areas *areas)
{
	unsigned int i;

	for (i = 0; i < areas->count; i++) {
		long long more = cma_debugfs(&areas->at[i], "used") - areas->at[i].used;

		if (more > 0)
			cma_put(&areas->at[i], "free", more);
	}
}

long long cma_used_by_all(const struct cma_areas *areas)
{
	long long sum = 0;
	unsigned int i;

	for (i = 0; i < areas->count; i++)
		sum += cma_debugfs(&areas->at[i], "used");
	return sum;
}

unsigned long cma_slots(const struct cma_area *a)
{
	return a->count >> a->order;
}

/* A number of pages that fits well into what is free, in whole slots; 0 if there is none. */
unsigned long cma_chunk(const struct cma_area *a)
{
	long long gap = cma_debugfs(a, "maxchunk");
	unsigned long slots = gap > 0 ? gap >> a->order : 0;

	if (slots > 4)
		slots /= 4;
	return (slots > 1000 ? 1000 : slots) << a->order;
}

/* One byte a slot, 1 where it is taken; NULL if the file is not as it should be. */
unsigned char *cma_bitmap(const struct cma_area *a)
{
	unsigned char *bits = malloc(cma_slots(a));
	char path[PATH_BYTES], *text, *at, *end;
	unsigned long slot, word = 0;

	snprintf(path, sizeof(path), CMA_DEBUGFS_DIR "/%s/bitmap", a->name);
	text = cma_text(path);
	for (at = text, slot = 0; bits && at && slot < cma_slots(a); slot++) {
		if (slot % 32 == 0) {
			word = strtoul(at, &end, 10);
			at = end == at ? NULL : end;
		}
		bits[slot] = word >> slot % 32 & 1;
	}
	if (!at || strcmp(at, "\n")) {
		free(bits);
		bits = NULL;
	}
	free(text);
	return bits;
}

/* Allocates all that is free, in parts that get smaller, and frees it. Returns how much. */
unsigned long cma_take_all(const struct cma_area *a)
{
	unsigned long slot = 1UL << a->order, part = cma_slots(a) * slot, got = 0, rest;

	rest = a->count - cma_debugfs(a, "used");
	while (got < rest && part >= slot) {
		if (part <= rest - got && !cma_put(a, "alloc", part))
			got += part;
		else
			part = part / slot / 2 * slot;
	}
	if (got && cma_put(a, "free", got))
		return 0;
	return got;
}

/* Gaps of one page between pages that are held. Returns how many pages are held then. */
unsigned long cma_make_gaps(const struct cma_area *a, unsigned long gaps)
{
	unsigned long held = 0;

	while (held < gaps && !cma_put(a, "alloc", 2) && !cma_put(a, "free", 1))
		held++;
	return held;
}

/* A descriptor that reads what is logged from now on. */
int cma_log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log >= 0)
		lseek(log, 0, SEEK_END);
	return log;
}

/* A record is "level,number,time,flags;text"; one that goes on with the last has a "c". */
static size_t add_record(char *text, char *record)
{
	char *said = strchr(record, ';');
	bool goes_on;
	size_t len;

	if (!said)
		return 0;
	goes_on = memchr(record, 'c', said - record);
	said[1 + strcspn(said + 1, "\n")] = '\0';
	len = strlen(said + 1);
	if (goes_on && text[-1] == '\n')
		text--;
	memcpy(text, said + 1, len);
	text[len] = '\n';
	text[len + 1] = '\0';
	return len + 1 - (goes_on ? 1 : 0);
}

/* Lines that were logged since the last call, after an empty one; for the caller to free. */
char *cma_log_read(int log)
{
	char record[8192], *text = malloc(1 << 20);
	size_t have = 1;
	ssize_t got;

	if (!text)
		return NULL;
	memcpy(text, "\n", 2);
	do {
		got = read(log, record, sizeof(record) - 1);
		if (got > 0) {
			record[got] = '\0';
			have += add_record(text + have, record);
		}
	} while ((got > 0 && have < (1 << 20) - sizeof(record)) || (got < 0 && errno == EPIPE));
	return text;
}

/* Tracing of our own, which does not disturb that of others. */
const char *cma_trace_open(void)
{
	if (access(CMA_TRACE_DIR "/events/cma/enable", F_OK))
		return "no trace events in " CMA_TRACE_DIR;
	if (mkdir(TRACE_INSTANCE, 0700) && errno != EEXIST)
		return "no " TRACE_INSTANCE;
	cma_write(TRACE_INSTANCE "/trace", "0");
	if (cma_trace_enable("cma"))
		return "cannot enable the trace events of cma";
	return NULL;
}

int cma_trace_enable(const char *event)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), TRACE_INSTANCE "/events/%s/enable", event);
	return cma_write(path, "1");
}

/* What was traced since cma_trace_open(), for the caller to free. */
char *cma_trace_read(void)
{
	return cma_text(TRACE_INSTANCE "/trace");
}

void cma_trace_close(void)
{
	cma_write(TRACE_INSTANCE "/events/enable", "0");
	rmdir(TRACE_INSTANCE);
}

bool cma_is_inside(const struct cma_area *a, unsigned long pfn)
{
	return pfn >= a->base && pfn - a->base < a->count;
}

/* Page frame numbers of CMA_MEMORY_PAGES pages; 0 for one that is not there. */
static void read_pfns(const void *at, uint64_t *pfns, unsigned int pages)
{
	off_t from = (uintptr_t)at / cma_page_size() * sizeof(*pfns);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : pread(fd, pfns, pages * sizeof(*pfns), from);
	unsigned int i;

	for (i = 0; i < pages; i++)
		pfns[i] = i < got / sizeof(*pfns) && pfns[i] & PRESENT ? pfns[i] & PFN : 0;
	if (fd >= 0)
		close(fd);
}

/* Where a page of this program lies; 0 if that cannot be told. */
unsigned long cma_pfn(const void *at)
{
	uint64_t pfn;

	read_pfns(at, &pfn, 1);
	return pfn;
}

unsigned int cma_count_inside(const struct cma_area *a, const void *at)
{
	uint64_t pfns[CMA_MEMORY_PAGES];
	unsigned int i, inside = 0;

	read_pfns(at, pfns, CMA_MEMORY_PAGES);
	for (i = 0; i < CMA_MEMORY_PAGES; i++)
		inside += pfns[i] && cma_is_inside(a, pfns[i]);
	return inside;
}

static void fill(unsigned char *at)
{
	unsigned int i;

	for (i = 0; i < CMA_MEMORY_PAGES; i++)
		memset(at + i * cma_page_size(), i + 1, cma_page_size());
}

/* Is in each page what was written there? */
bool cma_is_intact(const struct cma_memory *memory)
{
	size_t page = cma_page_size(), i;

	for (i = 0; i < CMA_MEMORY_PAGES * page; i++)
		if (memory->at[i] != (unsigned char)(i / page + 1))
			return false;
	return true;
}

/* What there is, but for LEFT_KB, in whole parts. A 32-bit program cannot map more than 1 GiB. */
static size_t bytes_to_fill(long long free_kb, size_t part)
{
	long long most = sizeof(void *) == 4 ? 1 << 20 : free_kb;

	free_kb = free_kb < LEFT_KB ? 0 : free_kb - LEFT_KB;
	return (free_kb < most ? free_kb : most) * 1024ull / part * part;
}

/*
 * The page allocator decides when a program gets pages of an area. So one part after the
 * other is filled until one lies inside; the best one stays, and the others go.
 */
const char *cma_borrow(const struct cma_area *a, struct cma_memory *memory)
{
	size_t part = CMA_MEMORY_PAGES * cma_page_size(), done;
	long long free_kb = cma_field("/proc/meminfo", "MemAvailable:");
	size_t bytes = bytes_to_fill(free_kb, part);
	unsigned char *at = mmap(NULL, bytes ? bytes : part, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	memory->inside = 0;
	if (at == MAP_FAILED)
		return "no memory";
	madvise(at, bytes, MADV_NOHUGEPAGE);
	for (done = 0; done < bytes && memory->inside < CMA_MEMORY_PAGES * 3 / 4; done += part) {
		unsigned int inside;

		fill(at + done);
		inside = cma_count_inside(a, at + done);
		if (inside > memory->inside) {
			memory->inside = inside;
			memory->at = at + done;
		}
	}
	if (!memory->inside) {
		munmap(at, bytes ? bytes : part);
		return "no page of this program is in the area";
	}
	munmap(at, memory->at - at);
	munmap(memory->at + part, at + bytes - memory->at - part);
	return NULL;
}
