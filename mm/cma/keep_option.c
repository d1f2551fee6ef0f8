// SPDX-License-Identifier: GPL-2.0
/*
 * cma_keep=[<area>:]<size> and its default in Kconfig. For each area the last
 * option that names it counts; the option without a name, and Kconfig, mean the
 * default area. One line for each option tells what became of it.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/init.h>
#include <linux/math.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "bootlog.h"
#include "cma.h"
#include "default.h"
#include "keep_option.h"
#include "lib/parse.h"

/* The longest name has 67 characters. */
#define CMA_KEEP_TEXT 128

/**
 * struct cma_keep_option - one cma_keep=
 * @area: name of the directory of the area, empty for the default area
 * @bytes: how much
 * @text: the value as written, for the log
 */
struct cma_keep_option {
	char area[CMA_MAX_DIR];
	u64 bytes;
	char text[CMA_KEEP_TEXT];
};

/* One for each area, and as many that are replaced. */
static struct cma_keep_option cma_keep_options[2 * MAX_CMA_AREAS] __initdata;
static unsigned int cma_keep_count __initdata;

static void __init cma_keep_option_unknown(const char *text)
{
	if (strrchr(text, ':'))
		pr_warn("'cma_keep=%s' has no effect: no area in service has this name\n",
			text);
	else
		pr_warn("'cma_keep=%s' has no effect: there is no default area\n",
			text);
}

static void __init cma_keep_option_add(const char *text,
				       const struct cma_keep_request *keep)
{
	struct cma_keep_option *option = &cma_keep_options[cma_keep_count];

	if (cma_keep_count == ARRAY_SIZE(cma_keep_options)) {
		pr_warn("option 'cma_keep=%s' rejected: there are %u of them before it; as if not given\n",
			text, cma_keep_count);
		return;
	}
	memcpy(option->area, text, keep->name_len);
	option->bytes = keep->bytes;
	strscpy(option->text, text, sizeof(option->text));
	cma_keep_count++;
}

static int __init cma_keep_option_read(char *text)
{
	struct cma_parse_error err;
	struct cma_keep_request keep;

	if (!text)
		cma_bootlog_no_text("cma_keep");
	else if (cma_parse_keep(text, &keep, &err))
		cma_bootlog_bad_text("cma_keep", text, &err);
	else if (keep.name_len >= CMA_MAX_DIR)
		cma_keep_option_unknown(text);
	else
		cma_keep_option_add(text, &keep);
	return 0;
}
early_param("cma_keep", cma_keep_option_read);

/**
 * struct cma_keep_search - the area of a name, see cma_keep_option_match()
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

/* NULL when there is none, or it could not be activated. */
static struct cma *__init cma_keep_option_area(const char *dir)
{
	struct cma_keep_search search = { .dir = dir };
	struct cma *area = cma_default_area();

	if (*dir) {
		cma_for_each_area(cma_keep_option_match, &search);
		area = search.area;
	}
	return area && cma_area_is_active(area) ? area : NULL;
}

/* Which option decides about @area, of those from @option on; or NULL. */
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
	u64 kept = (u64)cma_keep_pages(area) << PAGE_SHIFT;
	char text[128];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	if (kept)
		cma_bootlog_bytes(&line, kept);
	else
		seq_buf_puts(&line, "nothing");
	seq_buf_printf(&line, " of area %s kept free of borrowers",
		       cma_get_name(area));
	if (kept != bytes) {
		seq_buf_puts(&line, ", rounded up from ");
		cma_bootlog_bytes(&line, bytes);
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
	char who[CMA_KEEP_TEXT + 16];

	if (!area) {
		cma_keep_option_unknown(option->text);
		return;
	}
	last = cma_keep_option_last(option, area);
	if (last != option) {
		pr_info("'cma_keep=%s' replaces 'cma_keep=%s'\n", last->text,
			option->text);
		return;
	}
	snprintf(who, sizeof(who), "'cma_keep=%s'", option->text);
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

/**
 * cma_keep_option_apply() - set aside what is to be kept free of borrowers
 *
 * Context: boot, right after areas were activated, while all of them is free.
 */
void __init cma_keep_option_apply(void)
{
	unsigned int i;

	cma_keep_option_apply_kconfig();
	for (i = 0; i < cma_keep_count; i++)
		cma_keep_option_apply_one(&cma_keep_options[i]);
}
