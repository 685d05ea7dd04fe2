"""Chapter 4: results are published with the least that is needed; an objection is answered by somebody who did not score."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from approval.models.objection import Objection
from approval.models.outbox import OutboxMessage
from approval.models.publication import PublicationPosting
from approval.rules.policy import chosen, load
from approval.services import appraisal
from approval.services.audit import verify
from approval.services.rulebook import freeze
from tests.app_fixtures import Browser, World
from tests.stages import AFTER_PUBLICATION, TEAM, assess, cycle_of, post_results, score


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


@pytest.fixture
def unposted(closed: World) -> World:
    """2 November: every month is reviewed and published, and nobody has kept where."""
    for name in TEAM:
        appraisal.pass_review(closed.act("gm" if name == "head" else "head"), closed.month(name))
    closed.session.commit()
    return closed


BOARD, PLATFORM = "公司内部公告栏", "电子商务部门的内部沟通平台"


def test_a_publication_does_not_end_before_every_channel_of_the_policy_is_kept(unposted: World) -> None:
    unposted.clock.go_to(AFTER_PUBLICATION)
    head = unposted.sign_in("head")
    assert "还没有登记" in head.get(sheet(unposted))
    page = head.post(sheet(unposted) + "/end")
    assert f"还没有登记在这些渠道的公示：{BOARD}、{PLATFORM}" in page
    head.post(sheet(unposted) + "/post", {"place_0": "三楼公告栏", "day_0": "2026-11-02"})
    assert f"还没有登记在这些渠道的公示：{PLATFORM}" in head.post(sheet(unposted) + "/end")
    page = head.post(sheet(unposted) + "/post", {"in_app_1": "y", "day_1": "2026-11-02"})
    assert "本系统的公示页" in page
    head.post(sheet(unposted) + "/end")
    assert unposted.month("cs").state == "split_approval"


def test_one_form_keeps_every_channel_with_who_and_when(unposted: World) -> None:
    hr = unposted.sign_in("hr")
    assert f"电商部 2026年10月 的公示还没有登记：{BOARD}、{PLATFORM}" in hr.get("/inbox")
    body = {"place_0": "三楼公告栏", "day_0": "2026-11-02", "in_app_1": "y", "day_1": "2026-11-02"}
    page = hr.post(sheet(unposted) + "/post", body)
    assert "何静 H0001" in page
    assert "三楼公告栏" in page
    assert "的公示还没有登记" not in hr.get("/inbox")
    unposted.fresh()
    rows = unposted.session.scalars(select(PublicationPosting)).all()
    assert [(one.channel, one.in_app, one.place) for one in rows] == [
        (BOARD, False, "三楼公告栏"),
        (PLATFORM, True, ""),
    ]
    assert list(verify(unposted.session)) == []


def test_a_month_published_after_the_posting_needs_another(unposted: World) -> None:
    post_results(unposted)
    unposted.fresh()
    unposted.clock.pass_days(1)
    unposted.fresh()
    _, objection = object_as(unposted, "cs")
    unposted.fresh()
    unposted.sign_in("head").post(f"/objections/{objection}/uphold", {"reason": "两个样本应作废"})
    appraisal.close_scores(unposted.act("lead"), unposted.month("cs"))
    appraisal.pass_review(unposted.act("head"), unposted.month("cs"))
    unposted.session.commit()
    head = unposted.sign_in("head")
    assert "1 人的公示还缺这个渠道" in head.get(sheet(unposted))
    assert 'value="三楼公告栏"' in head.text, "filled with where it was posted last time"
    unposted.clock.pass_days(10)
    unposted.sign_in("head").post(sheet(unposted) + "/end")
    assert (unposted.month("cs").state, unposted.month("cs2").state) == ("publication", "split_approval")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "请至少填写一个渠道在哪里公示"),
        ({"place_0": "三楼", "day_0": ""}, "请填写公示日期"),
        ({"place_0": "三楼", "day_0": "2026-11-05"}, f"“{BOARD}”的公示日期须在 2026-11-02 到 2026-11-02 之间"),
        ({"place_0": "三楼", "day_0": "2026-10-30"}, f"“{BOARD}”的公示日期须在 2026-11-02 到 2026-11-02 之间"),
    ],
)
def test_a_posting_that_cannot_be_is_refused_and_what_was_typed_stays(
    unposted: World, body: dict[str, str], why: str
) -> None:
    page = unposted.sign_in("hr").post(sheet(unposted) + "/post", body, status=422)
    assert why in page
    assert all(f'value="{typed}"' in page for typed in body.values() if typed)
    assert unposted.session.scalars(select(PublicationPosting)).first() is None


def test_an_outsider_neither_posts_nor_prints(unposted: World) -> None:
    unposted.sign_in("other_head").post(sheet(unposted) + "/post", {"place_0": "x"}, status=404)
    unposted.sign_in("cs").post(sheet(unposted) + "/post", {"place_0": "x"}, status=403)
    unposted.sign_in("other_head").get(sheet(unposted) + "/print", status=404)
    unposted.fresh()
    assert unposted.session.scalars(select(PublicationPosting)).all() == []
    assert unposted.employee("cs").number in unposted.sign_in("head").get(sheet(unposted) + "/print")


def test_the_printed_notice_names_people_and_bands_and_no_score_or_amount(unposted: World) -> None:
    page = unposted.sign_in("head").get(sheet(unposted) + "/print")
    for name in TEAM:
        assert unposted.employee(name).number in page
        assert str(unposted.month(name).score) not in page
    assert "公示期自 11月2日" in page
    assert "¥" not in page


@pytest.mark.parametrize(
    ("told", "seen", "unseen"),
    [
        ('content = "score"\nperson = "number"', ("E1043", "68.25"), ("马骏",)),
        ('content = "result"\nperson = "name"', ("马骏",), ("E1043", "68.25")),
    ],
)
def test_the_sheet_shows_what_the_frozen_policy_publishes(
    unposted: World, told: str, seen: tuple[str, ...], unseen: tuple[str, ...]
) -> None:
    month = unposted.month("cs")
    source = month.policy_version.source.replace('content = "result"', told)
    month.frozen_policy_id = freeze(unposted.act("hr"), chosen(load(source), {})).id
    unposted.session.commit()
    page = unposted.sign_in("gm").get(sheet(unposted) + "/print")
    assert all(one in page for one in seen)
    assert all(one not in page for one in unseen)


def test_a_policy_without_channels_ends_as_before(world: World) -> None:
    for name in ("shipper", "other_head"):
        assess(world, name)
        score(world, name)
        appraisal.pass_review(world.act("gm" if name == "other_head" else "other_head"), world.month(name))
    world.clock.go_to(AFTER_PUBLICATION)
    appraisal.end_publication(world.act("hr"), world.month("shipper"))
    assert world.month("shipper").state == "split_approval"
