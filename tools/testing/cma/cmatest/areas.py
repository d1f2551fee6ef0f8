# SPDX-License-Identifier: GPL-2.0
"""Sizes as people write them, and what the guest says about its areas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cmatest import vm

MIB = 1 << 20
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
SIZE = re.compile(r"(\d+)([KMG]?)(?:B|iB)?", re.IGNORECASE)


def size_of(text: str) -> int | None:
    """The bytes of "192MB"; None for what is no plain size."""
    match = SIZE.fullmatch(text.strip())
    return int(match[1]) * UNITS[match[2].upper()] if match else None


@dataclass(frozen=True)
class Area:
    """One area of the guest; pfns are half-open."""

    name: str
    base: int
    count: int
    used: int

    def has(self, first: int, end: int) -> bool:
        return self.base <= first and end <= self.base + self.count


def areas(result: vm.Result) -> dict[str, Area]:
    """The areas that a guest listed with cma_test=facts or pool."""
    found = {}
    for i in range(result.number("areas")):
        pairs = result.pairs(f"area.{i}")
        name = result.facts[f"area.{i}"].split()[0]
        found[name] = Area(name, *(int(pairs[k]) for k in ("base", "count", "used")))
    return found
