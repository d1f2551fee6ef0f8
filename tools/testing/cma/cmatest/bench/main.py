# SPDX-License-Identifier: GPL-2.0
"""The command line of the bench."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from cmatest import guest
from cmatest.bench import guests
from cmatest.bench.figures import rows_of
from cmatest.bench.judge import Verdict, judge, repeats
from cmatest.bench.outcome import Outcome
from cmatest.bench.plot import plot
from cmatest.bench.report import other_lines, report
from cmatest.bench.run import boots
from cmatest.bench.states import COST, KERNELS, OTHERS, SEEDS, SIZES, STATES, Order
from cmatest.bench.table import table

NAMES = [*STATES, *OTHERS]


def words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def arguments() -> argparse.Namespace:
    quick = os.environ.get("QUICK") == "1"
    parser = argparse.ArgumentParser(
        prog="bench", description="Ours against stock: instructions for each request.")
    parser.add_argument("--states", type=words, metavar="A,B",
                        default=[name for name in NAMES if not quick or name == COST or
                                 name in STATES and STATES[name].quick],
                        help=f"out of: {' '.join(NAMES)}")
    parser.add_argument("--sizes", type=lambda text: [int(word) for word in words(text)],
                        default=list(SIZES), metavar="N,N", help="in pages")
    parser.add_argument("--seeds", type=int, default=1 if quick else len(SEEDS), metavar="N",
                        help="how many different contents")
    parser.add_argument("--looks", type=words, metavar="A,B",
                        default=["cost"] if quick else ["cost", "windows", "depth"],
                        help="cost, windows (traced), depth (another pair of kernels)")
    parser.add_argument("--ours-only", action="store_true", help="without the stock kernel")
    parser.add_argument("--debug", action="store_true",
                        help="ours with KASAN and lockdep: does it complain? no figures")
    parser.add_argument("--no-build", action="store_true",
                        help="measure the images that are there, as they are")
    parser.add_argument("--check", action="store_true",
                        help="judge the criteria: PASS or SHORT for each, and the exit status")
    parser.add_argument("--out", type=Path,
                        default=guest.ROOT / "build" / f"bench{'-board' * guests.BOARD}",
                        metavar="DIR", help="where report, plot and raw figures go [build/bench; "
                                            "build/bench-board with BOARD=1]")
    args = parser.parse_args()
    if args.debug:
        args.ours_only, args.looks, args.seeds = True, ["cost"], 1
    unknown = [name for name in args.states if name not in NAMES]
    if unknown:
        parser.error(f"no such state: {' '.join(unknown)}; there are: {' '.join(NAMES)}")
    return args


def plan(args: argparse.Namespace, kernels: tuple[str, ...]) -> list[Order]:
    """All boots, the ones to compare next to each other."""
    if args.debug:
        return [Order("ours", state, pages, 1, debug=True) for state in args.states
                for pages in (args.sizes if state in STATES else [0])]
    seeds = range(1, args.seeds + 1)
    orders = []
    for state in args.states:
        for pages in args.sizes if state in STATES else [0]:
            for seed in seeds:
                orders += [Order(kernel, state, pages, seed) for kernel in kernels]
            if state == "free":
                orders += [Order(kernel, state, pages, 1, repeat=1) for kernel in kernels]
            if state in STATES:
                # Thirty requests are no deeper than one: that is what "free" is for.
                looks = [look for look in args.looks[1:]
                         if look != "depth" or STATES[state].cycles == 1]
                orders += [Order(kernel, state, pages, 1, look) for look in looks
                           for kernel in kernels]
    return orders


def complaints(outcomes: list[Outcome]) -> int:
    """Tells which boots of a debug kernel went wrong; the exit status."""
    bad = [outcome for outcome in outcomes if outcome.problem]
    for outcome in bad:
        name = outcome.order.name
        print(f"{name}: {outcome.problem} (see build/log/{name}.log)")
    print(f"bench: {len(outcomes) - len(bad)} boots with nothing to complain about, "
          f"{len(bad)} others")
    return 1 if bad else 0


class Bench:
    """One run: its kernels, built when they are first wanted, and where it writes to."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.out: Path = args.out.resolve()
        self.names = KERNELS[1:] if args.ours_only else KERNELS
        self.kernels: dict[str, guest.Kernel] = {}

    def kernel(self, order: Order) -> guest.Kernel:
        kind = "debug" if order.debug else order.look if order.look == "depth" else ""
        key = f"{order.kernel}-{kind}".rstrip("-")
        if key not in self.kernels:
            self.kernels[key] = guests.kernel(self.out, order.kernel, kind,
                                              not self.args.no_build)
        return self.kernels[key]

    def measure(self) -> list[Outcome]:
        orders = plan(self.args, self.names)
        for order in orders:
            self.kernel(order)
        for deep in ("", "-depth"):
            if {f"stock{deep}", f"ours{deep}"} <= self.kernels.keys():
                guests.compare(self.kernels[f"stock{deep}"], self.kernels[f"ours{deep}"])
        return list(boots(self.kernel, orders))

    def save(self, outcomes: list[Outcome], verdicts: list[Verdict]) -> None:
        rows = rows_of(outcomes)
        raw = json.dumps([outcome.as_dict() for outcome in outcomes], indent=1)
        (self.out / "raw.json").write_text(raw + "\n", encoding="ascii")
        (self.out / "report.md").write_text(report(self.kernels, outcomes, rows, verdicts),
                                            encoding="utf-8")
        plot(rows, self.out / "plot.png")

    def run(self) -> int:
        """Measures, tells, and returns the exit status."""
        outcomes = self.measure()
        if self.args.debug:
            return complaints(outcomes)
        rows = rows_of(outcomes)
        verdicts = judge(rows, outcomes)
        self.save(outcomes, verdicts)
        print(table(rows))
        for line in other_lines(outcomes):
            print(*line)
        bad = [outcome for outcome in outcomes if outcome.problem]
        for outcome in bad:
            name = outcome.order.name
            print(f"{name}: {outcome.problem} (see build/log/{name}.log)")
        for verdict in verdicts if self.args.check else []:
            print(verdict)
        unsteady = [verdict for verdict in repeats(outcomes) if not verdict.good]
        for verdict in [] if self.args.check else unsteady:
            print(verdict)
        short = self.args.check and any(not verdict.good for verdict in verdicts)
        print(f"bench: {self.out}/report.md, plot.png, raw.json; {len(outcomes)} boots, "
              f"{len(bad)} failed")
        return 1 if bad or unsteady or short else 0


def work() -> int:
    args = arguments()
    with guests.alone(args.out):
        return Bench(args).run()


def main() -> int:
    return guest.status("bench", work)
