# SPDX-License-Identifier: GPL-2.0
"""cma size: what to write where, which of it counts, and buffers before there is a board."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from test_cma import STATES, cma

POOLS = "proc/device-tree/reserved-memory"
LINE = "<6>[    0.000000] cma: default area: 64 MiB at 0x0000000070000000 from "
MIB = 1 << 20

LOG, CMDLINE = "cma/kernel_log", "proc/cmdline"
# The state, the name its area gets, what is seen besides, and what is said about that.
ORIGINS: dict[str, tuple[str, str, dict[str, str], list[str]]] = {
    "nothing is seen": ("pages16k", "reserved", {}, ["not known: whether cma= or Kconfig"]),
    "cma=": ("pages16k", "reserved", {CMDLINE: "quiet cma=64M\n"},
             ["here, cma= decides", "a node for the default area would come first"]),
    "no cma=": ("pages16k", "reserved", {CMDLINE: "quiet xcma=64M\n"}, ["here, Kconfig decides"]),
    "a bad cma=": ("pages16k", "reserved", {CMDLINE: "cma=8X\n"}, ["here, Kconfig decides"]),
    "cma= for init": ("pages16k", "reserved", {CMDLINE: "ro -- cma=8M\n"},
                      ["here, Kconfig decides"]),
    "the log knows better": (
        "pages16k", "reserved",
        {CMDLINE: "cma=900M\n", LOG: f"{LINE}Kconfig (64 MiB); 'cma=900M' could not be had\n"},
        ["here, Kconfig decides", "(the boot log says so)"]),
    "the log, cma=": ("pages16k", "reserved", {LOG: f"{LINE}'cma=64M'; Kconfig (16 MiB) not used"},
                      ["here, cma= decides", "(the boot log says so)"]),
    "no times in the log": ("pages16k", "reserved", {LOG: LINE.replace("[    0.000000] ", "")
                                                     + "'cma=64M'\n"},
                            ["here, cma= decides", "(the boot log says so)"]),
    "a user's line": ("pages16k", "reserved", {LOG: "<14>[ 9.0] @x=" + LINE[20:] + "'cma=1M'\n"},
                      ["not known: whether cma= or Kconfig"]),
    "the log, a node": (
        "pages16k", "pool", {LOG: f"{LINE}device tree node pool (64 MiB); 'cma=8M' not used\n"},
        ["the device tree, node pool", "here, the device tree decides", "cma=!8M overrules it",
         "(the boot log says so)"]),
    "the log, another node": (
        "pages16k", "pool", {LOG: f"{LINE}device tree node pool2\n"},
        ["cma= does not set the size of this area", "reserved-memory/pool"]),
    "a node by its name": ("pages16k", "linux,cma@70000000", {},
                           ["the device tree, node linux,cma@70000000",
                            "here, the device tree decides"]),
    "a node by its property": ("pages16k", "pool", {f"{POOLS}/pool/linux,cma-default": ""},
                               ["here, the device tree decides"]),
    "a node with a place": ("pages16k", "linux,cma", {f"{POOLS}/linux,cma/reg": "\0\0\0\0"},
                            ["its node has reg, which counts"]),
    "another node": ("pages16k", "pool", {f"{POOLS}/pool/reg": "\0\0\0\0"},
                     ["cma= does not set the size of this area", "its node has reg"]),
    "of a NUMA node": ("pages16k", "pernuma3", {}, ["cma_pernuma= on the command line"]),
    "of huge pages": ("pages16k", "hugetlb0", {}, ["hugetlb_cma= on the command line"]),
    "like of huge pages": ("pages16k", "hugetlb0x", {}, ["reserved-memory/hugetlb0x"]),
    "stock, cma=": ("stock", "reserved", {}, ["cma= decides", "it wins over the device tree"]),
    "stock, what it reads as 8": ("stock", "reserved", {CMDLINE: "cma=8X\n"}, ["cma= decides"]),
    "stock, a node": ("stock", "linux,cma", {}, ["the device tree decides",
                                                 "with this kernel, cma= would win"]),
}


def state_of(tmp_path: Path, case: str) -> Path:
    source, name, files, _ = ORIGINS[case]
    state = Path(shutil.copytree(STATES / source, tmp_path / "state"))
    for parent in ("sys/kernel/mm/cma", "sys/kernel/debug/cma"):
        (state / parent / "reserved").rename(state / parent / name)
    for path, text in files.items():
        (state / path).parent.mkdir(parents=True, exist_ok=True)
        (state / path).write_text(text)
    return state


@pytest.mark.parametrize("case", ORIGINS)
def test_what_decides(tmp_path: Path, case: str) -> None:
    said = cma(state_of(tmp_path, case), "size").stdout.decode()
    assert [part for part in ORIGINS[case][3] if part not in said] == [], said
    decided = re.findall(r"here, (.*) decides|(does not set)|(not known: whether)|"
                         r"on the command line sets (the)", said)
    assert len(decided) == 1
    assert ("the boot log says so" in said) == any("boot log" in part for part in ORIGINS[case][3])


def lines_of(said: str) -> list[int]:
    """The bytes that each of the three lines stands for."""
    found = re.search(r"size = <(0x[0-9a-f]+) (0x[0-9a-f]{8})>;.*\n +cma=(\d+)M .*\n"
                      r" +CONFIG_CMA_SIZE_MBYTES=(\d+) ", said)
    assert found
    return [int(found[1], 16) << 32 | int(found[2], 16), int(found[3]) * MIB, int(found[4]) * MIB]


def size_for(*specs: str) -> str:
    done = cma(STATES / "none", "size", *(word for spec in specs for word in ("--for", spec)))
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.parametrize(("spec", "one", "count"), [
    ("camera:1080p:6", 1920 * 1080 * 3 // 2, 6),
    ("display:1920x1200:3", 1920 * 1200 * 4, 3),
    ("display-left:1366x768", 5504 * 768, 1),  # its lines have 5464 bytes, rounded up
    ("codec:720p", 1280 * 768 * 3 // 2, 1),
    ("x:1280x721@NV12", 1280 * 1082, 1),
    ("x:640x480@nv16:2", 640 * 480 * 2, 2), ("x:640x480@grey", 640 * 480, 1),
    ("x:4k@raw10", 3840 * 2160 * 2, 1), ("x:4K@raw10p", 3840 * 10 // 8 * 2160, 1),
    ("npu:64M:2", 64 * MIB, 2), ("npu:1536KiB", 1536 << 10, 1), ("npu:6G", 6 << 30, 1),
    ("x:65536x65536@argb", 1 << 34, 1),
])
def test_buffers_add_up(spec: str, one: int, count: int) -> None:
    """Each begins at a multiple of 1M, as all of these are larger than half of that or so."""
    order = min(1 << (one - 1).bit_length(), MIB)
    total = -(-one // order) * order * count
    size = -(-(total + max(total // 8, 4 * MIB)) // (4 * MIB)) * 4 * MIB
    assert lines_of(size_for(spec)) == [size] * 3
    assert lines_of(size_for(spec, spec))[0] >= 2 * total * 9 // 8


def test_the_area_itself_is_not_looked_at() -> None:
    """On a machine with an area, the answer is the same."""
    here = cma(STATES / "ours", "size", "--for", "camera:1080p").stdout.decode()
    assert here == size_for("camera:1080p")


@pytest.mark.parametrize(("spec", "said"), [
    ("", "NAME is missing: NAME:SIZE[@FORMAT][:COUNT]"), (":", "NAME is missing"),
    (":1080p", "NAME is missing"), ("camera", ":SIZE is missing"),
    ("camera:", "SIZE is missing"), ("camera::2", "SIZE is missing"),
    ("camera:@nv12", "SIZE is missing"), ("camera:1080p@", "FORMAT after @ is missing"),
    ("camera:1080p:", "COUNT after the last colon is missing"),
    ("camera:1081p", "'1081p' is no size: 480p 576p 720p 1080p"),
    ("camera:1920*1080", "'1920*1080' is no size"), ("npu:64", "'64' is no size"),
    ("npu:0", "'0' is no size"), ("npu:0M", "'0M' is no size"), ("npu:-5M", "'-5M' is no size"),
    ("npu:64Mx", "'64M' is no width"), ("npu:99999999999999999999M", "is no size"),
    ("npu:15E", "'15E' is no size"), ("npu:2P", "an amount such as 64M, at most 1P"),
    ("npu:1P:2", "all together, it is more than 1P"),
    ("camera:9999999999x9999999999", "'9999999999' is no width from 1 to 65536"),
    ("camera:1920x9999999999", "'9999999999' is no height from 1 to 65536"),
    ("camera:18446744073709551617x1", "is no width"), ("camera:0x1080", "'0' is no width"),
    ("camera:1920x0", "'0' is no height"), ("camera:1920x", "'' is no height"),
    ("camera:1920x0x10", "'0x10' is no height"), ("camera:1920xA", "'A' is no height"),
    ("camera:65537x1", "'65537' is no width"),
    ("camera:1080p@foo", "'foo' is no format: nv12 nv21"),
    ("npu:1080p", "@FORMAT is missing: nv12 nv21"),
    ("npu:64M@nv12", "'nv12' makes no sense: only a picture has a format"),
    ("camera:1080p:0", "'0' is no count from 1 to 65536"),
    ("camera:1080p:-1", "'-1' is no count"), ("camera:1080p:x", "'x' is no count"),
    ("camera:1080p:18446744073709551617", "is no count"), ("camera:1080p:65537", "is no count"),
    ("camera:1080p:1:2", "'2' is too much"), ("a\x1b:x", "a\\033:x: 'x' is no size"),
])
def test_wrong_specs(spec: str, said: str) -> None:
    """One line that names the bad part and what is possible; also beside good ones."""
    for more in ([], ["--for", "npu:1M"]):
        done = cma(STATES / "none", "size", *more, "--for", spec)
        assert (done.returncode, done.stdout) == (2, b"")
        assert said in done.stderr.decode() and done.stderr.count(b"\n") == 1
        assert b"\x1b" not in done.stderr


def test_sums_do_not_overflow() -> None:
    done = cma(STATES / "none", "size", *["--for", "x:65536x65536@argb:65535"] * 20000)
    assert done.returncode == 2 and b"all together, it is more than 1P" in done.stderr
