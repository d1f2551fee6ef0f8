# SPDX-License-Identifier: GPL-2.0
"""Packs what a user of a release needs: the series, the tool, fragments, documents."""

from __future__ import annotations

import io
import lzma
import re
import shutil
import tarfile
from pathlib import Path

from overlay import plan, series
from overlay.common import BUILD, ROOT, Problem, say
from overlay.lay import our_files

# Where the files of the repo go, by pattern; the tool is built where it lies.
PLACES = (
    ("tool/", ("tools/mm/cma/", "mm/cma/lib/")),
    ("configs/", ("kernel/configs/", "arch/arm/configs/", "arch/arm64/configs/",
                  "arch/x86/configs/")),
    ("", ("Documentation/",)),
)
LEFT_OUT = ("tools/mm/cma/tests/",)
INSTALL = """\
The contiguous memory allocator {release}, for Linux {version}

Patches, in patches/; they go on Linux {version}, see 0000-cover-letter.patch:
  git am patches/cma.mbox
  patch -p1 -i patches/combined.patch
  QUILT_PATCHES=.../patches quilt push -a
Buildroot: copy patches/series and the patches that it names to linux/ in your
  BR2_GLOBAL_PATCH_DIR
Yocto: name combined.patch in SRC_URI of a bbappend of your kernel
For another 6.12.y tree, "make patch KSRC=<tree>" in the repository makes one.

Configuration: CONFIG_CMA=y and CONFIG_DMA_CMA=y as with stock; add
  CONFIG_CMA_DEBUGFS=y and CONFIG_CMA_SYSFS=y to see more. configs/ has what
  the tests use, for scripts/kconfig/merge_config.sh.

The tool cma, for a board (it needs no kernel tree):
  make -C tool/tools/mm/cma CROSS_COMPILE=aarch64-linux-gnu-
{udev}
What it does, and all differences to stock:
  Documentation/admin-guide/mm/cma.rst
To go back: take the patches out. The configuration can stay.

sha256sum -c SHA256SUMS checks what you have.
"""
UDEV = """
Groups that may open the DMA heaps: copy udev/ to /etc/udev/rules.d.
"""


def place(name: str) -> str | None:
    """Where in the archive the file @name of the repo belongs; None: nowhere."""
    if any(plan.covers(pattern, name) for pattern in LEFT_OUT):
        return None
    if name.endswith(".rules"):
        return f"udev/{Path(name).name}"
    for where, patterns in PLACES:
        if any(plan.covers(pattern, name) for pattern in patterns):
            return f"{where}{name}"
    return None


def lay_out(release: str, made: series.Series, into: Path) -> None:
    """Put all files of the release below @into."""
    shutil.copytree(series.SERIES, into / "patches")
    udev = False
    for name in our_files(ROOT, made.here.staged):
        where = place(name)
        if where:
            (into / where).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, into / where)
            udev |= name.endswith(".rules")
    shutil.copy(ROOT / "COPYING", into)
    (into / "INSTALL").write_text(INSTALL.format(release=release, version=made.here.version,
                                                 udev=UDEV if udev else ""))
    (into / "SHA256SUMS").write_text(series.sums(into))


def archive(top: Path) -> bytes:
    """@top as .tar.xz: sorted, without dates and owners."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(path for path in top.rglob("*") if path.is_file()):
            member = tarfile.TarInfo(f"{top.name}/{path.relative_to(top)}")
            member.size = path.stat().st_size
            member.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            member.mtime = series.EPOCH
            with path.open("rb") as content:
                tar.addfile(member, content)
    return lzma.compress(raw.getvalue(), preset=9)


def pack(release: str) -> Path:
    """Make build/cma-@release.tar.xz."""
    if not re.fullmatch(r"\d+(\.\d+)*(-?rc\d+)?", release):
        raise Problem(f"V={release} is no version; give for example V=1.0")
    made = series.write_series()
    top = BUILD / "release" / f"cma-{release}"
    shutil.rmtree(top.parent, ignore_errors=True)
    top.mkdir(parents=True)
    lay_out(release, made, top)
    result = BUILD / f"cma-{release}.tar.xz"
    result.write_bytes(archive(top))
    say(f"release: {sum(path.is_file() for path in top.rglob('*'))} files, "
        f"{result.stat().st_size // 1024} KiB")
    return result
