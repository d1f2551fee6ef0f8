// SPDX-License-Identifier: GPL-2.0
/*
 * Reads files and directories wherever they are, see source.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "message.h"
#include "record.h"

/* Far more than any of these files has; no file may fill all of memory. */
#define FILE_BYTES_MAX (64UL << 20)
/* The kernel's smallest and largest, on any architecture. */
#define PAGE_SIZE_MIN 4096
#define PAGE_SIZE_MAX (256 << 10)
/* Actions of syslog(2); no header of libc has names for them. */
#define LOG_READ_ALL 3
#define LOG_BUFFER_BYTES 10

static const char *root = "";
static bool in_bundle;

/**
 * source_is_record() - is this about another time or machine?
 *
 * Context: after source_open().
 * Return: true for a directory or a bundle, false for this machine.
 */
bool source_is_record(void)
{
	return *root;
}

/**
 * source_name() - what to call a file in a message
 * @path: its path
 *
 * Context: after source_open().
 * Return: a path that the user can look at, safe to show.
 */
char *source_name(const char *path)
{
	return text_quote(text_of("%s%c%s", root, in_bundle ? ':' : '/', path),
			  QUOTE_TERMINAL);
}

static int read_all(int fd, struct text *text)
{
	char buffer[4096];
	ssize_t got;

	text_add_bytes(text, "", 0);
	while ((got = read(fd, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (text->len > FILE_BYTES_MAX)
			return -EFBIG;
		text_add_bytes(text, buffer, (size_t)got);
	}
	return 0;
}

/* What may be read by nobody is a switch, even if root can open it. */
static int check_file(int fd)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return -errno;
	if (S_ISDIR(stat.st_mode))
		return -EISDIR;
	return S_ISREG(stat.st_mode) && stat.st_mode & 0444 ? 0 : -EINVAL;
}

static int read_path(const char *path, struct text *text)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = check_file(fd);
	if (!err)
		err = read_all(fd, text);
	close(fd);
	return err;
}

/**
 * source_read() - content of a file
 * @path: its path
 * @text: the content is appended here; it may hold NUL bytes
 *
 * Context: after source_open().
 * Return: 0, or -errno: -ENOENT if there is no such file, -EISDIR for a
 * directory, -EINVAL if it is not for reading, -EFBIG, or as from open().
 */
int source_read(const char *path, struct text *text)
{
	if (in_bundle)
		return record_read(path, text);
	return read_path(text_of("%s/%s", root, path), text);
}

static int read_live_log(struct text *text)
{
	int size = klogctl(LOG_BUFFER_BYTES, NULL, 0);
	char *buffer;

	if (size < 0)
		return -errno;
	buffer = memory_get((size_t)size + 1, 1);
	size = klogctl(LOG_READ_ALL, buffer, size);
	if (size < 0)
		return -errno;
	text_add_bytes(text, buffer, (size_t)size);
	return 0;
}

/**
 * source_read_log() - the kernel's log
 * @text: the log is appended here, all of it that there still is
 *
 * Context: after source_open().
 * Return: 0, or -errno.
 */
int source_read_log(struct text *text)
{
	return source_is_record() ? source_read(RECORD_LOG, text) :
				    read_live_log(text);
}

/**
 * names_add() - add a name
 * @names: the names
 * @name: the name
 * @len: its length in bytes
 *
 * Context: any.
 */
void names_add(struct names *names, const char *name, size_t len)
{
	names->name = memory_grow(names->name, names->nr, &names->room,
				  sizeof(*names->name));
	names->name[names->nr++] = memory_copy(name, len);
}

static int list_path(const char *path, struct names *names)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int err;

	if (!dir)
		return -errno;
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			names_add(names, entry->d_name, strlen(entry->d_name));
	err = -errno;
	closedir(dir);
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/**
 * source_list() - what is in a directory
 * @path: its path
 * @names: the names are added here, and sorted
 *
 * Context: after source_open().
 * Return: 0, or -errno: -ENOENT if there is no such directory, -ENOTDIR for a
 * file, or as from opendir().
 */
int source_list(const char *path, struct names *names)
{
	int err = in_bundle ? record_list(path, names) :
			      list_path(text_of("%s/%s", root, path), names);

	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name),
		      compare_names);
	return err;
}

static void open_bundle(const char *from)
{
	struct text text = {};
	int err = read_path(from, &text);

	if (err)
		message_exit(EXIT_BAD, "cannot read %s: %s", root,
			     strerror(-err));
	in_bundle = true;
	if (!record_load((struct span){ text.data, text.data + text.len }))
		message_exit(EXIT_BAD, "%s is neither a directory nor made by 'cma bundle'",
			     root);
}

/**
 * source_open() - say where files are from now on
 * @from: a directory, a bundle, or NULL for this machine
 *
 * Context: before all else, and again for another place; ends the program when
 * @from is neither.
 */
void source_open(const char *from)
{
	struct stat stat_from;

	if (!from)
		return;
	root = *from ? from : ".";
	in_bundle = false;
	if (stat(root, &stat_from))
		message_exit(EXIT_BAD, "cannot read %s: %s", root,
			     strerror(errno));
	if (!S_ISDIR(stat_from.st_mode))
		open_bundle(root);
}

static bool recorded_page_size(u64 *size)
{
	struct text info = {};
	struct span rest, line;

	if (source_read(RECORD_INFO, &info))
		return false;
	rest = (struct span){ info.data, info.data + info.len };
	while (span_line(&rest, &line))
		if (span_skip(&line, "page_size ") && span_number(line, size))
			return *size >= PAGE_SIZE_MIN &&
			       *size <= PAGE_SIZE_MAX && !(*size & (*size - 1));
	message("%s: no page_size that makes sense; this machine's is used",
		source_name(RECORD_INFO));
	return false;
}

/**
 * source_page_size() - bytes of a page where the files come from
 *
 * Context: after source_open().
 * Return: bytes, a power of two.
 */
u64 source_page_size(void)
{
	u64 size;

	if (source_is_record() && recorded_page_size(&size))
		return size;
	return (u64)sysconf(_SC_PAGESIZE);
}
