"""Takes the pictures of docs/screens from the demo company: `python -m tests.browser.screens`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from approval import demo
from approval.app import create_app
from approval.clock import machine_time
from approval.config import Settings
from approval.db import db
from approval.demo_company import PASSWORD
from approval.migrations import upgrade
from tests.browser.chromium import launch_options
from tests.browser.house import served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
# name, account, page, widths
PICTURES = (
    ("sign-in", "", "/login", (1440,)),
    ("employee-inbox", "E1023", "/inbox", (390,)),
    ("employee-self-assessment", "E1023", "/my/2026-10", (1440, 390)),
    ("employee-payslip", "E1031", "PAYSLIP", (1440, 390)),
    ("supervisor-samples", "S0207", "/samples/2026-10-26", (1440, 390)),
    ("head-review", "D0012", "/departments/3/2026-10", (1440,)),
    ("head-split", "D0020", "POOL", (1440,)),
    ("general-manager-approval", "G0001", "APPROVAL", (1440, 390)),
    ("hr-months", "H0001", "/cycles", (1440,)),
    ("hr-policy", "H0001", "/policies/planning-C-1/1", (1440,)),
    ("hr-guards", "H0001", "/minimum-wages", (1440,)),
    ("head-policy-figures", "D0012", "/policies/planning-C-1/2/figures", (1440, 390)),
    ("head-policy-lines", "D0012", "/policies/planning-C-1/2/lines", (1440, 390)),
    ("head-target", "D0012", "/targets/1", (1440,)),
    ("hr-pay-table", "H0001", "/post-standards", (1440,)),
    ("general-manager-batch", "G0001", "/payouts/3", (1440,)),
    ("finance-what-if", "F0001", "WHATIF", (1440, 390)),
    ("finance-payouts", "F0001", "/payouts", (1440,)),
    ("auditor-trail", "A0001", "/audit", (1440,)),
)


def where(page: str) -> str:
    """Fill in the numbers that only the database knows."""
    from sqlalchemy import text

    pool = "SELECT id FROM bonus_pool WHERE state = 'submitted'"
    slip = "SELECT p.id FROM payslip p JOIN employee e ON e.id = p.employee_id WHERE e.number = 'E1031' AND p.period = '2026-09'"
    if page == "PAYSLIP":
        return f"/my/payslips/{db.session.execute(text(slip)).scalar()}"
    if page == "WHATIF":
        return "/policies/planning-C-1/1/what-if?try=1&period=2026-08&period=2026-09&reading.tiers=ladder90"
    if page in ("POOL", "APPROVAL"):
        number = db.session.execute(text(pool)).scalar()
        return f"/approvals/{number}" if page == "APPROVAL" else f"/bonus-pools/{number}"
    return page


def draft_next(browser: Browser, address: str) -> None:
    """The department's head drafts the next version of a policy."""
    context = browser.new_context(locale="zh-CN")
    tab = context.new_page()
    sign_in(tab, address, "D0012")
    tab.goto(address + "/policies/planning-C-1/1")
    tab.get_by_role("button", name="起草下一版").click()
    tab.wait_for_load_state()
    context.close()


def sign_in(tab: Page, address: str, account: str) -> None:
    tab.goto(address + "/login")
    if account:
        tab.locator(".k-signin-form input[name=number]").fill(account)
        tab.locator(".k-signin-form input[name=password]").fill(PASSWORD)
        tab.locator(".k-signin-form button[type=submit]").click()
        tab.wait_for_load_state()


def take(browser: Browser, address: str, name: str, account: str, page: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", device_scale_factor=0.6)
    tab = context.new_page()
    sign_in(tab, address, account)
    tab.goto(address + page)
    for summary in tab.locator("details.k-expl summary").all()[:1]:
        summary.click()
    tab.screenshot(path=FOLDER / f"{name}-{width}.png")
    context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(f"sqlite:///{folder}/demo.db", "x" * 40, Path(folder), demo=True))
        with app.app_context(), sync_playwright() as playwright:
            upgrade(db.engine)
            demo.tell(db.session, machine_time())  # type: ignore[arg-type]
            db.session.commit()
            app = create_app(Settings(f"sqlite:///{folder}/demo.db", "x" * 40, Path(folder), demo=True))
            browser = playwright.chromium.launch(**launch_options())
            with served(app) as address:
                draft_next(browser, address)
                for name, account, page, widths in PICTURES:
                    for width in widths:
                        take(browser, address, name, account, where(page), width)
            browser.close()
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
