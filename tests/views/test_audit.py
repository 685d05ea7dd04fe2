"""审计: who did what to whom and when, page by page; and the whole trail walked on demand."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from approval.models.people import Employee
from approval.views.things import QUERIES, names_of
from tests.app_fixtures import World
from tests.views.test_target import given


def rows(page: str) -> list[str]:
    return re.findall(r"<tr><td class=\"k-num\".*?</tr>", page, re.DOTALL)


@pytest.mark.parametrize("name", ["auditor", "gm", "hr"])
def test_three_offices_read_the_trail(world: World, name: str) -> None:
    assert rows(world.sign_in(name).get("/audit"))


@pytest.mark.parametrize("name", ["head", "finance", "cs", "data"])
def test_nobody_else_does(world: World, name: str) -> None:
    browser = world.sign_in(name)
    assert "审计" in browser.get("/audit", status=403)
    assert "审计" in browser.get("/audit/verify", status=403)


def test_a_search_by_person_finds_his_acts_alone(submitted: World) -> None:
    auditor = submitted.sign_in("auditor")
    by_number = rows(auditor.get("/audit?person=d0012"))
    assert by_number
    assert all("赵立新 D0012" in row for row in by_number)
    assert rows(auditor.get("/audit?person=赵立新")) == by_number
    assert "没有符合条件的记录" in auditor.get("/audit?person=nobody")


def test_a_search_by_action_by_thing_and_by_day(submitted: World) -> None:
    auditor = submitted.sign_in("auditor")
    assert len(rows(auditor.get("/audit?action=bonus_pool:submit"))) == 1
    thing = submitted.month("cs").stream
    of_one = rows(auditor.get(f"/audit?stream={thing}"))
    assert of_one
    assert all("马骏 2026年10月" in row for row in of_one)
    assert rows(auditor.get("/audit?first=2026-11-10")) == []
    on_the_day = rows(auditor.get("/audit?first=2026-11-09&last=2026-11-09"))
    assert on_the_day
    assert all("11月9日" in row for row in on_the_day)
    assert rows(auditor.get("/audit?first=whenever&before=abc"))


def test_older_entries_follow_without_a_gap_or_a_repeat(submitted: World) -> None:
    auditor, path, seen = submitted.sign_in("auditor"), "/audit", []
    while path:
        page = auditor.get(path)
        seen += [match[1] for row in rows(page) if (match := re.search(r"k-xs k-mut k-hx\">([^<]+)<", row))]
        older = re.search(r'href="(/audit\?before=[^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    submitted.fresh()
    total = submitted.session.scalar(text("SELECT count(*) FROM audit_entry"))
    assert len(seen) == len(set(seen)) == total


def test_a_whole_trail_says_how_many_entries_it_walked(submitted: World) -> None:
    auditor = submitted.sign_in("auditor")
    total = submitted.session.scalar(text("SELECT count(*) FROM audit_entry"))
    assert f"{total} 条记录" in auditor.get("/audit/verify")
    assert "全部完整" in auditor.text


def test_a_broken_trail_is_shown_entry_by_entry_in_both_languages(submitted: World) -> None:
    month = submitted.month("cs")
    submitted.session.execute(text(f"UPDATE appraisal SET state = 'payout' WHERE id = {month.id}"))
    submitted.session.commit()
    page = submitted.sign_in("auditor").get("/audit/verify")
    assert "发现问题" in page
    assert month.stream in page
    assert "最后一条记录是 split_approval" in page


def test_every_kind_of_thing_in_the_chain_has_a_name_that_can_be_asked_for(world: World) -> None:
    with world.app.test_request_context():
        streams = {f"{kind}:{number}" for kind in QUERIES for number in range(1, 4)}
        named = names_of(world.session, streams | {"post_standards"})
    assert named["employee:1"].endswith(world.session.get_one(Employee, 1).number)
    assert named["post_standards"] == "岗位薪酬表"


def test_a_personal_target_in_the_chain_is_named_by_its_person_and_measure(world: World) -> None:
    name = given(world).employee.name
    assert f"{name} 销售额" in world.sign_in("auditor").get("/audit")
