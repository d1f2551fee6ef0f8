// SPDX-License-Identifier: GPL-2.0
/* What debugfs and sysfs show of an area, as text. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

/* Each line of a view as a fact of its own. */
void view_facts(const struct area *a, const char *file, const char *when)
{
	char path[192], key[64], *text, *line, *rest = NULL;
	unsigned int n = 0;

	snprintf(path, sizeof(path), AREA_DIR "%s/%s", a->name, file);
	text = slurp(path);
	if (!text)
		die("cannot read %s: %m", path);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		snprintf(key, sizeof(key), "%s.%s.%u", when, file, n++);
		fact(key, "%s", line);
	}
	free(text);
}

static unsigned int read_all(const char *parent, const char *name)
{
	char path[512], *text;
	struct dirent *entry;
	unsigned int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s", parent, name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s%s/%s", parent, name,
			 entry->d_name);
		text = entry->d_type == DT_REG ? slurp(path) : NULL;
		n += !!text;
		free(text);
	}
	if (dir)
		closedir(dir);
	return n;
}

/* All that can be read. Returns how many files that were. */
unsigned int views_read(const struct area *a)
{
	return read_all(AREA_DIR, a->name) + read_all(SYSFS_DIR, a->name);
}

/* What is ready for drivers, and what that took; on stock, there is no such thing. */
void view_ready(const struct area *a, const char *when)
{
	static const char *const files[] = {
		"ready_pages", "ready_calls", "ready_moved_pages",
		"ready_dropped_pages", "ready_given_pages",
		"moved_pages", "dropped_pages",
	};
	char path[256], text[512] = "";
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), SYSFS_DIR "%s/%s", a->name, files[i]);
		if (!access(path, R_OK))
			used += snprintf(text + used, sizeof(text) - used, "%s%s=%llu",
					 used ? " " : "", files[i], number(path));
	}
	if (used)
		fact(when, "%s", text);
}
