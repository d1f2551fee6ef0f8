/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files in a bundle that was read, see source.h for its form.
 */
#ifndef CMA_RECORD_H
#define CMA_RECORD_H

#include "source.h"

/**
 * struct record - a file in a bundle
 * @path: its path
 * @text: its content
 */
struct record {
	char *path;
	struct text text;
};

bool record_load(struct span bundle);
int record_read(const char *path, struct text *text);
int record_list(const char *path, struct names *names);

#endif /* CMA_RECORD_H */
