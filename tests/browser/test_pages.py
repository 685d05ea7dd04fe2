"""Every kind of page in Chromium at desk and phone width: it fits, nothing breaks, axe objects to nothing, targets can be hit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from approval.demo_company import PASSWORD
from tests.browser.house import served

PAGES = {
    "E1043": ("/inbox", "/my/2026-10", "/my", "/my/samples", "/my/payslips", "/my/payslips/44", "/publications"),
    "S0207": ("/samples", "/samples/2026-10-26", "/team"),
    "D0012": ("/departments", "/departments/3/2026-10", "/bonus-pools", "/policies/operations-Y-1/2"),
    "G0001": ("/approvals", "/approvals/6", "/payouts", "/payouts/9", "/policies/quarterly-category/1", "/cycles/9"),
    "H0001": (
        "/cycles",
        "/cycles/11",
        "/people",
        "/people/E1043",
        "/people/departments",
        "/imports",
        "/policies",
        "/minimum-wages",
        "/policies/library",
        "/policies/operations-Y-1/compare?b=2",
        "/post-standards",
    ),
    "F0001": ("/payouts/3", "/policies/planning-C-1/1", "/policies/planning-C-1/1/what-if?period=2026-09", "/imports"),
    "A0001": ("/objections", "/audit", "/audit/verify", "/advice", "/advice/1"),
}
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + " " + v.nodes[0].html.slice(0, 120))"""

# 2.5.8: 24 px for everything but links within a sentence; on a phone 44 px for buttons and boxes.
TARGETS = """() => { const found = [], phone = innerWidth < 768;
  for (const one of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
    if (!one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) || one.matches(".k-vh, .k-skip")) continue;
    const box = (one.matches("[type=checkbox], [type=radio]") && one.labels[0] || one).getBoundingClientRect();
    const within = getComputedStyle(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim();
    const least = phone && one.matches(".k-bt, .k-in, select, textarea") ? 44 : 24;
    if (box.width > 2 && !within && (Math.round(box.height) < least || Math.round(box.width) < 24))
      found.push(`${Math.round(box.width)} × ${Math.round(box.height)} px: ${one.outerHTML.slice(0, 90)}`);
  } return found }"""


@pytest.fixture(scope="module")
def address(demo_app: Flask) -> Iterator[str]:
    with served(demo_app) as at:
        yield at


def faults(page: Page, path: str, axe_source: str, width: int) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.evaluate(axe_source)
    found = [f"{path} {width}: {one}" for one in page.evaluate(RUN)]
    found += [f"{path} {width}: {one}" for one in page.evaluate(TARGETS)]
    found += [f"{path} {width}: {wide} px wide"] if wide > width else []
    return found + ([f"{path}: {answer.status}"] if answer.status != 200 else [])


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_too_wide_breaks_or_shuts_anybody_out(
    browser: Browser, address: str, axe_source: str, width: int
) -> None:
    found: list[str] = []
    for number, paths in PAGES.items():
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address, locale="zh-CN")
        page = context.new_page()
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
        page.goto("/login")
        page.locator(".k-signin-form input[name=number]").fill(number)
        page.locator(".k-signin-form input[name=password]").fill(PASSWORD)
        page.locator(".k-signin-form button[type=submit]").click()
        page.wait_for_load_state()
        for path in paths:
            found.extend(faults(page, path, axe_source, width))
        context.close()
    assert found == []
