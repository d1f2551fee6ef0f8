// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/cma/<area>/: counters and a setting, one value a file.
 */
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "cma.h"
#include "hold.h"

/**
 * struct cma_dir - the directory of an area
 * @kobj: the directory in sysfs
 * @cma: the area
 */
struct cma_dir {
	struct kobject kobj;
	struct cma *cma;
};

static struct cma *cma_sysfs_area(struct kobject *kobj)
{
	return container_of(kobj, struct cma_dir, kobj)->cma;
}

static struct cma_stat *cma_sysfs_stat(struct kobject *kobj)
{
	return &cma_sysfs_area(kobj)->stat;
}

/**
 * struct cma_counter - a file that shows a counter
 * @attr: the file
 * @at: where the counter is in struct cma_stat
 */
struct cma_counter {
	struct kobj_attribute attr;
	size_t at;
};

static ssize_t cma_sysfs_show_counter(struct kobject *kobj,
				      struct kobj_attribute *attr, char *buf)
{
	const struct cma_counter *counter =
		container_of(attr, struct cma_counter, attr);
	const void *stat = cma_sysfs_stat(kobj);

	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(stat + counter->at));
}

#define CMA_COUNTER(file, counter)					\
	static struct cma_counter cma_sysfs_##file = {			\
		.attr = __ATTR(file, 0444, cma_sysfs_show_counter, NULL), \
		.at = offsetof(struct cma_stat, counter),		\
	}

CMA_COUNTER(alloc_pages_success, allocated);
CMA_COUNTER(alloc_pages_fail, failed);
CMA_COUNTER(release_pages_success, released);
CMA_COUNTER(alloc_calls, allocs);
CMA_COUNTER(alloc_fail_too_big, fails[CMA_FAIL_TOO_BIG]);
CMA_COUNTER(alloc_fail_full, fails[CMA_FAIL_FULL]);
CMA_COUNTER(alloc_fail_fragmented, fails[CMA_FAIL_FRAGMENTED]);
CMA_COUNTER(alloc_fail_busy, fails[CMA_FAIL_BUSY]);
CMA_COUNTER(alloc_fail_no_memory, fails[CMA_FAIL_NO_MEMORY]);
CMA_COUNTER(alloc_fail_interrupted, fails[CMA_FAIL_INTERRUPTED]);
CMA_COUNTER(alloc_fail_out_of_reach, fails[CMA_FAIL_OUT_OF_REACH]);
CMA_COUNTER(alloc_fail_invalid, fails[CMA_FAIL_INVALID]);
CMA_COUNTER(alloc_served_elsewhere, elsewhere);
CMA_COUNTER(alloc_waits, waits);
CMA_COUNTER(windows_tried, windows);
CMA_COUNTER(windows_busy, busy);
CMA_COUNTER(moved_pages, moved);
CMA_COUNTER(dropped_pages, reclaimed);
CMA_COUNTER(release_calls, releases);
CMA_COUNTER(release_refused, refused);
CMA_COUNTER(peak_pages, peak);
CMA_COUNTER(ready_calls, ready_allocs);
CMA_COUNTER(ready_moved_pages, ready_moved);
CMA_COUNTER(ready_dropped_pages, ready_reclaimed);
CMA_COUNTER(ready_given_pages, ready_given);

static ssize_t total_pages_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  cma_range_len(cma_sysfs_area(kobj)->range));
}

static ssize_t held_pages_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", cma_stat_held(cma_sysfs_stat(kobj)));
}

static ssize_t available_pages_show(struct kobject *kobj,
				    struct kobj_attribute *attr, char *buf)
{
	u64 pages = cma_range_len(cma_sysfs_area(kobj)->range);
	u64 held = cma_stat_held(cma_sysfs_stat(kobj));

	return sysfs_emit(buf, "%llu\n", pages - min(held, pages));
}

static ssize_t largest_window_pages_show(struct kobject *kobj,
					 struct kobj_attribute *attr,
					 char *buf)
{
	struct cma_range gap = cma_hold_largest_gap(cma_sysfs_area(kobj));

	return sysfs_emit(buf, "%lu\n", cma_range_len(gap));
}

static ssize_t keep_pages_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(cma_sysfs_area(kobj)->kept));
}

static ssize_t keep_pages_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	unsigned long pages;
	int err = kstrtoul(buf, 0, &pages);

	if (!err)
		err = cma_keep_set(cma_sysfs_area(kobj), pages);
	return err ?: count;
}

static ssize_t keep_free_pages_show(struct kobject *kobj,
				    struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  cma_keep_free_pages(cma_sysfs_area(kobj)));
}

static ssize_t ready_pages_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  cma_keep_ready_pages(cma_sysfs_area(kobj)));
}

static struct kobj_attribute cma_sysfs_total_pages = __ATTR_RO(total_pages);
static struct kobj_attribute cma_sysfs_available_pages =
	__ATTR_RO(available_pages);
static struct kobj_attribute cma_sysfs_held_pages = __ATTR_RO(held_pages);
static struct kobj_attribute cma_sysfs_largest_window_pages =
	__ATTR_RO(largest_window_pages);
static struct kobj_attribute cma_sysfs_keep_pages = __ATTR_RW(keep_pages);
static struct kobj_attribute cma_sysfs_keep_free_pages =
	__ATTR_RO(keep_free_pages);
static struct kobj_attribute cma_sysfs_ready_pages = __ATTR_RO(ready_pages);

static struct attribute *cma_sysfs_attrs[] = {
	&cma_sysfs_alloc_pages_success.attr.attr,
	&cma_sysfs_alloc_pages_fail.attr.attr,
	&cma_sysfs_release_pages_success.attr.attr,
	&cma_sysfs_total_pages.attr,
	&cma_sysfs_available_pages.attr,
	&cma_sysfs_held_pages.attr,
	&cma_sysfs_peak_pages.attr.attr,
	&cma_sysfs_largest_window_pages.attr,
	&cma_sysfs_alloc_calls.attr.attr,
	&cma_sysfs_alloc_fail_too_big.attr.attr,
	&cma_sysfs_alloc_fail_full.attr.attr,
	&cma_sysfs_alloc_fail_fragmented.attr.attr,
	&cma_sysfs_alloc_fail_busy.attr.attr,
	&cma_sysfs_alloc_fail_no_memory.attr.attr,
	&cma_sysfs_alloc_fail_interrupted.attr.attr,
	&cma_sysfs_alloc_fail_out_of_reach.attr.attr,
	&cma_sysfs_alloc_fail_invalid.attr.attr,
	&cma_sysfs_alloc_served_elsewhere.attr.attr,
	&cma_sysfs_alloc_waits.attr.attr,
	&cma_sysfs_windows_tried.attr.attr,
	&cma_sysfs_windows_busy.attr.attr,
	&cma_sysfs_moved_pages.attr.attr,
	&cma_sysfs_dropped_pages.attr.attr,
	&cma_sysfs_release_calls.attr.attr,
	&cma_sysfs_release_refused.attr.attr,
	&cma_sysfs_keep_pages.attr,
	&cma_sysfs_keep_free_pages.attr,
	&cma_sysfs_ready_pages.attr,
	&cma_sysfs_ready_calls.attr.attr,
	&cma_sysfs_ready_moved_pages.attr.attr,
	&cma_sysfs_ready_dropped_pages.attr.attr,
	&cma_sysfs_ready_given_pages.attr.attr,
	NULL,
};
ATTRIBUTE_GROUPS(cma_sysfs);

static void cma_sysfs_release_dir(struct kobject *kobj)
{
	kfree(container_of(kobj, struct cma_dir, kobj));
}

static const struct kobj_type cma_sysfs_type = {
	.release = cma_sysfs_release_dir,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = cma_sysfs_groups,
};

static int __init cma_sysfs_add(struct cma *cma, void *parent)
{
	struct cma_dir *dir;

	if (!cma_area_is_active(cma))
		return 0;
	dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	if (!dir)
		return -ENOMEM;
	dir->cma = cma;
	if (kobject_init_and_add(&dir->kobj, &cma_sysfs_type, parent, "%s",
				 cma->dir))
		kobject_put(&dir->kobj);
	return 0;
}

static int __init cma_sysfs_init(void)
{
	struct kobject *parent = kobject_create_and_add("cma", mm_kobj);

	if (!parent)
		return -ENOMEM;
	return cma_for_each_area(cma_sysfs_add, parent);
}
subsys_initcall(cma_sysfs_init);
