# SPDX-License-Identifier: GPL-2.0
"""The files that we replace or remove, as stock has them: known.json lists their git blobs.

A file that is none of them has something of its own, which would go. A vendor's
blob is listed, too, once ours have all that the vendor added.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import subprocess
from pathlib import Path

from overlay.base import BASE, DEBIAN_SOURCE
from overlay.source import Source

LIST = Path(__file__).with_name("known.json")
DIFF_LINES = 60


def blob_of(content: bytes) -> str:
    """The id that git gives @content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def load() -> dict[str, dict[str, str]]:
    """For each file, its known blobs and the first release that has each."""
    known: dict[str, dict[str, str]] = json.loads(LIST.read_text())
    return known


def of_debian(name: str) -> bytes:
    """The file @name of Debian's tarball, empty if there is none."""
    if not DEBIAN_SOURCE.is_file():
        return b""
    return subprocess.run(["tar", "-xOf", str(DEBIAN_SOURCE), "--occurrence=1",
                           f"linux-source-6.12/{name}"], capture_output=True, check=False).stdout


def stock_of(name: str, source: Source, blobs: dict[str, str]) -> dict[str, bytes]:
    """Those of the known @blobs of the file @name that can be had; the tarball is slow."""
    found = {key: content for key in blobs if (content := source.blob(key)) is not None}
    in_base = BASE / name
    if in_base.is_file():
        found[blob_of(in_base.read_bytes())] = in_base.read_bytes()
    if not found.keys() & blobs.keys():
        content = of_debian(name)
        found[blob_of(content)] = content
    return {key: content for key, content in found.items() if key in blobs}


def difference(name: str, content: bytes, source: Source, blobs: dict[str, str]) -> list[str]:
    """How @content differs from the known blob that is nearest to it, or what is known."""
    diffs = [list(difflib.unified_diff(
        stock.decode(errors="replace").splitlines(),
        content.decode(errors="replace").splitlines(),
        f"{name} of {blobs[key]}", f"{name} of this tree", lineterm="", n=1))
        for key, stock in stock_of(name, source, blobs).items()]
    if not diffs:
        return [f"it is {blob_of(content)}; known are "
                + ", ".join(f"{key} ({release})" for key, release in blobs.items())]
    nearest = min(diffs, key=len)
    more = len(nearest) - DIFF_LINES
    return nearest[:DIFF_LINES] + ([f"... and {more} lines more"] if more > 0 else [])


def unknown(names: list[str], source: Source) -> dict[str, bytes]:
    """Those of the files @names that are no stock version that we know."""
    blobs = load()
    result = {}
    for name in names:
        content = source.read(name)
        if content is not None and blob_of(content) not in blobs.get(name, {}):
            result[name] = content
    return result


def complaint(name: str, content: bytes, source: Source) -> str:
    """What the file @name of the tree has of its own."""
    lines = difference(name, content, source, load().get(name, {}))
    return (f"{name} is none of the stock versions that ours is known to replace; "
            "what it has of its own goes:\n" + "\n".join(f"  {line}" for line in lines))
