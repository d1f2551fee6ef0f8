// SPDX-License-Identifier: GPL-2.0
/*
 * The boot log. Sizes are printed in the largest unit that keeps them whole,
 * except where the format is older than that.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>

#include "bootlog.h"
#include "cma.h"

static u64 __init cma_bootlog_mib(u64 bytes)
{
	return bytes >> 20;
}

/**
 * cma_bootlog_bytes() - append an amount of memory to a line
 * @line: where to
 * @bytes: how much
 *
 * Context: boot.
 */
void __init cma_bootlog_bytes(struct seq_buf *line, u64 bytes)
{
	if (bytes % SZ_1M == 0)
		seq_buf_printf(line, "%llu MiB", bytes >> 20);
	else if (bytes % SZ_1K == 0)
		seq_buf_printf(line, "%llu KiB", bytes >> 10);
	else
		seq_buf_printf(line, "%llu bytes", bytes);
}

/**
 * cma_bootlog_declare() - an area is wanted, for dynamic debug
 * @decl: what is wanted
 *
 * Context: boot.
 */
void __init cma_bootlog_declare(const struct cma_declaration *decl)
{
	phys_addr_t size = decl->wish.size, base = decl->wish.base;
	phys_addr_t limit = decl->wish.limit, align = decl->wish.align;

	pr_debug("cma_declare_contiguous_nid(size %pa, base %pa, limit %pa alignment %pa)\n",
		 &size, &base, &limit, &align);
}

/**
 * cma_bootlog_reserved() - an area exists
 * @cma: the area
 * @nid: the node that was asked for, -1 for any
 *
 * Context: boot.
 */
void __init cma_bootlog_reserved(const struct cma *cma, int nid)
{
	phys_addr_t base = cma_get_base(cma);

	pr_info("Reserved %llu MiB at %pa on node %d\n",
		cma_bootlog_mib(cma_get_size(cma)), &base, nid);
}

/**
 * cma_bootlog_not_reserved() - an area does not exist
 * @decl: what was wanted
 *
 * Context: boot.
 */
void __init cma_bootlog_not_reserved(const struct cma_declaration *decl)
{
	pr_err("Failed to reserve %llu MiB on node %d\n",
	       cma_bootlog_mib(decl->wish.size), decl->nid);
}

/**
 * cma_bootlog_no_plan() - say what is wrong with the place or size wanted
 * @decl: what was wanted
 * @facts: what the machine allows
 * @cause: what is wrong
 *
 * Context: boot.
 */
void __init cma_bootlog_no_plan(const struct cma_declaration *decl,
				const struct cma_facts *facts,
				enum cma_plan_cause cause)
{
	phys_addr_t align = max(decl->wish.align, facts->granule);
	phys_addr_t limit = min_not_zero(decl->wish.limit, facts->ram_end);
	phys_addr_t lowmem_end = facts->lowmem_end;
	phys_addr_t base = decl->wish.base;
	phys_addr_t size = decl->wish.size;

	switch (cause) {
	case CMA_PLAN_BASE_UNALIGNED:
		pr_err("Region at %pa must be aligned to %pa bytes\n",
		       &base, &align);
		break;
	case CMA_PLAN_CROSSES_LOWMEM:
		pr_err("Region at %pa defined on low/high memory boundary (%pa)\n",
		       &base, &lowmem_end);
		break;
	case CMA_PLAN_BEYOND_LIMIT:
		pr_err("Size (%pa) of region at %pa exceeds limit (%pa)\n",
		       &size, &base, &limit);
		break;
	case CMA_PLAN_BAD_ALIGN:
		pr_err("Alignment %#llx is not a power of two\n",
		       decl->wish.align);
		break;
	case CMA_PLAN_NO_SIZE:
		pr_err("An area of 0 bytes is none\n");
		break;
	case CMA_PLAN_OVERFLOW:
		pr_err("Size %#llx at %#llx passes the largest address\n",
		       decl->wish.size, decl->wish.base);
		break;
	case CMA_PLAN_OK:
		break;
	}
}

/**
 * cma_bootlog_no_slot() - the table of areas is full
 *
 * Context: boot.
 */
void __init cma_bootlog_no_slot(void)
{
	pr_err("Not enough slots for CMA reserved regions!\n");
}

/**
 * cma_bootlog_not_activated() - an area is dead
 * @cma: the area
 * @err: error of cma_activate()
 *
 * Context: boot.
 */
void __init cma_bootlog_not_activated(const struct cma *cma, int err)
{
	pr_err("CMA area %s could not be activated: %s, %s\n", cma->name,
	       err == -EXDEV ? "it crosses a zone boundary" :
			       "no memory for its bitmap",
	       cma->keep_reserved ? "its memory stays reserved" :
				    "its memory is ordinary memory now");
}

/**
 * cma_bootlog_bad_text() - an option was rejected
 * @option: its name
 * @text: its value
 * @err: what is wrong with it
 *
 * Positions count from 1, in the option as it was written.
 *
 * Context: boot.
 */
void __init cma_bootlog_bad_text(const char *option, const char *text,
				 const struct cma_parse_error *err)
{
	unsigned int at = strlen(option) + strlen("=") + err->at + 1;

	if (err->cause == CMA_PARSE_UNEXPECTED)
		pr_warn("option '%s=%s' rejected: unexpected '%1pE' at character %u; as if not given\n",
			option, text, text + err->at, at);
	else
		pr_warn("option '%s=%s' rejected: %s at character %u; as if not given\n",
			option, text, cma_parse_cause_text(err->cause), at);
}

/**
 * cma_bootlog_no_text() - an option came without a value
 * @option: its name
 *
 * Context: boot.
 */
void __init cma_bootlog_no_text(const char *option)
{
	pr_warn("Config string not provided: option '%s' rejected; as if not given\n",
		option);
}

/**
 * cma_bootlog_override() - the same option was given again
 * @old: value that no longer counts
 * @text: value that counts
 *
 * Context: boot.
 */
void __init cma_bootlog_override(const char *old, const char *text)
{
	pr_info("'cma=%s' replaces 'cma=%s'\n", text, old);
}

/**
 * cma_bootlog_rounded() - an amount was not a multiple of the page block size
 * @what: who asked for it
 * @asked: bytes asked for
 * @got: bytes reserved
 *
 * Context: boot.
 */
void __init cma_bootlog_rounded(const char *what, u64 asked, u64 got)
{
	char text[64];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_bootlog_bytes(&line, asked);
	seq_buf_printf(&line, " rounded %s to ", got > asked ? "up" : "down");
	cma_bootlog_bytes(&line, got);
	pr_info("%s: %s, the page block size is %lu KiB\n", what,
		seq_buf_str(&line), CMA_MIN_ALIGNMENT_BYTES / SZ_1K);
}
