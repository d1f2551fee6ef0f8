# SPDX-License-Identifier: GPL-2.0
"""The document about trees: generated, and about all that it is to be about."""

from __future__ import annotations

import re

from overlay import trees

AS = re.compile(r"\bas for ([^;,]+)")


def test_the_document_is_what_the_data_say() -> None:
    assert trees.DOCUMENT.read_text() == trees.document(), "run scripts/joins --document"


def test_each_row_has_all_columns() -> None:
    for row in trees.load():
        assert row.keys() == trees.COLUMNS.keys()
        assert row["how"] in ("tree", "patches", "release", "inferred")
        assert row["points"] == "refused" or row["points"].count(" of ") == 1


def test_what_compiles_says_what_was_compiled() -> None:
    rows = trees.load()
    for row in rows:
        assert bool(row["on"]) == (row["compiles"] != "only points"), row
        assert (row["on"] == "itself") <= (row["how"] == "tree"), row
        for other in AS.findall(row["on"]):
            assert [known["compiles"] for known in rows if known["tree"] == other] == ["yes"]


def test_most_trees_compile() -> None:
    named = [row for row in trees.load() if row["version"].startswith("6.12")
             and (not row["tree"].startswith("kernel.org") or row["version"] == "6.12.0")]
    assert len(named) == 30
    assert sum(row["compiles"] == "yes" for row in named) >= 28


def test_each_obstacle_has_all_columns() -> None:
    assert trees.newer()
    for row in trees.newer():
        assert row.keys() == trees.OBSTACLES.keys()
