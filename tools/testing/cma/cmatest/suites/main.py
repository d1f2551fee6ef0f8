# SPDX-License-Identifier: GPL-2.0
"""The command line of the suites of others."""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from cmatest import guest
from cmatest.bench import guests
from cmatest.suites import consumers, root, run, show
from cmatest.suites.cells import CELLS, CONSUMERS, with_ltp
from cmatest.suites.look import Found, look

RESULTS = guest.ROOT / "build" / "results" / "suites"
KEPT = guest.ROOT / "tools/testing/cma/suites.json"
TABLE = guest.ROOT / "Documentation/admin-guide/mm/cma_suites.rst"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="suites", description="Suites of others and video programs in Debian guests, on ours "
        "and on stock. Goes on where it stopped; cells that are named run again. LTP=<its source "
        "tree> adds the cells ltp-*.")
    parser.add_argument("cells", nargs="*", metavar="CELL", help="names or patterns, see --list")
    parser.add_argument("--list", action="store_true", help="print the cells, and what is known")
    parser.add_argument("--table", action="store_true",
                        help=f"take the results into {KEPT.name} and the documentation")
    parser.add_argument("--consumers", action="store_true",
                        help="only drivers and machines that want buffers")
    parser.add_argument("--ours-only", action="store_true", help="without the stock kernel")
    args = parser.parse_args()
    args.cells += os.environ.get("CELLS", "").split()
    return args


def wanted(args: argparse.Namespace) -> list[str]:
    """The cells that names and patterns stand for; all for none."""
    there = [*CONSUMERS] if args.consumers else [*CELLS]
    for name in args.cells:
        if not any(fnmatch(cell, name) for cell in there):
            raise guest.Problem(f"no cell named {name}; there are: {' '.join(there)}")
    found = [name for name in there
             if not args.cells or any(fnmatch(name, pattern) for pattern in args.cells)]
    for name in [name for name in found if name in CELLS and CELLS[name].ltp and not with_ltp()]:
        print(f"{name}: left out: give LTP=<a tree of the Linux Test Project>", flush=True)
        found.remove(name)
    return found


def known() -> dict[show.Key, Found]:
    """The results that are kept, and over them those of this tree's own runs."""
    items = [item for path in (KEPT, *sorted(RESULTS.glob("*.json"))) if path.is_file()
             for item in json.loads(path.read_text())]
    found = {(item["cell"], item["kernel"]): Found(**item) for item in items}
    return {(name, kernel): found[name, kernel] for name in (*CONSUMERS, *CELLS)
            for kernel in show.KERNELS if (name, kernel) in found}


def write(path: Path, found: list[Found]) -> None:
    text = json.dumps([item.as_dict() for item in found], indent=1)
    fresh = path.with_suffix(".new")
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)


def one(name: str, kernel: str) -> None:
    """Boots, and keeps what came of it."""
    by = (kernel, guests.commit(), date.today().isoformat())
    if name in CONSUMERS:
        found, seconds = consumers.run(name, CONSUMERS[name], by)
    else:
        result = run.boot(name, CELLS[name], kernel == "stock")
        found, seconds = look(name, CELLS[name], by, result), result.seconds
    write(RESULTS / f"{name}.{kernel}.json", [found])
    print(f"suites: {name} on {kernel}: {found.problem or 'done'}, {seconds:.0f} s", flush=True)


def prepare(todo: list[tuple[str, str]]) -> None:
    """Disks and kernels first: one build at a time."""
    if any(name in CELLS for name, _ in todo):
        root.system("x86_64")
        root.suites()
    for name, kernel in todo:
        if name in CELLS:
            run.kernel(CELLS[name], kernel == "stock")


def run_cells(args: argparse.Namespace) -> int:
    """One line a cell; the exit status says whether ours was worse in one."""
    names = wanted(args)
    kernels = show.KERNELS[:1] if args.ours_only else show.KERNELS
    todo = [(name, kernel) for name in names for kernel in kernels
            if args.cells or not (RESULTS / f"{name}.{kernel}.json").is_file()]
    prepare(todo)
    # The boot tests make two boots at a time by themselves.
    with ThreadPoolExecutor(1 if args.consumers else 2) as pool:
        list(pool.map(lambda order: one(*order), todo))
    results = known()
    for name in names:
        print(show.line(name, results), flush=True)
    return any(show.differences(results, name) for name in names)


def work() -> int:
    args = arguments()
    with guests.alone(RESULTS):
        if args.list:
            for name in (*CONSUMERS, *CELLS):
                print(show.line(name, known()))
            return 0
        if args.table:
            results = known()
            write(KEPT, list(results.values()))
            TABLE.write_text(show.table(results), encoding="utf-8")
            return 0
        return run_cells(args)


def main() -> int:
    return guest.status("suites", work)
