// SPDX-License-Identifier: GPL-2.0
/*
 * The default area: device tree over command line over Kconfig. The first of
 * them that says anything decides, unless its memory cannot be had; then the
 * next one does. Whatever is decided, one line tells what and why.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/align.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cma.h"
#include "bootlog.h"
#include "default.h"
#include "failure.h"
#include "keep_option.h"
#include "lib/parse.h"

/* The longest form that makes sense has some 80 characters. */
#define CMA_DEFAULT_TEXT 128

/**
 * struct cma_option - the boot option cma=
 * @given: it was there, and it was valid
 * @request: what it asks for
 * @text: its value as written, for the log
 */
struct cma_option {
	bool given;
	struct cma_request request;
	char text[CMA_DEFAULT_TEXT];
};

static struct cma_option cma_option __initdata;
static bool cma_default_is_decided __initdata;
static struct cma *cma_default_made __initdata;

/**
 * struct cma_decision - what is being decided about the default area
 * @offer: what each source says, and whether it was tried in vain
 * @winner: the source that decides
 * @dt: the device tree's node, or NULL
 * @limit: first address that devices cannot reach, 0 without a limit
 * @area: the default area, NULL when there is none
 */
struct cma_decision {
	struct cma_plan_offer offer[CMA_NR_SOURCES];
	enum cma_source winner;
	const struct cma_dt_default *dt;
	phys_addr_t limit;
	struct cma *area;
};

static bool __init cma_default_can_round(const struct cma_amount *amount,
					 struct cma_parse_error *err)
{
	if (cma_amount_least(amount) <=
	    PHYS_ADDR_MAX - CMA_MIN_ALIGNMENT_BYTES + 1)
		return true;
	*err = (struct cma_parse_error){ .cause = CMA_PARSE_OVERFLOW };
	return false;
}

static int __init cma_default_option(char *text)
{
	struct cma_parse_error err;
	struct cma_request request;

	if (!text) {
		cma_bootlog_no_text("cma");
		return 0;
	}
	if (cma_parse_request(text, PHYS_ADDR_MAX, &request, &err) ||
	    !cma_default_can_round(&request.amount, &err)) {
		cma_bootlog_bad_text("cma", text, &err);
		return 0;
	}
	if (cma_option.given)
		cma_bootlog_override(cma_option.text, text);
	cma_option.given = true;
	cma_option.request = request;
	strscpy(cma_option.text, text, sizeof(cma_option.text));
	return 0;
}
early_param("cma", cma_default_option);

static u64 __init cma_default_percent(unsigned int percent)
{
	u64 pages = PHYS_PFN(memblock_phys_mem_size());

	return div_u64(pages * percent, 100) << PAGE_SHIFT;
}

/* Rounded up, unlike a share that is written out in cma=. */
static u64 __init cma_default_kconfig_bytes(void)
{
	u64 mbytes = (u64)CMA_DEFAULT_MBYTES << 20;
	u64 share = cma_default_percent(CMA_DEFAULT_PERCENT);

	if (IS_ENABLED(CONFIG_CMA_SIZE_SEL_PERCENTAGE))
		return share;
	if (IS_ENABLED(CONFIG_CMA_SIZE_SEL_MIN))
		return min(mbytes, share);
	if (IS_ENABLED(CONFIG_CMA_SIZE_SEL_MAX))
		return max(mbytes, share);
	return mbytes;
}

static void __init cma_default_in_brackets(struct seq_buf *line, u64 bytes)
{
	seq_buf_puts(line, " (");
	cma_bootlog_bytes(line, bytes);
	seq_buf_puts(line, ")");
}

static void __init cma_default_describe(struct seq_buf *line,
					const struct cma_decision *decision,
					enum cma_source source)
{
	switch (source) {
	case CMA_SOURCE_DT:
		seq_buf_printf(line, "device tree node %s", decision->dt->name);
		if (decision->dt->size)
			cma_default_in_brackets(line, decision->dt->size);
		break;
	case CMA_SOURCE_CMDLINE:
		seq_buf_printf(line, "'cma=%s'", cma_option.text);
		break;
	case CMA_SOURCE_KCONFIG:
		seq_buf_puts(line, "Kconfig");
		cma_default_in_brackets(line, cma_default_kconfig_bytes());
		break;
	case CMA_NR_SOURCES:
		break;
	}
}

static void __init cma_default_describe_others(struct seq_buf *line,
					       const struct cma_decision *decision)
{
	enum cma_source source;

	for (source = 0; source < CMA_NR_SOURCES; source++) {
		const struct cma_plan_offer *offer = &decision->offer[source];

		if (!offer->given || source == decision->winner)
			continue;
		seq_buf_puts(line, "; ");
		cma_default_describe(line, decision, source);
		seq_buf_puts(line, offer->failed ? " could not be had" :
						   " not used");
	}
}

static void __init cma_default_announce(const struct cma_decision *decision)
{
	char text[320];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	if (decision->area) {
		phys_addr_t base = cma_get_base(decision->area);

		seq_buf_puts(&line, "default area: ");
		cma_bootlog_bytes(&line, cma_get_size(decision->area));
		seq_buf_printf(&line, " at %pa from ", &base);
	} else if (decision->winner == CMA_NR_SOURCES) {
		seq_buf_puts(&line, "no default area");
	} else {
		seq_buf_puts(&line, "switched off by ");
	}
	cma_default_describe(&line, decision, decision->winner);
	cma_default_describe_others(&line, decision);
	pr_info("%s\n", seq_buf_str(&line));
}

/* A range that the size fills leaves no choice either. */
static bool __init cma_default_is_fixed(const struct cma_request *request,
					u64 size)
{
	return request->placement == CMA_PLACE_FIXED ||
	       (request->placement == CMA_PLACE_WITHIN &&
		request->end - request->base == size);
}

static int __init cma_default_declare(struct cma_decision *decision, u64 size,
				      const struct cma_request *request)
{
	char who[CMA_DEFAULT_TEXT + 8];
	struct seq_buf line;
	struct cma_declaration decl = {
		.req = {
			.size = size,
			.limit = decision->limit,
		},
		.nid = NUMA_NO_NODE,
		.name = "reserved",
		.who = who,
	};

	seq_buf_init(&line, who, sizeof(who));
	cma_default_describe(&line, decision, decision->winner);
	seq_buf_str(&line);

	if (request && request->placement != CMA_PLACE_ANYWHERE) {
		decl.req.base = request->base;
		decl.req.fixed = cma_default_is_fixed(request, size);
	}
	if (request && request->placement == CMA_PLACE_WITHIN)
		decl.req.limit = min_not_zero(request->end,
					      (u64)decision->limit);
	return cma_declare(&decl, &decision->area);
}

/* Bytes asked for by a plain size, for the line that tells of rounding. */
static u64 __init cma_default_asked(const struct cma_amount *amount, u64 size)
{
	if (amount->op != CMA_AMOUNT_SINGLE || amount->term[0].is_percent)
		return size;
	return amount->term[0].value;
}

static int __init cma_default_from_option(struct cma_decision *decision)
{
	const struct cma_request *request = &cma_option.request;
	u64 asked, size;
	int err;

	if (cma_amount_is_zero(&request->amount))
		return 0;
	err = cma_amount_resolve(&request->amount, memblock_phys_mem_size(),
				 CMA_MIN_ALIGNMENT_BYTES, &size);
	if (err) {
		pr_err("'cma=%s' refused: it is less than a page block of %lu KiB\n",
		       cma_option.text, CMA_MIN_ALIGNMENT_BYTES / SZ_1K);
		return err;
	}
	err = cma_default_declare(decision, size, request);
	asked = cma_default_asked(&request->amount, size);
	if (!err && asked != size) {
		char what[CMA_DEFAULT_TEXT + 8];

		snprintf(what, sizeof(what), "'cma=%s'", cma_option.text);
		cma_bootlog_rounded(what, asked, size);
	}
	return err;
}

static int __init cma_default_try(struct cma_decision *decision)
{
	switch (decision->winner) {
	case CMA_SOURCE_DT:
		decision->area = decision->dt->area;
		return decision->area ? 0 : -EBUSY;
	case CMA_SOURCE_CMDLINE:
		return cma_default_from_option(decision);
	case CMA_SOURCE_KCONFIG:
		return cma_default_declare(decision,
					   cma_default_kconfig_bytes(), NULL);
	case CMA_NR_SOURCES:
		break;
	}
	return 0;
}

/**
 * cma_reserve_default() - make the default area
 * @limit: first address that devices cannot reach, 0 without a limit
 * @dt: what the device tree says, NULL when nothing
 *
 * Context: boot, once, after the architecture registered and reserved what it
 * needs itself.
 * Return: the default area; NULL when there is none, which has been logged.
 */
struct cma *__init cma_reserve_default(phys_addr_t limit,
				       const struct cma_dt_default *dt)
{
	struct cma_decision decision = { .dt = dt, .limit = limit };

	cma_area_end_default();
	cma_default_is_decided = true;
	decision.offer[CMA_SOURCE_DT].given = dt;
	decision.offer[CMA_SOURCE_CMDLINE].given = cma_option.given;
	decision.offer[CMA_SOURCE_KCONFIG].given = cma_default_kconfig_bytes();
	for (;;) {
		decision.winner = cma_plan_source(decision.offer);
		if (!cma_default_try(&decision))
			break;
		decision.offer[decision.winner].failed = true;
	}
	cma_default_announce(&decision);
	cma_default_made = decision.area;
	return decision.area;
}

/**
 * cma_default_area() - which area is the default area?
 *
 * Context: boot, after cma_reserve_default() if the architecture calls it.
 * Return: the area, which may have failed since; NULL when there is none.
 */
struct cma *__init cma_default_area(void)
{
	return cma_default_made;
}

/* Not every architecture asks for a default area; do not let that go unsaid. */
static int __init cma_default_check(void)
{
	if (cma_option.given && !cma_default_is_decided)
		pr_warn("'cma=%s' has no effect: this architecture makes no default area\n",
			cma_option.text);
	return 0;
}
core_initcall(cma_default_check);

static int __init cma_activate_one(struct cma *cma, void *unused)
{
	int err;

	/* The room comes first: an active area may fail to serve at once. */
	cma->failures = cma_failures_new();
	err = cma_area_activate(cma);
	if (err) {
		kfree(cma->failures);
		cma->failures = NULL;
		totalcma_pages -= cma_range_len(cma->range);
		cma_bootlog_not_activated(cma, err);
	}
	return 0;
}

static int __init cma_activate_all(void)
{
	int err = cma_for_each_area(cma_activate_one, NULL);

	cma_keep_option_apply();
	return err;
}
core_initcall(cma_activate_all);
