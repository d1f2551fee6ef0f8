# SPDX-License-Identifier: GPL-2.0
"""To which functions do the guest's instructions go?

Boots the arm64 guest with an instruction a nanosecond, counts each instruction
that is executed between mark_begin() and mark_end() of the guest program, on
all CPUs, and prints how many each function took.
"""

from __future__ import annotations

import argparse
import bisect
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cmatest import guest, vm

PLUGIN = Path(__file__).resolve().parent / "plugin.c"
OUT = guest.ROOT / "build" / "profile"
CROSS = guest.PREFIX["arm64"]
KERNEL_FROM = 1 << 63
CMDLINE = "cma=256M nokaslr norandmaps mitigations=off"


@dataclass(frozen=True)
class Symbols:
    """Addresses of functions, and their names."""

    starts: list[int]
    names: list[str]
    end: int

    @classmethod
    def of(cls, elf: Path) -> Symbols:
        """The text symbols of @elf; of several names for an address, a plain one."""
        found: dict[int, str] = {}
        end = 0
        for line in guest.call([f"{CROSS}nm", "-n", str(elf)], "listing symbols").splitlines():
            address, kind, name = line.rsplit(maxsplit=2) if line[0] != " " else ("0", "U", "")
            if name in ("_etext", "__inittext_end"):
                end = int(address, 16)
            if kind in "tTwW" and not name.startswith(("$", ".L")):
                at = int(address, 16)
                if at not in found or found[at].startswith("_"):
                    found[at] = name
        starts = sorted(found)
        return cls(starts, [found[at] for at in starts], end or starts[-1] + 4096)

    def name(self, address: int) -> str:
        if address < KERNEL_FROM:
            return "[user]"
        at = bisect.bisect_right(self.starts, address) - 1
        return self.names[at] if at >= 0 and address < self.end else "[module]"

    def address(self, name: str) -> int:
        if name not in self.names:
            raise guest.Problem(f"there is no function {name}; is it inlined?")
        return self.starts[self.names.index(name)]


@dataclass(frozen=True)
class Counts:
    """What the plugin wrote."""

    rounds: int
    at: dict[int, int]
    within: dict[int, int]

    @classmethod
    def read(cls, path: Path, only: int) -> Counts:
        head, *lines = path.read_text(encoding="ascii").splitlines() or [""]
        if not head.startswith("rounds ") or head == "rounds 0":
            raise guest.Problem("the guest never came to mark_begin(); does the action call it?")
        if head.endswith(" open"):
            raise guest.Problem("the guest came to mark_begin(), and not to mark_end()")
        if only > int(head.split()[1]):
            raise guest.Problem(f"there is no round {only}, only {head.split()[1]} of them")
        rows = [line.split() for line in lines]
        return cls(int(head.split()[1]), {int(a, 16): int(n) for a, n, _ in rows},
                   {int(a, 16): int(w) for a, _, w in rows if w != "0"})


def plugin() -> Path:
    """The plugin, compiled."""
    path = OUT / "plugin.so"
    guest.call(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                "-fvisibility=hidden", "-o", str(path), str(PLUGIN)],
               "compiling the plugin")
    return path


def kernel_of(args: argparse.Namespace) -> guest.Kernel:
    """The kernel to boot: the one ordered, or one that is built already."""
    if not args.objects:
        extra = args.extra_config.resolve() if args.extra_config else None
        return guest.build_kernel(guest.Order(stock=args.stock, extra=extra))
    image = args.objects.resolve() / "arch/arm64/boot/Image"
    if not image.is_file():
        raise guest.Problem(f"there is no {image}; give the output directory of a kernel build")
    return guest.Kernel("arm64", image, args.stock)


def copies(kernel: guest.Kernel, work: Path) -> tuple[Path, Path]:
    """Image and vmlinux, safe from the next build."""
    for source in (kernel.image, kernel.objects / "vmlinux"):
        shutil.copy2(source, work)
    return work / kernel.image.name, work / "vmlinux"


def init_of(args: argparse.Namespace, work: Path) -> Path:
    """The guest program, from the guest's own sources or from a private copy of them."""
    guest.call(["make", "-s", "-C", str(args.guest.resolve()), f"OUT={work}",
                f"CROSS_COMPILE={CROSS}", str(work / "init")], "compiling the guest")
    return work / "init"


def argv(args: argparse.Namespace, kernel: guest.Kernel, work: Path) -> list[str]:
    """The command line of QEMU, without the plugin."""
    image, _ = copies(kernel, work)
    init = init_of(args, work)
    files = {"init": init.read_bytes()}
    module = guest.sample_module(kernel) if args.sample else None
    if module:
        files["cma_sample.ko"] = module.read_bytes()
    initrd = work / "initramfs.cpio"
    initrd.write_bytes(guest.cpio(files))
    machine = vm.Machine("arm64", args.mem, counted=True)
    options = (f"{machine.console()} panic=-1 loglevel=7 printk.devkmsg=on {CMDLINE} "
               f"cma_test={args.action} {args.append}")
    disk = [] if args.no_disk else machine.disk(guest.disk())
    return [*machine.argv(), *disk, *args.qemu.split(), "-serial", "stdio", "-kernel", str(image),
            "-initrd", str(initrd), "-append", options.strip()]


def boot(line: list[str], work: Path, seconds: float) -> list[str]:
    """Boots; returns the guest's own lines. The whole log is kept."""
    log = work / "log"
    with open(log, "w", encoding="utf-8") as out:
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as late:
            raise guest.Problem(f"no end after {seconds:.0f} s, see {log}") from late
    result = vm.Result()
    for raw in log.read_text(encoding="utf-8", errors="replace").splitlines():
        result.add(raw)
    problem = result.problem()
    if done.returncode or problem:
        raise guest.Problem(f"{problem or f'QEMU ended with {done.returncode}'}, see {log}")
    return [text for text in result.log if text.startswith(("@", "> "))]


def number(value: int | None) -> str:
    """A number for a column; nothing for none."""
    return f"{value:,}" if value else ""


def annotate(counts: Counts, symbols: Symbols, name: str, vmlinux: Path) -> None:
    """The instructions of one function: how often executed, and what each call took."""
    first = symbols.address(name)
    at = symbols.starts.index(first)
    end = symbols.starts[at + 1] if at + 1 < len(symbols.starts) else symbols.end
    text = guest.call([f"{CROSS}objdump", "-d", "--no-show-raw-insn", f"--start-address={first}",
                       f"--stop-address={end}", str(vmlinux)], "disassembling")
    silent = False
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        try:
            address = int(head, 16)
        except ValueError:
            continue
        if not colon or not rest.strip():
            continue
        ran = address in counts.at
        if ran:
            print(f"{number(counts.at[address]):>12} {number(counts.within.get(address)):>12}  "
                  f"{address:x} {rest.strip()}")
        elif not silent:
            print(f"{'':>25}  ...")
        silent = not ran


def table(counts: Counts, symbols: Symbols, args: argparse.Namespace, by_within: bool) -> None:
    """Functions, the one with the most instructions first."""
    own: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    within: Counter[str] = Counter()
    entries = dict(zip(symbols.starts, symbols.names))
    for address, n in counts.at.items():
        own[symbols.name(address)] += n
        if address in entries:
            calls[entries[address]] += n
            within[entries[address]] += counts.within.get(address, 0)
    everything, only = sum(own.values()), args.only
    rounds = f"round {only} of {counts.rounds}" if only else f"{counts.rounds} round(s)"
    print(f"\n{everything:,} instructions in {rounds}"
          f"{', by what is within' if by_within else ''}\n"
          f"{'instructions':>14} {'share':>6} {'within':>14} {'share':>6} {'entered':>10}  "
          f"function")
    for name, _ in (within if by_within else own).most_common(args.top or None):
        print(f"{own[name]:>14,} {100 * own[name] / everything:>5.1f}% {within[name]:>14,} "
              f"{100 * within[name] / everything:>5.1f}% {calls[name] or '':>10}  {name}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--action", required=True, help="the guest's action, as in cma_test=")
    add("--append", default="", help="more for the kernel command line")
    add("--stock", action="store_true", help="the stock kernel instead of ours")
    add("--objects", type=Path, help="a kernel output directory to use as it is; nothing is built")
    add("--extra-config", type=Path, help="EXTRA_CONFIG= for the kernel")
    add("--guest", type=Path, default=guest.SOURCE, help="a private copy of the guest's sources")
    add("--sample", action="store_true", help="put the sample driver into the guest")
    add("--no-disk", action="store_true", help="leave out /dev/vda")
    add("--qemu", default="", help="more options for QEMU")
    add("--mem", default="1G", help="RAM [1G]")
    add("--only", type=int, default=0, help="count the Kth round alone, from 1 [all of them]")
    add("--top", type=int, default=40, help="functions to print, 0 for all [40]")
    add("--annotate", action="append", default=[], metavar="FUNCTION",
        help="print the counts of each of its instructions, too")
    add("--name", default="last", help="the directory in build/profile for files [last]")
    add("--seconds", type=float, default=300, help="how long the boot may take [300]")
    return parser.parse_args()


def profile(args: argparse.Namespace) -> int:
    work = OUT / args.name
    work.mkdir(parents=True, exist_ok=True)
    line = argv(args, kernel_of(args), work)
    marks = Symbols.of(work / "init")
    counted = work / "counts"
    only = f",only={args.only}" if args.only else ""
    line += ["-plugin", f"{plugin()},begin={marks.address('mark_begin'):#x},"
                        f"end={marks.address('mark_end'):#x},out={counted}{only}"]
    (work / "command").write_text(" ".join(line) + "\n", encoding="utf-8")
    for said in boot(line, work, args.seconds):
        print(said)
    counts, symbols = Counts.read(counted, args.only), Symbols.of(work / "vmlinux")
    table(counts, symbols, args, by_within=False)
    table(counts, symbols, args, by_within=True)
    for name in args.annotate:
        print(f"\n{name}")
        annotate(counts, symbols, name, work / "vmlinux")
    return 0


def main() -> int:
    try:
        return profile(parse())
    except guest.Problem as problem:
        print(f"profile: {problem}", file=sys.stderr)
        return 1
