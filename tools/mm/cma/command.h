/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands.
 */
#ifndef CMA_COMMAND_H
#define CMA_COMMAND_H

#include "area.h"
#include "message.h"

/**
 * struct options - the command line
 * @from: where files are, or NULL for this machine
 * @argument: what stands behind the subcommand
 * @nr_arguments: how much that is
 * @svg: write a picture
 * @json: write JSON
 * @fine: one cell a slot
 * @each: one line a holder
 * @align: alignment as the user wrote it, or NULL
 * @count: how many tables, or NOT_KNOWN for no end
 * @html: write a page for a browser
 * @buffers: the values of --for
 */
struct options {
	const char *from;
	char **argument;
	int nr_arguments;
	bool svg;
	bool json;
	bool fine;
	bool each;
	const char *align;
	u64 count;
	bool html;
	struct names buffers;
};

enum exit_code command_ls(const struct options *options);
enum exit_code command_map(const struct options *options);
enum exit_code command_who(const struct options *options);
enum exit_code command_why(const struct options *options);
enum exit_code command_size(const struct options *options);
enum exit_code command_watch(const struct options *options);
enum exit_code command_try(const struct options *options);
enum exit_code command_bundle(const struct options *options);

#endif /* CMA_COMMAND_H */
