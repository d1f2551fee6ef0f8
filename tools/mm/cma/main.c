// SPDX-License-Identifier: GPL-2.0
/*
 * cma: what the areas of the contiguous memory allocator hold, and why they
 * failed. The command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/array_size.h>

#include "command.h"
#include "memory.h"

#define VERSION "1.0"

/* Each option of a subcommand is a bit, so that it can say which it takes. */
#define TAKES_SVG 1U
#define TAKES_JSON 2U
#define TAKES_FINE 4U
#define TAKES_EACH 8U
#define TAKES_ALIGN 16U
#define TAKES_COUNT 32U
#define TAKES_HTML 64U
#define TAKES_FOR 128U

/**
 * struct command - a subcommand
 * @name: what the user calls it
 * @takes: which options it takes
 * @least: fewest arguments
 * @most: most arguments
 * @run: what does it
 */
struct command {
	const char *name;
	unsigned int takes;
	int least;
	int most;
	enum exit_code (*run)(const struct options *options);
};

static const struct command commands[] = {
	{ "ls", 0, 0, 0, command_ls },
	{ "map", TAKES_SVG | TAKES_JSON | TAKES_FINE | TAKES_HTML, 0, 1,
	  command_map },
	{ "who", TAKES_EACH, 0, 1, command_who },
	{ "why", 0, 0, 1, command_why },
	{ "size", TAKES_FOR, 0, 1, command_size },
	{ "watch", TAKES_COUNT, 0, 1, command_watch },
	{ "try", TAKES_ALIGN, 1, 2, command_try },
	{ "bundle", 0, 0, 1, command_bundle },
};

static const char help[] =
	"Usage: cma [--from PLACE] [COMMAND]\n"
	"\n"
	"  ls                 the areas; also without a command\n"
	"  map [AREA]         a picture of what is where\n"
	"      --fine           cells as small as a slot\n"
	"      --svg, --json    for a browser, for a script\n"
	"      --html [PLACE...]  a page: now, or as each of some bundles has it\n"
	"  who [AREA]         who holds how much\n"
	"      --each           each allocation on its own\n"
	"  why [AREA]         why allocations failed, latest first\n"
	"  size [AREA]        how large the area should be, and where to write it\n"
	"      --for SPEC       before there is a board, for such buffers; repeat it:\n"
	"                       NAME:SIZE[@FORMAT][:COUNT], camera:1080p:6, npu:64M:2\n"
	"  watch [SECONDS]    ls again and again, and what happened meanwhile\n"
	"      --count N        end after N tables\n"
	"  try SIZE [AREA]    would it fit? Nothing is allocated\n"
	"      --align SIZE     where it may begin\n"
	"  bundle [FILE]      all there is to know, for a bug report\n"
	"\n"
	"  --from PLACE       a bundle, or a directory with sys/ and proc/\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 done, or yes; 1 failed, or no; 2 wrong usage.\n"
	"Most of it is in debugfs, which only root can read.\n";

enum {
	OPTION_FROM = 256,
	OPTION_SVG,
	OPTION_JSON,
	OPTION_FINE,
	OPTION_EACH,
	OPTION_ALIGN,
	OPTION_COUNT,
	OPTION_HTML,
	OPTION_FOR,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "svg", no_argument, NULL, OPTION_SVG },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "fine", no_argument, NULL, OPTION_FINE },
	{ "each", no_argument, NULL, OPTION_EACH },
	{ "align", required_argument, NULL, OPTION_ALIGN },
	{ "count", required_argument, NULL, OPTION_COUNT },
	{ "html", no_argument, NULL, OPTION_HTML },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{}
};

static const struct command *command_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	message_exit(EXIT_USAGE, "there is no command '%s'; see cma --help",
		     text_quote(name, QUOTE_TERMINAL));
}

static u64 count_of(const char *text)
{
	struct span span = { text, text + strlen(text) };
	u64 count;

	if (!span_number(span, &count) || !count)
		message_exit(EXIT_USAGE, "--count %s: not a number from 1 on",
			     text_quote(text, QUOTE_TERMINAL));
	return count;
}

static noreturn void show(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) ? EXIT_BAD : EXIT_GOOD);
}

/* Returns the bit of an option that only some subcommands take, or 0. */
static unsigned int take_option(struct options *options, int option)
{
	switch (option) {
	case OPTION_FROM:
		options->from = optarg;
		return 0;
	case OPTION_SVG:
		options->svg = true;
		return TAKES_SVG;
	case OPTION_JSON:
		options->json = true;
		return TAKES_JSON;
	case OPTION_FINE:
		options->fine = true;
		return TAKES_FINE;
	case OPTION_EACH:
		options->each = true;
		return TAKES_EACH;
	case OPTION_ALIGN:
		options->align = optarg;
		return TAKES_ALIGN;
	case OPTION_COUNT:
		options->count = count_of(optarg);
		return TAKES_COUNT;
	case OPTION_HTML:
		options->html = true;
		return TAKES_HTML;
	case OPTION_FOR:
		names_add(&options->buffers, optarg, strlen(optarg));
		return TAKES_FOR;
	case OPTION_VERSION:
		show("cma " VERSION "\n");
	case 'h':
		show(help);
	default:
		exit(EXIT_USAGE);
	}
}

static unsigned int take_options(struct options *options, int argc, char **argv)
{
	unsigned int taken = 0;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >= 0)
		taken |= take_option(options, option);
	return taken;
}

/* With --html, arguments are places, as many as there are. */
static int most_arguments(const struct command *command,
			  const struct options *options)
{
	if (options->html)
		return options->nr_arguments;
	return options->buffers.nr ? 0 : command->most;
}

static void check_usage(const struct command *command, unsigned int taken,
			const struct options *options)
{
	int most = most_arguments(command, options);

	if (taken & ~command->takes)
		message_exit(EXIT_USAGE,
			     "cma %s does not take that option; see cma --help",
			     command->name);
	if (options->svg + options->json + options->html > 1)
		message_exit(EXIT_USAGE, "--svg, --json and --html exclude each other");
	if (options->nr_arguments < command->least)
		message_exit(EXIT_USAGE, "cma %s: something is missing; see cma --help",
			     command->name);
	if (options->nr_arguments > most)
		message_exit(EXIT_USAGE, "cma %s: '%s' is too much; see cma --help",
			     command->name,
			     text_quote(options->argument[most], QUOTE_TERMINAL));
	if (options->html && options->from && options->nr_arguments)
		message_exit(EXIT_USAGE,
			     "map --html looks at --from or at what follows, not at both");
}

int main(int argc, char **argv)
{
	struct options options = { .count = NOT_KNOWN };
	unsigned int taken = take_options(&options, argc, argv);
	const struct command *command = &commands[0];
	enum exit_code code;

	if (optind < argc)
		command = command_named(argv[optind++]);
	options.argument = argv + optind;
	options.nr_arguments = argc - optind;
	check_usage(command, taken, &options);

	source_open(options.from);
	code = command->run(&options);
	if (fflush(stdout) || ferror(stdout))
		message_exit(EXIT_BAD, "cannot write all of the output");
	return code;
}
