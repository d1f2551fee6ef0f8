// SPDX-License-Identifier: GPL-2.0
/*
 * cma bundle: all files about the areas in one text. Before each file stands
 * a line "==> path <=="; what looks like one in a file is indented.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "command.h"
#include "memory.h"

/**
 * struct bundle - a bundle that is being made
 * @text: the files so far
 * @missing: what could not be read, a line each
 */
struct bundle {
	struct text text;
	struct text missing;
};

static void add_line(struct text *text, struct span line)
{
	struct span head = line;

	if (span_skip(&head, BUNDLE_HEAD))
		text_add(text, " ");
	text_add_bytes(text, line.at, (size_t)(line.end - line.at));
	text_add(text, "\n");
}

static void add_section(struct bundle *bundle, const char *path,
			const struct text *content)
{
	struct span rest = { content->data, content->data + content->len };
	struct span line;

	text_add(&bundle->text, BUNDLE_HEAD "%s" BUNDLE_TAIL "\n",
		 text_quote(path, QUOTE_PATH));
	while (span_line(&rest, &line))
		add_line(&bundle->text, line);
}

static void add_missing(struct bundle *bundle, const char *path, int err)
{
	text_add(&bundle->missing, "missing %s: %s\n",
		 text_quote(path, QUOTE_PATH), strerror(-err));
}

static void add_file(struct bundle *bundle, const char *path)
{
	struct text content = {};
	int err = source_read(path, &content);

	if (!err)
		add_section(bundle, path, &content);
	else if (err != -EINVAL && err != -EISDIR)
		add_missing(bundle, path, err);
}

/* A place that does not exist has nothing that could be missing from it. */
static void add_directory(struct bundle *bundle, const char *path, int depth)
{
	struct names names = {};
	int err = source_list(path, &names);
	size_t i;

	if (err)
		add_missing(bundle, path, err);
	for (i = 0; i < names.nr; i++) {
		char *inside = text_of("%s/%s", path, names.name[i]);

		if (depth)
			add_directory(bundle, inside, depth - 1);
		else
			add_file(bundle, inside);
	}
}

static bool has_cma(struct span line)
{
	for (; line.end - line.at >= 3; line.at++)
		if (!strncasecmp(line.at, "cma", 3))
			return true;
	return false;
}

/* The lines of @all that are about CMA. */
static struct text filter(const struct text *all)
{
	struct span rest = { all->data, all->data + all->len };
	struct text some = {};
	struct span line;

	text_add_bytes(&some, "", 0);
	while (span_line(&rest, &line))
		if (has_cma(line))
			add_line(&some, line);
	return some;
}

static void add_vmstat(struct bundle *bundle)
{
	const char *path = "proc/vmstat";
	struct text all = {}, some;
	int err = source_read(path, &all);

	if (err) {
		add_missing(bundle, path, err);
		return;
	}
	some = filter(&all);
	add_section(bundle, path, &some);
}

static void add_uname(struct bundle *bundle)
{
	struct text text = {};
	struct utsname name;

	if (source_is_record()) {
		add_file(bundle, RECORD_UNAME);
		return;
	}
	uname(&name);
	text_add(&text, "%s %s %s %s\n", name.sysname, name.release,
		 name.version, name.machine);
	add_section(bundle, RECORD_UNAME, &text);
}

static void add_log(struct bundle *bundle)
{
	struct text all = {}, some;
	int err;

	if (source_is_record()) {
		add_file(bundle, RECORD_LOG);
		return;
	}
	err = source_read_log(&all);
	if (err) {
		add_missing(bundle, RECORD_LOG, err);
		return;
	}
	some = filter(&all);
	add_section(bundle, RECORD_LOG, &some);
}

static void add_all(struct bundle *bundle)
{
	add_uname(bundle);
	add_file(bundle, "proc/uptime");
	add_file(bundle, "proc/cmdline");
	add_file(bundle, "proc/meminfo");
	add_vmstat(bundle);
	add_directory(bundle, SYSFS_AREAS, 1);
	add_directory(bundle, DEBUGFS_AREAS, 1);
	add_log(bundle);
}

static void write_bundle(const struct bundle *bundle, FILE *file)
{
	fprintf(file, BUNDLE_HEAD RECORD_INFO BUNDLE_TAIL "\npage_size %llu\n",
		source_page_size());
	if (bundle->missing.len)
		fputs(bundle->missing.data, file);
	fwrite(bundle->text.data, 1, bundle->text.len, file);
}

static enum exit_code write_file(const struct bundle *bundle, const char *name)
{
	FILE *file = fopen(name, "we");
	bool is_bad;

	if (file) {
		write_bundle(bundle, file);
		is_bad = ferror(file);
		if (!fclose(file) && !is_bad)
			return EXIT_GOOD;
	}
	message("cannot write %s: %s", text_quote(name, QUOTE_TERMINAL),
		strerror(errno));
	return EXIT_BAD;
}

/**
 * command_bundle() - write all there is to know
 * @options: the command line
 *
 * Context: once.
 * Return: EXIT_GOOD, also when something is missing; EXIT_BAD when the file
 * cannot be written.
 */
enum exit_code command_bundle(const struct options *options)
{
	struct bundle bundle = {};
	enum exit_code code = EXIT_GOOD;

	add_all(&bundle);
	if (options->nr_arguments)
		code = write_file(&bundle, options->argument[0]);
	else
		write_bundle(&bundle, stdout);
	if (bundle.missing.len)
		message("not in the bundle:");
	if (bundle.missing.len)
		fputs(bundle.missing.data, stderr);
	return code;
}
