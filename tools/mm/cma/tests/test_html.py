# SPDX-License-Identifier: GPL-2.0
"""cma map --html: the page as text, and in a real browser, if there is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from test_cma import ENV, STATES, cma, program
from test_picture import held_by, lab

SHOTS = ["guest.bundle", "ours", "guest-stock.bundle"]
PHONE, SCREEN = 360, 1200
INSTALL = "no browser: apt-get install chromium chromium-driver python3-selenium"
EMPTY = {"meta", "link", "input"}
ODD = ["<script>alert(1)</script>", "\"onload=x&<b>'", "x" * 200, "摄像头" * 60]


class Page(HTMLParser):
    """What is in a page; its tags must close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open += [tag] * (tag not in EMPTY)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Titles of cells are not counted: they take a mouse."""
        if not {"script", "style", "title"} & set(self.open):
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for at, attrs in self.tags if at == tag]


def html(*places: Path) -> str:
    done = subprocess.run([*program(), "map", "--html", *places], env=ENV, capture_output=True,
                          check=False, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def three() -> str:
    return html(*(STATES / shot for shot in SHOTS))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_section_for_each_moment(count: int) -> None:
    """All of them can be seen without scripts; controls come only where there is a choice."""
    page = Page(html(*(STATES / shot for shot in SHOTS[:count])))
    sections = page.all("section")
    assert [section["data-label"] for section in sections] == \
        [SHOTS[0], f"{SHOTS[1]}, 1h01m after boot", SHOTS[2]][:count]
    assert not [section for section in sections if "hidden" in section]
    assert len(page.all("script")) == len(page.all("nav")) == (count > 1)
    assert [slider["max"] for slider in page.all("input")] == [str(count - 1)] * (count > 1)
    bars = [attrs for attrs in page.all("rect") if "bar" in (attrs.get("class") or "")]
    assert {bar["data-shot"] for bar in bars} == \
        ({str(i) for i in range(count)} if count > 1 else set())


def test_nothing_comes_from_elsewhere() -> None:
    text = three()
    page = Page(text)
    assert not [attrs for _, attrs in page.tags
                if {"src", "srcset", "action", "onload"} & attrs.keys()]
    assert [attrs["href"] for _, attrs in page.tags if "href" in attrs] == ["data:,"]
    assert not re.search(r"url\(|@import|https?://|fetch\(|\.innerHTML", text)
    policy = [attrs["content"] or "" for attrs in page.all("meta")
              if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert len(policy) == 1 and policy[0].startswith("default-src 'none'; ")
    widths = [attrs["content"] for attrs in page.all("meta") if attrs.get("name") == "viewport"]
    assert widths == ["width=device-width, initial-scale=1"]


def test_it_says_what_the_json_does() -> None:
    """Each holder is named, each allocation is in the table, and each cell is drawn."""
    page = Page(html(STATES / "ours"))
    data = json.loads(cma(STATES / "ours", "map", "--json").stdout)
    for area in data["areas"]:
        for holder in area["holders"]:
            assert f"{holder['pfn'] * data['page_size']:#x}" in page.words
            assert holder["holder"].replace("\t", "\\011") in page.words
    cells = [group for group in page.all("g") if group.get("class") == "cell"]
    assert len(cells) == sum(len(area["blocks"]) for area in data["areas"])


def test_odd_names_stay_text(tmp_path: Path) -> None:
    page = Page(html(held_by(tmp_path, ODD), STATES / "ours"))
    assert len(page.all("script")) == 1 and not page.all("b")[0]
    assert all(name in page.words for name in ODD)
    assert not [attrs for _, attrs in page.tags if "onload" in attrs]


def test_many_holders_are_cut_off(tmp_path: Path) -> None:
    page = Page(html(held_by(tmp_path, [f"device-{i}" for i in range(300)])))
    assert "236 more" in page.words and "and 44 more" in page.words
    assert [len(page.all(tag)) for tag in ("ol", "table")] == [2, 2]


def test_one_machine_and_odd_uptimes(tmp_path: Path) -> None:
    state = Path(shutil.copytree(STATES / "ours", tmp_path / "state"))
    for text, label in [("4.25 1.0", "state, 4.2s after boot"), ("4. 1", "state, 4s after boot"),
                        ("59 1", "state, 59s after boot"), ("x", "state"), ("", "state"),
                        ("4.<b>", "state, 4s after boot"), (f"{2**64 - 2}.1", "state"),
                        ("60.9 2", "state, 1m00s after boot")]:
        (state / "proc/uptime").write_text(text)
        page = Page(cma(state, "map", "--html").stdout.decode())
        assert page.all("section")[0]["data-label"] == label


def test_what_cannot_be_shown(tmp_path: Path) -> None:
    """Without debugfs there is less, and it says so; a place without areas ends it."""
    done = cma(STATES / "noroot", "map", "--html")
    assert done.returncode == 1 and b"there are no maps" in done.stderr
    words = Page(done.stdout.decode()).words
    assert "What is where cannot be read." in words and "nothing tells by whom" in words
    for place, said in [(STATES / "none", b"no area"), (tmp_path / "absent", b"cannot read")]:
        done = subprocess.run([*program(), "map", "--html", STATES / "ours", place], env=ENV,
                              capture_output=True, check=False, timeout=20)
        assert done.returncode == 1 and said in done.stderr and not done.stdout


def test_text_can_be_read() -> None:
    """Letters are at least 4.5 times as light or dark as the paper, the softer ones, too."""
    palettes = re.findall(r":root\{(--[^}]*)\}", three())
    assert len(palettes) == 2
    for palette in palettes:
        colours = dict(re.findall(r"--(\w+):(#\w+)", palette))
        for ink in ("ink", "soft"):
            lights = sorted(((16 + lab(colours[name], "all")[0]) / 116) ** 3
                            for name in (ink, "paper"))
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


class Browser:
    """A page in Chromium without a window."""

    def __init__(self) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.driver: Any = webdriver.Chrome(
            service=Service(shutil.which("chromedriver") or ""), options=options)

    def load(self, page: Path, width: int, scheme: str = "light") -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width == PHONE})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get_log("performance")
        self.driver.get(page.as_uri())

    def run(self, script: str) -> Any:
        return self.driver.execute_script(f"return {script}")

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def shown(self) -> list[str]:
        """The moments that are on the page, and what the controls say it is."""
        sections = self.driver.find_elements("css selector", "section")
        return [self.find("nav output").text,
                *(section.get_attribute("data-label") for section in sections
                  if section.is_displayed())]

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains
        ActionChains(self.driver).send_keys(*keys).perform()

    def click(self, selector: str, share: float) -> None:
        """Clicks at @share of the width of an element."""
        from selenium.webdriver import ActionChains
        element = self.find(selector)
        ActionChains(self.driver).move_to_element_with_offset(
            element, int((share - 0.5) * element.size["width"]), 0).click().perform()

    def requests(self) -> set[str]:
        """What was asked for since the page was loaded, by the start of its address."""
        sent = [json.loads(entry["message"])["message"]
                for entry in self.driver.get_log("performance")]
        return {entry["params"]["request"]["url"].split(":")[0] for entry in sent
                if entry["method"] == "Network.requestWillBeSent"}


@pytest.fixture(name="browser", scope="module")
def started_browser() -> Iterator[Browser]:
    pytest.importorskip("selenium", reason=INSTALL)
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        pytest.skip(INSTALL)
    browser = Browser()
    yield browser
    browser.driver.quit()


@pytest.fixture(name="page", scope="module")
def page_of_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "page.html"
    path.write_text(three(), encoding="utf-8")
    return path


FIRST = ["1 of 3: guest.bundle", "guest.bundle"]
SECOND = ["2 of 3: ours, 1h01m after boot", "ours, 1h01m after boot"]
THIRD = ["3 of 3: guest-stock.bundle", "guest-stock.bundle"]


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_slider_by_click(browser: Browser, page: Path, width: int) -> None:
    browser.load(page, width)
    assert browser.shown() == THIRD
    browser.click("nav input", 0.02)
    assert browser.shown() == FIRST
    browser.click("nav input", 0.5)
    assert browser.shown() == SECOND
    browser.click("nav button:last-of-type", 0.5)
    assert browser.shown() == THIRD
    browser.click("nav button:first-of-type", 0.5)
    assert browser.shown() == SECOND
    assert browser.run("[...document.querySelectorAll('.bar.now')].map(b => b.dataset.shot)") \
        == ["1", "1"]


def test_slider_by_keys(browser: Browser, page: Path) -> None:
    """From the start of the page with the keyboard alone."""
    browser.load(page, SCREEN)
    left, right, home, tab, enter = "\ue012", "\ue014", "\ue011", "\ue004", "\ue007"
    browser.press(tab, tab)
    assert browser.run("document.activeElement.type") == "range"
    browser.press(left)
    assert browser.shown() == SECOND
    assert browser.run("document.activeElement.getAttribute('aria-valuetext')") == SECOND[1]
    browser.press(home)
    assert browser.shown() == FIRST
    browser.press(right)
    assert browser.shown() == SECOND
    browser.press(tab, enter)
    assert browser.shown() == THIRD
    assert browser.run("getComputedStyle(document.querySelector('nav input'))"
                       ".outlineStyle") == "none"
    browser.press("\ue008" + tab)
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_holders_are_named_without_a_mouse(browser: Browser, page: Path) -> None:
    browser.load(page, PHONE)
    browser.click("nav input", 0.5)
    names = [element for element in browser.driver.find_elements("css selector", ".name")
             if element.is_displayed()]
    assert {"fe4b0000.gpu", "vivid.0", "isp.0"} <= {name.text for name in names}
    assert all(name.size["width"] > 0 and name.size["height"] > 0 for name in names)


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int,
                                          tmp_path: Path) -> None:
    """At each moment, and with names that are long or have no blanks."""
    odd = tmp_path / "odd.html"
    odd.write_text(html(STATES / "ours", held_by(tmp_path, ODD)), encoding="utf-8")
    for path in (page, odd):
        browser.load(path, width)
        assert browser.run("innerWidth") == width
        for share in (0.98, 0.5, 0.02):
            browser.click("nav input", share)
            assert browser.run("document.scrollingElement.scrollWidth <= innerWidth")
            wide = browser.run("[...document.querySelectorAll('body *')].filter(e => "
                               "e.getBoundingClientRect().right > innerWidth + 1)"
                               ".map(e => e.outerHTML.slice(0, 200))")
            assert wide == []


def test_dark_and_light(browser: Browser, page: Path) -> None:
    paper = {}
    for scheme in ("light", "dark"):
        browser.load(page, PHONE, scheme)
        paper[scheme] = browser.run("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 25, 29)"}


def test_no_request_leaves_the_page(browser: Browser, page: Path, tmp_path: Path) -> None:
    """The counter-example shows that one would be seen."""
    browser.load(page, PHONE)
    browser.click("nav input", 0.5)
    assert browser.requests() <= {"file", "data"}
    outside = tmp_path / "outside.html"
    outside.write_text("<img src='http://127.0.0.1:9/x.png'>")
    browser.load(outside, PHONE)
    assert "http" in browser.requests()


def test_one_moment_has_no_controls(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    path.write_text(html(STATES / "ours"), encoding="utf-8")
    browser.load(path, PHONE)
    assert browser.run("document.querySelectorAll('nav, input, script').length") == 0
    assert browser.find("section").is_displayed()
    assert "linux,cma: 64M" in browser.find("h2").text
