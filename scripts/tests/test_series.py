# SPDX-License-Identifier: GPL-2.0
"""The series: a plan that covers everything once, and patches that make the staged tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from overlay import base, checkpatch, plan, proof, series
from overlay.common import Problem
from toy import Toy, make_toy, write

HEAD = "# SPDX-License-Identifier: GPL-2.0\n"
PLAN = {
    "00-cover": "mm/cma: a toy\n\nWhy.\n\n@table Documentation/admin-guide/mm/cma.rst Costs\n",
    "01-docs": "# path: Documentation/\n# path: MAINTAINERS\nmm/cma: docs\n\nWhy.\n",
    "02-files": "# path: mm/cma/window.c\n# path: mm/cma/run\nmm/cma: files\n\nWhy.\n",
    "03-switch": "# path: include/\n# path: kernel/\n# path: mm/\n# path: arch/\nmm/cma: switch\n\n"
                 "Why.\n",
    "04-remove": "# path: mm/cma.h\n# path: mm/cma_debug.c\n# path: mm/cma_sysfs.c\n"
                 "mm/cma: remove\n\nWhy.\n",
    "05-tests": "# path: tools/\n# path: samples/\n# path: mm/cma/tests/\n"
                "# part: mm/cma/Makefile: ^obj-y \\+= tests/\\n\nmm/cma: tests\n\nWhy.\n",
}
TABLE = "=====  ==\na      b\n=====  ==\n1      2\n=====  ==\n"
MORE = {
    "mm/cma/run": "#!/bin/sh\n", "mm/cma/tests/Makefile": "obj-y := t.o\n",
    "mm/cma/Makefile": "obj-y := window.o\nobj-y += tests/\n", "COPYING": "GPL\n",
    "tools/mm/cma/states/a b, c/full": "no end of line", "tools/mm/cma/tests/none": "",
    "Documentation/admin-guide/mm/cma.rst": f"Title\n=====\n\nCosts\n=====\n\nText.\n\n{TABLE}",
}
ME = {"GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "a@u.thor"}


def toy_at(where: Path) -> Toy:
    """A toy with a plan, an executable file, and odd files."""
    toy = make_toy(where)
    shutil.rmtree(toy.repo / "scripts/series.d")
    write(toy.repo, MORE | {f"scripts/series.d/{name}.txt": HEAD + text
                            for name, text in PLAN.items()})
    (toy.repo / "mm/cma/run").chmod(0o755)
    return toy


def run(toy: Toy, command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/series in the toy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run([str(toy.repo / "scripts/series"), command], check=False, text=True,
                          capture_output=True, env=kept | ME | {"KSRC": str(toy.stock)} | env)


def snapshot(tree: Path) -> dict[str, tuple[bytes, bool]]:
    """The files below @tree with their content, and whether they can be executed."""
    return {str(path.relative_to(tree)): (path.read_bytes(), os.access(path, os.X_OK))
            for path in tree.rglob("*") if path.is_file() and ".git/" not in str(path)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A toy whose series is made; tests only look at it."""
    toy = toy_at(tmp_path_factory.mktemp("series"))
    result = run(toy, "series")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{toy.repo}/build/series\n"
    return toy


def patches(toy: Toy) -> list[Path]:
    """The patches, as the quilt series has them."""
    where = toy.repo / "build/series"
    return [where / name for name in (where / "series").read_text().splitlines()]


def changed(patch: Path) -> list[str]:
    """The paths that @patch changes."""
    return re.findall(r"^diff --git a/(.+) b/\1$", patch.read_text(), re.M)


def test_each_path_is_in_one_patch(made: Toy) -> None:
    stock, staged = snapshot(made.stock), snapshot(made.staged)
    differ = {path for path in stock.keys() | staged.keys() if stock.get(path) != staged.get(path)}
    seen = [path for patch in patches(made) for path in changed(patch)]
    assert sorted(seen) == sorted([*differ, "mm/cma/Makefile"])  # which comes in two parts
    assert len(patches(made)) == len(PLAN) - 1


def test_a_part_comes_with_its_patch(made: Toy) -> None:
    switch, tests = patches(made)[2].read_text(), patches(made)[4].read_text()
    assert "+obj-y := window.o\n" in switch and "tests/" not in switch
    assert "+obj-y += tests/\n" in tests


def test_the_cover_letter(made: Toy) -> None:
    cover = (made.repo / "build/series/0000-cover-letter.patch").read_text()
    assert "Subject: [PATCH 0/5] mm/cma: a toy\n" in cover
    assert f"Why.\n\n{TABLE}\n" in cover
    assert "tag v6.12.7;" in cover and "  mm/cma: remove\n" in cover
    assert re.search(r"^ mm/cma/window.c +\| +1 \+$", cover, re.M)
    assert re.search(r"^base-commit: [0-9a-f]{40}$", cover, re.M)


def test_signed_by_the_author_alone(made: Toy) -> None:
    for patch in patches(made):
        text = patch.read_text()
        assert "\nFrom: A U Thor <a@u.thor>\n" in text
        assert text.count("\nSigned-off-by: A U Thor <a@u.thor>\n---\n") == 1
        assert not re.search(r"^-- $", text, re.M), "git adds its version there"


@pytest.mark.parametrize("tool", proof.TOOLS)
@pytest.mark.parametrize("form", ["combined", "quilt"])
def test_applied_it_is_the_staged_tree(made: Toy, tmp_path: Path, tool: str, form: str) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(made.stock, tree)
    queue = [made.repo / "build/series/combined.patch"] if form == "combined" else patches(made)
    for patch in queue:
        subprocess.run([*proof.TOOLS[tool], str(patch)], cwd=tree, check=True,
                       env=os.environ | {"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert snapshot(tree) == snapshot(made.staged)
    assert not (tree / "mm/cma_debug.c").exists()
    assert os.access(tree / "mm/cma/run", os.X_OK)
    assert (tree / "tools/mm/cma/tests/none").read_bytes() == b""


def test_git_takes_the_mbox_on_the_base_commit(tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    git = ["git", "-C", str(toy.stock), "-c", "user.name=x", "-c", "user.email=x@y"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True,
                          text=True).stdout
    assert run(toy, "series").returncode == 0
    where = toy.repo / "build/series"
    assert (where / "0000-cover-letter.patch").read_text().endswith(f"base-commit: {head}")
    subprocess.run([*git, "am", "-q", str(where / "cma.mbox")], check=True)
    assert snapshot(toy.stock) == snapshot(toy.staged)
    log = subprocess.run([*git, "log", "--format=%s"], check=True, capture_output=True, text=True)
    assert log.stdout.splitlines() == ["mm/cma: tests", "mm/cma: remove", "mm/cma: switch",
                                       "mm/cma: files", "mm/cma: docs", "all"]


def test_the_same_input_gives_the_same_bytes(made: Toy, tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    write(tmp_path, {".gitconfig": "[diff]\n\tnoprefix = true\n[format]\n\tsignature = me\n"})
    result = run(toy, "series", HOME=str(tmp_path), TZ="Asia/Tokyo", LANG="C.UTF-8",
                 GIT_AUTHOR_DATE="2001-01-01T00:00:00")
    assert result.returncode == 0, result.stderr
    mine, theirs = (one.repo / "build/series" for one in (toy, made))
    assert snapshot(mine) == snapshot(theirs)
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=mine, check=True)
    sums = (mine / "SHA256SUMS").read_text()
    assert all(f"  {path.name}\n" in sums for path in mine.iterdir() if path.name != "SHA256SUMS")


def test_one_patch_for_a_tree(tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    toy.edit("mm/Kconfig", "config LAST", "config VENDOR\n\tbool\n\nconfig LAST")
    result = run(toy, "patch")
    path = toy.repo / "build/cma-6.12.7.patch"
    assert result.stdout == f"{path}\n", result.stderr
    subprocess.run(["patch", "-p1", "-s", "-i", str(path)], cwd=toy.stock, check=True)
    assert snapshot(toy.stock) == snapshot(toy.staged)


def test_a_path_without_a_patch_stops_it(tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    write(toy.repo, {"virt/new.c": "int new;\n"})
    write(toy.stock, {"virt/old.c": "int old;\n"})
    result = run(toy, "series")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("series series: virt/new.c changes, and no")
    assert not (toy.repo / "build/series").exists()


def test_nobody_to_sign_off(tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    result = run(toy, "series", HOME=str(tmp_path), GIT_AUTHOR_NAME="", GIT_AUTHOR_EMAIL="",
                 GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    assert "series series: nobody signs the patches off" in result.stderr
    write(toy.repo, {"MAINTAINERS": "MIKE\nM:\tMike <m@i.ke>\nS:\tMaintained\n"})
    assert run(toy, "series").returncode == 0
    assert "Signed-off-by: Mike <m@i.ke>\n" in patches(toy)[0].read_text()


@pytest.mark.parametrize("damage", [("+obj-y := window.o", "+obj-y := windows.o"),
                                    ("new file mode 100755", "new file mode 100644"),
                                    ("-stock", "-stocks")])
def test_a_patch_that_is_not_right_is_not_proven(made: Toy, tmp_path: Path,
                                                 damage: tuple[str, str],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BASE", made.stock)
    staged = {path: content for path, (content, _) in snapshot(made.staged).items()}
    stock = {path: content for path, (content, _) in snapshot(made.stock).items()}
    wanted = {path: staged.get(path) for path in stock.keys() | staged.keys()
              if stock.get(path) != staged.get(path)}
    here = series.Tree(made.staged, wanted, "")
    patch = tmp_path / "combined.patch"
    text = (made.repo / "build/series/combined.patch").read_text()
    patch.write_text(text)
    proof.prove(here, [patch])
    assert damage[0] in text
    patch.write_text(text.replace(*damage))
    with pytest.raises(Problem, match="combined.patch"):
        proof.prove(here, [patch])


def test_a_release(made: Toy, tmp_path: Path) -> None:
    toy = toy_at(tmp_path)
    assert "V= is no version" in run(toy, "release").stderr
    path = toy.repo / "build/cma-1.0.tar.xz"
    assert run(toy, "release", V="1.0").stdout == f"{path}\n"
    first = path.read_bytes()
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / "out")
    top = tmp_path / "out/cma-1.0"
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=top, check=True)
    got = snapshot(top)
    assert {"INSTALL", "COPYING", "patches/combined.patch", "patches/series", "SHA256SUMS",
            "Documentation/mm/cma.rst", "tool/tools/mm/cma/states/a b, c/full"} <= got.keys()
    assert "tool/tools/mm/cma/tests/none" not in got
    assert got["patches/cma.mbox"] == snapshot(made.repo / "build/series")["cma.mbox"]
    run(toy, "release", V="1.0", TZ="Asia/Tokyo")
    assert path.read_bytes() == first


def planned(*patches: tuple[tuple[str, ...], tuple[tuple[str, str], ...]]) -> list[plan.Patch]:
    """Patches of these (patterns, parts)."""
    return [plan.Patch(f"{number}.txt", "mm: x", "x", paths,
                       tuple(plan.Part(path, re.compile(text, re.M)) for path, text in parts))
            for number, (paths, parts) in enumerate(patches, 1)]


@pytest.mark.parametrize("patches, wanted, message", [
    (planned((("mm/",), ())), {"mm/a.c": b"", "lib/b.c": b""}, "lib/b.c changes, and no patch"),
    (planned((("mm/",), ()), (("mm/",), ())), {"mm/a.c": b""},
     "mm/a.c is in more than one patch: 1.txt and 2.txt"),
    (planned((("mm/", "lib/"), ())), {"mm/a.c": b""}, "1.txt: nothing .* fits '# path: lib/'"),
    (planned((("mm/", "mm/*.c"), ())), {"mm/a/b.c": b""}, "fits '# path: mm/\\*.c'"),
    (planned((("mm/",), ()), ((), (("mm/a", "^x\\n"),))), {"mm/a": b"y\n"}, "fits 0 times, want 1"),
    (planned((("mm/",), ()), ((), (("mm/a", "^x\\n"),))), {"mm/a": b"x\nx\n"}, "fits 2 times"),
    (planned((("mm/",), (("mm/a", "^x\\n"),))), {"mm/a": b"x\n"}, "no part of a file that an earl"),
    (planned((("mm/",), ()), ((), (("mm/b", "^x\\n"),))), {"mm/a": b"x\n"}, "a part of mm/b"),
    (planned((("mm/",), ())), {"mm/a": b"\0"}, "mm/a is no text"),
    (planned((("mm/",), ())), {"mm/a": b"x\r\n"}, "mm/a is no text"),
    (planned((("mm/",), ())), {"mm/a b": b""}, "mm/a b is empty and has a blank"),
])
def test_a_plan_with_a_mistake(patches: list[plan.Patch], wanted: plan.Changes,
                               message: str) -> None:
    with pytest.raises(Problem, match=message):
        plan.steps(patches, wanted, set())


def test_what_a_tree_need_not_change_is_no_mistake() -> None:
    patches = planned((("mm/a.c",), ()), (("mm/optional.c",), ()))
    steps = plan.steps(patches, {"mm/a.c": b""}, {"mm/optional.c"})
    assert [step.patch.name for step in steps] == ["1.txt"]


def test_the_longest_pattern_takes_a_path() -> None:
    patches = planned((("mm/", "mm/cma.?"), ()), (("mm/cma/",), ()))
    steps = plan.steps(patches, {"mm/a": b"", "mm/cma.h": b"", "mm/cma/b/c": b""}, set())
    assert [sorted(step.changes) for step in steps] == [["mm/a", "mm/cma.h"], ["mm/cma/b/c"]]


@pytest.mark.parametrize("text, message", [
    ("mm/cma: Ends.\n\nx", "is no subject"), ("nothing\n\nx", "is no subject"),
    (f"mm: {'x' * 80}\n\nx", "is no subject"), ("mm: add x\n", "have to follow"),
    ("mm: add x\nx\n", "have to follow"), (f"mm: add x\n\n{'x' * 76}", "cannot stand"),
    ("mm: add x\n\n---\n", "cannot stand"), ("mm: add x\n\nFrom me\n", "cannot stand"),
    ("# pth: mm/\nmm: add x\n\nx", "each line of the head"),
    ("mm: add x\n\nx", "each line of the head"),
    ("# part: mm/a: (\nmm: add x\n\nx", "is not PATH: EXPRESSION"),
])
def test_a_text_with_a_mistake(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, {"01-x.txt": HEAD + text})
    with pytest.raises(Problem, match=f"01-x.txt: .*{message}"):
        plan.load(tmp_path)


def test_what_checkpatch_gets_wrong() -> None:
    assert not checkpatch.counts("mm/cma/area.c:3: ERROR:OPEN_BRACE: that open brace")
    assert not checkpatch.counts("mm/a.c:3: WARNING:FILE_PATH_CHANGES: added, moved")
    assert checkpatch.counts("mm/cma/hold.c:3: ERROR:OPEN_BRACE: that open brace")
    assert checkpatch.counts("Can't open perl script: no such file")


@pytest.fixture(scope="module")
def states() -> list[tuple[str, plan.Changes]]:
    """The plan on the real tree: after each patch, its name and what there is by then."""
    here = series.tree()
    state: plan.Changes = {}
    result = []
    for step in plan.steps(plan.load(series.TEXTS), here.wanted, series.optional()):
        state = state | step.changes
        result.append((step.patch.name, state))
    assert state == here.wanted
    return result


def test_the_plan_fits_the_tree(states: list[tuple[str, plan.Changes]]) -> None:
    assert 10 <= len(states) <= 20


def test_the_cover_letter_can_be_sent() -> None:
    """The plan leaves it out; only make series reads it."""
    _, _, body = plan.read_text(series.TEXTS / "00-cover.txt")
    assert "@table " in body


def missing(state: plan.Changes) -> list[str]:
    """What is named by a file that builds or an index, and is not there."""
    def there(path: str) -> bool:
        return state[path] is not None if path in state else (base.BASE / path).exists()

    named = []
    for path, content in state.items():
        where, text = str(Path(path).parent), (content or b"").decode()
        if Path(path).name.startswith("Kconfig"):
            named += re.findall(r'^source "([^$"]*cma[^"]*)"', text, re.M)
        if path in ("mm/cma/Makefile", "mm/cma/tests/Makefile", "samples/cma/Makefile"):
            named += [f"{where}/{name}.c" for name in re.findall(r"\b([\w/]+)\.o\b", text)]
            named += [f"{where}/{name}/Makefile" for name in re.findall(r"\b(\w+)/(?=\s)", text)]
        if path.endswith("/index.rst"):
            named += [f"{where}/{name}.rst" for name in re.findall(r"^   (cma\S*)$", text, re.M)]
    return sorted(name for name in named if not there(name))


def test_no_patch_names_a_file_of_a_later_one(states: list[tuple[str, plan.Changes]]) -> None:
    assert [(name, missing(state)) for name, state in states if missing(state)] == []
    last = dict(states[-1][1])
    for gone in ("mm/cma/hold.c", "mm/cma/Kconfig", "Documentation/mm/cma.rst"):
        assert missing(last | {gone: None}) == [gone]
