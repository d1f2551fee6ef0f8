/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where files are read: below the root of this machine, below a directory
 * with a copy of it, or in a bundle. Paths have no slash in front.
 */
#ifndef CMA_SOURCE_H
#define CMA_SOURCE_H

#include <stdbool.h>

#include "text.h"

#define SYSFS_AREAS "sys/kernel/mm/cma"
#define DEBUGFS "sys/kernel/debug"
#define DEBUGFS_AREAS DEBUGFS "/cma"
/* In a record only: what no file of the machine says. */
#define RECORD_INFO "cma/info"
#define RECORD_UNAME "cma/uname"
#define RECORD_LOG "cma/kernel_log"

/* First and last characters of the line before each file of a bundle. */
#define BUNDLE_HEAD "==> "
#define BUNDLE_TAIL " <=="

/**
 * struct names - names of files, sorted
 * @name: the names
 * @nr: how many
 * @room: how many fit
 */
struct names {
	char **name;
	size_t nr;
	size_t room;
};

void source_open(const char *from);
bool source_is_record(void);
char *source_name(const char *path);
int source_read(const char *path, struct text *text);
int source_read_log(struct text *text);
int source_list(const char *path, struct names *names);
void names_add(struct names *names, const char *name, size_t len);
u64 source_page_size(void);

#endif /* CMA_SOURCE_H */
