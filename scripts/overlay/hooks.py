# SPDX-License-Identifier: GPL-2.0
"""Joining points in C code: the semantic patches in scripts/hooks.

A hook NAME.cocci begins with
    // file: path/in/the/tree.c
    // form: the trees that it is for, in words
    // near: regular expression that finds the place, for messages
    // optional: what is lost without it
    // says: what the user has to know if it is applied
    // adds: 1 some_call();
    // leaves: 2 some_text
Each "adds" line says how many more times (negative: fewer) that text stands in
the file afterwards, each "leaves" line how many times it stands there at all.
spatch itself is silent when nothing matches. A hook without rules does
nothing, and checks that nothing is to do. NAME.or-*.cocci are other forms of
the hook, for other trees: the first form that does what it promises is taken.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from overlay.common import BUILD, Problem, digest, write_atomic
from overlay.points import Outcome, excerpt, mismatch

CACHE = BUILD / "hooks"
Counts = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Form:
    """One semantic patch: its rule file, what it must add and leave, and what the user must know.
    """

    rule: Path
    label: str
    says: str
    adds: Counts
    leaves: Counts

    def failure(self, old: str, new: str) -> str:
        """What is wrong with the result @new, empty if it is what was promised."""
        for found, want, what in (
                [(new.count(what) - old.count(what), want, what) for want, what in self.adds]
                + [(new.count(what), want, what) for want, what in self.leaves]):
            if found != want:
                return f"found {found}, want {want} of '{what}'"
        return ""

    def is_done(self, text: str) -> bool:
        """Whether somebody has made the edit by hand."""
        added = [(want, what) for want, what in self.adds if want > 0]
        return bool(added) and all(text.count(what) >= want for want, what in added) \
            and all(text.count(what) == want for want, what in self.leaves)


@dataclass(frozen=True)
class Hook:
    """A place in the file @path, and the forms that the edit there may have."""

    rule: Path
    path: str
    near: str
    lost: str
    forms: tuple[Form, ...]

    @property
    def name(self) -> str:
        return f"{self.path}: hook {self.rule.stem}"


def head(text: str, key: str, default: str = "") -> str:
    """The value of the line '// key: value' of a rule."""
    found = re.search(rf"^// {key}: (.+)$", text, re.M)
    return found.group(1) if found else default


def counts(text: str, key: str) -> Counts:
    """The lines '// key: COUNT TEXT' of a rule."""
    return tuple((int(count), what)
                 for count, what in re.findall(rf"^// {key}: (-?\d+) (.+)$", text, re.M))


def load_form(rule: Path, path: str) -> Form:
    """Read the head of the rule file @rule, a form of a hook on the file @path."""
    text = rule.read_text()
    form = Form(rule, head(text, "form", "6.12"), head(text, "says"), counts(text, "adds"),
                counts(text, "leaves"))
    if not path or head(text, "file") != path or not form.adds + form.leaves:
        raise Problem(f"{rule} lacks its '// file: PATH' or '// adds: COUNT TEXT' line")
    return form


def load(rule: Path) -> Hook:
    """The hook with the first form @rule, and its other forms."""
    text = rule.read_text()
    path = head(text, "file")
    rules = [rule, *sorted(rule.parent.glob(f"{rule.stem}.or-*.cocci"))]
    return Hook(rule, path, head(text, "near", "$^"), head(text, "optional"),
                tuple(load_form(form, path) for form in rules))


def load_all(directory: Path) -> list[Hook]:
    """All hooks, in order of their names."""
    return [load(rule) for rule in sorted(directory.glob("*.cocci")) if ".or-" not in rule.name]


def apply_hook(hook: Hook, text: str) -> tuple[str, Outcome]:
    """The content @text after @hook, or a Mismatch."""
    if any(form.is_done(text) for form in hook.forms):
        return text, Outcome(hook.name, hook.lost, "made by hand")
    failures = []
    for form in hook.forms:
        new = run_cached(form, text)
        failures.append(form.failure(text, new))
        if not failures[-1]:
            return new, Outcome(hook.name, hook.lost, form.label, form.says)
    first = hook.forms[0].rule.read_text()
    raise mismatch(hook.name, failures[0], excerpt(hook.path, text, hook.near),
                   first[first.index("\n//\n") + 1:].replace("// ", "").replace("//\n", ""))


def run_cached(form: Form, text: str) -> str:
    """The content @text after @form; spatch runs only for what it has not seen."""
    rule = form.rule.read_text()
    if not re.search(r"^[-+]", rule, re.M):
        return text
    cached = CACHE / digest(rule, text)
    if not cached.is_file():
        write_atomic(cached, run_spatch(form.rule, text).encode())
    return cached.read_text()


def run_spatch(rule: Path, text: str) -> str:
    """Apply @rule to a lone copy of the file: headers are of no use to it."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "file.c"
        target.write_text(text)
        try:
            result = subprocess.run(
                ["spatch", "--very-quiet", "--in-place", "--no-includes", "--sp-file",
                 str(rule), str(target)], capture_output=True, text=True)
        except FileNotFoundError:
            raise Problem("spatch is missing; run 'make deps' (package coccinelle)") from None
        if result.returncode:
            tail = " ".join(result.stderr.split())[-300:]
            raise Problem(f"spatch failed on {rule}: {tail}")
        return target.read_text()
