// SPDX-License-Identifier: GPL-2.0
/* Host side of data.h: write the data files into a directory. */
#include <stdio.h>
#include <stdlib.h>

#include "data.h"

static int write_file(const char *dir, unsigned int file)
{
	static uint64_t chunk[1 << 16];
	char path[4096];
	uint64_t i;
	FILE *f;

	snprintf(path, sizeof(path), "%s/data%u", dir, file);
	f = fopen(path, "w");
	for (i = 0; f && i < DATA_WORDS; i++) {
		chunk[i % (1 << 16)] = data_word(file, i);
		if ((i + 1) % (1 << 16) == 0 &&
		    fwrite(chunk, sizeof(chunk), 1, f) != 1)
			break;
	}
	if (!f || i < DATA_WORDS || fclose(f)) {
		perror(path);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int file, files = DATA_FILES;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: mkdata DIRECTORY [FILES]\n");
		return 2;
	}
	if (argc == 3)
		files = atoi(argv[2]);
	for (file = 0; file < files; file++)
		if (write_file(argv[1], file))
			return 1;
	return 0;
}
