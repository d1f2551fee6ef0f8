# SPDX-License-Identifier: GPL-2.0
"""Boot the kernel under QEMU, for people.

  scripts/qemu run     show what a contiguous area is good for, and check it
  scripts/qemu shell   a prompt in the same guest
  scripts/qemu map     a picture of an area in use: who holds what, what lies in between
  scripts/qemu trace   the trace events of CMA, while buffers are allocated
  scripts/qemu gdb     a debugger on a guest that waits for it

Read from the environment: ARCH=arm64|arm|x86_64, CMA=<value of cma=, or none>
[192MB], MEM=<RAM> [1G, or more if the area needs it], DT=<size of a linux,cma
node, arm64 and arm>, STOCK=1, DEBUG=1 and EXTRA_CONFIG=<fragment> as for make,
BOARD=0 for a small kernel in place of one of a board, which DEBUG=1 is anyway;
by gdb alone GDB_ARGS=<options of gdb>, such as '-ex "break cma_alloc" -ex continue'.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from cmatest import dt, gdb, guest, vm
from cmatest.areas import MIB, size_of

# A debug kernel is several times slower.
SECONDS, SECONDS_DEBUG = 60, 600
# What the system wants besides the area; QEMU puts the initramfs at 128 MiB.
BESIDES = 256 * MIB
EVENTS = "trace_event=cma:* tp_printk"
# What tool.c saves on its way.
MOMENTS = ("start", "taken", "given-back")
EVENT = re.compile(r"(cma_\w+): ")


@dataclass(frozen=True)
class Wish:
    """What the user asked for."""

    arch: str
    cma: str
    dt: str
    mem: str
    stock: bool
    debug: bool
    extra: str
    board: bool

    @property
    def kernel(self) -> guest.Order:
        extra = Path(self.extra).resolve() if self.extra else None
        return guest.Order(self.arch, self.stock, self.debug, self.board, extra)

    @property
    def machine(self) -> vm.Machine:
        return vm.Machine(self.arch, self.mem, self.kernel.smp)

    @property
    def cmdline(self) -> str:
        return f"cma={self.cma}" if self.cma != "none" else ""

    @property
    def expected(self) -> int | None:
        """The bytes that the default area must have; None if that takes a kernel to say."""
        return size_of(self.dt or self.cma.split("@")[0])

    def title(self) -> str:
        source = [f"device tree linux,cma {self.dt}"] * bool(self.dt) + [self.cmdline or "no cma="]
        return (f"{self.arch}, {self.mem} of RAM, {' and '.join(source)}"
                f"{', stock' * self.stock}{', debug' * self.debug}"
                f", {'kernel of a board' if self.board else 'small kernel'}")


def memory(area: int) -> str:
    """RAM for an area of that many bytes: a round number of MiB."""
    need = area + BESIDES
    return "1G" if need <= 1024 * MIB else f"{-(-need // (64 * MIB)) * 64}M"


def read_wish() -> Wish:
    env = os.environ
    arch = env.get("ARCH") or "arm64"
    cma, node = env.get("CMA") or "192MB", env.get("DT", "")
    if arch not in guest.PREFIX:
        raise guest.Problem(f"ARCH={arch} is not supported; choose one of {' '.join(guest.PREFIX)}")
    if node and not size_of(node):
        raise guest.Problem(f"DT={node} is not a size; write for example DT=960M")
    area = size_of(node or cma.split("@")[0]) or 0
    return Wish(arch, cma, node, env.get("MEM") or memory(area), env.get("STOCK") == "1",
                env.get("DEBUG") == "1", env.get("EXTRA_CONFIG", ""), guest.wants_board())


def order(wish: Wish, action: str) -> vm.Boot:
    """Makes all that the boot needs."""
    kernel = guest.build_kernel(wish.kernel)
    blob = None
    if wish.dt:
        node = dt.pool("linux,cma", size_of(wish.dt) or 0, default=True)
        blob = dt.tree(wish.machine, [node])
    cmdline = wish.cmdline
    if wish.expected:
        cmdline += f" cma_expect_kb={wish.expected // 1024}"
    return vm.Boot(kernel, action, cmdline, blob, wish.machine,
                   SECONDS_DEBUG if wish.debug else SECONDS, f"run-{wish.arch}")


def tell(raw: str) -> None:
    """Shows the guest's own lines; the verdict has to wait for the end of the log."""
    line = vm.bare(raw)
    if line.startswith("> ") and not line.startswith("> VERDICT"):
        print(line[2:], flush=True)


def run(wish: Wish) -> int:
    boot = order(wish, "story")
    print(f"A contiguous area at work: {wish.title()}\n", flush=True)
    result = vm.run(boot, tell)
    verdict = [line[2:] for line in result.log if line.startswith("> VERDICT: ")]
    problem = result.problem()
    if not problem and len(verdict) != 1:
        problem = f"the guest gave {len(verdict)} verdicts"
    for line in result.splats()[:10]:
        print(f"kernel: {line}")
    assert result.path
    print(f"\nThe whole log, {result.seconds:.0f} s: {result.path.relative_to(guest.ROOT)}")
    print(f"VERDICT: FAILED: {problem}" if problem else verdict[0])
    return 1 if problem else 0


def shell(wish: Wish) -> int:
    argv = replace(order(wish, "shell"), serial="mon:stdio").argv()
    print(f"{wish.title()}\nTo leave: 'exit', or Ctrl-A x at any time. The areas are in "
          "/sys/kernel/debug/cma.", flush=True)
    os.execvp(argv[0], argv)


def bundle_of(result: vm.Result, moment: str) -> str:
    """What `cma bundle` wrote in the guest; tool.c breaks long lines at a backslash."""
    lines: list[str] = []
    while f"{moment}.{len(lines)}" in result.facts:
        lines.append(result.facts[f"{moment}.{len(lines)}"])
    return "\n".join([*lines, ""]).replace("\\\n", "")


def save_bundles(result: vm.Result) -> dict[str, Path]:
    """The bundles of all moments, oldest first; the last one is of the area in full use."""
    build = guest.ROOT / "build"
    paths = {moment: build / f"cma-map-{moment}.bundle" for moment in MOMENTS}
    paths["bundle"] = build / "cma-map.bundle"
    for moment, path in paths.items():
        path.write_text(bundle_of(result, moment), encoding="utf-8")
    return paths


def draw(command: list[str], path: Path) -> str:
    """Writes what @command draws; returns its name."""
    with path.open("w", encoding="utf-8") as out:
        subprocess.run(command, stdout=out, check=True)
    return str(path.relative_to(guest.ROOT))


def picture(wish: Wish) -> int:
    boot = order(wish, "tool")
    print(f"A contiguous area in use: {wish.title()}\n", flush=True)
    result = vm.run(boot)
    problem = result.problem()
    if problem:
        print(f"qemu: {problem}, see {result.path}", file=sys.stderr)
        return 1
    bundles = save_bundles(result)
    bundle = bundles["bundle"]
    program = str(guest.host_tool())
    tool = [program, "--from", str(bundle)]
    for command in ("map", "who", "why"):
        print(f"$ cma {command}", flush=True)
        # A stock kernel does not tell all of it; then the program says so.
        subprocess.run([*tool, command], check=False)
        print(flush=True)
    svg = draw([*tool, "map", "--svg"], bundle.with_suffix(".svg"))
    html = draw([program, "map", "--html", *map(str, bundles.values())],
                bundle.with_suffix(".html"))
    print(f"The picture: {svg}\nThe same over time, for a browser or a phone: {html}")
    return 0


def tell_event(raw: str) -> None:
    """Shows what was traced, and when; and the guest's own lines, which say why."""
    line = vm.bare(raw)
    if EVENT.match(line) or line.startswith("> "):
        print(raw, flush=True)


def trace(wish: Wish) -> int:
    boot = order(wish, "story")
    print(f"The trace events of a contiguous area: {wish.title()}\n", flush=True)
    result = vm.run(replace(boot, cmdline=f"{boot.cmdline} {EVENTS}"), tell_event)
    found = Counter(match[1] for line in result.log if (match := EVENT.match(line)))
    problem = result.problem() or (None if found else "there was no event")
    if problem:
        print(f"qemu: {problem}, see {result.path}", file=sys.stderr)
        return 1
    print(f"\n{found.total()} events: "
          f"{', '.join(f'{count} {name}' for name, count in found.most_common())}")
    return 0


def debugger(wish: Wish) -> int:
    """Boots what `make run` does, with a kernel that has what gdb wants to know."""
    if wish.extra:
        raise guest.Problem(f"gdb has an EXTRA_CONFIG of its own, {gdb.CONFIG}; add yours to that")
    log = vm.LOGS / f"gdb-{wish.arch}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    boot = order(replace(wish, extra=str(gdb.CONFIG)), "story")
    boot = replace(boot, cmdline=f"{boot.cmdline} nokaslr", serial=f"file:{log}")
    print(f"A kernel that waits: {wish.title()}\nIts console is {log}", flush=True)
    return gdb.attach(boot.argv(), boot.kernel, shlex.split(os.environ.get("GDB_ARGS", "")))


def main() -> int:
    commands = {"run": run, "shell": shell, "map": picture, "trace": trace, "gdb": debugger}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        return commands[sys.argv[1]](read_wish())
    except guest.Problem as problem:
        print(f"qemu: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
