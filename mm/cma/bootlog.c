// SPDX-License-Identifier: GPL-2.0
/*
 * The boot log. Sizes are printed in the largest unit that keeps them whole,
 * except where the format is older than that.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>

#include "boot.h"
#include "cma.h"

/* Room for a line with a long option in it. */
#define CMA_BOOTLOG_LINE 320

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
	       cma_bootlog_mib(decl->req.size), decl->nid);
}

/* Begin a line about a refusal; older formats have no subject. */
static void __init cma_bootlog_subject(struct seq_buf *line,
				       const struct cma_declaration *decl)
{
	if (decl->who)
		seq_buf_printf(line, "%s refused: ", decl->who);
}

static void __init cma_bootlog_largest(struct seq_buf *line, u64 largest)
{
	if (!largest) {
		seq_buf_puts(line, "there is no room at all");
		return;
	}
	seq_buf_puts(line, "at most ");
	cma_bootlog_bytes(line, largest);
	seq_buf_puts(line, " would fit");
}

static void __init cma_bootlog_cause(struct seq_buf *line,
				     const struct cma_plan_request *req,
				     const struct cma_plan_limits *limits,
				     enum cma_plan_cause cause)
{
	phys_addr_t align = max(req->align, limits->granule);
	phys_addr_t limit = min_not_zero(req->limit, limits->ram_end);
	phys_addr_t lowmem_end = limits->lowmem_end;
	phys_addr_t base = req->base;
	phys_addr_t size = req->size;

	switch (cause) {
	case CMA_PLAN_BASE_UNALIGNED:
		seq_buf_printf(line, "Region at %pa must be aligned to %pa bytes",
			       &base, &align);
		break;
	case CMA_PLAN_CROSSES_LOWMEM:
		seq_buf_printf(line, "Region at %pa defined on low/high memory boundary (%pa)",
			       &base, &lowmem_end);
		break;
	case CMA_PLAN_BEYOND_LIMIT:
		seq_buf_printf(line, "Size (%pa) of region at %pa exceeds limit (%pa)",
			       &size, &base, &limit);
		break;
	case CMA_PLAN_BAD_ALIGN:
		seq_buf_printf(line, "Alignment %#llx is not a power of two",
			       req->align);
		break;
	case CMA_PLAN_NO_SIZE:
		seq_buf_puts(line, "An area of 0 bytes is none");
		break;
	case CMA_PLAN_OVERFLOW:
		seq_buf_printf(line, "Size %#llx at %#llx wraps past the largest address",
			       req->size, req->base);
		break;
	case CMA_PLAN_OK:
		break;
	}
}

/**
 * cma_bootlog_no_plan() - say what is wrong with the place or size wanted
 * @decl: what was wanted
 * @limits: what the machine allows
 * @cause: what is wrong
 *
 * Context: boot.
 */
void __init cma_bootlog_no_plan(const struct cma_declaration *decl,
				const struct cma_plan_limits *limits,
				enum cma_plan_cause cause)
{
	char text[CMA_BOOTLOG_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_bootlog_subject(&line, decl);
	cma_bootlog_cause(&line, &decl->req, limits, cause);
	if (cause == CMA_PLAN_BEYOND_LIMIT && !decl->req.fixed) {
		seq_buf_puts(&line, "; ");
		cma_bootlog_largest(&line, cma_reserve_largest(&decl->req, limits,
							       decl->nid));
	}
	pr_err("%s\n", seq_buf_str(&line));
}

/**
 * cma_bootlog_no_room() - nothing large enough is free
 * @decl: what was wanted
 * @size: bytes, after rounding
 * @largest: bytes that could have been had
 *
 * Context: boot.
 */
void __init cma_bootlog_no_room(const struct cma_declaration *decl, u64 size,
				u64 largest)
{
	char text[CMA_BOOTLOG_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_bootlog_subject(&line, decl);
	seq_buf_puts(&line, "no room for ");
	cma_bootlog_bytes(&line, size);
	seq_buf_puts(&line, " beside what the kernel needs; ");
	cma_bootlog_largest(&line, largest);
	pr_err("%s\n", seq_buf_str(&line));
}

/**
 * cma_bootlog_conflict() - something is in the way of a fixed range
 * @decl: what was wanted
 * @base: first address of the range
 * @size: bytes
 * @conflict: what is in the way
 *
 * Context: boot.
 */
void __init cma_bootlog_conflict(const struct cma_declaration *decl, u64 base,
				 u64 size, const struct cma_conflict *conflict)
{
	char text[CMA_BOOTLOG_LINE];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_bootlog_subject(&line, decl);
	seq_buf_printf(&line, "%#llx-%#llx ", base, base + size);
	cma_conflict_describe(conflict, &line);
	pr_err("%s\n", seq_buf_str(&line));
}

/**
 * cma_bootlog_no_entry() - the table of areas is full
 *
 * Context: boot.
 */
void __init cma_bootlog_no_entry(void)
{
	pr_err("Not enough slots for CMA reserved regions!\n");
}

/**
 * cma_bootlog_not_activated() - an area is dead
 * @cma: the area
 * @err: error of cma_area_activate()
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
 * cma_bootlog_rounded() - an amount was not a multiple of the pageblock size
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

/**
 * cma_of_warn() - remark on a node of the device tree
 * @node: its name
 * @format: the remark, and what follows it
 *
 * Context: boot.
 */
void __init cma_of_warn(const char *node, const char *format, ...)
{
	struct va_format remark = { .fmt = format };
	va_list args;

	va_start(args, format);
	remark.va = &args;
	pr_warn("device tree node %s %pV\n", node, &remark);
	va_end(args);
}

/**
 * cma_of_warn_no_slot() - a pool of the device tree finds no vacant slot
 * @node: its name
 *
 * There may be many of them, so only the first few are named.
 *
 * Context: boot.
 */
void __init cma_of_warn_no_slot(const char *node)
{
	static unsigned int left __initdata = 4;

	if (!left)
		return;
	left--;
	cma_of_warn(node,
		    "refused: all %d slots are taken or kept for the default area, see CONFIG_CMA_AREAS%s",
		       MAX_CMA_AREAS, left ? "" : "; further nodes are not named");
}
