# SPDX-License-Identifier: GPL-2.0
"""The command line of the matrix."""

from __future__ import annotations

import argparse
import json
import os
from fnmatch import fnmatch
from pathlib import Path

from cmatest import guest, vm
from cmatest.bench import guests
from cmatest.matrix import run, show
from cmatest.matrix.cells import CELLS, Cell
from cmatest.matrix.look import Found, look, take_rest

RESULTS = guest.ROOT / "build" / "results" / "matrix"
KEPT = guest.ROOT / "tools/testing/cma/matrix.json"
TABLE = guest.ROOT / "Documentation/admin-guide/mm/cma_matrix.rst"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="matrix", description="Kernels and machines of many kinds under stress, ours and "
        "stock. Goes on where it stopped; cells that are named run again. CELLS= in the "
        "environment names cells, too.")
    parser.add_argument("cells", nargs="*", metavar="CELL", help="names or patterns, see --list")
    parser.add_argument("--list", action="store_true", help="print the cells, and what is known")
    parser.add_argument("--table", action="store_true",
                        help=f"take the results into {KEPT.name} and the documentation")
    parser.add_argument("--ours-only", action="store_true", help="without the stock kernel")
    parser.add_argument("--rest-only", action="store_true",
                        help="only the boots for the first buffer; what is known of others stays")
    args = parser.parse_args()
    args.cells += os.environ.get("CELLS", "").split()
    return args


def wanted(names: list[str]) -> list[Cell]:
    """The cells that names and patterns stand for; all for none."""
    for name in names:
        if not any(fnmatch(cell, name) for cell in CELLS):
            raise guest.Problem(f"no cell named {name}; there are: {' '.join(CELLS)}")
    return [cell for name, cell in CELLS.items()
            if not names or any(fnmatch(name, pattern) for pattern in names)]


def read(paths: list[Path]) -> dict[show.Key, Found]:
    """The results in files, in the order of the cells; of cells that exist no longer none."""
    found = [Found(**item) for path in paths for item in json.loads(path.read_text())]
    by_key = {(item.cell, item.kernel): item for item in found}
    return {(name, kernel): by_key[name, kernel] for name in CELLS for kernel in show.KERNELS
            if (name, kernel) in by_key}


def known() -> dict[show.Key, Found]:
    """The results that are kept, and over them those of this tree's own runs."""
    return read([path for path in (KEPT, *sorted(RESULTS.glob("*.json"))) if path.is_file()])


def write(path: Path, found: list[Found]) -> None:
    text = json.dumps([item.as_dict() for item in found], indent=1)
    fresh = path.with_suffix(".new")
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)


def one(cell: Cell, kernel: str) -> Found:
    """Builds, boots, and keeps what came of it."""
    built = guest.build_kernel(run.kernel(cell, kernel == "stock"))
    results = {action: vm.run(boot) for action, boot in run.boots(cell, built).items()}
    found = look(cell, (kernel, guests.commit()), results)
    write(RESULTS / f"{cell.name}.{kernel}.json", [found])
    return found


def rest(cell: Cell, kernel: str) -> None:
    """Boots for the first buffer alone, and adds that to what is known."""
    found = known().get((cell.name, kernel))
    if not found or not run.counts(cell):
        return
    built = guest.build_kernel(run.kernel(cell, kernel == "stock"))
    take_rest(found, vm.run(run.boots(cell, built)["rest"]))
    found.commit = f"{found.commit.split(',')[0]}, first buffer: {guests.commit()}"
    write(RESULTS / f"{cell.name}.{kernel}.json", [found])


def run_cells(args: argparse.Namespace) -> int:
    """One line a cell; the exit status says whether ours had a splat or a failure."""
    status = 0
    for cell in wanted(args.cells):
        for kernel in show.KERNELS[:1] if args.ours_only else show.KERNELS:
            if args.rest_only:
                rest(cell, kernel)
            elif args.cells or not (RESULTS / f"{cell.name}.{kernel}.json").is_file():
                one(cell, kernel)
        results = known()
        print(show.line(cell.name, results), flush=True)
        ours = results[cell.name, "ours"]
        status |= bool(ours.splats or ours.failures)
    return status


def work() -> int:
    args = arguments()
    with guests.alone(RESULTS):
        if args.list:
            print("\n".join(show.line(cell.name, known()) for cell in wanted(args.cells)))
            return 0
        if args.table:
            results = known()
            write(KEPT, list(results.values()))
            TABLE.write_text(show.table(results), encoding="utf-8")
            return 0
        return run_cells(args)


def main() -> int:
    return guest.status("matrix", work)
