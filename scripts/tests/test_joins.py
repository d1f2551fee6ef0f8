# SPDX-License-Identifier: GPL-2.0
"""What joins says of a tree: a table, what goes, one line with the result, and the status."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from overlay import join
from overlay.source import Folder
from toy import SCRIPTS, Toy, make_toy, write

POINTS = len(join.joins("MIKE\n")) + 1


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return make_toy(tmp_path)


def joins(toy: Toy, **env: str) -> subprocess.CompletedProcess[str]:
    return toy.run("joins", COMPILE="0", **env)


def test_a_tree_that_fits(toy: Toy) -> None:
    result = joins(toy)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[-1] == f"joins: 6.12.7: {POINTS} of {POINTS} points, not compiled"
    assert "mm/Makefile: cma.o" in lines[6] and lines[6].endswith("needed    6.12")
    assert len(lines) == POINTS + 1
    assert not (toy.repo / "build/linux").exists()
    assert not (toy.repo / "build/base").exists()
    assert not (toy.repo / "build/joins/tree").exists()


def test_an_optional_point_that_is_missing(toy: Toy) -> None:
    toy.edit("tools/testing/selftests/Makefile", "clone3", "clone4")
    result = joins(toy)
    assert result.returncode == 0
    assert "\nlost: the selftests of CMA do not run with all others: joining point" in result.stdout
    assert result.stdout.endswith(f"{POINTS - 1} of {POINTS} points, not compiled\n")


def test_a_needed_point_that_is_missing(toy: Toy) -> None:
    toy.edit("mm/Makefile", "+= cma.o", "+= cma.o more.o")
    result = joins(toy)
    assert result.returncode == 1
    assert "\njoining point 'mm/Makefile: cma.o' does not match this tree" in result.stdout
    assert "  mm/Makefile:2: obj-$(CONFIG_CMA)\t+= cma.o more.o\n" in result.stdout
    assert result.stderr == (f"joins: 6.12.7: {POINTS - 1} of {POINTS} points, refused: "
                             "see above for those that are needed\n")


def test_what_goes_and_is_used(toy: Toy) -> None:
    write(toy.stock, {"mm/cma.c": "stock\nint cma_own(void)\n{\n}\n",
                      "drivers/user.c": "void f(void)\n{\n\tcma_own();\n}\n"})
    result = joins(toy)
    assert result.returncode == 1
    assert "\nmm/cma.c is none of the stock versions" in result.stdout
    assert "\nfunction cma_own (drivers/user.c) goes, and is used\n" in result.stdout
    assert result.stderr.endswith("refused: 2 reasons above; FORCE=1 goes on\n")
    result = joins(toy, FORCE="1")
    assert result.returncode == 0
    assert result.stdout.endswith("points, 2 reasons to refuse it, not compiled\n")


@pytest.mark.parametrize("under", ["", "kernel/common/"])
def test_what_is_used_is_found_in_a_commit_too(toy: Toy, under: str) -> None:
    repo = toy.stock.parent / "repository"
    write(toy.stock, {"mm/cma.c": "int cma_own(void)\n{\n}\n",
                      "drivers/user.c": "void f(void)\n{\n\tcma_own();\n}\n"})
    shutil.copytree(toy.stock, repo / under)
    for command in ("init -q", "add -A", "-c user.name=T -c user.email=t@example.org commit -qm T"):
        subprocess.run(["git", "-C", str(repo), *command.split()], check=True)
    result = joins(toy, KSRC=f"{repo}@HEAD" + (f":{under}" if under else ""))
    assert result.returncode == 1
    assert "\nfunction cma_own (drivers/user.c) goes, and is used\n" in result.stdout


@pytest.mark.parametrize("version", ["1.192", "6.63", "18.13", "19.0"])
def test_other_kernels_are_refused_by_their_version(toy: Toy, version: str) -> None:
    patch, sub = version.split(".")
    write(toy.stock, {"Makefile": f"VERSION = 6\nPATCHLEVEL = {patch}\nSUBLEVEL = {sub}\n"})
    result = joins(toy)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (f"joins: {toy.stock} is Linux 6.{version}; these files are made for "
                             "6.12.y, 6.13.y and 6.14.y\n")


def test_what_does_not_compile_is_said(toy: Toy) -> None:
    write(toy.repo, dict.fromkeys((
        "kernel/configs/cma.config", "kernel/configs/cma-guest.config",
        "kernel/configs/cma-ours.config", "arch/um/configs/cma-guest.config"), ""))
    result = toy.run("joins", ARCH="um")
    assert result.returncode == 1
    assert "the build failed" in result.stderr
    assert result.stderr.splitlines()[-1].startswith(
        f"joins: 6.12.7: {POINTS} of {POINTS} points, does not compile for ")
    assert not (toy.repo / "build/joins/tree").exists()


@pytest.mark.parametrize("srcarch", ["arm64", "um"])
def test_only_what_compiling_reads_is_copied(srcarch: str, tmp_path: Path) -> None:
    is_read = runpy.run_path(str(SCRIPTS / "joins"))["is_read"]
    read = {"Makefile", "mm/a.c", "include/linux/a.h", "drivers/of/a.c", "sound/Kconfig",
            "drivers/net/Makefile", "arch/Kconfig", "arch/sparc/Kconfig", "scripts/a.pl",
            *(("arch/um/a.c", "arch/x86/a.h") if srcarch == "um" else ("arch/arm64/a.c",))}
    write(tmp_path / "tree", dict.fromkeys(
        read | {"sound/a.c", "drivers/net/a.h", "arch/sparc/a.c", "Documentation/a.rst"}, ""))
    (tmp_path / "copy").mkdir()
    Folder(tmp_path / "tree").copy(tmp_path / "copy", lambda name: is_read(name, srcarch))
    assert {str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*")
            if path.is_file()} == read
