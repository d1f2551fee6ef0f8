// SPDX-License-Identifier: GPL-2.0
/*
 * cma map --html: one page without anything from elsewhere, of one time or of
 * several. All of it is in the page as text; a small script only hides what is
 * of another time than the slider says, so without scripts all of it is shown.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "memory.h"
#include "message.h"
#include "picture.h"

/* Those that hold less share a line, and so do those at higher addresses. */
#define GROUPS_LISTED 64
#define HOLDERS_LISTED 256
/* Units of the drawings, which are stretched to the width of the page. */
#define STRIP_WIDTH 1000
#define STRIP_LEAST 4
#define BAR_WIDTH 10
#define BAR_HEIGHT 40

/**
 * struct view - an area at one time
 * @area: the area
 * @has_picture: is it known what is where?
 * @picture: the picture
 * @holders: who holds what
 */
struct view {
	const struct area *area;
	bool has_picture;
	struct picture picture;
	struct detail holders;
};

/**
 * struct shot - all areas at one time
 * @label: where it comes from, and when it was
 * @kernel: which it was, or NULL
 * @view: the areas
 * @nr: how many
 */
struct shot {
	const char *label;
	const char *kernel;
	struct view *view;
	size_t nr;
};

/**
 * struct page - all that there is to show
 * @shot: the times
 * @nr: how many, at least 1
 * @names: names of all areas
 */
struct page {
	struct shot *shot;
	size_t nr;
	struct names names;
};

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n"
	"<title>Contiguous memory</title>\n";

/* It comes after that of the figures, and widens what they are drawn in. */
static const char style[] =
	"<style>\n"
	":root{--ink:#222;--paper:#fff;--soft:#595959;--line:#ccc;--back:#eee}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#16191d;"
	"--soft:#a5a5a5;--line:#444;--back:#2a2e34}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:12px;max-width:1100px;background:var(--paper);"
	"color:var(--ink);font:16px/1.4 sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:20px;margin:0 0 8px}h2{font-size:18px;margin:20px 0 4px}\n"
	"h3{font-size:16px;margin:16px 0 4px}p{margin:4px 0}\n"
	"small,.soft{color:var(--soft);font-size:14px}\n"
	"svg{display:block;width:100%;max-width:none;background:none}\n"
	"svg.strip{height:10px;background:var(--back)}\n"
	"svg.chart{height:40px;background:var(--back)}\n"
	".bar{opacity:.45}.bar.now{opacity:1}\n"
	"nav{position:sticky;top:0;padding:8px 0 4px;background:var(--paper);"
	"border-bottom:1px solid var(--line)}\n"
	"nav div{display:flex;gap:8px}nav output{display:block;margin-top:4px}\n"
	"nav input{flex:1;min-width:0;height:44px;margin:0;accent-color:#0072b2}\n"
	"nav button{width:48px;height:44px;font-size:18px;color:var(--ink);"
	"background:var(--back);border:1px solid var(--line);border-radius:6px}\n"
	"nav button:disabled{opacity:.4}\n"
	":focus-visible{outline:3px solid #e69f00;outline-offset:2px}\n"
	"figure{margin:8px 0}ol{margin:0;padding:0;list-style:none}\n"
	"li{padding:6px 0;border-top:1px solid var(--line)}\n"
	"li b{display:inline-block;min-width:60px}\n"
	"table{width:100%;border-collapse:collapse;font-size:14px}\n"
	"th,td{padding:4px 8px 4px 0;text-align:left;vertical-align:top;"
	"border-top:1px solid var(--line)}td small{display:block}\n"
	"th,td.whole{white-space:nowrap;font-variant-numeric:tabular-nums}\n"
	"@media (min-width:760px){.both{display:grid;grid-template-columns:1fr 1fr;"
	"gap:24px}}\n"
	"</style>\n";

static const char script[] =
	"<script>\n"
	"'use strict';\n"
	"(() => {\n"
	"const all = name => [...document.querySelectorAll(name)];\n"
	"const shots = all('.shot'), bars = all('.bar');\n"
	"const [nav] = all('nav'), [slider] = all('nav input');\n"
	"const [before, after] = all('nav button'), [said] = all('nav output');\n"
	"const show = at => {\n"
	"  shots.forEach((shot, i) => { shot.hidden = i !== at; });\n"
	"  bars.forEach(bar => bar.classList.toggle('now', +bar.dataset.shot === at));\n"
	"  slider.value = at;\n"
	"  slider.setAttribute('aria-valuetext', shots[at].dataset.label);\n"
	"  said.textContent = `${at + 1} of ${shots.length}: ${shots[at].dataset.label}`;\n"
	"  before.disabled = at === 0;\n"
	"  after.disabled = at === shots.length - 1;\n"
	"};\n"
	"slider.addEventListener('input', () => show(+slider.value));\n"
	"before.addEventListener('click', () => show(+slider.value - 1));\n"
	"after.addEventListener('click', () => show(+slider.value + 1));\n"
	"nav.hidden = false;\n"
	"show(shots.length - 1);\n"
	"})();\n"
	"</script>\n";

static char *xml(const char *text)
{
	return text_quote(text, QUOTE_XML);
}

/* The first word of a file, or NULL. */
static char *first_word(const char *path)
{
	struct text text = {};
	struct span rest, word;

	if (source_read(path, &text))
		return NULL;
	rest = (struct span){ text.data, text.data + text.len };
	if (!span_word(&rest, &word))
		return NULL;
	return text_of("%.*s", (int)(word.end - word.at), word.at);
}

/* In tenths of seconds at first, as much happens then. */
static char *uptime(void)
{
	char *word = first_word("proc/uptime");
	struct span part;
	u64 seconds;

	if (!word)
		return NULL;
	part = (struct span){ word, word + strcspn(word, ".") };
	if (!span_number(part, &seconds) || seconds > NOT_KNOWN / 1000)
		return NULL;
	if (seconds >= 60 || !*part.end || !isdigit(part.end[1]))
		return text_age(seconds * 1000);
	return text_of("%llu%.2ss", seconds, part.end);
}

static const char *label_of(const char *place)
{
	const char *slash = place ? strrchr(place, '/') : NULL;
	const char *name = !place ? "this machine" : slash && slash[1] ?
			   slash + 1 : place;
	char *time = uptime();

	name = text_quote(name, QUOTE_TERMINAL);
	return time ? text_of("%s, %s after boot", name, time) : name;
}

static const char *kernel_of_record(void)
{
	struct text text = {};

	if (!source_is_record() || source_read(RECORD_UNAME, &text))
		return NULL;
	return text_quote(text_of("%.*s", (int)strcspn(text.data, "\n"),
				  text.data), QUOTE_TERMINAL);
}

/* Returns false when it is not known of some area what is where. */
static bool take_shot(struct shot *shot, const char *place, bool fine)
{
	struct areas areas = areas_get(NULL);
	bool is_whole = true;
	size_t i;

	*shot = (struct shot){
		.label = label_of(place),
		.kernel = kernel_of_record(),
		.view = memory_get(areas.nr, sizeof(*shot->view)),
		.nr = areas.nr,
	};
	for (i = 0; i < areas.nr; i++) {
		struct view *view = &shot->view[i];

		view->area = &areas.area[i];
		view->has_picture = picture_make(&view->picture, view->area,
						 fine);
		view->holders = detail_holders(view->area);
		is_whole &= view->has_picture;
	}
	if (!is_whole)
		areas_explain("maps");
	return is_whole;
}

static void add_names(struct names *names, const struct shot *shot)
{
	size_t i, k;

	for (i = 0; i < shot->nr; i++) {
		const char *name = shot->view[i].area->name;

		for (k = 0; k < names->nr; k++)
			if (!strcmp(names->name[k], name))
				break;
		if (k == names->nr)
			names_add(names, name, strlen(name));
	}
}

static const struct area *area_in(const struct shot *shot, const char *name)
{
	size_t i;

	for (i = 0; i < shot->nr; i++)
		if (!strcmp(shot->view[i].area->name, name))
			return shot->view[i].area;
	return NULL;
}

static void print_bar(const struct area *area, size_t i)
{
	u64 height;

	if (!area || area->held == NOT_KNOWN || area->pages == NOT_KNOWN ||
	    !area->pages || area->held > area->pages)
		return;
	height = area->held * BAR_HEIGHT / area->pages;
	printf("<rect class=\"held bar\" data-shot=\"%zu\" x=\"%zu\" y=\"%llu\" ",
	       i, i * BAR_WIDTH, BAR_HEIGHT - height);
	printf("width=\"%d\" height=\"%llu\"/>\n", BAR_WIDTH - 1, height);
}

/* How much was held each time, as a bar. */
static void print_chart(const struct page *page, const char *name)
{
	char *label = xml(text_quote(name, QUOTE_TERMINAL));
	size_t i;

	printf("<p class=\"soft\">%s: how much of it is held, over time</p>\n",
	       label);
	printf("<svg class=\"chart\" role=\"img\" aria-label=\"%s: held over time\" ",
	       label);
	printf("viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\">\n",
	       page->nr * BAR_WIDTH - 1, BAR_HEIGHT);
	for (i = 0; i < page->nr; i++)
		print_bar(area_in(&page->shot[i], name), i);
	fputs("</svg>\n", stdout);
}

static void print_controls(const struct page *page)
{
	fputs("<nav aria-label=\"Time\" hidden>\n<div>", stdout);
	fputs("<button type=\"button\" aria-label=\"earlier\">&lt;</button>",
	      stdout);
	printf("<input type=\"range\" min=\"0\" max=\"%zu\" aria-label=\"time\">",
	       page->nr - 1);
	fputs("<button type=\"button\" aria-label=\"later\">&gt;</button></div>\n",
	      stdout);
	fputs("<output></output>\n</nav>\n", stdout);
}

static void print_charts(const struct page *page)
{
	size_t i;

	for (i = 0; i < page->names.nr; i++)
		print_chart(page, page->names.name[i]);
}

static void print_sums(const struct area *area)
{
	printf("<p>held %s of %s", area_size(area, area->held),
	       area_size(area, area->pages));
	if (area->peak != NOT_KNOWN)
		printf(", at most %s", area_size(area, area->peak));
	printf("; largest window %s", area_size(area, area->largest));
	if (area->fail_calls != NOT_KNOWN)
		printf("; %llu call%s failed", area->fail_calls,
		       area->fail_calls == 1 ? "" : "s");
	puts("</p>");
}

static bool is_of(const struct holder *holder, const struct holder *group)
{
	return holder->pid == group->pid &&
	       !strcmp(holder->name, group->name) &&
	       !strcmp(holder->task, group->task);
}

/* Where in the area the pieces of a holder are. */
static void print_strip(const struct view *view, const struct holder *group)
{
	const struct area *area = view->area;
	size_t i;

	if (area->base_pfn == NOT_KNOWN || area->pages == NOT_KNOWN)
		return;
	printf("<svg class=\"strip\" aria-hidden=\"true\" viewBox=\"0 0 %d 1\" ",
	       STRIP_WIDTH);
	fputs("preserveAspectRatio=\"none\">", stdout);
	for (i = 0; i < view->holders.nr; i++) {
		const struct holder *holder = &view->holders.holder[i];
		u64 at = holder->pfn - area->base_pfn;
		u64 width = holder->pages * STRIP_WIDTH / area->pages;

		if (!is_of(holder, group))
			continue;
		printf("<rect class=\"held\" x=\"%llu\" y=\"0\" width=\"%llu\" ",
		       at * STRIP_WIDTH / area->pages,
		       width < STRIP_LEAST ? STRIP_LEAST : width);
		fputs("height=\"1\"/>", stdout);
	}
	puts("</svg>");
}

static void print_group(const struct view *view, const struct group *group)
{
	const struct holder *holder = &group->holder;

	printf("<li><b>%s</b> <span class=\"name\">%s</span> <small>",
	       area_size(view->area, holder->pages),
	       xml(text_quote(holder->name, QUOTE_TERMINAL)));
	if (holder->pid != NOT_KNOWN)
		printf("%s, pid %llu; ",
		       xml(text_quote(holder->task, QUOTE_TERMINAL)),
		       holder->pid);
	if (group->pieces > 1)
		printf("%llu pieces; ", group->pieces);
	if (holder->age_ms != NOT_KNOWN)
		printf("%s old", text_age(holder->age_ms));
	puts("</small>");
	print_strip(view, holder);
	puts("</li>");
}

static void print_other_groups(const struct groups *groups)
{
	u64 pages = 0;
	size_t i;

	for (i = GROUPS_LISTED; i < groups->nr; i++)
		pages += groups->group[i].holder.pages;
	if (pages)
		printf("<li><b>%s</b> %zu more</li>\n",
		       area_size(groups->group->area, pages),
		       groups->nr - GROUPS_LISTED);
}

static void print_groups(const struct view *view)
{
	struct groups groups = {};
	size_t i;

	groups_collect(&groups, view->area, &view->holders);
	groups_merge(&groups);
	groups_sort(&groups);
	puts("<ol>");
	for (i = 0; i < groups.nr && i < GROUPS_LISTED; i++)
		print_group(view, &groups.group[i]);
	print_other_groups(&groups);
	puts("</ol>");
}

static void print_who(const struct view *view)
{
	puts("<div><h3>Who holds it, and where</h3>");
	if (!view->holders.is_known)
		printf("<p>%s held, nothing tells by whom</p>\n",
		       area_size(view->area, view->area->held));
	else if (!view->holders.nr)
		puts("<p>nothing is held</p>");
	else
		print_groups(view);
	puts("</div>");
}

static void print_row(const struct area *area, const struct holder *holder)
{
	printf("<tr><td class=\"whole\">0x%llx</td><td class=\"whole\">%s</td>",
	       holder->pfn * area->page_size, area_size(area, holder->pages));
	printf("<td class=\"whole\">%s</td><td>%s", text_age(holder->age_ms),
	       xml(text_quote(holder->name, QUOTE_TERMINAL)));
	if (holder->pid != NOT_KNOWN)
		printf(" <small>%s, %llu</small>",
		       xml(text_quote(holder->task, QUOTE_TERMINAL)),
		       holder->pid);
	puts("</td></tr>");
}

static void print_table(const struct view *view)
{
	const struct detail *holders = &view->holders;
	size_t i;

	if (!holders->nr)
		return;
	puts("<h3>Each allocation</h3>\n<table><thead><tr><th>address</th>");
	puts("<th>size</th><th>age</th><th>holder</th></tr></thead><tbody>");
	for (i = 0; i < holders->nr && i < HOLDERS_LISTED; i++)
		print_row(view->area, &holders->holder[i]);
	puts("</tbody></table>");
	if (holders->nr > HOLDERS_LISTED)
		printf("<p>and %zu more</p>\n", holders->nr - HOLDERS_LISTED);
}

static void print_view(const struct view *view)
{
	const struct area *area = view->area;

	printf("<article>\n<h2>%s: %s", xml(area->label),
	       area_size(area, area->pages));
	if (area->base_pfn != NOT_KNOWN)
		printf(" at 0x%llx", area->base_pfn * area->page_size);
	puts("</h2>");
	print_sums(area);
	puts("<div class=\"both\"><figure>");
	if (view->has_picture)
		picture_svg_figure(&view->picture, &view->holders);
	else
		puts("<p>What is where cannot be read.</p>");
	puts("</figure>");
	print_who(view);
	puts("</div>");
	print_table(view);
	puts("</article>");
}

static void print_shot(const struct shot *shot)
{
	char *label = xml(shot->label);
	size_t i;

	printf("<section class=\"shot\" data-label=\"%s\">\n", label);
	printf("<p class=\"soft\">%s%s%s</p>\n", label,
	       shot->kernel ? "; " : "", shot->kernel ? xml(shot->kernel) : "");
	for (i = 0; i < shot->nr; i++)
		print_view(&shot->view[i]);
	puts("</section>");
}

static void print_page(const struct page *page)
{
	size_t i;

	fputs(head, stdout);
	picture_svg_style();
	fputs(style, stdout);
	puts("</head>\n<body>\n<h1>Contiguous memory: who holds what</h1>");
	if (page->nr > 1) {
		print_controls(page);
		print_charts(page);
	}
	puts("<main>");
	for (i = 0; i < page->nr; i++)
		print_shot(&page->shot[i]);
	puts("</main>");
	if (page->nr > 1)
		fputs(script, stdout);
	puts("</body>\n</html>");
}

/**
 * picture_html() - write a page to stdout
 * @place: bundles or directories, one for each time, or NULL for this machine
 * @nr: how many, at least 1
 * @fine: cells as small as a slot
 *
 * Context: any; ends the program when one of them has no area.
 * Return: true, or false when it is not known of some area what is where.
 */
bool picture_html(const char * const *place, size_t nr, bool fine)
{
	struct page page = { .nr = nr };
	bool is_whole = true;
	size_t i;

	page.shot = memory_get(page.nr, sizeof(*page.shot));
	for (i = 0; i < page.nr; i++) {
		source_open(place[i]);
		is_whole &= take_shot(&page.shot[i], place[i], fine);
		add_names(&page.names, &page.shot[i]);
	}
	print_page(&page);
	return is_whole;
}
