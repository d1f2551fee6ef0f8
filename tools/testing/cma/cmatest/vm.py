# SPDX-License-Identifier: GPL-2.0
"""Boot a kernel in QEMU, and make facts of what it prints.

The guest prints "@key=value" lines, see tools/testing/cma/guest/guest.h. A boot
that ends any other way than the guest says it does is a failed boot, and so is
one in whose log the kernel complains.
"""

from __future__ import annotations

import re
import selectors
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cmatest import guest

LOGS = guest.ROOT / "build" / "log"
TIMEOUT = 180.0
END_GRACE = 3.0  # for the guest to switch itself off

# What the kernel prints when something is wrong with it, whatever else it says.
SPLAT = re.compile(
    r"\bBUG\b|\bWARNING: |\bOops\b|\b(KASAN|KCSAN|UBSAN): |Bad page|Bad rss-counter"
    r"|Call [Tt]race:|Kernel panic|Internal error|Unable to handle kernel"
    r"|INFO: (task|rcu|trying)|rcu: INFO|detected stall|soft lockup|hard LOCKUP"
    r"|suspicious RCU|inconsistent lock|possible circular|sleeping function called"
    r"|pages are still in use|corruption|nobody cared|unreferenced object|GPF|segfault")
# The guest's own lines, and pages that it gave up on purpose.
QUOTES = ("@", "> ", "Memory failure: ", "MCE: Killing init")
STAMP = re.compile(r"^\[\s*\d+\.\d+\](?:\[\s*\w+\])? ")


def two_nodes(mib: int, smp: int) -> tuple[str, ...]:
    """Half of the memory each, and of the processors, if there are so many.

    A node is a package at least: x86 warns of processors that share a cache and no node.
    """
    cpus = (",cpus=0-1", ",cpus=2-3") if smp == 4 else (",cpus=0", "")
    options: tuple[str, ...] = ("-smp", f"{smp},sockets={smp // 2}") if smp == 4 else ()
    for node in (0, 1):
        options += ("-object", f"memory-backend-ram,id=m{node},size={mib // 2}M",
                    "-numa", f"node,nodeid={node},memdev=m{node}{cpus[node]}")
    return options


@dataclass(frozen=True)
class Model:
    """A board that people have and QEMU models; @dts: its device tree, of the kernel's sources."""

    name: str
    dts: str
    console: str
    cpus: int = 2
    options: tuple[str, ...] = ()
    card: str = "if=sd"  # what QEMU has to be told of a drive that is to be its card


@dataclass(frozen=True)
class Machine:
    """A QEMU machine for one architecture."""

    arch: str = "arm64"
    mem: str = "1G"
    smp: int = 2
    extra: tuple[str, ...] = ()
    counted: bool = False  # virtual time is the number of instructions
    model: Model | None = None

    def argv(self, dumpdtb: Path | None = None) -> list[str]:
        """The command line of QEMU, as far as the machine alone decides it."""
        dump = f",dumpdtb={dumpdtb}" if dumpdtb else ""
        qemu, *model = {
            "arm64": ["qemu-system-aarch64", "-machine", f"virt{dump}", "-cpu", "cortex-a53"],
            "arm": ["qemu-system-arm", "-machine", f"virt{dump}", "-cpu", "cortex-a15"],
            "x86_64": ["qemu-system-x86_64", "-machine", "q35", "-cpu", "qemu64"],
        }[self.arch]
        if self.model:
            model = ["-machine", self.model.name, *self.model.options]
        accel = ["-accel", "tcg,thread=multi"]
        if self.counted:
            accel = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
                     "-rtc", "base=2026-01-01,clock=vm"]
        return [qemu, *model, "-smp", str(self.smp), "-m", self.mem, *accel,
                "-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot", *self.extra]

    def console(self) -> str:
        """The kernel options that make the console talk as early as it can."""
        if self.model:
            return self.model.console
        return {
            "arm64": "console=ttyAMA0 earlycon=pl011,0x9000000",
            "arm": "console=ttyAMA0 earlycon=pl011,0x9000000",
            "x86_64": "console=ttyS0 earlycon=uart8250,io,0x3f8",
        }[self.arch]

    @property
    def bus(self) -> str:
        return "virtio-blk-pci" if self.arch == "x86_64" else "virtio-blk-device"

    def disk(self, image: Path) -> list[str]:
        """The options that attach @image as /dev/vda, read-only."""
        return ["-drive", f"file={image},if=none,id=data,format=raw,readonly=on",
                "-device", f"{self.bus},drive=data"]

    def scratch(self, image: Path) -> list[str]:
        """The options that attach @image as /dev/vdb; it stays as it is."""
        return ["-drive", f"file={image},if=none,id=scratch,format=raw,snapshot=on",
                "-device", f"{self.bus},drive=scratch"]


@dataclass(frozen=True)
class Boot:
    """One boot, as it is ordered."""

    kernel: guest.Kernel
    action: str
    cmdline: str = ""
    dtb: Path | None = None
    machine: Machine = Machine()
    timeout: float = TIMEOUT
    name: str = "boot"
    disk: bool = True
    serial: str = "stdio"  # where the console goes
    scratch: bool = False  # a file system to write to, as /dev/vdb
    image: Path | None = None  # another one than guest.disk()
    more: tuple[str, ...] = ()  # what QEMU has for this boot alone, after the console

    def options(self) -> str:
        """The command line of the kernel."""
        return (f"{self.machine.console()} panic=-1 loglevel=7 printk.devkmsg=on "
                f"cma_sample.devices=16 cma_test={self.action} {self.cmdline}").strip()

    def argv(self) -> list[str]:
        """The command line of QEMU."""
        return [*self.machine.argv(), *self.disks(),
                "-serial", self.serial, "-kernel", str(self.kernel.image),
                "-initrd", str(guest.initramfs(self.kernel, self.action, self.cmdline)),
                *(["-dtb", str(self.dtb)] if self.dtb else []), "-append", self.options(),
                *self.more]

    def disks(self) -> list[str]:
        """Of two virtio devices on a memory-mapped bus, the kernel finds the last one first."""
        both = [self.machine.disk(self.image or guest.disk())] if self.disk else []
        both += [self.machine.scratch(guest.scratch())] if self.scratch else []
        return sum(both if self.machine.arch == "x86_64" else both[::-1], [])


def bare(raw: str) -> str:
    """A line of the console without its end and its time stamp."""
    return STAMP.sub("", raw.rstrip("\r\n"), count=1)


@dataclass
class Result:
    """What a boot printed, and what can be concluded from it."""

    log: list[str] = field(default_factory=list, repr=False)
    facts: dict[str, str] = field(default_factory=dict, repr=False)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    path: Path | None = None

    def add(self, raw: str) -> str:
        """Takes in a line of the console; returns it without its time stamp."""
        line = bare(raw)
        self.log.append(line)
        if line.startswith("@") and "=" in line:
            key, value = line[1:].split("=", 1)
            self.failures += [value] * (key == "failed")
            self.facts[key] = value
        return line

    @property
    def text(self) -> str:
        return "\n".join(self.log)

    def kernel_lines(self, start: str) -> list[str]:
        """The lines of the kernel log that begin with @start."""
        return [line for line in self.log if line.startswith(start)]

    def splats(self) -> list[str]:
        """Complaints of the kernel; the guest's own lines do not count."""
        return [line for line in self.log
                if not line.startswith(QUOTES) and SPLAT.search(line)]

    def problem(self) -> str | None:
        """Why this boot is not a good one, in one line; None for a good one."""
        end = self.facts.get("end")
        if self.splats():
            return f"the kernel complains: {self.splats()[0].strip()}"
        if end is None:
            last = self.log[-1] if self.log else "nothing"
            return f"no end after {self.seconds:.0f} s; the last line was: {last}"
        if end != "ok":
            return self.failures[0] if self.failures else f"the guest ended with '{end}'"
        return None

    def number(self, key: str) -> int:
        return int(self.facts[key], 0)

    def pairs(self, key: str) -> dict[str, str]:
        """A fact of the form "a=1 b=2" taken apart."""
        return dict(word.split("=", 1) for word in self.facts[key].split() if "=" in word)


@dataclass
class Deadline:
    """When to stop listening; comes closer once the guest says that it is done."""

    at: float

    def left(self) -> float:
        return self.at - time.monotonic()

    def within(self, seconds: float) -> None:
        self.at = min(self.at, time.monotonic() + seconds)


def lines_of(process: subprocess.Popen[bytes], deadline: Deadline) -> Iterable[str]:
    """The lines that @process prints, until it ends or the time is up."""
    assert process.stdout
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while deadline.left() > 0:
            if not selector.select(deadline.left()):
                break
            got = process.stdout.read1()  # type: ignore[attr-defined]
            if not got:
                break
            *whole, pending = (pending + got).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
    if pending:
        yield pending.decode(errors="replace")


def run(boot: Boot, hear: Callable[[str], None] = lambda line: None) -> Result:
    """Boots, and calls @hear with each line while it arrives, as it is."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{boot.name}.log"
    result = Result(path=path)
    argv = boot.argv()
    start = time.monotonic()
    deadline = Deadline(start + boot.timeout)
    with (open(path, "w", encoding="utf-8") as log,
          subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT) as process):
        try:
            for raw in lines_of(process, deadline):
                log.write(raw.rstrip("\r") + "\n")
                line = result.add(raw)
                hear(raw.rstrip("\r"))
                if line.startswith(("@end=", "Kernel panic")):
                    deadline.within(END_GRACE)
        finally:
            process.kill()
    result.seconds = time.monotonic() - start
    return result
