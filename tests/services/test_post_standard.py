"""The table of posts: one figure for a position and grade, beside a person's own; unequal and unusual pay is only told."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from approval.models.audit import AuditEntry
from approval.models.people import Employment, PayStandard, Position
from approval.models.policy import PolicyVersion
from approval.models.post_standard import PostStandard
from approval.rules.policy import load, read_shipped, shipped_text
from approval.rules.reference_ranges import BASE, TOTAL, outside, ranges_of
from approval.rules.refusal import Refused
from approval.rules.what_if import WhatIf
from approval.services import kept_pay, pay, people, policy, segments, suggestion
from approval.services.equal_pay import same_grade_apart, unequal_pay
from approval.services.post_standard import (
    SUPERSEDED,
    Wanted,
    end_post_standard,
    post_standards,
    set_post_standard,
    void_post_standard,
)
from approval.services.what_if import what_if
from tests.app_fixtures import PERIOD, World
from tests.services.test_segments import TRANSFER
from tests.services.test_sheets import bring_in, told
from tests.stages import approve_and_release, pool_of
from workflows.engine import NotAllowed

JANUARY = date(2026, 1, 1)
DECEMBER = date(2026, 12, 1)


def position(world: World, code: str) -> Position:
    return world.session.scalars(select(Position).where(Position.code == code)).one()


def set_row(world: World, value: str, day: date = JANUARY, grade: str = "", code: str = "base") -> PostStandard:
    wanted = Wanted(position(world, "C-1"), grade, code, Decimal(value), day)
    return set_post_standard(world.act("hr"), wanted)


def without_own(world: World, name: str, code: str = "base") -> None:
    person = world.employee(name).id
    world.session.execute(delete(PayStandard).where(PayStandard.employee_id == person, PayStandard.code == code))
    world.session.commit()


def base(world: World, name: str = "copy") -> tuple[Decimal | None, str | None, tuple[str, ...]]:
    """What the month of a person takes as base, from where, and what it lacks."""
    world.session.flush()
    gathered = pay.gather(world.act("hr"), world.month(name))
    return gathered.params.get("base"), gathered.param_sources.get("base"), gathered.missing


def test_everybody_of_a_post_takes_its_figure_unless_he_has_his_own(ended: World) -> None:
    own = base(ended)[0]
    set_row(ended, "3333")
    assert base(ended)[0] == own, "his own figure stands before the table"
    without_own(ended, "copy")
    assert base(ended) == (Decimal(3333), "post_standard:文案策划//2026-01-01, by_hand", ())


def test_a_mistaken_row_is_voided_by_a_second_person_and_the_row_before_goes_on(ended: World) -> None:
    without_own(ended, "copy")
    before = set_row(ended, "3000")
    mistake = set_row(ended, "30000", date(2026, 10, 1))
    assert (base(ended)[0], before.to_on) == (Decimal(30000), date(2026, 9, 30))
    for who, reason, why in (
        ("hr", "多打了一个零", "不能作废自己设定的标准"),
        ("finance", "多打了一个零", "只有人事或总经理"),
        ("gm", " ", "请写明作废的理由"),
    ):
        with pytest.raises((NotAllowed, Refused), match=why):
            void_post_standard(ended.act(who), mistake, reason)
    void_post_standard(ended.act("gm"), mistake, "多打了一个零")
    assert (base(ended)[0], before.to_on) == (Decimal(3000), None)
    assert (mistake.value, mistake.void_reason) == (Decimal(30000), "多打了一个零")
    assert mistake in post_standards(ended.act("hr"))
    told = ended.session.scalars(select(AuditEntry).where(AuditEntry.action == "post_standard:void")).one()
    assert (told.actor_id, told.reason) == (ended.employee("gm").id, "多打了一个零")
    with pytest.raises(NotAllowed, match="这一行已经作废"):
        void_post_standard(ended.act("gm"), mistake, "再一次")
    with pytest.raises(NotAllowed, match="这一行已经作废"):
        end_post_standard(ended.act("hr"), mistake, date(2026, 10, 31))
    right = set_row(ended, "3200", date(2026, 10, 1))
    assert (base(ended)[0], right.id != mistake.id) == (Decimal(3200), True)


def test_a_row_set_again_from_its_first_day_stays_as_superseded(ended: World) -> None:
    without_own(ended, "copy")
    first = set_row(ended, "3000")
    end_post_standard(ended.act("hr"), first, date(2026, 12, 31))
    second = set_row(ended, "3200")
    assert (base(ended)[0], second.to_on, second.voided_at) == (Decimal(3200), date(2026, 12, 31), None)
    told = (first.value, first.void_reason, first.voided_by_id)
    assert told == (Decimal(3000), SUPERSEDED, ended.employee("hr").id)
    assert post_standards(ended.act("hr"))[:2] == [second, first], "what counts stands before what gave way"
    assert set_row(ended, "3200") is second, "the same figure again is no other row"
    assert len(post_standards(ended.act("hr"))) == 2


def test_who_set_what_gave_way_may_void_the_new_row_and_who_confirmed_its_value_may_not(ended: World) -> None:
    for name in ("data", "finance"):
        people.appoint(ended.act("hr"), ended.employee(name), "hr", date(2026, 10, 1))
    set_row(ended, "3000")
    wanted = Wanted(position(ended, "C-1"), "", "base", Decimal(30000), JANUARY)
    mistake = set_post_standard(ended.act("data"), wanted)
    assert set_post_standard(ended.act("finance"), wanted) is mistake
    for who in ("data", "finance"):
        with pytest.raises(NotAllowed, match="不能作废自己设定的标准"):
            void_post_standard(ended.act(who), mistake, "多打了一个零")
    void_post_standard(ended.act("hr"), mistake, "多打了一个零")
    assert mistake.voided_by_id == ended.employee("hr").id


def test_what_gave_way_can_neither_be_ended_nor_voided_and_counts_no_more(ended: World) -> None:
    without_own(ended, "copy")
    first, second = set_row(ended, "30000"), set_row(ended, "3000")
    with pytest.raises(NotAllowed, match="这一行已经作废"):
        void_post_standard(ended.act("gm"), first, "多打了一个零")
    void_post_standard(ended.act("gm"), second, "填错岗位")
    assert base(ended) == (None, None, ("基本工资",)), "the row that gave way does not come back by itself"


def test_a_row_that_was_ended_by_hand_is_not_woken_by_voiding_the_next(ended: World) -> None:
    before = set_row(ended, "3000")
    end_post_standard(ended.act("hr"), before, date(2026, 9, 30))
    mistake = set_row(ended, "30000", date(2026, 10, 1))
    void_post_standard(ended.act("gm"), mistake, "填错岗位")
    assert before.to_on == date(2026, 9, 30)


def test_nobody_voids_a_row_of_his_own_post(ended: World) -> None:
    people.appoint(ended.act("hr"), ended.employee("copy"), "hr", date(2026, 10, 1))
    mistake = set_row(ended, "30000")
    with pytest.raises(NotAllowed, match="不能作废自己岗位的薪酬标准"):
        void_post_standard(ended.act("copy"), mistake, "多打了一个零")


def test_a_row_that_paid_a_kept_month_is_ended_and_never_voided(submitted: World) -> None:
    without_own(submitted, "copy")
    row, other = set_row(submitted, "3000"), set_row(submitted, "9000", grade="高级")
    submitted.session.flush()
    approve_and_release(submitted)
    with pytest.raises(Refused, match="2026-10 的工资已经用了这一行，不能作废"):
        void_post_standard(submitted.act("gm"), row, "多打了一个零")
    assert row.voided_at is None
    void_post_standard(submitted.act("gm"), other, "没有这个职级")
    assert other.voided_at is not None
    end_post_standard(submitted.act("hr"), row, date(2026, 10, 31))
    assert row.to_on == date(2026, 10, 31)


def test_a_row_of_the_grade_stands_before_the_row_of_every_grade(ended: World) -> None:
    without_own(ended, "copy")
    post = ended.session.scalars(select(Employment).where(Employment.employee_id == ended.employee("copy").id)).one()
    ended.month("copy").grade = post.grade = "中级"
    set_row(ended, "3000")
    set_row(ended, "4000", grade="中级")
    set_row(ended, "9000", grade="高级")
    assert base(ended)[0] == Decimal(4000)


def test_a_figure_set_within_the_month_counts_from_the_next_a_first_one_from_its_day(ended: World) -> None:
    without_own(ended, "copy")
    set_row(ended, "3000", date(2026, 10, 15))
    assert base(ended)[0] == Decimal(3000)
    first = set_row(ended, "2800")
    assert base(ended)[0] == Decimal(2800)
    assert first.to_on == date(2026, 10, 14)


def test_one_that_begins_within_the_month_waits_whosever_it_is(ended: World) -> None:
    without_own(ended, "copy")
    set_row(ended, "3000")
    people.set_pay_standard(ended.act("hr"), ended.employee("copy"), "base", Decimal(3500), date(2026, 10, 15))
    assert base(ended)[0] == Decimal(3000), "on the first of the month the table held"
    post = ended.session.scalars(select(Employment).where(Employment.employee_id == ended.employee("copy").id)).one()
    ended.month("copy").grade = post.grade = "中级"
    set_row(ended, "4000", date(2026, 10, 20), grade="中级")
    assert base(ended)[0] == Decimal(3000), "a row of the grade that begins later counts from November"
    people.set_pay_standard(ended.act("hr"), ended.employee("copy"), "base", Decimal(3600), date(2026, 10, 1))
    assert base(ended)[0] == Decimal(3600), "his own of the first day stands before the table"


def test_a_new_grade_within_the_month_takes_each_row_for_its_days(world: World) -> None:
    without_own(world, "copy")
    set_row(world, "3000", grade="P1")
    set_row(world, "4000", grade="P2")
    hr, month = world.act("hr"), world.month("copy")
    for grade, day in (("P1", date(2026, 10, 1)), ("P2", TRANSFER)):
        post = people.Post(month.department_id, month.position_id, month.supervisor_id, day, grade)
        people.assign(hr, world.employee("copy"), post)
        segments.follow_assignment(hr, world.employee("copy"))
    parts = pay.gather(hr, month).segments
    assert [one.params["base"] for one in parts] == [3000, 4000]
    assert "文案策划/P2/" in parts[1].param_sources["base"]


def test_a_grade_put_right_for_the_whole_month_takes_its_row(world: World) -> None:
    without_own(world, "copy")
    set_row(world, "3000")
    set_row(world, "4000", grade="P2")
    hr, month = world.act("hr"), world.month("copy")
    post = people.Post(month.department_id, month.position_id, month.supervisor_id, date(2026, 10, 1), "P2")
    people.assign(hr, world.employee("copy"), post)
    segments.follow_assignment(hr, world.employee("copy"))
    (only,) = pay.gather(hr, month).segments
    assert only.params["base"] == 4000


def test_a_new_figure_of_another_version_comes_from_the_table_of_the_post(payable: World) -> None:
    car = "[inputs]", 'car = { per = ["position", "grade"], zh = "车补", en = "Car" }\n[inputs]'
    source = shipped_text("d17-c1").replace(*car, 1) + CAR_LINE

    def answer() -> WhatIf:
        return what_if(payable.act("hr"), None, [PERIOD], load(source), {})

    assert [str(one.reason) for one in answer().left_out] == ["缺少这些数据：车补"]
    set_row(payable, "120", grade="高级", code="car")
    assert answer().people == (), "it is another grade's"
    row = set_row(payable, "100", code="car")
    assert [one.difference_fen for one in answer().people] == [10_000]
    row.to_on = date(2026, 9, 30)
    payable.session.commit()
    assert answer().people == (), "no longer on the month's last day"


def test_a_rate_comes_in_by_sheet_and_nobody_s_own_post_does(ended: World) -> None:
    bring_in(ended, "hr", "post_standards", "C-1 - commission_rate 0.0025 2026-10-01")
    assert [one.value for one in post_standards(ended.act("hr"))] == [Decimal("0.0025")]
    assert "不能设定自己的薪酬标准" in told(ended, "hr", "post_standards", "HR - base 9000 2026-10-01")[0]


def test_a_grade_that_a_range_names_is_held_against_it_alone_and_a_sentence_holds_nobody() -> None:
    told_policy = read_shipped("d04-reference-ranges")
    ranges = ranges_of([told_policy])
    post = ("设计", "设计师")
    assert outside(ranges, post, BASE, Decimal(4500), "中级") == []
    assert [one.most for one in outside(ranges, post, BASE, Decimal(3000), "中级")] == [5000]
    assert outside(ranges, post, BASE, Decimal(2500), "初级") == []
    assert "supervisor" in {one["code"] for one in told_policy.reference_ranges}
    assert len(ranges) == len(told_policy.reference_ranges) - 1
    with pytest.raises(Refused, match="缺少 to"):
        load(shipped_text("d04-reference-ranges").replace('to = "3000"\n', "", 1))


CAR_LINE = """
[[components]]
code = "car"
zh = "车补"
en = "Car"
factors = [{ param = "car" }]
"""


def test_without_either_the_figure_is_missing_by_name(ended: World) -> None:
    without_own(ended, "copy")
    assert base(ended) == (None, None, ("基本工资",))
    row = set_row(ended, "3000")
    end_post_standard(ended.act("hr"), row, date(2026, 9, 30))
    assert base(ended)[2] == ("基本工资",)
    with pytest.raises(Refused, match="结束日期不能早于"):
        end_post_standard(ended.act("hr"), row, date(2025, 12, 31))


def test_pay_by_the_table_is_kept_and_recomputed_to_the_fen(ended: World) -> None:
    without_own(ended, "copy")
    set_row(ended, "3333.33")
    hr, month = ended.act("hr"), ended.month("copy")
    kept = pay.kept_result(hr, month, pay.gather(hr, month))
    set_row(ended, "9999", date(2026, 1, 1))
    assert kept_pay.recomputed(kept) == kept_pay.stored(kept)
    assert suggestion.base_pay(hr, month) == Decimal(9999)
    assert suggestion.weights(hr, pool_of(ended), "coefficient_base")


def test_each_change_is_told_in_the_chain_and_nobody_sets_his_own(ended: World) -> None:
    set_row(ended, "3000")
    set_row(ended, "3100", date(2026, 11, 1))
    query = select(AuditEntry).where(AuditEntry.action == "post_standard:set").order_by(AuditEntry.seq)
    said = [json.loads(one.record)["body"]["value"] for one in ended.session.scalars(query)]
    assert [[None if one is None else Decimal(one) for one in pair] for pair in said] == [[None, 3000], [3000, 3100]]
    for who in ("head", "finance", "copy"):
        with pytest.raises(NotAllowed, match="只有人事"):
            set_post_standard(ended.act(who), Wanted(position(ended, "C-1"), "", "base", Decimal(1), JANUARY))
    own = ended.session.scalars(select(Employment).where(Employment.employee_id == ended.employee("hr").id)).one()
    with pytest.raises(NotAllowed, match="自己的薪酬标准"):
        set_post_standard(ended.act("hr"), Wanted(own.position, "", "base", Decimal(1), JANUARY))


def test_equal_grades_paid_unequally_are_told_and_nothing_is_changed(ended: World) -> None:
    own = base(ended)[0]
    set_row(ended, "3333")
    found = [(one.employee.name, one.own, one.table) for one in unequal_pay(ended.act("hr")) if one.code == "base"]
    assert found == [(ended.employee("copy").name, own, Decimal(3333))]
    assert base(ended)[0] == own
    for name, value in (("cs", "500"), ("cs2", "800")):
        row = PayStandard(employee_id=ended.employee(name).id, code="base", value=Decimal(value), from_on=JANUARY)
        ended.session.add(row)
    ended.session.flush()
    apart = same_grade_apart(ended.act("hr"))
    assert [value for _one, value in apart["客服专员", ""]] == [Decimal(800), Decimal(500)]


def test_a_sheet_of_the_table_is_brought_in_whole_and_figures_of_persons_are_refused(ended: World) -> None:
    bring_in(ended, "hr", "post_standards", "C-1 中级 base 4000 2026-10-01", "C-1 - base 3000 2026-10-01")
    assert [(one.grade, one.value) for one in post_standards(ended.act("hr"))] == [
        ("", Decimal(3000)),
        ("中级", Decimal(4000)),
    ]
    assert "没有方案按岗位设定这个编码" in told(ended, "hr", "post_standards", "C-1 - quarter_bonus 100 2026-10-01")[0]
    assert "没有" in told(ended, "hr", "post_standards", "C-9 - base 100 2026-10-01")[0]


def test_a_policy_says_which_posts_lack_a_figure_and_the_table_is_enough(world: World) -> None:
    text = shipped_text("d17-c1").replace('positions = ["C-1"]', 'positions = ["C-1", "Y-1"]')
    text = text.replace('code = "planning-C-1"', 'code = "planning-both"').replace("策划部", "电商部")
    version = policy.draft_policy(world.act("hr"), text, policy.default_readings(text))
    for one in world.session.scalars(select(PolicyVersion).where(PolicyVersion.state == "published")):
        one.effective_to = date(2026, 9, 30)
    version.effective_from = date(2026, 11, 1)
    world.session.flush()

    def found() -> list[tuple[str, str]]:
        told = policy.version_lints(world.act("hr"), version)
        return [(one.severity, str(one.params.get("posts", ""))) for one in told if one.path == "params.base"]

    assert found() == []
    without_own(world, "copy")
    assert found() == [("warn", "文案策划")]
    without_own(world, "ops")
    assert found() == [("block", "")]
    set_row(world, "3000")
    assert found() == [("warn", "运营专员")]


def test_a_policy_of_equal_grades_tells_who_is_paid_apart_and_names_him_to_who_sees_pay(world: World) -> None:
    shipped = shipped_text("d08-customer-service")
    text = shipped.replace('en = "Base", rules = ["R068"]', 'en = "Base", rules = ["R013"]', 1)
    drafts = [
        policy.draft_policy(world.act("gm"), one, policy.default_readings(one), DECEMBER) for one in (text, shipped)
    ]
    for name, value in (("cs", "3100"), ("cs2", "3200")):
        people.set_pay_standard(world.act("hr"), world.employee(name), "base", Decimal(value), date(2026, 11, 1))
    world.session.flush()

    def told(who: str, version: PolicyVersion) -> list[tuple[str, str]]:
        lints = policy.version_lints(world.act(who), version)
        return [(one.severity, str(one)) for one in lints if one.code == "same_grade_apart"]

    ((hr, named),), ((head, bare),) = told("hr", drafts[0]), told("head", drafts[0])
    assert (hr, head) == ("warn", "warn")
    both = [world.employee(name).name for name in ("cs", "cs2")]
    assert [one in named for one in (*both, "3100", "3200")] == [True] * 4
    assert [one in bare for one in (*both, "3100", "3200")] == [False] * 4
    assert "客服专员" in bare
    assert told("hr", drafts[1]) == [], "a policy that does not say so is not held to it"
    policy.review_policy(world.act("hr"), drafts[0])
    policy.publish_policy(world.act("gm"), drafts[0], official=True)
    assert told("hr", drafts[0]) == [(hr, named)], "it holds up nothing, and stays to be read"


def test_a_figure_is_usual_where_one_of_its_ranges_holds_it() -> None:
    ranges = ranges_of([read_shipped("d04-reference-ranges")])
    assert outside(ranges, ("C-1", "文案策划"), BASE, Decimal(2500)) == []
    assert outside(ranges, ("C-1", "文案策划"), BASE, Decimal(5000)) == []
    assert [one.most for one in outside(ranges, ("C-1", "文案策划"), BASE, Decimal("3000.01"))] == [3000, 5000, 8000]
    assert outside(ranges, ("部长", "部长"), BASE, Decimal(1)) == []
    assert [one.rules for one in outside(ranges, ("营销专员",), TOTAL, Decimal(3500))] == [("R024",), ("R024",)]
