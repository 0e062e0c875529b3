"""A real browser for tests: Debian's chromium through playwright.

Where either is missing, tests are skipped with the reason; in CI (the variable ``CI`` is set) they fail.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def missing(what: str) -> None:
    """Skip, or fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; CI must have it")
    pytest.skip(what)


@contextmanager
def launched() -> Iterator:
    """A running browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install 'layoutgen[browser]'")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not there: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


def axe_source(folder: Path) -> str:
    """axe-core, fetched once with npm into a folder that outlives the run."""
    file = folder / "package" / "axe.min.js"
    if not file.exists():
        npm = shutil.which("npm")
        if npm is None:
            missing("npm is not there to fetch axe-core: apt-get install npm")
        done = subprocess.run(
            [npm, "pack", "axe-core@4", "--silent"], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            missing(f"npm cannot fetch axe-core: {done.stderr.strip()[-200:]}")
        (packed,) = folder.glob("axe-core-*.tgz")
        shutil.unpack_archive(packed, folder, filter="data")
    return file.read_text(encoding="utf-8")
