# SPDX-License-Identifier: GPL-2.0
"""What prepare makes, as the tools of the build systems see it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from adopt import HERE, OUT, ROOT, SOURCE, call, fresh, given, prepared

# Where the patch of each is, with the name that it was prepared for.
PATCHES = {
    ("yocto", "linux-imx_6.12"): "meta-cma/recipes-kernel/linux/files/cma.patch",
    ("buildroot", ""): "patches/linux/999-cma.patch",
    ("openwrt", "rockchip"): "target/linux/rockchip/patches-6.12/999-cma.patch",
    ("armbian", "rockchip64"): "userpatches/kernel/archive/rockchip64-6.12/zzz-cma.patch",
    ("debian", ""): "cma.patch",
}
# A layer is parsed as if it were for this machine of its own; one of a maker needs his layer.
RECIPES = {"linux-yocto_6.12": "qemuarm64", "linux-imx_6.12": "imx8mp-lpddr4-evk",
           "linux-raspberrypi_6.12": "raspberrypi4-64"}


@pytest.mark.parametrize(("kind", "name"), PATCHES)
def test_the_patch_of_each_folder_applies(kind: str, name: str) -> None:
    """To the kernel that it was made for: Debian's 6.12.y, or that of KSRC=."""
    patch = prepared(kind, name) / PATCHES[kind, name]
    base = ROOT / "build/base"
    call("git", "apply", "--check", patch, cwd=base, env={"GIT_CEILING_DIRECTORIES": str(ROOT)})
    assert "b/mm/cma/Kconfig" in patch.read_text()
    if kind == "openwrt":  # with the options of its scripts/patch-kernel.sh
        call("patch", "-f", "-p1", "-E", "-s", "--dry-run", "-i", patch, cwd=base)


def test_a_source_is_found_from_where_the_caller_stands() -> None:
    source, place = Path(SOURCE), fresh("near")
    call(HERE / "prepare", "debian", source.name, place, cwd=source.parent)
    assert (place / "cma.patch").read_bytes() == (prepared("debian") / "cma.patch").read_bytes()


@pytest.mark.parametrize(("kind", "place"), [
    ("yocto", "meta-cma/recipes-kernel/linux/files"), ("buildroot", "board/cma"), ("debian", "")])
def test_the_fragments_are_those_of_the_kernel_tree(kind: str, place: str) -> None:
    settings = (prepared(kind) / place / "cma.cfg").read_text().splitlines()
    assert {"CONFIG_CMA=y", "CONFIG_DMA_CMA=y", "CONFIG_CMA_SIZE_MBYTES=64"} < set(settings)
    debug = (prepared(kind) / place / "cma-debug.cfg").read_text()
    assert debug == (ROOT / "kernel/configs/cma-debug.config").read_text()


@pytest.mark.parametrize(("words", "says"), [
    ([], "'' is no build system of these"),
    (["gentoo", "x", "y"], "'gentoo' is no build system of these"),
    (["yocto", "x"], "give a kernel source and a destination"),
    (["armbian", "x", "y"], "prepare armbian <tree> <destination> rockchip64"),
    (["debian", "x", "y", "z"], "debian takes no name; leave 'z' out"),
    (["debian", "/nowhere", "y"], "'make joins KSRC=/nowhere' tells what does not fit")])
def test_prepare_says_what_is_wrong(words: list[str], says: str) -> None:
    done = subprocess.run([str(HERE / "prepare"), *words], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert not Path("y").exists()


def test_nothing_of_this_goes_into_a_kernel_tree() -> None:
    patch = (prepared("debian") / "cma.patch").read_text()
    assert not re.search(r"^diff --git a/(adoption|scripts/adoption)", patch, re.M)
    assert "b/Documentation/devicetree/bindings/reserved-memory/linux,cma.yaml" in patch


def test_buildroot_patches_the_kernel() -> None:
    """Its own make takes our external tree, and applies our patch to the kernel that we give."""
    buildroot = given("BUILDROOT", "Buildroot's make with our external tree")
    place, out = prepared("buildroot"), fresh("buildroot-out")
    make = ["make", "-s", f"O={out}"]
    call(*make, f"BR2_EXTERNAL={place}", "cma_qemu_aarch64_defconfig", cwd=buildroot)
    config = (out / ".config").read_text()
    wanted = (place / "configs/cma_qemu_aarch64_defconfig").read_text().splitlines()
    assert not {line for line in wanted if line[0] != "#"} - set(config.splitlines())
    told = call(*make, "printvars", "VARS=LINUX_KCONFIG_FRAGMENT_FILES", cwd=buildroot).stdout
    assert f"LINUX_KCONFIG_FRAGMENT_FILES={place}/board/cma/cma.cfg" in told
    # kernel.org cannot be had everywhere, so the kernel is the tarball that was given.
    custom = ('BR2_LINUX_KERNEL_CUSTOM_TARBALL=y\n'
              f'BR2_LINUX_KERNEL_CUSTOM_TARBALL_LOCATION="file://{SOURCE}"\n')
    (out / ".config").write_text(config.replace("BR2_LINUX_KERNEL_CUSTOM_VERSION=y\n", custom))
    call(*make, "olddefconfig", cwd=buildroot)
    # Nor can the sources of a newer tar; that of this machine unpacks a kernel as well.
    call(*make, "linux-patch", "BR2_TAR_HOST_DEPENDENCY=", "TAR=tar", cwd=buildroot,
         env={"BR2_DL_DIR": str(out / "dl")})
    tree = out / "build/linux-custom"
    assert (tree / ".applied_patches_list").read_text().split()[-1].endswith("999-cma.patch")
    assert (tree / "mm/cma/Kconfig").is_file() and not (tree / "mm/cma_debug.c").exists()


def kernel_layers(recipe: str) -> list[Path]:
    """OE-core, the maker's layer if the recipe is his, and ours last."""
    what = f"bitbake's parser with our layer and {recipe}"
    core = given("OE_CORE", what)
    given("BITBAKE", what)
    ours = prepared("yocto", recipe) / "meta-cma"
    if recipe.startswith(("linux-yocto", "linux-none")):
        return [core / "meta", ours]
    bsps = given("BSP", what)
    found = [path.parents[2] for path in bsps.glob(f"*/recipes-kernel/linux/{recipe}.bb")]
    assert found, f"no layer in {bsps} has {recipe}.bb"
    return [core / "meta", found[0], ours]


class BuildDirectory:
    """A new one, with the layers for @recipe."""

    def __init__(self, recipe: str) -> None:
        self.name = recipe.partition("_")[0]
        layers = " ".join(map(str, kernel_layers(recipe)))
        self.place = fresh(f"bitbake-{recipe}")
        conf = self.place / "conf"
        conf.mkdir()
        (conf / "bblayers.conf").write_text(
            f'BBPATH = "${{TOPDIR}}"\nBBFILES ?= ""\nBBLAYERS = "{layers}"\n')
        (conf / "local.conf").write_text(
            f'MACHINE = "{RECIPES.get(recipe, "qemuarm64")}"\nDISTRO = "nodistro"\n'
            'CMA_DEBUG = "1"\nBB_NO_NETWORK = "1"\nIMX_DEFAULT_BSP = "nxp"\n'
            # Kernels are enough, and of those the one that is asked for.
            f'BBMASK = "/recipes-(?!kernel/)"\nPREFERRED_VERSION_{self.name} = "6.12%"\n'
            f'PREFERRED_PROVIDER_virtual/kernel:forcevariable = "{self.name}"\n')
        (conf / "sanity.conf").write_text("")  # so root may parse

    def run(self, *words: str) -> str:
        """What a program of bitbake's says there."""
        bin_of = Path(os.environ["BITBAKE"]).resolve() / "bin"
        return call(*words, cwd=self.place, env={
            "BBPATH": str(self.place), "BUILDDIR": str(self.place),
            "PATH": f"{bin_of}:{os.environ['PATH']}"}).stdout

    def value(self, variable: str) -> list[str]:
        return self.run("bitbake-getvar", "-q", "-r", self.name, "--value", variable).split()


@pytest.mark.parametrize("recipe", RECIPES)
def test_bitbake_patches_the_kernel(recipe: str) -> None:
    """The recipe of the kernel has our patch last, and our fragments."""
    build = BuildDirectory(recipe)
    assert build.value("FILE")[-1].endswith(f"/{recipe}.bb")
    files = [uri.removeprefix("file://") for uri in build.value("SRC_URI")]
    assert [name for name in files if name.endswith(".patch")][-1] == "cma.patch"
    assert {"cma.scc", "cma.cfg", "cma-debug.cfg"} < set(files)
    assert f"{recipe}.bbappend" in build.run("bitbake-layers", "show-appends", build.name)


def test_an_append_without_its_recipe_is_refused() -> None:
    """Who has another kernel learns it at once, and not from a kernel without our patch."""
    with pytest.raises(AssertionError, match="No recipes.*available for:\n.*linux-none_6.12"):
        BuildDirectory("linux-none_6.12").run("bitbake", "-p")


def armbian_patches(armbian: Path, tree: Path, user: Path) -> tuple[list[str], set[str]]:
    """The patches that Armbian tries on @tree, and those of them that fail."""
    head = call("git", "rev-parse", "HEAD", cwd=tree).stdout.strip()
    out = fresh("armbian-out")
    done = subprocess.run(
        ["/usr/bin/python3", str(armbian / "lib/tools/patching.py")], capture_output=True,
        text=True, check=False, env={
            "PATH": os.environ["PATH"], "HOME": str(out), "SRC": str(armbian),
            "OUTPUT": str(out / "hash"), "ASSET_LOG_BASE": str(out / "log"),
            "PATCH_TYPE": "kernel", "PATCH_DIRS_TO_APPLY": "archive/rockchip64-6.12",
            "USERPATCHES_PATH": str(user), "APPLY_PATCHES": "yes", "PATCHES_TO_GIT": "no",
            "GIT_WORK_DIR": str(tree), "BASE_GIT_REVISION": head, "BRANCH_FOR_PATCHES": "cma",
            "ALLOW_RECREATE_EXISTING_FILES": "yes", "LINUXFAMILY": "rockchip64",
            "COLUMNS": "120"})
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    return (re.findall(r"^-> \d+/\d+: (\S+?)\(:", text, re.M),
            set(re.findall(r"Failed to apply patch \S+/(\S+)\.patch$", text, re.M)))


def test_armbian_patches_the_kernel() -> None:
    """Its own tool applies ours as the last one, and no other one fails because of it.

    Its patches are for a later 6.12.y of kernel.org than the tree here can be, so a few fail.
    """
    armbian = given("ARMBIAN", "Armbian's patching with our patch")
    tree = fresh("armbian-tree")
    call("tar", "-xf", SOURCE, "-C", tree, "--strip-components=1")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "6.12"]):
        call(*git, *words, cwd=tree)
    tried, failed = armbian_patches(armbian, tree, OUT / "nobody")
    assert len(tried) > 100 and len(failed) < len(tried) // 10
    ours = armbian_patches(armbian, tree, prepared("armbian", "rockchip64") / "userpatches")
    assert ours == ([*tried, "zzz-cma"], failed)
    assert (tree / "mm/cma/Kconfig").is_file() and not (tree / "mm/cma_debug.c").exists()


def test_torizoncore_builder_accepts_its_file() -> None:
    """By its own schema, with jsonschema as it does; the image itself was not made."""
    jsonschema = pytest.importorskip("jsonschema", reason="not run: tcbuild.yaml by its schema "
                                     "(install python3-jsonschema)")
    tool = given("TCB", "tcbuild.yaml by torizoncore-builder's schema")
    schema = yaml.safe_load((tool / "tcbuilder/backend/tcbuild.schema.yaml").read_text())
    place = prepared("torizon")
    config = yaml.safe_load((place / "tcbuild.yaml").read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(config)] == []
    config["customization"]["device-tree"]["overlay"] = ["x"]
    assert list(validator.iter_errors(config)), "the schema takes anything"


def test_the_file_for_torizon_names_what_is_there() -> None:
    place = prepared("torizon")
    config = yaml.safe_load((place / "tcbuild.yaml").read_text())["customization"]
    assert all((place / name).is_file() for name in config["device-tree"]["overlays"]["add"])
    assert not [word for word in config["kernel"]["arguments"] if word.startswith("cma=")]
