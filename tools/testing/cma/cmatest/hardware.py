# SPDX-License-Identifier: GPL-2.0
"""Boards of makers as QEMU models them: with the kernel's trees, drivers of others, a screen."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from cmatest import dt, guest, vm

MIB = 1 << 20
# One kernel for all arm boards here.
CONFIG = "".join(f"CONFIG_{line}=y\n" for line in (
    "ARCH_VEXPRESS", "MFD_VEXPRESS_SYSREG", "CLK_VEXPRESS_OSC", "CLK_SP810", "I2C", "I2C_VERSATILE",
    "DRM", "DRM_PL111", "DRM_SII902X", "DRM_PANEL", "REGULATOR", "REGULATOR_FIXED_VOLTAGE",
    "RESET_CONTROLLER", "MFD_SYSCON", "ARCH_MXC", "SOC_IMX6Q", "SOC_IMX6UL",
    "SOC_IMX7D", "SERIAL_IMX", "SERIAL_IMX_CONSOLE", "PINCTRL", "GPIOLIB", "GPIO_MXC", "SPI",
    "SPI_BITBANG", "SPI_GPIO", "GPIO_74X164", "REGULATOR_ANATOP", "WATCHDOG", "IMX2_WDT",
    "NETDEVICES", "ETHERNET", "NET_VENDOR_FREESCALE", "INET", "FEC", "SMSC_PHY", "MICREL_PHY",
    "MMC", "MMC_BLOCK", "MMC_SDHCI", "MMC_SDHCI_PLTFM", "MMC_SDHCI_ESDHC_IMX", "DMADEVICES",
    "IMX_SDMA", "NVMEM", "NVMEM_IMX_OCOTP"))

# A server that returns all that it gets, see guest/net.c.
NET = ("-nic", "user,restrict=on,guestfwd=tcp:10.0.2.100:7-cmd:cat")
# The second port is for answers of the one who looks at the screen.
A9 = vm.Model("vexpress-a9", "arm/vexpress-v2p-ca9.dts",
              "console=ttyAMA0 earlycon=pl011,0x10009000")
A15 = vm.Model("vexpress-a15", "arm/vexpress-v2p-ca15-tc1.dts",
               "console=ttyAMA0 earlycon=pl011,0x1c090000")
IMX6Q = vm.Model("sabrelite", "nxp/imx/imx6q-sabrelite.dts",
                 "console=ttymxc1 earlycon=ec_imx6q,0x21e8000",
                 options=("-serial", "null", *NET, "-device", "sd-card,drive=card"),
                 card="if=none,id=card")
# Of its two network controllers, the second one is wired to its physical side in QEMU.
IMX6UL = vm.Model("mcimx6ul-evk", "nxp/imx/imx6ul-14x14-evk.dts",
                  "console=ttymxc0 earlycon=ec_imx6q,0x2020000", 1,
                  ("-nic", "user,restrict=on", *NET))
IMX7D = vm.Model("mcimx7d-sabre", "nxp/imx/imx7d-sdb.dts",
                 "console=ttymxc0 earlycon=ec_imx6q,0x30860000", options=NET)

PICTURE_MIB = 64


def inside(where: str, body: str) -> str:
    """@body for the node with the path @where, which the tree has already."""
    for name in reversed(where.split("/")):
        body = f"{name} {{ {body} }};"
    return body


def display(region: str) -> str:
    """The area of a display controller, in place of memory that the kernel must not touch."""
    return f'display: display {{ compatible = "shared-dma-pool"; reusable; {region} }};'


USE_IT = "memory-region = <&display>;"
# The board has a second controller, and its driver leaves the only output to the first one.
# The driver of the output takes what leads there for a monitor, and waits for it.
A9_EDIT = dt.Edit(
    (display(f"size = <{PICTURE_MIB * MIB:#x}>;"),),
    (inside("clcd@10020000", USE_IT),
     inside("bus@40000000/motherboard-bus@40000000/iofpga@7,00000000",
            "/delete-node/ clcd@1f000; "
            + inside("i2c@16000/dvi-transmitter@39/ports", "/delete-node/ port@1;"))),
    dt.SHORT_HEAD)
# The last part of 1 GiB, which the kernel cannot reach without a map of its own.
A15_EDIT = dt.Edit(
    (display(f"reg = {dt.cells(0xbc000000, PICTURE_MIB * MIB)};"),),
    (inside("bus@8000000/motherboard-bus@8000000/iofpga-bus@300000000/clcd@1f0000", USE_IT),))


def default_node(mib: int) -> dt.Edit:
    """The area that the makers of such boards have in their trees."""
    node = ('linux,cma { compatible = "shared-dma-pool"; reusable; linux,cma-default; '
            f"size = <{mib * MIB:#x}>; }};")
    return dt.Edit((node,), head=dt.SHORT_HEAD)


# As guest/soc.c has them: what it writes is behind the file system.
CARD_BYTES = 256 * MIB
WRITE_AT = 192 * MIB
WRITE_WORDS = 4 * MIB // 8
WRITE_FILE = 1
MASK = (1 << 64) - 1


def card(name: str) -> Path:
    """A card with two files that QEMU may change, new for each boot."""
    vm.LOGS.mkdir(parents=True, exist_ok=True)
    path = vm.LOGS / f"{name}.card"
    shutil.copyfile(guest.disk(files=2), path)
    with open(path, "r+b") as image:
        image.truncate(CARD_BYTES)
    return path


def data_word(file: int, index: int) -> int:
    """As in guest/data.h."""
    mixed = ((file + 1) << 32 | index) * 0x9e3779b97f4a7c15 & MASK
    return mixed ^ mixed >> 31


def wrong_words(image: Path) -> int:
    """How many words are not as the guest should have written them to the card."""
    with open(image, "rb") as card_file:
        card_file.seek(WRITE_AT)
        got = card_file.read(WRITE_WORDS * 8)
    return sum(got[i * 8:i * 8 + 8] != data_word(WRITE_FILE, i).to_bytes(8, "little")
               for i in range(WRITE_WORDS))


# As guest/display.c draws.
STEP, NEXT_PICTURE, COLOURS = 0x9e3779, 0x100000, 0xffffff


@dataclass(frozen=True)
class Picture:
    """What was on the screen: three bytes a pixel, red first."""

    width: int
    height: int
    pixels: bytes

    def wrong(self, number: int) -> list[int]:
        """The pixels that are not those of picture @number."""
        first = number * NEXT_PICTURE
        return [i for i in range(self.width * self.height)
                if int.from_bytes(self.pixels[3 * i:3 * i + 3], "big")
                != (first + i) * STEP & COLOURS]


def picture(path: Path) -> Picture:
    """A file of QEMU's screendump."""
    kind, size, most, pixels = path.read_bytes().split(b"\n", 3)
    width, height = (int(number) for number in size.split())
    if kind != b"P6" or most != b"255" or len(pixels) != 3 * width * height:
        raise guest.Problem(f"{path} is no picture of {width} x {height}")
    return Picture(width, height, pixels)


class Screen:
    """Takes a picture of the screen whenever the guest asks for it, and answers."""

    def __init__(self, name: str) -> None:
        self._sockets = tempfile.TemporaryDirectory(prefix="cma-screen-")
        self._name = name
        self._port: socket.socket | None = None

    @property
    def options(self) -> tuple[str, ...]:
        return ("-serial", f"unix:{self._path('answer')},server=on,wait=off",
                "-qmp", f"unix:{self._path('qmp')},server=on,wait=off")

    def _path(self, name: str) -> str:
        return f"{self._sockets.name}/{name}"

    def __enter__(self) -> Screen:
        for old in vm.LOGS.glob(f"{self._name}-*.ppm"):
            old.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        if self._port:
            self._port.close()
        self._sockets.cleanup()

    def hear(self, raw: str) -> None:
        """Each line of the guest."""
        key, _, name = vm.bare(raw).partition("=")
        if key == "@display.picture":
            self._dump(vm.LOGS / f"{self._name}-{name}.ppm")
            self._answer()

    def _answer(self) -> None:
        """QEMU forgets what the guest has not read yet when nobody is connected any more."""
        if not self._port:
            self._port = socket.socket(socket.AF_UNIX)
            self._port.connect(self._path("answer"))
        self._port.sendall(b"seen\n")

    def _dump(self, path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as port:
            port.settimeout(30)
            port.connect(self._path("qmp"))
            with port.makefile("rw", encoding="ascii") as monitor:
                monitor.readline()  # a greeting
                for command in ({"execute": "qmp_capabilities"},
                                {"execute": "screendump", "arguments": {"filename": str(path)}}):
                    monitor.write(json.dumps(command) + "\n")
                    monitor.flush()
                    while "return" not in (told := json.loads(monitor.readline())):
                        if "error" in told:
                            raise guest.Problem(f"QEMU refuses {command}: {told['error']}")


def run(boot: vm.Boot, screen: bool) -> vm.Result:
    """Boots a board, with a screen and the disk of all guests, or with a card."""
    if not screen:
        assert boot.machine.model
        drive = f"file={card(boot.name)},format=raw,{boot.machine.model.card}"
        return vm.run(replace(boot, disk=False, more=("-drive", drive)))
    with Screen(boot.name) as looker:
        return vm.run(replace(boot, more=looker.options), looker.hear)
