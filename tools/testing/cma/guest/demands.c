// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of memory that nobody can move nor reclaim.
 *   pipe       full pipes: pages of their own, one by one
 *   socket     full Unix sockets: buffers of up to eight pages
 *   pagetable  the page of zeroes mapped once in each 2 MiB
 *   slab       empty files on tmpfs: a dentry and an inode each
 *   vmalloc    tables of file descriptors, 8 MiB each, one a thread
 *   signal     signals that nobody takes: slabs, without waiting for memory
 *   inode      open files on ext4: what a file system may take in the middle of work
 *   dma32      pages below 4 GiB, by a driver of our own
 *   pin        starve_pin= MiB of a program's own memory, pinned for good, at once
 *   fresh      the same of memory that nobody has written to
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "starve.h"

#define BLOCK_BYTES 65536
#define PIPE_BYTES (1 << 20)
#define SOCKET_BYTES (1 << 20)
#define TABLE_SPAN (2 * MIB)		/* what one page table maps */
#define TABLES_MOST 131072UL		/* 256 GiB of addresses */
#define STEP_TABLES 16
#define STEP_FILES 256
#define LAST_FILE 1048575		/* makes the largest table there can be */
#define STACK_BYTES 65536
#define DMA32_MODULE "/cma_dma32.ko"
#define DMA32_TAKE "/sys/module/cma_dma32/parameters/take"
#define BURST_SIGNALS 4096		/* less than half a MiB */
#define BURST_NAP_US 10000
#define BURST_PATIENCE 100

static char block[BLOCK_BYTES];
static unsigned long long kb_before;

static void begin_block(void)
{
	memset(block, 0xa5, sizeof(block));
}

/* Writes to the end that is not full yet; @open makes a new one. */
static bool fill(bool (*open)(int *end), unsigned long long *bytes)
{
	static int end = -1;
	ssize_t n;

	if (end < 0 && !open(&end))
		return false;
	n = write(end, block, sizeof(block));
	if (n < 0 && errno != EAGAIN)
		return false;
	if (n < 0)
		end = -1;	/* is full, and stays open */
	else
		*bytes += n;
	return true;
}

static bool open_pipe(int *end)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK) ||
	    fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
		return false;
	*end = ends[1];
	return true;
}

static bool step_pipe(unsigned long long *bytes)
{
	return fill(open_pipe, bytes);
}

static bool open_socket(int *end)
{
	int ends[2], room = SOCKET_BYTES;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) ||
	    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &room,
		       sizeof(room)))
		return false;
	*end = ends[1];
	return true;
}

static bool step_socket(unsigned long long *bytes)
{
	return fill(open_socket, bytes);
}

static char *addresses;

static void begin_pagetable(void)
{
	if (sizeof(long) < 8)
		die("32 bits do not address enough for page tables");
	addresses = mmap(NULL, TABLES_MOST * TABLE_SPAN, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (addresses == MAP_FAILED ||
	    madvise(addresses, TABLES_MOST * TABLE_SPAN, MADV_NOHUGEPAGE))
		die("cannot map %lu MiB: %m", TABLES_MOST * TABLE_SPAN / MIB);
}

static bool step_pagetable(unsigned long long *bytes)
{
	unsigned long at = *bytes / page_size(), end = at + STEP_TABLES;

	errno = ENOSPC;
	for (; at < end; at++)
		if (at == TABLES_MOST ||
		    madvise(addresses + at * TABLE_SPAN, page_size(),
			    MADV_POPULATE_READ))
			return false;
	*bytes = at * page_size();
	return true;
}

/* By how much a line of /proc/meminfo grew. */
static unsigned long long gained(const char *key)
{
	unsigned long long kb = quick_meminfo_kb(key);

	return kb > kb_before ? (kb - kb_before) * 1024 : 0;
}

/* A file system of its own, which is gone with the process. */
static void begin_slab(void)
{
	mkdir("/starve", 0755);
	if (unshare(CLONE_NEWNS) ||
	    mount("tmpfs", "/starve", "tmpfs", 0, "nr_inodes=0"))
		die("cannot mount a tmpfs: %m");
	kb_before = quick_meminfo_kb("Slab:");
}

static bool make_files(int (*make)(const char *path))
{
	static unsigned int n;
	char path[32];
	unsigned int i;

	for (i = 0; i < STEP_FILES; i++) {
		snprintf(path, sizeof(path), "/starve/%u", n++);
		if (make(path) < 0)
			return false;
	}
	return true;
}

static int make_empty(const char *path)
{
	return mknod(path, S_IFREG | 0600, 0);
}

static bool step_slab(unsigned long long *bytes)
{
	if (!make_files(make_empty))
		return false;
	*bytes = gained("Slab:");
	return true;
}

static struct {
	sem_t done;
	int error;
} table;

static void begin_vmalloc(void)
{
	sem_init(&table.done, 0, 0);
	kb_before = quick_meminfo_kb("VmallocUsed:");
}

static __noreturn void *hold_table(void *unused)
{
	(void)unused;
	table.error = 0;
	if (unshare(CLONE_FILES) || dup2(STDIN_FILENO, LAST_FILE) < 0)
		table.error = errno;
	sem_post(&table.done);
	for (;;)
		pause();
}

static bool step_vmalloc(unsigned long long *bytes)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	errno = pthread_create(&thread, &attr, hold_table, NULL);
	pthread_attr_destroy(&attr);
	if (errno)
		return false;
	sem_wait(&table.done);
	*bytes = gained("VmallocUsed:");
	errno = table.error;
	return !table.error;
}

/* The kernel takes memory for a signal as an interrupt would: at once or not at all. */
static void begin_signal(void)
{
	struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &one, NULL) || setrlimit(RLIMIT_SIGPENDING, &most))
		die("cannot have signals wait: %m");
	kb_before = quick_meminfo_kb("Slab:");
}

/* In bursts; what did not come at once may come after a moment. */
static bool step_signal(unsigned long long *bytes)
{
	static unsigned int patience = BURST_PATIENCE;
	const union sigval none = { 0 };
	unsigned int i;

	for (i = 0; i < BURST_SIGNALS; i++)
		if (sigqueue(getpid(), SIGRTMIN, none))
			break;
	if (i < BURST_SIGNALS) {
		demand_missed();
		if (!patience--)
			return false;
		usleep(BURST_NAP_US);
	}
	*bytes = gained("Slab:");
	return true;
}

static void begin_inode(void)
{
	mkdir("/starve", 0755);
	if (unshare(CLONE_NEWNS) || mount("/dev/vdb", "/starve", "ext4", 0, NULL))
		die("cannot mount /dev/vdb: %m");
	kb_before = quick_meminfo_kb("Slab:");
}

static int make_open(const char *path)
{
	return open(path, O_WRONLY | O_CREAT, 0600);
}

static bool step_inode(unsigned long long *bytes)
{
	if (!make_files(make_open))
		return false;
	*bytes = gained("Slab:");
	return true;
}

static void begin_dma32(void)
{
	int fd = open(DMA32_MODULE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		die("cannot load %s: %m", DMA32_MODULE);
	close(fd);
}

/* The OOM killer does not run for such memory: the error ends it. */
static bool step_dma32(unsigned long long *bytes)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", MIB / page_size());
	if (put(DMA32_TAKE, text))
		return false;
	*bytes += MIB;
	return true;
}

static struct {
	struct iovec buffer;
	int ring;
} pin;

static void begin_ring(void)
{
	struct io_uring_params params = { 0 };

	pin.ring = syscall(__NR_io_uring_setup, 1, &params);
	if (pin.ring < 0)
		die("no io_uring: %m");
}

/* As memory that a program has used for some time. */
static void begin_pin(void)
{
	pin.buffer.iov_len = bench_option("starve_pin", 0) * MIB;
	pin.buffer.iov_base = hog_take(pin.buffer.iov_len, false).addr;
	begin_ring();
}

/* As the memory of a virtual machine that is to start, with a device of its own. */
static void begin_fresh(void)
{
	pin.buffer.iov_len = bench_option("starve_pin", 0) * MIB;
	pin.buffer.iov_base = mmap(NULL, pin.buffer.iov_len, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pin.buffer.iov_base == MAP_FAILED)
		die("cannot map %zu bytes: %m", pin.buffer.iov_len);
	madvise(pin.buffer.iov_base, pin.buffer.iov_len, MADV_HUGEPAGE);
	begin_ring();
}

static bool step_pin(unsigned long long *bytes)
{
	if (syscall(__NR_io_uring_register, pin.ring, IORING_REGISTER_BUFFERS,
		    &pin.buffer, 1))
		return false;
	*bytes += pin.buffer.iov_len;
	return true;
}

static const struct demand demands[] = {
	{ "pipe", begin_block, step_pipe },
	{ "socket", begin_block, step_socket },
	{ "pagetable", begin_pagetable, step_pagetable },
	{ "slab", begin_slab, step_slab },
	{ "vmalloc", begin_vmalloc, step_vmalloc },
	{ "signal", begin_signal, step_signal },
	{ "inode", begin_inode, step_inode },
	{ "dma32", begin_dma32, step_dma32 },
	{ "pin", begin_pin, step_pin },
	{ "fresh", begin_fresh, step_pin },
};

const struct demand *demand_named(const char *name)
{
	const struct demand *d;

	for (d = demands; d < demands + ARRAY_SIZE(demands); d++)
		if (!strcmp(d->name, name))
			return d;
	die("no demand named '%s'", name);
}
