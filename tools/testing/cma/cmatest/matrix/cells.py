# SPDX-License-Identifier: GPL-2.0
"""The kinds of kernels and machines, and a covering array of them.

There are too many combinations to boot each. Nearly all that goes wrong takes two
values to meet, so it is enough that each possible pair of values meets in some cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

Factors = Mapping[str, Sequence[str]]
Values = tuple[str, ...]
Pair = tuple[tuple[int, str], tuple[int, str]]


@dataclass(frozen=True)
class Excluded:
    """Values that cannot meet, and why."""

    why: str
    values: Mapping[str, Sequence[str]]

    def has(self, cell: Mapping[str, str]) -> bool:
        return all(cell[name] in values for name, values in self.values.items())


FACTORS: Factors = {
    "arch": ("arm64", "x86_64", "arm"),
    "pages": ("4K", "16K", "64K"),
    "kind": ("plain", "rt", "debug"),
    "lru": ("mglru", "classic"),
    "thp": ("always", "never"),
    "nodes": ("one", "two", "fake"),
}
# Cells that are equal in these have one kernel.
KERNEL = ("arch", "pages", "kind")
EXCLUDED = (
    Excluded("only arm64 has other pages than those of 4K",
             {"arch": ("x86_64", "arm"), "pages": ("16K", "64K")}),
    Excluded("32-bit arm has no huge pages without LPAE", {"arch": ("arm",), "thp": ("always",)}),
    Excluded("32-bit arm has no nodes", {"arch": ("arm",), "nodes": ("two", "fake")}),
    Excluded("32-bit arm has no PREEMPT_RT in 6.12", {"arch": ("arm",), "kind": ("rt",)}),
    Excluded("PREEMPT_RT has no huge pages", {"kind": ("rt",), "thp": ("always",)}),
)


def possible(factors: Factors, excluded: Sequence[Excluded]) -> list[Values]:
    """All cells that can be, in the order of the values."""
    return [cell for cell in product(*factors.values())
            if not any(out.has(dict(zip(factors, cell))) for out in excluded)]


def pairs(cell: Values) -> set[Pair]:
    """The pairs of values that meet in @cell."""
    return set(combinations(enumerate(cell), 2))


def covering(factors: Factors, excluded: Sequence[Excluded],
             kernel: Sequence[str] = ()) -> list[Values]:
    """Cells in which each pair meets that meets in any possible cell.

    The next cell is always the one with the most pairs that have not met yet; of
    equal ones the first whose values of @kernel are in a cell already.
    """
    cells = possible(factors, excluded)
    left = set().union(*map(pairs, cells))
    part = [list(factors).index(name) for name in kernel]
    built: set[Values] = set()
    chosen: list[Values] = []

    def of_kernel(cell: Values) -> Values:
        return tuple(cell[i] for i in part)

    while left:
        best = max(cells, key=lambda cell: (len(pairs(cell) & left), of_kernel(cell) in built))
        chosen.append(best)
        built.add(of_kernel(best))
        left -= pairs(best)
    return sorted(chosen, key=lambda cell: (sorted(map(of_kernel, chosen)).index(of_kernel(cell)),
                                            cells.index(cell)))


@dataclass(frozen=True)
class Cell:
    """One machine with one kernel."""

    arch: str
    pages: str
    kind: str
    lru: str
    thp: str
    nodes: str

    @property
    def name(self) -> str:
        return "-".join((self.arch, self.pages, self.kind, self.lru, self.thp, self.nodes))


CELLS = {cell.name: cell for cell in
         (Cell(*values) for values in covering(FACTORS, EXCLUDED, KERNEL))}
