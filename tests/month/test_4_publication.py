"""Chapter 4: results are published with the least that is needed; an objection is answered by somebody who did not score."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from approval.models.objection import Objection
from approval.models.outbox import OutboxMessage
from tests.app_fixtures import Browser, World
from tests.stages import AFTER_PUBLICATION, TEAM, cycle_of


def sheet(world: World) -> str:
    return f"/publications/{cycle_of(world).id}"


def object_as(world: World, name: str, grounds: str = "第二周的样本算错了") -> tuple[Browser, int]:
    browser = world.sign_in(name)
    browser.post(f"/objections/new/{world.month(name).id}", {"grounds": grounds})
    world.fresh()
    return browser, world.session.scalars(select(Objection.id).order_by(Objection.id.desc())).first() or 0


def test_the_sheet_names_everybody_but_shows_only_ones_own_score(published: World) -> None:
    page = published.sign_in("cs").get(sheet(published))
    for name in TEAM:
        assert published.employee(name).number in page
    scores = {name: str(published.month(name).score) for name in TEAM}
    assert scores["cs"] in page
    for name in set(TEAM) - {"cs"}:
        assert scores[name] == scores["cs"] or scores[name] not in page
    assert "¥" not in page


def test_an_outsider_reads_the_bands_while_the_days_run_and_nothing_afterwards(published: World) -> None:
    assert published.employee("cs").number in published.sign_in("shipper").get(sheet(published))
    published.clock.go_to(AFTER_PUBLICATION)
    assert published.employee("cs").number not in published.sign_in("shipper").get(sheet(published))
    assert published.employee("cs").number in published.sign_in("hr").get(sheet(published))


def test_publication_cannot_end_before_its_last_day(published: World) -> None:
    head = published.sign_in("head")
    assert "公示期还没有结束" in head.get(sheet(published))
    head.post(sheet(published) + "/end")
    assert {published.month(name).state for name in TEAM} == {"publication"}


def test_the_head_ends_everybody_but_himself_and_hr_ends_him(published: World) -> None:
    published.clock.go_to(AFTER_PUBLICATION)
    page = published.sign_in("head").post(sheet(published) + "/end")
    assert "已结束 5 人的公示" in page
    assert published.month("head").state == "publication"
    published.sign_in("hr").post(sheet(published) + "/end")
    assert {published.month(name).state for name in TEAM} == {"split_approval"}


def test_an_open_objection_holds_its_month_and_nobody_elses(published: World) -> None:
    object_as(published, "cs")
    published.clock.go_to(AFTER_PUBLICATION)
    page = published.sign_in("hr").post(sheet(published) + "/end")
    assert "还有 1 个异议没有处理" in page
    assert published.month("cs").state == "publication"
    assert published.month("cs2").state == "split_approval"


def test_the_scorer_cannot_answer_and_the_head_can(published: World) -> None:
    _, objection = object_as(published, "cs")
    published.sign_in("lead").get(f"/objections/{objection}", status=404)
    published.sign_in("lead").post(f"/objections/{objection}/reject", {"reason": "没有错"}, status=404)
    head = published.sign_in("head")
    assert "待我处理" in head.get("/objections")
    page = head.post(f"/objections/{objection}/reject", {"reason": "已核对十个样本，评分无误"})
    assert "已核对十个样本，评分无误" in page
    assert published.month("cs").state == "publication"


def test_the_heads_own_report_is_answered_by_the_general_manager(published: World) -> None:
    _, objection = object_as(published, "lead")
    assert "您是评分人" in published.sign_in("head").get(f"/objections/{objection}")
    published.sign_in("head").post(f"/objections/{objection}/uphold", {"reason": "我改"}, status=409)
    gm = published.sign_in("gm")
    assert "待我处理" in gm.get("/objections")
    gm.post(f"/objections/{objection}/uphold", {"reason": "请重新核对"})
    assert published.month("lead").state == "sampling"


def test_nobody_but_hr_is_left_where_head_and_general_manager_scored(published: World) -> None:
    _, objection = object_as(published, "head")
    assert "您是评分人" in published.sign_in("gm").get(f"/objections/{objection}")
    letters = published.session.scalars(select(OutboxMessage).where(OutboxMessage.link == f"/objections/{objection}"))
    assert [one.employee_id for one in letters] == [published.employee("hr").id]
    published.sign_in("hr").post(f"/objections/{objection}/reject", {"reason": "经核对无误"})
    published.fresh()
    assert published.session.get_one(Objection, objection).decided_by_id == published.employee("hr").id


def test_an_upheld_objection_starts_a_new_round_and_both_stay(published: World) -> None:
    employee, objection = object_as(published, "cs")
    published.sign_in("head").post(f"/objections/{objection}/uphold", {"reason": "两个样本应作废"})
    month = published.month("cs")
    assert (month.state, month.round, month.published_at) == ("sampling", 2, None)
    page = employee.get(f"/objections/{objection}")
    assert "异议成立" in page
    assert "两个样本应作废" in page
    assert "现在是第 2 轮" in page


def test_an_objection_needs_grounds_and_what_was_typed_stays(published: World) -> None:
    browser = published.sign_in("cs")
    page = browser.post(f"/objections/new/{published.month('cs').id}", {"grounds": ""}, status=422)
    assert "请填写这一项" in page
    object_as(published, "cs")
    page = browser.post(f"/objections/new/{published.month('cs').id}", {"grounds": "再说一次"}, status=422)
    assert "您已有一个待处理的异议" in page


def test_after_the_last_day_it_is_too_late_to_object(published: World) -> None:
    published.clock.go_to(date(2026, 11, 6))
    browser = published.sign_in("cs")
    page = browser.post(f"/objections/new/{published.month('cs').id}", {"grounds": "太晚了"}, status=422)
    assert "公示期已经结束" in page


def test_nobody_objects_for_somebody_else_or_reads_his_objection(published: World) -> None:
    published.sign_in("cs2").post(f"/objections/new/{published.month('cs').id}", {"grounds": "替他说"}, status=404)
    _, objection = object_as(published, "cs")
    published.sign_in("cs2").get(f"/objections/{objection}", status=404)
    assert "第二周的样本算错了" not in published.sign_in("cs2").get("/objections")
