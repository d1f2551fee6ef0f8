// SPDX-License-Identifier: GPL-2.0
/* The file system with known contents: page cache for the area. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "guest.h"

#define CHUNK_WORDS 32768

/* data_fs= names the file system [ext4]. */
void data_mount(void)
{
	const char *fs = getenv("data_fs");

	if (mount("/dev/vda", "/data", fs ? fs : "ext4", MS_RDONLY, NULL))
		die("cannot mount /dev/vda: %m");
}

static int data_open(unsigned int file)
{
	char path[32];

	snprintf(path, sizeof(path), "/data/data%u", file);
	return open(path, O_RDONLY);
}

/* Reads one file as fast as it goes, and looks at nothing; false when it is not all there. */
bool data_skim(unsigned int file)
{
	char *chunk = malloc(CHUNK_WORDS * sizeof(uint64_t));
	unsigned long bytes = 0;
	int fd = data_open(file);
	ssize_t got;

	while (fd >= 0 && chunk &&
	       (got = read(fd, chunk, CHUNK_WORDS * sizeof(uint64_t))) > 0)
		bytes += got;
	if (fd >= 0)
		close(fd);
	free(chunk);
	return bytes == DATA_FILE_BYTES;
}

/* Reads one file and compares each word; false when anything is wrong. */
bool data_read(unsigned int file)
{
	uint64_t *chunk = malloc(CHUNK_WORDS * sizeof(*chunk));
	unsigned long i, bad = 0;
	int fd = data_open(file);
	uint64_t at = 0;
	ssize_t got;

	while (fd >= 0 && chunk &&
	       (got = read(fd, chunk, CHUNK_WORDS * sizeof(*chunk))) > 0)
		for (i = 0; i < got / sizeof(*chunk); i++)
			bad += chunk[i] != data_word(file, at++);
	if (fd >= 0)
		close(fd);
	free(chunk);
	return !bad && at == DATA_WORDS;
}

/* Returns the number of bytes that were right. */
unsigned long data_read_all(void)
{
	unsigned long good = 0;
	unsigned int file;

	for (file = 0; file < DATA_FILES; file++)
		good += data_read(file) ? DATA_FILE_BYTES : 0;
	return good;
}

static void __noreturn read_on(unsigned long mbs)
{
	unsigned int file;

	for (file = 0;; file = (file + 1) % DATA_FILES) {
		double begin = now(), left;

		if (!data_skim(file))
			_exit(1);
		left = mbs ? DATA_FILE_BYTES / MIB / (double)mbs - (now() - begin) : 0;
		if (left > 0)
			usleep(left * 1000000);
	}
}

/* Somebody who reads all files, again and again; at most @mbs MiB a second, 0: no limit. */
pid_t data_reader_start(unsigned long mbs)
{
	pid_t pid = fork();

	if (pid < 0)
		die("no process for the reader: %m");
	if (!pid)
		read_on(mbs);
	return pid;
}

void data_reader_stop(pid_t reader)
{
	check(!waitpid(reader, NULL, WNOHANG), "the reader ended");
	kill(reader, SIGKILL);
	waitpid(reader, NULL, 0);
}
