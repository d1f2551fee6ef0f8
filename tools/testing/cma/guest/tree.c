// SPDX-License-Identifier: GPL-2.0
/* A tree of files, as of an image that is unpacked: small ones and large ones. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "data.h"

#define FILES_A_DIR 32
#define CHUNK_WORDS 8192

static unsigned int files;
static uint64_t chunk[CHUNK_WORDS];

static void path_of(char *path, size_t len, const char *dir, unsigned int file)
{
	snprintf(path, len, "%s/d%u/f%u", dir, file / FILES_A_DIR,
		 file % FILES_A_DIR);
}

/* 4 KiB to 1 MiB, in words; the mean is a quarter of a MiB. */
static unsigned long words_of(unsigned int file)
{
	return 512UL << (file * 5 % 9);
}

static void contents(unsigned int file, unsigned long first, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		chunk[i] = data_word(DATA_FILES + 2 + file, first + i);
}

static void unpack(const char *path, unsigned int file)
{
	unsigned long words = words_of(file), done, part;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (done = 0; done < words; done += part) {
		part = words - done < CHUNK_WORDS ? words - done : CHUNK_WORDS;
		contents(file, done, part);
		part *= sizeof(*chunk);
		if (write(fd, chunk, part) != (ssize_t)part)
			die("cannot write %s: %m", path);
		part /= sizeof(*chunk);
	}
	close(fd);
}

void tree_unpack(const char *dir, unsigned long bytes)
{
	unsigned long done = 0;
	char path[128];

	mkdir(dir, 0755);
	for (files = 0; done < bytes; files++) {
		if (files % FILES_A_DIR == 0) {
			snprintf(path, sizeof(path), "%s/d%u", dir,
				 files / FILES_A_DIR);
			mkdir(path, 0755);
		}
		path_of(path, sizeof(path), dir, files);
		unpack(path, files);
		done += words_of(files) * sizeof(*chunk);
	}
}

static bool good(const char *path, unsigned int file)
{
	static uint64_t got[CHUNK_WORDS];
	unsigned long done = 0, i, bad = 0;
	int fd = open(path, O_RDONLY);
	ssize_t n;

	while ((n = read(fd, got, sizeof(got))) > 0) {
		n /= sizeof(*got);
		contents(file, done, n);
		for (i = 0; i < n; i++)
			bad += got[i] != chunk[i];
		done += n;
	}
	close(fd);
	return !bad && done == words_of(file);
}

unsigned long tree_bad_files(const char *dir)
{
	unsigned long bad = 0;
	unsigned int file;
	char path[128];

	for (file = 0; file < files; file++) {
		path_of(path, sizeof(path), dir, file);
		bad += !good(path, file);
	}
	return bad;
}
