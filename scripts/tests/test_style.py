# SPDX-License-Identifier: GPL-2.0
"""The house style, as far as a machine can judge it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from overlay import join
from overlay.checkpatch import ignored
from overlay.common import BUILD, digest, write_atomic
from overlay.lay import stage
from repo import (ROOT, all_files, c_files, first_line, is_test, kernel_c_files, python_files,
                  shell_files)

# Data as it is found, or as a program prints it: no line of ours fits in.
RECORDED = re.compile(r"/corpus/|/tests/(states|golden)/")
# A function fits a screen; a file is one thing, as long as that takes.
MAX_BODY = 45
# Words that do not come back: readers take them for something else, or have to look them up.
WORDS = ("page blocks?", "behind", "in vain", "for good", "by the looks of", "the needy")
# What may stand between two words, in a comment that goes on in the next line, too.
GAP = r"[\s*#]+"
PRINTED = re.compile(r'"(?:\\.|[^"\\\n])*"|``[^`\n]*``')
UNWANTED = re.compile("|".join(rf"\b{word.replace(' ', GAP)}\b" for word in WORDS), re.I)
# Shorter lines are alike by chance, and so are a few longer ones.
COMMON_WIDTH = 28
COMMON_LINES = 6
INTERFACE = re.compile(r"#include|#define|EXPORT_SYMBOL|(//|/\*) SPDX|TP_|TRACE_EVENT|__field|"
                       r"pr_\w+\(\"|depends on|config |bool \w+\(|struct folio \*\w+\(")
NO_SPDX = (".gitignore", "CONTRIBUTING", "COPYING", "MAINTAINERS", "README.md", ".kunitconfig",
           ".desc", ".png", ".svg", ".md", ".json", ".gz", ".bin", ".dtb")


@pytest.fixture(scope="module")
def tree() -> Path:
    """The staged tree, which has the kernel's own checkers."""
    return stage(stock=False)[0]


def output(command: list[str], cwd: Path = ROOT) -> str:
    """What @command complains about: empty if nothing."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    text = (result.stdout + result.stderr).strip()
    return text or (f"status {result.returncode}" if result.returncode else "")


def none_of(complaints: str) -> None:
    """Fail with the complaints themselves, not with Python's view of them."""
    if complaints:
        pytest.fail(complaints, pytrace=False)


def test_there_is_something_to_check() -> None:
    assert len(kernel_c_files()) > 20
    assert len(shell_files()) >= 2
    assert len(python_files()) >= 10


def in_tree(tree: Path, name: str) -> str:
    """The file @name as seen from @tree: as staged, or ours if this tree does not need it."""
    return name if (tree / name).exists() else str(ROOT / name)


def checkpatch(tree: Path, name: str) -> str:
    """What checkpatch has to say about @name; a file that passed is not asked about again."""
    script = tree / "scripts/checkpatch.pl"
    types = ",".join(sorted(ignored(name)))
    key = digest(name, types, script.read_bytes(), (ROOT / name).read_bytes())
    passed = BUILD / "style" / key
    if passed.exists():
        return ""
    text = output([str(script), "--strict", "--quiet", "--show-types",
                   *([f"--ignore={types}"] if types else []), "--file",
                   in_tree(tree, name)], tree)
    if not text:
        write_atomic(passed, b"")
    return text


@pytest.fixture(scope="module")
def verdicts(tree: Path) -> dict[str, str]:
    """checkpatch on all C files, as many at a time as there are processors."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(c_files(), pool.map(lambda name: checkpatch(tree, name), c_files())))


@pytest.mark.parametrize("name", c_files())
def test_checkpatch(verdicts: dict[str, str], name: str) -> None:
    none_of(verdicts[name])


@pytest.mark.parametrize("name", kernel_c_files())
def test_kernel_doc(tree: Path, name: str) -> None:
    none_of(output(["scripts/kernel-doc", "-none", "-Werror", "-Wshort-desc",
                    "-Wcontents-before-sections", in_tree(tree, name)], tree))


@pytest.mark.parametrize("name", [name for name in kernel_c_files()
                                  if name.endswith(".c") and not is_test(name)])
def test_no_conditional_compilation_in_sources(name: str) -> None:
    assert re.findall(r"^#\s*(?:if|ifdef|ifndef|elif)\b.*", (ROOT / name).read_text(), re.M) == []


def bodies(text: str) -> list[tuple[str, int]]:
    """Each function in @text, by the last line of its head, and the lines of its body."""
    lines = text.splitlines()
    opened = [number for number, line in enumerate(lines) if line == "{"]
    return [(lines[number - 1].strip(), lines[number:].index("}") - 1) for number in opened]


def test_bodies_are_measured() -> None:
    text = ("struct s {\n\tint i;\n};\n\nstatic inline int f(int a,\n\t\t    int b)\n"
            "{\n\tif (a) {\n\t}\n\n}\n\nint g(void)\n{\n}\n")
    assert bodies(text) == [("int b)", 3), ("int g(void)", 0)]
    ours = [bodies((ROOT / name).read_text()) for name in kernel_c_files()]
    assert sum(map(len, ours)) > 300


@pytest.mark.parametrize("name", [name for name in kernel_c_files() if name.startswith(
    ("mm/", "kernel/", "include/")) and not is_test(name)])
def test_a_function_fits_a_screen(name: str) -> None:
    long = [f"{name}: {head}: {count} lines, at most {MAX_BODY}"
            for head, count in bodies((ROOT / name).read_text()) if count > MAX_BODY]
    none_of("\n".join(long))


@pytest.mark.parametrize("name", [name for name in all_files()
                                  if not name.endswith(NO_SPDX) and not RECORDED.search(name)])
def test_license(name: str) -> None:
    head = (ROOT / name).read_text(errors="replace").splitlines()[:2]
    assert any("SPDX-License-Identifier: " in line for line in head)
    if name.endswith(".c"):
        assert first_line(name).startswith("// SPDX")
    if name.endswith(".h"):
        assert first_line(name).startswith("/* SPDX")


@pytest.mark.parametrize("name", shell_files())
def test_shell(name: str) -> None:
    assert "set -euo pipefail" in (ROOT / name).read_text()
    none_of(output(["shellcheck", "-x", name]))


@pytest.mark.parametrize("name", python_files())
def test_python(name: str) -> None:
    text = (ROOT / name).read_text()
    lines = text.splitlines()
    long = [f"{name}:{number}: {len(line)} characters, at most 100"
            for number, line in enumerate(lines, 1) if len(line) > 100]
    bare = [f"{name}:{node.lineno}: {node.name}() has no type of what it returns"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and not node.returns]
    none_of("\n".join(long + bare))


def test_spelling() -> None:
    none_of(output(["codespell", "--ignore-words-list=iput,nd,damon", *(
        name for name in all_files() if name != "COPYING" and not RECORDED.search(name))]))


def prose_files() -> list[str]:
    """Kernel code, documents, help texts: what users and developers of the kernel read."""
    return [name for name in all_files() if name in {*kernel_c_files(), "Makefile", "README.md"}
            or name.startswith("Documentation/") or Path(name).name.startswith("Kconfig")
            or re.search(r"/configs/cma[^/]*\.config$", name)]


def unwanted(text: str) -> list[tuple[int, str]]:
    """Where in @text a word of WORDS stands: its line and what is written there.

    What the kernel prints, and what documents quote of that, is an interface and left out.
    """
    text = PRINTED.sub(lambda match: "_" * len(match[0]), text)
    return [(text.count("\n", 0, match.start()) + 1, re.sub(GAP, " ", match[0]))
            for match in UNWANTED.finditer(text)]


@pytest.mark.parametrize("text, found", [
    ("/* A page block. */", [(1, "page block")]), ("Page\n\t * Blocks", [(1, "Page Blocks")]),
    ("\nbehind it, for\ngood", [(2, "behind"), (2, "for good")]), ("pageblocks, forgood", []),
    ('pr_info("a page block"); /* in vain */', [(1, "in vain")]), ("``a page block`` is", [])])
def test_unwanted_words_are_found(text: str, found: list[tuple[int, str]]) -> None:
    assert unwanted(text) == found


@pytest.mark.parametrize("name", prose_files())
def test_words(name: str) -> None:
    none_of("\n".join(f"{name}:{line}: '{word}' is not to come back"
                      for line, word in unwanted((ROOT / name).read_text())))


def long_lines(text: str) -> set[str]:
    """The lines of @text that say enough to be recognised, in one spacing.

    Left out is what the interface dictates: heads of functions, trace fields,
    the text of messages.
    """
    text = re.sub(r"^[A-Za-z_][^;{}]*?\)\s*(?=^\{|;)", "", text, flags=re.M)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return {line for line in lines if len(line) >= COMMON_WIDTH and not INTERFACE.match(line)}


@pytest.mark.parametrize("name", [name for name in all_files() if name.startswith(
    ("mm/", "kernel/", "include/")) and not is_test(name)])
def test_nothing_is_copied_from_stock(tree: Path, name: str) -> None:
    base = tree.parent / "base"
    stock = [*join.REPLACED, *join.REMOVED, "kernel/dma/Kconfig"]
    theirs = long_lines("\n".join((base / file).read_text() for file in stock))
    assert len(theirs) > 300, "the stock files are not there to compare with"
    same = long_lines((ROOT / name).read_text()) & theirs
    assert len(same) <= COMMON_LINES, sorted(same)
