# SPDX-License-Identifier: GPL-2.0
"""The binding of the device tree, as dt-schema sees it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from adopt import ROOT, call, fresh

BINDINGS = ROOT / "Documentation/devicetree/bindings"
BINDING = "reserved-memory/linux,cma.yaml"
# What authors of trees write, and what they are told of it.
WRONG = {
    "another name of a property": ("size = <0x0 0x0c000000>", "length = <0x0 0x0c000000>",
                                   "'length' was unexpected"),
    "no size and no address": ("size = <0x0 0x0c000000>;", "", "'size' is a required property"),
    "another compatible": ('"shared-dma-pool"', '"cma-pool"', "'shared-dma-pool' was expected"),
    "a flag with a value": ("linux,cma-default;", "linux,cma-default = <1>;",
                            "linux,cma-default:"),
    "not lent": ("reusable;", "", "'reusable' is a required property"),
}


def examples() -> str:
    return call("dt-extract-example", BINDING, cwd=BINDINGS).stdout


def validated(text: str, where: Path) -> str:
    """What dt-schema says of the tree @text, with the binding and its own schemas."""
    schemas, tree, blob = where / "schemas", where / "tree.dts", where / "tree.dtb"
    schemas.mkdir()
    shutil.copy(BINDINGS / BINDING, schemas)
    call("dt-mk-schema", "-j", "-o", where / "schema.json", schemas)
    tree.write_text(text)
    call("dtc", "-q", "-O", "dtb", "-o", blob, tree)
    done = call("dt-validate", "-s", where / "schema.json", blob)
    return done.stdout + done.stderr


def test_the_binding_is_accepted() -> None:
    call("yamllint", "-s", "-d", "relaxed", BINDING, cwd=BINDINGS)
    done = call("dt-doc-validate", "-u", ".", BINDING, cwd=BINDINGS)
    assert not done.stdout + done.stderr


def test_the_examples_of_the_binding_are_accepted() -> None:
    assert len(re.findall(r"reserved-memory \{", examples())) == 2
    assert validated(examples(), fresh("binding")) == ""


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_node_is_refused(what: str) -> None:
    right, wrong, complaint = WRONG[what]
    assert right in examples()
    assert complaint in validated(examples().replace(right, wrong, 1), fresh("binding"))


def test_the_binding_has_each_property_that_is_read() -> None:
    """And no other: what mm/cma reads of a node, and what it says about it."""
    code = "".join((ROOT / f"mm/cma/{name}").read_text() for name in ("of.c", "lib/fdt.c"))
    read = set(re.findall(r'cma_of_(?:prop|has)\(offset, "([^"]+)"\)', code))
    assert len(read) > 5
    text = (BINDINGS / BINDING).read_text()
    told = set(re.findall(r"^  ([a-z][a-z,-]+):$", text.split("\nproperties:\n")[1], re.M))
    # no-map makes it a pool of another kind, which the binding does not have.
    assert told - {"compatible"} == read - {"no-map"}
