# SPDX-License-Identifier: GPL-2.0
"""The command line of the everyday states."""

from __future__ import annotations

import argparse
import os
from datetime import date
from pathlib import Path

from cmatest import guest, vm
from cmatest.bench import guests
from cmatest.bench.run import AT_ONCE, Progress, each
from cmatest.everyday.show import document, judge, rows_of, text
from cmatest.everyday.states import CONFIG, FILES, KERNELS, STATES, SYSTEMS, Order, Told, read, \
    wanted

DOCUMENT = guest.ROOT / "Documentation/admin-guide/mm/cma_everyday.rst"
HOW = """\
Milliseconds of the guest for 1 / 16 / 64 MiB; then MiB free in the area and MiB cached before the
first request. arm64, 1 GiB, `cma=256M`, 2 processors, `-icount shift=0,sleep=off`: one instruction
takes 1 ns. Each size is given back before the next one is asked for. Medians of the seeds."""


def words(line: str) -> list[str]:
    return [word for word in line.split(",") if word]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="everyday", description="How soon a driver gets his buffer in the everyday states of "
        "a machine: ours, stock, and MAINLINE=<tree of a newer release>. The exit status says "
        "whether the criteria hold.")
    parser.add_argument("--states", type=words, metavar="A,B", default=list(STATES),
                        help=f"out of: {' '.join(STATES)}")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="boots of each [1]")
    parser.add_argument("--ours-only", action="store_true", help="without other kernels")
    parser.add_argument("--document", action="store_true",
                        help=f"write {DOCUMENT.relative_to(guest.ROOT)} as well")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        default=guest.ROOT / f"build/everyday{'-board' * guests.BOARD}",
                        help="where the report goes [build/everyday; build/everyday-board with "
                             "BOARD=1]")
    args = parser.parse_args()
    unknown = [name for name in args.states if name not in STATES]
    if unknown:
        parser.error(f"no such state: {' '.join(unknown)}; there are: {' '.join(STATES)}")
    return args


def build(names: list[str]) -> dict[str, guest.Kernel]:
    """The kernels, with both file systems."""
    tree = Path(os.environ.get("MAINLINE", ""))
    return {name: guest.build_kernel(guest.Order(
        "arm64", name == "stock", board=guests.BOARD, extra=guest.fragment(CONFIG),
        mainline=tree.resolve() if name == "mainline" else None)) for name in names}


def measure(orders: list[Order], kernels: dict[str, guest.Kernel]) -> list[Told]:
    for system in SYSTEMS:
        guest.disk(system, FILES)
    progress = Progress(len(orders), "everyday")

    def boot(order: Order) -> Told:
        return read(order, vm.run(order.boot(kernels[order.kernel])))

    all_told = []
    for told in each(boot, orders, AT_ONCE):
        all_told.append(told)
        progress.step(told.order.name)
    progress.end()
    return sorted(all_told, key=lambda told: orders.index(told.order))


def run(args: argparse.Namespace) -> int:
    """Measures, tells, and returns the exit status."""
    names = ["ours"] if args.ours_only else [name for name in KERNELS if name != "mainline"
                                             or os.environ.get("MAINLINE")]
    all_told = measure(wanted(args.states, names, args.seeds), build(names))
    rows = rows_of(all_told)
    verdicts = judge(rows)
    lines = [f"Commit {guests.commit()}.", HOW, text(rows), "\n".join(map(str, verdicts))]
    report = args.out / "report.md"
    report.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    print(*lines[1:], sep="\n\n")
    if args.document:
        made = f"on {date.today().isoformat()} of commit {guests.commit()}"
        DOCUMENT.write_text(document(rows, made), encoding="utf-8")
    bad = [told for told in all_told if told.problem]
    for told in bad:
        print(f"{told.order.name}: {told.problem} (see build/log/{told.order.name}.log)")
    print(f"everyday: {report}; {len(all_told)} boots, {len(bad)} failed")
    return 0 if not bad and all(verdict.good for verdict in verdicts) else 1


def work() -> int:
    args = arguments()
    with guests.alone(args.out):
        return run(args)


def main() -> int:
    return guest.status("everyday", work)
