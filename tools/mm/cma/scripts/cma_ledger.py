# SPDX-License-Identifier: GPL-2.0
"""The areas of a kernel, as cma-drgn.py and cma-gdb.py read them, and who holds which pages.

A debugger only fetches; mm/cma/hold.h tells what the fetched things mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

Node = TypeVar("Node")


class Problem(Exception):
    """Why there is nothing to show, in one line."""


@dataclass(frozen=True)
class Record:
    """One allocation, as struct cma_record has it; @last belongs to it."""

    first: int
    last: int
    serial: int
    since: int
    align: int
    pid: int
    task: str
    holder: str  # the device, or the function


@dataclass(frozen=True)
class Area:
    """One area. Of its bitmaps, bit 0 of a number stands for the first slot."""

    name: str
    base: int
    count: int
    order: int
    state: str
    taken: int
    held: int
    unknown: int
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Held:
    """Adjacent pages of one holder; pfns are half-open."""

    first: int
    end: int
    owner: Record | str


# What a held page belongs to without a record: its holder is in no record, or should be in one.
UNKNOWN, MISSING = "unknown", "missing"


def bits(raw: bytes, word: int, order: str) -> int:
    """The bitmap that the kernel keeps as @raw, in longs of @word bytes, as a number."""
    longs = [raw[at:at + word] for at in range(0, len(raw), word)]
    if order == "big":
        longs = [long[::-1] for long in longs]
    return int.from_bytes(b"".join(longs), "little")


def bitmap_bytes(count: int, word: int) -> int:
    """How many bytes the kernel keeps for @count bits."""
    return -(-count // (8 * word)) * word


def runs(bitmap: int) -> Iterator[tuple[int, int]]:
    """The runs of set bits, half-open."""
    return (match.span() for match in re.finditer("1+", f"{bitmap:b}"[::-1]))


def inorder(root: Node, child: Callable[[Node, str], Node], most: int) -> Iterator[Node]:
    """The nodes of the tree under @root. A broken tree, with more than @most, is a Problem."""
    way: list[Node] = []
    found, node = 0, root
    while node or way:
        while node:
            way.append(node)
            if len(way) > most:
                raise Problem("the tree of records is broken: it goes round in a circle")
            node = child(node, "rb_left")
        node = way.pop()
        found += 1
        if found > most:
            raise Problem(f"the tree of records is broken: more than {most} records")
        yield node
        node = child(node, "rb_right")


def holders(area: Area) -> list[Held]:
    """What is held, holder by holder: a slot belongs to the newest record around its start."""
    owners: list[Record | str] = [MISSING] * (area.count >> area.order)
    for record in sorted(area.records, key=lambda record: record.serial):
        first, end = record.first - area.base, record.last + 1 - area.base
        if not 0 <= first < end <= area.count:
            raise Problem(f"area {area.name}: record {record.serial} has pages "
                          f"{record.first:#x} to {record.last:#x}, which are not all in the area")
        slots = slice(first >> area.order, ((end - 1) >> area.order) + 1)
        owners[slots] = [record] * (slots.stop - slots.start)
    for first, end in runs(area.unknown):
        owners[first:end] = [UNKNOWN] * (end - first)
    found = []
    for run in runs(area.held):
        for owner, slots in groupby(range(*run), key=owners.__getitem__):
            slot = list(slots)
            first, end = (area.base + (at << area.order) for at in (slot[0], slot[-1] + 1))
            last = owner.last if isinstance(owner, Record) else end
            found.append(Held(first, min(end, last + 1), owner))
    return found


def held_pages(area: Area) -> int:
    """All pages that are held. Only a record's last slot may be used in part."""
    unused = sum(-(record.last + 1) % (1 << area.order) for record in area.records)
    return (area.held.bit_count() << area.order) - unused


def word_of(text: str) -> str:
    """@text as one column, escaped as debugfs does it; "-" for none."""
    return re.sub(r"[ \t\n\\]", lambda match: f"\\{ord(match[0]):03o}", text) or "-"


AREAS = "{:<16} {:<11} {:>8} {:>13} {:>8} {:>8} {}"
HOLDERS = "{:<16} {:<11} {:>8} {:>5} {:>9} {:>7} {:<16} {}"


def area_lines(areas: list[Area]) -> Iterator[str]:
    """A line for each area, under a headline."""
    yield AREAS.format("area", "base_pfn", "pages", "order_per_bit", "used", "held", "state")
    for area in areas:
        yield AREAS.format(word_of(area.name), hex(area.base), area.count, area.order,
                           area.taken.bit_count() << area.order, held_pages(area), area.state)


def holder_lines(areas: list[Area], name: str = "") -> Iterator[str]:
    """A line for each holder in the area @name, or in all; since_ms counts from boot."""
    chosen = [area for area in areas if name in ("", area.name)]
    if not chosen:
        raise Problem(f"no area {name}; there are: {' '.join(area.name for area in areas)}")
    yield HOLDERS.format("area", "pfn", "pages", "align", "since_ms", "pid", "task", "holder")
    for area in chosen:
        for held in holders(area):
            columns = ["-"] * 4 + [held.owner] if isinstance(held.owner, str) else [
                held.owner.align, held.owner.since // 10**6, held.owner.pid,
                word_of(held.owner.task), word_of(held.owner.holder)]
            yield HOLDERS.format(word_of(area.name), hex(held.first), held.end - held.first,
                                 *columns)
