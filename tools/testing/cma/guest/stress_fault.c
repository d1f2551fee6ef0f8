// SPDX-License-Identifier: GPL-2.0
/* Page faults that a program serves itself, and pages that are given up. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress.h"

#define FAULT_BYTES MIB
#define STACK_BYTES 65536UL
#define OFFLINE_MOST 32			/* such pages are lost until the next boot */
#define POISON_MOST 16

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

struct server {
	int fd;
	struct span source;
	unsigned char *start;
	unsigned long left;
};

/* Each page that is missed is copied from the source, once. */
static int serve(void *arg)
{
	struct server *v = arg;
	struct uffdio_copy copy;
	struct uffd_msg msg;

	while (v->left && read(v->fd, &msg, sizeof(msg)) == sizeof(msg)) {
		copy = (struct uffdio_copy){
			.dst = msg.arg.pagefault.address & -page_size(),
			.len = page_size(),
		};
		copy.src = copy.dst - (uintptr_t)v->start +
			   (uintptr_t)v->source.addr;
		while (ioctl(v->fd, UFFDIO_COPY, &copy) && errno == EAGAIN)
			copy.copy = 0;
		v->left--;
	}
	return v->left ? 1 : 0;
}

/*
 * The server shares the memory, and nothing that a thread library would have
 * to wait for: a futex of glibc gives up now and then on 32-bit arm.
 */
static bool serve_span(struct server *v, struct span *s)
{
	static unsigned char stack[STACK_BYTES] __attribute__((aligned(16)));
	struct uffdio_register range = {
		.range = { (uintptr_t)s->addr, s->pages * page_size() },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int status = -1;
	pid_t child;
	bool good;

	if (ioctl(v->fd, UFFDIO_API, &api) ||
	    ioctl(v->fd, UFFDIO_REGISTER, &range))
		return false;
	child = clone(serve, stack + sizeof(stack),
		      CLONE_VM | CLONE_FILES | SIGCHLD, v);
	if (child < 0)
		return false;
	good = span_good(s);
	waitpid(child, &status, 0);
	return good && !status && span_good(s) && span_good(&v->source);
}

const char *stress_userfault(unsigned long n)
{
	struct server v = { .fd = syscall(__NR_userfaultfd, O_CLOEXEC) };
	struct span s;
	bool good;

	if (v.fd < 0)
		return access("/proc/sys/vm/unprivileged_userfaultfd", F_OK) ?
			ABSENT : "no userfaultfd";
	s = span_map(FAULT_BYTES);
	/* A huge page would be one fault for many pages. */
	madvise(s.addr, FAULT_BYTES, MADV_NOHUGEPAGE);
	v.source = span_map(FAULT_BYTES);
	span_fill(&v.source, n);
	s.seed = n;
	v.start = s.addr;
	v.left = s.pages;
	good = serve_span(&v, &s);
	close(v.fd);
	span_unmap(&s);
	span_unmap(&v.source);
	return good ? NULL : "a fault was served with other contents";
}

/* Its contents go to another page. It may be busy just then. */
const char *stress_offline(unsigned long n)
{
	static unsigned int offlined;
	struct span s = span_map(MIB);
	int ret, error;
	bool good;

	span_fill(&s, n);
	ret = madvise(span_page(&s, stress_random(s.pages)), page_size(),
		      MADV_SOFT_OFFLINE);
	error = errno;
	good = span_good(&s);
	span_unmap(&s);
	usleep(200000);
	if (ret && error == EINVAL)
		return ABSENT;
	offlined += !ret;
	if (!good)
		return "a page that was replaced has other contents";
	return offlined == OFFLINE_MOST ? DONE : NULL;
}

static void __noreturn poison_and_touch(struct span *s)
{
	unsigned long page = s->pages / 2;

	signal(SIGBUS, SIG_DFL);
	if (madvise(span_page(s, page), page_size(), MADV_HWPOISON))
		_exit(errno == EINVAL ? 2 : 0);
	_exit(span_page_is(s, page, s->seed) ? 3 : 4);
}

/* The contents are lost, so whoever looks at them is killed by SIGBUS. */
const char *stress_poison(unsigned long n)
{
	static unsigned int poisoned;
	struct span s = span_map(MIB);
	int status = -1;
	pid_t child;

	child = fork();
	if (!child) {
		span_fill(&s, n);
		poison_and_touch(&s);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	span_unmap(&s);
	usleep(300000);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return ABSENT;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
		poisoned++;
	else if (status)
		return "a page that is poisoned can be read";
	return poisoned == POISON_MOST ? DONE : NULL;
}
