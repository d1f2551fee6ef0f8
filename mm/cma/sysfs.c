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
#include "keep.h"

/**
 * struct cma_dir - the directory of an area
 * @kobj: what sysfs knows it by
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

static ssize_t alloc_pages_success_show(struct kobject *kobj,
					struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(&cma_sysfs_stat(kobj)->allocated));
}

static ssize_t alloc_pages_fail_show(struct kobject *kobj,
				     struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(&cma_sysfs_stat(kobj)->failed));
}

static ssize_t release_pages_success_show(struct kobject *kobj,
					  struct kobj_attribute *attr,
					  char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(&cma_sysfs_stat(kobj)->released));
}

static ssize_t alloc_waits_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(&cma_sysfs_stat(kobj)->waits));
}

static ssize_t keep_pages_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", cma_keep_pages(cma_sysfs_area(kobj)));
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

static struct kobj_attribute cma_sysfs_success = __ATTR_RO(alloc_pages_success);
static struct kobj_attribute cma_sysfs_fail = __ATTR_RO(alloc_pages_fail);
static struct kobj_attribute cma_sysfs_release =
	__ATTR_RO(release_pages_success);
static struct kobj_attribute cma_sysfs_waits = __ATTR_RO(alloc_waits);
static struct kobj_attribute cma_sysfs_keep = __ATTR_RW(keep_pages);
static struct kobj_attribute cma_sysfs_keep_free = __ATTR_RO(keep_free_pages);

static struct attribute *cma_sysfs_attrs[] = {
	&cma_sysfs_success.attr,
	&cma_sysfs_fail.attr,
	&cma_sysfs_release.attr,
	&cma_sysfs_waits.attr,
	&cma_sysfs_keep.attr,
	&cma_sysfs_keep_free.attr,
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
