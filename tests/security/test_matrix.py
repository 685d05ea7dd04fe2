"""Role × page × thing: every cell decided by hand; the pay of others never shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from approval.models.payout import PayoutBatch, Payslip
from approval.models.sampling import Draw
from approval.models.target import AnnualTarget
from approval.rules.money import display, yuan
from approval.services.target import Goal, Part, set_annual_target, set_personal_target
from tests.app_fixtures import Browser, World
from tests.crawl import crawl
from tests.stages import cycle_of, pool_of

# The employee himself, his colleague, his supervisor, his head, another head, the offices, another department.
ROLES = ("cs", "cs2", "lead", "head", "other_head", "gm", "hr", "finance", "auditor", "data", "shipper")
Y, N, X, R = 200, 404, 403, 302  # seen; does not exist for him; the office is named; sent on
EVERYBODY = (Y,) * 11

# What belongs to 马骏 (cs), his department and its October, when the batch is prepared. Columns in the order of ROLES.
TABLE: dict[str, tuple[int, ...]] = {
    "inbox.home": (R,) * 11,
    "inbox.inbox": EVERYBODY,
    "account.change_password": EVERYBODY,
    "appraisal.my_months": EVERYBODY,
    "appraisal.self_assessment": EVERYBODY,
    "appraisal.confirm_submit": (303, 303, 303, 303, 303, N, N, N, N, N, 303),
    "appraisal.team": EVERYBODY,
    "appraisal.appraisal": (Y, N, Y, Y, N, Y, Y, N, Y, N, N),
    "appraisal.log": (Y, N, Y, Y, N, Y, Y, N, Y, N, N),
    "appraisal.print_form": (Y, N, Y, Y, N, Y, Y, N, Y, N, N),
    "appraisal.evidence": (N,) * 11,
    "bonus_void.bonus_void": (Y, N, N, Y, N, Y, Y, N, Y, N, N),
    "sampling.my_samples": EVERYBODY,
    "sampling.weeks": EVERYBODY,
    "sampling.week": (N, N, Y, Y, N, N, N, N, N, N, N),
    "sampling.verify": (Y, N, Y, Y, N, Y, Y, N, Y, N, N),
    "review.departments": (X, X, X, Y, Y, Y, Y, X, Y, X, X),
    "review.workbench": (X, X, X, Y, N, Y, Y, X, Y, X, X),
    "feedback.feedbacks": EVERYBODY,
    "feedback.feedback": (Y, N, Y, Y, N, Y, Y, N, Y, N, N),
    "target.targets": EVERYBODY,
    "target.target": (X, X, X, Y, N, Y, Y, X, Y, X, X),
    "target.person": (X, X, X, Y, N, Y, Y, X, Y, X, X),
    "week_plan.weeks": (X, X, X, Y, N, Y, Y, X, Y, X, X),
    "publication.publications": EVERYBODY,
    "publication.publication": EVERYBODY,
    "publication.print_notice": (X, X, X, Y, N, Y, Y, X, Y, X, X),
    "objection.objections": EVERYBODY,
    "objection.objection": (N,) * 11,
    "objection.new": (Y, N, N, N, N, N, N, N, N, N, N),
    "bonus_pool.pools": (X, X, X, Y, Y, Y, Y, Y, Y, X, X),
    "bonus_pool.pool": (X, X, X, Y, N, Y, Y, Y, Y, X, X),
    "bonus_pool.approvals": (X, X, X, X, X, Y, X, X, Y, X, X),
    "bonus_pool.approval": (X, X, X, X, X, Y, X, X, Y, X, X),
    "payout.payouts": (X, X, X, X, X, Y, Y, Y, Y, X, X),
    "payout.batch": (X, X, X, X, X, Y, Y, Y, Y, X, X),
    "payout.file": (X, X, X, X, X, X, X, N, N, X, X),
    "guard.minimum_wages": (X, X, X, X, X, Y, Y, Y, Y, X, X),
    "payslip.my_payslips": EVERYBODY,
    # Not paid yet: his own is not his to read; the offices that pay and prove read it.
    "payslip.payslip": (N, N, N, N, N, Y, Y, Y, Y, N, N),
    "payslip.print_form": (N, N, N, N, N, Y, Y, Y, Y, N, N),
    "audit.audit": (X, X, X, X, X, Y, Y, X, Y, X, X),
    "audit.verify": (X, X, X, X, X, Y, Y, X, Y, X, X),
    "cycle.cycles": (X, X, X, X, X, Y, Y, X, Y, X, X),
    "cycle.cycle": (X, X, X, X, X, Y, Y, X, Y, X, X),
    # A head brings in the targets of his department, and reads his own files alone.
    "imports.imports": (X, X, X, Y, Y, Y, Y, Y, Y, Y, X),
    "imports.template": (X, X, X, Y, Y, Y, Y, Y, X, Y, X),
    "imports.batch": (X, X, X, N, N, N, N, N, N, N, X),
    "imports.original": (X, X, X, X, X, X, N, X, N, X, X),
    "imports.pending": (X, X, X, N, N, N, N, N, X, N, X),
    "imports.annotated_file": (X, X, X, N, N, N, N, N, X, N, X),
    "people.people": EVERYBODY,
    "people.person": (Y, N, Y, Y, N, Y, Y, Y, Y, N, N),
    "people.departments": (X, X, X, X, X, X, Y, X, X, X, X),
    "coaching.coaching": (Y, N, N, Y, N, Y, Y, N, Y, N, N),
    # Why the law protects somebody is for himself and HR: neither his head nor the general manager reads it.
    "protection.protection": (Y, N, N, N, N, N, Y, N, N, N, N),
    "kpi_library.library": EVERYBODY,
    "post_standard.post_standards": (X, X, X, X, X, Y, Y, Y, Y, X, X),
    "policy.policies": EVERYBODY,
    "policy.policy": EVERYBODY,
    "policy.source": EVERYBODY,
    # A published version is edited by nobody: the authors are told so, for others there is no such page.
    "policy_edit.edit": (X, X, X, 409, 409, 409, 409, X, X, X, X),
    "pay_lines.lines": (X, X, X, 409, 409, 409, 409, X, X, X, X),
    "policy_blank.blank": (X, X, X, Y, Y, Y, Y, X, X, X, X),
    "policy_figures.figures": (X, X, X, 409, 409, 409, 409, X, X, X, X),
    "policy_compare.compare": EVERYBODY,
    # The pay of others under another version; without a question there is nothing to answer.
    "what_if.what_if": (X, X, X, X, X, Y, Y, Y, Y, X, X),
    "what_if_api.what_if": (X, X, X, X, X, 422, 422, 422, 422, X, X),
    "advice.advices": (X, X, X, Y, Y, Y, Y, X, Y, X, X),
    "advice.advice": (N,) * 11,
}
# Pages before signing in, and files of the look.
OPEN = {"static", "account.sign_in"}
SEES_PAY = {"gm", "hr", "finance", "auditor"}


def target_of(world: World) -> AnnualTarget:
    """The department's target of the year, set once."""
    found = world.session.scalars(select(AnnualTarget)).first()
    if found is None:
        goal = Goal("sales", "销售额", "money", Decimal(600_000), "年度会议")
        found = set_annual_target(world.act("head"), world.departments()["电商部"], 2026, goal)
        part = Part({cycle_of(world).period: Decimal(50_000)})
        set_personal_target(world.act("head"), found, world.employee("cs"), part)
        world.session.commit()
    return found


def addresses(world: World) -> dict[str, str]:
    """The address of each row's thing."""
    month, cycle = world.month("cs"), cycle_of(world)
    draw = world.session.scalars(select(Draw).where(Draw.appraisal_id == month.id).order_by(Draw.monday)).first()
    batch = world.session.scalars(select(PayoutBatch)).one()
    slip = world.session.scalars(select(Payslip).where(Payslip.employee_id == month.employee_id)).one()
    assert draw is not None
    values = {
        "appraisal_id": month.id,
        "pool_id": pool_of(world).id,
        "cycle_id": cycle.id,
        "department_id": cycle.department_id,
        "period": cycle.period,
        "batch_id": batch.id,
        "payslip_id": slip.id,
        "draw_id": draw.id,
        "monday": draw.monday,
        "number": "E1043",
        "ending": "xlsx",
        "evidence_id": 1,
        "objection_id": 1,
        "advice_id": 1,
        "target_id": target_of(world).id,
    }
    found = {}
    with world.app.test_request_context():
        for rule in world.app.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and rule.endpoint not in OPEN:
                given: dict[str, Any] = {name: values.get(name, "planning-C-1") for name in rule.arguments}
                if {"code", "number"} <= rule.arguments:
                    given["number"] = 1
                if rule.endpoint.startswith("imports."):
                    given |= {"code": "attendance"} if "code" in rule.arguments else {"batch_id": 1}
                kept = {name: value for name, value in given.items() if name in rule.arguments}
                found[rule.endpoint] = world.app.url_for(rule.endpoint, **kept)
    return found


def test_every_cell_of_role_page_and_thing_is_as_decided(prepared: World) -> None:
    told = addresses(prepared)
    assert told.keys() == TABLE.keys(), "a page without a row in the table, or a row without a page"
    clients = {role: prepared.sign_in(role).client for role in ROLES}
    prepared.fresh()
    seen = {page: tuple(clients[role].get(told[page]).status_code for role in ROLES) for page in TABLE}
    assert seen == TABLE


def test_whoever_has_not_signed_in_is_sent_to_sign_in(prepared: World) -> None:
    stranger = prepared.app.test_client()
    for page, address in addresses(prepared).items():
        answer = stranger.get(address)
        if address.startswith("/api/"):  # a program follows no redirect to a form
            assert (answer.status_code, answer.mimetype) == (401, "application/json"), page
        else:
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), page


@pytest.mark.parametrize("role", ["cs2", "lead", "head", "other_head", "data", "shipper"])
def test_the_pay_of_another_is_on_no_page_without_the_office(prepared: World, role: str) -> None:
    slip = prepared.session.scalars(
        select(Payslip).where(Payslip.employee_id == prepared.month("cs").employee_id)
    ).one()
    canaries = {display(slip.total_fen), yuan(slip.total_fen)}
    number = slip.id
    client = prepared.sign_in(role).client
    prepared.fresh()
    pages = crawl(client)
    assert len(pages) > 5
    assert [path for path, page in pages.items() if any(canary in page for canary in canaries)] == []
    assert client.get(f"/my/payslips/{number}").status_code == 404


def test_the_offices_that_pay_do_see_it(prepared: World) -> None:
    slip = prepared.session.scalars(
        select(Payslip).where(Payslip.employee_id == prepared.month("cs").employee_id)
    ).one()
    total, number = display(slip.total_fen), slip.id
    for role in SEES_PAY:
        assert total in prepared.sign_in(role).get(f"/my/payslips/{number}"), role


def test_the_supervisor_finds_no_self_score_before_closing_his_own(world: World) -> None:
    cs = world.sign_in("cs")
    cs.post("/my/2026-10/draft", {"self_score": "87.31", "summary": "一切正常"}, status=200)
    lead = world.sign_in("lead")
    pages = crawl(lead.client)
    assert f"/appraisals/{world.month('cs').id}" in pages
    assert [path for path, page in pages.items() if "87.31" in page] == []


def test_every_page_says_who_may_open_it(world: World) -> None:
    for endpoint, view in world.app.view_functions.items():
        assert endpoint == "static" or vars(view).get("open_to"), endpoint


def test_nothing_is_changed_without_the_forms_own_token(world: World) -> None:
    browser: Browser = world.sign_in("hr")
    for rule in world.app.url_map.iter_rules():
        if "POST" in (rule.methods or set()):
            values: dict[str, Any] = {
                name: "2026-10" if name in ("period", "monday", "code") else 1 for name in rule.arguments
            }
            with world.app.test_request_context():
                path = world.app.url_for(rule.endpoint, **values)
            assert browser.client.post(path, data={"reason": "x"}).status_code == 400, rule


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000, "٣"], ids=["too large", "very long", "other digits"])
def test_a_number_that_no_database_holds_names_no_page(world: World, number: str) -> None:
    client = world.sign_in("hr").client
    for path in ("/appraisals/{}", "/my/payslips/{}", "/policies/customer-service/{}", "/payouts/{}", "/cycles/{}"):
        assert client.get(path.format(number)).status_code == 404, path
