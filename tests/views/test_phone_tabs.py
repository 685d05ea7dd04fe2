"""The four pages at the foot of a phone: what the reader works with, not the first four of the menu."""

from __future__ import annotations

from approval.views.page import NavItem, page_above, phone_tabs


def nav(*endpoints: str) -> list[NavItem]:
    return [NavItem("/", "dots", one, endpoint=one) for one in endpoints]


def test_a_general_manager_has_his_approvals_at_the_foot_of_the_phone() -> None:
    tabs = phone_tabs(
        nav("inbox.inbox", "sampling.weeks", "appraisal.team", "review.departments", "bonus_pool.approvals")
    )
    assert [one.endpoint for one in tabs] == [
        *("inbox.inbox", "bonus_pool.approvals", "review.departments", "sampling.weeks")
    ]


def test_an_employee_keeps_his_months_and_his_payslips() -> None:
    every = nav(
        "inbox.inbox", "appraisal.my_months", "payslip.my_payslips", "publication.publications", "policy.policies"
    )
    tabs = [one.endpoint for one in phone_tabs(every)]
    assert tabs == ["inbox.inbox", "appraisal.my_months", "payslip.my_payslips", "publication.publications"]


def test_the_back_arrow_of_a_phone_goes_one_page_up_and_not_to_the_inbox() -> None:
    assert page_above('<a href="/advice">建议</a><span>/</span><b>马骏</b>') == "/advice"
    assert page_above("<b>建议</b>") == ""
