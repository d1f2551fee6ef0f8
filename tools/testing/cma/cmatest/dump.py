# SPDX-License-Identifier: GPL-2.0
"""The memory of a guest that stands still, for debuggers.

The guest's kernel has debugging information, and its notes: it gives them to the device
"vmcoreinfo". On x86_64 QEMU writes virtual addresses into the dump as well, as kdump does;
gdb knows no other way into it.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cmatest import gdb, guest, vm

ARCH = "x86_64"
CMDLINE = "cma=64M cma_pernuma=16M nokaslr"
MEM = "512M"
SECONDS = 120
SCRIPTS = guest.TOOL / "scripts"
STOCK_SCRIPT = guest.ROOT / "tools/testing/cma/dump/areas_by_symbols.py"
NEEDS = {"drgn": "python3-drgn", gdb.GDB: gdb.GDB}


class Monitor:
    """QEMU's own interface, QMP."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw", encoding="utf-8")
        self._answer("QMP")
        self.call("qmp_capabilities")

    def _answer(self, *keys: str) -> None:
        """Waits for a message with one of @keys; others are events."""
        for line in self._file:
            message = json.loads(line)
            if "error" in message:
                raise guest.Problem(f"QEMU: {message['error']['desc']}")
            if any(key in message for key in keys):
                return
        raise guest.Problem("QEMU has gone")

    def call(self, command: str, **arguments: object) -> None:
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        self._answer("return")

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@dataclass(frozen=True)
class Dump:
    """A guest's memory, what it said of itself before, and what gdb saw in the live guest."""

    kernel: guest.Kernel
    path: Path
    said: vm.Result
    live: list[str]

    @property
    def vmlinux(self) -> Path:
        return self.kernel.objects / "vmlinux"

    def drgn(self, script: Path, *words: str) -> str:
        """What a drgn script prints of the dump."""
        return command(["drgn", "-q", "--no-default-symbols", "-c", str(self.path), "-s",
                        str(self.vmlinux), str(script), *words])

    def gdb(self, *commands: str) -> list[str]:
        """What each of @commands prints in gdb on the dump."""
        return in_gdb(self.vmlinux, [str(self.path)], commands)


def command(argv: list[str]) -> str:
    """What a command prints; when it fails, that is the Problem."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    if done.returncode:
        raise guest.Problem(f"{argv[0]} ended with status {done.returncode}:\n"
                            f"{done.stdout}{done.stderr}")
    return done.stdout


def in_gdb(vmlinux: Path, more: list[str], commands: tuple[str, ...]) -> list[str]:
    """What each of @commands prints in gdb, ours among them; one that fails ends it."""
    mark = "echo =====\\n"
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script:
        script.write("\n".join([f"source {SCRIPTS / 'cma-gdb.py'}", mark,
                                *(f"{line}\n{mark}" for line in commands), ""]))
        script.flush()
        said = command([gdb.GDB, "-q", "-nx", "-batch", str(vmlinux), *more, "-x", script.name])
    return said.split("=====\n")[1:-1]


def missing() -> str:
    """Debian packages that are not there, or an empty string."""
    return " ".join(package for tool, package in NEEDS.items() if not shutil.which(tool))


def take(stock: bool, scratch: Path) -> Dump:
    """Boots a guest, looks at it with gdb while it lives (ours only), and dumps its memory."""
    if missing():
        raise guest.Problem(f"not installed: {missing()}; run 'make deps'")
    kernel = guest.build_kernel(guest.Order(ARCH, stock, extra=gdb.CONFIG))
    monitor, stub, path = scratch / "qmp", scratch / "gdb", scratch / "dump"
    machine = vm.Machine(ARCH, MEM, extra=(
        "-device", "vmcoreinfo", "-qmp", f"unix:{monitor},server=on,wait=off",
        "-gdb", f"unix:{stub},server=on,wait=off"))
    seen: list[str] = []

    def hear(raw: str) -> None:
        if not vm.bare(raw).startswith("@end="):
            return
        if not stock:
            seen.extend(in_gdb(kernel.objects / "vmlinux", ["-ex", f"target remote {stub}"],
                               ("cma-areas", "cma-holders")))
        qemu = Monitor(monitor)
        qemu.call("dump-guest-memory", paging=True, protocol=f"file:{path}")
        qemu.call("quit")
        qemu.close()

    name = f"dump-{'stock' if stock else 'ours'}"
    said = vm.run(vm.Boot(kernel, "dump", CMDLINE, machine=machine, name=name), hear)
    if said.problem():
        raise guest.Problem(f"{said.problem()} (see {said.path})")
    return Dump(kernel, path, said, seen)
