# SPDX-License-Identifier: GPL-2.0
"""Staging: what it makes, that it touches nothing needlessly, and that it never guesses."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from overlay import hooks, join
from toy import HOOK, KNOWN, OURS, SCRIPTS, STOCK, Toy, blob, make_toy, write


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


def test_a_source_that_was_built_in_is_taken_without_what_the_build_left(toy: Toy) -> None:
    left = {".config": "CONFIG_CMA=y\n", "mm/cma.o": "", "mm/.cma.o.cmd": "", "vmlinux": "",
            "include/config/CMA": "", "arch/um/include/generated/asm/x.h": ""}
    write(toy.stock, left)
    toy.stage()
    base = toy.repo / "build/base"
    assert {name for name in left if (base / name).exists()} == set()
    assert (base / "arch/um/kernel/um_arch.c").is_file()
    before = snapshot(base)
    write(toy.stock, {"mm/cma.o": "another"})
    toy.stage()
    assert snapshot(base) == before, "a product of a build makes a new source"


def test_of_a_git_tree_what_git_tracks_is_taken_as_it_is_now(toy: Toy) -> None:
    commit(toy.stock)
    write(toy.stock, {"mm/stray.c": "", ".config": "", "mm/untouched.c": "int edited;\n"})
    toy.stage()
    base = toy.repo / "build/base"
    assert {name for name in snapshot(base)} == set(STOCK)
    assert (base / "mm/untouched.c").read_text() == "int edited;\n"


def commit(tree: Path) -> None:
    """Make @tree a git work tree with all of it committed."""
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(tree), "-c", "user.name=x", "-c", "user.email=x@y",
                        *command], check=True)


def test_a_configuration_that_somebody_committed_is_left_out(toy: Toy) -> None:
    write(toy.stock, {".config": "CONFIG_CMA=y\n", "include/config/CMA": "", "lib/kept.o": ""})
    commit(toy.stock)
    for given in (str(toy.stock), f"{toy.stock}@HEAD"):
        assert toy.run(KSRC=given).returncode == 0
        assert set(snapshot(toy.repo / "build/base")) == {*STOCK, "lib/kept.o"}


@pytest.mark.parametrize("under", ["", "some/where"])
def test_a_commit_as_source(toy: Toy, tmp_path: Path, under: str) -> None:
    repo = tmp_path / "sources"
    shutil.copytree(toy.stock, repo / under, dirs_exist_ok=True)
    commit(repo)
    write(repo / under, {"mm/untouched.c": "int later;\n"})
    given = f"{repo}@HEAD" + (f":{under}" if under else "")
    result = toy.run(KSRC=given)
    assert result.returncode == 0, result.stderr
    assert (toy.repo / "build/base/mm/untouched.c").read_text() == STOCK["mm/untouched.c"]
    result = toy.run(KSRC=f"{repo}@nowhere")
    assert "is no git repository with a commit nowhere" in result.stderr


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


def optional() -> dict[str, str]:
    """What is lost, by joining point, for those that are optional."""
    lost = {point.name: point.lost for point in join.joins("MIKE\n") if point.lost}
    hook = hooks.load(SCRIPTS / "hooks" / HOOK)
    return lost | {hook.name: hook.lost}


@pytest.mark.parametrize("name", sorted(set(MUTATIONS) - set(optional())))
def test_a_needed_point_that_changed_stops_staging(toy: Toy, name: str) -> None:
    path, (old, new) = name.split(":")[0], MUTATIONS[name]
    toy.edit(path, old, new)
    text = toy.refusal()
    assert text.startswith(
        f"stage: joining point '{name}' does not match this tree (found 0, want 1")
    assert f"\n  {path}:" in text, "what the tree has there is not shown"
    assert "\nTo go on, make the edit by hand in that tree" in text
    assert not (toy.repo / "build/base").exists()


@pytest.mark.parametrize("name", sorted(optional()))
def test_an_optional_point_that_changed_is_left_out(toy: Toy, name: str) -> None:
    toy.edit(name.split(":")[0], *MUTATIONS[name])
    result = toy.run()
    assert result.returncode == 0, result.stderr
    assert f"stage: left out: {name}: {optional()[name]}\n" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("stage: ")
    assert result.stderr.splitlines()[-1].endswith(f"lost: {optional()[name]}")
    path = name.split(":")[0]
    assert (toy.staged / path).read_text() == (toy.stock / path).read_text()


def test_both_samples_or_none(toy: Toy) -> None:
    toy.edit("samples/Makefile", "cgroup", "cgroups")
    toy.stage()
    assert (toy.staged / "samples/Kconfig").read_text() == STOCK["samples/Kconfig"]


def test_what_was_lost_is_told_again_with_the_next_stage(toy: Toy) -> None:
    toy.edit("samples/Kconfig", "endif # SAMPLES", "endif")
    assert toy.run().stderr.count("left out: samples/") == 2
    assert toy.run().stderr.count("left out: samples/") == 2


BY_HAND = {
    "mm/Kconfig": ('source "mm/cma/Kconfig"\n', 'source "mm/cma/Kconfig"\n'),
    "mm/Makefile": ("obj-$(CONFIG_CMA) += cma.o cma/\n", "obj-$(CONFIG_CMA) += cma.o cma/\n"),
    "include/linux/vm_event_item.h": (f"x\n{join.BALANCE_EVENTS}\n", join.BALANCE_EVENTS),
    "arch/um/kernel/um_arch.c": ("#include <linux/cma-boot.h>\nparse_early_param();\n"
                                 "cma_reserve_default(0, NULL);\n", "parse_early_param();"),
}


@pytest.mark.parametrize("path", BY_HAND)
def test_an_edit_that_was_made_by_hand_is_taken(toy: Toy, path: str) -> None:
    text, once = BY_HAND[path]
    write(toy.stock, {path: text})
    toy.stage()
    assert (toy.staged / path).read_text() == text
    assert text.count(once) == 1


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
    assert "left out: arch/um/kernel/um_arch.c: hook um-reserve: " in toy.run().stderr


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
    (("PATCHLEVEL = 12", "PATCHLEVEL = 18"),
     "is Linux 6.18.7; these files are made for 6.12.y, 6.13.y and 6.14.y"),
    (("VERSION = 6\n", ""), "is Linux ?.12.7; these files are made for 6.12.y, "),
])
def test_another_kernel(toy: Toy, edit: tuple[str, str], words: str) -> None:
    toy.edit("Makefile", *edit)
    assert words in toy.refusal()


def test_no_kernel_at_all(toy: Toy) -> None:
    (toy.stock / "Makefile").unlink()
    assert "it has no Makefile" in toy.refusal()
    result = toy.run(KSRC="/nonexistent")
    assert result.stderr == ("stage: KSRC=/nonexistent does not exist; "
                             "give a 6.12.y tree, a tarball or REPOSITORY@COMMIT\n")


def test_a_hook_without_its_head(toy: Toy) -> None:
    write(toy.repo, {"scripts/hooks/bad.cocci": "@@\n@@\n- x\n"})
    assert "bad.cocci lacks its '// file: PATH'" in toy.refusal()


@pytest.mark.parametrize("patch", [11, 18])
def test_a_refusal_leaves_all_as_it_is(toy: Toy, tmp_path: Path, patch: int) -> None:
    toy.stage()
    before = snapshot(toy.repo / "build")
    before.pop("stage.lock")
    other = tmp_path / "other"
    shutil.copytree(toy.stock, other)
    write(other, {"Makefile": f"VERSION = 6\nPATCHLEVEL = {patch}\nSUBLEVEL = 1\n"})
    archive = tmp_path / "other.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(other, arcname="other")
    for given in (other, archive):
        result = toy.run(KSRC=str(given))
        assert f"stage: {given} is Linux 6.{patch}.1; " in result.stderr
        assert "unpacking" not in result.stderr
    write(other, {"Makefile": STOCK["Makefile"], "mm/Kconfig": ""})
    with tarfile.open(archive, "w") as tar:
        tar.add(other, arcname="other")
    for given in (other, archive):
        assert "does not match this tree" in toy.run(KSRC=str(given)).stderr
    after = snapshot(toy.repo / "build")
    after.pop("stage.lock")
    assert after == before


def test_a_replaced_file_that_nobody_knows_stops(toy: Toy) -> None:
    write(toy.stock, {"mm/cma_sysfs.c": "stock\nwith something of its own\n"})
    text = toy.refusal()
    assert text.startswith("stage: mm/cma_sysfs.c is none of the stock versions")
    assert f"known are {blob(STOCK['mm/cma_sysfs.c'])} (6.12.7)" in text
    assert text.endswith("FORCE=1 goes on nevertheless\n")
    assert not (toy.repo / "build/base").exists()
    result = toy.run(FORCE="1")
    assert result.returncode == 0
    assert "stage: FORCE=1: mm/cma_sysfs.c is none of the stock versions" in result.stderr


def test_an_unknown_file_is_shown_beside_the_known_one_in_the_history(toy: Toy) -> None:
    commit(toy.stock)
    write(toy.stock, {"mm/cma.c": "stock\nwith something of its own\n"})
    text = toy.refusal()
    assert "  --- mm/cma.c of 6.12.7\n  +++ mm/cma.c of this tree\n" in text
    assert "  +with something of its own\n" in text


def lay_vendor(toy: Toy, files: dict[str, str]) -> str:
    """Put @files into the stock tree, where those that ours replace are known; stage it."""
    write(toy.stock, files)
    known = {name: {blob((toy.stock / name).read_text()): "6.12.7"} for name in KNOWN}
    write(toy.repo, {"scripts/overlay/known.json": json.dumps(known)})
    return toy.run().stderr


def test_a_function_that_others_call_stops(toy: Toy) -> None:
    files = {"include/linux/cma.h": "int cma_check_range(u64 *start, u64 *end);\n"
                                    "extern int cma_unused(void);\n",
             "mm/numa.c": "/* cma_unused() */\nint x(void)\n{\n\tcma_check_range(a, b);\n}\n"}
    text = lay_vendor(toy, files)
    assert "stage: function cma_check_range (mm/numa.c) goes, and is used\n" in text
    assert "cma_unused" not in text
    assert not toy.staged.exists()
    write(toy.repo, {"include/linux/cma.h": files["include/linux/cma.h"]})
    assert toy.run().returncode == 0, "ours has it now"


def test_what_goes_is_told(toy: Toy) -> None:
    text = lay_vendor(toy, {
        "mm/cma.c": "EXPORT_SYMBOL_GPL(cma_own);\nearly_param(\"cma_own\", f);\n"
                    "void f(void)\n{\n\ttrace_android_vh_cma_own(1);\n"
                    "\tof_get_flat_dt_prop(node, \"guarantee\", NULL);\n"
                    "\tof_get_flat_dt_prop(node, \"reusable\", NULL);\n}\n"
                    "/* EXPORT_SYMBOL(cma_comment); */\n"})
    assert [line for line in text.splitlines() if "goes: " in line] == [
        "stage: goes: export cma_own", "stage: goes: option cma_own",
        "stage: goes: device-tree property guarantee",
        "stage: goes: device-tree property reusable",
        "stage: goes: vendor hook android_vh_cma_own"]
    assert "\nstage: build/linux is " in text, "none of these stops"


def test_who_looks_into_our_structures_is_named(toy: Toy) -> None:
    text = lay_vendor(toy, {"drivers/x/peek.c": '#include "../../mm/cma.h"\n',
                            "drivers/y/other.c": '#include "cma.h"\n'})
    assert "stage: header mm/cma.h (drivers/x/peek.c) goes, and is used\n" in text
    write(toy.repo, {"mm/cma.h": "ours\n"})
    toy.stage()
    assert (toy.staged / "mm/cma.h").read_text() == "ours\n"


COMPAT = """\
/* SPDX */
/*
 * What it is.
 */
#ifndef X

/* tree: first_name in mm/a.h mm/b.h */
#define first_name 1

/* tree: second_name in mm/a.h */
#define second_name 2

/* tree: end */
#endif
"""


def test_what_a_tree_lacks_is_provided_and_no_more(toy: Toy) -> None:
    source = '#include "x.h"\n#include "compat.h"\nint x;\n'
    write(toy.repo, {"mm/cma/compat.h": COMPAT, "mm/cma/window.c": source})
    header, user = toy.staged / "mm/cma/compat.h", toy.staged / "mm/cma/window.c"
    write(toy.stock, {"mm/a.h": "my_first_name\n", "mm/b.h": "int first_name;\n"})
    toy.stage()
    assert "second_name 2" in header.read_text()
    assert "first_name" not in header.read_text()
    assert "tree:" not in header.read_text()
    assert user.read_text() == source
    write(toy.stock, {"mm/a.h": "first_name, second_name\n"})
    toy.stage()
    assert not header.exists()
    assert user.read_text() == '#include "x.h"\nint x;\n'
