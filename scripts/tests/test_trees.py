# SPDX-License-Identifier: GPL-2.0
"""The document about trees: generated, and about all that it is to be about."""

from __future__ import annotations

from overlay import trees


def test_the_document_is_what_the_data_say() -> None:
    assert trees.DOCUMENT.read_text() == trees.document(), "run scripts/joins --document"


def test_each_row_has_all_columns() -> None:
    for row in trees.load():
        assert row.keys() == trees.COLUMNS.keys()
        assert row["how"] in ("tree", "patches", "release", "inferred")
        assert row["points"] == "refused" or row["points"].count(" of ") == 1


def test_what_was_only_derived_does_not_claim_to_have_been_compiled() -> None:
    assert not [row["tree"] for row in trees.load()
                if row["how"] in ("release", "inferred") and row["compiles"] == "yes"]
