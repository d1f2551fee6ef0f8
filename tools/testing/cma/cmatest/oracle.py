# SPDX-License-Identifier: GPL-2.0
"""What must hold after any boot, whatever it was told; and what a row adds to that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cmatest import boots, vm
from cmatest.areas import Area, areas
from cmatest.input_rows.row import GIB, KCONFIG, MIB, Row, Want

PAGE = 4096
MAX_LINES = 40  # of ours in the log of one boot, whatever happens
# What the kernel keeps of a device tree: bytes for a node, and for a property.
NODE_BYTES, PROPERTY_BYTES = 512, 256
# What the kernel keeps by the byte shares pages, one less or more when an area lies between.
SHARED = 1
# A name for the heap of the default area that does not depend on where the size was set.
HEAP = "default_cma_region"

COMPLAINT = re.compile(
    r"^cma: .*\b(rejected|refused)\b|^cma: (Failed to reserve|Not enough slots)"
    r"|^cma: .*(could not be activated|reservation failed|invalid node)")


def matching(result: vm.Result, pattern: str) -> list[str]:
    """The lines of the kernel in which @pattern is found."""
    seen = re.compile(pattern, re.IGNORECASE)
    return [line for line in result.log if not line.startswith(("@", "> ")) and seen.search(line)]


def ram(row: Row) -> list[tuple[int, int]]:
    """Where the machine of @row has memory, in bytes."""
    size = int(row.mem[:-1]) * {"M": MIB, "G": GIB}[row.mem[-1]]
    if row.arch != "x86_64":
        return [(GIB, GIB + size)]
    return [(0, size)] if size <= 2 * GIB else [(0, 2 * GIB), (4 * GIB, size + 2 * GIB)]


def start(area: Area) -> int:
    return area.base * PAGE


def end(area: Area) -> int:
    return (area.base + area.count) * PAGE


def is_it(want: Want, area: Area) -> bool:
    return (re.fullmatch(want.name, area.name) is not None
            and want.mib * MIB in (0, area.count * PAGE)
            and want.lo <= start(area) and end(area) <= want.hi and not start(area) % want.align)


def shown(area: Area) -> str:
    return f"{area.name}: {area.count * PAGE / MIB:g} MiB at {start(area):#x}"


def check_areas(row: Row, found: list[Area]) -> Iterator[str]:
    """The areas are those of the row, none missing, none besides."""
    left = list(found)
    for want in row.areas:
        area = next((area for area in left if is_it(want, area)), None)
        if area:
            left.remove(area)
        else:
            where = f" in {want.lo:#x}-{want.hi:#x}" if (want.lo, want.hi) != (0, 1 << 64) else ""
            yield f"no area {want.name} of {want.mib} MiB{where}"
    yield from (f"unexpected area {shown(area)}" for area in left)


def check_places(row: Row, found: list[Area]) -> Iterator[str]:
    """Areas are whole pageblocks of RAM and share nothing."""
    block = (4 if row.arch == "arm" else 2) * MIB
    ordered = sorted(found, key=start)
    for area in ordered:
        if start(area) % block or end(area) % block:
            yield f"not whole pageblocks: {shown(area)}"
        if not any(lo <= start(area) and end(area) <= hi for lo, hi in ram(row)):
            yield f"not RAM: {shown(area)}"
    for one, two in zip(ordered, ordered[1:]):
        if end(one) > start(two):
            yield f"overlap: {shown(one)} and {shown(two)}"


def check_counts(result: vm.Result, found: list[Area], dead_mib: int = 0) -> Iterator[str]:
    """All numbers about CMA are the same number; an early one knew areas that died since."""
    pages = sum(area.count for area in found)
    dead = dead_mib * MIB // PAGE
    early = re.search(r"^Memory: .* (\d+)K cma-reserved", result.text, re.MULTILINE)
    seen = {"debugfs": pages, "CmaTotal": result.number("CmaTotal") * 1024 // PAGE,
            "zoneinfo": result.number("zone.cma"),
            "Memory:": int(early[1]) * 1024 // PAGE - dead if early else -1}
    if len(set(seen.values())) != 1:
        yield "pages differ: " + ", ".join(f"{key} {value}" for key, value in seen.items())


def kept_for_tree(row: Row) -> int:
    """Pages that the kernel may keep for the device tree nodes of @row, and their table."""
    if not row.edit:
        return 0
    text = row.edit.text()
    kept = NODE_BYTES * text.count("{") + PROPERTY_BYTES * text.count(";")
    return -(-kept // PAGE)


def mapped(row: Row, found: list[Area]) -> int:
    """Pages of page tables: arm maps low areas by the page, and keeps a list of them."""
    if row.arch != "arm":
        return 0
    low = [area for area in found if end(area) <= 0x70000000]
    return sum(area.count for area in low) // 512 + bool(low)


def hashed(result: vm.Result) -> int:
    """Pages of the hash tables that are the smaller, the less memory is free so early."""
    sizes = re.findall(r"^(?:Dentry |Inode-)cache hash table .*, (\d+) bytes", result.text,
                       re.MULTILINE)
    return sum(map(int, sizes)) // PAGE


def check_memory(row: Row, result: vm.Result, reference: vm.Result) -> Iterator[str]:
    """No page is lost to a refusal, and none that is somebody else's comes on top."""
    found = list(areas(result).values())
    lost = (reference.number("MemTotal") - result.number("MemTotal")) * 1024 // PAGE
    lost += hashed(reference) - hashed(result)
    least = row.lost_mib * MIB // PAGE - SHARED
    most = least + 2 * SHARED + kept_for_tree(row) + mapped(row, found)
    if boots.DEBUG:
        # Memory that is not mapped needs no shadow, an eighth of it, and no tables for that.
        shadow = row.lost_mib * MIB // PAGE // 8
        least -= shadow + shadow // 512
    if not least <= lost <= most:
        yield (f"MemTotal is {lost} pages ({lost * PAGE / MIB:g} MiB) smaller than without CMA; "
               f"{least} to {most} would be right")


def check_default(row: Row, result: vm.Result, found: list[Area]) -> Iterator[str]:
    """The default area has a heap of its name and the stable one; others are of areas."""
    heaps = {result.facts[f"heap.{i}"] for i in range(result.number("heaps"))}
    own = {heap for heap in heaps - {HEAP} if re.fullmatch(row.default or "", heap)}
    # A slash is "!" in the name of a device, and "_" in debugfs.
    if {heap.replace("!", "_") for heap in heaps - own - {HEAP}} - {a.name for a in found}:
        yield f"heaps: {' '.join(sorted(heaps))}, but not all of them are of areas"
    if row.default == ".*" and not heaps:
        return
    if bool(own) != bool(row.default) or (HEAP in heaps) != (bool(own) and not boots.STOCK):
        yield f"heaps: {' '.join(sorted(heaps)) or 'none'}, want {row.default or 'none'}"


def check_made(row: Row, result: vm.Result, found: list[Area]) -> Iterator[str]:
    """Each area has the line of its kind, which gives its true place and size."""
    for area in found:
        size, base = area.count * PAGE // MIB, f"0x0*{start(area):x}"
        line = rf"^cma: Reserved {size} MiB at {base} on node -?\d+$"
        if row.edit and not area.name.startswith(KCONFIG.name):
            line = rf"^Reserved memory: created CMA memory pool at {base}, size {size} MiB$"
        if len(matching(result, line)) != 1:
            yield f"no line about {shown(area)} like {line}"


def check_lines(row: Row, result: vm.Result) -> Iterator[str]:
    """What the row wants to be said is said, and no complaint besides."""
    for pattern in row.once:
        count = len(matching(result, pattern))
        if count != 1:
            yield f"{count or 'no'} line{'s' * (count > 1)} like {pattern}"
    yield from (f"no line like {p}" for p in row.some if not matching(result, p))
    yield from (f"unwanted: {line}" for p in row.never for line in matching(result, p))
    allowed = [re.compile(p, re.IGNORECASE) for p in (*row.once, *row.some, *row.may)]
    for line in filter(COMPLAINT.search, result.log):
        if not any(pattern.search(line) for pattern in allowed):
            yield f"unexpected: {line}"
    ours = len(result.kernel_lines("cma: "))
    if ours > MAX_LINES:
        yield f"{ours} lines in the log"


def problems(row: Row, result: vm.Result, reference: vm.Result) -> list[str]:
    """All that is wrong with a boot that came to its end."""
    found = list(areas(result).values())
    return [*check_areas(row, found), *check_default(row, result, found),
            *check_memory(row, result, reference), *check_places(row, found),
            *check_counts(result, found, row.dead_mib), *check_made(row, result, found),
            *check_lines(row, result)]
