# SPDX-License-Identifier: GPL-2.0
"""Debian's kernel, rebuilt as packages with our patch, and booted: DEBIAN=1, twenty minutes.

The configuration is a small one, so that it takes no hours.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from adopt import HERE, SOURCE, call, fresh, prepared
from overlay import config
from overlay.machine import MACHINES

from cmatest import guest, vm


@pytest.fixture(scope="module")
def image() -> Path:
    """The kernel in the package that adoption/debian/rebuild makes."""
    if os.environ.get("DEBIAN") != "1":
        pytest.skip("not run: Debian's kernel rebuilt and booted (give DEBIAN=1)")
    place = fresh("debian-rebuilt")
    tree = place / "linux"
    tree.mkdir()
    call("tar", "-xf", SOURCE, "-C", tree, "--strip-components=1")
    wish = place / "wish.config"
    small = MACHINES["x86_64"].fragments(ours=False)
    wish.write_text(config.merge([config.load(path) for path in small]))
    call("make", "-s", "allnoconfig", cwd=tree, env={"KCONFIG_ALLCONFIG": str(wish)})
    done = call(HERE / "debian/rebuild", tree, prepared("debian"), "CC=ccache gcc")
    packages = re.findall(r"^\.\./(linux-image-\S+\.deb)$", done.stdout, re.M)
    assert [name for name in packages if "-dbg" not in name] == packages[:1], done.stdout
    call("dpkg-deb", "-x", place / packages[0], place / "root")
    return next((place / "root/boot").glob("vmlinuz-*"))


@pytest.mark.parametrize(("cmdline", "says"), [
    ("cma=64M", r"cma: default area: 64 MiB at 0x\w+ from 'cma=64M'; Kconfig \(64 MiB\) not used"),
    ("", r"cma: default area: 64 MiB at 0x\w+ from Kconfig \(64 MiB\)"),
    ("cma=48M", r"cma: default area: 48 MiB at 0x\w+ from 'cma=48M'")])
def test_debian_boots_with_it(image: Path, cmdline: str, says: str) -> None:
    kernel = guest.Kernel("x86_64", image)
    booted = vm.run(vm.Boot(kernel, "facts", cmdline, machine=vm.Machine("x86_64"),
                            name=f"adoption-debian-{cmdline[4:] or 'kconfig'}"))
    assert booted.problem() is None
    assert re.search(rf"^{says}", booted.text, re.M), booted.kernel_lines("cma:")
