// SPDX-License-Identifier: GPL-2.0
/*
 * The setup of areas at boot: options, the default area, activation.
 *
 * The default area: the device tree comes first, then the command line (cma=),
 * then Kconfig. The first source that says anything decides. If its memory
 * cannot be reserved, the next one decides. One log line tells the decision and
 * why.
 *
 * A mark puts the command line first: cma=!64M overrules the default area of the
 * tree, and cma=!0 means that no node of the tree becomes an area. In a capture
 * kernel, cma=0 means that without the mark.
 *
 * cma_keep=[<area>:]<size> and its default in Kconfig: how much of an area is
 * kept free of borrowers. For each area the last option that names it counts;
 * the option without a name, and Kconfig, mean the default area. One line for
 * each option tells what became of it.
 *
 * cma_pernuma=<size> makes an area on each online node, and
 * numa_cma=<node>:<size>[,<node>:<size>] on chosen nodes. Such an area is on
 * its node or does not exist.
 *
 * The parser of hugetlb_cma= is elsewhere. It stops at the first character that
 * it does not know, and uses what it has read. So cma_option_is_valid() first
 * checks the value as a whole.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/align.h>
#include <linux/cma-boot.h>
#include <linux/cma.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "boot.h"
#include "cma.h"
#include "lib/parse.h"
#include "lib/plan.h"
#include "lib/range.h"

/*
 * The longest useful value, that of cma=, has some 80 characters. The log cuts
 * longer ones, because a line of it is cut, too.
 */
#define CMA_SETUP_TEXT 128
#define CMA_SETUP_CUT "..."

/**
 * struct cma_setup_text - the value of an option as written, for the log
 * @text: the value; of a long one the beginning, and dots
 */
struct cma_setup_text {
	char text[CMA_SETUP_TEXT];
};

static struct cma_setup_text __init cma_setup_quote(const char *value)
{
	struct cma_setup_text quote;
	size_t cut = sizeof(quote.text) - sizeof(CMA_SETUP_CUT);

	if (strscpy(quote.text, value) < 0)
		strscpy(quote.text + cut, CMA_SETUP_CUT, sizeof(CMA_SETUP_CUT));
	return quote;
}

/**
 * struct cma_option - the boot option cma=
 * @given: it was there, and it was valid
 * @overrules: it has the mark that puts it before the device tree
 * @request: what it asks for
 * @quote: its value
 */
struct cma_option {
	bool given;
	bool overrules;
	struct cma_request request;
	struct cma_setup_text quote;
};

static struct cma_option cma_option __initdata;
static bool cma_is_capture __initdata;
static bool cma_default_is_decided __initdata;
static struct cma *cma_default_made __initdata;

/**
 * struct cma_decision - the decision about the default area
 * @offer: what each source says, and whether its memory could not be had
 * @winner: the source that decides
 * @dt: the device tree's node, or NULL
 * @limit: first address that devices cannot reach, 0 without a limit
 * @area: the default area, or NULL
 */
struct cma_decision {
	struct cma_plan_offer offer[CMA_NR_SOURCES];
	enum cma_source winner;
	const struct cma_dt_default *dt;
	phys_addr_t limit;
	struct cma *area;
};

/* Positions count from 1, in the option as it was written. */
static void __init cma_setup_reject(const char *option, const char *text,
				    const struct cma_parse_error *err)
{
	unsigned int at = strlen(option) + strlen("=") + err->at + 1;

	if (err->cause == CMA_PARSE_UNEXPECTED)
		pr_warn("option '%s=%s' rejected: unexpected '%1pE' at character %u; as if not given\n",
			option, cma_setup_quote(text).text, text + err->at, at);
	else
		pr_warn("option '%s=%s' rejected: %s at character %u; as if not given\n",
			option, cma_setup_quote(text).text,
			cma_parse_cause_text(err->cause), at);
}

static void __init cma_setup_reject_empty(const char *option)
{
	pr_warn("Config string not provided: option '%s' rejected; as if not given\n",
		option);
}

static void __init cma_setup_log_rounded(const char *what, u64 asked, u64 got)
{
	char text[64];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	cma_reserve_print_bytes(&line, asked);
	seq_buf_printf(&line, " rounded %s to ", got > asked ? "up" : "down");
	cma_reserve_print_bytes(&line, got);
	pr_info("%s: %s, the page block size is %lu KiB\n", what,
		seq_buf_str(&line), CMA_MIN_ALIGNMENT_BYTES / SZ_1K);
}

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
	bool overrules = text && *text == '!';
	struct cma_parse_error err;
	struct cma_request request;

	if (!text) {
		cma_setup_reject_empty("cma");
		return 0;
	}
	if (cma_parse_request(text + overrules, PHYS_ADDR_MAX, &request, &err) ||
	    !cma_default_can_round(&request.amount, &err)) {
		err.at += overrules;
		cma_setup_reject("cma", text, &err);
		return 0;
	}
	if (cma_option.given)
		pr_info("'cma=%s' replaces 'cma=%s'\n",
			cma_setup_quote(text).text, cma_option.quote.text);
	cma_option.given = true;
	cma_option.overrules = overrules;
	cma_option.request = request;
	cma_option.quote = cma_setup_quote(text);
	return 0;
}
early_param("cma", cma_default_option);

/* The kernel that saves a dump needs its memory for that. */
static int __init cma_setup_note_capture(char *text)
{
	cma_is_capture = true;
	return 0;
}
early_param("elfcorehdr", cma_setup_note_capture);

/**
 * cma_setup_overrules() - does the command line overrule a node of the tree?
 * @is_capture: the device tree says that this is a capture kernel
 * @is_default: the node asks to be the default area
 *
 * Context: boot, after options were parsed.
 * Return: true when the node must not become an area.
 */
bool __init cma_setup_overrules(bool is_capture, bool is_default)
{
	bool is_zero = cma_amount_is_zero(&cma_option.request.amount);

	if (!cma_option.given)
		return false;
	if (is_zero)
		return cma_option.overrules || is_capture || cma_is_capture;
	return cma_option.overrules && is_default;
}

static u64 __init cma_default_percent(unsigned int percent)
{
	u64 pages = PHYS_PFN(memblock_phys_mem_size());

	return div_u64(pages * percent, 100) << PAGE_SHIFT;
}

/* The size is rounded up later, unlike a percentage in cma=. */
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
	cma_reserve_print_bytes(line, bytes);
	seq_buf_puts(line, ")");
}

static void __init cma_default_describe(struct seq_buf *line,
					const struct cma_decision *decision,
					enum cma_source source)
{
	switch (source) {
	case CMA_SOURCE_DT:
		seq_buf_printf(line, "device tree node %.80s",
			       decision->dt->name);
		if (decision->dt->size)
			cma_default_in_brackets(line, decision->dt->size);
		break;
	case CMA_SOURCE_CMDLINE:
		seq_buf_printf(line, "'cma=%s'", cma_option.quote.text);
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
		if (source == CMA_SOURCE_DT && decision->dt->is_overruled)
			seq_buf_puts(line, " overruled");
		else
			seq_buf_puts(line, offer->failed ? " could not be had" :
							   " not used");
		if (source == CMA_SOURCE_CMDLINE && !offer->failed)
			seq_buf_puts(line, ", 'cma=!' would overrule the tree");
	}
}

static void __init cma_default_announce(const struct cma_decision *decision)
{
	char text[512];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	if (decision->area) {
		phys_addr_t base = cma_get_base(decision->area);

		seq_buf_puts(&line, "default area: ");
		cma_reserve_print_bytes(&line, cma_get_size(decision->area));
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

/*
 * cma=64M@1G-1088M: the range is as large as the size, so the base is fixed,
 * too.
 */
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
	char who[CMA_SETUP_TEXT + 8];
	struct seq_buf line;
	struct cma_declaration decl = {
		.req = {
			.size = size,
			.limit = decision->limit,
		},
		.nid = NUMA_NO_NODE,
		.name = "reserved",
		.who = who,
		.is_builtin = !request,
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

/* The bytes that a plain size asks for, for the line that tells of rounding. */
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
		       cma_option.quote.text, CMA_MIN_ALIGNMENT_BYTES / SZ_1K);
		return err;
	}
	err = cma_default_declare(decision, size, request);
	asked = cma_default_asked(&request->amount, size);
	if (!err && asked != size) {
		char what[CMA_SETUP_TEXT + 8];

		snprintf(what, sizeof(what), "'cma=%s'", cma_option.quote.text);
		cma_setup_log_rounded(what, asked, size);
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
 * @dt: what the device tree says, or NULL
 *
 * Context: boot, once, after the architecture registered its RAM and reserved
 * what it needs itself.
 * Return: the default area; NULL when none is made, which is logged.
 */
struct cma *__init cma_reserve_default(phys_addr_t limit,
				       const struct cma_dt_default *dt)
{
	struct cma_decision decision = { .dt = dt, .limit = limit };

	cma_area_end_default();
	cma_default_is_decided = true;
	decision.offer[CMA_SOURCE_DT].given = dt;
	decision.offer[CMA_SOURCE_DT].failed = dt && dt->is_overruled;
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

/* Some architectures never ask for a default area: cma= has no effect there. */
static int __init cma_default_check(void)
{
	if (cma_option.given && !cma_default_is_decided)
		pr_warn("'cma=%s' has no effect: this architecture makes no default area\n",
			cma_option.quote.text);
	return 0;
}
core_initcall(cma_default_check);

/* In a hexadecimal number, B and E are digits. */
static const char *__init cma_option_skip_number(const char *text)
{
	bool is_hex = text[0] == '0' && (text[1] | 0x20) == 'x';

	if (is_hex)
		text += 2;
	while (is_hex ? isxdigit(*text) : isdigit(*text))
		text++;
	return text;
}

/* Only our parser knows the units B and iB; memparse() stops at them. */
static bool __init cma_option_is_plain(const char *text,
				       struct cma_parse_error *err)
{
	const char *at = text;

	while (*at) {
		const char *unit = cma_option_skip_number(at);

		if (unit == at)
			unit++;
		else if (*unit && (unit[1] == 'B' || unit[1] == 'i'))
			break;
		at = unit;
	}
	if (!*at)
		return true;
	err->cause = CMA_PARSE_UNEXPECTED;
	err->at = cma_option_skip_number(at) + 1 - text;
	return false;
}

static bool __init cma_option_is_size(const char *text,
				      struct cma_parse_error *err)
{
	const char *end;
	u64 bytes;

	end = cma_parse_size(text, &bytes, err);
	if (!end)
		return false;
	err->at = end - text;
	err->cause = *end ? CMA_PARSE_UNEXPECTED : CMA_PARSE_OVERFLOW;
	return !*end && bytes <= ULONG_MAX;
}

/**
 * cma_option_is_valid() - is the value a size, or a list of sizes by node?
 * @option: name of the option, for the log
 * @text: its value, NULL without one
 *
 * Context: boot, while options are parsed.
 * Return: true when the whole value is valid; else false, and the reason is
 * logged.
 */
bool __init cma_option_is_valid(const char *option, const char *text)
{
	struct cma_parse_error err;
	bool valid;

	if (!text) {
		cma_setup_reject_empty(option);
		return false;
	}
	valid = strchr(text, ':') ? cma_parse_check_nodes(text, MAX_NUMNODES, &err) :
				    cma_option_is_size(text, &err);
	valid = valid && cma_option_is_plain(text, &err);
	if (!valid)
		cma_setup_reject(option, text, &err);
	return valid;
}

/**
 * struct cma_keep_option - one cma_keep=
 * @area: name of the directory of the area, empty for the default area
 * @bytes: how much
 * @quote: the value
 */
struct cma_keep_option {
	char area[CMA_MAX_DIR];
	u64 bytes;
	struct cma_setup_text quote;
};

/* One option for each area, and as many again that are replaced. */
static struct cma_keep_option cma_keep_options[2 * MAX_CMA_AREAS] __initdata;
static unsigned int cma_keep_count __initdata;

static void __init cma_keep_option_unknown(const char *text)
{
	if (strrchr(text, ':'))
		pr_warn("'cma_keep=%s' has no effect: no area in service has this name\n",
			cma_setup_quote(text).text);
	else
		pr_warn("'cma_keep=%s' has no effect: there is no default area\n",
			cma_setup_quote(text).text);
}

static void __init cma_keep_option_add(const char *text,
				       const struct cma_keep_request *keep)
{
	struct cma_keep_option *option = &cma_keep_options[cma_keep_count];

	if (cma_keep_count == ARRAY_SIZE(cma_keep_options)) {
		pr_warn("option 'cma_keep=%s' rejected: there are %u of them before it; as if not given\n",
			cma_setup_quote(text).text, cma_keep_count);
		return;
	}
	memcpy(option->area, text, keep->name_len);
	option->bytes = keep->bytes;
	option->quote = cma_setup_quote(text);
	cma_keep_count++;
}

static int __init cma_keep_option_read(char *text)
{
	struct cma_parse_error err;
	struct cma_keep_request keep;

	if (!text)
		cma_setup_reject_empty("cma_keep");
	else if (cma_parse_keep(text, &keep, &err))
		cma_setup_reject("cma_keep", text, &err);
	else if (keep.name_len >= CMA_MAX_DIR)
		cma_keep_option_unknown(text);
	else
		cma_keep_option_add(text, &keep);
	return 0;
}
early_param("cma_keep", cma_keep_option_read);

/**
 * struct cma_keep_search - a search for the area of a name
 * @dir: the name
 * @area: receives the area
 */
struct cma_keep_search {
	const char *dir;
	struct cma *area;
};

static int __init cma_keep_option_match(struct cma *cma, void *data)
{
	struct cma_keep_search *search = data;

	if (strcmp(cma->dir, search->dir))
		return 0;
	search->area = cma;
	return 1;
}

/* NULL without such an area, or when it could not be activated. */
static struct cma *__init cma_keep_option_area(const char *dir)
{
	struct cma_keep_search search = { .dir = dir };
	struct cma *area = cma_default_made;

	if (*dir) {
		cma_for_each_area(cma_keep_option_match, &search);
		area = search.area;
	}
	return area && cma_area_is_active(area) ? area : NULL;
}

/* The last option for @area, from @option on; or NULL. */
static const struct cma_keep_option *__init
cma_keep_option_last(const struct cma_keep_option *option,
		     const struct cma *area)
{
	const struct cma_keep_option *end = cma_keep_options + cma_keep_count;
	const struct cma_keep_option *last = NULL;

	for (; option < end; option++)
		if (cma_keep_option_area(option->area) == area)
			last = option;
	return last;
}

static void __init cma_keep_option_say(const char *who, struct cma *area,
				       u64 bytes)
{
	u64 kept = (u64)READ_ONCE(area->kept) << PAGE_SHIFT;
	char text[128];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	if (kept)
		cma_reserve_print_bytes(&line, kept);
	else
		seq_buf_puts(&line, "nothing");
	seq_buf_printf(&line, " of area %s kept free of borrowers",
		       cma_get_name(area));
	if (kept != bytes) {
		seq_buf_puts(&line, ", rounded up from ");
		cma_reserve_print_bytes(&line, bytes);
	}
	pr_info("%s: %s\n", who, seq_buf_str(&line));
}

static void __init cma_keep_option_set(const char *who, struct cma *area,
				       u64 bytes)
{
	u64 size = cma_get_size(area);
	int err = -ERANGE;

	if (bytes <= size)
		err = cma_keep_set(area, DIV_ROUND_UP_ULL(bytes, PAGE_SIZE));
	if (!err)
		cma_keep_option_say(who, area, bytes);
	else if (err == -ERANGE)
		pr_err("%s refused: area %s has no more than %llu MiB; nothing of it kept free of borrowers\n",
		       who, cma_get_name(area), size >> 20);
	else
		pr_err("%s refused: error %d; nothing of area %s kept free of borrowers\n",
		       who, err, cma_get_name(area));
}

static void __init cma_keep_option_apply_one(const struct cma_keep_option *option)
{
	struct cma *area = cma_keep_option_area(option->area);
	const struct cma_keep_option *last;
	char who[CMA_SETUP_TEXT + 16];

	if (!area) {
		cma_keep_option_unknown(option->quote.text);
		return;
	}
	last = cma_keep_option_last(option, area);
	if (last != option) {
		pr_info("'cma_keep=%s' replaces 'cma_keep=%s'\n", last->quote.text,
			option->quote.text);
		return;
	}
	snprintf(who, sizeof(who), "'cma_keep=%s'", option->quote.text);
	cma_keep_option_set(who, area, option->bytes);
}

static void __init cma_keep_option_apply_kconfig(void)
{
	struct cma *area = cma_keep_option_area("");
	char who[32];

	if (!CMA_DEFAULT_KEEP_MBYTES || !area ||
	    cma_keep_option_last(cma_keep_options, area))
		return;
	snprintf(who, sizeof(who), "Kconfig (%d MiB)", CMA_DEFAULT_KEEP_MBYTES);
	cma_keep_option_set(who, area, (u64)CMA_DEFAULT_KEEP_MBYTES * SZ_1M);
}

/* Called right after activation, while all pages of the areas are free. */
static void __init cma_keep_option_apply(void)
{
	unsigned int i;

	cma_keep_option_apply_kconfig();
	for (i = 0; i < cma_keep_count; i++)
		cma_keep_option_apply_one(&cma_keep_options[i]);
}

static void __init cma_setup_log_dead(const struct cma *cma, int err)
{
	pr_err("CMA area %s could not be activated: %s, %s\n", cma->name,
	       err == -EXDEV ? "it crosses a zone boundary" :
			       "no memory for its bitmap",
	       cma->keep_reserved ? "its memory stays reserved" :
				    "its memory is ordinary memory now");
}

static struct cma *cma_pernuma_area[MAX_NUMNODES];
static struct cma *cma_numa_area[MAX_NUMNODES];

static u64 cma_pernuma_bytes __initdata;
static u64 cma_numa_bytes[MAX_NUMNODES] __initdata;

/**
 * cma_setup_node_area() - find the area of a node
 * @nid: the node, or NUMA_NO_NODE
 * @kind: from cma_pernuma= or from numa_cma=
 *
 * Context: any, after boot reserved memory.
 * Return: the area, or NULL.
 */
struct cma *cma_setup_node_area(int nid, enum cma_node_kind kind)
{
	if (!IS_ENABLED(CONFIG_DMA_NUMA_CMA) || nid == NUMA_NO_NODE)
		return NULL;
	return kind == CMA_NODE_PERNUMA ? cma_pernuma_area[nid] :
					  cma_numa_area[nid];
}

/* A kernel without such areas logs that, once for each option. */
static bool __init cma_numa_check(const char *option, const char *text)
{
	if (!IS_ENABLED(CONFIG_DMA_NUMA_CMA))
		pr_warn("option '%s=%s' rejected: this kernel has no areas of single nodes; as if not given\n",
			option, cma_setup_quote(text).text);
	return IS_ENABLED(CONFIG_DMA_NUMA_CMA);
}

static void __init cma_numa_apply(const char *list)
{
	struct cma_parse_error err;
	struct cma_parse_node part;

	while (*list) {
		list = cma_parse_next_node(list, MAX_NUMNODES, &part, &err);
		if (cma_numa_bytes[part.nid])
			pr_info("numa_cma: node %u is named twice, the last one counts\n",
				part.nid);
		cma_numa_bytes[part.nid] = part.bytes;
	}
}

static int __init cma_numa_option(char *text)
{
	struct cma_parse_error err;

	if (!text)
		cma_setup_reject_empty("numa_cma");
	else if (!cma_numa_check("numa_cma", text))
		return 0;
	else if (cma_parse_check_nodes(text, MAX_NUMNODES, &err))
		cma_numa_apply(text);
	else
		cma_setup_reject("numa_cma", text, &err);
	return 0;
}
early_param("numa_cma", cma_numa_option);

static int __init cma_pernuma_option(char *text)
{
	struct cma_parse_error err = { .cause = CMA_PARSE_UNEXPECTED };
	const char *rest;
	u64 bytes;

	if (!text) {
		cma_setup_reject_empty("cma_pernuma");
		return 0;
	}
	if (!cma_numa_check("cma_pernuma", text))
		return 0;
	rest = cma_parse_size(text, &bytes, &err);
	if (rest && !*rest) {
		cma_pernuma_bytes = bytes;
		return 0;
	}
	if (rest)
		err.at = rest - text;
	cma_setup_reject("cma_pernuma", text, &err);
	return 0;
}
early_param("cma_pernuma", cma_pernuma_option);

static void __init cma_numa_declare(int nid, u64 size, const char *prefix,
				    struct cma **area)
{
	char name[CMA_MAX_NAME];
	const struct cma_declaration decl = {
		.req = { .size = size },
		.nid = nid,
		.name = name,
	};
	int err;

	if (!size)
		return;
	snprintf(name, sizeof(name), "%s%d", prefix, nid);
	err = cma_declare(&decl, area);
	if (err)
		pr_warn("dma_numa_cma_reserve: reservation failed: err %d, node %d\n",
			err, nid);
	else if (cma_get_size(*area) != size)
		cma_setup_log_rounded(name, size, cma_get_size(*area));
}

/**
 * cma_setup_nodes() - make the areas that belong to single nodes
 *
 * Context: boot, before the default area is made, after NUMA is known.
 */
void __init cma_setup_nodes(void)
{
	int nid;

	if (!IS_ENABLED(CONFIG_DMA_NUMA_CMA))
		return;
	for (nid = 0; nid < MAX_NUMNODES; nid++) {
		if (!node_online(nid)) {
			if (cma_numa_bytes[nid] ||
			    (cma_pernuma_bytes && node_possible(nid)))
				pr_warn("invalid node %d specified\n", nid);
			continue;
		}
		cma_numa_declare(nid, cma_pernuma_bytes, "pernuma",
				 &cma_pernuma_area[nid]);
		cma_numa_declare(nid, cma_numa_bytes[nid], "numa",
				 &cma_numa_area[nid]);
	}
}

static int __init cma_activate_one(struct cma *cma, void *unused)
{
	int err = cma_area_activate(cma);

	if (err) {
		totalcma_pages -= cma_range_len(cma->range);
		cma_setup_log_dead(cma, err);
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
