"""A browser for a whole run, and the checker of accessibility."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ROOT, launch_options


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker; each test opens its own context, so that no cookie is shared."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**launch_options())
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core: run it with `page.evaluate(axe_source)`, which the Content-Security-Policy does not stop."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
