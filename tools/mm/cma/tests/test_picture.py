# SPDX-License-Identifier: GPL-2.0
"""cma map --svg on a phone and on a large screen: what is wider than it, hidden or alike."""

from __future__ import annotations

import itertools
import re
import shutil
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_cma import DEBUGFS, STATES, cma

SVG = "{http://www.w3.org/2000/svg}"
PHONE = 360  # pixels
# The font of a class: its height, and how wide its widest usual character is.
FONTS = {"name": (14, 0.605), "label": (11, 0.605), "holder": (12, 0.605), "key": (12, 0.56),
         "note": (12, 0.56)}
FIRST, SLOTS = 508928, 16384
LONG = "a-device-of-which-the-name-has-sixty-characters-to-be-longer"
NAMES = ["unknown", "<&>\"'.0", "caméra-überwachung", "摄像头控制器" * 8, LONG, "x" * 60, "ß"]


@dataclass(frozen=True)
class Box:
    """Where something is in the picture."""

    what: str
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)


def columns(text: str) -> int:
    """As wide as a terminal shows it: East Asian characters take two columns."""
    return sum(2 if ord(char) >= 0x1100 else 1 for char in text)


def number(element: xml.Element, name: str) -> float:
    return float(element.get(name, "0"))


def text_box(element: xml.Element) -> Box:
    classes = (element.get("class") or "").split()
    size, wide = FONTS[classes[0]]
    width = columns(element.text or "") * size * wide
    left = number(element, "x") - width * ("size" in classes)
    base = number(element, "y")
    return Box(element.text or "", left, left + width, base - 0.75 * size, base + 0.2 * size)


def rect_box(element: xml.Element) -> Box:
    left, top = number(element, "x"), number(element, "y")
    return Box(element.get("class") or "", left, left + number(element, "width"),
               top, top + number(element, "height"))


def texts(root: xml.Element, name: str) -> list[xml.Element]:
    return [text for text in root.iter(f"{SVG}text")
            if (text.get("class") or "").split()[0] == name]


def held_by(tmp_path: Path, names: list[str]) -> Path:
    """The state "ours", where each of @names holds two pages."""
    state = Path(shutil.copytree(STATES / "ours", tmp_path / "state"))
    lines = [f"{FIRST + 32 * i:#x} 2 0 1000 {i + 1} task{i} {name}"
             for i, name in enumerate(names)]
    head = "pfn pages align age_ms pid task holder"
    (state / DEBUGFS / "holders").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return state


def picture(state: Path, *options: str) -> xml.Element:
    return xml.fromstring(cma(state, "map", "--svg", *options).stdout)


def check_boxes(root: xml.Element) -> None:
    """Nothing is outside of the picture or over something else, and a phone is as wide as it."""
    width, height = (float(word) for word in (root.get("viewBox") or "").split()[2:])
    words = [text_box(text) for text in root.iter(f"{SVG}text")]
    rects = [rect_box(rect) for rect in root.iter(f"{SVG}rect") if rect.get("class") != "paper"]
    assert width <= PHONE
    out = [box for box in words + rects
           if box.left < 0 or box.right > width or box.top < 0 or box.bottom > height]
    assert not out
    assert not [pair for pair in itertools.combinations(words, 2) if pair[0].meets(pair[1])]
    assert not [(word, rect) for word in words for rect in rects if word.meets(rect)]


@pytest.mark.parametrize("count", [0, 1, 40, 300])
@pytest.mark.parametrize("options", [[], ["--fine"]])
def test_all_fits_and_names_are_there_without_a_mouse(tmp_path: Path, count: int,
                                                      options: list[str]) -> None:
    names = [f"{NAMES[i % len(NAMES)]}-{i}" for i in range(count)]
    root = picture(held_by(tmp_path, names), *options)
    check_boxes(root)
    shown = "".join(text.text or "" for text in texts(root, "holder"))
    for i, name in enumerate(names[:64]):
        assert f"{name} (task{i}, pid {i + 1})".replace(" ", "") in shown.replace(" ", "")
    assert ("nothing is held" in shown) == (count == 0)
    assert ("236 more" in shown) == (count == 300)


@pytest.mark.parametrize("state", ["ours", "stock", "stuck", "guest.bundle", "guest-stock.bundle"])
def test_other_pictures_fit(state: str) -> None:
    check_boxes(picture(STATES / state))


def test_a_long_name_of_an_area_fits(tmp_path: Path) -> None:
    state = Path(shutil.copytree(STATES / "ours", tmp_path / "state"))
    for parent in ("sys/kernel/mm/cma", "sys/kernel/debug/cma"):
        (state / parent / "linux,cma").rename(state / parent / LONG)
    root = picture(state)
    check_boxes(root)
    assert "".join(text.text or "" for text in texts(root, "name")).startswith(f"{LONG}: 64M")


def test_who_holds_it_is_not_known_on_stock() -> None:
    shown = [text.text for text in texts(picture(STATES / "stock"), "holder")]
    assert shown[-1] == "held, nothing tells by whom"


def test_it_fills_no_more_than_the_window() -> None:
    """A browser makes it as wide as the window; what is no browser, as wide as it says."""
    root = picture(STATES / "ours")
    assert (root.get("width"), root.get("viewBox", "").split()[2]) == ("360", "360")
    assert "svg{width:100%;height:auto;max-width:" in (root.findtext(f"{SVG}style") or "")


# How people see colours who have all cones, or lack those for red, green or blue: after
# Machado, Oliveira and Fernandes, 2009.
EYES = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((.152286, 1.052583, -.204868), (.114503, .786281, .099216),
               (-.003882, -.048116, 1.051998)),
    "no green": ((.367322, .860646, -.227968), (.280085, .672501, .047413),
                 (-.011820, .042940, .968881)),
    "no blue": ((1.255528, -.076749, -.178779), (-.078411, .930809, .147602),
                (.004733, .691367, .303900)),
}
# CIE76; 2.3 is just visible side by side. A cell on a phone is some pixels large.
APART = 20


def linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def lab(colour: str, eyes: str) -> tuple[float, float, float]:
    """CIE L*a*b* of "#rrggbb" or "#rgb"."""
    digits = "".join(2 * char for char in colour[1:]) if len(colour) == 4 else colour[1:]
    rgb = [linear(int(digits[i:i + 2], 16)) for i in (0, 2, 4)]
    red, green, blue = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb))))
                        for row in EYES[eyes])
    xyz = ((.4124 * red + .3576 * green + .1805 * blue) / .9505,
           .2126 * red + .7152 * green + .0722 * blue,
           (.0193 * red + .1192 * green + .9505 * blue) / 1.089)
    x, y, z = (v ** (1 / 3) if v > .008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def colours() -> tuple[dict[str, str], dict[str, str]]:
    """What fills each class of rectangles, on a light and on a dark background."""
    style = picture(STATES / "ours").findtext(f"{SVG}style") or ""
    light, dark = (dict(re.findall(r"\.(\w+)\{fill:(#\w+)\}", part))
                   for part in style.split("@media"))
    return light, light | dark


@pytest.mark.parametrize("eyes", EYES)
def test_colours_differ(eyes: str) -> None:
    light, dark = colours()
    for palette in (light, dark):
        assert len(palette) == 9 and set(palette) >= {"held", "stuck", "free", "paper"}
        for (one, first), (other, second) in itertools.combinations(palette.items(), 2):
            if "window" in (one, other):  # a line, beside the cells
                continue
            apart = sum((a - b) ** 2 for a, b in zip(lab(first, eyes), lab(second, eyes))) ** 0.5
            assert apart >= APART, (one, other)


def test_text_can_be_read() -> None:
    """Lines and letters are at least 4.5 times as light or dark as what they are on."""
    style = picture(STATES / "ours").findtext(f"{SVG}style") or ""
    for part, (ink, paper) in zip(style.split("@media"),
                                  [("#222", "#fff"), ("#ddd", "#16191d")]):
        assert f"text{{fill:{ink}" in part and f".paper{{fill:{paper}}}" in part
        bright, dim = sorted((16 + lab(colour, "all")[0]) / 116 for colour in (ink, paper))[::-1]
        assert (bright ** 3 + 0.05) / (dim ** 3 + 0.05) >= 4.5
