# SPDX-License-Identifier: GPL-2.0
"""The command line of the workloads."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from cmatest import guest, vm
from cmatest.bench import guests
from cmatest.workloads.cases import CASES, GROUPS, KERNELS, Case
from cmatest.bench.judge import Verdict
from cmatest.workloads.limits import Row, judge
from cmatest.bench.run import AT_ONCE, Progress, each
from cmatest.workloads.show import report, table
from cmatest.workloads.told import Told, read

SECONDS = 300.0


@dataclass(frozen=True)
class Order:
    """One boot: a case, on which kernel, and under which name its row knows it."""

    case: Case
    kernel: str
    column: str
    row: str


def wanted(names: list[str], quick: bool) -> list[Case]:
    """The cases that names, patterns and groups stand for; all or the quick ones for none."""
    if not names:
        return [case for case in CASES.values() if case.quick or not quick]
    for name in names:
        if not any(name == case.group or fnmatch(case.name, name) for case in CASES.values()):
            raise guest.Problem(f"no workload named {name}; there are: {' '.join(CASES)}, "
                                f"and the groups {' '.join(GROUPS)}")
    return [case for case in CASES.values()
            if any(name == case.group or fnmatch(case.name, name) for name in names)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="workloads", description="How much memory that cannot be moved is to be had beside "
        "memory that can be: ours against stock. The exit status says whether the criteria hold.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD",
                        help=f"names, patterns, or groups; out of: {' '.join(CASES)}; groups: "
                             f"{' '.join(GROUPS)}")
    parser.add_argument("--ours-only", action="store_true", help="without the stock kernel")
    parser.add_argument("--stock-only", action="store_true", help="without ours: no verdicts")
    parser.add_argument("--no-build", action="store_true", help="take the images that are there")
    parser.add_argument("--out", type=Path, default=guest.ROOT / "build" / "workloads",
                        metavar="DIR", help="where the report goes [build/workloads]")
    args = parser.parse_args()
    if args.ours_only and args.stock_only:
        parser.error("--ours-only and --stock-only leave nothing")
    return args


def plan(cases: list[Case], kernels: tuple[str, ...]) -> list[Order]:
    """All boots; the machine without CMA has stock's kernel, unless there is only ours."""
    orders = []
    for case in cases:
        orders += [Order(case, kernel, kernel, case.name) for kernel in kernels]
        if case.plain:
            orders.append(Order(case.alone(), kernels[0], "plain", case.name))
    return orders


def boot_of(kernel: guest.Kernel, order: Order) -> vm.Boot:
    case = order.case
    machine = vm.Machine(case.arch, case.mem, extra=("-seed", "1"),
                         counted=case.counted)
    return vm.Boot(kernel, case.action, f"cma={case.cma} {guests.CMDLINE} cma_ready=1 "
                   f"{case.options}".strip(),
                   None, machine, SECONDS, f"workload-{order.kernel}-{case.name}", case.disk)


class Workloads:
    """One run: its kernels, and where it writes to."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.build = not args.no_build
        self.out: Path = args.out.resolve()
        self.names = (("ours",) if args.ours_only else ("stock",) if args.stock_only else KERNELS)
        self.kernels: dict[str, guest.Kernel] = {}

    def kernel(self, name: str, arch: str) -> guest.Kernel:
        key = f"{name}-{arch}"
        if key not in self.kernels:
            self.kernels[key] = guests.kernel(self.out, name, build=self.build, arch=arch)
        return self.kernels[key]

    def measure(self, cases: list[Case]) -> dict[str, Row]:
        orders = plan(cases, self.names)
        for order in orders:
            self.kernel(order.kernel, order.case.arch)
        if any(order.case.disk for order in orders):
            guest.disk()
        rows: dict[str, Row] = {case.name: {} for case in cases}
        progress = Progress(len(orders), "workloads")

        def boot(order: Order) -> tuple[Order, Told]:
            kernel = self.kernel(order.kernel, order.case.arch)
            return order, read(order.case, order.column, vm.run(boot_of(kernel, order)))

        for order, told in each(boot, orders, AT_ONCE):
            rows[order.row][order.column] = told
            progress.step(told.name)
        progress.end()
        return rows

    def save(self, rows: dict[str, Row], verdicts: list[Verdict]) -> None:
        (self.out / "report.md").write_text(report(self.kernels, rows, verdicts),
                                            encoding="utf-8")

    def run(self, cases: list[Case]) -> int:
        """Measures, tells, and returns the exit status."""
        rows = self.measure(cases)
        verdicts = judge(rows) if "ours" in self.names else []
        self.save(rows, verdicts)
        print(table(rows))
        for told in (told for row in rows.values() for told in row.values() if told.problem):
            print(f"{told.name}: {told.problem} (see build/log/)")
        for verdict in verdicts:
            print(verdict)
        print(f"workloads: {self.out}/report.md")
        return 0 if all(verdict.good for verdict in verdicts) else 1


def work() -> int:
    args = arguments()
    cases = wanted(args.workloads, os.environ.get("QUICK") == "1")
    with guests.alone(args.out):
        return Workloads(args).run(cases)


def main() -> int:
    return guest.status("workloads", work)
