# SPDX-License-Identifier: GPL-2.0
"""What is ready to use is used: by dtc and a boot, by the tools of the build systems.

A tree that is not given is named by a skip; it does not count as passed. See README.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/testing/cma"))

from cmatest import guest, vm  # noqa: E402

HERE = ROOT / "adoption"
OUT = ROOT / "build" / "adoption"
SOURCE = os.environ.get("KSRC") or "/usr/src/linux-source-6.12.tar.xz"
BINDINGS = ROOT / "Documentation/devicetree/bindings"
BINDING = "reserved-memory/linux,cma.yaml"
# An overlay's own root counts in cells that dtc cannot know.
QUIET = [f"-Wno-{name}" for name in ("ranges_format", "avoid_default_addr_size",
                                     "avoid_unnecessary_addr_size", "unique_unit_address")]
MIB = 1 << 20
# What the boot log then says: the size, and between which addresses.
OVERLAYS = {
    "default-pool": (r"cma: default area: 256 MiB at 0x(\w+) from device tree node linux,cma", 256,
                     0x40000000, 0x80000000),
    "below-1g": (r"cma: default area: 64 MiB at 0x(\w+) from device tree node linux,cma", 64,
                 0x40000000, 0x80000000),
    "private-pool": (r"created CMA memory pool at 0x(\w+), size 64 MiB", 64, 0x40000000,
                     0x80000000),
}


def call(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


def given(name: str, what: str) -> Path:
    """The tree that the variable @name names."""
    path = os.environ.get(name)
    if not path:
        pytest.skip(f"not run: {what}; give {name}=<tree>")
    return Path(path).resolve()


def prepared(kind: str) -> Path:
    """What adoption/prepare makes of Debian's source, or of KSRC=."""
    place = OUT / kind
    shutil.rmtree(place, ignore_errors=True)
    call(HERE / "prepare", kind, SOURCE, place)
    return place


@pytest.fixture(scope="session")
def blob() -> Path:
    """The tree of QEMU's virt machine."""
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / "virt.dtb"
    call("qemu-system-aarch64", "-machine", f"virt,dumpdtb={path}", "-cpu", "cortex-a53", "-smp",
         "2", "-m", "1G")
    return path


@pytest.fixture(scope="session")
def kernel() -> guest.Kernel:
    return guest.build_kernel(guest.Order("arm64"))


def test_an_overlay_is_tried_for_each_there_is() -> None:
    assert {path.stem for path in (HERE / "overlays").glob("*.dtso")} == set(OVERLAYS)


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_makes_its_area(name: str, blob: Path, kernel: guest.Kernel) -> None:
    overlay, whole = OUT / f"{name}.dtbo", OUT / f"{name}.dtb"
    made = call("dtc", "-@", *QUIET, "-O", "dtb", "-o", overlay, HERE / f"overlays/{name}.dtso")
    assert not made.stderr
    call("fdtoverlay", "-i", blob, "-o", whole, overlay)
    line, mib, low, high = OVERLAYS[name]
    booted = vm.run(vm.Boot(kernel, "facts", "", whole, vm.Machine("arm64", "1G", 2), 120.0,
                            f"adoption-{name}"))
    found = re.search(line, "\n".join(booted.log))
    assert found, "\n".join(text for text in booted.log if "cma" in text)
    start = int(found[1], 16)
    assert low <= start and start + mib * MIB <= high


def validated(tree: Path) -> str:
    """What dt-schema says of a tree, with the binding and its own schemas."""
    schemas, blob_of = OUT / "schemas", OUT / f"{tree.stem}.dtb"
    shutil.rmtree(schemas, ignore_errors=True)
    schemas.mkdir(parents=True)
    shutil.copy(BINDINGS / BINDING, schemas)
    call("dt-mk-schema", "-j", "-o", OUT / "schema.json", schemas)
    call("dtc", "-q", "-O", "dtb", "-o", blob_of, tree)
    done = call("dt-validate", "-s", OUT / "schema.json", blob_of)
    return done.stdout + done.stderr


def test_the_binding_is_accepted() -> None:
    call("yamllint", "-s", "-d", "relaxed", BINDING, cwd=BINDINGS)
    done = call("dt-doc-validate", "-u", ".", BINDING, cwd=BINDINGS)
    assert not done.stdout + done.stderr


def test_the_examples_of_the_binding_are_accepted() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    text = call("dt-extract-example", BINDING, cwd=BINDINGS).stdout
    tree = OUT / "examples.dts"
    tree.write_text(text)
    assert validated(tree) == ""
    tree = OUT / "wrong.dts"
    tree.write_text(text.replace("size = <0x0 0x0c000000>", "length = <0x0 0x0c000000>"))
    assert "'length' was unexpected" in validated(tree)


def test_buildroot_takes_the_external_tree() -> None:
    buildroot = given("BUILDROOT", "Buildroot's make with our external tree")
    place, out = prepared("buildroot"), OUT / "buildroot-out"
    call("make", "-s", f"O={out}", f"BR2_EXTERNAL={place}", "cma_qemu_aarch64_defconfig",
         cwd=buildroot)
    config = (out / ".config").read_text()
    for line in (HERE / "buildroot/configs/cma_qemu_aarch64_defconfig").read_text().splitlines():
        assert line.startswith("#") or line in config.splitlines()
    told = call("make", "-s", f"O={out}", "printvars",
                "VARS=LINUX_KCONFIG_FRAGMENT_FILES LINUX_VERSION", cwd=buildroot).stdout
    assert f"LINUX_KCONFIG_FRAGMENT_FILES={place}/board/cma/cma.cfg" in told
    assert (place / "patches/linux/999-cma.patch").is_file()


def test_bitbake_takes_the_layer() -> None:
    bitbake = given("BITBAKE", "bitbake's parser with our layer")
    core = given("OE_CORE", "bitbake's parser with our layer")
    place, out = prepared("yocto"), OUT / "bitbake-out"
    shutil.rmtree(out, ignore_errors=True)
    (out / "conf").mkdir(parents=True)
    appends = place / "meta-cma/recipes-kernel/linux"
    for path in appends.glob("*.bbappend"):
        if not (core / "meta/recipes-kernel/linux" / f"{path.stem}.bb").is_file():
            path.unlink()  # as the README says
    assert list(appends.glob("*.bbappend")), f"{core} has no recipe of a kernel 6.12"
    (out / "conf/bblayers.conf").write_text(
        'BBPATH = "${TOPDIR}"\nBBFILES ?= ""\n'
        f'BBLAYERS = "{core}/meta {place}/meta-cma"\n')
    (out / "conf/local.conf").write_text('MACHINE = "qemuarm64"\nDISTRO = "nodistro"\n')
    (out / "conf/sanity.conf").write_text("")  # so root may parse
    env = os.environ | {"BBPATH": str(out), "BUILDDIR": str(out),
                        "PATH": f"{bitbake}/bin:{os.environ['PATH']}"}
    done = subprocess.run(["bitbake", "-e", "linux-yocto"], cwd=out, env=env, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    uris = re.search(r'^SRC_URI="(.*)"$', done.stdout, re.M)
    assert uris and {"file://cma.patch", "file://cma.scc", "file://cma.cfg"} <= set(uris[1].split())


@pytest.mark.parametrize(("kind", "patch"), [
    ("openwrt", "patches-6.12/999-cma.patch"),
    ("armbian", "userpatches/kernel/family-6.12/999-cma.patch"),
    ("torizon", "cma.patch"), ("debian", "cma.patch"),
    ("buildroot", "patches/linux/999-cma.patch"),
    ("yocto", "meta-cma/recipes-kernel/linux/files/cma.patch")])
def test_the_patch_of_each_folder_applies(kind: str, patch: str) -> None:
    """To Debian's 6.12, or to KSRC=."""
    made = prepared(kind) / patch
    base = ROOT / "build" / "base"
    call("patch", "-p1", "-s", "--dry-run", "-i", made, cwd=base)


def test_prepare_says_what_is_wrong() -> None:
    done = subprocess.run([str(HERE / "prepare"), "gentoo", SOURCE, str(OUT)], capture_output=True,
                          text=True, check=False)
    assert (done.returncode, "gentoo" in done.stderr) == (2, True)


def test_debian_is_rebuilt() -> None:
    """An hour: a whole kernel, as packages, which then boots."""
    tree = given("DEBIAN", "the rebuild of Debian's kernel")
    made = prepared("debian")
    call(HERE / "debian/rebuild", tree, made)
    assert list(tree.parent.glob("linux-image-*.deb"))
