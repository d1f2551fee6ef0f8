# SPDX-License-Identifier: GPL-2.0
"""The figures as a picture: a panel for each state."""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from cmatest.bench.figures import Cell, Rows  # noqa: E402
from cmatest.bench.states import KERNELS, STATES  # noqa: E402

COLUMNS = 4
COLOURS = {"stock": "tab:red", "ours": "tab:blue"}
STYLES = {"alloc": "-", "release": ":"}


def curve(rows: Rows, state: str, kernel: str, what: str) -> tuple[list[int], list[float]]:
    """Sizes and median costs, where there is one."""
    sizes, costs = [], []
    for pages in sorted(size for name, size in rows if name == state):
        spread = rows[state, pages].get(kernel, Cell()).spread(what)
        if spread:
            sizes.append(pages)
            costs.append(spread.p50)
    return sizes, costs


def panel(axes: Axes, rows: Rows, state: str) -> None:
    for kernel in KERNELS:
        for what, style in STYLES.items():
            sizes, costs = curve(rows, state, kernel, what)
            axes.plot(sizes, costs, style, marker=".", color=COLOURS[kernel],
                      label=f"{what}, {kernel}")
    axes.set_title(state)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.grid(True, alpha=0.3)


def plot(rows: Rows, path: Path) -> None:
    """Draw all states into @path."""
    states = [name for name in STATES if any(key[0] == name for key in rows)]
    if not states:
        return
    height = math.ceil(len(states) / COLUMNS)
    figure, grid = pyplot.subplots(height, COLUMNS, figsize=(4 * COLUMNS, 3.2 * height),
                                   squeeze=False)
    cells = list(grid.flat)
    for axes, state in zip(cells, states):
        panel(axes, rows, state)
    for axes in cells[len(states):]:
        axes.set_axis_off()
    cells[0].legend(fontsize="small")
    figure.supxlabel("pages")
    figure.supylabel("guest instructions, median")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
