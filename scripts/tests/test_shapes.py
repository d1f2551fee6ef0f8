# SPDX-License-Identifier: GPL-2.0
"""Trees that people have, in a few lines each: what joins there, and what must not.

A shape has the names and the structure of its tree at one joining point, and
none of its text. Each was compared with the real tree once: the same form of
the hook matches there, and the others do not.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from overlay import compat, hooks
from overlay.common import ROOT
from overlay.points import Mismatch
from toy import SCRIPTS


def lender(condition: str, name: str = "__rmqueue", start: str = "") -> str:
    """mm/page_alloc.c, where movable pages go to an area on @condition."""
    return f"""\
#include "internal.h"
#include "page_reporting.h"

static struct page *{name}(struct zone *zone, unsigned int order, int type,
			   unsigned int alloc_flags)
{{
	struct page *page = NULL;

{start}	if (IS_ENABLED(CONFIG_CMA)) {{
		/* A remark. */
		if ({condition}) {{
			page = __rmqueue_cma_fallback(zone, order);
			if (page)
				return page;
		}}
	}}
	return rest(zone, order, type);
}}
"""


HALF = ("alloc_flags & ALLOC_CMA && zone_page_state(zone, NR_FREE_CMA_PAGES) >\n"
        "\t\t    zone_page_state(zone, NR_FREE_PAGES) / 2")
SCAN = """\
#include <linux/memblock.h>
#include <linux/cma.h>

static int __init __reserved_mem_reserve_reg(unsigned long node, const char *uname)
{
	while (len >= t_len) {
		base = next(&prop);
		size = next(&prop);
		if (size && reserve(base, size) == 0)
			FIXUP
		len -= t_len;
	}
	return 0;
}

int __init fdt_scan_reserved_mem(void)
{
	if (bad(node))
		pr_err("Reserved memory: unsupported node format, ignoring\\n");
	fdt_for_each_subnode(child, fdt, node) {
		if (!of_fdt_device_is_available(fdt, child))
			continue;
		first(child);
	}
	return 0;
}
"""
SECOND_SCAN = """
void __init fdt_scan_reserved_mem_reg_nodes(void)
{
	if (bad(node)) {
		pr_err("Reserved memory: unsupported node format, ignoring\\n");
		return;
	}
	fdt_for_each_subnode(child, fdt, node) {
		if (!of_fdt_device_is_available(fdt, child))
			continue;
		second(child);
	}
}
"""
SIZE = """
static int __init __reserved_mem_alloc_size(ARGUMENTS)
{
	phys_addr_t base = 0, size;
	const __be32 *prop;
	int len, ret;

	prop = of_get_flat_dt_prop(node, "size", &len);
	if (!prop)
		return -EINVAL;
	BEFORE_SAVE
	save(node, base, size);
	return 0;
}
"""
TOLD = "dma_contiguous_early_fixup(base, size);"
POINTERS = (SCAN.replace("FIXUP", "note();") + SIZE.replace(
    "ARGUMENTS",
    "unsigned long node, const char *uname, phys_addr_t *res_base, phys_addr_t *res_size")
    .replace("BEFORE_SAVE", ""))
SCANS = (SCAN.replace("FIXUP", "note();") + SECOND_SCAN
         + SIZE.replace("ARGUMENTS", "unsigned long node, const char *uname")
         .replace("BEFORE_SAVE", ""))
REUSABLE = """if (of_flat_dt_is_compatible(node, "shared-dma-pool") &&
			    of_get_flat_dt_prop(node, "reusable", NULL))
				"""
TOLD_SCANS = (SCAN.replace("FIXUP", REUSABLE + TOLD) + SECOND_SCAN
              + SIZE.replace("ARGUMENTS", "unsigned long node, const char *uname")
              .replace("BEFORE_SAVE", TOLD))


def target(arguments: str, body: str) -> str:
    """mm/compaction.c, where a pageblock is judged, by the function with @body."""
    return f"""\
#include "internal.h"

static bool suitable_migration_target({arguments})
{{
	{body}
	if (cc->any_block)
		return true;
	return is_movable(page);
}}
"""


TARGET = ("struct compact_control *cc, struct page *page",
          "if (is_free(page) && order_of(page) >= cc->order)\n\t\treturn false;")


def heap(name: str) -> str:
    """drivers/dma-buf/heaps/cma_heap.c, which allocates in the function @name."""
    return f"""\
#include <linux/dma-map-ops.h>

static struct dma_buf *{name}(struct dma_heap *heap, unsigned long len)
{{
	if (PageHighMem(pages)) {{
		while (left > 0) {{
			void *there = kmap_local_page(page);

			memset(there, 0, PAGE_SIZE);
			left--;
		}}
	}} else {{
		memset(page_address(pages), 0, size);
	}}
	return buffer;
}}
"""


def direct(end: str) -> str:
    """kernel/dma/direct.c, where an allocation ends with @end."""
    return f"""\
#include <linux/export.h>
#include <linux/dma-map-ops.h>

static struct page *__dma_direct_alloc_pages(struct device *dev, size_t size,
		gfp_t gfp, bool allow_highmem)
{{
	struct page *page = NULL;

	if (is_swiotlb_for_alloc(dev))
		return dma_direct_alloc_swiotlb(dev, size);
	page = dma_alloc_contiguous(dev, size, gfp);
again:
	if (!page)
		page = alloc_pages_node(node, gfp, get_order(size));
	if (page && !dma_coherent_ok(dev, page_to_phys(page), size)) {{
		page = NULL;
		goto again;
	}}
	{end}
}}
"""


# Shape: the hook, its text, and the form that matches; none: it must not match.
SHAPES = {
    "kernel.org 6.12, lend-first": ("lend-first", lender(HALF), "half of the free memory"),
    "Raspberry Pi 6.12, lend-first": (
        "lend-first", lender(HALF.replace("/ 2", "/ MOST * _alloc_in_cma_threshold")),
        "alloc_in_cma_threshold"),
    "Android 6.12, lend-first": (
        "lend-first", lender("!cma_redirect_restricted() && " + HALF,
                             start="\thook(&page);\n\tif (page)\n\t\treturn page;\n\n"),
        "cma_redirect_restricted"),
    "another share, lend-first": ("lend-first", lender(HALF.replace("/ 2", "/ 4")), ""),
    "another condition, lend-first": ("lend-first", lender("!frozen(zone) && " + HALF), ""),
    "the body moved, lend-first": ("lend-first", lender(HALF, name="__rmqueue_first"), ""),
    "kernel.org 6.12.0 to .12, of-pools": ("of-pools", POINTERS, "6.12.0 to 6.12.12"),
    "kernel.org 6.12.13 on, of-pools": ("of-pools", SCANS, "6.12.13 and later"),
    "an extra argument, of-pools": (
        "of-pools", SCANS.replace("const char *uname)\n{\n\tphys",
                                  "const char *uname, int nid)\n{\n\tphys"), ""),
    "kernel.org 6.12.0 to .12, of-once": ("of-once", POINTERS, "6.12"),
    "kernel.org 6.12.13 on, of-once": ("of-once", SCANS, "6.12"),
    "the second scan has another name, of-once": (
        "of-once", SCANS.replace("fdt_scan_reserved_mem_reg_nodes", "fdt_scan_late"), ""),
    "kernel.org 6.12.0 to .12, of-fixup": ("of-fixup", POINTERS, "before 6.12.45, nothing to do"),
    "kernel.org 6.12.13 to .44, of-fixup": ("of-fixup", SCANS, "before 6.12.45, nothing to do"),
    "kernel.org 6.12.45 on, of-fixup": ("of-fixup", TOLD_SCANS, "6.12.45 and later"),
    "one of two places tells, of-fixup": (
        "of-fixup", TOLD_SCANS.replace(REUSABLE + TOLD, "note();", 1), "6.12.45 and later"),
    "kernel.org 6.12, compact-kept": ("compact-kept", target(*TARGET), "6.12"),
    "isolated pageblocks are left out already, compact-kept": (
        "compact-kept", target(TARGET[0],
                               "if (is_migrate_isolate_page(page))\n\t\treturn false;"),
        "made by hand"),
    "pageblocks are judged by folio, compact-kept": (
        "compact-kept", target("struct compact_control *cc, struct folio *folio", "check(folio);"),
        ""),
    "kernel.org 6.12, dma-settle": ("dma-settle", direct("return page;"), "6.12"),
    "pages are accounted first, dma-settle": (
        "dma-settle", direct("if (page)\n\t\taccount(page);\n\treturn page;"), "6.12"),
    "it ends in another function, dma-settle": (
        "dma-settle", direct("return prepared(page, size);"), ""),
    "kernel.org 6.12, heap-zero": ("heap-zero", heap("cma_heap_allocate"), "6.12"),
    "NXP Android, heap-zero": ("heap-zero", heap("cma_heap_do_allocate"), "6.12"),
    "clear_page in place of memset, heap-zero": (
        "heap-zero", heap("cma_heap_allocate").replace("memset(there, 0, PAGE_SIZE)",
                                                       "clear_page(there)"), ""),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(shape: str) -> None:
    name, text, want = SHAPES[shape]
    hook = hooks.load(SCRIPTS / f"hooks/{name}.cocci")
    try:
        _, outcome = hooks.apply_hook(hook, text)
        form = outcome.form
    except Mismatch:
        form = ""
    assert form == want


def test_pools_of_6_12_0_get_their_place_through_the_pointers() -> None:
    text, _ = hooks.apply_hook(hooks.load(SCRIPTS / "hooks/of-pools.cocci"), POINTERS)
    assert "save_node" not in text
    assert ("\tret = cma_of_place_node(node, res_base, res_size);\n"
            "\tif (ret != -ENODEV)\n\t\treturn ret;\n\tprop = " in text)


def test_androids_restriction_stays_in_front_of_our_rule() -> None:
    shape = SHAPES["Android 6.12, lend-first"][1]
    text, outcome = hooks.apply_hook(hooks.load(SCRIPTS / "hooks/lend-first.cocci"), shape)
    assert text.count("!cma_redirect_restricted() && alloc_flags & ALLOC_CMA") == 1
    assert "NR_FREE" not in text
    assert "cma_redirect" in outcome.says


def test_the_option_of_raspberry_pi_is_answered() -> None:
    shape = SHAPES["Raspberry Pi 6.12, lend-first"][1]
    _, outcome = hooks.apply_hook(hooks.load(SCRIPTS / "hooks/lend-first.cocci"), shape)
    assert "alloc_in_cma_threshold=" in outcome.says
    assert "vm.cma_lend_percent" in outcome.says


# What the headers of a release say of the names that mm/cma/compat.h knows.
HEADERS = {
    "6.12.0": ({"include/linux/page-isolation.h": "int isolate(gfp_t gfp_flags);"},
               {"mapping_set_update", "wait_for_freed_hugetlb_folios"}),
    "6.12.20": ({"include/linux/page-isolation.h": "int isolate(gfp_t gfp_flags);",
                 "include/linux/hugetlb.h": "void wait_for_freed_hugetlb_folios(void);"},
                {"mapping_set_update"}),
    "6.12.115": ({"include/linux/page-isolation.h": "int isolate(gfp_t gfp_flags);",
                  "include/linux/hugetlb.h": "void wait_for_freed_hugetlb_folios(void);",
                  "mm/internal.h": "#define mapping_set_update(xas, mapping) x\n"}, set()),
    "6.13.7": ({"include/linux/page-isolation.h": "int isolate(gfp_t gfp_flags);",
                "mm/internal.h": "#define mapping_set_update(xas, mapping) x\n"},
               {"wait_for_freed_hugetlb_folios"}),
    "6.14.0": ({"include/linux/page-isolation.h": "int isolate(int flags);",
                "include/linux/hugetlb.h": "void wait_for_freed_hugetlb_folios(void);",
                "mm/internal.h": "#define mapping_set_update(xas, mapping) x\n"},
               {"start_isolate_page_range"}),
}


@pytest.mark.parametrize("release", HEADERS)
def test_what_a_release_lacks(release: str) -> None:
    files, want = HEADERS[release]
    text = compat.header((ROOT / compat.HEADER).read_text(),
                         lambda path: files[path].encode() if path in files else None)
    names = {"mapping_set_update", "wait_for_freed_hugetlb_folios", "start_isolate_page_range"}
    assert {name for name in names if f"{name}(" in text} == want
    assert bool(text) == bool(want)


# The order of enum migratetype: Android counts areas among the types that CPUs keep lists of.
ORDERS = {
    "kernel.org": "MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_PCPTYPES, "
                  "MIGRATE_HIGHATOMIC = MIGRATE_PCPTYPES, MIGRATE_CMA, MIGRATE_ISOLATE",
    "Android": "MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_FALLBACKS, "
               "MIGRATE_CMA = MIGRATE_FALLBACKS, MIGRATE_PCPTYPES, "
               "MIGRATE_HIGHATOMIC = MIGRATE_PCPTYPES, MIGRATE_ISOLATE",
}
TYPES = ("UNMOVABLE", "MOVABLE", "RECLAIMABLE", "CMA", "HIGHATOMIC", "ISOLATE")
# A zone that has one free chunk, of @type; and a page that is its own type.
PROGRAM = """\
#include <stdbool.h>
#include <stdio.h>
#define MAX_PAGE_ORDER 2
#define list_first_entry_or_null(head, type, member) (*(head) ? (struct page *)(head) : NULL)
enum migratetype {{ {order}, TYPES }};
struct page {{ int type; }};
struct zone {{ struct {{ int free_list[TYPES]; }} free_area[MAX_PAGE_ORDER + 1]; }};
static int get_pageblock_migratetype(struct page *page) {{ return page->type; }}
{functions}
static void look(const char *name, int type)
{{
	struct zone zone = {{ }};
	struct page page = {{ type }};

	zone.free_area[1].free_list[type] = 1;
	printf("%s%s%s%s\\n", name, cma_walk_suits(&page) ? " source" : "",
	       cma_target_chunk(&zone) ? " target" : "",
	       cma_target_smallest(&zone, 0, MIGRATE_CMA) ? " lendable" : "");
}}
int main(void) {{ {looks} return 0; }}
"""


def function(path: str, name: str) -> str:
    """The text of the static function @name."""
    found = re.search(rf"^static [^;{{}}]*\b{name}\([^;]*?\n\{{\n.*?^\}}\n",
                      (ROOT / path).read_text(), re.M | re.S)
    assert found, f"{path} has no {name}() any more"
    return found[0]


@pytest.mark.parametrize("order", ORDERS)
def test_types_are_told_apart_by_name_in_whatever_order_they_are(
        order: str, tmp_path: Path) -> None:
    functions = [function("mm/cma/balance.c", "cma_walk_suits"),
                 *(function("mm/cma/target.c", f"cma_target_{name}")
                   for name in ("first", "chunk", "smallest"))]
    (tmp_path / "types.c").write_text(PROGRAM.format(
        order=ORDERS[order], functions="\n".join(functions),
        looks=" ".join(f'look("{name}", MIGRATE_{name});' for name in TYPES)))
    subprocess.run(["gcc", "-Werror=implicit-function-declaration", "-o", "types", "types.c"],
                   cwd=tmp_path, check=True)
    said = subprocess.run(["./types"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert said.stdout.splitlines() == [
        "UNMOVABLE source target", "MOVABLE source target", "RECLAIMABLE source target",
        "CMA lendable", "HIGHATOMIC", "ISOLATE"]


def test_no_type_is_compared_with_another_by_its_number() -> None:
    ordered = re.compile(r"[^<>-][<>]=?\s*MIGRATE_[A-Z]+\b|\bMIGRATE_[A-Z]+\s*[<>]"
                         r"|\bMIGRATE_(?:PCPTYPES|FALLBACKS|TYPES)\b")
    assert not [f"{path.name}: {line}" for path in sorted((ROOT / "mm/cma").glob("*.[ch]"))
                for line in path.read_text().splitlines() if ordered.search(line)]
