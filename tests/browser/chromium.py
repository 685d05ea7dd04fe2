"""The browser of the tests: $CHROME_PATH, the machine's own, or the one inside the npm package @sparticuz/chromium."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pylopdf_fonts_zh_cn

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "node_modules" / "@sparticuz" / "chromium"
CACHE = Path(sys.prefix) / "browser"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without the background switches Chromium looks up its maker's hosts at every start.
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--font-render-hinting=none",
)
UNPACK = """
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");
const [source, target] = process.argv.slice(1);
pipeline(createReadStream(source), createBrotliDecompress({ chunkSize: 1 << 21 }), createWriteStream(target));
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong"><string>Noto Sans SC</string></edit>
  </match>
</fontconfig>
"""


class NoBrowser(Exception):
    """No Chromium was found, and none could be unpacked: the message says what to do."""


def launch_options() -> dict[str, Any]:
    """What `playwright.chromium.launch` needs: executable_path, args, and an environment with the Chinese font."""
    path, libraries = _executable()
    env = {**os.environ, "FONTCONFIG_FILE": str(_font_settings())}
    if libraries is not None:
        env["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, [str(libraries), os.environ.get("LD_LIBRARY_PATH")]))
    return {"executable_path": str(path), "args": list(ARGS), "env": env}


def _executable() -> tuple[Path, Path | None]:
    """The browser, and the folder of libraries that it brings along."""
    named = os.environ.get("CHROME_PATH")
    if named:
        if not Path(named).is_file():
            raise NoBrowser(f"CHROME_PATH names no file: {named}")
        return Path(named), None
    for name in SYSTEM_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found), None
    home = _unpacked()
    return home / "chromium", home / "lib"


def _unpacked() -> Path:
    """Unpack the npm package once per version; two workers at once each unpack, and the first rename wins."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoBrowser("no Chromium on this machine: install one, or name it in CHROME_PATH")
    if not (PACKAGE / "package.json").exists():
        raise NoBrowser("no Chromium on this machine: run ./manage test (it brings one), or name one in CHROME_PATH")
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    home = CACHE / f"chromium-{version}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            made = Path(scratch) / "chromium"
            _unpack_into(made)
            try:
                made.rename(home)
            except OSError:
                if not home.exists():
                    raise
    return home


def _unpack_into(folder: Path) -> None:
    folder.mkdir()
    _brotli("chromium.br", folder / "chromium")
    (folder / "chromium").chmod(0o755)
    for archive in ("al2023", "swiftshader"):
        _brotli(f"{archive}.tar.br", folder / f"{archive}.tar")
        with tarfile.open(folder / f"{archive}.tar") as tar:
            tar.extractall(folder, filter="data")
        (folder / f"{archive}.tar").unlink()


def _brotli(name: str, target: Path) -> None:
    subprocess.run(["node", "-e", UNPACK, str(PACKAGE / "bin" / name), str(target)], check=True)


def _font_settings() -> Path:
    """One font for every machine, so that a page looks and wraps the same everywhere."""
    CACHE.mkdir(exist_ok=True)
    settings = CACHE / "fonts.conf"
    fonts = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    text = FONTS.format(fonts=escape(str(fonts)), cache=escape(str(CACHE / "fontconfig")))
    if not settings.exists() or settings.read_text() != text:
        scratch = settings.with_suffix(f".{os.getpid()}")
        scratch.write_text(text)
        scratch.replace(settings)
    return settings
