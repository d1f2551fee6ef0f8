# SPDX-License-Identifier: GPL-2.0
"""Pool nodes once more, from their binding, for comparison with lib/fdt.c.

Numbers are Python's and never wrap, bytes are sliced, errors are exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

NR_ENTRIES = 4
ABSENT = "-"


class Cause(IntEnum):
    """enum cma_fdt_cause"""

    OK, BAD_CELLS, NO_PLACE, BAD_LENGTH, ZERO, TOO_LARGE, NOT_POWER_OF_TWO, UNALIGNED, \
        NO_MAP = range(9)


EINVAL, ERANGE, EOVERFLOW = -22, -34, -75
ERRNO = {Cause.ZERO: ERANGE, Cause.NOT_POWER_OF_TWO: ERANGE, Cause.UNALIGNED: ERANGE,
         Cause.TOO_LARGE: EOVERFLOW}


class Refused(Exception):
    """A property is wrong; lengths are in bytes."""

    def __init__(self, cause: Cause, name: str, found: int = 0, wanted: int = 0) -> None:
        super().__init__(f"{ERRNO.get(cause, EINVAL)} {cause.value} {name} {found} {wanted}")
        self.cause = cause


@dataclass(frozen=True)
class Node:
    """struct cma_fdt_node, with None for an absent property."""

    addr_cells: int
    size_cells: int
    addr_max: int
    granule: int
    reusable: bool
    no_map: bool
    reg: bytes | None
    size: bytes | None
    alignment: bytes | None
    ranges: bytes | None

    def line(self) -> str:
        """The form that dt_cli reads."""
        properties = (self.reg, self.size, self.alignment, self.ranges)
        words = [ABSENT if data is None else f".{data.hex()}" for data in properties]
        return (f"{self.addr_cells} {self.size_cells} {self.addr_max} {self.granule} "
                f"{int(self.reusable)} {int(self.no_map)} {' '.join(words)}\n")

    def entry(self) -> int:
        """Bytes of an address and a size."""
        return 4 * self.addr_cells + 4 * self.size_cells

    def pairs(self, data: bytes | None) -> list[tuple[int, int]]:
        """The addresses and sizes in @data, none at all if it has a ragged end."""
        if not data or {self.addr_cells, self.size_cells} - {1, 2} or len(data) % self.entry():
            return []
        split = 4 * self.addr_cells
        chunks = [data[at:at + self.entry()] for at in range(0, len(data), self.entry())]
        return [(number(chunk[:split]), number(chunk[split:])) for chunk in chunks]


def number(data: bytes) -> int:
    """Big-endian cells."""
    return int.from_bytes(data, "big")


def alignment(node: Node) -> int:
    """What the property asks for, 0 for nothing."""
    if node.alignment is None:
        return 0
    if len(node.alignment) not in (4, 8):
        raise Refused(Cause.BAD_LENGTH, "alignment", len(node.alignment), 4 * node.addr_cells)
    if bin(number(node.alignment)).count("1") > 1:
        raise Refused(Cause.NOT_POWER_OF_TWO, "alignment")
    return number(node.alignment)


def fixed(node: Node, align: int) -> tuple[int, ...]:
    """The place that reg gives: fixed, base, size, asked, further ranges, disagrees."""
    pairs = node.pairs(node.reg)
    if not pairs:
        raise Refused(Cause.BAD_LENGTH, "reg", len(node.reg or b""), node.entry())
    base, size = pairs[0]
    if size == 0:
        raise Refused(Cause.ZERO, "reg")
    if base + size > node.addr_max:
        raise Refused(Cause.TOO_LARGE, "reg")
    if base % node.granule or size % node.granule:
        raise Refused(Cause.UNALIGNED, "reg")
    comparable = node.size is not None and len(node.size) in (4, 8)
    return 1, base, size, size, len(pairs) - 1, int(comparable and number(node.size) != size)


def placed(node: Node, align: int) -> tuple[int, ...]:
    """As fixed(), for a pool that only has a size."""
    if not node.size:
        raise Refused(Cause.NO_PLACE, "size")
    if len(node.size) not in (4, 8):
        raise Refused(Cause.BAD_LENGTH, "size", len(node.size), 4 * node.size_cells)
    asked = number(node.size)
    if asked == 0:
        raise Refused(Cause.ZERO, "size")
    if align > node.addr_max:
        raise Refused(Cause.TOO_LARGE, "alignment")
    size = (asked + node.granule - 1) // node.granule * node.granule
    if size > node.addr_max:
        raise Refused(Cause.TOO_LARGE, "size")
    return 0, 0, size, asked, 0, 0


def pool(node: Node) -> str:
    """The description of a node that makes sense, in the order of dt_cli."""
    for name, cells in (("#address-cells", node.addr_cells), ("#size-cells", node.size_cells)):
        if cells not in (1, 2):
            raise Refused(Cause.BAD_CELLS, name)
    if node.reusable and node.no_map:
        raise Refused(Cause.NO_MAP, "no-map")
    asked_align = alignment(node)
    align = max(asked_align, node.granule)
    is_fixed, base, size, asked, more, disagrees = (fixed if node.reg else placed)(node, align)
    if node.ranges is not None and not node.pairs(node.ranges):
        raise Refused(Cause.BAD_LENGTH, "alloc-ranges", len(node.ranges), node.entry())
    raised = int(0 < asked_align < node.granule)
    return (f"{is_fixed} {base} {size} {asked} {align} {raised} {more} "
            f"{len(node.pairs(node.ranges))} {disagrees}")


def entries(pairs: list[tuple[int, int]], addr_max: int | None = None) -> list[str]:
    """The first pairs as dt_cli shows them, cut at @addr_max if it is given."""
    words = []
    for base, size in pairs[:NR_ENTRIES]:
        if addr_max is not None:
            size = min(base + size, addr_max) - base
        words.append(ABSENT if addr_max is not None and size <= 0 else f"{base}+{size}")
    return words + [ABSENT] * (NR_ENTRIES - len(words))


def verdict(node: Node) -> tuple[Cause, str]:
    """The cause, and the answer that dt_cli should give."""
    try:
        cause, text = Cause.OK, f"good {pool(node)}"
    except Refused as refused:
        cause, text = refused.cause, f"bad {refused}"
    shown = entries(node.pairs(node.reg)) + entries(node.pairs(node.ranges), node.addr_max)
    return cause, " ".join([text, *shown])
