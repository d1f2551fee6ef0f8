// SPDX-License-Identifier: GPL-2.0
/* The sample driver, samples/cma: load it, and ask it for buffers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define MODULE "/cma_sample.ko"
#define DRIVER "/sys/bus/platform/drivers/cma-sample"

/* Returns 0 or a negative errno. */
int sample_insert(const char *options)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, options, 0))
		ret = -errno;
	close(fd);
	return ret;
}

/* Returns 0 or a negative errno. */
int sample_remove(void)
{
	return syscall(SYS_delete_module, "cma_sample", O_NONBLOCK) ? -errno : 0;
}

bool sample_is_there(void)
{
	return !access(DRIVER, F_OK);
}

/* The driver is a module of the initramfs, or built into the kernel. */
bool sample_load(void)
{
	sample_insert("devices=16");
	return sample_is_there();
}

void sample_need(void)
{
	if (!sample_load())
		die("no sample driver (CONFIG_SAMPLE_CMA) in this kernel");
}

static void sample_path(char *path, size_t len, unsigned int dev,
			const char *file)
{
	snprintf(path, len, DRIVER "/cma-sample.%u/%s", dev, file);
}

static unsigned long long value(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 0) : 0;
}

static void parse(const char *text, struct buffer *b)
{
	const char *dash = strstr(text, "pfn=");

	memset(b, 0, sizeof(*b));
	b->size = value(text, "size=");
	b->dma = value(text, "dma=");
	b->phys = value(text, "phys=");
	b->pfn.first = value(text, "pfn=");
	dash = dash ? strchr(dash, '-') : NULL;
	b->pfn.end = dash ? strtoul(dash + 1, NULL, 0) : 0;
	b->contiguous = strstr(text, "contiguous=yes");
	b->translated = strstr(text, "translated=yes");
}

/* Returns 0 with *b filled, or the negative errno of dma_alloc_coherent(). */
int sample_alloc(unsigned int dev, unsigned long size, struct buffer *b)
{
	char path[128], *text;
	int ret;

	sample_path(path, sizeof(path), dev, "buffer");
	ret = put(path, "%lu", size);
	if (ret)
		return ret;
	text = slurp(path);
	if (!text)
		die("cannot read %s: %m", path);
	parse(text, b);
	check(strstr(text, "clear=yes"), "sample device %u: buffer not clear",
	      dev);
	free(text);
	return 0;
}

int sample_free(unsigned int dev)
{
	char path[128];

	sample_path(path, sizeof(path), dev, "buffer");
	return put(path, "0");
}

int sample_fill(unsigned int dev, unsigned int seed)
{
	char path[128];

	sample_path(path, sizeof(path), dev, "pattern");
	return put(path, "%u", seed);
}

bool sample_verify(unsigned int dev)
{
	char path[128], *text;
	bool good;

	sample_path(path, sizeof(path), dev, "pattern");
	text = slurp(path);
	good = text && !strcmp(text, "ok\n");
	check(good, "sample device %u: %s", dev, text ? text : strerror(errno));
	free(text);
	return good;
}
