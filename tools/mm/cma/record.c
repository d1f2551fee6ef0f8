// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a bundle apart, see record.h.
 */
#include <errno.h>
#include <string.h>

#include "memory.h"
#include "record.h"

static struct record *records;
static size_t nr_records, room_records;

static bool head_of(struct span line, struct span *path)
{
	size_t tail = strlen(BUNDLE_TAIL);

	if (!span_skip(&line, BUNDLE_HEAD) ||
	    (size_t)(line.end - line.at) <= tail ||
	    memcmp(line.end - tail, BUNDLE_TAIL, tail))
		return false;
	*path = (struct span){ line.at, line.end - tail };
	return true;
}

static struct record *add_record(struct span path)
{
	struct record *record;

	records = memory_grow(records, nr_records, &room_records,
			      sizeof(*records));
	record = &records[nr_records++];
	*record = (struct record){ .path = text_unescape(path) };
	text_add_bytes(&record->text, "", 0);
	return record;
}

/**
 * record_load() - take a bundle apart, in place of the one before
 * @bundle: all of its text
 *
 * Context: any.
 * Return: true, or false when it does not begin as a bundle does.
 */
bool record_load(struct span bundle)
{
	struct record *record = NULL;
	struct span line, path;

	nr_records = 0;
	while (span_line(&bundle, &line)) {
		if (head_of(line, &path)) {
			record = add_record(path);
			continue;
		}
		if (!record)
			return false;
		text_add_bytes(&record->text, line.at,
			       (size_t)(line.end - line.at));
		text_add_bytes(&record->text, "\n", 1);
	}
	return record;
}

/**
 * record_read() - content of a file
 * @path: its path
 * @text: the content is appended here
 *
 * Context: after record_load().
 * Return: 0, or -ENOENT.
 */
int record_read(const char *path, struct text *text)
{
	size_t i;

	for (i = 0; i < nr_records; i++) {
		if (strcmp(records[i].path, path))
			continue;
		text_add_bytes(text, records[i].text.data, records[i].text.len);
		return 0;
	}
	return -ENOENT;
}

static void add_once(struct names *names, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (strlen(names->name[i]) == len &&
		    !memcmp(names->name[i], name, len))
			return;
	names_add(names, name, len);
}

/**
 * record_list() - what is in a directory
 * @path: its path
 * @names: the names are added here, in the order of the bundle
 *
 * Context: after record_load().
 * Return: 0; -ENOTDIR for a file; -ENOENT.
 */
int record_list(const char *path, struct names *names)
{
	size_t len = strlen(path), i;
	int err = -ENOENT;

	for (i = 0; i < nr_records; i++) {
		const char *file = records[i].path;

		if (!strcmp(file, path))
			return -ENOTDIR;
		if (strncmp(file, path, len) || file[len] != '/')
			continue;
		file += len + 1;
		add_once(names, file, strcspn(file, "/"));
		err = 0;
	}
	return err;
}
