# SPDX-License-Identifier: GPL-2.0
"""The disks of the Debian guests: the system, and the suites that are built from sources."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cmatest import guest

RELEASE = "bookworm"
KIT = guest.SOURCE.with_name("suites")
OUT = guest.ROOT / "build" / "suites"
KSELFTESTS = ("mm", "dmabuf-heaps", "drivers/dma-buf", "cgroup", "memory-hotplug",
              "damon")
LTP_DIRS = ("testcases/kernel/mem", "testcases/kernel/controllers", "testcases/lib")
PACKAGES = (
    "systemd-sysv", "udev", "dbus", "procps", "kmod", "util-linux", "e2fsprogs", "iproute2",
    "psmisc", "bc", "sudo", "gawk", "perl", "python3-minimal", "attr", "acl", "libcap2-bin",
    "numactl", "liburing2", "stress-ng", "rt-tests", "memtester", "zram-tools", "v4l-utils",
    "gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good")
SERVICE = "cma-suites.service"
UNITS = "etc/systemd/system"
SET_UP = (
    f"upload {KIT / SERVICE} /{UNITS}/{SERVICE}",
    f"upload {KIT / 'suites.slice'} /{UNITS}/suites.slice",
    f'ln -s ../{SERVICE} "$1/{UNITS}/multi-user.target.wants/"',
    'mkdir -p "$1/opt/suites"; echo guest > "$1/etc/hostname"',
    'echo "LABEL=suites /opt/suites ext4 ro 0 0" > "$1/etc/fstab"',
    # What Debian would load is built in.
    'echo "install zram /bin/true" > "$1/etc/modprobe.d/built-in.conf"',
    # Nobody logs in.
    f'ln -sf /dev/null "$1/{UNITS}/serial-getty@.service"',
    'rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*')


def say(text: str) -> None:
    print(f"suites: {text}", flush=True)


def ext4(image: Path, tree: str, mib: int) -> list[str]:
    return ["/sbin/mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-L",
            image.stem, "-d", tree, str(image), f"{mib}M"]


def _system(arch: str) -> Path:
    """Debian for @arch, with systemd, zram, and a service that runs what is on /dev/vdc."""
    OUT.mkdir(parents=True, exist_ok=True)
    image = OUT / f"root-{arch}.ext4"
    wish = "\n".join([RELEASE, *PACKAGES, *SET_UP, *(path.read_text() for path in
                                            (KIT / SERVICE, KIT / "suites.slice"))])
    done = image.with_suffix(".wish")
    if image.is_file() and done.is_file() and done.read_text() == wish:
        return image
    say(f"installing Debian {RELEASE} for {arch} (once)")
    done.unlink(missing_ok=True)
    fresh = image.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    # Without /proc and what else is mounted there meanwhile.
    make = " ".join(ext4(fresh, '"$1/mnt"', 3072))
    hooks = [*SET_UP, f'mount --bind "$1" "$1/mnt" && {make} && umount "$1/mnt"']
    guest.call(["mmdebstrap", "--variant=minbase", f"--architectures={guest.DEBIAN[arch]}",
                f"--include={','.join(PACKAGES)}", "--format=null",
                *(f"--customize-hook={hook}" for hook in hooks), RELEASE, "-"],
               "installing the guest's Debian")
    fresh.replace(image)
    done.write_text(wish)
    return image


def kselftests(dest: Path) -> None:
    """The kernel's own, of the untouched tree; khugepaged.c lacks an include there."""
    base, objects = guest.ROOT / "build" / "base", OUT / "kselftest"
    say("building the kernel's selftests (once)")
    objects.mkdir(parents=True, exist_ok=True)
    guest.call(["make", "-s", "-C", str(base), f"O={objects}", "ARCH=x86_64", "headers"],
               "exporting headers")
    header = base / "tools/testing/selftests/kselftest.h"
    guest.call(["make", "-k", "-j2", "-C", str(base / "tools/testing/selftests"), f"O={objects}",
                "ARCH=x86_64", f"USERCFLAGS=-include {header}", f"TARGETS={' '.join(KSELFTESTS)}",
                f"INSTALL_PATH={dest / 'kselftest'}", "install"], "building the selftests")
    for name in ("local_config.mk", "local_config.h"):  # written beside the sources
        (base / "tools/testing/selftests/mm" / name).unlink(missing_ok=True)


def ltp(dest: Path, source: Path) -> None:
    """LTP's tests of memory, of the tree that the user has."""
    if not (source / "runtest/mm").is_file():
        raise guest.Problem(f"LTP={source} is no tree of the Linux Test Project")
    say("building LTP (once)")
    tree = OUT / "ltp"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(source, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    script = ("make -s autotools; ./configure -q --prefix=/ltp; make -s -C include; "
              "make -s -j2 -C lib; make -s -j2 -C libs; "
              f"for dir in {' '.join(LTP_DIRS)}; do "
              f"make -s -j2 -C $dir; make -s -C $dir install DESTDIR={dest}; done; "
              f"cp -r runtest {dest}/ltp/")
    guest.call(["bash", "-euc", script], "building LTP", cwd=tree)


def _suites() -> Path:
    """The file system of what was built: kselftest/, and ltp/ once LTP=<tree> was given."""
    image, dest = OUT / "suites.ext4", OUT / "dest"
    source = os.environ.get("LTP", "")
    wish = " ".join([*KSELFTESTS, *LTP_DIRS])
    done = image.with_suffix(".wish")
    there = done.read_text().split("\n") if image.is_file() and done.is_file() else []
    if there and there[0] == wish and source in ("", there[1]):
        return image
    done.unlink(missing_ok=True)
    shutil.rmtree(dest, ignore_errors=True)
    dest.mkdir(parents=True)
    kselftests(dest)
    if source:
        ltp(dest, Path(source).resolve())
    fresh = image.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    guest.call(ext4(fresh, str(dest), 2048), "making the file system")
    fresh.replace(image)
    done.write_text(f"{wish}\n{source}")
    return image


def system(arch: str) -> Path:
    """The image with Debian for @arch."""
    with guest.locked("system"):
        return _system(arch)


def suites() -> Path:
    """The image with the suites that are built from sources."""
    with guest.locked("suites"):
        return _suites()
