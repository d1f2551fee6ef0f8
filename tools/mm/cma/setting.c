// SPDX-License-Identifier: GPL-2.0
/*
 * The lines that set the size of an area, and which of them counts, see
 * setting.h.
 */
#include <stdio.h>

#include <linux/minmax.h>

#include "origin.h"
#include "setting.h"

#define STEP_BYTES (4ULL << 20)
/* Headroom is one part in so many. */
#define HEADROOM_PART 8

/**
 * setting_round() - round a size up, to a step that suits most machines
 * @bytes: the size
 *
 * Context: any.
 * Return: bytes, a multiple of 4M.
 */
u64 setting_round(u64 bytes)
{
	return (bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
}

/**
 * setting_with_headroom() - how large an area is to be for so much
 * @bytes: what is to fit
 *
 * Context: any.
 * Return: bytes, a multiple of 4M.
 */
u64 setting_with_headroom(u64 bytes)
{
	return setting_round(bytes + max(bytes / HEADROOM_PART, STEP_BYTES));
}

/**
 * setting_print_headroom() - advise a size with headroom, and say why
 * @bytes: what is to fit
 *
 * Context: any.
 */
void setting_print_headroom(u64 bytes)
{
	printf("  advice: %s: %s and headroom, in steps of 4M\n",
	       text_pages(setting_with_headroom(bytes), 1),
	       text_pages(bytes, 1));
	puts("  headroom is an eighth, at least 4M:");
	puts("    what is held lies scattered, and a call wants one piece");
}

static char *property_of(u64 bytes)
{
	return text_of("size = <0x%llx 0x%08llx>;", bytes >> 32,
		       bytes & 0xffffffff);
}

/**
 * setting_print() - the lines that give a default area a size
 * @bytes: the size, a multiple of 4M
 * @node: the name of its node
 *
 * Context: any.
 */
void setting_print(u64 bytes, const char *node)
{
	printf("  to have %s, write one of these:\n", text_pages(bytes, 1));
	printf("    %-34s the device tree, node %s\n", property_of(bytes),
	       node);
	printf("    %-34s the command line\n",
	       text_of("cma=%lluM", bytes >> 20));
	printf("    %-34s Kconfig, with CONFIG_CMA_SIZE_SEL_MBYTES=y\n",
	       text_of("CONFIG_CMA_SIZE_MBYTES=%llu", bytes >> 20));
}

/* Where "reg" is, "size" is not looked at. */
static void print_fixed(const struct area *area)
{
	if (origin_is_fixed(area))
		puts("  its node has reg, which counts, not size: the size is its last number");
}

static void print_node(const struct area *area, u64 bytes)
{
	puts("  cma= does not set the size of this area, its node in the device tree does:");
	if (bytes == NOT_KNOWN)
		printf("    reserved-memory/%s\n", area->label);
	else
		printf("    %-34s reserved-memory/%s\n", property_of(bytes),
		       area->label);
	print_fixed(area);
}

static void print_tree(const struct area *area, bool is_ours, u64 bytes)
{
	puts("  here, the device tree decides");
	if (!is_ours)
		puts("    with this kernel, cma= would win over it");
	else if (bytes == NOT_KNOWN)
		puts("    cma= is not used beside it, cma=! overrules it");
	else
		printf("    cma= is not used beside it, cma=!%lluM overrules it\n",
		       bytes >> 20);
	print_fixed(area);
}

static void print_decision(const struct area *area, enum origin_kind kind,
			   u64 bytes)
{
	bool is_ours = area->peak != NOT_KNOWN;

	switch (kind) {
	case ORIGIN_TREE:
		print_tree(area, is_ours, bytes);
		break;
	case ORIGIN_CMDLINE:
		puts("  here, cma= decides: it is on the command line");
		puts(is_ours ? "    a node for the default area would come first" :
			       "    with this kernel, it wins over the device tree");
		break;
	case ORIGIN_KCONFIG:
		puts("  here, Kconfig decides");
		puts("    a node for the default area, and cma=, would come first");
		break;
	default:
		puts("  not known: whether cma= or Kconfig decides here;");
		puts("    neither the boot log nor the command line can be read");
	}
}

/**
 * setting_explain() - what sets the size of an area, and what to write there
 * @area: the area
 * @bytes: the size, a multiple of 4M, or NOT_KNOWN when there is no advice
 *
 * Context: any.
 */
void setting_explain(const struct area *area, u64 bytes)
{
	struct origin origin = origin_of(area);

	if (origin.kind == ORIGIN_OPTION) {
		printf("  %s on the command line sets the size of this area\n",
		       origin.option);
		return;
	}
	if (origin.kind == ORIGIN_NODE) {
		print_node(area, bytes);
		return;
	}
	if (bytes != NOT_KNOWN)
		setting_print(bytes, origin.kind == ORIGIN_TREE ? area->label :
								  "linux,cma");
	print_decision(area, origin.kind, bytes);
	if (origin.in_log)
		puts("    (the boot log says so)");
}
