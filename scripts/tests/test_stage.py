# SPDX-License-Identifier: GPL-2.0
"""Staging: what it makes, that it touches nothing needlessly, and that it never guesses."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from overlay import hooks, join
from toy import HOOK, OURS, SCRIPTS, STOCK, Toy, make_toy, write


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return make_toy(tmp_path)


def snapshot(tree: Path) -> dict[str, tuple[int, str]]:
    return {str(path.relative_to(tree)): (path.stat().st_mtime_ns, path.read_text())
            for path in tree.rglob("*") if path.is_file()}


def test_the_staged_tree(toy: Toy) -> None:
    toy.stage()
    got = {name: text for name, (_, text) in snapshot(toy.staged).items()}
    for name in set(OURS) - {"README.md", "nowhere/file.c", "MAINTAINERS", ".gitignore"}:
        assert got.pop(name) == OURS[name]
    assert got["mm/Kconfig"] == ('config FIRST\n\tbool\n\nsource "mm/cma/Kconfig"\n\n'
                                 "config LAST\n\tbool\n")
    assert got["mm/Makefile"] == ("obj-y := first.o\nobj-$(CONFIG_CMA)\t+= cma.o cma/\n"
                                  "obj-y += last.o\n")
    assert got["kernel/dma/Kconfig"] == ('config FIRST\n\tbool\n\nsource "mm/cma/Kconfig.dma"\n\n'
                                         "config LAST\n\tbool\n")
    assert "samples/cma/Kconfig" in got["samples/Kconfig"]
    assert got["MAINTAINERS"].index("ALPHA") < got["MAINTAINERS"].index("MIKE") \
        < got["MAINTAINERS"].index("ZULU")
    assert "#include <linux/cma-boot.h>\n" in got["arch/um/kernel/um_arch.c"]
    assert ("command_line;\n\tparse_early_param();\n\tcma_reserve_default(0, NULL);\n\tlast"
            in got["arch/um/kernel/um_arch.c"])
    assert set(got) == set(STOCK) - set(join.REMOVED) - set(OURS) | {"MAINTAINERS"}


def test_the_base_stays_pristine(toy: Toy) -> None:
    toy.stage()
    base = {name: text for name, (_, text) in snapshot(toy.repo / "build/base").items()}
    assert base == STOCK
    assert toy.run(STOCK="1").stdout == f"{toy.repo}/build/stock\n"
    stock = {name: text for name, (_, text) in snapshot(toy.repo / "build/stock").items()}
    assert stock == STOCK


def test_staging_again_touches_only_what_changed(toy: Toy) -> None:
    toy.stage()
    before = snapshot(toy.staged)
    toy.stage()
    assert snapshot(toy.staged) == before
    write(toy.repo, {"mm/cma/window.c": "changed\n"})
    toy.stage()
    after = snapshot(toy.staged)
    assert {name for name in after if after[name] != before[name]} == {"mm/cma/window.c"}


def test_a_file_taken_from_the_repo_goes_away(toy: Toy) -> None:
    toy.stage()
    (toy.repo / "mm/cma/window.c").unlink()
    (toy.repo / "samples/cma/Kconfig").unlink()
    (toy.repo / "Documentation/admin-guide/mm/cma_debugfs.rst").unlink()
    stale = (toy.staged / "samples/Kconfig").stat().st_mtime_ns
    toy.stage()
    assert not (toy.staged / "mm/cma/window.c").exists()
    assert not (toy.staged / "samples/cma").exists()
    assert (toy.staged / "samples/Kconfig").read_text() == STOCK["samples/Kconfig"]
    assert (toy.staged / "samples/Kconfig").stat().st_mtime_ns > stale, "make would not notice"
    assert (toy.staged / "Documentation/admin-guide/mm/cma_debugfs.rst").read_text() == "stock\n"


def test_a_changed_source_is_staged_anew(toy: Toy) -> None:
    toy.stage()
    write(toy.stock, {"mm/untouched.c": "int touched;\n"})
    toy.stage()
    assert (toy.staged / "mm/untouched.c").read_text() == "int touched;\n"


def test_a_hand_edited_staged_file_is_put_right(toy: Toy) -> None:
    toy.stage()
    (toy.staged / "mm/cma_debug.c").write_text("back again\n")
    (toy.staged / "mm/Makefile").write_text("")
    toy.stage()
    assert not (toy.staged / "mm/cma_debug.c").exists()
    assert "cma/" in (toy.staged / "mm/Makefile").read_text()


def test_a_tarball_as_source(toy: Toy, tmp_path: Path) -> None:
    archive = tmp_path / "linux-6.12.7.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        tar.add(toy.stock, arcname="linux-6.12.7")
    assert toy.run(KSRC=str(archive)).stdout == f"{toy.staged}\n"
    assert (toy.staged / "mm/untouched.c").read_text() == STOCK["mm/untouched.c"]


def test_a_broken_tarball(toy: Toy, tmp_path: Path) -> None:
    archive = tmp_path / "linux.tar.xz"
    archive.write_bytes(b"no archive")
    result = toy.run(KSRC=str(archive))
    assert result.returncode == 1
    assert f"stage: cannot unpack {archive}: " in result.stderr
    assert not (toy.repo / "build/base").exists()


def test_a_source_that_was_built_in(toy: Toy) -> None:
    write(toy.stock, {".config": "CONFIG_CMA=y\n"})
    assert "was built in; run 'make mrproper' there first" in toy.refusal()


# For each joining point an edit of the stock tree after which it must not match.
MUTATIONS = {
    "mm/Kconfig: config CMA": ("config CMA\n", "config CMA_CORE\n"),
    "mm/Kconfig: config CMA_DEBUGFS": ("config CMA_DEBUGFS\n", "menuconfig CMA_DEBUGFS\n"),
    "mm/Kconfig: config CMA_SYSFS": ("config CMA_SYSFS\n", "config CMA_STATS\n"),
    "mm/Kconfig: config CMA_AREAS": ("config CMA_AREAS\n", "config CMA_MAX_AREAS\n"),
    "kernel/dma/Kconfig: config DMA_CMA to endif": ("if  DMA_CMA", "if DMA_CMA && NEW"),
    "kernel/dma/Makefile: contiguous.o": ("contiguous.o", "contiguous.o more.o"),
    "mm/Makefile: cma.o": ("+= cma.o", "+= cma.o cma_new.o"),
    "mm/Makefile: cma_debug.o": ("cma_debug.o", "cma_debugfs.o"),
    "mm/Makefile: cma_sysfs.o": ("CONFIG_CMA_SYSFS", "CONFIG_CMA_STATS"),
    "include/linux/vm_event_item.h: after CMA_ALLOC_FAIL": ("ALLOC_FAIL", "ALLOC_FAILED"),
    "samples/Kconfig: endif # SAMPLES": ("endif # SAMPLES", "endif"),
    "samples/Makefile: after cgroup": ("+= cgroup", "+= cgroups"),
    "tools/testing/selftests/Makefile: after clone3": ("clone3", "clone4"),
    "Documentation/mm/index.rst: after balance": ("   balance\n", ""),
    "Documentation/admin-guide/mm/index.rst: after cma_debugfs": ("cma_debugfs", "cma_dbg"),
    "MAINTAINERS: section by alphabet": ("Maintainers List", "List"),
    "arch/um/kernel/um_arch.c: hook um-reserve": ("command_line", "boot_line"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_joining_point_that_changed_stops_staging(toy: Toy, name: str) -> None:
    toy.edit(name.split(":")[0], *MUTATIONS[name])
    assert toy.refusal().startswith(
        f"stage: joining point '{name}' does not match this tree (found 0, want 1")
    assert not toy.staged.exists()


def test_every_joining_point_has_its_mutation() -> None:
    names = {point.name for point in join.joins("MIKE\n")}
    assert names | {hooks.load(SCRIPTS / "hooks" / HOOK).name} == set(MUTATIONS)


@pytest.mark.parametrize("name", ["mm/Kconfig: config CMA", "mm/Makefile: cma.o"])
def test_two_matches_are_no_better_than_none(toy: Toy, name: str) -> None:
    path = name.split(":")[0]
    write(toy.stock, {path: STOCK[path] * 2})
    assert f"'{name}' does not match this tree (found 2, want 1)" in toy.refusal()


def test_a_hook_that_matches_twice(toy: Toy) -> None:
    path = "arch/um/kernel/um_arch.c"
    write(toy.stock, {path: STOCK[path] + STOCK[path].split("\n\n")[1]})
    assert "hook um-reserve' does not match this tree (found 2, want 1" in toy.refusal()


def test_an_unknown_symbol_among_the_dma_ones_is_not_dropped(toy: Toy) -> None:
    toy.edit("kernel/dma/Kconfig", "endchoice\n", "endchoice\nconfig CMA_NEW\n\tint\n")
    assert "'kernel/dma/Kconfig: config DMA_CMA to endif'" in toy.refusal()


@pytest.mark.parametrize("name", [*join.REPLACED, *join.REMOVED])
def test_a_stock_file_that_is_gone(toy: Toy, name: str) -> None:
    (toy.stock / name).unlink()
    assert toy.refusal().startswith(f"stage: joining point '{name}: stock file'")


@pytest.mark.parametrize("name", [*join.REPLACED, "mm/cma/Kconfig"])
def test_a_file_of_ours_that_is_gone(toy: Toy, name: str) -> None:
    (toy.repo / name).unlink()
    assert toy.refusal().startswith(f"stage: {name} is missing from the repo")


def test_a_stock_file_is_never_overwritten_by_accident(toy: Toy) -> None:
    write(toy.repo, {"mm/untouched.c": "ours\n"})
    assert toy.refusal().startswith("stage: mm/untouched.c would overwrite a stock file")


@pytest.mark.parametrize("edit, words", [
    (("PATCHLEVEL = 12", "PATCHLEVEL = 13"), "is Linux 6.13.7; these files are made for 6.12.y"),
    (("VERSION = 6\n", ""), "is Linux ?.12.7; these files are made for 6.12.y"),
])
def test_another_kernel(toy: Toy, edit: tuple[str, str], words: str) -> None:
    toy.edit("Makefile", *edit)
    assert words in toy.refusal()


def test_no_kernel_at_all(toy: Toy) -> None:
    (toy.stock / "Makefile").unlink()
    assert "it has no Makefile" in toy.refusal()
    result = toy.run(KSRC="/nonexistent")
    assert result.stderr == ("stage: KSRC=/nonexistent does not exist; "
                             "give a 6.12.y tree or tarball\n")


def test_a_hook_without_its_head(toy: Toy) -> None:
    write(toy.repo, {"scripts/hooks/bad.cocci": "@@\n@@\n- x\n"})
    assert "bad.cocci lacks its '// file: PATH'" in toy.refusal()
