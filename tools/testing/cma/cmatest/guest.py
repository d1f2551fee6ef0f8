# SPDX-License-Identifier: GPL-2.0
"""What a guest is made of: kernel, initramfs, disk with known contents."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
BUILD = ROOT / "build" / "guest"
SOURCE = ROOT / "tools" / "testing" / "cma" / "guest"
TOOL = ROOT / "tools" / "mm" / "cma"
MODULE = SOURCE.with_name("module")
SELFTESTS = ROOT / "tools" / "testing" / "selftests" / "cma"
HARNESS = ROOT / "build" / "base" / "tools" / "testing" / "selftests"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cma-guest"
IMAGE_MIB = 576
DATA_FILES = 8  # as in data.h
DATA_FILE_MIB = 64

PREFIX = {"arm64": "aarch64-linux-gnu-", "arm": "arm-linux-gnueabihf-", "x86_64": ""}
UDEV = ("udev", "libacl1", "libblkid1", "libc6", "libcap2", "libkmod2", "liblzma5",
        "libpcre2-8-0", "libselinux1", "libssl3", "libudev1", "libzstd1")
DEBIAN = {"arm64": "arm64", "arm": "armhf", "x86_64": "amd64"}

# A board's kernel for real-time tasks, and what such a kernel cannot have.
RT = ("CONFIG_PREEMPT_RT=y\n# CONFIG_PREEMPT is not set\n# CONFIG_NUMA_BALANCING is not set\n"
      "# CONFIG_TRANSPARENT_HUGEPAGE is not set\n# CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS is not set\n")


class Problem(Exception):
    """Something that the user has to repair; the text says how."""


def status(who: str, work: Callable[[], int]) -> int:
    """The exit status of the command @who; why it cannot go on is one line."""
    try:
        return work()
    except Problem as problem:
        print(f"{who}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


@dataclass(frozen=True)
class Order:
    """A kernel to build; a board's has what boards have, and wants four processors."""

    arch: str = "arm64"
    stock: bool = False
    debug: bool = False
    board: bool = False
    extra: Path | None = None
    mainline: Path | None = None  # a tree of another release

    @property
    def smp(self) -> int:
        return 4 if self.board else 2


@dataclass(frozen=True)
class Kernel:
    """A bootable kernel: what was asked for, and where it is."""

    arch: str
    image: Path
    stock: bool = False

    @property
    def module(self) -> Path:
        """The sample driver that was built with this kernel."""
        return self.objects / "samples/cma/cma_sample.ko"

    @property
    def objects(self) -> Path:
        """The output directory of the kernel build: above arch/<arch>/boot."""
        return self.image.parents[3]


def wants_board() -> bool:
    """Whether boots have the kernel of a board: not with BOARD=0, and not one with checks."""
    return os.environ.get("BOARD") != "0" and os.environ.get("DEBUG") != "1"


def fragment(config: str) -> Path | None:
    """@config as a file for Order.extra; None for none."""
    if not config:
        return None
    name = hashlib.sha256(config.encode()).hexdigest()[:12]
    path = BUILD / "config" / f"{name}.config"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# SPDX-License-Identifier: GPL-2.0\n" + config, encoding="ascii")
    return path


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Keeps two runs from building the same thing at the same time."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def call(argv: list[str], what: str, cwd: Path | None = None) -> str:
    """Runs a command quietly; what it printed is shown when it fails."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
                          stdin=subprocess.DEVNULL, text=True, check=False)
    if done.returncode:
        raise Problem(f"{what} failed ({' '.join(argv)}):\n{done.stdout.rstrip()}")
    return done.stdout


def build_kernel(order: Order) -> Kernel:
    """`make kernel`; its progress goes to the terminal."""
    argv = ["make", "-s", "-C", str(ROOT), "kernel", f"ARCH={order.arch}"]
    argv += ["STOCK=1"] * order.stock + ["BOARD=1"] * order.board + ["DEBUG=1"] * order.debug
    argv += [f"EXTRA_CONFIG={order.extra}"] if order.extra else []
    argv += [f"MAINLINE={order.mainline}"] if order.mainline else []
    env = {k: v for k, v in os.environ.items() if k not in
           ("ARCH", "STOCK", "BOARD", "DEBUG", "EXTRA_CONFIG", "MAINLINE", "MAKEFLAGS", "MFLAGS",
            "MAKEOVERRIDES")}
    done = subprocess.run(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          env=env, check=False)
    lines = done.stdout.split("\n")[:-1]
    if done.returncode or not lines or not Path(lines[-1]).is_file():
        raise Problem(f"{' '.join(argv)} gave no kernel")
    return Kernel(order.arch, Path(lines[-1]), order.stock or order.mainline is not None)


def programs(arch: str) -> Path:
    """The directory with init, mkdata and the tool cma for @arch."""
    out = BUILD / arch
    out.mkdir(parents=True, exist_ok=True)
    call(["make", "-s", "-C", str(SOURCE), f"OUT={out}", f"CROSS_COMPILE={PREFIX[arch]}"],
         f"compiling the guest for {arch}")
    call(["make", "-s", "-C", str(TOOL), f"O={out}", f"CROSS_COMPILE={PREFIX[arch]}"],
         f"compiling cma for {arch}")
    return out


def stripped(program: Path, arch: str) -> bytes:
    """@program without its symbols: a guest may have little memory for an initramfs."""
    small = program.with_suffix(".stripped")
    call([f"{PREFIX[arch]}strip", "-o", str(small), str(program)], "strip")
    return small.read_bytes()


def selftest_names() -> list[str]:
    """The programs of the selftests: one for each source but the one that they share."""
    return sorted({path.stem for path in SELFTESTS.glob("*.c")} - {"cma_test"})


def selftests(arch: str) -> dict[str, bytes]:
    """The selftests for @arch, as files of an initramfs; the harness is that of the kernel."""
    out = BUILD / arch / "selftests"
    out.mkdir(parents=True, exist_ok=True)
    call(["make", "-s", "-C", str(SELFTESTS), f"SELFTESTS={HARNESS}", f"OUTPUT={out}",
          f"CROSS_COMPILE={PREFIX[arch]}", "USERLDFLAGS=-static", "USERCFLAGS=-Werror"],
         f"compiling the selftests for {arch}")
    return {f"selftests/{name}": (out / name).read_bytes() for name in selftest_names()}


def host_tool() -> Path:
    """The tool cma for this machine."""
    out = BUILD / "tool"
    out.mkdir(parents=True, exist_ok=True)
    with locked("tool"):
        call(["make", "-s", "-C", str(TOOL), f"O={out}"], "compiling cma")
    return out / "cma"


def outside_module(kernel: Kernel, source: Path) -> Path:
    """A module of one file, built for @kernel but not in its tree."""
    out = BUILD / kernel.arch / f"{source.stem}-{kernel.objects.name}"
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, out)
    (out / "Makefile").write_text(f"obj-m := {source.stem}.o\n", encoding="ascii")
    cc = f"{PREFIX[kernel.arch]}gcc"
    make = ["make", "-s", "-C", str(kernel.objects), f"ARCH={kernel.arch}",
            f"CROSS_COMPILE={PREFIX[kernel.arch]}",
            f"CC={'ccache ' if shutil.which('ccache') else ''}{cc}"]
    what = f"building {source.stem} outside the kernel"
    if not (kernel.objects / "scripts/module.lds").is_file():
        call([*make, "modules_prepare"], what)
    # Without modules of its own this kernel has no list of symbols to check against.
    call([*make, f"M={out}", "KBUILD_MODPOST_WARN=1", "modules"], what)
    return out / f"{source.stem}.ko"


def sample_module(kernel: Kernel) -> Path | None:
    """The sample driver for @kernel. Stock does not have it, so there it is built outside."""
    if kernel.module.is_file():
        return kernel.module
    if not kernel.stock:
        return None
    return outside_module(kernel, ROOT / "samples/cma/cma_sample.c")


def cpio_entry(name: str, mode: int, data: bytes, rdev: tuple[int, int]) -> bytes:
    """One entry of a "newc" archive, the format of an initramfs."""
    path = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(path), 0]
    head = b"070701" + b"".join(b"%08x" % value for value in fields) + path
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def cpio(files: dict[str, bytes], dirs: tuple[str, ...] = ()) -> bytes:
    """A whole archive: executable files, directories, and the console."""
    none = (0, 0)
    entries = [cpio_entry(d, stat.S_IFDIR | 0o755, b"", none) for d in ("dev", *dirs)]
    entries.append(cpio_entry("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    entries += [cpio_entry(n, stat.S_IFREG | 0o755, d, none) for n, d in files.items()]
    entries.append(cpio_entry("TRAILER!!!", 0, b"", none))
    return b"".join(entries)


def parents(files: dict[str, bytes]) -> tuple[str, ...]:
    """The directories that @files are in, outer ones first."""
    found = {str(parent) for name in files for parent in Path(name).parents}
    return tuple(sorted(found - {"."}))


def own_module(action: str, cmdline: str) -> str:
    """The module, of one file, that a boot needs besides; "" for none."""
    if action == "hmb":
        return "cma_hmb"
    return "cma_dma32" * ("starve_demand=dma32" in cmdline)


def initramfs(kernel: Kernel, action: str = "", cmdline: str = "") -> Path:
    """The initramfs for @kernel: init, cma, the sample driver, and what it is to do needs."""
    own = own_module(action, cmdline)
    with locked(kernel.arch):
        out = programs(kernel.arch)
        files = {name: stripped(out / Path(name).name, kernel.arch)
                 for name in ("init", "bin/cma")}
        module = sample_module(kernel)
        if module:
            files["cma_sample.ko"] = module.read_bytes()
        if action == "shell":
            files["bin/busybox"] = busybox(kernel.arch).read_bytes()
        if action == "heaps":
            files |= udev(kernel.arch)
        if action == "selftests":
            files |= selftests(kernel.arch)
        if own:
            module = outside_module(kernel, MODULE / f"{own}.c")
            files[module.name] = module.read_bytes()
        data = cpio(files, parents(files))
        special = f"-{action if action in ('shell', 'heaps', 'selftests') else own}".rstrip("-")
        flavour = f"{kernel.objects.parent.name}-{kernel.objects.name}{special}"
        path = BUILD / kernel.arch / f"initramfs-{flavour}.cpio"
        if not path.is_file() or path.read_bytes() != data:
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        return path


def format_ext4(image: Path, tree: Path, mib: int) -> None:
    call(["/sbin/mkfs.ext4", "-q", "-F", "-m", "0", "-d", str(tree), str(image), f"{mib}M"],
         "making the file system")


def format_xfs(image: Path, tree: Path, mib: int) -> None:
    """XFS, with the files of @tree by a list that mkfs reads; it needs room to do that right."""
    names = sorted(path.name for path in tree.iterdir())
    files = "".join(f"{name} ---444 0 0 {tree / name}\n" for name in names)
    proto = image.with_suffix(".proto")
    proto.write_text(f"/none\n0 0\nd--755 0 0\n{files}$\n", encoding="ascii")
    call(["/sbin/mkfs.xfs", "-q", "-f", "-p", str(proto), "-d",
          f"file=1,name={image},size={mib * 3 // 2}m"], "making the file system")
    proto.unlink()


def disk(fs: str = "ext4", files: int = DATA_FILES) -> Path:
    """An image whose files have the contents that data.h defines."""
    with locked("disk"):
        path = BUILD / (f"data.{fs}" if files == DATA_FILES else f"data-{files}.{fs}")
        header = SOURCE / "data.h"
        if path.is_file() and path.stat().st_mtime >= header.stat().st_mtime:
            return path
        tree = BUILD / "data"
        tree.mkdir(parents=True, exist_ok=True)
        call([str(programs("x86_64") / "mkdata"), str(tree), str(files)],
             "writing the guest's data")
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        make = format_xfs if fs == "xfs" else format_ext4
        make(fresh, tree, files * DATA_FILE_MIB * 9 // 8)
        shutil.rmtree(tree)
        fresh.replace(path)
        return path


def scratch() -> Path:
    """An empty file system to write to; what is written is thrown away."""
    with locked("scratch"):
        path = BUILD / "scratch.ext4"
        if not path.is_file():
            fresh = path.with_suffix(".new")
            with open(fresh, "wb") as image:
                image.truncate(IMAGE_MIB << 20)
            call(["/sbin/mkfs.ext4", "-q", "-F", "-m", "0", str(fresh)],
                 "making the scratch file system")
            fresh.replace(path)
    return path


def apt_options(arch: str, state: Path) -> list[str]:
    """Another architecture's packages, without touching the user's apt or dpkg."""
    for sub in ("lists/partial", "cache/archives/partial"):
        (state / sub).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    return ["-o", f"APT::Architecture={arch}", "-o", f"APT::Architectures={arch}",
            "-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}",
            "-o", f"Dir::State::status={state / 'status'}", "-o", "APT::Sandbox::User=root"]


def unpacked(arch: str, packages: tuple[str, ...]) -> Path:
    """A directory with the content of Debian's @packages for @arch, kept in the user's cache."""
    path = CACHE / f"{packages[0]}-{arch}.root"
    if path.is_dir():
        return path
    state = BUILD / "apt" / arch
    options = apt_options(DEBIAN[arch], state)
    print(f"qemu: fetching {packages[0]} for {DEBIAN[arch]} (once)", flush=True)
    # A list that a mirror is just renewing makes update fail; the package may be in another.
    script = f'apt-get -q "$@" update; apt-get -q "$@" download {" ".join(packages)}'
    call(["sh", "-c", script, "sh", *options], f"fetching {packages[0]}", cwd=state)
    for package in state.glob("*.deb"):
        call(["dpkg-deb", "-x", str(package), str(state / "root")], f"unpacking {package.name}")
    CACHE.mkdir(parents=True, exist_ok=True)
    # Another clone may be at it as well, and this one may be stopped half way.
    with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
        shutil.copytree(state / "root", Path(fresh) / "root", symlinks=True)
        with suppress(OSError):
            (Path(fresh) / "root").rename(path)
    shutil.rmtree(state)
    return path


def busybox(arch: str) -> Path:
    """A static busybox for @arch."""
    root = unpacked(arch, ("busybox-static",))
    return next(path for path in root.rglob("busybox") if path.parent.name == "bin")


def udev(arch: str) -> dict[str, bytes]:
    """udev with the libraries that it loads, a group, a user's shell, and our rule."""
    root = unpacked(arch, UDEV)
    libraries = [path for path in root.rglob("*.so*") if path.is_file()]
    files = {str(path.relative_to(root)): path.read_bytes() for path in libraries}
    # One program; its name tells what it is to do.
    program = (root / "bin/udevadm").read_bytes()
    rule = next((TOOL / "udev").glob("*.rules"))
    return files | {
        "bin/udevadm": program,
        "lib/systemd/systemd-udevd": program,
        f"etc/udev/rules.d/{rule.name}": rule.read_bytes(),
        "etc/group": b"root:x:0:\nvideo:x:44:\n",
        "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
        "bin/sh": busybox(arch).read_bytes(),
    }
