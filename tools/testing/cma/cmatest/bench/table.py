# SPDX-License-Identifier: GPL-2.0
"""Figures as columns of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cmatest.bench.figures import Cell, Key, Rows, Spread, gain
from cmatest.bench.states import KERNELS, STATES

UNIT = "Thousands of guest instructions, medians; ratio: stock / ours, median of the pairs."


def thousands(value: float | None) -> str:
    """A number of instructions."""
    if value is None:
        return "-"
    return f"{value / 1000:.1f}" if value < 100_000 else f"{value / 1000:,.0f}"


def times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x" if value < 10 else f"{value:.1f}x"


def decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def middle(spread: Spread | None) -> str:
    return thousands(spread.p50 if spread else None)


def successes(cell: Cell) -> str:
    return f"{len(cell.good)}/{len(cell.samples)}" if cell.samples else "-"


def ordered(rows: Rows) -> list[Key]:
    return sorted(rows, key=lambda key: (list(STATES).index(key[0]), key[1]))


# Two columns each, for stock and for ours.
PAIRS: tuple[tuple[str, Callable[[Cell], str]], ...] = (
    ("good", successes),
    ("moved", lambda cell: decimal(cell.moved())),
    ("dropped", lambda cell: decimal(cell.dropped())),
)
HEAD = ("state", "pages", "alloc", "ours", "ratio", "release", "ours", "ratio",
        *(word for name, _ in PAIRS for word in (name, "ours")))


def lines(rows: Rows) -> list[tuple[str, ...]]:
    """A line of cells for each state and size."""
    result = []
    for key in ordered(rows):
        both = [rows[key].get(kernel, Cell()) for kernel in KERNELS]
        cells = [key[0], str(key[1])]
        for what in ("alloc", "release"):
            cells += [middle(cell.spread(what)) for cell in both]
            cells.append(times(gain(rows[key], what)))
        for _, show in PAIRS:
            cells += [show(cell) for cell in both]
        result.append(tuple(cells))
    return result


def text(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Columns, the numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *body)) for i in range(len(head))]
    return "\n".join("  ".join(cell.rjust(width) if i else cell.ljust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in (head, *body))


def table(rows: Rows) -> str:
    return f"{text(HEAD, lines(rows))}\n{UNIT}" if rows else "no request was measured"
