"""A served house and its people at their browsers: real pages, real clicks, and nothing on the console."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screens"
PASSWORD = "correct horse"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free loopback port; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Person:
    """One person at a browser of a given width; complaints of the console are kept."""

    page: Page
    context: BrowserContext
    address: str
    name: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        self.fits()

    def fits(self) -> None:
        """The page needs no scrolling sideways, and says where it is in Chinese."""
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"{self.page.url} is {wide} px wide on {room}"

    def press(self, label: str, *, nth: int = 0) -> None:
        """Press the visible button or link with this label, and wait for the next page."""
        wanted = self.page.locator("main").get_by_role("button", name=label, exact=True)
        wanted = wanted.or_(self.page.locator("main").get_by_role("link", name=label, exact=True))
        wanted.locator("visible=true").nth(nth).click()
        self.page.wait_for_load_state()

    def unfold(self, label: str) -> None:
        """Open the part that a summary hides."""
        self.page.locator("main summary:visible").filter(has_text=re.compile(rf"^\s*{re.escape(label)}")).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def shot(self, name: str) -> None:
        """Keep a picture of the page for the people who look at it."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        width = (self.page.viewport_size or {"width": 0})["width"]
        self.page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)


def sign_in(browser: Browser, address: str, number: str, width: int, password: str = PASSWORD) -> Person:
    """Open a browser window of a width and sign somebody in through the page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    person = Person(page, context, address, number)

    def keep(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            person.complaints.append(f"{page.url}: {message.text}")

    page.on("console", keep)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on("request", lambda request: _stay(person, request.url))
    person.go("/login")
    page.get_by_label("工号").first.fill(number)
    page.get_by_label("密码").first.fill(password)
    page.locator(".k-signin-form").get_by_role("button", name="登录").click()
    page.wait_for_load_state()
    return person


def _stay(person: Person, url: str) -> None:
    """Nothing is asked of any other origin."""
    if not url.startswith((person.address, "data:")):
        person.complaints.append(f"asked {url}")
