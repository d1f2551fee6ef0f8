# SPDX-License-Identifier: GPL-2.0
"""Boots a cell: the kernel, the machine, and what lies on its third disk."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from cmatest import guest, vm
from cmatest.suites import root
from cmatest.suites.cells import Cell

PROGRAMS = ("run", "driver", "full", "programs", "cycles", "ltp", "stressors", "video-node")


def kernel(cell: Cell, stock: bool) -> guest.Kernel:
    """A board's kernel, with what Debian and the suites want."""
    configs = (root.KIT / f"{name}.config" for name in ("kernel", cell.arch))
    text = "".join(path.read_text().split("\n", 1)[1] for path in configs if path.is_file())
    extra = guest.fragment(text + cell.config)
    return guest.build_kernel(guest.Order(cell.arch, stock, board=True, extra=extra))


def kit(cell: Cell, path: Path) -> Path:
    """An archive with the list of tests and what runs them."""
    with tarfile.open(path, "w") as archive:
        for name in PROGRAMS:
            archive.add(root.KIT / name, name)
        text = cell.list().encode()
        entry = tarfile.TarInfo("list")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return path


@dataclass(frozen=True)
class Boot(vm.Boot):
    """Debian on the first disk, the suites on the second one, the kit on the third one."""

    cell: Cell = Cell(())

    def options(self) -> str:
        beside = f" suites_beside={self.cell.beside}" if self.cell.beside else ""
        return (f"{self.machine.console()} root=/dev/vda rw panic=-1 loglevel=5 "
                f"printk.devkmsg=on systemd.show_status=0 {self.cell.cmdline}{beside}")

    def argv(self) -> list[str]:
        disks = [root.system(self.cell.arch), root.suites(),
                 kit(self.cell, root.OUT / f"{self.name}.tar")]
        argv = [*self.machine.argv(), "-serial", self.serial, "-kernel", str(self.kernel.image),
                "-append", self.options(), "-device",
                self.machine.bus.replace("blk", "rng")]
        drives = list(zip(("root", "suites", "kit"), disks))
        # On a bus without PCI, the one that comes last is the first.
        if self.machine.bus.endswith("-device"):
            drives.reverse()
        for name, image in drives:
            argv += ["-drive", f"file={image},if=none,id={name},format=raw,snapshot=on",
                     "-device", f"{self.machine.bus},drive={name}"]
        return argv


def boot(name: str, cell: Cell, stock: bool) -> vm.Result:
    built = kernel(cell, stock)
    machine = vm.Machine(cell.arch, cell.mem, 2, ("-cpu", "max"), cell.counted)
    label = f"suites-{name}.{'stock' if stock else 'ours'}"
    return vm.run(Boot(built, "", machine=machine, timeout=cell.timeout, name=label, cell=cell))
